"""The composer network served without Keras: NumPy on the exported weights, many clips in one pass.

Embeddings are multiplied into the kernels once at loading, so that a step costs three small matrix
products and a few table look-ups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.networks.artifacts import Artifact, default_artifact, load_artifact
from generation.networks.critic import Critic

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

KIND: Final = "composer"
WEIGHTS_FILE: Final = "weights.npz"
TUNES_FILE: Final = "tunes.npz"
CRITIC_FILE: Final = "critic.npz"
SCALE_LIMIT: Final = 4.0
"""Scaled conditions are kept within ± this many spreads, as in training."""

BEFORE: Final = ("advances", "pitches", "durations", "velocities", "positions", "chords", "next_chords")
KNOWN_BY_HEAD: Final = {
    "advances": (),
    "pitches": ("advances", "positions", "chords", "next_chords"),
    "durations": ("positions", "chords", "pitches"),
    "velocities": ("positions", "pitches", "durations"),
}


class Layer(NamedTuple):
    """Kernel, shape (inputs, outputs), and bias, shape (outputs,); of an LSTM the outputs are its four gates."""

    kernel: Floats
    bias: Floats


@dataclass(slots=True)
class State:
    """Hidden and cell states of both layers, shape (clips, units), and the mood's share of each kernel."""

    first_hidden: Floats
    first_cell: Floats
    second_hidden: Floats
    second_cell: Floats
    first_mood: Floats
    second_mood: Floats
    head_mood: dict[str, Floats]


class ComposerNetwork:
    """The trained network, step by step.

    Parameters
    ----------
    weights : mapping of str to array
        As `generation.training.composer.exporting` writes them.
    """

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        values = {name: np.asarray(value, dtype=np.float32) for name, value in weights.items()}
        self.mean, self.spread = values["condition_mean"], values["condition_spread"]
        self._mood = Layer(values["mood/kernel"], values["mood/bias"])
        self._load_layers(values)
        self._load_heads(values)

    def _load_layers(self, values: dict[str, Floats]) -> None:
        # A kernel's rows are its inputs one after the other: the embedding of each number of the note before, then the
        # mood. An embedding times its rows is one small table, so that at each step a look-up takes their place.
        kernel, row = values["first/kernel"], 0
        self._before: dict[str, Floats] = {}
        for name in BEFORE:
            table = values[f"before_{name}"]
            self._before[name] = table @ kernel[row : row + table.shape[1]]
            row += table.shape[1]
        self._first_mood = kernel[row:]
        self._first = Layer(values["first/recurrent_kernel"], values["first/bias"])
        self.units = self._first.kernel.shape[0]
        kernel = values["second/kernel"]
        self._second_mood = kernel[self.units :]
        # The second layer's inputs from below and its own state stand one below the other: one product instead of two.
        self._second = Layer(
            np.concatenate([kernel[: self.units], values["second/recurrent_kernel"]]), values["second/bias"]
        )

    def _load_heads(self, values: dict[str, Floats]) -> None:
        self._hidden: dict[str, Floats] = {}
        self._mood_of: dict[str, Floats] = {}
        self._known: dict[str, dict[str, Floats]] = {}
        self._out: dict[str, Layer] = {}
        self._thought_bias: dict[str, Floats] = {}
        moods = self._mood.kernel.shape[1]
        # Rows of a head's first layer: hidden state, mood, then what is already known of the note being written.
        for head, parts in KNOWN_BY_HEAD.items():
            kernel = values[f"{head}_thought/kernel"]
            self._hidden[head] = kernel[: self.units]
            row = self.units + moods
            self._mood_of[head] = kernel[self.units : row]
            self._known[head] = {}
            for part in parts:
                table = values[f"known_{part}"]
                self._known[head][part] = table @ kernel[row : row + table.shape[1]]
                row += table.shape[1]
            self._thought_bias[head] = values[f"{head}_thought/bias"]
            self._out[head] = Layer(values[f"{head}/kernel"], values[f"{head}/bias"])

    def begin(self, conditions: NDArray[Any]) -> State:
        """Start clips with `conditions` (unscaled, shape (clips, conditions))."""
        count = len(conditions)
        empty = np.zeros((count, self.units), np.float32)
        state = State(empty, empty.copy(), empty.copy(), empty.copy(), empty, empty, {})
        self.set_mood(state, conditions)
        return state

    def set_mood(self, state: State, conditions: NDArray[Any]) -> None:
        """Change what the clips are conditioned on from the next step on."""
        scaled = np.clip((conditions - self.mean) / self.spread, -SCALE_LIMIT, SCALE_LIMIT).astype(np.float32)
        mood = np.tanh(scaled @ self._mood.kernel + self._mood.bias)
        # The mood changes once a bar: its share of every layer, and the bias, are added up here and not at every note.
        state.first_mood = mood @ self._first_mood + self._first.bias
        state.second_mood = mood @ self._second_mood + self._second.bias
        state.head_mood = {head: mood @ self._mood_of[head] + self._thought_bias[head] for head in KNOWN_BY_HEAD}

    def step(self, state: State, previous: Mapping[str, Ints]) -> Floats:
        """Read one note per clip (codes; 0 is "start") and return what the heads read, shape (clips, units)."""
        gates: Floats = state.first_mood + state.first_hidden @ self._first.kernel  # (clips, 4 units)
        for name in BEFORE:
            gates += self._before[name][previous[name]]
        state.first_hidden, state.first_cell = _turn(gates, state.first_cell)
        joined: Floats = np.concatenate([state.first_hidden, state.second_hidden], axis=1)
        gates = state.second_mood + joined @ self._second.kernel
        state.second_hidden, state.second_cell = _turn(gates, state.second_cell)
        return state.second_hidden

    def logits(self, head: str, state: State, known: Mapping[str, Ints]) -> Floats:
        """Logits of `head` for the note being written, shape (clips, codes)."""
        thought = state.head_mood[head] + state.second_hidden @ self._hidden[head]
        for part, table in self._known[head].items():
            thought += table[known[part]]
        out = self._out[head]
        logits: Floats = np.maximum(thought, 0.0) @ out.kernel + out.bias
        return logits


