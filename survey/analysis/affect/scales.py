"""Ratings of valence and arousal: where clips and emotions lie for listeners, beside where they were meant to lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from generation.emotions import SLUGS
from survey.analysis.accuracy import ONE_PARTICIPANT, TINY
from survey.analysis.affect.reliability import Reliability, measure_reliability
from survey.analysis.affect.spread import mean_of, spread_of_means
from survey.analysis.distributions import normal_quantile, t_half_width
from survey.analysis.estimates import LEVEL, NO_ANSWERS, Codes, Floats, Interval, join_reasons, number, within
from survey.analysis.folds import coordinates
from survey.analysis.pooling import ONE_CLIP_EACH
from survey.analysis.ratings.container import Ratings

LEAST, MOST = -1.0, 1.0
"""Ends of both scales: the sliders' and the emotions' coordinates' own, so that nothing has to be mapped."""
ENDS = {"valence": "−1 unpleasant, 1 pleasant", "arousal": "−1 calm, 1 activated"}
"""The same in words, of ratings after a clip and while it plays."""
FEWEST_CLIPS = 4
"""Fewer clips give no correlation: Fisher's interval rests on clips − 3."""
ALIKE = "not defined: all ratings are the same"
NO_SPREAD = "not defined: people do not differ in these ratings"
ONE_INTENTION = "not defined: all clips were meant to lie at one place"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a clip or an emotion lies on one scale."""

    name: Annotated[str, "the clip or the emotion"]
    emotion: Annotated[str | None, "the intended emotion"]
    n: Annotated[int, "ratings"]
    participants: Annotated[int, "people who gave them"]
    clips: Annotated[int, "pieces that were rated"]
    mean: Annotated[float | None, "of the ratings"] = None
    median: Annotated[float | None, "of the ratings"] = None
    sd: Annotated[float | None, "their standard deviation"] = None
    these_clips: Annotated[Interval | None, "of the mean, for new people hearing these clips"] = None
    new_clips: Annotated[Interval | None, "of the mean, for new people and new clips of the emotion"] = None
    intended: Annotated[float | None, "the emotion's own coordinate, on the same scale"] = None
    reason: Annotated[str | None, "why something is `null`"] = None


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's r over pieces between the mean rating and the intended coordinate, with Fisher's interval."""

    estimate: Annotated[float | None, "Pearson's r"]
    interval: Annotated[Interval | None, "for new clips (Fisher)"] = None
    clips: Annotated[int, "pieces with ratings and an intended coordinate"] = 0
    reason: Annotated[str | None, "why something is `null`"] = None


@dataclass(frozen=True, slots=True)
class ScaleRatings:
    """Everything about one scale, valence or arousal."""

    n: Annotated[int, "ratings"]
    participants: Annotated[int, "people who gave them"]
    emotions: Annotated[tuple[Placed, ...], "every emotion that can be intended"]
    clips: Annotated[tuple[Placed, ...], "every clip with ratings"]
    correlation: Annotated[Correlation, "of mean ratings with intended coordinates, over pieces"]
    reliability: Annotated[Reliability, "how well ratings tell pieces apart"]


def measure_scale(ratings: Ratings, scale: str) -> ScaleRatings | None:
    """Return what the ratings on one scale say; None where nobody rated.

    Parameters
    ----------
    ratings : Ratings
        Of one cell of the design.
    scale : {"valence", "arousal"}

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(p, "S1", "", "fear", "fear", valence=v) for p, v in (("A", -0.5), ("B", -0.7))])
    >>> found = measure_scale(data, "valence")
    >>> [(e.name, round(e.mean, 2), e.intended) for e in found.emotions if e.n], found.clips[0].n
    ([('fear', -0.6, -0.7)], 2)
    >>> measure_scale(data, "arousal") is None
    True
    """
    values: Floats = getattr(ratings, scale)
    given = ~np.isnan(values)
    if not given.any():
        return None
    rated, values = ratings.select(given), values[given]
    pieces: Codes = np.unique(rated.pieces(), return_inverse=True)[1]
    known = rated.intended >= 0
    own = _own_coordinates(ratings.emotions, scale)
    return ScaleRatings(
        n=len(rated),
        participants=int(np.unique(rated.participant).size),
        emotions=_place_emotions(rated.select(known), values[known], pieces[known], own),
        clips=_place_clips(rated, values, own),
        correlation=correlate(mean_of(values, pieces), own[_emotion_of(pieces, rated.intended)]),
        reliability=measure_reliability(values, rated.participant, pieces),
    )


def _own_coordinates(emotions: Sequence[str], scale: str) -> Floats:
    """Coordinate of every emotion, NaN where it has none; one more NaN at the end, for no intention."""
    axis = ("valence", "arousal").index(scale)
    known = [coordinates([slug])[0, axis] if slug in SLUGS else np.nan for slug in emotions]
    return np.array([*known, np.nan])


