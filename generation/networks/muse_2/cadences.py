"""What a form's harmony promises and both hands have to keep: leading tones that sound and resolve, basses left alone.

Notes come in ticks and MIDI pitches, as `generation.networks.muse_2.writing` has them; beats count from the first full
bar, which begins a bar after tick 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from generation.music.chords import chord_pitch_classes
from generation.music.planned_form import PlannedForm
from generation.networks.melody_first.codes import TICKS, bar_ticks
from generation.networks.melody_first.guiding import LEADING_TONE
from generation.networks.melody_first.notes import Notes
from generation.networks.muse_2.idioms import notes_of, rows_of

LOWEST_INNER: Final = 50
"""D3: from here up an inner voice is added; judgement."""
NEAREST_ABOVE: Final = 3
"""Semitones by which an inner voice lies above the bass at least: closer it is mud."""
FURTHEST_MOVE: Final = 5
"""Semitones by which a voice is bent to a missing note at most; judgement."""
SOFTER: Final = 6
"""Velocity by which an added inner voice is softer than the bass; judgement."""
Row = tuple[int, int, int, int]


def keep_basses(below: Notes, form: PlannedForm, tonic: int) -> Notes:
    """Let go of what is held into another chord: keys below its bass, and keys that are none of its notes."""
    bar = bar_ticks(form.metre)
    ends = below.starts + below.durations
    for beat in form.changed_beats():
        tick = bar + beat * TICKS
        struck = below.pitches[below.starts == tick]
        held = (below.starts < tick) & (ends > tick)
        foreign = ~np.isin((below.pitches - tonic) % 12, list(chord_pitch_classes(form.chords[beat])))
        low = below.pitches < (int(struck.min()) if len(struck) else 0)
        ends = np.where(held & (foreign | low), tick, ends)
    return replace(below, durations=ends - below.starts)


def sound_leading_tones(melody: Notes, below: Notes, form: PlannedForm, tonic: int) -> tuple[Notes, int | None]:
    """The accompaniment with the leading tone in every cadential dominant, and the tonic a semitone above it after.

    Where neither hand has the leading tone, an inner voice of the
    accompaniment goes to it, or is added; so does the tonic where the next chord has it.

    Returns
    -------
    tuple
        The accompaniment, and the pitch of the tonic that the last chord owes to the last leading tone, if it does.
    """
    bar = bar_ticks(form.metre)
    rows = rows_of(below)
    tune = rows_of(melody)
    leading, owed = (LEADING_TONE + tonic) % 12, None
    for first, after in form.cadential_dominants():
        low, high = bar + first * TICKS, bar + after * TICKS
        heard = [row for row in (*tune, *rows) if low <= row[0] < high and row[1] % 12 == leading]
        if not heard:
            rows = lead_voice(rows, (low, high), leading)
            heard = [row for row in rows if low <= row[0] < high and row[1] % 12 == leading]
        if after >= len(form.chords) or not heard:
            continue
        goal = heard[-1][1] + 1
        if high >= form.bars * bar:
            owed = goal if 0 in chord_pitch_classes(form.chords[-1]) else None
        elif 0 in chord_pitch_classes(form.chords[after]):
            resolved = any(high <= row[0] < high + TICKS and row[1] == goal for row in (*tune, *rows))
            span = (high, _chord_end(form, after) * TICKS + bar)
            rows = rows if resolved else add_voice(leave_octave(rows, high, goal), span, goal)
    return notes_of(rows), owed


def lead_voice(rows: Sequence[Row], span: tuple[int, int], wanted: int) -> list[Row]:
    """The rows with an inner voice of a span of ticks gone to a pitch class, or with a voice added.

    >>> lead_voice([(0, 43, 24, 60), (0, 50, 24, 60), (0, 62, 24, 60)], (0, 24), 11)
    [(0, 43, 24, 60), (0, 47, 24, 60), (0, 62, 24, 60)]
    """
    within = [row for row in rows if span[0] <= row[0] < span[1]]
    if not within:
        return list(rows)
    lowest = {start: min(row[1] for row in within if row[0] == start) for start, *_ in within}
    bass = min(lowest.values())
    moves = [
        (abs(goal - pitch), start, pitch, goal)
        for start, pitch, _, _ in within
        for goal in range(pitch - FURTHEST_MOVE, pitch + FURTHEST_MOVE + 1)
        if goal % 12 == wanted and goal >= bass + NEAREST_ABOVE and (pitch > lowest[start] or start > span[0])
    ]
    if not moves:
        lowest_goal = max(bass + NEAREST_ABOVE, LOWEST_INNER)
        return add_voice(rows, span, lowest_goal + (wanted - lowest_goal) % 12)
    _, _, pitch, goal = min(moves)

    def moves_along(row: Row) -> bool:
        # Wherever the voice comes back within the chord, so that a figure stays one.
        return row in within and row[1] == pitch and (pitch > lowest[row[0]] or row[0] > span[0])

    return [(row[0], goal, *row[2:]) if moves_along(row) else row for row in rows]


def add_voice(rows: Sequence[Row], span: tuple[int, int], pitch: int) -> list[Row]:
    """The rows with a key held through a span of ticks, a little softer than what is struck with it.

    Without a row there is nothing to be softer than, and nothing is added.

    >>> add_voice([(0, 43, 24, 60)], (0, 24), 59), add_voice([], (0, 24), 59)
    ([(0, 43, 24, 60), (0, 59, 24, 54)], [])
    """
    struck = [row for row in rows if span[0] <= row[0] < span[1]] or list(rows)
    if not struck or any(row[:2] == (span[0], pitch) for row in rows):
        return list(rows)
    return sorted([*rows, (span[0], pitch, span[1] - span[0], struck[0][3] - SOFTER)])


def leave_octave(rows: Sequence[Row], tick: int, inner: int) -> list[Row]:
    """The rows without what lies below the octave of the bass at a tick, so that one hand reaches an inner key as well.

    >>> leave_octave([(0, 36, 24, 60), (0, 48, 24, 60)], 0, 60)
    [(0, 48, 24, 60)]
    """
    struck = [pitch for start, pitch, _, _ in rows if start == tick]
    if not struck or min(struck) + 12 not in struck or inner <= min(struck) + 12:
        return list(rows)
    return [row for row in rows if row[0] != tick or row[1] >= min(struck) + 12]


def _chord_end(form: PlannedForm, beat: int) -> int:
    """The beat at which the chord of a beat ends, a bar after it at the latest."""
    last = min(beat + form.beats_per_bar, len(form.chords))
    return next((later for later in range(beat + 1, last) if form.chords[later] != form.chords[beat]), last)
