"""Hello: a scale up and down, major where the emotion is pleasant, faster where it is excited."""

from __future__ import annotations

import random

from generation.music.notes import Note, Piece
from generation.networks.composers import Composer, ComposeRequest, Composition

SCALES = {"major": (0, 2, 4, 5, 7, 9, 11, 12), "minor": (0, 2, 3, 5, 7, 8, 10, 12)}
LAST_CHORD = 23.5  # seconds: every clip lasts 28, and composers strike their last chord between 22.5 and 24.5


def compose(request: ComposeRequest) -> Composition:
    """The same request always gives the same piece: chance comes from the seed alone."""
    valence = request.emotion.valence if request.valence is None else request.valence
    arousal = request.emotion.arousal if request.arousal is None else request.arousal
    mode = "major" if valence >= 0 else "minor"
    bars = round(10 + 4 * arousal)
    tonic = random.Random(request.seed).randrange(12)
    up_and_down = (*SCALES[mode], *reversed(SCALES[mode][1:-1]))
    loudness = round(64 + 20 * arousal)
    notes = []
    for beat in range(4 * bars):
        step = up_and_down[beat % len(up_and_down)]
        notes.append(Note(float(beat), 60 + tonic + step, 1.0, loudness, "right"))
        if beat % 4 == 0:
            notes.append(Note(float(beat), 36 + tonic, 4.0, loudness - 8, "left"))
    for pitch in (36 + tonic, 48 + tonic, 60 + tonic + SCALES[mode][2], 67 + tonic):
        notes.append(Note(4.0 * bars, pitch, 4.0, loudness, "left" if pitch < 60 else "right"))
    piece = Piece(tuple(sorted(notes)), tempo=4 * bars * 60 / LAST_CHORD, tonic=tonic, mode=mode)
    return Composition(piece, performance=None, attributes={}, scores={}, models={"scale": {"name": mode}})


HELLO = Composer(
    name="hello",
    label="Hello",
    description="a scale up and down, as pleasant and as fast as the emotion",
    load=lambda: compose,
)
