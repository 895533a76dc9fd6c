"""How much of the answer follows the picture, and how much the music.

Four cells separate the two: music only, picture only, both matching, both mismatching. Holding one source
fixed and changing the other gives effects as differences in share. They are design-based: no model of
listeners is assumed, and emotion by emotion the same pictures (or the same music) are compared, so an
imbalance of emotions between cells cannot pass for an effect.

A picture-only answerer has a music effect of 0 up to chance, and the reverse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from survey.analysis.clustering import spread_of_influence
from survey.analysis.comparisons import MARGIN, Difference, add_tests, adjust_family
from survey.analysis.estimates import Codes, Floats, Truths
from survey.analysis.ratings.container import Ratings

TINY = 1e-12
ABSENT = -1
UNKNOWN = -3
CELL_NAMES = ("matched", "mismatched", "picture_only", "music_only")
NOT_IN_DESIGN = "not defined: it needs answers to {a} and to {b}"


@dataclass(frozen=True, slots=True)
class Cells:
    """Ratings by what was presented: codes of emotions, −1 where there is no picture or no music,
    −3 where a picture is shown and its emotion is not known.

    `clusters` are the groupings over which "new clips" may mean: items, and where known pictures and music.
    """

    picture: Codes
    music: Codes
    chosen: Codes
    participant: Codes
    stimulus: Codes
    emotions: int
    clusters: tuple[Codes, ...]

    @property
    def matched(self) -> Truths:
        """Both present, the same emotion."""
        result: Truths = (self.picture >= 0) & (self.picture == self.music)
        return result

    @property
    def mismatched(self) -> Truths:
        """Both present, different emotions; the picture's may be unknown."""
        result: Truths = (self.picture != ABSENT) & (self.music >= 0) & (self.picture != self.music)
        return result

    @property
    def mismatched_and_known(self) -> Truths:
        """Mismatched, and it is known what the picture shows."""
        return self.mismatched & (self.picture >= 0)

    @property
    def picture_only(self) -> Truths:
        """A picture without music."""
        result: Truths = (self.picture >= 0) & (self.music < 0)
        return result

    @property
    def music_only(self) -> Truths:
        """Music without a picture."""
        result: Truths = (self.music >= 0) & (self.picture == ABSENT)
        return result


def cells_of(ratings: Ratings) -> Cells | None:
    """Return what was presented in every rating, None where the ratings do not say.

    From the emotions of picture and music; without those from conditions called matched, mismatched,
    picture_only and music_only, where `intended` is the music's emotion (the picture's without music).
    """
    picture, music = _code_of(ratings, "picture"), _code_of(ratings, "music")
    if not (ratings.factors["picture"].is_used and ratings.factors["music"].is_used):
        condition = ratings.factors["condition"]
        if not set(ratings.levels("condition")) & set(CELL_NAMES):
            return None
        names = np.array(condition.levels, object)[condition.codes]
        paired = np.isin(names, ["matched", "picture_only"])
        known = picture if ratings.factors["picture"].is_used else np.where(names == "mismatched", UNKNOWN, ABSENT)
        picture = np.where(paired, ratings.intended, known)
        music = np.where(np.isin(names, ["matched", "mismatched", "music_only"]), ratings.intended, ABSENT)
    sources = [ratings.factors[name].codes for name in ("picture_id", "music_id") if ratings.factors[name].is_used]
    return Cells(
        picture,
        music,
        ratings.chosen,
        ratings.participant,
        ratings.stimulus,
        len(ratings.emotions),
        (ratings.stimulus, *sources),
    )


PRESENTATIONS = ("music_only", "matched", "mismatched", "picture_only")
"""What may be presented; the first that a study has is its primary cell."""


