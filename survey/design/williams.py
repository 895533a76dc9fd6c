"""Orders by Latin square: Williams designs, in which every treatment follows every other equally often.

References
----------
Williams, E. J. (1949). Experimental designs balanced for the estimation of residual effects of treatments.
Australian Journal of Scientific Research A, 2, 149–168.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from survey.design.assignment import Candidate, draw_least_filled


def number_of_rows(treatments: int) -> int:
    """Return how many orders the design has: n for an even number of treatments, 2n for an odd one.

    Parameters
    ----------
    treatments : int
        How many there are, at least 1.

    Raises
    ------
    ValueError
        When there is no treatment.

    Examples
    --------
    >>> [number_of_rows(n) for n in (1, 2, 3, 4)]
    [1, 2, 6, 4]
    """
    if treatments < 1:
        raise ValueError("A Latin square needs at least one treatment.")
    return 2 * treatments if treatments % 2 and treatments > 1 else treatments


def williams_row(treatments: int, row: int) -> list[int]:
    """Return one order of the design.

    Parameters
    ----------
    treatments : int
        How many there are, at least 1; they are numbered from 0.
    row : int
        Which order, from 0; beyond `number_of_rows` the rows begin anew.

    Returns
    -------
    list of int
        Every treatment once.

    Notes
    -----
    The first row is 0, 1, n−1, 2, n−2, …: its differences modulo n are all different. Adding 1 modulo n gives
    the others. For an odd n the differences come in pairs, so the mirrored square is needed as well: over both
    squares everything follows everything else twice, over an even square once.

    Examples
    --------
    >>> [[place + 1 for place in williams_row(4, row)] for row in range(4)]
    [[1, 2, 4, 3], [2, 3, 1, 4], [3, 4, 2, 1], [4, 1, 3, 2]]
    >>> williams_row(3, 0), williams_row(3, 3)
    ([0, 1, 2], [2, 1, 0])
    """
    row %= number_of_rows(treatments)
    # 0, 1, n − 1, 2, n − 2, …: the steps between neighbours are all different modulo n, so that over the n rows (each
    # the first plus a constant) every treatment follows every other once. An odd n needs the mirrored rows, too.
    first = [(place + 1) // 2 if place % 2 else (treatments - place // 2) % treatments for place in range(treatments)]
    order = [(step + row) % treatments for step in first]
    return order[::-1] if row >= treatments else order


def draw_row(treatments: int, people: Mapping[int, int], rng: random.Random) -> int:
    """Return the order that a new participant gets: the one with the fewest people, random among ties.

    Parameters
    ----------
    treatments : int
        How many treatments the square has.
    people : mapping of int to int
        Row → how many people have it; missing rows have nobody.
    rng : random.Random
        Source of the tie-break.

    Examples
    --------
    >>> draw_row(2, {0: 3, 1: 2}, random.Random(0))
    1
    """
    rows = [Candidate(row, people.get(row, 0)) for row in range(number_of_rows(treatments))]
    drawn = draw_least_filled(rows, rng)
    return drawn.key if drawn else 0
