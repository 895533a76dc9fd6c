"""How a pianist plays a score: timing, touch and pedal by published rules.

The rules are those of the KTH system Director Musices (Friberg, Bresin & Sundberg 2006) that matter for
one piano: phrase arch, duration contrast, high loud, metrical accent, melody lead (Goebl 2001), final
ritard (Friberg & Sundberg 1999), and legato pedalling. Each is scaled by the attributes; small random
deviations are seeded.

References
----------
Friberg, A., Bresin, R. & Sundberg, J. (2006). Overview of the KTH rule system for musical performance.
*Advances in Cognitive Psychology* 2, 145–161.
Friberg, A. & Sundberg, J. (1999). Does music performance allude to locomotion? *JASA* 105, 1469–1484.
Goebl, W. (2001). Melody lead in piano performance. *JASA* 110, 563–572.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.hands import part_collisions
from generation.music.notes import Note, Pedal, Performance, Piece, PlayedNote

FloatArray = NDArray[np.float64]

RITARD_BEATS: Final = 3.0
RITARD_POWER: Final = 3.0
"""Friberg & Sundberg 1999: v = (1 + (w^q − 1) x)^(1/q) with q about 3."""
STEPS_PER_BEAT: Final = 12
SHORTEST_SECONDS: Final = 0.04
ROLL_SECONDS: Final = (0.045, 0.085)
"""Time from note to note of a broken chord; judgement."""
STRUCK_TOGETHER: Final = 0.035
"""Seconds within which keys belong to one chord."""
LAST_CHORD_SECONDS: Final = 0.45
"""Onsets within this time of the last belong to the last chord, broken or not."""
RELEASE_GAP: Final = 0.015
"""Seconds between a release and the same key struck again."""


@dataclass(frozen=True, slots=True)
class Style:
    """How strongly each rule acts.

    Parameters
    ----------
    dynamics, spread : float
        Mean and standard deviation of velocity to end with.
    shape : float
        Velocity gained from the first third to the last.
    arch : float
        Share by which tempo falls at the end of a phrase.
    ritard : float
        Final tempo as a share of the tempo (1 is none).
    lead : float
        Seconds by which the melody sounds before the rest of its chord.
    looseness : float
        Standard deviation of random onset deviations, seconds.
    detachment : float
        Factor on key-down time: 1 as written, below 1 staccato.
    pedal : float
        Share of time with the pedal down.
    roll : float
        Share of chords of three or more notes that are broken upwards.
    together : float
        Deviation of each key's own, as a share of the looseness: 0 strikes chords exactly together.
    rolls_last : bool
        Whether the last chord is broken upwards.
    """

    dynamics: float
    spread: float
    shape: float = 0.0
    arch: float = 0.05
    ritard: float = 0.75
    lead: float = 0.018
    looseness: float = 0.008
    detachment: float = 1.0
    pedal: float = 0.8
    roll: float = 0.0
    together: float = 0.8
    rolls_last: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds at every twelfth of a beat, from 0; `at` interpolates."""

    grid: FloatArray

    def at(self, beat: float) -> float:
        """Seconds at a beat; after the grid its last tempo goes on.

        >>> Clock(np.arange(25) / 24).at(1.5)
        0.75
        """
        place = beat * STEPS_PER_BEAT
        last = len(self.grid) - 1
        if place >= last:
            return float(self.grid[-1] + (place - last) * (self.grid[-1] - self.grid[-2]))
        low = int(place)
        return float(self.grid[low] + (place - low) * (self.grid[low + 1] - self.grid[low]))


def lost_in_ritard(ritard: float) -> float:
    """Beats by which a ritard to this share of the tempo falls behind a steady tempo before the ending.

    >>> round(lost_in_ritard(0.65), 2), lost_in_ritard(1.0)
    (0.58, 0.0)
    """
    if ritard >= 1.0:
        return 0.0
    rest = 1.0 - 1.0 / RITARD_POWER
    share = ritard**RITARD_POWER
    # The mean of 1/v over the ritard: ∫ (1 + (w^q − 1) x)^(−1/q) dx from 0 to 1, in closed form.
    longer = (1.0 - share**rest) / (rest * (1.0 - share))
    return float(RITARD_BEATS * (longer - 1.0))


