"""The similarity-choice model against published tables, a known truth and a second implementation."""

import math

import msgspec
import numpy as np
import pandas as pd
import pytest

from generation.emotions import SLUGS
from survey.analysis import analyse, read_out
from survey.analysis.choice_model import fitting, measure
from survey.analysis.choice_model.fitting import (
    NotConvergedError,
    degrees_of_freedom,
    fit_quasi_symmetry,
    goodness_of_fit,
)
from survey.analysis.choice_model.measure import (
    FEW_ANSWERS,
    FEW_PIECES,
    FEWEST_ANSWERS,
    FEWEST_EMOTIONS,
    FEWEST_PIECES,
    MEASURE,
    NOT_FITTED,
    fit_choice_model,
)
from survey.analysis.ratings import Rating, collect
from survey.figures.paragraphs import results_paragraphs
from tests.survey.analysis.confusing import draw_confusions, draw_truth, one_way
from tests.survey.recomputed import choice_model as again

NONE = [*SLUGS, "none"]


def ratings_of(person, piece, intended, chosen, choices=SLUGS):
    rows = zip(person, piece, intended, chosen, strict=True)
    return collect([Rating(f"P{p}", f"S{s:02}", "", SLUGS[i], choices[c]) for p, s, i, c in rows], choices)


def drawn(people=30, pieces=24, seed=1, part=0.0):
    chances, bias, similarity = draw_truth()
    if part:
        chances = one_way(chances, 2, 3, part)
    return draw_confusions(np.random.default_rng(seed), people, pieces, chances), bias, similarity


# Agresti (2013), Categorical Data Analysis, 3rd ed., section 11.4: residence in 1980 and 1985
MIGRATION = [[11607, 100, 366, 124], [87, 13677, 515, 302], [172, 225, 17819, 270], [63, 176, 286, 10192]]
# Stuart (1953): unaided vision of 7,477 women, right × left eye
VISION = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]


@pytest.mark.parametrize(("table", "g2"), [(VISION, 7.27), (MIGRATION, 2.99)])
def test_quasi_symmetry_of_published_tables_has_the_published_g2(table, g2):
    table = np.array(table, float)
    assert round(goodness_of_fit(table, fit_quasi_symmetry(table)), 2) == g2
    assert degrees_of_freedom(4) == 3


@pytest.mark.parametrize("size", [10, 1_000, 100_000])
@pytest.mark.parametrize("k", [3, 8])
def test_nearly_perfect_answers_with_one_confusion_are_fitted_to_the_last_digit(k, size):
    """Rows, columns and pairs are reproduced where proportional fitting needs more than 100,000 rounds."""
    table = size * np.eye(k) + 0.5
    table[0, 1] += size
    fitted = fit_quasi_symmetry(table)
    for sums in (lambda t: t.sum(axis=0), lambda t: t.sum(axis=1), lambda t: t + t.T):
        assert sums(fitted) == pytest.approx(sums(table), rel=1e-9)


def test_a_fit_that_is_not_found_is_no_result_and_says_why(monkeypatch):
    monkeypatch.setattr(fitting, "MOST_ROUNDS", 2)
    with pytest.raises(NotConvergedError):
        fit_quasi_symmetry(np.array(VISION, float))
    report = analyse(ratings_of(*drawn()[0]), replicates=0)
    found = report["measures"]["choice_model"]
    assert (found["g2"], found["biases"], found["pairs"], found["reason"]) == (None, [], [], NOT_FITTED)
    assert f"is {NOT_FITTED}." in "\n".join(results_paragraphs(report))
    assert "Similarity-choice model: bias 1" not in read_out(report)


def test_quasi_symmetry_is_fitted_once(monkeypatch):
    fits = []
    monkeypatch.setattr(measure, "fit_quasi_symmetry", lambda table: fits.append(1) or fit_quasi_symmetry(table))
    fit_choice_model(ratings_of(*drawn()[0]))
    assert fits == [1]


def test_biases_and_similarities_of_a_large_study_are_the_true_ones():
    answers, bias, similarity = drawn(people=300, pieces=160)
    found = fit_choice_model(ratings_of(*answers))
    for one in found.biases:
        assert math.log(one.bias) == pytest.approx(math.log(bias[SLUGS.index(one.choice)]), abs=0.12)
    true = [similarity[SLUGS.index(pair.a), SLUGS.index(pair.b)] for pair in found.pairs]
    away = np.array([pair.similarity for pair in found.pairs]) - true
    assert np.abs(away).mean() < 0.03
    assert np.abs(away).max() < 0.1
    assert found.pairs[0].distance == pytest.approx(-math.log(found.pairs[0].similarity))


