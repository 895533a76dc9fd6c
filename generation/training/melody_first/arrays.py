"""Sections as arrays: one file for all of them, and the steps that the networks read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.networks.melody_first.codes import (
    DURATION_TICKS,
    END,
    LONGEST_ADVANCE,
    METRES,
    PITCHES,
    VELOCITIES,
    VELOCITY_STEP,
)
from generation.networks.melody_first.knowledge import CONDITIONS, INPUTS, LINE, WHOLE, Frame, Line
from generation.networks.melody_first.notes import Notes
from generation.training.datasets.songs import share_of_song
from generation.training.melody_first.sections import Section

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CHECK_SHARE, TEST_SHARE = 0.05, 0.1
"""Songs with `share_of_song` below the first choose the best epoch; from there to the second they are reported on."""
NOTE_FIELDS: Final = ("starts", "pitches", "durations", "velocities")
TARGETS: Final = ("pitches", "durations", "velocities", "advances")
STAGES: Final = ("melody", "accompaniment")


def part_of(song: str) -> str:
    """``"check"``, ``"test"`` or ``"train"``: the same for a song on every machine.

    >>> part_of("pop909/001")
    'train'
    """
    share = share_of_song(song)
    return "check" if share < CHECK_SHARE else "test" if share < TEST_SHARE else "train"


def save_sections(sections: Sequence[Section], path: Path) -> None:
    """Write sections to one compressed file."""
    arrays: dict[str, Any] = {
        "songs": np.array([s.song for s in sections]),
        "sets": np.array([s.set_name for s in sections]),
        "numbers": np.array(
            [(s.variant, s.tonic, METRES.index(s.frame.metre), s.frame.bars) for s in sections], dtype=np.uint8
        ),
        "chords": np.concatenate([s.frame.chords for s in sections]).astype(np.uint8),
        "chord_counts": np.array([len(s.frame.chords) for s in sections], dtype=np.uint16),
        "whole": np.stack([s.whole for s in sections]).astype(np.float32),
        "line": np.stack([s.line for s in sections]).astype(np.float32),
    }
    for stage in STAGES:
        notes = [getattr(s, stage) for s in sections]
        arrays[f"{stage}_counts"] = np.array([len(n) for n in notes], dtype=np.uint16)
        for name in NOTE_FIELDS:
            kind = np.uint16 if name == "starts" else np.uint8
            arrays[f"{stage}_{name}"] = np.concatenate([getattr(n, name) for n in notes]).astype(kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)


def load_sections(path: Path) -> list[Section]:
    """Read what `save_sections` wrote."""
    with np.load(path) as file:
        arrays = dict(file)
    chords = _split(arrays["chords"], arrays["chord_counts"])
    notes = {
        stage: [_split(arrays[f"{stage}_{name}"], arrays[f"{stage}_counts"]) for name in NOTE_FIELDS]
        for stage in STAGES
    }
    sections = []
    for index, (variant, tonic, metre, bars) in enumerate(arrays["numbers"].tolist()):
        frame = Frame(METRES[metre], bars, chords[index])
        both = [Notes(*(field[index] for field in notes[stage])) for stage in STAGES]
        whole, line = arrays["whole"][index].astype(np.float64), arrays["line"][index].astype(np.float64)
        song, set_name = str(arrays["songs"][index]), str(arrays["sets"][index])
        sections.append(Section(song, set_name, variant, tonic, frame, *both, whole, line))
    return sections


def _split(values: NDArray[Any], counts: NDArray[Any]) -> list[IntArray]:
    return np.split(values.astype(np.int64), np.cumsum(counts.astype(np.int64))[:-1])


@dataclass(frozen=True, slots=True)
class Steps:
    """One section as a stage's network reads it.

    `inputs` has shape (steps, inputs), in the order of `INPUTS`; `targets` (steps, 4) in the order of `TARGETS`;
    `times` (steps,) in ticks; step 0 is the start, before any note. `conditions` are unscaled.
    """

    inputs: NDArray[np.uint8]
    targets: NDArray[np.uint8]
    times: NDArray[np.int32]
    conditions: FloatArray
    set_name: str

    def __len__(self) -> int:
        return len(self.times)


def to_steps(section: Section, stage: str) -> Steps:
    """Turn one section into the steps of `stage`."""
    notes: Notes = getattr(section, stage)
    times = np.concatenate([[0], notes.starts])
    advances = np.minimum(np.diff(times), LONGEST_ADVANCE)
    known = {
        "advances": np.concatenate([[0], advances + 1]),
        "before_pitches": np.concatenate([[0, 0], notes.pitches[:-1] + 1]),
        "before_durations": np.concatenate([[0, 0], notes.durations[:-1] + 1]),
        "before_velocities": np.concatenate([[0, 0], notes.velocities[:-1] + 1]),
        **section.frame.look(times),
    }
    if stage == "accompaniment":
        melody = section.melody
        known |= Line(melody.starts, melody.pitches, DURATION_TICKS[melody.durations]).look(times)
    targets = {
        "pitches": np.concatenate([[0], notes.pitches]),
        "durations": np.concatenate([[0], notes.durations]),
        "velocities": np.concatenate([[0], notes.velocities]),
        "advances": np.concatenate([advances, [END]]),
    }
    return Steps(
        np.stack([known[name] for name in INPUTS[stage]], axis=1).astype(np.uint8),
        np.stack([targets[name] for name in TARGETS], axis=1).astype(np.uint8),
        times.astype(np.int32),
        choose_conditions(section.whole, section.line, stage),
        section.set_name,
    )


def choose_conditions(whole: FloatArray, line: FloatArray, stage: str) -> FloatArray:
    """The conditions of `stage` from `WHOLE` and `LINE`, shape (…, conditions)."""
    places = [(WHOLE + LINE).index(name) for name in CONDITIONS[stage]]
    chosen: FloatArray = np.concatenate([whole, line], axis=-1)[..., places]
    return chosen


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded arrays. `weights` (batch, steps, 2): of the note's own heads and of the advance, 0 where padded."""

    inputs: NDArray[np.int32]
    targets: NDArray[np.int32]
    times: NDArray[np.int32]
    conditions: NDArray[np.float32]
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scaling:
    """Mean and spread of a stage's conditions on the training songs."""

    mean: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, steps: Sequence[Steps]) -> Scaling:
        """Measure it."""
        table = np.stack([s.conditions for s in steps])
        return cls(table.mean(axis=0), np.maximum(table.std(axis=0), 1e-3))

    def scale(self, conditions: FloatArray) -> NDArray[np.float32]:
        """Scaled values, 0 where not given (NaN), followed by 1 where given; shape (…, 2 · conditions)."""
        given = ~np.isnan(conditions)
        scaled = np.clip((conditions - self.mean) / self.spread, -4.0, 4.0)
        return np.concatenate([np.where(given, scaled, 0.0), given], axis=-1).astype(np.float32)


