"""What a running study tells about the spread of people and clips, for planning the rest of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.clustering import share_influence
from survey.analysis.estimates import Counts
from survey.analysis.ratings.container import Ratings


@dataclass(frozen=True, slots=True)
class Spreads:
    """Hit rate and standard deviations (in share) of people and clips, with trials per person."""

    share: float
    participants: float
    clips: float
    trials: float
    n_participants: int
    n_clips: int


def estimate_spreads(ratings: Ratings) -> Spreads | None:
    """Return the spreads estimated from the answers so far, None with fewer than two people or clips.

    From the clustered variances less that of single answers: σp² = (Vp − Vc)/(Σ nᵢ²/N² − 1/N) with nᵢ answers of
    person i, σs² likewise over clips, at least 0. Clips of one piece count as one. Give the answers of one cell:
    between cells the difference of their hit rates would pass for a spread of clips.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(f"P{p}", f"S{s}", "", "fear", "fear" if p % 2 else "awe")
    ...                 for p in range(8) for s in range(6)])
    >>> found = estimate_spreads(data)
    >>> found.share, round(found.participants, 2), round(found.clips, 2)
    (0.5, 0.54, 0.0)
    """
    codes, piece = np.unique(ratings.pieces(), return_inverse=True)
    people, clips = np.unique(ratings.participant).size, codes.size
    if people < 2 or clips < 2:
        return None
    n = len(ratings)
    influence = share_influence(ratings.hits.astype(float))
    single = float(influence @ influence)
    by_people = float(np.sum(np.bincount(ratings.participant, weights=influence) ** 2)) * people / (people - 1)
    by_clips = float(np.sum(np.bincount(piece, weights=influence) ** 2)) * clips / (clips - 1)
    return Spreads(
        share=float(ratings.hits.mean()),
        participants=_deviation(by_people - single, np.bincount(ratings.participant)),
        clips=_deviation(by_clips - single, np.bincount(piece)),
        trials=n / people,
        n_participants=int(people),
        n_clips=int(clips),
    )


def _deviation(difference: float, answers: Counts) -> float:
    """Standard deviation of groups with so many answers each; 0 where each has one and nothing can be told apart."""
    n = int(answers.sum())
    weight = float(np.sum(answers.astype(float) ** 2)) / n**2 - 1 / n
    return float(np.sqrt(max(0.0, difference / weight))) if weight > 0 else 0.0
