"""Features of when and how keys are struck: rhythm, touch, timing, form, the end."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.likeness.clips import Clip
from benchmarks.likeness.hearing import Heard, find_silences
from benchmarks.likeness.pitches import PERCENTS
from benchmarks.likeness.shares import correlate, entropy, mean_of, number, share, shares, spread_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Features = dict[str, float]

BEATS: Final = (0.0, 0.1875, 0.2917, 0.4167, 0.5833, 0.7083, 0.875, 1.25, 1.75, 2.5, 3.5, 1e6)
"""Edges around a sixteenth note, a third and half of a beat, two thirds, three quarters, 1, 1½, 2, 3 beats, more."""
GAPS: Final = (0.0, 0.06, 0.1, 0.15, 0.2, 0.27, 0.36, 0.5, 0.7, 1.0, 1.5, 3.0, 1e6)
"""Edges of times between chords, in seconds."""
LENGTHS: Final = (0.0, 0.08, 0.15, 0.25, 0.4, 0.6, 0.9, 1.4, 2.2, 3.5, 1e6)
"""Edges of note lengths, in seconds."""
BAR: Final = 4
"""Beats of a bar as the beat tracker counts."""
END_SECONDS: Final = 4.0
"""How much of the end of a whole clip is looked at."""


def measure_beats(heard: Heard) -> Features:
    """Durations and gaps between chords in beats, and where in beat and bar chords fall."""
    start = first_of_chords(heard, heard.beat)
    gaps = np.diff(start)
    place = np.floor((start % 1.0) * 12 + 0.5).astype(np.int64) % 12
    melody_gaps = np.diff(heard.beat[heard.top])
    return {
        **number("gaps, beats, from", shares(gaps, BEATS), BEATS[:-1]),
        **number("melody gaps, beats, from", shares(melody_gaps, BEATS), BEATS[:-1]),
        **number("lengths, beats, from", shares(heard.beats, BEATS), BEATS[:-1]),
        **number("twelfth of a beat", shares(place, range(13))),
        **number("beat of a bar", shares(np.round(start) % BAR, range(BAR + 1))),
        "regularity": regularity(gaps),
        "melody regularity": regularity(melody_gaps),
        "chords per beat": heard.chords / max(float(np.ptp(start)), 1.0),
        "melody notes per beat": len(melody_gaps) / max(float(np.ptp(start)), 1.0),
        "entropy of gaps": entropy(np.digitize(gaps, BEATS)),
        "entropy of pairs of gaps": entropy(np.digitize(gaps[1:], BEATS) * 100 + np.digitize(gaps[:-1], BEATS)),
        "same gap again": share(np.digitize(gaps[1:], BEATS) == np.digitize(gaps[:-1], BEATS)),
    }


def measure_speed(heard: Heard) -> Features:
    """Durations, gaps and densities in seconds, and the tempo found."""
    gaps = np.diff(first_of_chords(heard, heard.onset))
    per_second = np.bincount(heard.onset.astype(np.int64))
    return {
        **number("gaps, s, from", shares(gaps, GAPS), GAPS[:-1]),
        **number("lengths, s, from", shares(heard.duration, LENGTHS), LENGTHS[:-1]),
        "tempo": heard.grid.tempo,
        "notes per second": len(heard.onset) / heard.seconds,
        "chords per second": heard.chords / heard.seconds,
        "melody notes per second": float(heard.top.sum()) / heard.seconds,
        "density varies": float(per_second.std()),
        "most in a second": float(per_second.max()),
        "mean length": float(heard.duration.mean()),
    }


def regularity(gaps: FloatArray) -> float:
    """One minus half the normalised pairwise variability index; 1 where all gaps are equal or there are too few."""
    gaps = gaps[gaps > 0]
    if len(gaps) < 2:
        return 1.0
    return float(1.0 - (np.abs(np.diff(gaps)) / (gaps[1:] + gaps[:-1])).mean())


def first_of_chords(heard: Heard, values: FloatArray) -> FloatArray:
    """The value of each chord's first note; shape (chords,)."""
    return values[np.r_[True, heard.chord[1:] != heard.chord[:-1]]]


def measure_touch(heard: Heard) -> Features:
    """Velocities: how loud, how unequal, how they go on, and which line leads."""
    velocity = heard.velocity.astype(np.float64)
    thirds = np.array_split(velocity, 3)
    others = ~heard.top
    per_chord = np.bincount(heard.chord, velocity) / np.bincount(heard.chord)
    within = np.abs(np.diff(velocity))[np.diff(heard.chord) == 0]
    return {
        "mean": float(velocity.mean()),
        "spread": float(velocity.std()),
        **number("percentile", np.percentile(velocity, PERCENTS), PERCENTS),
        **number("velocities from", shares(velocity, range(0, 129, 16)), range(0, 128, 16)),
        "growth": float(thirds[2].mean() - thirds[0].mean()),
        "swell": float(thirds[1].mean() - (thirds[0].mean() + thirds[2].mean()) / 2),
        "melody leads": mean_of(velocity[heard.top]) - mean_of(velocity[others]) if others.any() else 0.0,
        "high is loud": correlate(heard.pitch.astype(np.float64), velocity),
        "step": mean_of(np.abs(np.diff(per_chord))),
        "within chords": mean_of(within),
        "goes on": correlate(per_chord[1:], per_chord[:-1]),
        "different velocities": len(np.unique(heard.velocity)) / len(velocity),
    }


