"""From clips to crops: runs of notes with the attributes measured on just these notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes.measuring import measure_arrays
from generation.music.attributes.schema import NAMES
from generation.music.quantising import PER_BAR, PER_BEAT, Quantised, quantise
from generation.networks.events import CONDITION_NAMES, Events, choose_conditions, to_events
from generation.training.datasets.emopia import PianoClip

FloatArray = NDArray[np.float64]

CROP_NOTES: Final = 160
CROP_STEP: Final = 40
FEWEST_NOTES: Final = 24
MOST_REST: Final = 0.2
"""Clips whose onsets lie farther from the grid than this (0.25 is chance) teach no rhythm."""
VELOCITY_SHIFTS: Final = (-2, -1, 0, 0, 1, 2)
TEMPO_FACTORS: Final = (0.92, 1.09)
FASTEST_HALVED, SLOWEST_DOUBLED = 96.0, 88.0


@dataclass(frozen=True, slots=True)
class Crop:
    """Up to `CROP_NOTES` events and the conditions (unscaled) measured on them."""

    song: str
    events: Events
    conditions: FloatArray


def cut_crops(
    clips: Sequence[PianoClip],
    report: Callable[[str], None],
    progress: Callable[[Iterable[PianoClip]], Iterable[PianoClip]] = iter,
) -> list[Crop]:
    """Cut all usable clips; clips without a steady beat are left out, unless they are the greater part."""
    scores: list[tuple[PianoClip, Quantised]] = []
    for clip in progress(clips):
        if len(clip.table) < FEWEST_NOTES:
            report(f"{clip.name} is left out: it has fewer than {FEWEST_NOTES} notes.")
        else:
            scores.append((clip, quantise(clip.table)))
    steady = [(clip, score) for clip, score in scores if score.rest <= MOST_REST]
    if 2 * len(steady) >= len(scores):
        if len(steady) < len(scores):
            report(f"{len(scores) - len(steady)} clips without a steady beat are left out.")
        scores = steady
    elif scores:
        report(f"Only {len(steady)} of {len(scores)} clips have a steady beat: all are used, and rhythm will suffer.")
    return [
        crop for clip, score in scores for version in (score, *_other_metres(score)) for crop in _cut(clip, version)
    ]


def _other_metres(score: Quantised) -> list[Quantised]:
    """The same music counted in half or double time, where the grid can hold it."""
    versions = []
    on_eighths = float(np.mean(score.starts % 2 == 0))
    if score.tempo >= FASTEST_HALVED and on_eighths > 0.93:
        versions.append(_rescale(score, 0.5))
    if score.tempo <= SLOWEST_DOUBLED:
        versions.append(_rescale(score, 2.0))
    return versions


def _rescale(score: Quantised, factor: float) -> Quantised:
    starts = (score.starts * factor).astype(np.int64)
    durations = np.clip((score.durations * factor).astype(np.int64), 1, 64)
    half = np.arange(int(starts.max()) // (PER_BAR // 2) + 1)
    source = np.minimum((half / factor).astype(np.int64), len(score.chords) - 1)
    order = np.lexsort((score.pitches, starts))
    fresh = np.r_[True, (np.diff(starts[order]) > 0) | (np.diff(score.pitches[order]) > 0)]
    kept = order[fresh]
    return replace(
        score,
        starts=starts[kept],
        pitches=score.pitches[kept],
        durations=durations[kept],
        velocities=score.velocities[kept],
        chords=score.chords[source],
        tempo=score.tempo * factor,
    )


def _cut(clip: PianoClip, score: Quantised) -> list[Crop]:
    count = len(score.starts)
    firsts = range(0, max(count - CROP_NOTES, 0) + CROP_STEP, CROP_STEP)
    crops = []
    for first in firsts:
        last = min(first + CROP_NOTES, count)
        if last - first < FEWEST_NOTES:
            break
        bar = int(score.starts[first]) // PER_BAR * PER_BAR
        starts = score.starts[first:last] - bar
        events = to_events(
            starts,
            score.pitches[first:last],
            score.durations[first:last],
            score.velocities[first:last],
            score.chords[bar // 8 :],
            score.key.tonic,
        )
        crops.append(Crop(clip.song, events, measure_crop(score, first, last)))
        if last == count:
            break
    return crops


def measure_crop(score: Quantised, first: int, last: int) -> FloatArray:
    """Conditions of notes `first` to `last`, played as written at the clip's tempo."""
    sixteenth = 60.0 / score.tempo / PER_BEAT
    rows = np.stack(
        [
            (score.starts[first:last] - score.starts[first]) * sixteenth,
            score.pitches[first:last].astype(np.float64),
            score.durations[first:last] * sixteenth,
            score.velocities[first:last].astype(np.float64),
        ],
        axis=1,
    )
    measured = measure_arrays(rows, tempo=score.tempo).to_array()
    measured[NAMES.index("majorness")] = score.key.majorness
    return choose_conditions(measured, score.key.tonic)


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded arrays for the network; `weights` are 0 where padded. Shapes (crops, notes[, conditions])."""

    previous: dict[str, NDArray[np.int32]]
    current: dict[str, NDArray[np.int32]]
    conditions: NDArray[np.float32]
    weights: NDArray[np.float32]


def augment(crop: Crop, random: np.random.Generator) -> Crop:
    """Play a crop a little louder or softer, faster or slower; the conditions follow."""
    conditions = crop.conditions.copy()
    place = CONDITION_NAMES.index
    shift = int(random.choice(VELOCITY_SHIFTS))
    velocities = np.clip(crop.events.velocities + shift, 1, 31)
    conditions[place("dynamics")] += 4 * shift
    factor = float(random.uniform(*TEMPO_FACTORS))
    for name in ("tempo", "density", "melody_density"):
        conditions[place(name)] *= factor
    conditions[place("note_length")] /= factor
    return replace(crop, events=replace(crop.events, velocities=velocities), conditions=conditions)


def stack(crops: Sequence[Crop], mean: FloatArray, spread: FloatArray) -> Batch:
    """Pad crops to one length; the step before the first note is all zeros (code 0 stands for "start")."""
    length = max(len(crop.events) for crop in crops)
    shape = (len(crops), length)
    fields = ("advances", "pitches", "durations", "velocities", "chords", "next_chords")
    current = {name: np.zeros(shape, np.int32) for name in fields}
    current["positions"] = np.zeros(shape, np.int32)
    weights = np.zeros(shape, np.float32)
    for row, crop in enumerate(crops):
        size = len(crop.events)
        weights[row, :size] = 1.0
        for name in fields:
            current[name][row, :size] = getattr(crop.events, name)
        current["positions"][row, :size] = crop.events.starts % PER_BAR
    previous = {
        name: np.concatenate([np.zeros((len(crops), 1), np.int32), current[name][:, :-1] + 1], axis=1)
        for name in ("advances", "pitches", "durations", "velocities", "positions", "chords", "next_chords")
    }
    scaled = np.stack([(crop.conditions - mean) / spread for crop in crops])
    steady = np.repeat(np.clip(scaled, -4, 4)[:, None, :], length, axis=1)
    return Batch(previous, current, steady.astype(np.float32), weights)
