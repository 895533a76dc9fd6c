"""Scores for tests: of every composer, with the MIDI and the rows of the piano roll that belong to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from generation.emotions import get_emotion
from generation.music import score
from generation.music.notes import play_straight
from generation.networks.composers import ComposeRequest, compose


@dataclass(frozen=True, slots=True)
class Composed:
    """What `pipeline.make_clip` writes of a piece, without its sound."""

    musicxml: bytes
    midi: bytes
    rows: list[list[float | int | str]]


@cache
def composed(composer: str, emotion: str, seed: int = 5) -> Composed:
    composition = compose(composer, ComposeRequest(emotion=get_emotion(emotion), seed=seed, candidates=1))
    piece = composition.piece
    performance = composition.performance or play_straight(piece)
    midi = score.write_midi(piece, composition.performance)
    if not piece.marks:
        piece = replace(score.fill_gaps(piece), marks=score.mark_piece(piece, performance))
    rows = [[note.onset, note.duration, note.pitch, note.velocity, note.hand] for note in performance.notes]
    return Composed(score.write_musicxml(piece, fermata=True), midi, rows)