def keep_time(beats: float, tempo: float, ending: float, style: Style, phrase_place: Callable[[float], float]) -> Clock:
    """Tempo curve: slower at phrase ends, a ritard into the ending at beat `ending`; mean tempo kept.

    The arch is a parabola over each phrase (Todd 1985), the ritard Friberg & Sundberg's. The whole is
    scaled so that beat `ending` falls where it would at a steady tempo, plus what the ritard adds.
    """
    steps = np.arange(int(np.ceil(beats * STEPS_PER_BEAT)) + 1) / STEPS_PER_BEAT
    # Tempo is taken in the middle of every twelfth of a beat, time is its sum.
    middle = steps[:-1] + 0.5 / STEPS_PER_BEAT
    place = np.array([phrase_place(float(beat)) for beat in middle])
    speed = 1.0 - style.arch * (2.0 * place - 1.0) ** 2
    before = middle < ending
    speed /= speed[before].mean() if before.any() else 1.0
    x = np.clip((middle - (ending - RITARD_BEATS)) / RITARD_BEATS, 0.0, 1.0)
    speed *= (1.0 + (style.ritard**RITARD_POWER - 1.0) * x) ** (1.0 / RITARD_POWER)
    seconds = 60.0 / tempo / STEPS_PER_BEAT / speed
    return Clock(np.concatenate([[0.0], np.cumsum(seconds)]))


@dataclass(frozen=True, slots=True)
class Ending:
    """When the last chord is struck and when it is let go, in seconds from the first note."""

    struck: float
    released: float


def perform(
    piece: Piece,
    style: Style,
    random: np.random.Generator,
    *,
    phrase_place: Callable[[float], float] = lambda beat: 0.5,
    chord_changes: Sequence[float] = (),
    ending: Ending | None = None,
    bar: float = 4.0,
    first_bar: float = 0.0,
) -> Performance:
    """Play a score expressively.

    Parameters
    ----------
    piece : Piece
        Its last onset is taken as the ending.
    style : Style
        Strength of each rule.
    random : numpy.random.Generator
        Seeded by the caller: the same seed gives the same performance.
    phrase_place : function
        Place within the phrase (0…1) of a beat.
    chord_changes : sequence of float
        Beats at which the harmony changes; the pedal changes there.
    ending : Ending, optional
        The whole is played that much faster or slower that the last chord falls there, within the few hundredths
        by which the playing is loose; it is held as long as asked. Left out, tempo and notes decide.
    bar, first_bar : float
        Quarters of a bar, and quarters before the first bar line: where accents fall.

    Returns
    -------
    Performance
        The first note sounds at 0 s. No key is struck while it is down.
    """
    notes = part_collisions(piece.notes)
    if not notes:
        return Performance(())
    last_beat = max(note.start for note in notes)
    clock = keep_time(piece.length, piece.tempo, last_beat, style, phrase_place)
    if ending is not None:
        # The whole is stretched so that the last chord falls on the moment drawn for it, ritard and all.
        clock = Clock(clock.grid * (ending.struck / clock.at(last_beat)))
    melody = find_melody(notes)
    velocities = _shape_velocities(notes, melody, style, phrase_place, piece.length, (bar, first_bar))
    onsets = _shape_onsets(notes, melody, style, clock, random)
    played = [
        PlayedNote(onset, note.pitch, _hold(note, onset, clock, style, note.start >= last_beat), velocity, note.hand)
        for note, onset, velocity in zip(notes, onsets, velocities, strict=True)
    ]
    if ending is not None:
        played = hold_until(played, ending.released, [note.start >= last_beat for note in notes])
    separate = _separate(played)
    pedals = _press_pedal(clock, piece.length, last_beat, style, chord_changes)
    last = max(note.offset for note in separate)
    # The last pedal and the last key are let go together.
    if pedals and (ending is not None or pedals[-1].up < last):
        pedals = (*pedals[:-1], Pedal(pedals[-1].down, round(last, 4)))
    return Performance(tuple(separate), pedals)


