"""The networks of both stages in Keras, as a Transformer or, to compare, as two LSTM layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from generation.networks.melody_first.knowledge import CONDITIONS, HEADS, INPUTS, KNOWN_CODES

if TYPE_CHECKING:
    import keras

MOOD_UNITS: Final = 96


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a network is; `layout` is ``"transformer"`` or ``"lstm"``."""

    units: int
    blocks: int
    layout: str = "transformer"
    head_units: int = 192
    dropout: float = 0.2


SHAPES: Final = {
    ("melody", "transformer"): Shape(192, 3, dropout=0.35),
    ("accompaniment", "transformer"): Shape(256, 4),
    ("melody", "lstm"): Shape(224, 2, "lstm", dropout=0.3),
    ("accompaniment", "lstm"): Shape(384, 2, "lstm", dropout=0.3),
}
"""The sizes compared; an LSTM has about as many weights as the Transformer of its stage."""
HEAD_SIZE: Final = 64


def build_network(stage: str, shape: Shape) -> keras.Model:
    """Build a stage's network for whole sections.

    Inputs: ``inputs`` (batch, steps, codes), ``known`` (batch, steps, 3: pitch, duration, velocity of the step's own
    note), ``times`` (batch, steps) in ticks, ``conditions`` (batch, 2 · conditions). Outputs: logits by head.
    """
    import keras
    from keras import layers, ops

    from generation.training.melody_first.layers import Block, Codes, Normalise

    sizes = list(INPUTS[stage].values())
    inputs = keras.Input((None, len(sizes)), dtype="int32", name="inputs")
    known = keras.Input((None, len(KNOWN_CODES)), dtype="int32", name="known")
    times = keras.Input((None,), dtype="int32", name="times")
    conditions = keras.Input((2 * len(CONDITIONS[stage]),), name="conditions")
    mood = layers.Dense(MOOD_UNITS, activation="tanh", name="mood")(conditions)
    mood = layers.Dense(shape.units, name="mood_in")(mood)
    hidden = Codes(sizes, shape.units, name="codes")(inputs) + ops.expand_dims(mood, 1)
    hidden = layers.Dropout(shape.dropout)(hidden)
    if shape.layout == "transformer":
        for number in range(shape.blocks):
            block = Block(shape.units // HEAD_SIZE, 3 * shape.units, shape.dropout, name=f"block_{number}")
            hidden = block(hidden, times)
        hidden = Normalise(name="last")(hidden)
    else:
        for number in range(shape.blocks):
            hidden = layers.LSTM(shape.units, return_sequences=True, name=f"lstm_{number}")(hidden)
            hidden = layers.Dropout(shape.dropout)(hidden)
    outputs: dict[str, Any] = {}
    for head, (codes, parts) in HEADS.items():
        thought = layers.Dense(shape.head_units, name=f"{head}_thought")(hidden)
        if parts:
            table = Codes([KNOWN_CODES[part] for part in parts], shape.head_units, name=f"{head}_known")
            thought = thought + table(known[..., : len(parts)])
        thought = layers.Dropout(shape.dropout / 2)(ops.gelu(thought, approximate=True))
        outputs[head] = layers.Dense(codes, dtype="float32", name=head)(thought)
    named = {"inputs": inputs, "known": known, "times": times, "conditions": conditions}
    return keras.Model(named, outputs, name=stage)
