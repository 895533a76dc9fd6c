"""The Transformers served without Keras: NumPy, one step for many clips at once, with what was heard kept.

A step's input is a few rows of a table; keys and values of earlier steps stay in memory, so that a step costs
the same number of products whatever came before, and attention alone grows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.networks.melody_first.knowledge import HEADS, INPUTS, KNOWN_CODES

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

HEAD_SIZE: Final = 64
EPSILON: Final = 1e-6
TIME_PERIODS: Final = (4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 144, 192, 384, 768, 1536, 3072)
"""Ticks in which an angle goes round: parts of a beat, beats, bars and phrases."""
TIME_RATES: Final = (2 * np.pi / np.array(TIME_PERIODS)).astype(np.float32)
INDEX_RATES: Final = (2 * np.pi / np.geomspace(3, 1024, 16)).astype(np.float32)
"""Radians per tick, and per note."""
SCALE_LIMIT: Final = 4.0
"""Scaled conditions are kept within ± this many spreads, as in training."""
FIRST_ROOM: Final = 96
"""Steps there is room for at first; doubled when needed."""


class Dense(NamedTuple):
    """Kernel, shape (inputs, outputs), and bias, shape (outputs,)."""

    kernel: Floats
    bias: Floats

    def __call__(self, values: Floats) -> Floats:
        """Multiply and add."""
        product: Floats = values @ self.kernel + self.bias
        return product


class Block(NamedTuple):
    """The weights of one Transformer block."""

    before_attention: Floats
    queries_keys_values: Floats
    joined: Floats
    before_inner: Floats
    up: Dense
    down: Dense


class Head(NamedTuple):
    """A head: its thought, the tables of what it knows of its own note, and its output."""

    thought: Dense
    known: dict[str, Floats]
    out: Dense


@dataclass(slots=True)
class State:
    """What the network remembers of clips that are being written.

    `keys` and `values` have one array per block of shape (clips, heads, room, head size), of which `length` steps are
    written. `mood` is the conditions' share of a step, `hidden` what the heads read, both (clips, units).
    """

    mood: Floats
    hidden: Floats
    keys: list[Floats]
    values: list[Floats]
    length: int = 0
    thoughts: dict[str, Floats] = field(default_factory=dict)


class StageNetwork:
    """One stage's network, step by step.

    Parameters
    ----------
    stage : str
        ``"melody"`` or ``"accompaniment"``.
    weights : mapping of str to array
        As `generation.training.melody_first.exporting` writes them.
    """

    def __init__(self, stage: str, weights: Mapping[str, NDArray[Any]]) -> None:
        values = {name: np.asarray(value, dtype=np.float32) for name, value in weights.items()}
        self.stage = stage
        self.mean, self.spread = values["condition_mean"], values["condition_spread"]
        sizes = list(INPUTS[stage].values())
        self._offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        self._table = values["codes/table"]
        self.units = self._table.shape[1]
        self._mood, self._mood_in = _dense(values, "mood"), _dense(values, "mood_in")
        count = sum(name.endswith("/joined") for name in values)
        self._blocks = [_block(values, f"block_{number}") for number in range(count)]
        self._last = values["last/scale"]
        self._heads = {head: _head(values, head, parts) for head, (_, parts) in HEADS.items()}
        self.heads = self.units // HEAD_SIZE

    def begin(self, conditions: NDArray[Any]) -> State:
        """Start clips with `conditions` (unscaled, NaN where open; shape (clips, conditions))."""
        count = len(conditions)
        shape = (count, self.heads, FIRST_ROOM, HEAD_SIZE)
        keys = [np.empty(shape, np.float32) for _ in self._blocks]
        values = [np.empty(shape, np.float32) for _ in self._blocks]
        nothing = np.zeros((count, self.units), np.float32)
        state = State(nothing, nothing, keys, values)
        self.set_mood(state, conditions)
        return state

    def set_mood(self, state: State, conditions: NDArray[Any]) -> None:
        """Change what the clips are conditioned on from the next step on."""
        given = ~np.isnan(conditions)
        scaled = np.clip((conditions - self.mean) / self.spread, -SCALE_LIMIT, SCALE_LIMIT)
        values = np.concatenate([np.where(given, scaled, 0.0), given], axis=1).astype(np.float32)
        state.mood = self._mood_in(np.tanh(self._mood(values)))

    def step(self, state: State, inputs: Ints, times: Ints) -> Floats:
        """Read one step per clip and return what the heads read, shape (clips, units).

        `inputs` (clips, inputs) are codes in the order of `INPUTS`, `times` (clips,) in ticks.
        """
        if state.length == state.keys[0].shape[2]:
            _make_room(state)
        hidden: Floats = self._table[inputs + self._offsets].sum(axis=1) + state.mood
        angles = np.concatenate(
            [
                times[:, None].astype(np.float32) * TIME_RATES,
                np.broadcast_to(np.float32(state.length) * INDEX_RATES, (len(times), len(INDEX_RATES))),
            ],
            axis=1,
        )[:, None, :]
        cosine, sine = np.cos(angles), np.sin(angles)
        for number, block in enumerate(self._blocks):
            read = _normalise(hidden, block.before_attention)
            parts = (read @ block.queries_keys_values).reshape(len(times), 3, self.heads, HEAD_SIZE)
            keys, values = state.keys[number], state.values[number]
            keys[:, :, state.length] = _turn(parts[:, 1], cosine, sine)
            values[:, :, state.length] = parts[:, 2]
            query = _turn(parts[:, 0], cosine, sine) / np.float32(np.sqrt(HEAD_SIZE))
            heard = _attend(query, keys[:, :, : state.length + 1], values[:, :, : state.length + 1])
            hidden = hidden + heard.reshape(len(times), self.units) @ block.joined
            hidden = hidden + block.down(_gelu(block.up(_normalise(hidden, block.before_inner))))
        state.length += 1
        state.hidden = _normalise(hidden, self._last)
        return state.hidden

    def logits(self, head: str, state: State, known: Mapping[str, Ints]) -> Floats:
        """Logits of `head` for the step just read, shape (clips, codes); `known` are codes of the step's own note."""
        parts = self._heads[head]
        thought = parts.thought(state.hidden)
        for part, table in parts.known.items():
            thought = thought + table[known[part]]
        return parts.out(_gelu(thought))


