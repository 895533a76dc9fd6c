"""Chords: what a stretch of notes sounds like, as root and quality relative to the key.

A chord is numbered ``root * 8 + quality`` with `root` in semitones above the tonic, so the same number
means the same function in every key; `NO_CHORD` (96) stands for silence.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

QUALITIES: Final = ("major", "minor", "diminished", "augmented", "suspended", "major7", "dominant7", "minor7")
INTERVALS: Final = (
    (0, 4, 7),
    (0, 3, 7),
    (0, 3, 6),
    (0, 4, 8),
    (0, 5, 7),
    (0, 4, 7, 11),
    (0, 4, 7, 10),
    (0, 3, 7, 10),
)
NO_CHORD: Final = 12 * len(QUALITIES)
CHORD_COUNT: Final = NO_CHORD + 1
HALF_BAR: Final = 8
"""Chords are found per half bar: 8 sixteenths."""
QUALITY_PRIOR: Final = np.array([0.05, 0.05, -0.02, -0.06, -0.03, -0.02, -0.02, -0.02])
"""Plain triads win ties; judgement."""


def number_chord(root: int, quality: str) -> int:
    """Return the number of a chord.

    >>> number_chord(7, "dominant7")
    62
    """
    return root % 12 * len(QUALITIES) + QUALITIES.index(quality)


def chord_pitch_classes(chord: int) -> frozenset[int]:
    """Pitch classes of a chord, in semitones above the tonic; none for `NO_CHORD`.

    >>> sorted(chord_pitch_classes(number_chord(7, "major")))
    [2, 7, 11]
    """
    if chord == NO_CHORD:
        return frozenset()
    root, quality = divmod(chord, len(QUALITIES))
    return frozenset((root + step) % 12 for step in INTERVALS[quality])


def chord_root(chord: int) -> int:
    """Semitones of the root above the tonic; 0 for `NO_CHORD`."""
    return 0 if chord == NO_CHORD else chord // len(QUALITIES)


def _build_templates() -> FloatArray:
    # Rows chords, columns pitch classes above the tonic. Notes outside a chord speak against it; judgement.
    templates = np.full((NO_CHORD, 12), -0.35)
    for chord in range(NO_CHORD):
        tones = list(chord_pitch_classes(chord))
        templates[chord, tones] = 1.0
        templates[chord] /= np.linalg.norm(templates[chord])
    return templates


_TEMPLATES: Final = _build_templates()


def find_chords(starts: IntArray, pitches: IntArray, durations: IntArray, tonic: int) -> IntArray:
    """Name the chord of every half bar.

    Parameters
    ----------
    starts, durations : array of int, shape (notes,)
        In sixteenths; starts count from the first bar line.
    pitches : array of int, shape (notes,)
        MIDI numbers.
    tonic : int
        Pitch class the roots are counted from.

    Returns
    -------
    array of int, shape (half bars,)
        Chord numbers; half bars without notes repeat the chord before.

    Examples
    --------
    >>> found = find_chords(np.zeros(3, int), np.array([48, 64, 67]), np.full(3, 8), tonic=0)
    >>> QUALITIES[found[0] % 8], int(found[0]) // 8
    ('major', 0)
    """
    if len(starts) == 0:
        return np.zeros(0, dtype=np.int64)
    count = int((starts + 1).max() - 1) // HALF_BAR + 1
    # Sixteenths per half bar and pitch class above the tonic; and each half bar's lowest pitch.
    chroma = np.zeros((count, 12))
    lowest = np.full(count, 200)
    for start, pitch, duration in zip(starts, pitches, durations, strict=True):
        first, last = start // HALF_BAR, min((start + max(duration, 1) - 1) // HALF_BAR, count - 1)
        for half in range(first, last + 1):
            shared = min(start + duration, (half + 1) * HALF_BAR) - max(start, half * HALF_BAR)
            chroma[half, (pitch - tonic) % 12] += min(max(shared, 1), HALF_BAR)
            lowest[half] = min(lowest[half], pitch)
    return _name_chords(chroma, lowest, tonic)


def _name_chords(chroma: FloatArray, lowest: IntArray, tonic: int) -> IntArray:
    norm = np.linalg.norm(chroma, axis=1, keepdims=True)
    # Cosine with every template, shape (half bars, 96), and what plain triads are ahead by.
    scores = chroma / np.maximum(norm, 1e-9) @ _TEMPLATES.T + np.tile(QUALITY_PRIOR, 12)
    bass = (lowest - tonic) % 12
    roots = np.arange(NO_CHORD) // len(QUALITIES)
    # The bass is the root more often than not: this tells A minor 7 from C major.
    scores += 0.15 * (bass[:, None] == roots[None, :])
    named = scores.argmax(axis=1)
    chords = np.empty(len(named), dtype=np.int64)
    current = NO_CHORD
    for half, silent in enumerate(norm[:, 0] < 1e-9):
        # A silent half bar keeps the harmony before it.
        current = current if silent else int(named[half])
        chords[half] = current
    return chords
