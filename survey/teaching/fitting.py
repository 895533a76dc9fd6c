"""Fitting what listeners go by: from the table's expectation to what the answers give reason for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from threadpoolctl import threadpool_limits

from survey.teaching.answers import Answers
from survey.teaching.arrays import Floats, as_floats, softmax
from survey.teaching.heard import Heard, information
from survey.teaching.prior import Prior
from survey.teaching.scale import Scale

FREEDOMS: Final = (0.01, 0.03, 0.06, 0.1, 0.17, 0.3, 0.5)
"""Standard deviations of single weights about the table's, per width, that the evidence chooses from: all emotions and
attributes share one, so that few answers leave all near the table."""
BIAS: Final = 1.0
"""Prior standard deviation of how readily a choice is given, in nats."""
STUDY_BIAS: Final = 0.5
"""The same of a study's own deviation from it, where there are several."""
MOST_STEPS: Final = 60
AT_ONCE: Final = 4096
"""Of so many answers the scores are held at a time: those of a hundred studies would take gigabytes."""
CLOSE: Final = 1e-8
"""Newton's steps end where they gain less than this share of a nat per answer."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Clips with answers, in widths. `design` (K, S) marks studies where there are several, else (K, 0)."""

    z: Floats
    counts: Floats
    design: Floats

    @property
    def inputs(self) -> Floats:
        """1, attributes, study, shape (K, 1 + A + S)."""
        return np.concatenate([np.ones((len(self.z), 1)), self.z, self.design], axis=1)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Coefficients (C, 1 + A + S), the curvature of the whole, and its evidence in nats."""

    coefficients: Floats
    curvature: Floats
    evidence: float


def fit(answers: Answers, prior: Prior, scale: Scale) -> Heard:
    """Return the listener that the answers and the table make most probable.

    The logit of choice c for a clip z (in widths) is a_c + b_sc + (τ d_c + e_c) · z: d is the discriminant of the
    present table (`Prior.discriminate`), τ how sharply people hear it (normal about `Prior.sureness`, its standard
    deviation as large), e single deviations (normal about 0; one standard deviation for all of `FREEDOMS`, by the
    evidence), a how readily a choice is given and b how that differs from study to study. Answers count as if there
    were fewer of them, by the design effect over people and clips.

    Parameters
    ----------
    answers : Answers
        Clips with a NaN are left out; there may be no answers: then the table's expectation comes back.
    prior : Prior
    scale : Scale

    Raises
    ------
    ValueError
        Where attributes of answers, prior and scale are not as many, or choices do not fit the emotions.

    References
    ----------
    MacKay (1992), Neural Computation 4, 415–447 (evidence); Gelman et al. (2013), Bayesian Data Analysis, chapters 5
    and 13 (partial pooling, Laplace); Rao & Scott (1981), JASA 76, 221–230 (design effect).

    Examples
    --------
    Eighty people say the first emotion to fast clips and the second to slow ones; the table has it the other way:

    >>> prior = Prior(np.array([[90.0], [110.0]]), np.array([[400.0]]))
    >>> tempi = np.array([[70.0], [80.0], [120.0], [130.0]])
    >>> told = Answers(tempi, np.array([[5, 75], [10, 70], [70, 10], [75, 5]]), np.zeros(4, int))
    >>> heard = fit(told, prior, Scale(("tempo",), [100.0], [20.0]))
    >>> bool(heard.probabilities(np.array([[130.0]]))[0, 0] > 0.8), heard.tells
    (True, True)
    """
    if not answers.attributes.shape[1] == prior.targets.shape[1] == len(scale.names):
        raise ValueError("Answers, prior and scale must have the same attributes.")
    with threadpool_limits(1, user_api="blas"):  # small matrices: more threads take far longer
        return _fit(answers, prior, scale)


def _fit(answers: Answers, prior: Prior, scale: Scale) -> Heard:
    measured = answers.of_measured()
    choices = measured.chosen.shape[1]
    table = _tabulate(measured, scale)
    intercepts, weights = prior.discriminate(scale, choices)
    expected = np.concatenate([intercepts[:, None], weights], axis=1)
    effect, best, freedom = 1.0, None, FREEDOMS[0]
    for _ in range(2):  # the design effect needs a fit, and the fit the design effect
        thinned = replace(table, counts=table.counts / effect)
        tried = {one: _fit_with(thinned, _Belief.of(expected, prior.sureness, one, table)) for one in FREEDOMS}
        freedom = max(tried, key=lambda one: tried[one].evidence)
        best = tried[freedom]
        found = _design_effect(measured, table, best)
        if found <= effect:
            break
        effect = found
    assert best is not None
    thinned = replace(table, counts=table.counts / effect)
    belief = _Belief.of(expected, prior.sureness, freedom, table)
    best = _fit_with(thinned, belief)
    nothing = _fit_with(replace(thinned, z=thinned.z[:, :0]), _Belief.of(expected[:, :1] * 0.0, 1e-6, BIAS, table))
    terms = expected.shape[1]
    inside = (np.arange(choices)[:, None] * best.coefficients.shape[1] + np.arange(terms)).ravel()
    covariance = np.linalg.inv(best.curvature)[np.ix_(inside, inside)]
    return Heard(
        scale=scale,
        mean=best.coefficients[:, :terms].copy(),
        covariance=(covariance + covariance.T) / 2.0,
        answers=int(measured.chosen.sum()),
        clips=int(np.unique(measured.pieces[measured.chosen.sum(axis=1) > 0]).size),
        people=0 if measured.person is None else int(np.unique(measured.person).size),
        left_out=len(answers.attributes) - len(measured.attributes),
        design_effect=effect,
        evidence=best.evidence - nothing.evidence,
        sureness=_project(best.coefficients[:, 1:terms], weights),
        freedom=freedom,
    )


def _tabulate(answers: Answers, scale: Scale) -> _Table:
    studies = np.unique(answers.study)
    several = (answers.study[:, None] == studies).astype(np.float64)
    if studies.size < 2:
        several = several[:, :0]
    return _Table(scale.to_z(answers.attributes), answers.chosen.astype(np.float64), several)


def _project(weights: Floats, discriminant: Floats) -> float:
    """Multiple of the discriminant that lies nearest to the weights."""
    length = float((discriminant * discriminant).sum())
    return float((weights * discriminant).sum() / length) if length else 0.0


@dataclass(frozen=True, slots=True)
class _Belief:
    """A normal prior of all coefficients, flat: mean (P,), precision (P, P), and ½ log |precision|."""

    mean: Floats
    precision: Floats
    half_log: float

    @classmethod
    def of(cls, expected: Floats, sureness: float, freedom: float, table: _Table) -> _Belief:
        choices, terms = expected.shape
        studies = table.design.shape[1]
        spread = np.concatenate([[BIAS], np.full(terms - 1, freedom), np.full(studies, STUDY_BIAS)])
        own = np.tile(spread**2, choices)
        along = np.concatenate([expected, np.zeros((choices, studies))], axis=1).ravel()
        covariance = np.diag(own) + (sureness * along)[:, None] * (sureness * along)
        precision = np.linalg.inv(covariance)
        return cls(sureness * along, (precision + precision.T) / 2.0, -0.5 * float(np.linalg.slogdet(covariance)[1]))


def _fit_with(table: _Table, belief: _Belief) -> _Fitted:
    """Newton's method with halved steps; the whole is concave."""
    inputs, counts = table.inputs, table.counts
    choices = counts.shape[1]
    totals = counts.sum(axis=1)
    place = belief.mean.copy()

    def judge(at: Floats) -> tuple[float, Floats]:
        scores = inputs @ at.reshape(choices, -1).T
        largest = scores.max(axis=1, keepdims=True) if len(scores) else scores
        logs = scores - largest - np.log(np.exp(scores - largest).sum(axis=1, keepdims=True))
        away = at - belief.mean
        return float((counts * logs).sum() - 0.5 * away @ belief.precision @ away), np.exp(logs)

    value, shares = judge(place)
    curvature = belief.precision
    for _ in range(MOST_STEPS):
        slope = ((counts - totals[:, None] * shares).T @ inputs).ravel() - belief.precision @ (place - belief.mean)
        curvature = belief.precision + information(shares, inputs[:, 1:], totals)
        step = cho_solve(cho_factor(curvature), slope)
        reach = 1.0
        while (judged := judge(place + reach * step))[0] < value and reach > 1e-6:
            reach /= 2.0
        gained = judged[0] - value
        if gained <= 0.0:
            break
        place = place + reach * step
        value, shares = judged
        if gained < CLOSE * max(float(totals.sum()), 1.0):
            break
    curvature = belief.precision + information(shares, inputs[:, 1:], totals)
    # Laplace: log posterior at its top, the prior's constant, and the width of the top.
    evidence = value + belief.half_log - 0.5 * float(np.linalg.slogdet(curvature)[1])
    return _Fitted(place.reshape(choices, -1), curvature, evidence)


