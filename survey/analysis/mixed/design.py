"""From answers to the cells and the fixed effects of a mixed model; what cannot be estimated is left out and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from survey.analysis.estimates import Codes, Floats, Truths
from survey.analysis.mixed.crossing import Crossed

Levels = tuple[tuple[str, ...], Codes]
"""Names of a factor's levels, and the code of every answer."""
LEAST_PIECES = {"emotion": 2, "composer": 4}
"""Pieces that every level needs so that its factor is a fixed effect; with fewer its differences are the pieces'."""
SEPARATED = 15.0
"""A fitted logit beyond it after `ROUNDS` steps grows without end: odds of more than three million to one."""
ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the design matrix: the log odds of a level less those of the factor's reference level."""

    factor: str
    level: str
    reference: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A level that has no estimate, and why."""

    factor: str
    level: str
    reason: str


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
    def answers(self) -> Floats:
        """Number of answers of every row of `data.rows`."""
        data = self.data
        result: Floats = np.bincount(data.row, data.trials, len(data.rows)).astype(float)
        return result

    def between(self, which: int) -> Truths:
        """Return for every column whether it is constant within each person (0) or piece (1)."""
        codes, kinds = self.data.groups[which], len(self.data.rows)
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
    used, notes = _usable(factors, pieces)
    keep, lost = _without_separated(hits, used)
    notes += [f"{one.factor} {one.level}: {one.reason}" for one in lost]
    if not keep.any():
        return None
    used = {name: (levels, codes[keep]) for name, (levels, codes) in used.items()}
    columns, matrix_of = _columns(used, references or {})
    cells, hit, trials = _collapse(hits[keep], people[keep], pieces[keep], [codes for _, codes in used.values()])
    kinds, row = np.unique(cells[:, 2:], axis=0, return_inverse=True)
    names = tuple(used)
    levels = {name: tuple(used[name][0][code] for code in kinds[:, place]) for place, name in enumerate(names)}
    rows = matrix_of(levels, len(kinds))
    kept = _independent(rows)
    notes += [f"{c.factor} {c.level}: {CONFOUNDED}" for c, keeps in zip(columns, kept[1:], strict=True) if not keeps]
    lost += [Lost(c.factor, c.level, CONFOUNDED) for c, keeps in zip(columns, kept[1:], strict=True) if not keeps]
    data = Crossed(hit, trials, rows[:, kept], row.ravel(), cells[:, 0], cells[:, 1])
    columns = tuple(c for c, keeps in zip(columns, kept[1:], strict=True) if keeps)
    return Design(data, columns, levels, tuple(lost), tuple(notes))


CONFOUNDED = "no estimate: its answers cannot be told apart from those of other factors' levels"


def _usable(factors: Mapping[str, Levels], pieces: Codes) -> tuple[dict[str, Levels], list[str]]:
    """The factors with two levels or more that have enough pieces; levels in code point order."""
    used, notes = {}, []
    for name, (levels, codes) in factors.items():
        occurring = sorted({levels[code] for code in np.unique(codes)})
        if len(occurring) < 2:
            continue
        place = np.array([occurring.index(level) if level in occurring else -1 for level in levels], np.int64)
        ordered = place[codes]
        least = LEAST_PIECES.get(name, 0)
        pairs = np.unique(np.stack([ordered, pieces]), axis=1)[0]
        if least and np.bincount(pairs).min() < least:
            notes.append(
                f"{name} is no fixed effect: a level has fewer than {least} pieces, so that its difference cannot be"
                " told apart from that of its pieces; it counts as theirs."
            )
            continue
        used[name] = (tuple(occurring), ordered)
    return used, notes


def _columns(used: Mapping[str, Levels], references: Mapping[str, str]) -> tuple[tuple[Column, ...], _Matrix]:
    columns = []
    for name, (levels, codes) in used.items():
        here = [levels[code] for code in np.unique(codes)]
        first = references[name] if references.get(name) in here else here[0]
        columns += [Column(name, level, first) for level in here if level != first]
    return tuple(columns), _Matrix(tuple(columns))


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Intercept and columns for given levels."""

    columns: tuple[Column, ...]

    def __call__(self, levels: Mapping[str, tuple[str, ...]], size: int) -> Floats:
        parts = [np.ones(size)]
        parts += [np.array([level == c.level for level in levels[c.factor]], float) for c in self.columns]
        return np.stack(parts, axis=1)


