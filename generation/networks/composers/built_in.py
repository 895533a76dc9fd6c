"""MelodyMuse's own composers, in the order in which people are offered them.

They stand in a list, not among the entry points of the package: so they are found in a checkout that was never
installed just as in an installed package, and never twice.
"""

from __future__ import annotations

from typing import Final

from generation.networks.composers.declaring import Composer, find_function

_MUSE: Final = "generation.networks.muse_composer"
_OF_MUSE: Final = ("image_emotion", "composer", "attribute_targets")
_MUSE_2: Final = "generation.networks.muse_2"
_OF_MUSE_2: Final = ("image_emotion", "attribute_targets")
"""The networks of `muse-2` are its own, always the same: none is chosen for it."""


def _control(name: str, label: str, description: str) -> Composer:
    """A control of `muse`, or of `muse-2` where its name begins so: the last word of the name says which function."""
    is_second = name.startswith("muse-2-")
    return Composer(
        name=name,
        label=label,
        description=description,
        load=find_function(_MUSE_2 if is_second else _MUSE, f"compose_{name.removeprefix('muse-2-')}"),
        models=_OF_MUSE_2 if is_second else _OF_MUSE,
        offered_on_create=False,
        control=True,
    )


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
    _control("unpictured", "Unpictured", "muse for the emotion alone, without the picture"),
    _control("shuffled", "Shuffled", "muse for an emotion of another quadrant"),
    _control("neutral", "Neutral", "muse with all attributes at zero"),
    _control("muse-2-unpictured", "Muse 2 unpictured", "muse-2 for the emotion alone, without the picture"),
    _control("muse-2-shuffled", "Muse 2 shuffled", "muse-2 for an emotion of another quadrant"),
    _control("muse-2-neutral", "Muse 2 neutral", "muse-2 for the mean of all emotions, without the picture"),
)
