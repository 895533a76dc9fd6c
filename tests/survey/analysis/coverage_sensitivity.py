"""Coverage and error rates of the analyses of sensitivity, for the table of `coverage.py`; a generator of its own.

A study here has people of two groups who hear all clips in an order of their own, with a place in the session, and
may leave in the middle. Plain NumPy, nothing of the analysis but what is measured.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from scipy import stats

from survey.analysis.ratings import Given, left_at
from survey.analysis.sensitivity.groups import welch
from survey.analysis.sensitivity.halves import compare_halves
from survey.analysis.sensitivity.missing import count_missing
from survey.analysis.sensitivity.missing_tests import compare_missing
from tests.survey.analysis.holding import holds, rejects
from tests.survey.analysis.listeners import EMOTIONS, logistic

LEVEL, CLIP_SPREAD, PERSON_SPREAD, LEARNING, GAIN_SPREAD, CELLS = -0.5, 0.8, 0.5, 0.4, 0.3, 4
LEAVING = 0.03
"""Of every trial."""
INTERVALS = {
    "halves": "second half less first, new people and clips",
    "halves, these": "second half less first, new people, these clips",
    "halves, learning": "second half less first where people learn, new people and clips",
    "groups": "two groups of people, these clips",
    "unequal groups": "a quarter of the people and the rest, these clips",
}
TESTS = {
    "halves test": "the halves differ",
    "groups test": "two groups of people differ",
    "unequal groups test": "a quarter of the people and the rest differ",
    "cells missing": "missing answers differ between cells",
    "emotions missing": "missing answers differ between emotions",
    "any clip missing": "people leave at any clip (Holm)",
}
POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(40)


def of_one_study(generator, people, clips, seed):
    """What each interval and test did in one study: name → list of true or false."""
    found = defaultdict(list)
    halves(found, generator, people, clips, "halves", 0.0)
    halves(found, generator, people, clips, "halves, learning", LEARNING)
    groups(found, generator, people, clips, "groups", people // 2)
    if people >= 20:
        groups(found, generator, people, clips, "unequal groups", people // 4)
    missing(found, generator, people, clips)
    return found


def halves(found, generator, people, clips, name, learning):
    """Everybody is better by `learning` (logits) in the second half of an order of their own, some and somewhere more.

    The interval that speaks of these clips alone is held against the gain at these clips.
    """
    ease = LEVEL + generator.normal(0, CLIP_SPREAD, clips)
    skill = generator.normal(0, PERSON_SPREAD, people)
    gain = learning + generator.normal(0, GAIN_SPREAD, people)
    of_piece = generator.normal(0, GAIN_SPREAD, clips)
    rows = [(p, c, place) for p in range(people) for place, c in enumerate(generator.permutation(clips))]
    participant, clip, place = np.array(rows).T
    later = place >= clips // 2
    hits = generator.random(participant.size) < logistic(
        ease[clip] + skill[participant] + (gain[participant] + of_piece[clip]) * later
    )
    result = compare_halves(hits, participant, clip, place)
    if result.interval is None:
        return
    truth = gain_of(np.hypot(CLIP_SPREAD, PERSON_SPREAD), learning, gains=np.sqrt(2) * GAIN_SPREAD)
    found[name].append(holds(result.interval, truth))
    if not learning:
        own = np.mean([gain_of(PERSON_SPREAD, more, one) for one, more in zip(ease, of_piece, strict=True)])
        found["halves, these"].append(holds(result.these_clips, own))
        found["halves test"].append(rejects(result.p_value))


def gain_of(spread, learning, mean=LEVEL, gains=GAIN_SPREAD):
    """How much more is hit in the second half, over everybody who could be drawn; by quadrature."""

    def share(middle, sd):
        return logistic(middle + sd * POINTS) @ WEIGHTS / WEIGHTS.sum()

    return share(mean + learning, np.hypot(spread, gains)) - share(mean, spread)


def groups(found, generator, people, clips, name, first):
    """The first people and the others are alike."""
    ease = LEVEL + generator.normal(0, CLIP_SPREAD, clips)
    skill = generator.normal(0, PERSON_SPREAD, people)
    participant, clip = np.repeat(np.arange(people), clips), np.tile(np.arange(clips), people)
    hits = generator.random(participant.size) < logistic(ease[clip] + skill[participant])
    mine = participant < first
    difference, error, degrees = welch(hits, mine, ~mine, participant, clip)
    if error is None:
        return
    found[name].append(abs(difference) <= stats.t.ppf(0.975, degrees) * error)
    found[f"{name} test"].append(2 * stats.t.sf(abs(difference) / error, degrees) <= 0.05)


def missing(found, generator, people, clips):
    """Everybody leaves a trial with the same chance, whatever it is; some are more likely to than others."""
    leaving = LEAVING * generator.gamma(1.0, 1.0, people)
    participant, clip, place, answered = [], [], [], []
    for person in range(people):
        for at, number in enumerate(generator.permutation(clips)):
            stays = generator.random() >= leaving[person]
            participant.append(person)
            clip.append(number)
            place.append(at)
            answered.append(stays)
            if not stays:
                break
    who, which = np.array(participant), np.array(clip)
    gone = ~np.array(answered)
    for name, codes in (("cells missing", which % CELLS), ("emotions missing", which // 2 % EMOTIONS)):
        found[name].append(rejects(compare_missing(who, codes, gone).p_value))
    if gone.any():
        names = tuple(map(str, range(max(people, clips))))
        given = Given(
            names[:people],
            names[:clips],
            names[:CELLS],
            names[:EMOTIONS],
            who,
            which,
            which % CELLS,
            which // 2 % EMOTIONS,
            ~gone,
            left_at(who, np.array(place), ~gone),
        )
        found["any clip missing"].append(any(one.stands_out for one in count_missing(given).clips))
