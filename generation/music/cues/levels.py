"""The five cues, their levels, and which combinations of levels an experiment plays.

Eerola, Friberg and Bresin (2013) varied tempo, mode, register, dynamics and articulation (and timbre, of which a piano
has one) on whole pieces; the cues are theirs, the levels are those that a finished piano piece can be brought to.

References
----------
Eerola, T., Friberg, A. & Bresin, R. (2013). Emotional expression in music: contribution, linearity, and additivity of
primary musical cues. *Frontiers in Psychology* 4, 487.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Any, Final

CUES_VERSION: Final = "1"
"""Of the rules and of the levels' values; written into every variant's provenance."""
MOST_VARIANTS: Final = 32
"""Variants of one piece: all five cues at two levels each. More nobody hears in one sitting."""
UNCHANGED: Final = "as-composed"


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a cue: its name in data, what people read, and its place on the cue's scale."""

    name: str
    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue that can be changed in a finished piece.

    Parameters
    ----------
    name, label, unit : str
    levels : tuple of Level
        From the lowest value to the highest.
    usual : tuple of str
        The two levels taken where nobody chooses: those that lie furthest apart.
    description : str
        What is changed, in one line.
    """

    name: str
    label: str
    unit: str
    levels: tuple[Level, ...]
    usual: tuple[str, str]
    description: str

    def find(self, level: str) -> Level:
        """The level of this name.

        Raises
        ------
        ValueError
            Where the cue has none; the message names those it has.
        """
        for found in self.levels:
            if found.name == level:
                return found
        known = ", ".join(found.name for found in self.levels)
        raise ValueError(f"{self.label} has no level {level!r}: it has {known}.")


def _middle(value: float) -> Level:
    return Level(UNCHANGED, "as composed", value)


CUES: Final[Mapping[str, Cue]] = MappingProxyType(
    {
        cue.name: cue
        for cue in (
            Cue(
                "tempo",
                "Tempo",
                "times the tempo as composed",
                (Level("slow", "slow", 0.7), _middle(1.0), Level("fast", "fast", 1.4)),
                ("slow", "fast"),
                "Slower or faster; whole bars are left out or repeated, so that the clip lasts as long.",
            ),
            Cue(
                "mode",
                "Mode",
                "0 minor, 1 major",
                (Level("minor", "minor", 0.0), Level("major", "major", 1.0)),
                ("minor", "major"),
                "The parallel key: third, sixth and seventh degree are exchanged, chromatic notes stay.",
            ),
            Cue(
                "register",
                "Register",
                "semitones from the register as composed",
                (Level("low", "low", -6.0), _middle(0.0), Level("high", "high", 6.0)),
                ("low", "high"),
                "Both hands lower or higher; low and high lie an octave apart, in the same key.",
            ),
            Cue(
                "touch",
                "Touch",
                "MIDI velocities from those as composed",
                (Level("soft", "soft", -16.0), _middle(0.0), Level("loud", "loud", 16.0)),
                ("soft", "loud"),
                "Keys struck softer or harder; clips are levelled to equal loudness, so what is heard is the tone.",
            ),
            Cue(
                "articulation",
                "Articulation",
                "time a key is held ÷ time as written",
                (
                    Level("staccato", "staccato", 0.4),
                    Level("detached", "detached", 0.7),
                    Level("legato", "legato", 1.0),
                ),
                ("staccato", "legato"),
                "How long keys are held; below legato without the pedal, which would hide it.",
            ),
        )
    }
)
"""The cues by name, in the order in which they are applied."""


def check_levels(levels: Mapping[str, Any]) -> dict[str, str]:
    """The levels of one variant, cue → level, in the order of `CUES`.

    Raises
    ------
    ValueError
        Where a cue or a level is unknown.

    Examples
    --------
    >>> check_levels({"mode": "minor", "tempo": "slow"})
    {'tempo': 'slow', 'mode': 'minor'}
    >>> check_levels({"tempo": "presto"})
    Traceback (most recent call last):
    ...
    ValueError: Tempo has no level 'presto': it has slow, as-composed, fast.
    """
    for name in levels:
        if name not in CUES:
            raise ValueError(f"There is no cue {name!r}: there are {', '.join(CUES)}.")
    return {name: cue.find(str(levels[name])).name for name, cue in CUES.items() if name in levels}


def combine(asked: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], ...]:
    """Every combination of the levels asked for: a full factorial design, cue → levels.

    Parameters
    ----------
    asked : mapping of str to sequence of str
        For each cue the levels to play, at least two different ones; an empty sequence takes the usual pair.

    Returns
    -------
    tuple of dict
        Cue → level for each variant, the last cue's level changing fastest.

    Raises
    ------
    ValueError
        For no cue, an unknown cue or level, fewer than two levels, or more than `MOST_VARIANTS` combinations.

    Examples
    --------
    >>> combine({"mode": (), "tempo": ("slow", "fast")})[:2]
    ({'tempo': 'slow', 'mode': 'minor'}, {'tempo': 'slow', 'mode': 'major'})
    >>> len(combine({"tempo": ("slow", "as-composed", "fast"), "touch": (), "mode": ()}))
    12
    """
    if not asked:
        raise ValueError(f"Choose at least one cue: {', '.join(CUES)}.")
    check_levels({name: CUES[name].usual[0] if name in CUES else "" for name in asked})
    axes: dict[str, tuple[str, ...]] = {}
    for name, cue in CUES.items():
        if name not in asked:
            continue
        chosen = {cue.find(level).name for level in asked[name] or cue.usual}
        if len(chosen) < 2:
            raise ValueError(f"{cue.label} needs two levels at least: with one there is nothing to compare.")
        axes[name] = tuple(level.name for level in cue.levels if level.name in chosen)
    variants = tuple(dict(zip(axes, levels, strict=True)) for levels in product(*axes.values()))
    if len(variants) > MOST_VARIANTS:
        raise ValueError(f"{len(variants)} variants of one piece are more than {MOST_VARIANTS}: choose fewer levels.")
    return variants


def describe_levels(levels: Mapping[str, str]) -> str:
    """The levels of a variant as people read them, as `CUES` go: databases store names in orders of their own.

    >>> describe_levels({"mode": "minor", "tempo": "slow"})
    'slow tempo, minor mode'
    """
    found = check_levels(levels).items()
    return ", ".join(f"{CUES[name].find(level).label} {CUES[name].label.lower()}" for name, level in found)
