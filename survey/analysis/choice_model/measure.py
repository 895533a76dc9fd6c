"""The similarity-choice model of a report: biases, similarities, and confusions that go one way."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from survey.analysis.choice_model.clustered import AnswersByPiece, spread_of
from survey.analysis.choice_model.fitting import (
    ADDED,
    NotConvergedError,
    degrees_of_freedom,
    fit_asymmetries,
    fit_parameters,
    fit_quasi_symmetry,
    goodness_of_fit,
)
from survey.analysis.distributions import t_half_width, t_two_sided
from survey.analysis.estimates import ALPHA, Floats
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import Table
from survey.analysis.multiplicity import holm
from survey.analysis.ratings import Ratings
from survey.analysis.wording import decimal, decimals, equals_p, p_value

FEWEST_EMOTIONS = 3
"""Two emotions are always quasi-symmetric."""
FEWEST_PIECES = 2
"""One piece of an emotion cannot say how much its pieces differ."""
FEWEST_ANSWERS = 5.0
"""A pair is tested from so many confusions on, counted as independent ones (confusions / design effect)."""
PAIRS_SHOWN = 8
ONE_PERSON = "not defined: it needs at least two participants"
FEW_PIECES = "not defined: it needs at least two pieces of every emotion to say how much pieces differ"
NOT_FITTED = "not defined: no maximum of the likelihood was found"
FEW_ANSWERS = "not tested: too few confusions of the two"


@dataclass(frozen=True, slots=True)
class AnswerBias:
    """One answer."""

    choice: Annotated[str, "the answer"]
    bias: Annotated[float, "b: how much it is liked whatever is played; the emotions' have a geometric mean of 1"]
    interval: Annotated[tuple[float, float] | None, "for new people and new clips"]
    liked: Annotated[bool | None, "whether the interval lies above 1; `null` without interval or clips of its own"]


@dataclass(frozen=True, slots=True)
class EmotionPair:
    """Two emotions."""

    a: Annotated[str, "the one"]
    b: Annotated[str, "the other"]
    similarity: Annotated[
        float, "s: 0 never confused, 1 taken for each other as often as recognised, above 1 more often"
    ]
    interval: Annotated[tuple[float, float] | None, "for new people and new clips"]
    distance: Annotated[float, "−ln s"]
    a_as_b: Annotated[int, "answers b to clips of a"]
    b_as_a: Annotated[int, "answers a to clips of b"]
    expected_a_as_b: Annotated[
        float, "answers b to clips of a by biases and similarity alone, of all confusions of the two"
    ]
    p_value: Annotated[float | None, "whether the confusion goes one way beyond the biases; two-sided"]
    p_holm: Annotated[float | None, "corrected over the pairs tested"]
    reason: Annotated[str | None, "why it was not tested"]


@dataclass(frozen=True, slots=True)
class ChoiceModel:
    """Of the primary cell; an answer j to emotion i has the probability b_j s_ij / Σ b s."""

    n: Annotated[int, "answers"]
    empty: Annotated[int, "cells of intended × chosen without answers; ½ is added to every cell for b and s"]
    g2: Annotated[float | None, "G² of what biases and similarities leave over; takes answers as independent"]
    degrees: Annotated[int, "its degrees of freedom"]
    design_effect: Annotated[float | None, "how many times larger variances are than of independent answers"]
    biases: Annotated[tuple[AnswerBias, ...], "every answer; none where the model has no fit"]
    pairs: Annotated[tuple[EmotionPair, ...], "every two emotions that were played, the most alike first; as `biases`"]
    reason: Annotated[str | None, "why there are no intervals and no tests"]


def measure_choice_model(asked: Asked) -> ChoiceModel | None:
    """Return the model of the primary cell; None where fewer than three emotions were played to be named."""
    return fit_choice_model(asked.primary.intended_only)


def fit_choice_model(ratings: Ratings) -> ChoiceModel | None:
    """Return the similarity-choice model of ratings that all have an intended emotion.

    Intervals of ln b and ln s and the tests of single pairs respect people and pieces: variances by the slopes of
    the parameters, over people and over pieces within their emotion, pooled over all biases (all pairs) into one
    design effect; t with min(P − 1, S − k) degrees of freedom. A similarity has the larger of the pooled variance and
    its own. The test of a pair is a score test: n_ij less its expectation under quasi-symmetry, Holm over the pairs.

    Returns
    -------
    ChoiceModel, or None
        Where fewer than three emotions have answers, or a piece has several intended emotions.
    """
    pieces = ratings.pieces()
    if np.unique(ratings.intended).size < FEWEST_EMOTIONS:
        return None
    if np.unique(np.stack([pieces, ratings.intended]), axis=1).shape[1] > np.unique(pieces).size:
        return None
    played = np.unique(ratings.intended)
    # Played emotions first, so that the first k of q columns form the square table that the model is about.
    order = [*played.tolist(), *(code for code in range(ratings.k) if code not in played)]
    place = np.empty(ratings.k, np.int64)
    place[order] = np.arange(ratings.k)
    answers = AnswersByPiece.of(ratings.participant, pieces, place[ratings.intended], place[ratings.chosen], ratings.k)
    names = [ratings.choices[code] for code in order]
    table = answers.table + ADDED
    square = table[:, : played.size]
    n, empty, degrees = len(ratings), int(np.count_nonzero(answers.table == 0)), degrees_of_freedom(played.size)
    try:
        expected = fit_quasi_symmetry(square)
    except NotConvergedError:
        return ChoiceModel(n, empty, None, degrees, None, (), (), NOT_FITTED)
    reason = _why_no_intervals(answers)
    biases, similar = _with_intervals(answers, table, expected, names, not reason)
    tested, effect = _test_pairs(answers, table, expected, reason)
    return ChoiceModel(
        n=n,
        empty=empty,
        g2=goodness_of_fit(square, expected),
        degrees=degrees,
        design_effect=effect,
        biases=biases,
        pairs=_pairs(answers, expected, names, similar, tested),
        reason=reason or None,
    )


def _why_no_intervals(answers: AnswersByPiece) -> str:
    if answers.by_person.shape[0] < 2:
        return ONE_PERSON
    return FEW_PIECES if int(answers.pieces_per_emotion.min()) < FEWEST_PIECES else ""


Known = tuple[float, tuple[float, float] | None]


def _with_intervals(
    answers: AnswersByPiece, table: Floats, expected: Floats, names: list[str], defined: bool
) -> tuple[tuple[AnswerBias, ...], list[Known]]:
    """Biases and similarities."""
    q, k = len(names), answers.table.shape[0]
    of_bias, of_pairs = fit_parameters(table, expected)
    logs = np.concatenate([of_bias.values, of_pairs.values])
    errors = np.full(logs.size, np.nan)
    if defined:
        # Of the counts that the parameters rest on: two emotions that nobody confused are not known for certain.
        liked, alike = (spread_of(part.slopes, answers, table) for part in (of_bias, of_pairs))
        errors = np.sqrt(np.concatenate([liked.pooled, np.maximum(alike.pooled, alike.own)]))
    half = errors * (t_half_width(1.0, answers.degrees) if defined else 1.0)
    found: list[Known] = [
        (math.exp(log), (math.exp(log - wide), math.exp(log + wide)) if defined else None)
        for log, wide in zip(logs.tolist(), half.tolist(), strict=True)
    ]
    biases = tuple(
        AnswerBias(name, bias, interval, interval[0] > 1 if interval and place < k else None)
        for place, (name, (bias, interval)) in enumerate(zip(names, found[:q], strict=True))
    )
    return biases, found[q:]


def _test_pairs(
    answers: AnswersByPiece, table: Floats, square: Floats, reason: str
) -> tuple[list[tuple[float | None, str]], float | None]:
    """p value of each pair i < j or why there is none, and the design effect."""
    k = answers.table.shape[0]
    first, second = np.triu_indices(k, 1)
    if reason:
        return [(None, reason)] * first.size, None
    over, expected = fit_asymmetries(table, square)
    spread = spread_of(over.slopes, answers, expected)
    confusions = (answers.table[:, :k] + answers.table[:, :k].T)[first, second]
    variances, effect = spread.pooled, spread.design_effect
    tested: list[tuple[float | None, str]] = []
    for pair in range(first.size):
        if confusions[pair] / effect < FEWEST_ANSWERS or variances[pair] <= 0:
            tested.append((None, FEW_ANSWERS))
            continue
        t = float(over.values[pair]) / math.sqrt(float(variances[pair]))
        tested.append((t_two_sided(t, answers.degrees), ""))
    return tested, effect


def _pairs(
    answers: AnswersByPiece,
    expected: Floats,
    names: list[str],
    similar: list[Known],
    tested: list[tuple[float | None, str]],
) -> tuple[EmotionPair, ...]:
    k = answers.table.shape[0]
    adjusted = holm([p for p, _ in tested])
    found = []
    for pair, (i, j) in enumerate(zip(*np.triu_indices(k, 1), strict=True)):
        (similarity, interval), (p, why) = similar[pair], tested[pair]
        counts = int(answers.table[i, j]), int(answers.table[j, i])
        shown = -math.log(similarity)
        part = float(expected[i, j] / (expected[i, j] + expected[j, i]))  # of the counts with ½ added
        found.append(
            EmotionPair(
                names[i],
                names[j],
                similarity,
                interval,
                shown,
                *counts,
                part * sum(counts),
                p,
                adjusted[pair],
                why or None,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.similarity, one.a, one.b)))


def _tables(found: ChoiceModel) -> list[Table]:
    liked = {True: "liked", False: "", None: ""}
    biases = [[one.choice, decimal(one.bias, 2), decimals(one.interval, 2), liked[one.liked]] for one in found.biases]
    added = f" {found.empty} cells had no answer; ½ was added to every cell, which draws both towards 1."
    because = f" Intervals: {found.reason}." if found.reason else " Intervals: 95 %, for new people and new clips."
    pairs = [
        [
            f"{one.a} – {one.b}",
            decimal(one.similarity, 2),
            decimals(one.interval, 2),
            f"{one.a_as_b} / {one.b_as_a}",
            f"{one.expected_a_as_b:.1f} / {one.a_as_b + one.b_as_a - one.expected_a_as_b:.1f}",
            p_value(one.p_holm),
        ]
        for one in found.pairs[:PAIRS_SHOWN]
    ]
    fit = (
        f"G² = {decimal(found.g2, 1)} with {found.degrees} degrees of freedom for all confusions that go one way; as if"
        " answers were independent, so for orientation."
    )
    return [
        Table(
            "choice_bias",
            "Answers liked whatever is played",
            ["Answer", "Bias", "95 % interval", "Note"],
            biases,
            "Similarity-choice model: bias 1 is an answer as liked as the average emotion." + because + added,
        ),
        Table(
            "similarities",
            "Emotions confused, biases set aside",
            ["Emotions", "Similarity", "95 % interval", "Each as the other", "By biases alone", "p (Holm)"],
            pairs,
            "Similarity 0: never confused; 1: taken for each other as often as recognised, not to be told apart; above"
            " 1, as few answers may have it: more often. p: whether one is taken for the other more often than the"
            " reverse, beyond what biases explain.",
            notes=[fit],
        ),
    ]


def _sentences(found: ChoiceModel) -> list[str]:
    if not found.pairs:
        return [f"The similarity-choice model of {found.n} answers is {found.reason}."]
    liked = [f"{one.choice} ({decimal(one.bias, 2)}, {decimals(one.interval, 2)})" for one in found.biases if one.liked]
    said = []
    if liked:
        said.append(f"Liked as answers whatever was played (bias, 95 % interval): {', '.join(liked)}.")
    said += _most_alike(found)
    tested = [one for one in found.pairs if one.p_holm is not None]
    for one in tested:
        if one.p_holm is not None and one.p_holm < ALPHA:
            said.append(_one_way(one))
    if tested and not any(one.p_holm is not None and one.p_holm < ALPHA for one in tested):
        said.append(
            f"Of {len(tested)} pairs tested no confusion was found to go one way beyond the biases, which does not show"
            " that none does."
        )
    return said


def _most_alike(found: ChoiceModel) -> list[str]:
    """The largest similarity of those that rest on more than a few confusions and have an interval; no rank."""
    known = [one for one in found.pairs if one.interval and one.a_as_b + one.b_as_a >= FEWEST_ANSWERS]
    return [
        f"Biases set aside, the similarity of {one.a} and {one.b} was estimated largest ({decimal(one.similarity, 2)},"
        f" 95 % interval {decimals(one.interval, 2)}, {one.a_as_b + one.b_as_a} confusions; the order is not tested)."
        for one in known[:1]
    ]


def _one_way(one: EmotionPair) -> str:
    a, b, seen, expected = one.a, one.b, one.a_as_b, one.expected_a_as_b
    if seen < expected:
        a, b, expected, seen = one.b, one.a, one.a_as_b + one.b_as_a - expected, one.b_as_a
    return (
        f"{a} was taken for {b} more often than biases and a similarity both ways explain ({seen} times, {expected:.1f}"
        f" expected; Holm-corrected {equals_p(one.p_holm)})."
    )


MEASURE = Measure(
    "choice_model",
    "similarity-choice model: answers liked whatever is played, emotions confused, confusions that go one way",
    ChoiceModel,
    measure_choice_model,
    tables=_tables,
    sentences=_sentences,
    group=Group.RECOGNITION,
    place=30,
)