def hold_until(played: Sequence[PlayedNote], released: float, held: Sequence[bool]) -> list[PlayedNote]:
    """Let the keys that are `held` go at `released` seconds, all at once.

    Examples
    --------
    >>> hold_until([PlayedNote(22.0, 60, 1.0, 64, "right")], 26.5, [True])[0].duration
    4.5
    """
    return [
        replace(note, duration=released - note.onset) if is_held else note
        for note, is_held in zip(played, held, strict=True)
    ]


def find_melody(notes: Sequence[Note]) -> list[bool]:
    """Mark the melody: the highest right-hand note of each onset that no longer note covers from above."""
    tops: dict[float, int] = {}
    for note in notes:
        if note.hand == "right":
            tops[note.start] = max(tops.get(note.start, 0), note.pitch)
    marks = []
    above, until = 0, -1.0
    for start, group in groupby(sorted(notes), key=lambda note: note.start):
        for note in group:
            is_top = note.hand == "right" and note.pitch == tops[start]
            covered = is_top and start < until and note.pitch < above - 4
            if is_top and not covered:
                above, until = note.pitch, min(note.end, start + 2.0)
            marks.append(is_top and not covered)
    return marks


def _shape_velocities(
    notes: Sequence[Note],
    melody: Sequence[bool],
    style: Style,
    phrase_place: Callable[[float], float],
    length: float,
    bars: tuple[float, float],
) -> list[int]:
    raw = np.array([float(note.velocity) for note in notes])
    start = np.array([note.start for note in notes])
    pitch = np.array([note.pitch for note in notes], dtype=np.float64)
    duration = np.array([note.duration for note in notes])
    place = np.array([phrase_place(note.start) for note in notes])
    raw = raw + np.where(melody, 2.5, -1.0)  # the melody is heard above the rest
    raw += 2.0 * (1.0 - (2.0 * place - 1.0) ** 2)  # phrase arch
    raw += 0.04 * (pitch - pitch.mean())  # high loud
    raw -= np.where(duration < 0.5, 1.5, 0.0)  # duration contrast: short notes softer
    bar, first_bar = bars
    in_bar = (start - first_bar) % bar
    raw += np.where(in_bar == 0, 2.0, np.where(in_bar % 1 == 0, 0.5, -0.5))  # metrical accent
    # The rules give the shape, the style gives mean and spread; a flat score is not blown up without bounds.
    scale = style.spread / max(float(raw.std()), 1.0)
    raw = style.dynamics + (raw - raw.mean()) * min(max(scale, 0.5), 1.6)
    raw += style.shape * 1.5 * (start / max(length, 1.0) - 0.5)
    return [int(v) for v in np.clip(np.round(raw), 12, 120)]


def _shape_onsets(
    notes: Sequence[Note], melody: Sequence[bool], style: Style, clock: Clock, random: np.random.Generator
) -> list[float]:
    onsets = []
    # Looseness in two parts: a drift that all keys of one onset share, 0.6 of which stays at the next (a first-order
    # autoregression, as of a player's clock), and a small deviation of each key's own.
    drift = 0.0
    deviations = random.normal(0.0, style.looseness, size=(len(notes), 2))
    delays = _roll_chords(notes, style, random)
    leads = np.abs(random.normal(style.lead, style.lead / 2, size=len(notes)))
    last = -1.0
    for index, note in enumerate(notes):
        if note.start != last:
            drift, last = 0.6 * drift + float(deviations[index, 0]), note.start
        lead = float(leads[index]) if melody[index] else 0.0
        onset = clock.at(note.start) + drift + style.together * float(deviations[index, 1]) - lead
        onsets.append(onset + delays[index])
    first = min(onsets)
    return [onset - first for onset in onsets]


def _roll_chords(notes: Sequence[Note], style: Style, random: np.random.Generator) -> list[float]:
    """Seconds by which each note (sorted by start and pitch) comes later because its chord is broken."""
    delays: list[float] = []
    last = max(note.start for note in notes)
    for start, group in groupby(notes, key=lambda note: note.start):
        size = len(list(group))
        rolled = size >= 3 and style.roll > 0 and random.random() < style.roll
        rolled |= style.rolls_last and start == last
        step = float(random.uniform(*ROLL_SECONDS)) if rolled else 0.0
        delays += [step * place for place in range(size)]
    return delays


