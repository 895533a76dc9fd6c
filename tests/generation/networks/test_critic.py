"""The selection critic: probabilities, realism, and that it keeps away from the judges' songs."""

from __future__ import annotations

import numpy as np
import pytest

from generation.music.attributes import NAMES, Attributes, neutral, target
from generation.networks.composer import load_composer
from generation.networks.critic import Critic, attain
from generation.training.composer.criticism import fit_critic_on, is_critics_song, measure_residuals


@pytest.fixture(scope="module")
def fitted() -> Critic:
    random = np.random.default_rng(0)
    centres = [target(v, a, 0.0) for v, a in ((0.7, 0.6), (-0.7, 0.6), (-0.7, -0.6), (0.7, -0.6))]
    width = np.array([0.1 * abs(value) + 0.02 for value in neutral().to_array()])
    rows = np.concatenate([centre.to_array() + random.normal(size=(60, len(NAMES))) * width for centre in centres])
    return Critic(fit_critic_on(rows, np.repeat(np.arange(4), 60)))


@pytest.mark.parametrize(
    ("valence", "arousal", "quadrant"), [(0.7, 0.6, "Q1"), (-0.7, 0.6, "Q2"), (-0.7, -0.6, "Q3"), (0.7, -0.6, "Q4")]
)
def test_the_critic_recognises_what_it_was_fitted_on(
    fitted: Critic, valence: float, arousal: float, quadrant: str
) -> None:
    shares = fitted.recognise(target(valence, arousal, 0.0))
    assert max(shares, key=lambda name: shares[name]) == quadrant
    assert sum(shares.values()) == pytest.approx(1)


def test_the_shipped_critic_tells_the_four_quadrants_targets_apart() -> None:
    critic = load_composer().critic
    assert critic is not None
    heard = {}
    for quadrant, valence, arousal in (("Q1", 0.7, 0.6), ("Q2", -0.7, 0.6), ("Q3", -0.7, -0.6), ("Q4", 0.7, -0.6)):
        shares = critic.recognise(target(valence, arousal, 0.0))
        heard[quadrant] = max(shares, key=lambda name: shares[name])
    assert heard == {"Q1": "Q1", "Q2": "Q2", "Q3": "Q3", "Q4": "Q4"}


def test_realism_falls_with_distance_from_real_clips(fitted: Critic) -> None:
    centre = target(0.7, 0.6, 0.0)
    far = Attributes.clipped({**centre.to_dict(), "dynamics": 120.0, "density": 30.0})
    assert fitted.realism(centre, "Q1") == 1.0
    assert fitted.realism(far, "Q1") < 0.01


def test_attainment_is_one_on_target_and_falls_with_distance() -> None:
    wanted = target(0.7, 0.6, 0.0)
    spread = np.ones(len(NAMES))
    assert attain(wanted, wanted, spread) == 1.0
    near = Attributes.clipped({**wanted.to_dict(), "tempo": wanted.tempo + 1})
    assert attain(near, wanted, spread) == pytest.approx(1 - (1 - np.exp(-0.5)) / len(NAMES))


def test_about_three_fifths_of_songs_are_the_critics() -> None:
    share = np.mean([is_critics_song(f"song {i}") for i in range(1000)])
    assert share == pytest.approx(0.6, abs=0.05)


def test_residuals_ignore_differences_between_groups() -> None:
    rows = np.repeat(np.array([[0.0] * len(NAMES), [10.0] * len(NAMES)]), 5, axis=0)
    assert np.abs(measure_residuals(rows, np.repeat([0, 1], 5))).max() == 0
