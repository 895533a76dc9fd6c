"""From answers to the cells and the fixed effects of a mixed model; what cannot be estimated is left out and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from survey.analysis.estimates import Codes, Floats, Truths
from survey.analysis.mixed.crossing import Crossed
from survey.analysis.mixed.factors import Column, Levels, columns_of, independent, matrix_of, usable
from survey.analysis.mixed.separation import Lost, without_separated

CONFOUNDED = "no estimate: its answers cannot be told apart from those of other factors' levels"


@dataclass(frozen=True, slots=True)
class Design:
    """The data of a model.

    Attributes
    ----------
    data : Crossed
        The cells; the first column of `data.rows` is the intercept.
    columns : tuple of Column
        Of the other columns, in order.
    levels : dict
        Factor → level of every row of `data.rows`, shape (K,).
    lost : tuple of Lost
        Levels without an estimate.
    notes : tuple of str
        What was left out.
    """

    data: Crossed
    columns: tuple[Column, ...]
    levels: Mapping[str, tuple[str, ...]]
    lost: tuple[Lost, ...]
    notes: tuple[str, ...]

    @property
    def left_out(self) -> tuple[str, ...]:
        """Levels whose answers are not in the data, each with the reason."""
        return tuple(str(one) for one in self.lost if one.left_out)

    @property
    def answers(self) -> Floats:
        """Number of answers of every row of `data.rows`."""
        data = self.data
        result: Floats = np.bincount(data.row, data.trials, len(data.rows)).astype(float)
        return result

    def between(self, which: int) -> Truths:
        """Return for every column whether it is constant within each person (0) or piece (1)."""
        codes, kinds = self.data.groups[which], len(self.data.rows)
        # Every (group, row) that occurs, sorted by group: rows of one group stand next to each other.
        found = np.unique(codes * kinds + self.data.row)
        groups, rows = found // kinds, self.data.rows[found % kinds]
        same = groups[1:] == groups[:-1]
        result: Truths = ~((rows[1:] != rows[:-1]) & same[:, None]).any(axis=0)
        return result

    def degrees(self, which: int) -> int:
        """Return people (0) or pieces (1) less the fixed effects that differ only between them."""
        return self.data.sizes[which] - int(self.between(which).sum())


def make_design(
    hits: Truths,
    people: Codes,
    pieces: Codes,
    factors: Mapping[str, Levels],
    references: Mapping[str, str] | None = None,
) -> Design | None:
    """Return the design of a model with treatment contrasts.

    Parameters
    ----------
    hits : array of bool, shape (N,)
    people, pieces : array of int, shape (N,)
    factors : mapping
        Name → names of levels, and code of every answer. Factors with one level are no fixed effects.
    references : mapping, optional
        Name → level that the others are compared with; without it the first in code point order.

    Returns
    -------
    Design or None
        None where no answer is left: every level has all hits, or none.

    Examples
    --------
    >>> people, pieces = np.repeat(np.arange(6), 8), np.tile(np.arange(8), 6)
    >>> design = make_design(people % 2 == pieces % 3, people, pieces, {"emotion": (("fear", "awe"), pieces % 2)})
    >>> design.columns, design.degrees(1)
    ((Column(factor='emotion', level='fear', reference='awe'),), 6)
    """
    used, notes = usable(factors, pieces)
    keep, lost = without_separated(hits, used)
    if not keep.any():
        return None
    used = {name: (levels, codes[keep]) for name, (levels, codes) in used.items()}
    columns = columns_of(used, references or {})
    cells = _collapse(hits[keep], people[keep], pieces[keep], [codes for _, codes in used.values()])
    # The different combinations of levels, shape (K, factors): the design matrix is made of K rows, not of n.
    kinds, row = np.unique(cells.levels, axis=0, return_inverse=True)
    levels = {name: tuple(of[0][code] for code in kinds[:, place]) for place, (name, of) in enumerate(used.items())}
    rows = matrix_of(columns, levels, len(kinds))
    kept = independent(rows)
    data = Crossed(cells.hits, cells.trials, rows[:, kept], row.ravel(), cells.people, cells.pieces)
    lost += [
        Lost(c.factor, c.level, CONFOUNDED, left_out=False)
        for c, keeps in zip(columns, kept[1:], strict=True)
        if not keeps
    ]
    columns = tuple(c for c, keeps in zip(columns, kept[1:], strict=True) if keeps)
    return Design(data, columns, levels, tuple(lost), (*notes, *map(str, lost)))


class _Cells(NamedTuple):
    """Binomial cells; arrays of shape (n,), `levels` (n, factors)."""

    people: Codes
    pieces: Codes
    levels: Codes
    hits: Floats
    trials: Floats


def _collapse(hits: Truths, people: Codes, pieces: Codes, codes: list[Codes]) -> _Cells:
    """Answers of one person to one piece with the same fixed effects are one binomial cell."""
    person, piece = (np.unique(one, return_inverse=True)[1] for one in (people, pieces))
    # Mixed radix: person, piece and every level as one number, so that one sort finds the cells.
    key = person * (int(piece.max()) + 1) + piece
    for one in codes:
        key = key * (int(one.max()) + 1) + one
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    return _Cells(
        people=person[first].astype(np.int64),
        pieces=piece[first].astype(np.int64),
        levels=np.array([one[first] for one in codes], np.int64).reshape(len(codes), first.size).T,
        hits=np.bincount(place, hits).astype(float),
        trials=np.bincount(place).astype(float),
    )