def test_every_number_is_that_of_the_second_implementation():
    (person, piece, intended, chosen), _, _ = drawn(people=14, pieces=16, part=0.6)
    chosen = np.where(np.arange(chosen.size) % 11 == 0, 8, chosen)  # some answer "none of these"
    found = MEASURE.read(plain(ratings_of(person, piece, intended, chosen, NONE)))
    frame = pd.DataFrame(
        {
            "participant": person,
            "stimulus": [f"S{s}" for s in piece],
            "audio_sha256": "",
            "picture_sha256": "",
            "intended": [SLUGS[i] for i in intended],
            "chosen": [NONE[c] for c in chosen],
        }
    )
    other = again.recompute(frame, NONE)
    for name in ("n", "empty", "g2", "degrees", "design_effect"):
        assert getattr(found, name) == pytest.approx(other[name], rel=1e-9), name
    for one in found.biases:
        assert [one.bias, *one.interval] == pytest.approx(
            [other["biases"][one.choice]["bias"], *other["biases"][one.choice]["interval"]], rel=1e-9
        )
    assert any(pair.p_value is not None for pair in found.pairs)
    for pair in found.pairs:
        theirs = other["pairs"][pair.a, pair.b]
        for name in ("similarity", "interval", "a_as_b", "b_as_a", "expected_a_as_b", "p_value", "p_holm"):
            value = getattr(pair, name)
            assert value == (None if theirs[name] is None else pytest.approx(theirs[name], rel=1e-8)), name


def plain(ratings):
    return msgspec.to_builtins(fit_choice_model(ratings))


def test_none_of_these_has_a_bias_and_no_similarity():
    (person, piece, intended, chosen), _, _ = drawn()
    rare = fit_choice_model(ratings_of(person, piece, intended, np.where(person % 10 == 0, 8, chosen), NONE))
    often = fit_choice_model(ratings_of(person, piece, intended, np.where(person % 3 == 0, 8, chosen), NONE))
    assert often.biases[-1].choice == "none"
    assert often.biases[-1].bias > 3 * rare.biases[-1].bias
    assert often.biases[-1].liked is None
    assert len(often.pairs) == 28


def test_an_answer_that_everybody_likes_is_told_from_an_emotion_that_is_confused():
    """Two in ten answers are sadness whatever is played: biased, and no more similar to anything."""
    (person, piece, intended, chosen), _, _ = drawn(people=60, pieces=32)
    favourite = SLUGS.index("sadness")
    says = np.random.default_rng(0).random(chosen.size) < 0.2
    found = [
        fit_choice_model(ratings_of(person, piece, intended, said))
        for said in (chosen, np.where(says, favourite, chosen))
    ]
    before, after = (next(one for one in model.biases if one.choice == "sadness") for model in found)
    assert (before.liked, after.liked) == (False, True)
    assert after.bias > 1.5 * before.bias
    assert any("sadness" in text and "Liked" in text for text in MEASURE.sentences(found[1]))


def test_a_planted_confusion_that_goes_one_way_is_found_and_said():
    found = fit_choice_model(ratings_of(*drawn(people=60, pieces=120, part=0.8)[0]))
    pair = next(one for one in found.pairs if {one.a, one.b} == {SLUGS[2], SLUGS[3]})
    assert pair.p_holm < 0.05
    assert any(f"{SLUGS[2]} was taken for {SLUGS[3]} more often" in text for text in MEASURE.sentences(found))


def test_without_an_asymmetry_found_nothing_is_said_to_be_symmetric():
    found = fit_choice_model(ratings_of(*drawn()[0]))
    assert min(one.p_holm for one in found.pairs if one.p_holm is not None) > 0.05
    assert "does not show that none does" in MEASURE.sentences(found)[-1]


def test_one_piece_of_each_emotion_leaves_estimates_without_intervals_and_tests():
    found = fit_choice_model(ratings_of(*drawn(pieces=8)[0]))
    assert found.reason == FEW_PIECES
    assert {one.interval for one in found.biases} == {None}
    assert {one.p_value for one in found.pairs} == {None}
    assert FEWEST_PIECES == 2


