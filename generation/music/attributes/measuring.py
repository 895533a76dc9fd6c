"""Measure attributes on any played piano music."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes.schema import NAMES, Attributes
from generation.music.beats import BeatGrid, track_beats
from generation.music.keys import find_key, weigh_pitch_classes
from generation.music.notes import Performance, PlayedNote

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TOGETHER: Final = 0.04
"""Onsets closer than this are one onset (seconds): asynchrony within chords is below it (Goebl 2001)."""
ROUGHNESS: Final = np.array([0.0, 1.0, 0.55, 0.1, 0.08, 0.05, 0.5, 0.0, 0.15, 0.1, 0.35, 0.8])
"""Roughness of an interval class 0…11 semitones; order after Huron (1994), values judgement."""
HIGHEST_BASS: Final = 60
"""The lowest line counts as bass below middle C only."""


def measure(performance: Performance | Sequence[PlayedNote], *, tempo: float | None = None) -> Attributes:
    """Measure the attributes of a performance.

    Parameters
    ----------
    performance : Performance or sequence of PlayedNote
        Any piano music; hands are ignored, the top line is the highest note of each onset.
    tempo : float, optional
        Beats per minute where the score is known. Otherwise the beat is tracked, and may be found
        at half, double or two thirds of the speed, as pianists leave open.

    Returns
    -------
    Attributes
        Silence measures as zeros, moved into each attribute's range.

    Examples
    --------
    >>> from generation.music.notes import PlayedNote
    >>> scale = [PlayedNote(i * 0.5, p, 0.5, 64, "right") for i, p in enumerate((60, 62, 64, 65, 67, 69, 71, 72))]
    >>> measured = measure(scale)
    >>> measured.mode, round(measured.density, 2), measured.dynamics
    ('major', 2.0, 64.0)
    """
    notes = performance.notes if isinstance(performance, Performance) else tuple(performance)
    pedal = _share_of_pedal(performance) if isinstance(performance, Performance) else 0.0
    table = np.array([[n.onset, n.pitch, n.duration, n.velocity] for n in notes], dtype=np.float64)
    return measure_arrays(table.reshape(-1, 4), tempo=tempo, pedal=pedal)


def measure_arrays(table: FloatArray, *, tempo: float | None = None, pedal: float = 0.0) -> Attributes:
    """As `measure`, from rows of onset, pitch, duration, velocity; shape (notes, 4)."""
    if tempo is not None and not 0.0 < tempo < np.inf:
        raise ValueError(f"Tempo must be above 0 beats per minute, not {tempo}.")
    if len(table) == 0:
        return Attributes.from_array(np.zeros(len(NAMES)))
    onset, key_number, duration, velocity = table.T
    order = np.lexsort((key_number, onset))
    onset, velocity, duration = onset[order], velocity[order], np.maximum(duration[order], 1e-3)
    pitch = key_number[order].astype(np.int64)
    # From here on every array has the shape (notes,), in order of onset, then pitch.
    seconds = _length(onset, duration)
    group = _group_onsets(onset)
    starts = onset[np.unique(group, return_index=True)[1]]
    top, bass = _top_line(group, pitch, onset, duration), _bottom_line(group, pitch)
    grid = track_beats(onset, pitch, velocity.astype(np.int64)) if tempo is None else _even_grid(tempo, onset)
    # A long note counts for two seconds at most, so that one held bass does not decide the key.
    chroma = weigh_pitch_classes(pitch, np.minimum(duration, 2.0))
    key = find_key(chroma)
    # Share of sounding time on pitch classes that the key does not have.
    outside = sum(chroma[c] for c in range(12) if c not in key.scale)
    # By notes and not by seconds, so that a dense part is not a short one.
    third = max(len(onset) // 3, 1)
    share = chroma[chroma > 0] / chroma.sum()
    return Attributes.clipped(
        {
            "tempo": grid.tempo,
            "majorness": key.majorness,
            "density": len(onset) / seconds,
            "melody_density": top.sum() / seconds,
            "accompaniment_density": (len(onset) - top.sum()) / seconds,
            "melody_register": float(pitch[top].mean()),
            "bass_register": float(pitch[bass].mean()) if bass.any() else float(pitch.min()),
            "dynamics": float(velocity.mean()),
            "dynamics_spread": float(velocity.std()),
            "dynamics_shape": float(velocity[-third:].mean() - velocity[:third].mean()),
            "articulation": _measure_articulation(onset, pitch, duration),
            "note_length": float(duration.mean()),
            "chromaticism": float(outside / chroma.sum()),
            "dissonance": _measure_dissonance(onset, pitch, duration),
            "regularity": _measure_regularity(starts),
            "texture": len(onset) / len(starts),
            "harmonic_variety": float(-(share * np.log2(share)).sum()),
            "repetition": _measure_repetition(grid.to_beats(onset), pitch),
            "pedal": pedal,
        }
    )


def _length(onset: FloatArray, duration: FloatArray) -> float:
    """Seconds from first onset to last, plus at most one second of the last notes."""
    last = onset.max() - onset.min()
    ring = min(float((onset + duration).max() - onset.max()), 1.0)
    return max(float(last + ring), 0.25)


def _group_onsets(onset: FloatArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(np.diff(onset) > TOGETHER)]).astype(np.int64)


def _top_line(group: IntArray, pitch: IntArray, onset: FloatArray, duration: FloatArray) -> NDArray[np.bool_]:
    """The highest note of each onset, unless a clearly higher note is still sounding above it."""
    order = np.lexsort((pitch, group))
    top = order[np.r_[group[1:] != group[:-1], True]]
    kept = np.zeros(len(pitch), dtype=np.bool_)
    above, until = 0, -1.0
    for index in top:
        if pitch[index] < above - 5 and onset[index] < until - TOGETHER:
            continue
        kept[index] = True
        above, until = int(pitch[index]), float(onset[index] + min(duration[index], 1.5))
    return kept


def _bottom_line(group: IntArray, pitch: IntArray) -> NDArray[np.bool_]:
    """The lowest note of each onset where it is below `HIGHEST_BASS`."""
    order = np.lexsort((pitch, group))
    lowest = order[np.r_[True, group[1:] != group[:-1]]]
    kept = np.zeros(len(pitch), dtype=np.bool_)
    kept[lowest[pitch[lowest] < HIGHEST_BASS]] = True
    return kept


def _measure_articulation(onset: FloatArray, pitch: IntArray, duration: FloatArray) -> float:
    ratios = []
    for hand in (pitch >= HIGHEST_BASS, pitch < HIGHEST_BASS):
        starts, lengths = onset[hand], duration[hand]
        if len(starts) == 0:
            continue
        # The first onset after those struck together with this one; the last note's is itself, and its gap 0.
        following = np.minimum(np.searchsorted(starts, starts + TOGETHER), len(starts) - 1)
        gap = starts[following] - starts
        # A longer gap is a rest, not a way of touching keys.
        usable = (gap > TOGETHER) & (gap < 2.0)
        ratios.append(lengths[usable] / gap[usable])
    joined = np.concatenate(ratios) if ratios else np.zeros(0)
    return float(np.median(joined)) if len(joined) else 1.0


def _measure_dissonance(onset: FloatArray, pitch: IntArray, duration: FloatArray) -> float:
    end = onset + np.minimum(duration, 2.0)
    total, weight = 0.0, 0.0
    # Every pair up to six notes apart in the order of onsets: whole arrays at once instead of a loop over pairs.
    for step in range(1, min(7, len(onset))):
        shared = np.minimum(end[:-step], end[step:]) - np.maximum(onset[:-step], onset[step:])
        shared = np.clip(shared, 0.0, 1.0)
        distance = np.abs(pitch[step:] - pitch[:-step])
        # Beyond two octaves an interval is heard half as rough.
        near = np.where(distance > 24, 0.5, 1.0)
        total += float((shared * near * ROUGHNESS[distance % 12]).sum())
        weight += float((shared * near).sum())
    return total / weight if weight > 0 else 0.0


def _measure_regularity(starts: FloatArray) -> float:
    gaps = np.diff(starts)
    if len(gaps) < 2:
        return 1.0
    # Like the normalised pairwise variability index: the difference of neighbouring gaps over their mean, 0 to 2.
    contrast = np.abs(gaps[1:] - gaps[:-1]) / ((gaps[1:] + gaps[:-1]) / 2.0)
    return float(1.0 - contrast.mean() / 2.0)


def _measure_repetition(beats: FloatArray, pitch: IntArray) -> float:
    """Mean over bars of the best Jaccard similarity to an earlier bar, in eighth-note cells of pitch classes."""
    cell = np.round(beats * 2).astype(np.int64)
    # Eight eighths a bar. A bar is a row of zeros and ones, one column per (eighth, pitch class).
    bar, place = cell // 8, cell % 8
    count = int(bar.max() - bar.min()) + 1
    rolls = np.zeros((count, 8 * 12), dtype=np.float64)
    rolls[bar - bar.min(), place * 12 + pitch % 12] = 1.0
    rolls = rolls[rolls.sum(1) > 0]
    if len(rolls) < 2:
        return 0.0
    shared = rolls @ rolls.T
    size = rolls.sum(1)
    # Jaccard: cells in common over cells in either, for every pair of bars; below the diagonal stand the earlier bars.
    similarity = shared / (size[:, None] + size[None, :] - shared)
    return float(np.mean([similarity[i, :i].max() for i in range(1, len(rolls))]))


def _even_grid(tempo: float, onset: FloatArray) -> BeatGrid:
    beat = 60.0 / tempo
    count = int((onset.max() - onset.min()) / beat) + 2
    return BeatGrid(float(onset.min()) + beat * np.arange(count, dtype=np.float64), 0)


def _share_of_pedal(performance: Performance) -> float:
    if not performance.pedals or performance.seconds <= 0:
        return 0.0
    return min(sum(p.up - p.down for p in performance.pedals) / performance.seconds, 1.0)
