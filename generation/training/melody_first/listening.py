"""Hearing with numbers: what the networks write over held-out songs' own chords, beside what was written there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from generation.networks.events import tonic_shift
from generation.networks.melody_first.codes import (
    DURATION_TICKS,
    LOWEST_RELATIVE,
    NONE,
    TICKS,
    chord_tones,
    strong_ticks,
    velocity_of,
)
from generation.networks.melody_first.knowledge import CONDITIONS, LINE, WHOLE, Frame
from generation.networks.melody_first.notes import Notes
from generation.networks.melody_first.sampling import Plan, compose_notes
from generation.networks.melody_first.transformer import StageNetwork
from generation.training.melody_first.arrays import choose_conditions
from generation.training.melody_first.sections import Section, measure_section

TOGETHER: Final = 8
"""Candidates drawn in one pass."""
SHARES: Final = {
    "steps of 1–2 semitones": ("steps", "moves"),
    "leaps beyond 5 semitones": ("leaps", "moves"),
    "repeated notes": ("repeats", "intervals"),
    "struck minor seconds and ninths": ("rubs", "pairs"),
    "chord notes, melody, strong beats": ("melody in", "melody strong"),
    "chord notes, accompaniment, strong beats": ("below in", "below strong"),
    "root in the bass at changes": ("root", "changes"),
    "named bass in the bass at changes": ("bass", "changes"),
    "melody notes per bar": ("melody notes", "bars"),
    "accompaniment notes per bar": ("accompaniment notes", "bars"),
}
"""What `measure_music` gives: counts of the first over counts of the second; 0 where there is nothing to count."""
CONTROLLED: Final = tuple(name for name in WHOLE if name not in ("tempo", "majorness"))


def plan_like(section: Section) -> Plan:
    """The plan that asks for a section's own frame and attributes; of the melody only what holds for both hands."""
    whole, line = section.whole, np.full(len(LINE), np.nan)
    return Plan(
        section.frame,
        tonic_shift(section.tonic),
        choose_conditions(whole, line, "melody"),
        choose_conditions(whole, line, "accompaniment"),
    )


def write_again(
    melody: StageNetwork, accompaniment: StageNetwork, sections: Sequence[Section], seed: int
) -> list[tuple[Notes, Notes]]:
    """New notes for every section's plan; MIDI pitches, durations in ticks, velocity codes."""
    random = np.random.default_rng(seed)
    written: list[tuple[Notes, Notes]] = []
    for first in range(0, len(sections), TOGETHER):
        plans = [plan_like(section) for section in sections[first : first + TOGETHER]]
        written += compose_notes(melody, accompaniment, plans, random)
    return written


def real_notes(section: Section) -> tuple[Notes, Notes]:
    """A section's own notes in the form of `write_again`."""
    shift = tonic_shift(section.tonic) + LOWEST_RELATIVE
    melody, accompaniment = (
        Notes(n.starts, n.pitches + shift, DURATION_TICKS[n.durations], n.velocities)
        for n in (section.melody, section.accompaniment)
    )
    return melody, accompaniment


def measure_music(sections: Sequence[Section], written: Sequence[tuple[Notes, Notes]]) -> dict[str, float]:
    """Shares over all sections: moves of the melody, rough intervals struck, chord notes, roots in the bass."""
    counts: Counter[str] = Counter()
    for section, (melody, accompaniment) in zip(sections, written, strict=True):
        _count_moves(counts, melody)
        _count_rubs(counts, melody, accompaniment)
        _count_chords(counts, section.frame, tonic_shift(section.tonic), melody, accompaniment)
        counts["bars"] += section.frame.bars
        counts["melody notes"] += len(melody)
        counts["accompaniment notes"] += len(accompaniment)
    return {name: counts[part] / max(counts[whole], 1) for name, (part, whole) in SHARES.items()}


def _count_moves(counts: Counter[str], melody: Notes) -> None:
    moves = np.abs(np.diff(melody.pitches))
    counts["intervals"] += len(moves)
    counts["moves"] += int((moves > 0).sum())
    counts["repeats"] += int((moves == 0).sum())
    counts["steps"] += int(((moves > 0) & (moves <= 2)).sum())
    counts["leaps"] += int((moves > 5).sum())


def _count_rubs(counts: Counter[str], melody: Notes, accompaniment: Notes) -> None:
    """Pairs of keys struck together, and those a minor second or ninth apart."""
    starts = np.concatenate([melody.starts, accompaniment.starts])
    pitches = np.concatenate([melody.pitches, accompaniment.pitches])
    for start in np.unique(starts):
        keys = np.sort(pitches[starts == start])
        apart = (keys[:, None] - keys[None, :])[np.tril_indices(len(keys), -1)]
        counts["pairs"] += len(apart)
        counts["rubs"] += int(np.isin(apart, (1, 13)).sum())


def _count_chords(counts: Counter[str], frame: Frame, shift: int, melody: Notes, accompaniment: Notes) -> None:
    strong = strong_ticks(frame.metre)
    for name, notes in (("melody", melody), ("below", accompaniment)):
        for start, pitch in zip(notes.starts.tolist(), notes.pitches.tolist(), strict=True):
            root, quality, _ = frame.chords[min(start // TICKS, len(frame.chords) - 1)].tolist()
            if root != NONE and start % frame.bar in strong:
                counts[f"{name} strong"] += 1
                counts[f"{name} in"] += (pitch - shift) % 12 in chord_tones(root, quality)
    for beat in range(1, len(frame.chords)):
        root, _, bass = frame.chords[beat].tolist()
        struck = accompaniment.pitches[accompaniment.starts == beat * TICKS]
        if root != NONE and (frame.chords[beat] != frame.chords[beat - 1]).any() and len(struck):
            lowest = (int(struck.min()) - shift) % 12
            counts["changes"] += 1
            counts["root"] += lowest == root
            counts["bass"] += lowest == bass


def measure_control(sections: Sequence[Section], written: Sequence[tuple[Notes, Notes]]) -> dict[str, Any]:
    """Correlation and mean error of attributes asked for (the sections' own) and measured on what was written."""
    asked, got = [], []
    for section, (melody, accompaniment) in zip(sections, written, strict=True):
        if len(melody) > 1 and len(accompaniment) > 1:
            tune, below = (replace(n, velocities=velocity_of(n.velocities)) for n in (melody, accompaniment))
            tempo = float(section.whole[WHOLE.index("tempo")])
            whole, _ = measure_section(tune, below, tempo, section.tonic)
            asked.append(section.whole)
            got.append(whole)
    if len(asked) < 3:
        return {}
    table = {}
    for name in CONTROLLED:
        one, other = (np.array(rows)[:, WHOLE.index(name)] for rows in (asked, got))
        varied = one.std() > 0 and other.std() > 0
        table[name] = {
            "correlation": round(float(np.corrcoef(one, other)[0, 1]), 3) if varied else 0.0,
            "error": round(float(np.abs(one - other).mean()), 3),
            "spread": round(float(one.std()), 3),
        }
    return table


if not set(CONDITIONS["melody"]) <= set(WHOLE + LINE):
    raise TypeError("The melody is conditioned on something that is not measured.")
