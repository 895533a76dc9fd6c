"""How much of a scale's spread lies in people, in clips, and in single answers: people × clips, with gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.estimates import Codes, Floats


@dataclass(frozen=True, slots=True)
class Components:
    """Variances of the answers to a scale, and the sizes that they rest on.

    Attributes
    ----------
    people, clips, rest : float
        Variance between people (in every group of their own), between clips, and of single answers. As estimates
        the first two may lie below 0.
    n_people, n_clips, n : int
        People, clips and answers.
    strata : int
        Groups of clips with a mean of their own.
    per_clip, per_person : float
        Answers per clip, and per person, that an answer has beside it: the number itself where all have as many.
    """

    people: float
    clips: float
    rest: float
    n_people: int
    n_clips: int
    n: int
    strata: int
    per_clip: float
    per_person: float


def estimate_components(values: Floats, participants: Codes, clips: Codes, strata: Codes | None = None) -> Components:
    """Return the variance components of people × clips by the sums of squares of Henderson's first method.

    Every person is compared within each stratum alone, so that the strata's means are taken out of everything. Where
    everybody rated every clip the result is that of the two-way analysis of variance; with gaps it stays unbiased.

    Parameters
    ----------
    values : array of float, shape (N,)
        Without NaN.
    participants, clips : array of int, shape (N,)
        Codes ≥ 0.
    strata : array of int, shape (N,), optional
        Codes ≥ 0 of groups of clips with a mean of their own; without it there is one mean.

    Raises
    ------
    ValueError
        Where the answers do not tell the three apart: one person, one clip per stratum, or nobody with two answers.

    References
    ----------
    Henderson (1953), Biometrics 9, 226–252; Searle, Casella & McCulloch (1992), Variance Components, ch. 5.

    Examples
    --------
    >>> people, clips = np.repeat(np.arange(3), 3), np.tile(np.arange(3), 3)
    >>> found = estimate_components(np.array([1.0, 2, 3, 2, 3, 4, 3, 4, 6]), people, clips)
    >>> round(found.people, 3), round(found.clips, 3), round(found.rest, 3)
    (1.333, 1.333, 0.111)
    """
    group = np.zeros(values.size, np.int64) if strata is None else strata
    width = int(group.max(initial=0)) + 1
    # A person in two strata counts as two, so that no comparison crosses strata.
    person, clip = _compact(participants * width + group), _compact(clips * width + group)
    group = _compact(group)
    n, n_group = values.size, np.bincount(group).astype(float)
    centred = values - (np.bincount(group, weights=values) / n_group)[group]
    squares = np.array(
        [_explained(centred, person), _explained(centred, clip), float(centred @ centred)]
    )  # the means' own part is 0: they were taken out
    pairs = _cells(person, clip)
    answers, per_clip = np.bincount(person).astype(float), np.bincount(clip).astype(float)
    own_group = np.empty(answers.size, np.int64)
    own_group[person] = group
    clips_group = np.empty(per_clip.size, np.int64)
    clips_group[clip] = group
    of_people = float((answers**2 / n_group[own_group]).sum())
    of_clips = float((per_clip**2 / n_group[clips_group]).sum())
    clips_in_people = float((pairs.count**2 / answers[pairs.person]).sum())
    people_in_clips = float((pairs.count**2 / per_clip[pairs.clip]).sum())
    means = float(n_group.size)
    # Rows are the three sums of squares, columns what they expect of people, clips and single answers: the moments are
    # solved for the variances. A variance that comes out negative stays so: set to 0 it would be biased.
    expected = np.array(
        [
            [n - of_people, clips_in_people - of_clips, answers.size - means],
            [people_in_clips - of_people, n - of_clips, per_clip.size - means],
            [n - of_people, n - of_clips, n - means],
        ]
    )
    if np.linalg.matrix_rank(expected) < 3:
        raise ValueError("The answers do not tell people, clips and single answers apart.")
    people, between, rest = np.linalg.solve(expected, squares)
    return Components(
        people=float(people),
        clips=float(between),
        rest=max(float(rest), 0.0),
        n_people=int(np.unique(participants).size),
        n_clips=per_clip.size,
        n=n,
        strata=int(means),
        # Mean numbers of answers as unequal sizes enter the expected mean squares; n/clips where all are alike.
        per_clip=(n - of_clips) / (per_clip.size - means),
        per_person=(n - of_people) / (answers.size - means),
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """Every person and clip that met, and how often."""

    person: Codes
    clip: Codes
    count: Floats


def _cells(person: Codes, clip: Codes) -> _Cells:
    width = int(clip.max()) + 1
    keys, count = np.unique(person * width + clip, return_counts=True)
    return _Cells(keys // width, keys % width, count.astype(float))


def _compact(codes: Codes) -> Codes:
    result: Codes = np.unique(codes, return_inverse=True)[1]
    return result


def _explained(values: Floats, codes: Codes) -> float:
    """Sum of squares of the groups' means."""
    sums = np.bincount(codes, weights=values)
    return float((sums**2 / np.bincount(codes)).sum())