def stack(steps: Sequence[Steps], scaling: Scaling, length: int) -> Batch:
    """Pad to `length` steps; longer ones are cut."""
    count = len(steps)
    inputs = np.zeros((count, length, steps[0].inputs.shape[1]), np.int32)
    targets = np.zeros((count, length, len(TARGETS)), np.int32)
    times = np.zeros((count, length), np.int32)
    weights = np.zeros((count, length, 2), np.float32)
    for row, one in enumerate(steps):
        size = min(len(one), length)
        inputs[row, :size], targets[row, :size] = one.inputs[:size], one.targets[:size]
        times[row, :size] = one.times[:size]
        # The start writes no note, only the way to the first.
        weights[row, 1:size, 0] = 1.0
        weights[row, :size, 1] = 1.0
    return Batch(inputs, targets, times, scaling.scale(np.stack([s.conditions for s in steps])), weights)


def augment(steps: Steps, stage: str, scaling: Scaling, random: np.random.Generator) -> Steps:
    """Play a section louder or softer, faster or slower, seldom in another octave; leave some conditions open."""
    names = CONDITIONS[stage]
    conditions = steps.conditions + random.normal(size=len(names)) * JITTER * scaling.spread
    inputs, targets = steps.inputs.copy(), steps.targets.copy()
    factor = float(random.uniform(*TEMPO_FACTORS))
    for index, name in enumerate(names):
        if name in FASTER:
            conditions[index] *= factor
        elif name in SHORTER:
            conditions[index] /= factor
    _shift_touch(inputs, targets, conditions, stage, int(random.integers(-3, 4)))
    if random.random() < OCTAVE_SHARE:
        _shift_octave(inputs, targets, conditions, stage, 12 if random.random() < 0.5 else -12)
    open_share = 1.0 if random.random() < ALL_OPEN else OPEN_SHARE
    is_open = random.random(len(names)) < open_share
    if stage == "melody" and random.random() < LINE_OPEN:
        is_open |= np.array([name in LINE for name in names])
    conditions[is_open] = np.nan
    return Steps(inputs, targets, steps.times, conditions, steps.set_name)


JITTER: Final = 0.15
TEMPO_FACTORS: Final = (0.92, 1.09)
OCTAVE_SHARE: Final = 0.04
OPEN_SHARE, ALL_OPEN, LINE_OPEN = 0.1, 0.05, 0.4
FASTER: Final = ("tempo", "density", "melody_density", "accompaniment_density", "line_density")
SHORTER: Final = ("note_length", "line_length")
LOUDER: Final = ("dynamics", "line_velocity")
HIGHER: Final = ("melody_register", "bass_register", "line_register")


def _shift_touch(inputs: NDArray[Any], targets: NDArray[Any], conditions: FloatArray, stage: str, shift: int) -> None:
    before = list(INPUTS[stage]).index("before_velocities")
    column = inputs[:, before].astype(np.int64)
    inputs[:, before] = np.where(column > 0, np.clip(column + shift, 1, VELOCITIES), 0)
    own = TARGETS.index("velocities")
    targets[:, own] = np.clip(targets[:, own].astype(np.int64) + shift, 0, VELOCITIES - 1)
    for name in LOUDER:
        if name in CONDITIONS[stage]:
            conditions[CONDITIONS[stage].index(name)] += VELOCITY_STEP * shift


def _shift_octave(inputs: NDArray[Any], targets: NDArray[Any], conditions: FloatArray, stage: str, shift: int) -> None:
    columns = [i for i, name in enumerate(INPUTS[stage]) if name in ("before_pitches", "sounding", "coming")]
    own = TARGETS.index("pitches")
    notes = np.concatenate([inputs[:, columns].reshape(-1).astype(np.int64) - 1, targets[1:, own].astype(np.int64)])
    notes = notes[notes >= 0]
    if notes.min() + shift < 6 or notes.max() + shift > PITCHES - 10:
        return
    for column in columns:
        values = inputs[:, column].astype(np.int64)
        inputs[:, column] = np.where(values > 0, values + shift, 0)
    targets[1:, own] = targets[1:, own].astype(np.int64) + shift
    for name in HIGHER:
        if name in CONDITIONS[stage]:
            conditions[CONDITIONS[stage].index(name)] += shift