def _collapse(hits: Truths, people: Codes, pieces: Codes, codes: list[Codes]) -> tuple[Codes, Floats, Floats]:
    """Answers of one person to one piece with the same fixed effects are one binomial cell."""
    person, piece = (np.unique(one, return_inverse=True)[1] for one in (people, pieces))
    key = person * (int(piece.max()) + 1) + piece
    for one in codes:
        key = key * (int(one.max()) + 1) + one
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    cells = np.stack([person, piece, *codes], axis=1)[first]
    return cells.astype(np.int64), np.bincount(place, hits).astype(float), np.bincount(place).astype(float)


def _independent(rows: Floats) -> Truths:
    """Which columns are no combination of those before them."""
    kept = np.zeros(rows.shape[1], bool)
    basis = np.zeros((rows.shape[0], 0))
    for place in range(rows.shape[1]):
        rest = rows[:, place] - basis @ (basis.T @ rows[:, place])
        size = float(np.linalg.norm(rest))
        if size > 1e-8 * max(1.0, float(np.linalg.norm(rows[:, place]))):
            kept[place] = True
            basis = np.column_stack([basis, rest / size])
    return kept


def _without_separated(hits: Truths, used: Mapping[str, Levels]) -> tuple[Truths, list[Lost]]:
    """Answers with a finite fitted share, and the levels that have none.

    Where all answers of a level are hits, or none is, the likelihood rises without end as its effect grows, whatever
    the random effects are: in the limit such answers say nothing about anything else, and are left out. Combinations
    of levels that separate hits from misses are found by the steps of a logistic regression that never end.
    """
    keep, lost = np.ones(hits.size, bool), []
    for name, (levels, codes) in used.items():
        for code, level in enumerate(levels):
            own = codes == code
            if own.any() and (hits[own].all() or not hits[own].any()):
                share = "every answer is a hit" if hits[own].all() else "no answer is a hit"
                lost.append(Lost(name, level, f"not finite: {share} ({int(own.sum())} answers)"))
                keep &= ~own
    if not keep.any() or not used:
        return keep, lost
    endless = _endless(hits[keep], {name: (levels, codes[keep]) for name, (levels, codes) in used.items()})
    if endless.any():
        lost.append(Lost("combination", " and ".join(used), "not finite: some combinations have all hits, or none"))
        keep[np.flatnonzero(keep)[endless]] = False
    return keep, lost


def _endless(hits: Truths, used: Mapping[str, Levels]) -> Truths:
    """Which answers' logits grow without end in a logistic regression without random effects."""
    kinds, row = np.unique(np.stack([codes for _, codes in used.values()], axis=1), axis=0, return_inverse=True)
    row = row.ravel()
    trials = np.bincount(row).astype(float)
    hit = np.bincount(row, weights=hits)
    if bool(((hit > 0) & (hit < trials)).all()):
        return np.zeros(hits.size, bool)
    levels = {
        name: tuple(names[code] for code in kinds[:, place]) for place, (name, (names, _)) in enumerate(used.items())
    }
    _, matrix_of = _columns(used, {})
    rows = matrix_of(levels, len(kinds))
    rows = rows[:, _independent(rows)]
    fixed = np.zeros(rows.shape[1])
    for _ in range(ROUNDS):
        share = expit(np.clip(rows @ fixed, -2 * SEPARATED, 2 * SEPARATED))
        information = (rows * (trials * share * (1 - share) + 1e-12)[:, None]).T @ rows
        fixed = fixed + np.linalg.lstsq(information, rows.T @ (hit - trials * share), rcond=None)[0]
    result: Truths = (np.abs(rows @ fixed) > SEPARATED)[row]
    return result