def _emotion_of(pieces: Codes, intended: Codes) -> Codes:
    """The intended emotion of every piece; −1 where it has none, or more than one."""
    first = np.full(int(pieces.max()) + 1, -1, np.int64)
    first[pieces] = intended
    # Whichever answer was written last stands there; a piece with any other answer's intention has more than one.
    first[pieces[first[pieces] != intended]] = -1
    return first


def correlate(rated: Floats, intended: Floats, level: float = LEVEL) -> Correlation:
    """Return Pearson's correlation of clips' mean ratings with the intended coordinates, with Fisher's interval.

    Parameters
    ----------
    rated, intended : array of float, shape (clips,)
        Clips whose intended coordinate is NaN are left out.

    References
    ----------
    Fisher (1921), Metron 1, 3–32.

    Examples
    --------
    >>> found = correlate(np.array([0.1, 0.4, 0.5, 0.9, 0.8]), np.array([0.0, 0.3, 0.4, 0.7, 0.9]))
    >>> round(found.estimate, 3), [round(end, 3) for end in found.interval]
    (0.951, [0.424, 0.997])
    """
    keep = ~np.isnan(intended)
    rated, intended, clips = rated[keep], intended[keep], int(keep.sum())
    if clips < FEWEST_CLIPS:
        return Correlation(None, None, clips, f"not defined: fewer than {FEWEST_CLIPS} clips with an intended place")
    if np.ptp(intended) == 0:
        return Correlation(None, None, clips, ONE_INTENTION)
    if np.ptp(rated) == 0:
        return Correlation(None, None, clips, ALIKE)
    r = float(np.clip(np.corrcoef(rated, intended)[0, 1], -1.0, 1.0))
    if abs(r) > 1 - 1e-12:
        return Correlation(r, None, clips, "interval not defined: the clips lie on a straight line")
    # Fisher's z = artanh r has a standard error of about 1/√(n − 3).
    half = normal_quantile((1 + level) / 2) / math.sqrt(clips - 3)
    return Correlation(r, (math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)), clips)


def _place_clips(rated: Ratings, values: Floats, own: Floats) -> tuple[Placed, ...]:
    """Every clip with ratings, in the ratings' order of names; everybody rated it once: t(n − 1)."""
    emotion = rated.intended_of_stimuli()
    order = np.argsort(rated.stimulus, kind="stable")
    found = []
    for part in np.split(order, np.flatnonzero(np.diff(rated.stimulus[order])) + 1):
        stimulus = int(rated.stimulus[part[0]])
        code, own_values = int(emotion[stimulus]), values[part]
        people = int(np.unique(rated.participant[part]).size)
        # Summed per person: somebody who rated the clip twice is one person.
        sums = np.bincount(np.unique(rated.participant[part], return_inverse=True)[1], own_values - own_values.mean())
        variance = float(sums @ sums) / part.size**2 * people / max(people - 1, 1)
        interval, why = _interval(float(own_values.mean()), variance, people - 1)
        found.append(
            Placed(
                name=rated.stimuli[stimulus],
                emotion=rated.emotions[code] if code >= 0 else None,
                n=int(part.size),
                participants=people,
                clips=1,
                mean=float(own_values.mean()),
                median=float(np.median(own_values)),
                sd=float(own_values.std(ddof=1)) if part.size > 1 else None,
                these_clips=interval,
                intended=number(own[code]),
                reason=why or None,
            )
        )
    return tuple(found)


def _interval(mean: float, variance: float, degrees: float) -> tuple[Interval | None, str]:
    if degrees < 1:
        return None, ONE_PARTICIPANT
    if variance < TINY:
        return None, NO_SPREAD
    half = t_half_width(math.sqrt(variance), degrees)
    return within(mean - half, mean + half, LEAST, MOST), ""


def _place_emotions(rated: Ratings, values: Floats, pieces: Codes, own: Floats) -> tuple[Placed, ...]:
    """Every emotion that can be intended."""
    number_of = len(rated.emotions)
    spread = spread_of_means(values, rated.participant, pieces, rated.intended, number_of)
    found = []
    for code, name in enumerate(rated.emotions):
        mine = rated.intended == code
        n, clips = int(mine.sum()), int(np.unique(pieces[mine]).size)
        if n == 0:
            found.append(Placed(name, name, 0, 0, 0, intended=number(own[code]), reason=NO_ANSWERS))
            continue
        people = int(np.unique(rated.participant[mine]).size)
        mean = float(values[mine].mean())
        these, why = _interval(mean, spread.these_clips[code], people - 1)
        reasons = {"these": why} if why else {}
        new, why = None, ONE_CLIP_EACH
        if spread.between is not None:
            new, why = _interval(mean, spread.new_clips[code], spread.degrees[code])
        found.append(
            Placed(
                name=name,
                emotion=name,
                n=n,
                participants=people,
                clips=clips,
                mean=mean,
                median=float(np.median(values[mine])),
                sd=float(values[mine].std(ddof=1)) if n > 1 else None,
                these_clips=these,
                new_clips=new,
                intended=number(own[code]),
                reason=join_reasons(reasons | ({"new": why} if why else {})),
            )
        )
    return tuple(found)