def _design_effect(answers: Answers, table: _Table, fitted: _Fitted) -> float:
    """By how many times people and clips make the scores vary more than independent answers would; at least 1.

    Trace of (curvature⁻¹ × two-way clustered variance of the scores) over that of independent answers.
    """
    inputs = table.inputs
    totals = answers.chosen.sum(axis=1)
    if not totals.sum():
        return 1.0
    shares = softmax(inputs @ fitted.coefficients.T)
    inverse = as_floats(np.linalg.inv(fitted.curvature))
    pieces = answers.pieces
    clips = int(np.unique(pieces[totals > 0]).size)
    residual = answers.chosen - totals[:, None] * shares  # (K, C), summed over the answers to a clip
    by_clip = np.zeros((int(pieces.max()) + 1, len(inverse)))
    np.add.at(by_clip, pieces, (residual[:, :, None] * inputs[:, None, :]).reshape(len(inputs), len(inverse)))
    alone = information(shares, inputs[:, 1:], totals)
    expected = float((inverse * alone).sum())
    if expected <= 0.0:
        return 1.0
    # A fit follows its clips: with p parameters a choice, K clips leave K − p to tell how much they differ.
    taken = min(expected / max(fitted.coefficients.shape[0] - 1, 1), clips - 1.0)
    over_clips = _length(by_clip, inverse) * clips / max(clips - taken, 1.0)
    total = over_clips
    if answers.person is not None and answers.clip is not None and answers.choice is not None:
        people, person = np.unique(answers.person, return_inverse=True)
        by_person, independent = np.zeros((people.size, len(inverse))), 0.0
        for start in range(0, answers.choice.size, AT_ONCE):
            part = slice(start, start + AT_ONCE)
            clip, choice = answers.clip[part], answers.choice[part]
            residual = -shares[clip]
            residual[np.arange(choice.size), choice] += 1.0
            single = (residual[:, :, None] * inputs[clip][:, None, :]).reshape(choice.size, -1)
            np.add.at(by_person, person[part], single)
            independent += _length(single, inverse)
        over_people = _length(by_person, inverse)
        over_people *= people.size / max(people.size - 1, 1)
        total = max(over_clips + over_people - independent, over_clips, over_people)
    return max(1.0, float(total) / expected)


def _length(rows: Floats, metric: Floats) -> float:
    """Sum of the squared lengths of rows by a metric."""
    return float(((rows @ metric) * rows).sum())
