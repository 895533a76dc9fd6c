"""Which variant of which piece a stimulus plays, where cues were changed on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from survey.analysis.estimates import Codes, Floats


@dataclass(frozen=True, slots=True)
class Variant:
    """One stimulus of a cue experiment: its base piece, and the level of every cue varied with its place on a scale."""

    piece: str
    levels: Mapping[str, str]
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ClipCues:
    """Variants by stimulus; they have names of their own, so that they fit any selection of ratings.

    Attributes
    ----------
    names : tuple of str, length A
        Of the cues that were varied.
    stimuli : tuple of str, length S
        Identifiers of the stimuli that are variants, as ratings have them.
    pieces : tuple of str, length S
        The piece that each is a variant of.
    levels : mapping of str to tuple of str
        Cue → its levels, from the lowest value to the highest.
    steps : array of float, shape (S, A)
        The place of each stimulus among the levels of each cue, from 0; NaN where its piece was not varied in it.
    """

    names: tuple[str, ...]
    stimuli: tuple[str, ...]
    pieces: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    steps: Floats

    def rows_of(self, stimuli: Sequence[str]) -> Codes:
        """Return the row of each stimulus, shape (len(stimuli),); −1 where one is no variant.

        >>> gather_cues({"S1": Variant("A", {"mode": "minor"}, {"mode": 0})}).rows_of(["S9", "S1"]).tolist()
        [-1, 0]
        """
        row = {name: place for place, name in enumerate(self.stimuli)}
        return np.array([row.get(name, -1) for name in stimuli], np.int64)


def gather_cues(variants: Mapping[str, Variant]) -> ClipCues | None:
    """Return variants by stimulus as one table, None where there is none.

    Examples
    --------
    >>> slow, fast = (Variant("A", {"tempo": level}, {"tempo": value}) for level, value in (("slow", 0.7), ("fast", 2)))
    >>> found = gather_cues({"S1": fast, "S2": slow})
    >>> found.levels, found.steps.tolist()
    ({'tempo': ('slow', 'fast')}, [[1.0], [0.0]])
    """
    names = tuple(sorted({name for one in variants.values() for name in one.levels}))
    if not names:
        return None
    levels: dict[str, tuple[str, ...]] = {}
    for name in names:
        known = {(one.values[name], one.levels[name]) for one in variants.values() if name in one.levels}
        levels[name] = tuple(level for _, level in sorted(known))
    steps = [
        [float(levels[name].index(one.levels[name])) if name in one.levels else nan for name in names]
        for one in variants.values()
    ]
    return ClipCues(names, tuple(variants), tuple(one.piece for one in variants.values()), levels, np.array(steps))