def presentations_of(ratings: Ratings) -> dict[str, Truths]:
    """Return the cells of a design, each with the ratings in it, shape (N,); the primary cell is the first.

    Cells are never pooled: a hit means another thing where the music is absent or belongs to another picture.
    What was presented makes a cell; where the ratings do not say it, the condition does; where there is none,
    all ratings are one cell, called ``""``.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating("P1", "S1", "picture_only", "fear", "fear"),
    ...                 Rating("P1", "S2", "music_only", "fear", "awe")])
    >>> {name: keep.tolist() for name, keep in presentations_of(data).items()}
    {'music_only': [False, True], 'picture_only': [True, False]}
    """
    found: dict[str, Truths] = {}
    rest = np.ones(len(ratings), bool)
    cells = cells_of(ratings)
    if cells is not None:
        for name in PRESENTATIONS:
            keep: Truths = getattr(cells, name) & rest
            if keep.any():
                found[name] = keep
                rest = rest & ~keep
    condition = ratings.factors["condition"]
    for code, level in enumerate(condition.levels):
        keep = rest & (condition.codes == code)
        if keep.any():
            found[level] = keep
    return found or {"": rest}


def _code_of(ratings: Ratings, name: str) -> Codes:
    factor = ratings.factors[name]
    place = {emotion: code for code, emotion in enumerate(ratings.emotions)}
    lookup = np.array([place.get(level, ABSENT) for level in factor.levels] or [ABSENT], np.int64)
    result: Codes = lookup[factor.codes]
    return result


def measure_picture_and_music(ratings: Ratings, margin: float = MARGIN) -> dict[str, dict[str, Any]]:
    """Return the effects of picture and music.

    Parameters
    ----------
    ratings : Ratings
    margin : float
        For equivalence and power; fixed in the plan.

    Returns
    -------
    dict
        - ``music``: share choosing the picture's emotion, matching − mismatching music (same pictures).
        - ``picture``: share choosing the music's emotion, matching − mismatching picture (same music).
        - ``dominance``: in mismatched pairs, share choosing the music's − the picture's emotion.
        - ``music_added``: share choosing the emotion, matched − picture only.
        - ``picture_added``: share choosing the emotion, matched − music only.

        Holm's p values span the five. Empty where the ratings do not say what the pictures show.

    Examples
    --------
    A picture-only answerer:

    >>> from survey.analysis.ratings import Rating, collect
    >>> pairs = [("fear", "fear"), ("awe", "awe"), ("fear", "awe"), ("awe", "fear")]
    >>> data = collect([Rating(f"P{p}", f"S{i}", "", music, picture, picture=picture, music=music)
    ...                 for p in range(5) for i, (picture, music) in enumerate(pairs)])
    >>> found = measure_picture_and_music(data)
    >>> found["music"]["difference"], found["picture"]["difference"], found["dominance"]["difference"]
    (0.0, 1.0, -1.0)
    """
    cells = cells_of(ratings)
    if cells is None:
        return {}
    effects = {
        "music": (
            "music: picture's emotion chosen, matching − other music",
            _contrast(cells, cells.picture, cells.matched, cells.mismatched_and_known, "matched", "mismatched"),
        ),
        "picture": (
            "picture: music's emotion chosen, matching − other picture",
            _contrast(cells, cells.music, cells.matched, cells.mismatched, "matched", "mismatched"),
        ),
        "dominance": ("mismatched: music's − picture's emotion chosen", _dominance(cells)),
        "music_added": (
            "music added to the picture: matched − picture only",
            _contrast(cells, cells.picture, cells.matched, cells.picture_only, "matched", "picture only"),
        ),
        "picture_added": (
            "picture added to the music: matched − music only",
            _contrast(cells, cells.music, cells.matched, cells.music_only, "matched", "music only"),
        ),
    }
    family = adjust_family([found.with_margin(margin) for _, found in effects.values()])
    return {
        name: {"label": label, **found.as_json()}
        for (name, (label, _)), found in zip(effects.items(), family, strict=True)
    }


