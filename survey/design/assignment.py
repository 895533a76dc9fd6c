"""The least-filled rule, for cells of a new participant and rows of a square; leases; repeats.

The choice is made when it is needed, not in a list drawn at the start: with dropouts, a list leaves some
stimuli with half the ratings of others, the least-filled rule keeps them within one or two. Which stimulus
comes next is planned in `survey.design.balancing`.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from heapq import nsmallest
from typing import Final, NamedTuple

LEASE_ANSWER_TIMES: Final = 3.0


class Candidate(NamedTuple):
    """A stimulus that could come next.

    Parameters
    ----------
    key : int
        Identifies the stimulus.
    load : int
        Answers it has, plus live leases on it: people who have it on their screen now.
    answers : int
        Answers it has.
    weight : float
        How many answers it should have relative to others (its cell's weight). Positive.
    """

    key: int
    load: int
    answers: int = 0
    weight: float = 1.0


def draw_least_filled(
    candidates: Sequence[Candidate], rng: random.Random, preferred: Collection[int] = ()
) -> Candidate | None:
    """Return a candidate with the smallest load per weight, then the fewest answers; random among ties.

    Parameters
    ----------
    candidates : sequence of Candidate
        What this participant may still get.
    rng : random.Random
        Source of the tie-break.
    preferred : collection of int
        Keys that win a tie: what the participant's browser was told to preload, drawn at random when
        it was told.

    Returns
    -------
    Candidate or None
        None when `candidates` is empty.

    Notes
    -----
    Least filled at every trial gave 26–27 ratings per clip where random assignment gave 15–37
    (120 people, 96 clips, 24 trials each, 25 % dropping out, 30 at once). Fewest answers as the second
    criterion turns to the stimuli on which people who left still hold a lease.

    Examples
    --------
    >>> draw_least_filled([Candidate(1, 5), Candidate(2, 3), Candidate(3, 4)], random.Random(0)).key
    2
    >>> draw_least_filled([Candidate(1, 5, weight=2.0), Candidate(2, 3)], random.Random(0)).key
    1
    >>> draw_least_filled([Candidate(1, 5), Candidate(2, 5)], random.Random(0), preferred=[2]).key
    2
    """
    return next(iter(order_by_fill(candidates, rng, 1, preferred)), None)


def order_by_fill(
    candidates: Sequence[Candidate], rng: random.Random, number: int, preferred: Collection[int] = ()
) -> list[Candidate]:
    """Return the `number` least filled candidates in their order: the one to give now, then likely next ones.

    Parameters
    ----------
    candidates, rng, preferred
        As in `draw_least_filled`.
    number : int
        How many at most.

    Returns
    -------
    list of Candidate
        Least filled first, ties as in `draw_least_filled`; shorter where there are fewer candidates.

    Examples
    --------
    >>> [c.key for c in order_by_fill([Candidate(1, 5), Candidate(2, 3), Candidate(3, 4)], random.Random(0), 2)]
    [2, 3]
    """
    # A heap instead of a sort: a study may have thousands of stimuli and a page needs the first few.
    return nsmallest(
        number,
        candidates,
        key=lambda c: (c.load / c.weight, c.answers / c.weight, c.key not in preferred, rng.random()),
    )


def lease_seconds(longest: float, answers: int, seconds: float) -> float:
    """Return for how long a stimulus on somebody's screen counts as if it were answered.

    Parameters
    ----------
    longest : float
        The study's limit, in seconds.
    answers : int
        Answers the study has.
    seconds : float
        Time they took together.

    Returns
    -------
    float
        Three times the usual time of an answer, at most `longest`; `longest` while there are no answers.

    Notes
    -----
    In a simulation of 120 people with 96 clips, 24 trials each, 25 % dropping out and 30 at once, the
    ratings per clip differed by 2 to 4 with leases that outlast the study, and by 1 (2 in 2 of 60 runs)
    with this rule: the place of somebody who left is soon given to another.

    Examples
    --------
    >>> lease_seconds(900.0, 10, 400.0)
    120.0
    >>> lease_seconds(900.0, 0, 0.0)
    900.0
    """
    if answers <= 0:
        return longest
    return min(longest, LEASE_ANSWER_TIMES * seconds / answers)


def draw_repeat(
    earlier: Sequence[int],
    repeated: Collection[int],
    distance: int,
    rng: random.Random,
    alike: Collection[int] = (),
) -> int | None:
    """Return an earlier stimulus to present once more, for self-consistency.

    Parameters
    ----------
    earlier : sequence of int
        Keys of the main stimuli this participant has answered, oldest first.
    repeated : collection of int
        Keys already repeated; none is repeated twice.
    distance : int
        How many trials should lie between the two presentations. Where no stimulus is that old, the
        oldest one is taken.
    rng : random.Random
        Source of the draw.
    alike : collection of int
        Keys about the picture that came last: repeated only where nothing else can be.

    Returns
    -------
    int or None
        None when nothing can be repeated.

    Examples
    --------
    >>> draw_repeat([7, 8, 9], [], 2, random.Random(1))
    7
    >>> draw_repeat([], [], 2, random.Random(1)) is None
    True
    >>> draw_repeat([7, 8, 9], [], 2, random.Random(1), alike=[7])
    8
    """
    fresh = [key for key in earlier if key not in repeated]
    fresh = [key for key in fresh if key not in alike] or fresh
    if not fresh:
        return None
    # Where a session is too short for the distance, the oldest is as far away as it can be.
    old_enough = [key for key in earlier[: max(len(earlier) - distance, 0)] if key in fresh]
    return rng.choice(old_enough) if old_enough else fresh[0]


def draw_cell(started: Sequence[tuple[int, int, float]], rng: random.Random) -> int:
    """Return the cell of a between-participants design that a new participant gets.

    Parameters
    ----------
    started : sequence of (cell, people, weight)
        How many people each cell has; `weight` as in `Candidate`.
    rng : random.Random
        Source of the tie-break.

    Raises
    ------
    ValueError
        When there is no cell.

    Examples
    --------
    >>> draw_cell([(1, 4, 1.0), (2, 3, 1.0)], random.Random(0))
    2
    """
    drawn = draw_least_filled([Candidate(cell, people, weight=weight) for cell, people, weight in started], rng)
    if drawn is None:
        raise ValueError("A between-participants design needs at least one cell.")
    return drawn.key
