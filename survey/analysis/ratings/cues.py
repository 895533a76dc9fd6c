"""Which variant of which piece a stimulus plays, where cues were changed on purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np

from survey.analysis.estimates import Codes, Floats
from survey.analysis.ratings.attributes import stimuli_in
from survey.analysis.ratings.cells import Cells, Source, read_cells
from survey.analysis.ratings.problems import Problem, RatingsRefused

PIECE, CUE, VALUE = "cue_piece", "cue_", "_value"
"""Columns of stimuli.csv: the piece, and of each cue the level and its value."""


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

    def pieces_of(self, stimuli: Sequence[str]) -> Codes:
        """Return the code of the piece that each stimulus is a variant of, shape (len(stimuli),); −1 for others.

        >>> slow, fast = (Variant("A", {"tempo": level}, {"tempo": n}) for n, level in enumerate(("slow", "fast")))
        >>> gather_cues({"S1": slow, "S2": fast}).pieces_of(["S2", "S9", "S1"]).tolist()
        [0, -1, 0]
        """
        names = {name: code for code, name in enumerate(sorted(set(self.pieces)))}
        codes = np.array([*(names[piece] for piece in self.pieces), -1], np.int64)
        result: Codes = codes[self.rows_of(stimuli)]
        return result


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


def read_cues(source: Source) -> ClipCues | None:
    """Return the variants of a CSV with one row per stimulus; None where it names none.

    As in the `stimuli.csv` of an export: ``cue_piece`` names the piece that was varied, empty where a stimulus is no
    variant; of each cue ``cue_NAME`` has the level, empty where it was not varied in this piece, and
    ``cue_NAME_value`` the level's place on the cue's scale, a number that puts the levels in order.

    Raises
    ------
    RatingsRefused
        Without the columns ``stimulus`` and ``cue_piece`` or the column of a cue's values, where a stimulus comes
        twice, a variant has no level, or a level no number, with the lines; where a level has two numbers, two levels
        one, or a cue is told of some variants of a piece alone.

    Examples
    --------
    >>> told = "stimulus,cue_piece,cue_mode,cue_mode_value\\nS1,A,minor,0\\nS2,A,major,1\\nS3,,,\\n"
    >>> found = read_cues(told)
    >>> found.stimuli, found.levels, found.steps.tolist()
    (('S1', 'S2'), {'mode': ('minor', 'major')}, [[0.0], [1.0]])
    """
    cells = read_cells(source)
    stimuli = stimuli_in(cells, "variants")
    if PIECE not in cells.header:
        message = f"there is no column {PIECE!r}: it names the piece that each variant is of."
        raise RatingsRefused([Problem(cells.header_line, message)])
    pieces = [name.strip() for name in cells.column(cells.header.index(PIECE))]
    told = _levels_of(cells)
    problems, variants = [], {}
    for place, (stimulus, piece, line) in enumerate(zip(stimuli, pieces, cells.lines, strict=True)):
        levels = {cue: column[place][0] for cue, column in told.items() if piece and column[place][0]}
        values = {cue: told[cue][place][1] for cue in levels}
        problems += [
            Problem(line, f"the level {levels[cue]!r} of {cue} has no number in {CUE}{cue}{VALUE}.")
            for cue, value in values.items()
            if value is None
        ]
        if piece and not levels:
            problems.append(Problem(line, f"stimulus {stimulus!r} is of piece {piece!r}, and no cue has a level."))
        if piece:
            variants[stimulus] = Variant(piece, levels, {cue: nan if v is None else v for cue, v in values.items()})
    problems = problems or [Problem(cells.header_line, message) for message in _contradictions(variants)]
    if problems:
        raise RatingsRefused(problems)
    return gather_cues(variants)


def _contradictions(variants: Mapping[str, Variant]) -> Iterator[str]:
    """What the rows say against each other: else levels would be counted twice, or stand in no order."""
    for cue in sorted({cue for one in variants.values() for cue in one.levels}):
        told = {(one.levels[cue], one.values[cue]) for one in variants.values() if cue in one.levels}
        for place, (what, others) in enumerate((("level", "numbers"), ("number", "levels"))):
            if len({pair[place] for pair in told}) < len(told):
                yield f"one {what} of {cue} has two {others}: {CUE}{cue}{VALUE} puts the levels in order."
    for piece in dict.fromkeys(one.piece for one in variants.values()):
        if len({frozenset(one.levels) for one in variants.values() if one.piece == piece}) > 1:
            yield f"of piece {piece!r} some variants have a level of a cue, and others none."


def _levels_of(cells: Cells) -> dict[str, list[tuple[str, float | None]]]:
    """Cue → (level, value) of every row."""
    found = {}
    for place, header in enumerate(cells.header):
        if not header.startswith(CUE) or header == PIECE or header.endswith(VALUE):
            continue
        beside = f"{header}{VALUE}"
        if beside not in cells.header:
            message = f"there is no column {beside!r}: numbers put the levels of {header!r} in order."
            raise RatingsRefused([Problem(cells.header_line, message)])
        values = cells.column(cells.header.index(beside))
        levels = [level.strip() for level in cells.column(place)]
        found[header.removeprefix(CUE)] = list(zip(levels, map(_number, values), strict=True))
    return found


def _number(text: str) -> float | None:
    """A finite number, None for anything else."""
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return None
    return value if isfinite(value) else None
