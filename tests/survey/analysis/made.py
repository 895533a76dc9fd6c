"""Ratings from arrays people × clips, for simulations that draw their own answers."""

from __future__ import annotations

import numpy as np

from survey.analysis.ratings import Factor, Ratings
from survey.analysis.ratings.container import FACTORS

NUMBERS = ("confidence", "seconds", "valence", "arousal")


def ratings_of(people, emotion, emotions, *, heard=None, chosen=None, composer=None, factors=None, **columns):
    """Every person hears every clip, or those where `heard` is true, shape (people, clips).

    `emotion` has a code per clip; `chosen` and every column of numbers have shape (people, clips), `composer` and
    `factors` (name → factor) are of the clips. Without `chosen` everybody chooses the intended emotion.
    """
    participant, clip = np.nonzero(np.ones((people, emotion.size), bool) if heard is None else heard)
    n = participant.size
    none = Factor(("",), np.zeros(n, np.int64))
    of_clips = {**(factors or {}), **({} if composer is None else {"composer": composer})}
    factors = dict.fromkeys(FACTORS, none) | {
        name: Factor(factor.levels, factor.codes[clip]) for name, factor in of_clips.items()
    }
    given = {name: np.full(n, np.nan) for name in NUMBERS}
    given |= {name: values[participant, clip] for name, values in columns.items()}
    return Ratings(
        participants=tuple(f"P{p}" for p in range(people)),
        stimuli=tuple(f"S{s}" for s in range(emotion.size)),
        emotions=emotions,
        choices=emotions,
        none=None,
        participant=participant,
        stimulus=clip,
        intended=emotion[clip],
        chosen=emotion[clip] if chosen is None else chosen[participant, clip],
        factors=factors,
        included=np.ones(n, bool),
        words=none,
        **given,
    )