def _hold(note: Note, onset: float, clock: Clock, style: Style, final: bool) -> float:
    written = clock.at(note.end) - clock.at(note.start)
    if final:
        return written
    factor = style.detachment if note.duration <= 1.0 else 0.5 + 0.5 * style.detachment
    return max(written * factor, SHORTEST_SECONDS)


def hold_keys(performance: Performance, factor: float | FloatArray) -> Performance:
    """Hold every key but those of the last chord `factor` times as long; no key is struck while it is down.

    `factor` is one number for all keys, or one for each note, shape (notes,).

    Examples
    --------
    >>> played = Performance((PlayedNote(0.0, 60, 0.4, 64, "right"), PlayedNote(0.5, 60, 1.0, 64, "right")))
    >>> [note.duration for note in hold_keys(played, 0.5).notes], hold_keys(played, 2.0).notes[0].duration
    ([0.2, 1.0], 0.485)
    """
    if not performance.notes:
        return performance
    ending = max(note.onset for note in performance.notes) - LAST_CHORD_SECONDS
    factors = np.broadcast_to(factor, len(performance.notes)).tolist()
    held = [
        note if note.onset >= ending else replace(note, duration=max(note.duration * longer, SHORTEST_SECONDS))
        for note, longer in zip(performance.notes, factors, strict=True)
    ]
    return replace(performance, notes=tuple(_separate(held)))


def join_keys(performance: Performance, chosen: NDArray[np.bool_]) -> Performance:
    """Hold the chosen keys, shape (notes,), exactly until their hand strikes the next; those of the last chord stay.

    Examples
    --------
    >>> played = Performance((PlayedNote(0.0, 60, 0.4, 64, "right"), PlayedNote(0.5, 62, 1.0, 64, "right")))
    >>> [note.duration for note in join_keys(played, np.array([True, True])).notes]
    [0.5, 1.0]
    """
    onsets = {
        hand: sorted({note.onset for note in performance.notes if note.hand == hand}) for hand in ("left", "right")
    }
    ending = max((note.onset for note in performance.notes), default=0.0) - LAST_CHORD_SECONDS
    joined = []
    for note, is_chosen in zip(performance.notes, chosen.tolist(), strict=True):
        later = bisect_right(onsets[note.hand], note.onset + STRUCK_TOGETHER)
        if is_chosen and note.onset < ending and later < len(onsets[note.hand]):
            joined.append(replace(note, duration=onsets[note.hand][later] - note.onset))
        else:
            joined.append(note)
    return replace(performance, notes=tuple(_separate(joined)))


def _separate(played: Sequence[PlayedNote]) -> list[PlayedNote]:
    """Release each key before it is struck again; drop what would then be no note at all."""
    separate: list[PlayedNote] = []
    by_pitch = sorted(played, key=lambda note: (note.pitch, note.onset))
    for index, note in enumerate(by_pitch):
        following = by_pitch[index + 1] if index + 1 < len(by_pitch) else None
        duration = note.duration
        if following is not None and following.pitch == note.pitch:
            duration = min(duration, following.onset - note.onset - RELEASE_GAP)
        if duration > 0.0:
            separate.append(PlayedNote(note.onset, note.pitch, duration, note.velocity, note.hand))
    return sorted(separate)


def _press_pedal(
    clock: Clock, length: float, ending: float, style: Style, chord_changes: Sequence[float]
) -> tuple[Pedal, ...]:
    """Legato pedal: up as the harmony changes, down again just after, more or less long by `style.pedal`."""
    changes = sorted({0.0, ending, *(beat for beat in chord_changes if beat < ending)})
    pedals = []
    for beat, following in zip(changes, [*changes[1:], length], strict=True):
        # Legato pedalling: the foot comes down just after the new chord is struck, so that the old one does not ring
        # on.
        down = clock.at(beat) + (0.08 if beat else 0.02)
        span = clock.at(following) - clock.at(beat)
        share = 1.0 if beat == ending else min(1.0, style.pedal * 1.12)
        up = clock.at(beat) + max(span * share - 0.03, 0.0)
        if up - down > 0.1:
            pedals.append(Pedal(round(down, 4), round(up, 4)))
    return tuple(pedals)