def measure_timing(heard: Heard) -> Features:
    """How far onsets lie from the grid, how chords are spread, how the beat breathes, how keys overlap, and pedal."""
    start = first_of_chords(heard, heard.beat)
    distance = np.abs(start * 4 - np.round(start * 4)) / 4
    thirds = np.abs(start * 3 - np.round(start * 3)) / 3
    periods = np.diff(heard.grid.times)
    opening = first_of_chords(heard, heard.onset)
    delay = heard.onset - opening[heard.chord]
    several = np.bincount(heard.chord)[heard.chord] > 1
    spread = np.array([delay[heard.chord == one].max() for one in np.unique(heard.chord[several])])
    melody, others = several & heard.top, several & ~heard.top
    return {
        "off the sixteenths": mean_of(distance),
        "off the sixteenths varies": spread_of(distance),
        "off the thirds": mean_of(np.minimum(distance, thirds)),
        "beat varies": float(np.log(periods).std()),
        "beat changes": mean_of(np.abs(np.diff(np.log(periods)))),
        "beat slows": float(np.log(periods[-4:].mean() / periods.mean())),
        "chords' spread": mean_of(spread),
        "chords' spread varies": spread_of(spread),
        "chords exactly together": share(spread < 1e-3),
        "melody's delay": mean_of(delay[melody]) - mean_of(delay[others]),
        **measure_overlap(heard),
        **measure_pedal(heard),
    }


def measure_overlap(heard: Heard) -> Features:
    """Key-down time over the time to the next note of the melody, and of the bass."""
    found: Features = {}
    for name, line in (("melody", heard.top), ("bass", heard.low)):
        gaps = np.diff(heard.onset[line])
        usable = (gaps > 0.04) & (gaps < 2.0)
        held = np.minimum(heard.duration[line][:-1][usable] / gaps[usable], 4.0)
        found |= {
            f"{name} held": float(np.median(held)) if len(held) else 1.0,
            f"{name} held varies": spread_of(held),
            f"{name} detached": share(held < 0.75),
            f"{name} exactly legato": share(np.abs(held - 1.0) < 0.02),
        }
    return found


def measure_pedal(heard: Heard) -> Features:
    """Share of time with the pedal down, changes per second, and how long it stays."""
    down = np.clip(heard.pedals, 0.0, heard.seconds)
    length = (down[:, 1] - down[:, 0])[down[:, 1] > down[:, 0]]
    return {
        "pedal": min(float(length.sum()) / heard.seconds, 1.0),
        "pedal changes": len(length) / heard.seconds,
        "pedal stays": mean_of(length),
        "pedal stays unequally": spread_of(length),
    }


def measure_form(heard: Heard) -> Features:
    """How bars, their rhythms and the melody return, and how much rests."""
    bar = np.floor(heard.beat / BAR).astype(np.int64)
    bar -= bar.min()
    cell = np.floor((heard.beat % BAR) * 2 + 0.5).astype(np.int64) % (2 * BAR)
    count = int(bar.max()) + 1
    notes = np.zeros((count, 2 * BAR * 12))
    notes[bar, cell * 12 + heard.pitch % 12] = 1.0
    rhythm = np.zeros((count, 2 * BAR))
    rhythm[bar, cell] = 1.0
    density = np.bincount(bar, minlength=count).astype(np.float64)
    silences = find_silences(heard)
    gaps = np.diff(first_of_chords(heard, heard.beat))
    intervals = np.diff(heard.melody)
    return {
        **{f"bar {name}": value for name, value in compare_bars(notes).items()},
        **{f"rhythm {name}": value for name, value in compare_bars(rhythm).items()},
        "melody returns": share_returning(intervals),
        "density of bars varies": spread_of(density / density.mean()),
        "silence": float(silences.sum()) / heard.seconds,
        "silences a minute": 60.0 * len(silences) / heard.seconds,
        "gaps above a beat": share(gaps > 1.25),
        "longest gap": float(min(gaps.max(), 2.0 * BAR)) if len(gaps) else 0.0,
    }


def compare_bars(rows: FloatArray) -> Features:
    """Jaccard similarity of bars: to the bar before, two and four before, the best earlier one, and equal ones.

    Parameters
    ----------
    rows : array, shape (bars, cells)
        1 where something is struck.
    """
    shared = rows @ rows.T
    size = rows.sum(axis=1)
    similar = shared / np.maximum(size[:, None] + size[None, :] - shared, 1.0)
    earlier = [similar[one, :one].max() for one in range(1, len(rows))]
    return {
        **{f"like {back} before": mean_of(np.diag(similar, -back)) for back in (1, 2, 4)},
        "like the best": mean_of(earlier),
        "equal to one": share(np.array(earlier) > 0.99),
    }


def share_returning(intervals: IntArray, run: int = 4) -> float:
    """Share of runs of `run` melodic intervals that were there before.

    >>> share_returning(np.array([2, 2, 1, 2, 2, 2, 1, 2]))
    0.2
    """
    if len(intervals) < run:
        return 0.0
    seen: set[bytes] = set()
    runs = [window.tobytes() for window in np.lib.stride_tricks.sliding_window_view(intervals, run)]
    returned = 0
    for one in runs:
        returned += one in seen
        seen.add(one)
    return returned / len(runs)


def measure_end(clip: Clip) -> Features:
    """The last seconds of a whole clip against the rest: density, lengths, chord, loudness left out."""
    onset, pitch, duration = clip.table[:, 0], clip.table[:, 1], clip.table[:, 2]
    last = onset >= onset[-1] - END_SECONDS
    seconds = max(float(onset[-1] - onset[0]), END_SECONDS)
    final = onset >= onset[-1] - 0.04
    return {
        "thinner": float(last.sum()) / END_SECONDS / (len(onset) / seconds),
        "last notes": float(final.sum()),
        "last notes' length": float(min(duration[final].max(), 6.0)),
        "last notes' length over others": float(min(duration[final].max() / duration.mean(), 10.0)),
        "last chord's width": float(np.ptp(pitch[final])),
    }
