"""Temperature, bias and words from people's answers to pictures: beside R, with known truth, at the edges."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from survey.teaching import PictureAnswers, fit_correction
from survey.teaching.pictures import BIAS as WIDTH_OF_BIAS
from survey.teaching.pictures import FLOOR, HEAT, LEAST_PICTURES, WORD
from tests.survey.teaching.people_and_pictures import BIAS, E, forget, look

SAID = np.log([[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.05, 0.15, 0.8]])
COUNTS = np.array([[30, 20, 10], [12, 30, 18], [15, 15, 30]])


def told(counts: np.ndarray = COUNTS, said: np.ndarray = SAID, words: object = None) -> PictureAnswers:
    """Every answer by somebody else."""
    emotions = counts.shape[1]
    cells = np.repeat(np.arange(counts.size), counts.ravel())
    return PictureAnswers(said, cells // emotions, cells % emotions, np.arange(cells.size), words)


@pytest.mark.parametrize(
    ("words", "effect", "expected"),
    [
        (False, 1.0, [2.209058, 0.013974, 0.073985, -0.087959]),
        (False, 3.0, [1.931331, 0.015772, 0.071066, -0.086838]),
        (True, 1.0, [2.225079, -0.021974, 0.026218, -0.004244, 0.057629, 0.081185, -0.138813]),
        (True, 3.0, [1.927359, 0.018121, 0.034626, -0.052747, -0.001806, 0.068376, -0.066570]),
    ],
)
def test_the_most_probable_correction_is_that_of_r(words: bool, effect: float, expected: list[float]) -> None:
    """R 4, whose lines these are:

    said <- log(matrix(c(.7,.2,.1, .2,.6,.2, .05,.15,.8), 3, byrow=TRUE))
    n <- matrix(c(30,20,10, 12,30,18, 15,15,30), 3, byrow=TRUE); w <- c(.9,.5,.6)
    post <- function(x, d) { l <- said*exp(-x[1]) + matrix(x[2:4],3,3,byrow=TRUE)
      if (length(x) > 4) l <- l + outer(w, x[5:7])
      -(sum(n/d*(l - log(rowSums(exp(l))))) - sum(x^2)/(2*.5^2)) }
    for (k in c(4,7)) for (d in c(1,3)) { o <- optim(rep(0,k), post, d=d, method="BFGS",
      control=list(reltol=1e-16, maxit=5000, ndeps=rep(1e-5,k))); print(c(exp(o$par[1]), o$par[-1])) }
    """
    found = fit_correction(told(words=[[0.9], [0.5], [0.6]]), words=words, design_effect=effect)
    numbers = [found.temperature, *found.bias, *(found.words.ravel() if words else [])]
    assert numbers == pytest.approx(expected, abs=2e-5)


def test_the_widths_of_the_prior_are_those_that_r_was_given() -> None:
    assert (HEAT, WIDTH_OF_BIAS, WORD, LEAST_PICTURES, FLOOR) == (0.5, 0.5, 0.5, 3, 1e-6)


def test_without_answers_nothing_is_corrected() -> None:
    words = np.full((3, 2), 0.5)
    nobody = told(np.zeros((3, 3), int), words=words)
    found = fit_correction(nobody, words=True)
    assert (found.temperature, found.bias.tolist(), found.words.tolist()) == (1.0, [0.0] * 3, [[0.0] * 3] * 2)
    assert found.apply(SAID, words) == pytest.approx(np.exp(SAID))
    only_none = PictureAnswers(SAID, [0, 1, 2], [3, 3, 3], [0, 1, 2])
    assert (fit_correction(only_none).temperature, only_none.none, only_none.counts.sum()) == (1.0, 3, 0)


def test_few_answers_move_little_and_many_find_the_truth() -> None:
    few = fit_correction(look(1, pictures=4, people=3, each=2, temperature=2.0, bias=BIAS))
    assert abs(np.log(few.temperature)) < HEAT
    assert np.abs(few.bias).max() < 0.6
    many = fit_correction(look(1, pictures=400, people=400, each=40, temperature=2.0, bias=BIAS))
    assert many.temperature == pytest.approx(2.0, abs=0.1)
    assert many.bias == pytest.approx(BIAS - BIAS.mean(), abs=0.1)


def test_many_answers_find_what_a_thing_speaks_for() -> None:
    rng = np.random.default_rng(3)
    words = np.where(rng.random((300, 4)) < 0.3, rng.uniform(0.3, 1.0, (300, 4)), 0.0)
    odds = np.zeros((4, E))
    odds[0, 6], odds[1, 0] = 1.5, -1.2
    odds -= odds.mean(axis=1, keepdims=True)
    found = fit_correction(look(2, pictures=300, people=300, each=50, words=words, odds=odds), words=True)
    assert found.words == pytest.approx(odds, abs=0.35)
    assert found.temperature == pytest.approx(1.0, abs=0.1)


def test_a_thing_that_two_pictures_show_stays_as_the_network_has_it() -> None:
    words = np.zeros((40, 2))
    words[:3, 0] = words[:2, 1] = 0.9
    answers = look(4, words=words)
    found = fit_correction(answers.select(np.flatnonzero(answers.picture >= 0)), words=True)
    assert found.words[0].any()
    assert not found.words[1].any()


def test_answers_that_hang_together_count_as_fewer() -> None:
    alone, twice = look(5), look(5)
    three = PictureAnswers(
        alone.log_probabilities, *(np.tile(codes, 3) for codes in (twice.picture, twice.choice, twice.person))
    )
    one, same = fit_correction(alone), fit_correction(three)
    assert same.design_effect == pytest.approx(3 * one.design_effect, rel=0.15)
    assert same.temperature == pytest.approx(one.temperature, rel=0.02)
    assert same.bias == pytest.approx(one.bias, abs=0.03)
    effects = [
        [fit_correction(look(seed, disagreement=spread)).design_effect for seed in range(8)] for spread in (0.0, 0.8)
    ]
    assert np.mean(effects[0]) < 1.15
    assert np.mean(effects[1]) > 1.4


def test_the_order_of_pictures_and_answers_does_not_matter() -> None:
    rng = np.random.default_rng(6)
    words = (rng.random((40, 5)) < 0.2) * 0.5
    answers = look(6, temperature=2.0, words=words)
    rows, places = rng.permutation(40), rng.permutation(answers.choice.size)
    new_row = np.argsort(rows)
    turned = PictureAnswers(
        answers.log_probabilities[rows],
        new_row[answers.picture][places],
        answers.choice[places],
        answers.person[places],
        words[rows],
    )
    one, other = fit_correction(answers, words=True), fit_correction(turned, words=True)
    assert other.temperature == pytest.approx(one.temperature, abs=1e-4)
    assert other.bias == pytest.approx(one.bias, abs=1e-4)
    assert other.words == pytest.approx(one.words, abs=1e-4)


def test_an_emotion_that_nobody_chose_and_one_the_network_rules_out() -> None:
    never = fit_correction(told(COUNTS * [1, 1, 0]))
    assert never.bias.argmin() == 2
    assert np.isfinite(never.bias).all()
    with np.errstate(divide="ignore"):
        certain = np.log(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    found = fit_correction(told(np.array([[5, 5, 0], [5, 5, 5]]), certain))
    assert found.temperature > 2.0
    assert (found.apply(certain) > FLOOR).all()
    alone = fit_correction(told(np.array([[3, 0, 0]]), SAID[:1]))
    assert 0.5 < alone.temperature <= 1.0


def test_forgotten_pictures_make_the_network_unsure() -> None:
    assert fit_correction(forget(look(7), 7)).temperature > 2.5


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"log_probabilities": [[0.0, 0.0]]}, "must sum to 1"),
        ({"log_probabilities": [[np.nan, 0.0]]}, "must be numbers"),
        ({"picture": [1]}, "no picture"),
        ({"choice": [3]}, "no choice"),
        ({"person": [-1]}, "nobody's"),
        ({"person": [0, 1]}, "as many pictures"),
        ({"words": [[1.5]]}, "must be probabilities"),
        ({"words": [[0.5], [0.5]]}, "one row per picture"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(given: dict[str, object], sentence: str) -> None:
    fitting: dict[str, object] = {
        "log_probabilities": np.log([[0.5, 0.5]]),
        "picture": [0],
        "choice": [0],
        "person": [0],
    }
    with pytest.raises(ValueError, match=sentence):
        PictureAnswers(**(fitting | given))


def test_many_answers_and_things_take_little_memory() -> None:
    dice = np.random.default_rng(0)
    pictures, things, answers = 200, 100, 20_000
    said = np.exp(dice.normal(0.0, 1.5, (pictures, 8)))
    words = dice.uniform(0.0, 0.3, (pictures, things)) * (dice.random((pictures, things)) < 0.1)
    picture, choice, person = (dice.integers(0, most, answers) for most in (pictures, 8, 400))
    given = PictureAnswers(np.log(said / said.sum(axis=1, keepdims=True)), picture, choice, person, words)
    tracemalloc.start()
    try:
        fit_correction(given, words=True)
        assert tracemalloc.get_traced_memory()[1] < 40e6  # 8 · 100 slopes of every answer would be 128 MB
    finally:
        tracemalloc.stop()
