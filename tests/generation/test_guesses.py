"""What an unsure label is good for."""

from __future__ import annotations

import math
from typing import Any

import pytest

from generation.emotions import SLUGS
from generation.guesses import best_guess, find_point, likely_emotions, name_guess, number


@pytest.mark.parametrize(
    ("probabilities", "slugs", "words"),
    [
        ({}, [], ""),
        ({"awe": 1.0}, ["awe"], "awe"),
        ({"fear": 0.6, "awe": 0.3, "anger": 0.1}, ["fear", "awe"], "fear or awe"),
        ({"fear": 0.4, "awe": 0.4, "anger": 0.2}, ["awe", "fear", "anger"], "awe, fear or anger"),
        (dict.fromkeys(SLUGS, 0.125), ["amusement", "awe", "contentment"], "amusement, awe or contentment"),
        ({"fear": math.nan, "awe": None, "joy": 0.9, "anger": 0.2}, ["anger"], "anger"),
        ({"fear": 0.0}, [], ""),
    ],
)
def test_two_or_three_emotions_are_likely(probabilities: Any, slugs: list[str], words: str) -> None:
    assert [likely.emotion.slug for likely in likely_emotions(probabilities)] == slugs
    assert name_guess(probabilities) == words
    assert best_guess(probabilities) == (slugs[0] if slugs else None)


def test_a_point_keeps_to_the_plane_and_orders_its_intervals() -> None:
    point = find_point({"valence": -1.5, "arousal": 0.5, "valence_low": 0.2, "valence_high": -3}, {})
    assert point is not None
    assert (point.valence, point.arousal, point.dominance) == (-1.0, 0.5, 0.0)
    assert point.intervals == {"valence": (-1.0, 0.2)}


def test_an_old_row_gets_its_dominance_from_the_probabilities() -> None:
    point = find_point({"valence": 0.1, "arousal": 0.1}, {"fear": 0.5, "excitement": 0.5})
    assert point is not None
    assert point.dominance == pytest.approx((-0.4 + 0.45) / 2)


@pytest.mark.parametrize("implied", [{}, {"valence": 0.1}, {"valence": "x", "arousal": 0.1}, {"valence": None}])
def test_without_valence_and_arousal_there_is_no_point(implied: Any) -> None:
    assert find_point(implied, {"fear": 1.0}) is None


@pytest.mark.parametrize("value", [True, "1", None, math.inf, math.nan, [1]])
def test_what_is_no_finite_number_is_none(value: Any) -> None:
    assert number(value) is None
