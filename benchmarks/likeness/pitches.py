"""Features of what is struck: melody, register, harmony, texture. None but the register's changes by transposing."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.likeness.hearing import LONGEST_RING, Heard, pair_struck_together
from benchmarks.likeness.shares import entropy, mean_of, number, share, shares, spread_of
from generation.music.attributes.measuring import ROUGHNESS

FloatArray = NDArray[np.float64]
Features = dict[str, float]

MOVES: Final = (0, 1, 2, 3, 4, 5, 6, 8, 12, 13, 128)
"""Edges of melodic intervals in semitones: each up to a fourth apart, then in groups."""
MOVED: Final = ("0", "1", "2", "3", "4", "5", "6–7", "8–11", "12", "13 and more")
LEAP: Final = 5
"""Semitones above which a melodic interval is a leap."""
OCTAVES: Final = (21, 36, 48, 60, 72, 84, 109)
"""Edges of registers; the keyboard's own ends outside."""
PERCENTS: Final = (5, 25, 50, 75, 95)
SECONDS: Final = (1, 13)
"""Semitones of the minor second and the minor ninth."""
TRIADS: Final = {"major": (0, 4, 7), "minor": (0, 3, 7), "diminished": (0, 3, 6), "augmented": (0, 4, 8)}


def measure_melody(heard: Heard) -> Features:
    """Intervals of the melody and how they follow each other."""
    moves = np.diff(heard.melody)
    size, turns = np.abs(moves), moves[1:] * moves[:-1]
    leaps = size[:-1] > LEAP
    coded = np.sign(moves) * np.digitize(size, MOVES)
    return {
        **number("moves of", shares(size, MOVES), MOVED),
        "size": mean_of(size),
        "size varies": spread_of(size),
        "rising": share(moves > 0, moves != 0),
        "turning": share(turns < 0, turns != 0),
        "leap turned back": share(leaps & (turns < 0), leaps),
        "leap then step": share(leaps & (size[1:] <= 2), leaps),
        "run of one direction": share(turns > 0),
        "entropy of intervals": entropy(coded),
        "entropy of pairs": entropy(coded[1:] * 100 + coded[:-1]),
        "ambitus": float(np.ptp(np.percentile(heard.melody, [10, 90]))),
    }


def measure_height(heard: Heard) -> Features:
    """Where on the keyboard the clip lies: this changes by transposing."""
    pitch = heard.pitch
    return {
        **number("percentile", np.percentile(pitch, PERCENTS), PERCENTS),
        "mean": float(pitch.mean()),
        "lowest": float(pitch.min()),
        "highest": float(pitch.max()),
        "melody": float(heard.melody.mean()),
        "bass": float(pitch[heard.low].mean()),
        **number("pitches from", shares(pitch, OCTAVES), OCTAVES[:-1]),
    }


def measure_spread(heard: Heard) -> Features:
    """How far the pitches lie apart, and how the lines move."""
    pitch = heard.pitch.astype(np.float64)
    thirds = np.array_split(pitch, 3)
    return {
        "spread": float(pitch.std()),
        "range": float(np.ptp(pitch)),
        "pitches used": float(len(np.unique(heard.pitch))),
        "melody over bass": float(heard.melody.mean() - pitch[heard.low].mean()),
        "melody spread": float(heard.melody.std()),
        "bass spread": float(pitch[heard.low].std()),
        "rise": float(thirds[2].mean() - thirds[0].mean()),
    }


def measure_harmony(heard: Heard) -> Features:
    """Pitch classes above the key note, what sounds together, chords, and steps of the bass."""
    weight = np.minimum(heard.duration, LONGEST_RING)
    degrees = np.bincount(heard.degrees, weight, 12) / weight.sum()
    outside = [degree for degree in range(12) if (heard.key.tonic + degree) % 12 not in heard.key.scale]
    pairs = pair_struck_together(heard)
    chroma = sum_chroma(heard)
    steps = np.diff(heard.pitch[heard.low]) % 12
    changes = 1.0 - (chroma[1:] * chroma[:-1]).sum(axis=1)
    return {
        **number("degree", degrees),
        "clarity": heard.key.clarity,
        "majorness": heard.key.majorness,
        "outside the scale": float(degrees[outside].sum()),
        "entropy of pitch classes": float(-(degrees[degrees > 0] * np.log2(degrees[degrees > 0])).sum()),
        **number("together", shares(pairs % 12, range(13))),
        "minor seconds and ninths": share(np.isin(pairs, SECONDS)),
        "roughness": mean_of(ROUGHNESS[pairs % 12]),
        **match_triads(chroma),
        "harmony changes": mean_of(changes),
        "harmony changes unevenly": spread_of(changes),
        **number("bass step", shares(steps, range(13))),
    }


def sum_chroma(heard: Heard) -> FloatArray:
    """Strength of each pitch class in every two beats, each row of length 1; shape (spans, 12)."""
    span = np.floor(heard.beat / 2).astype(np.int64)
    span -= span.min()
    chroma = np.zeros((int(span.max()) + 1, 12))
    np.add.at(chroma, (span, heard.pitch % 12), np.minimum(heard.duration, LONGEST_RING))
    chroma = chroma[chroma.sum(axis=1) > 0]
    return np.asarray(chroma / np.linalg.norm(chroma, axis=1, keepdims=True), dtype=np.float64)


def match_triads(chroma: FloatArray) -> Features:
    """How much two beats sound like a triad: mean of the best root's cosine, for each kind of triad."""
    best = {}
    for name, tones in TRIADS.items():
        shape = np.zeros(12)
        shape[list(tones)] = 1.0 / np.sqrt(3.0)
        best[name] = np.stack([chroma @ np.roll(shape, root) for root in range(12)]).max(axis=0)
    found = {f"{name} triads": float(strength.mean()) for name, strength in best.items()}
    return {
        **found,
        "major before minor": share(best["major"] > best["minor"]),
        "clear triads": float(np.maximum(best["major"], best["minor"]).mean()),
    }


def measure_texture(heard: Heard) -> Features:
    """How many notes are struck and sound together, and how the lines share them."""
    size = np.bincount(heard.chord)
    end = heard.onset + np.minimum(heard.duration, LONGEST_RING)
    sounding = np.searchsorted(heard.onset, heard.onset, side="right") - np.searchsorted(np.sort(end), heard.onset)
    width = [np.ptp(heard.pitch[heard.chord == one]) for one in np.flatnonzero(size > 1)]
    melody_alone = heard.top & (size[heard.chord] == 1)
    return {
        **number("chords of", shares(size, (1, 2, 3, 4, 5, 6, 128)), range(1, 7)),
        "chord size": float(size.mean()),
        "chord size varies": float(size.std()),
        "sounding": float(sounding.mean()),
        "sounding varies": float(sounding.std()),
        "melody's share": float(heard.top.mean()),
        "melody alone": float(melody_alone.mean()),
        "width of chords": mean_of(width),
        "wide chords": share(np.array(width) > 12),
        "close chords": share(np.array(width) < 8),
        "chords in sequence": share((size[1:] > 2) & (size[:-1] > 2)),
    }
