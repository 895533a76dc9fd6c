"""The shipped MFCC network is served with NumPy exactly as Keras trained it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from generation.networks.artifacts import default_artifact, load_artifact
from generation.networks.mfcc_emotion import load_mfcc_emotion, run_lstm


def test_probabilities_are_one_per_class_and_sum_to_one() -> None:
    network = load_mfcc_emotion()
    found = network.predict(network.weights["seeds"])
    assert network.labels == ("happy", "angry", "sad", "relax")
    assert found.shape == (80, 4)
    assert np.allclose(found.sum(axis=1), 1.0)


def test_one_clip_gives_one_row() -> None:
    network = load_mfcc_emotion()
    clips = network.weights["seeds"][:2]
    assert np.allclose(network.predict(clips[0]), network.predict(clips)[0])


@pytest.mark.parametrize("shape", [(12,), (2, 14), (1, 2, 13)])
def test_another_number_of_values_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="reads 13 MFCC values"):
        load_mfcc_emotion().predict(np.zeros(shape))


def test_it_equals_keras_to_five_decimals() -> None:
    import keras

    network = load_mfcc_emotion()
    reference = keras.saving.load_model(load_artifact(default_artifact("mfcc_emotion")).path("network.keras"))
    clips = network.weights["seeds"]
    values = ((clips - network.weights["mean"]) / network.weights["sd"])[:, :, np.newaxis]
    expected = reference(values.astype(np.float32), training=False)
    assert np.abs(network.predict(clips) - np.asarray(expected["emotion"])).max() < 1e-5
    for length in range(1, 13):
        following = network.predict_next(clips[:, :length])
        standardised = (following - network.weights["mean"][length]) / network.weights["sd"][length]
        assert np.abs(standardised - np.asarray(expected["next_value"])[:, length - 1, 0]).max() < 1e-5


def test_it_has_the_papers_layers() -> None:
    import keras

    path = load_artifact(default_artifact("mfcc_emotion")).path("network.keras")
    layers = [type(layer).__name__ for layer in keras.saving.load_model(path).layers]
    assert [layers.count(kind) for kind in ("Dropout", "LSTM", "Dense")] == [1, 3, 6]


def test_an_lstm_of_zeros_stays_at_zero() -> None:
    out = run_lstm(np.ones((2, 3, 1)), np.zeros((1, 16)), np.zeros((4, 16)), np.zeros(16))
    assert out.tolist() == np.zeros((2, 3, 4)).tolist()


def test_a_frame_keeps_its_seed_and_depends_on_the_random_stream_alone() -> None:
    network = load_mfcc_emotion()
    prefix = network.seeds_of("sad")[:3, :4]
    first, again, other = (network.continue_frame(prefix, np.random.default_rng(n)) for n in (1, 1, 2))
    assert first.shape == (3, 13)
    assert first[:, :4].tolist() == prefix.tolist()
    assert first.tolist() == again.tolist()
    assert np.abs(first[:, 4:] - other[:, 4:]).max() > 0.01


def test_without_spread_each_value_is_the_predicted_one() -> None:
    network = load_mfcc_emotion()
    frame = network.continue_frame(network.seeds_of("happy")[:1, :4], np.random.default_rng(0), spread=0.0)
    assert frame[0, 4] == network.predict_next(frame[:, :4])[0]


@pytest.mark.parametrize("length", [0, 13])
def test_nothing_follows_an_empty_or_a_full_frame(length: int) -> None:
    with pytest.raises(ValueError, match="1 to 12 values"):
        load_mfcc_emotion().predict_next(np.zeros((1, length)))


def test_seeds_are_twenty_test_clips_of_each_class() -> None:
    network = load_mfcc_emotion()
    assert [len(network.seeds_of(label)) for label in network.labels] == [20, 20, 20, 20]


def test_serving_loads_no_tensorflow() -> None:
    program = (
        "import sys; from generation.networks.mfcc_emotion import load_mfcc_emotion;"
        "load_mfcc_emotion().predict([0.0] * 13);"
        "print([name for name in ('tensorflow', 'keras') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
