"""What agreement is measured among: the clips that several listeners judged, and their pairs."""

from __future__ import annotations

from survey.analysis.estimates import Counts
from survey.analysis.reported import ComparedPart

CLIP = "clip"
CLIP_AND_EMOTION = "clip and emotion asked about"
"""Where one clip was asked about with several emotions, only those asked about the same one can agree."""


def describe_compared(counts: Counts, *, asked: bool = False) -> ComparedPart:
    """Return how many units have two or more answers, and how many of their pairs of answers are the same.

    Percent agreement is a mean over units, so it may differ from `same` / `pairs`, in which a clip of many answers
    counts more.

    Parameters
    ----------
    counts : array of int, shape (S, q)
        Answers per unit and declared choice.
    asked : bool
        Whether a unit is a clip with one emotion asked about.

    Examples
    --------
    >>> import numpy as np
    >>> found = describe_compared(np.array([[3, 1], [0, 2], [1, 0]]))
    >>> found.units, found.answers, found.pairs, found.same
    (2, 6, 7, 4)
    """
    answers = counts.sum(axis=1)
    several = answers >= 2
    return ComparedPart(
        unit=CLIP_AND_EMOTION if asked else CLIP,
        units=int(several.sum()),
        answers=int(answers[several].sum()),
        pairs=int((answers * (answers - 1)).sum() // 2),
        same=int((counts * (counts - 1)).sum() // 2),
    )
