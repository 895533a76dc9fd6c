"""Old against new targets: whether clips for what listeners taught are recognised better than those before.

Both were heard by the same people, and no clip of either taught anything (which side a clip is on is fixed when a study
is published). The contrast is that of all comparisons: emotion by emotion, for new people and new clips.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from survey.analysis.comparisons import MARGIN, Difference, adjust_family, compare_shares
from survey.analysis.conditions import presentations_of
from survey.analysis.estimates import Codes
from survey.analysis.ratings.container import Ratings

OLD, NEW, NEITHER = 0, 1, -1
SIDES: Final = ("old", "new")
"""Names of the sides, by their codes."""
NAMES: Final = ("old targets", "new targets")


def side_codes(ratings: Ratings) -> Codes:
    """Return the side of every rating's clip, shape (N,): 0 old, 1 new, −1 neither.

    >>> from dataclasses import replace
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating("P1", name, "", "fear", "fear") for name in ("S1", "S2", "S3")])
    >>> side_codes(replace(data, sides={"S1": "new", "S3": "old"})).tolist()
    [1, -1, 0]
    """
    codes = {name: code for code, name in enumerate(SIDES)}
    of_clip = [codes.get(ratings.sides.get(name, ""), NEITHER) for name in ratings.stimuli] or [NEITHER]
    result: Codes = np.array(of_clip, np.int64)[ratings.stimulus]
    return result


def compare_targets(ratings: Ratings, margin: float = MARGIN) -> Difference:
    """Return the share that hit the intended emotion, clips for new targets − clips for old ones.

    Emotion by emotion, and where clips are heard in several cells cell by cell, then averaged with equal weights: only
    what was heard of both sides is compared. Interval and test are those of `compare_shares`, for new people and new
    clips. Answers to clips on neither side, or without an intended emotion, count nowhere; where a side has no answers
    there is no difference, and where it has fewer than four clips no interval, each with its reason.

    Parameters
    ----------
    ratings : Ratings
        Main trials, with `sides` of their clips.
    margin : float
        For equivalence and power, as a share; fixed in the plan.

    Examples
    --------
    Sixteen people hear eight clips of each side; of the new ones a quarter more are recognised:

    >>> from dataclasses import replace
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(f"P{p}", f"{side}{s}", "", "fear", "fear" if (p + s) % 4 < right else "awe")
    ...                 for p in range(16) for s in range(8) for side, right in (("old", 2), ("new", 3))])
    >>> found = compare_targets(replace(data, sides={name: name[:3] for name in data.stimuli}))
    >>> found.a, found.b, found.share_a, found.share_b, found.difference, found.n_a
    ('new targets', 'old targets', 0.75, 0.5, 0.25, 128)
    >>> compare_targets(data).reason
    'not defined: new targets has no answers'
    """
    kept, sides = _compared(ratings)
    cells = presentations_of(kept)
    cell = np.zeros(len(kept), np.int64)
    for code, keep in enumerate(cells.values()):
        cell[keep] = code
    return compare_shares(
        kept.hits,
        sides == NEW,
        sides == OLD,
        kept.participant,
        kept.pieces(),
        strata=kept.intended * len(cells) + cell,
        a=NAMES[NEW],
        b=NAMES[OLD],
        margin=margin,
    )


def compare_targets_by_emotion(ratings: Ratings, margin: float = MARGIN) -> dict[str, Difference]:
    """Return `compare_targets` of every emotion heard of both sides, by its slug; Holm's p values over all of them.

    >>> from dataclasses import replace
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(f"P{p}", f"{side}{s}", "", ("fear", "awe")[s % 2], "fear")
    ...                 for p in range(6) for s in range(8) for side in ("old", "new")])
    >>> found = compare_targets_by_emotion(replace(data, sides={name: name[:3] for name in data.stimuli}))
    >>> sorted((name, one.difference) for name, one in found.items())
    [('awe', 0.0), ('fear', 0.0)]
    """
    kept, sides = _compared(ratings)
    heard = {name: kept.intended == code for code, name in enumerate(kept.emotions)}
    both = {name: of for name, of in heard.items() if {OLD, NEW} <= set(sides[of].tolist())}
    found = [compare_targets(kept.select(of), margin) for of in both.values()]
    return dict(zip(both, adjust_family(found), strict=True))


def _compared(ratings: Ratings) -> tuple[Ratings, Codes]:
    """The answers to clips on a side that have an intended emotion, and their sides."""
    sides = side_codes(ratings)
    keep = (sides != NEITHER) & (ratings.intended >= 0)
    return ratings.select(keep), sides[keep]
