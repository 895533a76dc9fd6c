"""Which factors of a study are fixed effects, and their columns in the design matrix: treatment contrasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from survey.analysis.estimates import Codes, Floats, Truths
from survey.analysis.wording import short

Levels = tuple[tuple[str, ...], Codes]
"""Names of a factor's levels, and the code of every answer."""
LEAST_PIECES = {"emotion": 2, "composer": 4, "side": 4}
"""Pieces that every level needs so that its factor is a fixed effect; with fewer its differences are the pieces'."""
NOT_COMPARED = {"side": "(none)"}
"""A level that counts as none of those compared: clips on neither side, however few, keep the two from nothing."""
TOO_FEW_PIECES = (
    "{factor} is no fixed effect: {levels} {has} fewer than {least} pieces, so that differences cannot be told apart"
    " from those of the pieces; they count as theirs."
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the design matrix: the log odds of a level less those of the factor's reference level."""

    factor: str
    level: str
    reference: str


def usable(factors: Mapping[str, Levels], pieces: Codes) -> tuple[dict[str, Levels], list[str]]:
    """Return the factors with two levels or more that have enough pieces, levels in code point order, and notes.

    Examples
    --------
    >>> found, notes = usable({"emotion": (("b", "a"), np.array([0, 0, 1, 1]))}, np.array([0, 1, 2, 2]))
    >>> found, notes[0][:49]
    ({}, 'emotion is no fixed effect: a has fewer than 2 pi')
    """
    used, notes = {}, []
    for name, (levels, codes) in factors.items():
        occurring = sorted({levels[code] for code in np.unique(codes)})
        compared = [level for level in occurring if level != NOT_COMPARED.get(name)]
        if len(compared) < 2:
            continue
        place = np.array([occurring.index(level) if level in occurring else -1 for level in levels], np.int64)
        ordered = place[codes]
        least = LEAST_PIECES.get(name, 0)
        have = np.bincount(np.unique(np.stack([ordered, pieces]), axis=1)[0])
        few = [level for level, n in zip(occurring, have, strict=True) if n < least and level in compared]
        if few:
            verb = "has" if len(few) == 1 else "have"
            notes.append(TOO_FEW_PIECES.format(factor=name, levels=", ".join(map(short, few)), has=verb, least=least))
            continue
        used[name] = (tuple(occurring), ordered)
    return used, notes


def columns_of(used: Mapping[str, Levels], references: Mapping[str, str]) -> tuple[Column, ...]:
    """Return the columns after the intercept: every occurring level but its factor's reference.

    Examples
    --------
    >>> columns_of({"emotion": (("awe", "fear"), np.array([0, 1]))}, {"emotion": "fear"})
    (Column(factor='emotion', level='awe', reference='fear'),)
    """
    columns = []
    for name, (levels, codes) in used.items():
        here = [levels[code] for code in np.unique(codes)]
        first = references[name] if references.get(name) in here else here[0]
        columns += [Column(name, level, first) for level in here if level != first]
    return tuple(columns)


def matrix_of(columns: tuple[Column, ...], levels: Mapping[str, tuple[str, ...]], size: int) -> Floats:
    """Return intercept and columns for rows with these levels, shape (size, 1 + columns).

    Examples
    --------
    >>> matrix_of((Column("emotion", "awe", "fear"),), {"emotion": ("fear", "awe")}, 2).tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    parts = [np.ones(size)]
    parts += [np.array([level == c.level for level in levels[c.factor]], float) for c in columns]
    return np.stack(parts, axis=1)


def independent(rows: Floats) -> Truths:
    """Return which columns are no combination of those before them, shape (p,).

    Examples
    --------
    >>> independent(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])).tolist()
    [True, False, True]
    """
    kept = np.zeros(rows.shape[1], bool)
    basis = np.zeros((rows.shape[0], 0))
    for place in range(rows.shape[1]):
        # Gram–Schmidt from left to right, so that of dependent columns the earlier stay: a QR with pivots would choose.
        rest = rows[:, place] - basis @ (basis.T @ rows[:, place])
        size = float(np.linalg.norm(rest))
        if size > 1e-8 * max(1.0, float(np.linalg.norm(rows[:, place]))):
            kept[place] = True
            basis = np.column_stack([basis, rest / size])
    return kept
