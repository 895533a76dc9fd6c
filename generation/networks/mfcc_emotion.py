"""The seed paper's music network, served with NumPy.

Thirteen MFCC values go in as a sequence of thirteen steps. Three LSTM layers are the trunk; five dense
layers on its last step give four class probabilities; a second head gives at every step the value it
expects next. Training and the Keras definition are in `generation.training.mfcc_emotion`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.networks.artifacts import ArtifactRefused, default_artifact, load_artifact

FloatArray = NDArray[np.float64]

KIND: Final = "mfcc_emotion"
WEIGHTS_FILE: Final = "weights.npz"
MFCC_COUNT: Final = 13
LSTM_LAYERS: Final = ("lstm_1", "lstm_2", "lstm_3")
DENSE_LAYERS: Final = ("dense_1", "dense_2", "dense_3", "dense_4", "emotion")
NEXT_LAYER: Final = "next_value"


@dataclass(frozen=True, slots=True)
class MfccEmotionNetwork:
    """The trained network.

    Parameters
    ----------
    labels : tuple of str
        Classes in output order.
    version, sha256 : str
        Of the artifact it came from.
    weights : mapping of str to ndarray
        ``layer/kernel``, ``layer/recurrent``, ``layer/bias``; ``mean`` and ``sd`` of the training clips,
        shape (13,); ``residual_sd``, shape (12,): spread of value k + 2 around its prediction, standardised;
        ``seeds``, shape (n, 13), and ``seed_classes``, shape (n,): clips of the test split, CC BY 4.0.
    """

    labels: tuple[str, ...]
    version: str
    sha256: str
    weights: Mapping[str, FloatArray]

    def predict(self, mfcc: FloatArray) -> FloatArray:
        """Return class probabilities.

        Parameters
        ----------
        mfcc : ndarray, shape (n, 13) or (13,)
            Raw MFCC values.

        Returns
        -------
        ndarray, shape (n, 4) or (4,)
            Rows sum to 1.
        """
        values = np.asarray(mfcc, dtype=np.float64)
        if values.shape[-1] != MFCC_COUNT or values.ndim > 2:
            raise ValueError(f"The network reads {MFCC_COUNT} MFCC values, not an array of shape {values.shape}.")
        # Only the last step's output is read.
        hidden = self._run_trunk(self._standardise(np.atleast_2d(values)))[:, -1]
        for name in DENSE_LAYERS[:-1]:
            hidden = np.maximum(self._apply_dense(name, hidden), 0.0)
        scores = self._apply_dense(DENSE_LAYERS[-1], hidden)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: FloatArray = odds / odds.sum(axis=1, keepdims=True)
        return probabilities.reshape(*values.shape[:-1], len(self.labels))

    def predict_next(self, prefix: FloatArray) -> FloatArray:
        """Return the value expected after `prefix`.

        Parameters
        ----------
        prefix : ndarray, shape (n, k), 1 ≤ k ≤ 12
            The first k raw MFCC values of n clips.

        Returns
        -------
        ndarray, shape (n,)
            Expected value k + 1, on the raw scale.
        """
        length = prefix.shape[1]
        if not 1 <= length < MFCC_COUNT:
            raise ValueError(f"A prefix has 1 to {MFCC_COUNT - 1} values, not {length}.")
        trunk = self._run_trunk(self._standardise(prefix))[:, -1]
        expected: FloatArray = self._apply_dense(NEXT_LAYER, trunk)[:, 0]
        return expected * self.weights["sd"][length] + self.weights["mean"][length]

    def continue_frame(self, prefix: FloatArray, random: np.random.Generator, spread: float = 1.0) -> FloatArray:
        """Complete frames of 13 values from their first ones, value by value.

        Each value is the predicted one plus a normal deviate of the size the prediction errs by on the
        training clips, times `spread`.

        Parameters
        ----------
        prefix : ndarray, shape (n, k), 1 ≤ k ≤ 13
            The first k raw values of each frame, for example of a seed clip.

        Returns
        -------
        ndarray, shape (n, 13)
            Raw values; the first k are `prefix`.
        """
        frames = np.array(prefix, dtype=np.float64)
        while (length := frames.shape[1]) < MFCC_COUNT:
            # `residual_sd` begins with the second value: nothing is predicted for the first. In standardised units,
            # hence × sd.
            error = self.weights["residual_sd"][length - 1] * self.weights["sd"][length]
            deviates = random.standard_normal(len(frames)) * error * spread
            frames = np.column_stack([frames, self.predict_next(frames) + deviates])
        return frames

    def seeds_of(self, label: str) -> FloatArray:
        """Return the test split's clips of class `label`, shape (n, 13), raw values."""
        seeds: FloatArray = self.weights["seeds"][self.weights["seed_classes"] == self.labels.index(label)]
        return seeds

    def _standardise(self, values: FloatArray) -> FloatArray:
        length = values.shape[1]
        return (values - self.weights["mean"][:length]) / self.weights["sd"][:length]

    def _run_trunk(self, values: FloatArray) -> FloatArray:
        # (clips, steps) to (clips, steps, 1): each value is a step of one input.
        sequence = values[:, :, np.newaxis]
        for name in LSTM_LAYERS:
            kernel, recurrent, bias = (self.weights[f"{name}/{part}"] for part in ("kernel", "recurrent", "bias"))
            sequence = run_lstm(sequence, kernel, recurrent, bias)
        return sequence

    def _apply_dense(self, name: str, values: FloatArray) -> FloatArray:
        result: FloatArray = values @ self.weights[f"{name}/kernel"] + self.weights[f"{name}/bias"]
        return result


