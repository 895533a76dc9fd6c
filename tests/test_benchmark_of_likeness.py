"""Distances of two sets of clips have the values that one computes by hand, or that SciPy gives."""

import numpy as np
import pytest
from scipy import stats

from benchmarks import two_samples

FIVE = np.array([[0.0], [1.0], [2.0], [3.0], [10.0]])


def test_different_constants_are_always_told_apart():
    names = [str(number) for number in range(20)]
    areas = two_samples.discrimination(np.ones((20, 2)), np.zeros((20, 2)), names, names)
    assert areas == {"logistic regression": 1.0, "extra trees": 1.0, "nearest neighbours": 1.0}


def test_two_halves_of_one_set_are_not_told_apart():
    clips = np.random.default_rng(1).normal(size=(400, 3))
    names = [str(number) for number in range(200)]
    for area in two_samples.discrimination(clips[:200], clips[200:], names, names).values():
        assert area == pytest.approx(0.5, abs=0.09)


def test_the_energy_distance_of_one_feature_is_the_square_of_that_of_scipy():
    made = np.array([[0.0], [1.0], [3.0]])
    expected = stats.energy_distance(made[:, 0], FIVE[:, 0]) ** 2
    assert two_samples.energy_distance(made, FIVE) == pytest.approx(expected)
    assert two_samples.energy_distance(FIVE, FIVE) == pytest.approx(0.0)


def test_density_and_coverage_by_hand():
    # Balls of the nearest neighbour: 0±1, 1±1, 2±1, 3±1, 10±7. 0.5 lies in two of them, 20 in none.
    density, coverage = two_samples.density_and_coverage(np.array([[0.5], [20.0]]), FIVE, neighbours=1)
    assert (density, coverage) == (1.0, 0.4)


def test_near_twins_and_diversity_by_hand():
    # Real nearest neighbours: 1, 1, 1, 1, 7, so the 10th percentile is 1.
    made = np.array([[0.0], [0.5], [4.0], [8.0]])
    assert two_samples.near_twins(made, FIVE) == 0.5
    assert two_samples.diversity(2 * FIVE, FIVE) == pytest.approx(2.0)
