"""Small clips of no real music, for tests of what judges hear: a walking melody over broken chords, all by chance."""

from __future__ import annotations

import numpy as np

from benchmarks.likeness import Clip
from benchmarks.likeness.clips import QUADRANTS
from generation.emotions import EMOTIONS

SCALE = np.array([0, 2, 4, 5, 7, 9, 11])


def make_clip(seed: int, *, song: str | None = None, emotion: int | None = None) -> Clip:
    """A clip of 12 s at about 120 beats a minute; its emotion's number (or quadrant in turn) is only its label."""
    random = np.random.default_rng(seed)
    tonic, beat = int(random.integers(-4, 5)), 0.5
    degree = 14 + np.cumsum(random.integers(-2, 3, size=48))
    degree = np.clip(degree, 8, 22)
    melody = 48 + tonic + 12 * (degree // 7) + SCALE[degree % 7] - 12
    onset = np.arange(48) * beat / 2
    rows = [onset, melody, np.full(48, 0.4 * beat), 70 + random.integers(-8, 9, size=48)]
    root = np.repeat(random.choice([0, 5, 7, 9], size=12), 2)
    bass = [np.arange(24) * beat, 36 + tonic + root + np.tile([0, 7], 12), np.full(24, 0.9 * beat)]
    table = np.concatenate([np.column_stack(rows), np.column_stack([*bass, 55 + random.integers(-8, 9, size=24)])])
    table[:, 0] += random.normal(0.0, 0.004, size=len(table)) + 0.1
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    meant = None if emotion is None else EMOTIONS[emotion % 8]
    quadrant = meant.quadrant if meant else QUADRANTS[seed % 4]
    return Clip(f"clip {seed}", song or f"song {seed}", table, np.array([[0.1, 2.0]]), quadrant, meant and meant.slug)


def make_real(count: int, first: int = 0, each: int = 2) -> list[Clip]:
    """`count` clips without an emotion, `each` of one song."""
    return [make_clip(first + number, song=f"song {(first + number) // (4 * each)}") for number in range(count)]


def make_made(count: int, first: int = 1000) -> list[Clip]:
    """`count` clips for the eight emotions in turn, each its own song."""
    return [make_clip(first + number, emotion=number) for number in range(count)]
