"""Which groups of answers are compared: every pair of a factor's levels, and no more than can be read."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import Any

from survey.analysis.comparisons import MARGIN, Difference, compare_levels
from survey.analysis.ratings.container import Ratings
from survey.analysis.reported import DifferencePart

MOST_COMPARISONS = 100
"""Pairs of one factor: fourteen levels have 91."""


def compare_factors(
    families: Sequence[tuple[str, Ratings]], margin: float = MARGIN, most: int = MOST_COMPARISONS
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return every pairwise difference of each factor, Holm within the factor, and what was not compared.

    Parameters
    ----------
    families : sequence of (str, Ratings)
        Each factor with the answers in which its levels are compared.
    margin : float
        For equivalence and power; fixed in the plan.
    most : int
        A factor with more pairs is left out as a whole: a part of its family would have too small p values.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(f"P{p}", f"{c}{s}", c, "fear", "fear" if (p + s) % 3 or c == "x" else "awe")
    ...                 for p in range(6) for s in range(4) for c in "xyz"])
    >>> [(found["a"], found["b"]) for found in compare_factors([("condition", data)])[0]]
    [('x', 'y'), ('x', 'z'), ('y', 'z')]
    >>> compare_factors([("condition", data)], most=2)[1][0][:73]
    'condition has 3 levels, 3 pairs of them: more than 2, so none was compare'
    """
    found: list[dict[str, Any]] = []
    notes = []
    for factor, ratings in families:
        levels = len(ratings.levels(factor))
        if comb(levels, 2) > most:
            notes.append(
                f"{factor} has {levels} levels, {comb(levels, 2)} pairs of them: more than {most}, so none was"
                " compared. Join levels, or ask for more comparisons."
            )
            continue
        pairs = compare_levels(ratings, factor, margin)
        found += [{"factor": factor, **pair.as_json(), **_named(pair, ratings.emotions)} for pair in pairs]
    return found, notes


def _named(pair: Difference, emotions: Sequence[str]) -> dict[str, list[str]]:
    return {
        "emotions": [emotions[code] for code in pair.shared],
        "emotions_left_out": [emotions[code] for code in pair.left_out],
    }


def say_what_means_rest_on(comparison: DifferencePart) -> str:
    """Return how many answers, and which emotions, the two means of a comparison are of.

    >>> said = DifferencePart(n_a=60, n_b=58, emotions=["joy", "fear"], emotions_left_out=["awe"])
    >>> say_what_means_rest_on(said)
    '60 and 58, joy, fear; not awe'
    >>> say_what_means_rest_on(DifferencePart())
    ''
    """
    if not comparison.emotions:
        return ""
    rest = f"; not {', '.join(comparison.emotions_left_out)}" if comparison.emotions_left_out else ""
    return f"{comparison.n_a} and {comparison.n_b}, {', '.join(comparison.emotions)}{rest}"


def name_pair(comparison: DifferencePart) -> str:
    """Return what is compared, with the factor where it is none of the design's own.

    >>> name_pair(DifferencePart(factor="country", a="DE", b="FR"))
    'country: DE − FR'
    >>> name_pair(DifferencePart(factor="composer", a="x", b="y"))
    'x − y'
    """
    pair = f"{comparison.a} − {comparison.b}"
    return pair if comparison.factor in ("condition", "composer") else f"{comparison.factor}: {pair}"
