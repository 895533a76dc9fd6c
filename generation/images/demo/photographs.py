"""Free photographs inside installed libraries.

Only files that lie in the wheel are used (scikit-image would download the others), and only those whose own
documentation, ``skimage/data/_fetchers.py``, names a licence that asks for nothing. Left out on purpose: the
portrait of an astronaut (a person's likeness), medical pictures, ``moon`` (no licence stated), and
scikit-learn's two photographs (CC BY: a participant's page would have to carry the attribution).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class SamplePhotograph:
    """A photograph with all a gallery has to say about it; `alt_text` names no emotion."""

    data: bytes
    title: str
    licence: str
    attribution: str
    alt_text: str


_CC0: Final = "CC0 1.0"
_PUBLIC_DOMAIN: Final = "Public domain"
_PHOTOGRAPHS: Final = (
    (
        "chelsea.png",
        "Chelsea the cat",
        _CC0,
        "Stefan van der Walt, in scikit-image",
        "The face of a tabby cat, seen from close by.",
    ),
    (
        "coffee.png",
        "Coffee cup",
        _CC0,
        "Rachel Michetti, Pikolo Espresso Bar, in scikit-image",
        "A cup of coffee with a spoon on a wooden table.",
    ),
    (
        "rocket.jpg",
        "Launch of a Falcon 9",
        _PUBLIC_DOMAIN,
        "SpaceX, in scikit-image",
        "A rocket taking off at night between four masts.",
    ),
    (
        "hubble_deep_field.jpg",
        "Hubble eXtreme Deep Field",
        _PUBLIC_DOMAIN,
        "NASA, in scikit-image",
        "Many galaxies of different shapes and colours on a black sky.",
    ),
    (
        "camera.png",
        "Photographer on a lawn",
        _CC0,
        "Lav Varshney, in scikit-image",
        "A person with a camera on a tripod on a lawn, in black and white.",
    ),
)


def sample_photographs() -> list[SamplePhotograph]:
    """The photographs found in the installed scikit-image; fewer or none where a wheel comes without them."""
    spec = find_spec("skimage")
    folders = [Path(place) / "data" for place in (spec.submodule_search_locations or [])] if spec else []
    return [
        SamplePhotograph((folder / name).read_bytes(), *facts)
        for folder in folders
        for name, *facts in _PHOTOGRAPHS
        if (folder / name).is_file()
    ]
