"""Figures that an emotion asks for and that a network hardly writes by itself: sighs, crushed notes, tremolo, silences.

Each takes notes (starts and durations in ticks, MIDI pitches and velocities) and gives notes back; how often it acts is
a cue of the table of intentions. `toss` gives a number of 0…1 for a moment (tick): what returns exactly gets the same
number again, and so the same figure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from generation.networks.melody_first.notes import Notes

Toss = Callable[[int], float]

LOW: Final = 52
"""E3: below it a bass is doubled and low notes are crushed together."""
LOWEST_OCTAVE: Final = 40
"""A bass from here up may be doubled an octave below."""
HIGHEST_RAISED: Final = 96
LONGEST_SIGH: Final = 12
TREMBLES_FROM: Final = 12
"""Ticks a note has to last so that it is broken into a tremolo."""


def sigh(
    melody: Notes,
    chance: float,
    step_above: Callable[[int, int], int],
    is_strong: Callable[[int], bool],
    toss: Toss,
) -> Notes:
    """Appoggiaturas: long notes on strong beats are leant on from the step above, for half their length at most.

    `step_above` gives the pitch a step of the scale above another, at a tick.
    """
    rows: list[tuple[int, int, int, int]] = []
    for start, pitch, duration, velocity in rows_of(melody):
        if duration >= LONGEST_SIGH and is_strong(start) and toss(start) < chance:
            leant = min(duration // 2, LONGEST_SIGH)
            rows += [
                (start, step_above(start, pitch), leant, velocity + 3),
                (start + leant, pitch, duration - leant, velocity - 6),
            ]
        else:
            rows.append((start, pitch, duration, velocity))
    return notes_of(rows)


def crush(melody: Notes, chance: float, ticks: int, toss: Toss) -> Notes:
    """Short notes a semitone below, `ticks` before longer ones, taken from the rest or the note before."""
    rows = list(rows_of(melody))
    crushed: list[tuple[int, int, int, int]] = []
    for index, (start, pitch, duration, velocity) in enumerate(rows):
        free = start - rows[index - 1][0] if index else 0
        if duration >= 2 * ticks and free >= 3 * ticks and toss(start) < chance:
            if crushed:
                before = crushed[-1]
                crushed[-1] = (before[0], before[1], min(before[2], start - ticks - before[0]), before[3])
            crushed.append((start - ticks, pitch - 1, ticks, velocity - 8))
        crushed.append((start, pitch, duration, velocity))
    return notes_of(crushed)


def anticipate(melody: Notes, chance: float, ticks: int, is_strong: Callable[[int], bool], toss: Toss) -> Notes:
    """Syncopation: notes on strong beats come `ticks` early where the note before leaves room, and are held over."""
    rows = list(rows_of(melody))
    for index in range(1, len(rows)):
        start, pitch, duration, velocity = rows[index]
        before = rows[index - 1]
        if is_strong(start) and start - before[0] >= 2 * ticks and toss(start) < chance:
            rows[index - 1] = (before[0], before[1], min(before[2], start - ticks - before[0]), before[3])
            rows[index] = (start - ticks, pitch, duration + ticks, velocity + 4)
    return notes_of(rows)


def double_bass(below: Notes, chance: float, toss: Toss) -> Notes:
    """Low bass notes with their octave below, bar by bar alike: the chance is that of the whole piece's habit."""
    rows = list(rows_of(below))
    lowest: dict[int, int] = {}
    for start, pitch, _, _ in rows:
        lowest[start] = min(lowest.get(start, 200), pitch)
    doubled = [
        (start, pitch - 12, duration, velocity - 4)
        for start, pitch, duration, velocity in rows
        if pitch == lowest[start] and LOWEST_OCTAVE <= pitch < LOW and toss(start) < chance
    ]
    return notes_of(rows + doubled)


def double_melody(melody: Notes, spans: Sequence[tuple[int, int]]) -> Notes:
    """The melody with its octave below within spans of ticks."""
    rows = list(rows_of(melody))
    doubled = [
        (start, pitch - 12, duration, velocity - 8)
        for start, pitch, duration, velocity in rows
        if any(low <= start < high for low, high in spans)
    ]
    return notes_of(rows + doubled)


def raise_octave(melody: Notes, spans: Sequence[tuple[int, int]]) -> Notes:
    """The melody an octave higher within spans of ticks, where it stays below C7."""
    rows = []
    for start, pitch, duration, velocity in rows_of(melody):
        raised = any(low <= start < high for low, high in spans) and pitch + 12 <= HIGHEST_RAISED
        rows.append((start, pitch + 12 * raised, duration, velocity))
    return notes_of(rows)


def tremble(below: Notes, chance: float, ticks: int, toss: Toss) -> Notes:
    """Held notes broken into repeated ones of `ticks` that swell and sink a little."""
    rows: list[tuple[int, int, int, int]] = []
    trembling = {start: toss(start) < chance for start in dict.fromkeys(below.starts.tolist())}
    for start, pitch, duration, velocity in rows_of(below):
        if duration < TREMBLES_FROM or not trembling[start]:
            rows.append((start, pitch, duration, velocity))
            continue
        count = min(duration // ticks, 16)
        for number in range(count):
            # Loudest in the middle, by six steps of velocity.
            swell = round(6 * np.sin(np.pi * (number + 0.5) / count)) - 5
            # An octave and a key take turns, as a hand trembles.
            turned = pitch + (12 if number % 2 and pitch < LOW else 0)
            rows.append((start + number * ticks, turned, ticks, velocity + int(swell)))
    return notes_of(rows)


def crowd(below: Notes, chance: float, toss: Toss) -> Notes:
    """Low notes with a second above them."""
    rows = list(rows_of(below))
    crowded = [
        (start, pitch + (1 if toss(start) < chance / 2 else 2), duration, velocity - 6)
        for start, pitch, duration, velocity in rows
        if 36 <= pitch < LOW and toss(start) < chance
    ]
    return notes_of(rows + crowded)


def fall_silent(notes: Notes, spans: Sequence[tuple[int, int]]) -> Notes:
    """No note begins within spans of ticks, nor sounds on into one."""
    rows = []
    for start, pitch, duration, velocity in rows_of(notes):
        if any(low <= start < high for low, high in spans):
            continue
        ends = [low - start for low, _ in spans if start < low < start + duration]
        rows.append((start, pitch, min([duration, *ends]), velocity))
    return notes_of(rows)


def rows_of(notes: Notes) -> list[tuple[int, int, int, int]]:
    return [
        (int(start), int(pitch), int(duration), int(velocity))
        for start, pitch, duration, velocity in zip(
            notes.starts, notes.pitches, notes.durations, notes.velocities, strict=True
        )
    ]


def notes_of(rows: Sequence[tuple[int, int, int, int]]) -> Notes:
    """Notes of rows, sorted, of the same key at the same moment the first; velocities kept within 12…120."""
    kept: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    for row in rows:
        if row[2] > 0:
            kept.setdefault(row[:2], row)
    table = np.array(sorted(kept.values()), dtype=np.int64).reshape(-1, 4)
    found = Notes(table[:, 0], table[:, 1], table[:, 2], table[:, 3])
    return replace(found, velocities=np.clip(found.velocities, 12, 120))
