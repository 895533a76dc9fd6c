"""What listeners taught: for each emotion, by how much its targets move from those of the shipped table.

Shifts are in the natural units of each attribute, so that one set serves every composer, whatever table it starts
from. They are kept as a JSON file whose content names its version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from generation.emotions import SLUGS
from generation.music.attributes.nearness import blend_near
from generation.music.attributes.picture import Place
from generation.music.attributes.schema import KINDS, NAMES, Attributes
from generation.music.attributes.targets import DERIVED
from generation.taught_files import Kind, TaughtFile, is_number

KIND: Final = Kind(
    "melodymuse-learned-targets-1",
    ("base", "shifts", "provenance"),
    none="This is no file of learned targets",
    has="Learned targets have",
    about="Learned targets",
)
MOST_WIDTHS: Final = 8.0
"""No attribute moves further than so many half-widths of its target band (tempo: 64 beats a minute). What the muse asks
for lies at most 6.4 from neutral (anger's tempo), so that a larger shift is an error of whoever learned."""
DIGITS: Final = 6
"""Shifts are rounded to so many digits after the point: the same learning gives the same version on every machine."""
MOST_CHARACTERS: Final = 100_000
"""Of the whole file; with all shifts of all emotions it has some 5,000."""
_KINDS: Final = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True)
class LearnedTargets(TaughtFile):
    """Shifts of targets, by emotion and attribute, and where they come from.

    Parameters
    ----------
    shifts : mapping of str to mapping of str to float
        By an emotion's slug and an attribute's name, in the attribute's unit. What is left out, or 0, does not move.
        A shift of the accompaniment's density is not kept: that is the density of all notes without the melody's, and
        moves with both.
    base : mapping of str to str, optional
        The versions of the tables that were in force while listeners answered, by composer.
    provenance : mapping, optional
        From what this was learned: whatever JSON holds, such as ``studies`` (their slugs) and ``answers`` (how many).

    Raises
    ------
    ValueError
        When an emotion or attribute is unknown, a shift is no finite number or exceeds `MOST_WIDTHS`, or what is
        told beside does not fit in JSON or in `MOST_CHARACTERS`.

    Examples
    --------
    >>> slower = LearnedTargets({"sadness": {"tempo": -20.0}})
    >>> slower.shift_at((-0.7, -0.55, -0.65))["tempo"], slower.shift_at((0.75, 0.7, 0.45))["tempo"] > -1.0
    (-20.0, True)
    >>> slower.version
    '1-eb1b3d49c1'
    >>> LearnedTargets({"sadness": {"speed": -20.0}})
    Traceback (most recent call last):
    ...
    ValueError: Shifts of sadness name 'speed', which is no attribute.
    """

    shifts: Mapping[str, Mapping[str, float]]
    base: Mapping[str, str] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = {slug: _check_emotion(slug, given) for slug, given in KIND.check_object(self.shifts, "shifts").items()}
        object.__setattr__(self, "shifts", {slug: kept[slug] for slug in SLUGS if kept.get(slug)})
        for name in ("base", "provenance"):
            object.__setattr__(self, name, KIND.check_plain(getattr(self, name), name))
        if not all(isinstance(version, str) for version in self.base.values()):
            raise ValueError("Learned targets: base holds something else than texts.")
        if len(self.to_json()) > MOST_CHARACTERS:
            raise ValueError(f"Learned targets of more than {MOST_CHARACTERS:,} bytes: shorten their provenance.")

    def content(self) -> Mapping[str, Any]:
        """Everything in the file."""
        return {
            "format": KIND.format,
            "base": dict(self.base),
            "shifts": {slug: dict(moved) for slug, moved in self.shifts.items()},
            "provenance": dict(self.provenance),
        }

    @property
    def version(self) -> str:
        """``1-`` and the first digits of the file's SHA-256."""
        return f"1-{self.sha256[:10]}"

    def shift_at(self, place: Place, strength: float = 1.0) -> dict[str, float]:
        """By how much every attribute moves at a place, by name in the order of `NAMES`.

        Parameters
        ----------
        place : tuple of float
            Valence, arousal and dominance. At an emotion's coordinates its own shifts, between emotions a mean weighed
            by nearness (`blend_near`), without a jump.
        strength : float
            A factor on all of them: 0 leaves everything where it is.
        """
        moved = {name: strength * shift for name, shift in blend_near(place, self._everywhere).items()}
        moved[DERIVED] = moved["density"] - moved["melody_density"]
        return moved

    def move(self, attributes: Attributes, place: Place, strength: float = 1.0) -> Attributes:
        """`attributes` moved as at `place`, each within its range."""
        moved = self.shift_at(place, strength)
        return Attributes.clipped({name: value + moved[name] for name, value in attributes.to_dict().items()})

    @cached_property
    def _everywhere(self) -> Mapping[str, Mapping[str, float]]:
        """The shifts of all emotions and attributes, 0 where nothing was learned."""
        return MappingProxyType(
            {slug: {name: self.shifts.get(slug, {}).get(name, 0.0) for name in NAMES} for slug in SLUGS}
        )


def read_learned(raw: bytes) -> LearnedTargets:
    """Read the file that `LearnedTargets.to_json` writes.

    Raises
    ------
    ValueError
        When it is no such file, or something in it cannot be used; the message is a sentence.

    Examples
    --------
    >>> learned = LearnedTargets({"awe": {"dynamics": 4.0}}, provenance={"answers": 960})
    >>> read_learned(learned.to_json()) == learned
    True
    >>> read_learned(b"[]")
    Traceback (most recent call last):
    ...
    ValueError: This is no file of learned targets: its format is not melodymuse-learned-targets-1.
    """
    return LearnedTargets(**KIND.read(raw))


def _check_emotion(slug: str, given: Any) -> dict[str, float]:
    """An emotion's shifts that are not 0, in the order of `NAMES`."""
    if slug not in SLUGS:
        raise ValueError(f"Shifts are given for {slug!r}, which is none of the eight emotions.")
    shifts = {}
    for name, value in KIND.check_object(given, f"shifts of {slug}").items():
        if name not in _KINDS:
            raise ValueError(f"Shifts of {slug} name {name!r}, which is no attribute.")
        if not is_number(value):
            raise ValueError(f"The shift of {name} for {slug} is {value!r}: give a finite number.")
        kind, most = _KINDS[name], MOST_WIDTHS * _KINDS[name].width
        if abs(value) > most:
            raise ValueError(
                f"The shift of {name} for {slug} is {value:g} {kind.unit}: no attribute may move further than "
                f"{MOST_WIDTHS:g} half-widths of its band, here {most:g}."
            )
        if name != DERIVED:
            shifts[name] = round(float(value), DIGITS)
    return {name: shifts[name] for name in NAMES if shifts.get(name)}