def run_lstm(sequence: FloatArray, kernel: FloatArray, recurrent: FloatArray, bias: FloatArray) -> FloatArray:
    """Run a Keras LSTM layer (gate order input, forget, cell, output) and return every step's output.

    `sequence` (n, steps, inputs), `kernel` (inputs, 4 units), `recurrent` (units, 4 units), `bias`
    (4 units) give (n, steps, units).
    """
    units = recurrent.shape[0]
    state = np.zeros((len(sequence), units))
    cell = np.zeros_like(state)
    outputs = np.empty((*sequence.shape[:2], units))
    # What the inputs add to the gates of every step in one product; only the recurrent part needs a loop.
    driven = sequence @ kernel + bias
    for step in range(sequence.shape[1]):
        # (n, 4 units) in Keras's order.
        gates = driven[:, step] + state @ recurrent
        enter, forget, candidate, leave = np.split(gates, 4, axis=1)
        cell = _sigmoid(forget) * cell + _sigmoid(enter) * np.tanh(candidate)
        state = _sigmoid(leave) * np.tanh(cell)
        outputs[:, step] = state
    return outputs


def _sigmoid(values: FloatArray) -> FloatArray:
    # The logistic function by tanh, which does not overflow.
    result: FloatArray = 0.5 * (1.0 + np.tanh(0.5 * values))
    return result


def load_mfcc_emotion(folder: Path | str | None = None) -> MfccEmotionNetwork:
    """Load and verify the network in `folder`, or the shipped default.

    Raises
    ------
    ArtifactRefused
        When manifest, hashes or weights do not fit.
    """
    return _load(Path(folder) if folder is not None else default_artifact(KIND))


@lru_cache(maxsize=4)
def _load(folder: Path) -> MfccEmotionNetwork:
    artifact = load_artifact(folder, kind=KIND)
    with np.load(artifact.path(WEIGHTS_FILE), allow_pickle=False) as stored:
        weights = {name: stored[name].astype(np.float64) for name in stored.files}
    wanted = {f"{layer}/{part}" for layer in LSTM_LAYERS for part in ("kernel", "recurrent", "bias")}
    wanted |= {f"{layer}/{part}" for layer in (*DENSE_LAYERS, NEXT_LAYER) for part in ("kernel", "bias")}
    wanted |= {"mean", "sd", "residual_sd", "seeds", "seed_classes"}
    if missing := sorted(wanted - set(weights)):
        raise ArtifactRefused(f"{folder / WEIGHTS_FILE} lacks {', '.join(missing)}.")
    return MfccEmotionNetwork(artifact.labels, artifact.version, artifact.sha256, weights)