def _dense(values: Mapping[str, Floats], name: str) -> Dense:
    return Dense(values[f"{name}/kernel"], values[f"{name}/bias"])


def _block(values: Mapping[str, Floats], name: str) -> Block:
    return Block(
        values[f"{name}/before_attention"],
        values[f"{name}/queries_keys_values"],
        values[f"{name}/joined"],
        values[f"{name}/before_inner"],
        Dense(values[f"{name}/up"], values[f"{name}/up_bias"]),
        Dense(values[f"{name}/down"], values[f"{name}/down_bias"]),
    )


def _head(values: Mapping[str, Floats], name: str, parts: tuple[str, ...]) -> Head:
    known, row = {}, 0
    for part in parts:
        known[part] = values[f"{name}_known/table"][row : row + KNOWN_CODES[part]]
        row += KNOWN_CODES[part]
    return Head(_dense(values, f"{name}_thought"), known, _dense(values, name))


def _make_room(state: State) -> None:
    state.keys = [np.concatenate([keys, np.empty_like(keys)], axis=2) for keys in state.keys]
    state.values = [np.concatenate([values, np.empty_like(values)], axis=2) for values in state.values]


def _attend(query: Floats, keys: Floats, values: Floats) -> Floats:
    """Attention of one step, shape (clips, heads, head size)."""
    scores = keys @ query[..., None]
    scores -= scores.max(axis=2, keepdims=True)
    shares = np.exp(scores)
    heard: Floats = (shares.transpose(0, 1, 3, 2) @ values)[:, :, 0] / shares.sum(axis=2)
    return heard


def _normalise(values: Floats, scale: Floats) -> Floats:
    mean = np.mean(np.square(values), axis=-1, keepdims=True)
    normal: Floats = values / np.sqrt(mean + np.float32(EPSILON)) * scale
    return normal


def _turn(vectors: Floats, cosine: Floats, sine: Floats) -> Floats:
    half = vectors.shape[-1] // 2
    first, second = vectors[..., :half], vectors[..., half:]
    return np.concatenate([first * cosine - second * sine, first * sine + second * cosine], axis=-1)


_GELU: Final = np.float32(np.sqrt(2.0 / np.pi))


def _gelu(values: Floats) -> Floats:
    """The approximation by tanh, as in training."""
    cubed = values + np.float32(0.044715) * values * values * values
    smooth: Floats = np.float32(0.5) * values * (1 + np.tanh(_GELU * cubed))
    return smooth