def test_pairs_that_were_hardly_confused_are_not_tested():
    found = fit_choice_model(ratings_of(*drawn(people=12, pieces=16)[0]))
    for one in found.pairs:
        independent = (one.a_as_b + one.b_as_a) / found.design_effect
        assert (one.p_value is None) == (independent < FEWEST_ANSWERS)
        assert one.reason == (FEW_ANSWERS if one.p_value is None else None)
    assert FEWEST_ANSWERS == 5


def test_the_eight_most_alike_pairs_are_shown():
    found = fit_choice_model(ratings_of(*drawn()[0]))
    _, similarities = MEASURE.tables(found)
    assert [row[0] for row in similarities.rows] == [f"{one.a} – {one.b}" for one in found.pairs[:8]]
    assert len(found.pairs) == 28


def test_two_emotions_have_no_model():
    rows = [Rating(f"P{p}", f"S{s}", "", SLUGS[s % 2], SLUGS[p % 2]) for p in range(6) for s in range(4)]
    assert fit_choice_model(collect(rows, SLUGS)) is None
    assert FEWEST_EMOTIONS == 3


def test_half_an_answer_in_every_cell_draws_towards_one():
    """Nobody confuses anything: similarity is ½ / (n + ½), not 0."""
    rows = [Rating(f"P{p}", f"S{s}", "", SLUGS[s % 3], SLUGS[s % 3]) for p in range(10) for s in range(6)]
    found = fit_choice_model(collect(rows, SLUGS[:3]))
    assert found.pairs[0].similarity == pytest.approx(0.5 / 20.5)
    assert found.empty == 6


def test_few_people_say_how_alike_emotions_are_as_often_as_they_claim():
    """Pairs that nobody confused among 12 people are not known for certain: counted as if, .89 of intervals held."""
    held = []
    for seed in range(150):
        answers, _, similarity = drawn(people=12, pieces=16, seed=seed)
        found = fit_choice_model(ratings_of(*answers))
        place = {slug: code for code, slug in enumerate(SLUGS)}
        for one in found.pairs:
            low, high = one.interval
            held.append(low <= similarity[place[one.a], place[one.b]] <= high)
    assert 0.94 <= np.mean(held) <= 0.98


def sparse():
    """Three people and a clip of each of three emotions, one of which all of them took for another."""
    rows = [Rating(f"P{p}", f"S{s}", "", SLUGS[s], SLUGS[min(s, 1)]) for p in range(3) for s in range(3)]
    return fit_choice_model(collect(rows, SLUGS[:3]))


def test_counts_expected_by_biases_alone_are_never_negative_and_make_up_the_confusions():
    for found in (sparse(), fit_choice_model(ratings_of(*drawn(people=6, pieces=16)[0]))):
        for one in found.pairs:
            assert 0 <= one.expected_a_as_b <= one.a_as_b + one.b_as_a
        cells = [cell for line in MEASURE.tables(found)[1].rows for cell in line]
        assert not any("-" in cell or "−0.0" in cell for cell in cells)


def test_a_few_answers_make_no_most_similar_pair():
    """Their similarity is 1 or more, which the caption explains; it has no interval, so no sentence tells it."""
    found = sparse()
    assert found.pairs[0].similarity >= 1
    assert found.pairs[0].interval is None
    assert not any("similarity" in text for text in MEASURE.sentences(found))
    assert "above 1" in MEASURE.tables(found)[1].caption


def test_the_highest_similarity_told_rests_on_confusions_and_has_its_interval():
    found = fit_choice_model(ratings_of(*drawn()[0]))
    [said] = [text for text in MEASURE.sentences(found) if "estimated largest" in text]
    told = next(one for one in found.pairs if one.a_as_b + one.b_as_a >= FEWEST_ANSWERS)
    known = f"({told.similarity:.2f}, 95 % interval {told.interval[0]:.2f} to"
    assert f"{told.a} and {told.b} was estimated largest {known}" in said
    assert "order is not tested" in said
    few = fit_choice_model(ratings_of(*drawn(people=3, pieces=16)[0]))
    assert few.pairs[0].interval
    assert few.pairs[0].a_as_b + few.pairs[0].b_as_a < FEWEST_ANSWERS
    [said] = [text for text in MEASURE.sentences(few) if "estimated largest" in text] or [""]
    assert f"similarity of {few.pairs[0].a} and {few.pairs[0].b}" not in said
