"""Is the second half of a session better or worse than the first: learning, or fatigue."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from survey.analysis.clustering import ClusteredVariance, spread_of_influence
from survey.analysis.distributions import t_quantile, t_upper_tail
from survey.analysis.estimates import LEVEL, Codes, Interval, Truths, within
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import Table
from survey.analysis.wording import p_value, points, points_interval, share

FEWEST_PEOPLE = 5
"""Fewer people do not carry a difference within people."""
ONE_PIECE = "interval not defined: one clip says nothing about new clips"
NO_SPREAD = "interval not defined: the answers show no spread"
TOO_FEW = "not defined: it needs at least 5 people with trials in both halves"
TINY = 1e-18


@dataclass(frozen=True, slots=True)
class Halves:
    """Second half of each person's trials less the first."""

    participants: Annotated[int, "people with answers in both halves"]
    n: Annotated[int, "their answers; the middle one of an odd number is in neither half"]
    first: Annotated[float | None, "mean over people of their hit rate in the first half"]
    second: Annotated[float | None, "the same in the second half"]
    difference: Annotated[float | None, "second − first"]
    interval: Annotated[Interval | None, "for new people and new clips"]
    these_clips: Annotated[Interval | None, "for new people, these clips"]
    degrees: Annotated[float | None, "Satterthwaite's degrees of freedom of `interval`"]
    p_value: Annotated[float | None, "two-sided, of `interval`'s t"]
    reason: Annotated[str | None, "why something is `null`"]


def measure_halves(asked: Asked) -> Halves | None:
    """Return how the halves of the primary cell's trials differ; None where positions were not recorded."""
    known = asked.primary.intended_only
    if known.position is None or not (known.position >= 0).any():
        return None
    placed = known.select(known.position >= 0)
    return compare_halves(placed.hits, placed.participant, placed.pieces(), placed.position)


def compare_halves(hits: Truths, participants: Codes, pieces: Codes, position: Codes | None) -> Halves:
    """Return the difference between the halves of each person's trials, averaged over people.

    Each person is compared with themselves: hit rate in the second half of their own trials less that in the
    first, then the mean over people, each with the same weight. The order of clips is by chance, so no half has
    the easier clips but by chance, and that chance is in the variance between people. To it comes how much more some
    pieces gain than others (pieces − cells, never below 0), with Satterthwaite's degrees of freedom.

    Parameters
    ----------
    hits : array of bool, shape (N,)
    participants, pieces, position : array of int, shape (N,)
        Codes ≥ 0, and places in the session; equal places of one person count in the order given.

    Examples
    --------
    Everybody is right in the second half only:

    >>> people, place = np.repeat(np.arange(6), 8), np.tile(np.arange(8), 6)
    >>> found = compare_halves(place >= 4, people, (place + people) % 8, place)
    >>> found.first, found.second, found.difference
    (0.0, 1.0, 1.0)
    """
    half = half_of_each(participants, position)
    everybody = int(participants.max(initial=-1)) + 1
    answers = [np.bincount(participants[half == which], minlength=everybody) for which in (0, 1)]
    keep = (np.minimum(*answers) > 0)[participants] & (half >= 0)
    y, who, piece, half = hits[keep].astype(float), participants[keep], pieces[keep], half[keep]
    who = np.unique(who, return_inverse=True)[1]
    number = int(who.max(initial=-1)) + 1
    if number < FEWEST_PEOPLE:
        return Halves(number, int(y.size), None, None, None, None, None, None, None, TOO_FEW)
    # Answers, and below hits, shape (half, person).
    size = np.zeros((2, number))
    np.add.at(size, (half, who), 1)
    rate = np.zeros((2, number))
    np.add.at(rate, (half, who), y)
    first, second = (rate / size).mean(axis=1)
    mean = np.array([first, second])
    # Each person counts alike, whatever their number of trials.
    influence = np.where(half == 1, 1.0, -1.0) * (y - mean[half]) / size[half, who] / number
    spread = spread_of_influence(influence, who, piece)
    cell = np.unique(np.stack([who, piece]), axis=1, return_inverse=True)[1].ravel()
    cells = spread_of_influence(influence, cell, cell).variance_participants
    variance, degrees = _with_pieces(spread, cells)
    difference = float(second - first)
    plain = (number, int(y.size), float(first), float(second), difference)
    if spread.stimuli < 2 or variance < TINY:
        return Halves(*plain, None, None, None, None, ONE_PIECE if spread.stimuli < 2 else NO_SPREAD)
    error = math.sqrt(variance)
    both = _around(difference, error, degrees)
    people_alone = _around(difference, math.sqrt(spread.variance_participants), number - 1)
    p = min(1.0, 2 * t_upper_tail(abs(difference) / error, degrees))
    return Halves(*plain, both, people_alone, degrees, p, None)


def _with_pieces(spread: ClusteredVariance, cells: float) -> tuple[float, float]:
    """Variance for new people and new pieces, and Satterthwaite's degrees of freedom.

    How easy a piece is cancels, as it comes in either half: what pieces add to the variance over people is only
    that some gain more than others, pieces − cells.
    """
    people = spread.variance_participants
    pieces = max(spread.variance_stimuli - cells, 0.0)
    total = people + pieces
    uncertain = people**2 / max(spread.participants - 1, 1) + pieces**2 / max(spread.stimuli - 1, 1)
    return total, total**2 / uncertain if uncertain else 1.0


def half_of_each(participants: Codes, position: Codes | None) -> Codes:
    """Return 0 for the first half of a person's trials, 1 for the second, −1 for the middle one of an odd number.

    >>> half_of_each(np.array([0, 0, 0, 1, 1]), np.array([9, 2, 4, 1, 3])).tolist()
    [1, 0, -1, 0, 1]
    """
    place = np.zeros(participants.size, np.int64) if position is None else position
    # By person, then place, then order of the rows (the last key sorts first); `rank` is the place within one's own.
    order = np.lexsort((np.arange(place.size), place, participants))
    own = np.bincount(participants)
    start = np.cumsum(own) - own
    rank = np.empty(place.size, np.int64)
    rank[order] = np.arange(place.size) - start[participants[order]]
    number = own[participants]
    return np.where(rank < number // 2, 0, np.where(rank >= (number + 1) // 2, 1, -1))


def _around(difference: float, error: float, degrees: float) -> Interval:
    half = t_quantile((1 + LEVEL) / 2, degrees) * error
    return within(difference - half, difference + half, -1.0, 1.0)


def _tables(found: Halves) -> list[Table]:
    row = [
        "Second − first half",
        str(found.participants),
        share(found.first),
        share(found.second),
        points(found.difference),
        points_interval(found.interval),
        p_value(found.p_value),
        found.reason or "",
    ]
    header = ["", "People", "First half", "Second half", "Points", "95 % interval", "p", "Note"]
    caption = (
        "Each person's own trials, by their place in the session; learning raises the second half, fatigue lowers it."
    )
    return [Table("halves", "First and second half of a session", header, [row], caption)]


def _sentences(found: Halves) -> list[str]:
    if found.interval is None or found.p_value is None:
        return []
    p = p_value(found.p_value)
    return [
        "Within people the second half of the trials differs from the first by"
        f" {points(found.difference)} points (95 % CI {points_interval(found.interval)}, t({found.degrees:.1f}), p"
        f" {p if p.startswith('<') else f'= {p}'})."
    ]


MEASURE = Measure(
    "halves",
    "the second half of each person's trials less the first",
    Halves,
    measure_halves,
    tables=_tables,
    sentences=_sentences,
    group=Group.SENSITIVITY,
    place=30,
)