def _contrast(cells: Cells, target: Codes, in_a: Truths, in_b: Truths, a: str, b: str) -> Difference:
    """Share choosing the target emotion, a − b, emotion by emotion, weighted by harmonic size."""
    y = (cells.chosen == target).astype(float)
    size_a, size_b = (np.bincount(target[keep], minlength=cells.emotions) for keep in (in_a, in_b))
    weights = size_a * size_b / np.maximum(size_a + size_b, 1)
    n_a, n_b = int(in_a.sum()), int(in_b.sum())
    if not weights.any():
        return Difference(a, b, n_a, n_b, reason=NOT_IN_DESIGN.format(a=a, b=b))
    weights = weights / weights.sum()
    influence, inflated = np.zeros(y.size), np.zeros(y.size)
    shares = []
    for keep, size, sign in ((in_a, size_a, 1.0), (in_b, size_b, -1.0)):
        aim = target[keep]
        means = np.bincount(aim, weights=y[keep], minlength=cells.emotions) / np.maximum(size, 1)
        shares.append(float(weights @ means))
        scale = sign * weights[aim] / np.maximum(size[aim], 1)
        influence[keep] = scale * (y[keep] - means[aim])
        centre, factor = _between_clips(cells.stimulus[keep], aim, means, shares[-1])
        inflated[keep] = scale * (y[keep] - centre[aim]) * factor[aim]
    plain = Difference(a, b, n_a, n_b, shares[0], shares[1], shares[0] - shares[1])
    used = (in_a | in_b) & (weights[np.maximum(target, 0)] > 0)
    return _with_spread(cells, plain, influence, inflated, used)


def _between_clips(stimulus: Codes, aim: Codes, means: Floats, share: float) -> tuple[Floats, Floats]:
    """Centre and factor per emotion, so that few clips of an emotion do not look alike by construction.

    With s clips of an emotion the spread between them is too small by (s − 1)/s; with one clip there is
    none, and the spread around the overall share stands in (a collapsed stratum).
    """
    pairs = np.unique(np.stack([aim, stimulus]), axis=1)[0]
    clips = np.bincount(pairs, minlength=means.size)
    centre = np.where(clips > 1, means, share)
    factor = np.sqrt(np.where(clips > 1, clips / np.maximum(clips - 1, 1), 1.0))
    return centre, factor


def _dominance(cells: Cells) -> Difference:
    keep = cells.mismatched_and_known
    n = int(keep.sum())
    if n == 0:
        return Difference("music", "picture", reason="not defined: there are no answers to mismatched pairs")
    by_music = (cells.chosen == cells.music)[keep].astype(float)
    by_picture = (cells.chosen == cells.picture)[keep].astype(float)
    y = by_music - by_picture
    plain = Difference("music", "picture", n, n, float(by_music.mean()), float(by_picture.mean()), float(y.mean()))
    influence = np.zeros(keep.size)
    influence[keep] = (y - y.mean()) / n
    return _with_spread(cells, plain, influence, influence, keep)


def _with_spread(cells: Cells, plain: Difference, influence: Floats, inflated: Floats, keep: Truths) -> Difference:
    """Tests from the largest variance over people × (items, pictures, music)."""
    people = cells.participant[keep]
    variance, degrees = 0.0, math.inf
    for clusters in cells.clusters:
        within_clips = spread_of_influence(influence[keep], people, clusters[keep])
        between = spread_of_influence(inflated[keep], people, clusters[keep])
        overlap = within_clips.variance_participants + within_clips.variance_stimuli - within_clips.variance_both
        both = within_clips.variance_participants + between.variance_stimuli - max(overlap, 0.0)
        variance = max(variance, both, within_clips.variance_both, between.variance_stimuli)
        degrees = min(degrees, within_clips.degrees)
    if degrees < 1:
        return replace(plain, reason="interval not defined: it needs at least two participants and two clips")
    if variance < TINY:
        return replace(plain, reason="interval not defined: the answers show no spread")
    return add_tests(plain, math.sqrt(variance), int(degrees))
