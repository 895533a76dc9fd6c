"""The composer network in Keras: two LSTM layers over notes, four chained heads per note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generation.networks.events import (
    ADVANCES,
    CHORDS,
    CONDITION_NAMES,
    DURATIONS,
    PITCHES,
    POSITIONS,
    VELOCITIES,
)

if TYPE_CHECKING:
    import keras

PREVIOUS: Final = {
    "advances": (ADVANCES + 1, 24),
    "pitches": (PITCHES + 1, 64),
    "durations": (DURATIONS + 1, 24),
    "velocities": (VELOCITIES + 1, 16),
    "positions": (POSITIONS + 1, 16),
    "chords": (CHORDS + 1, 32),
    "next_chords": (CHORDS + 1, 32),
}
"""Embeddings of the note before: numbers of codes (0 is "start") and of dimensions."""
CURRENT: Final = {
    "advances": (ADVANCES, 24),
    "positions": (POSITIONS, 16),
    "chords": (CHORDS, 32),
    "next_chords": (CHORDS, 16),
    "pitches": (PITCHES, 48),
    "durations": (DURATIONS, 24),
}
"""Embeddings of what is already known of the note being written."""
HEADS: Final = {
    "advances": (ADVANCES, ()),
    "pitches": (PITCHES, ("advances", "positions", "chords", "next_chords")),
    "durations": (DURATIONS, ("positions", "chords", "pitches")),
    "velocities": (VELOCITIES, ("positions", "pitches", "durations")),
}
"""Heads in the order a note is written, and which parts of the note each one knows."""
CONDITION_UNITS: Final = 48


def build_network(units: int = 256, head_units: int = 192, dropout: float = 0.3) -> keras.Model:
    """Build the network for whole sequences.

    Inputs are ``previous_<name>`` and ``current_<name>`` of shape (batch, notes) and ``conditions`` of
    shape (batch, notes, conditions); outputs are logits per head, shape (batch, notes, codes).
    """
    import keras
    from keras import layers

    conditions = keras.Input((None, len(CONDITION_NAMES)), name="conditions")
    previous = {n: keras.Input((None,), dtype="int32", name=f"previous_{n}") for n in PREVIOUS}
    current = {n: keras.Input((None,), dtype="int32", name=f"current_{n}") for n in CURRENT}
    mood = layers.Dense(CONDITION_UNITS, activation="tanh", name="mood")(conditions)
    before = [layers.Embedding(*size, name=f"before_{n}")(previous[n]) for n, size in PREVIOUS.items()]
    hidden = layers.Concatenate()([*before, mood])
    hidden = layers.Dropout(dropout / 2)(hidden)
    hidden = layers.LSTM(units, return_sequences=True, name="first")(hidden)
    first = layers.Dropout(dropout)(hidden)
    hidden = layers.LSTM(units, return_sequences=True, name="second")(layers.Concatenate()([first, mood]))
    hidden = layers.Dropout(dropout)(hidden)
    known = {n: layers.Embedding(*size, name=f"known_{n}")(current[n]) for n, size in CURRENT.items()}
    outputs: dict[str, Any] = {}
    for name, (codes, parts) in HEADS.items():
        joined = layers.Concatenate()([hidden, mood, *(known[part] for part in parts)])
        thought = layers.Dense(head_units, activation="relu", name=f"{name}_thought")(joined)
        outputs[name] = layers.Dense(codes, name=name)(layers.Dropout(dropout / 2)(thought))
    inputs = {
        "conditions": conditions,
        **{f"previous_{n}": value for n, value in previous.items()},
        **{f"current_{n}": value for n, value in current.items()},
    }
    return keras.Model(inputs, outputs, name="muse")