def _turn(gates: Floats, cell: Floats) -> tuple[Floats, Floats]:
    """One LSTM step from the four gates' sums (input, forget, candidate, output: Keras's order)."""
    units = cell.shape[1]
    # The logistic function by tanh: it cannot overflow, and one call serves all gates (the candidate's is not used).
    sigmoid = 0.5 * np.tanh(0.5 * gates) + 0.5
    cell = sigmoid[:, units : 2 * units] * cell + sigmoid[:, :units] * np.tanh(gates[:, 2 * units : 3 * units])
    return sigmoid[:, 3 * units :] * np.tanh(cell), cell


@dataclass(frozen=True, slots=True)
class LoadedComposer:
    """Network, critic (None where it could not be fitted), hashes of known tunes, and their artifact.

    `residuals` is the covariance of attributes among real clips of one quadrant.
    """

    network: ComposerNetwork
    critic: Critic | None
    tunes: NDArray[np.uint32]
    residuals: NDArray[np.float64]
    artifact: Artifact


@lru_cache(maxsize=2)
def load_composer(folder: Path | None = None) -> LoadedComposer:
    """Load the composer in `folder`, or the default one; kept in memory.

    Raises
    ------
    ArtifactRefused
        When the folder is no intact composer artifact.
    """
    artifact = load_artifact(folder or default_artifact(KIND), kind=KIND)
    with np.load(artifact.path(WEIGHTS_FILE)) as weights:
        network = ComposerNetwork(dict(weights))
    with np.load(artifact.path(TUNES_FILE)) as known:
        tunes, residuals = known["hashes"], known["residuals"]
    critic = None
    if CRITIC_FILE in artifact.manifest["files"]:
        with np.load(artifact.path(CRITIC_FILE)) as fitted:
            critic = Critic(dict(fitted))
    return LoadedComposer(network, critic, tunes, residuals, artifact)
