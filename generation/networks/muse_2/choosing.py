"""Which candidate is played: the one nearest to what was asked for, among those that are well made and no copy.

No classifier of emotions takes part, so that nothing here learned from labelled clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes import KINDS, NAMES, Attributes, measure
from generation.music.copying import count_copied
from generation.music.musicality import judge_musicality
from generation.music.notes import Performance, Piece
from generation.networks.critic import attain
from generation.networks.muse_2.planning import Wish
from generation.networks.muse_2.playing import mark, play_piece

WEIGHTS: Final = {"attainment": 0.6, "musicality": 0.4}
"""What a candidate's total is made of; judgement."""
MOST_KNOWN: Final = 0.02
"""Share of a piece's runs of twelve notes that real pieces have in common with each other (.0044 measured on POP909's
unseen songs), and room above it; more counts as a copy."""
COPY_PENALTY: Final = 1.0
# Tempo and mode are drawn exactly, repetition is the form's.
_WIDTHS: Final = np.array(
    [np.inf if kind.name in ("tempo", "majorness", "repetition") else 2.0 * kind.width for kind in KINDS]
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate with what was measured on it and how it scored."""

    wish: Wish
    piece: Piece
    performance: Performance
    measured: Attributes
    scores: dict[str, float]


def make_candidate(wish: Wish, piece: Piece, tunes: NDArray[np.uint32], random: np.random.Generator) -> Candidate:
    """Play and score a piece; `tunes` are the hashes of known tunes (`generation.music.copying`)."""
    performance = play_piece(piece, wish, random)
    piece = mark(piece, performance, wish)
    measured = measure(performance, tempo=piece.tempo)
    starts = np.array([round(note.start * 12) for note in piece.notes])
    pitches = np.array([note.pitch for note in piece.notes])
    copied = count_copied(starts, pitches, tunes)
    parts = {
        "attainment": attain(measured, wish.attributes, _WIDTHS),
        "musicality": judge_musicality(piece, measured).total,
    }
    total = sum(WEIGHTS[name] * value for name, value in parts.items())
    total -= COPY_PENALTY * (copied > MOST_KNOWN * len(pitches))
    scores = {**{name: round(value, 4) for name, value in parts.items()}, "copied": copied, "total": round(total, 4)}
    return Candidate(wish, piece, performance, measured, scores)


def choose(candidates: Sequence[Candidate]) -> int:
    """Index of the candidate with the highest total; of equals the first."""
    return max(range(len(candidates)), key=lambda index: (candidates[index].scores["total"], -index))


if len(_WIDTHS) != len(NAMES):
    raise TypeError("A width is missing.")
