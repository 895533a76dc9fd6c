"""MelodyMuse's own composers, in the order in which people are offered them.

They stand in a list, not among the entry points of the package: so they are found in a checkout that was never
installed just as in an installed package, and never twice.
"""

from __future__ import annotations

from typing import Final

from generation.networks.composers.declaring import Composer, find_function

_MUSE: Final = "generation.networks.muse_composer"
_MUSE_2: Final = "generation.networks.muse_2"
_OF_MUSE_2: Final = ("image_emotion", "attribute_targets")
_OF_MUSE: Final = ("image_emotion", "composer", "attribute_targets")

BUILT_IN: Final = (
    Composer(
        name="muse",
        label="Muse",
        description="attribute-driven network, for emotion and picture",
        load=find_function(_MUSE),
        models=_OF_MUSE,
    ),
    Composer(
        name="muse-2",
        label="Muse 2",
        description="melody first, in a form, on free data; for emotion and picture",
        load=find_function(_MUSE_2),
        models=_OF_MUSE_2,
    ),
    Composer(
        name="paper",
        label="Paper",
        description="the seed study's networks, the baseline",
        load=find_function("generation.networks.paper_composer"),
        models=("image_emotion", "mfcc_emotion"),
    ),
    Composer(
        name="unpictured",
        label="Unpictured",
        description="muse for the emotion alone, without the picture",
        load=find_function(_MUSE, "compose_unpictured"),
        models=_OF_MUSE,
        offered_on_create=False,
        control=True,
    ),
    Composer(
        name="shuffled",
        label="Shuffled",
        description="muse for an emotion of another quadrant",
        load=find_function(_MUSE, "compose_shuffled"),
        models=_OF_MUSE,
        offered_on_create=False,
        control=True,
    ),
    Composer(
        name="neutral",
        label="Neutral",
        description="muse with all attributes at zero",
        load=find_function(_MUSE, "compose_neutral"),
        models=_OF_MUSE,
        offered_on_create=False,
        control=True,
    ),
    Composer(
        name="muse-2-unpictured",
        label="Muse 2 unpictured",
        description="muse-2 for the emotion alone, without the picture",
        load=find_function(_MUSE_2, "compose_unpictured"),
        models=_OF_MUSE_2,
        offered_on_create=False,
        control=True,
    ),
    Composer(
        name="muse-2-shuffled",
        label="Muse 2 shuffled",
        description="muse-2 for an emotion of another quadrant",
        load=find_function(_MUSE_2, "compose_shuffled"),
        models=_OF_MUSE_2,
        offered_on_create=False,
        control=True,
    ),
    Composer(
        name="muse-2-neutral",
        label="Muse 2 neutral",
        description="muse-2 for the mean of all emotions, without the picture",
        load=find_function(_MUSE_2, "compose_neutral"),
        models=_OF_MUSE_2,
        offered_on_create=False,
        control=True,
    ),
)
