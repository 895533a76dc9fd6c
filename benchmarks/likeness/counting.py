"""What a musician counts in a clip: steps and leaps, sharp dissonances, the lowest note, silence, speed, touch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from benchmarks.likeness.clips import Clip
from benchmarks.likeness.hearing import find_silences, hear, pair_struck_together
from benchmarks.likeness.pitches import LEAP, SECONDS
from benchmarks.likeness.shares import share

COUNTS: Final = {
    "steps": "share of melodic moves of one or two semitones",
    "repeated": "share of melodic moves to the same note",
    "leaps": "share of melodic moves above five semitones",
    "minor seconds, ninths": "share of pairs of notes struck together",
    "lowest note": "MIDI number",
    "silence": "share of time with neither key nor pedal down",
    "notes/s": "keys struck per second",
    "velocity": "mean, 1 to 127",
    "bpm": "tempo as tracked, which may be half or double of the written one",
}
"""Name of each count → what it is."""


def count(clip: Clip) -> dict[str, float]:
    """The counts of one clip, by the names of `COUNTS`.

    The melody is the skyline: the highest note of each chord, unless a clearly higher one still sounds above it.
    """
    heard = hear(clip)
    moves = np.abs(np.diff(heard.melody))
    values = (
        share((moves == 1) | (moves == 2)),
        share(moves == 0),
        share(moves > LEAP),
        share(np.isin(pair_struck_together(heard), SECONDS)),
        float(heard.pitch.min()),
        float(find_silences(heard).sum()) / heard.seconds,
        len(heard.onset) / heard.seconds,
        float(heard.velocity.mean()),
        heard.grid.tempo,
    )
    return dict(zip(COUNTS, values, strict=True))


def mean_counts(clips: Sequence[Clip]) -> dict[str, float]:
    """Mean of each count over clips."""
    counted = [count(clip) for clip in clips]
    return {name: float(np.mean([one[name] for one in counted])) for name in COUNTS}
