"""From plan and frames to notes: both hands, dynamics, articulation."""

from __future__ import annotations

from math import pi, sin
from typing import Final

from generation.music.notes import Hand, Note, Piece
from generation.music.score.keyboard import release_repeated_keys
from generation.networks.paper_composer.accompaniment import accompany
from generation.networks.paper_composer.frames import Frames
from generation.networks.paper_composer.melody import choose_onsets, choose_pitches
from generation.networks.paper_composer.plan import BEATS, Bar, Plan, within
from generation.networks.paper_composer.styles import Style

SPLIT_BELOW_CENTRE: Final = 10
"""The left hand stays this far below the melody's centre, so that the hands never meet."""
PHRASE_BARS: Final = 4
ARCH: Final = 4.0
BALANCE: Final = 5.0
"""Right hand above and left hand below the mean velocity, so that the melody is heard."""
BEAT_ACCENT: Final = 3.0
SHIVER_PITCHES: Final = (84, 98)
SHIVER_ONSET: Final = 3.5


def arrange(plan: Plan, style: Style, frames: Frames) -> Piece:
    """Write every bar of `plan`."""
    notes: list[Note] = []
    line: list[int] = []
    for bar in plan.bars:
        onsets = choose_onsets(bar, plan, style, frames)
        pitches = choose_pitches(bar, onsets, line, plan, style, frames)
        line += pitches
        loud = _measure_loudness(bar, plan, style, frames)
        notes += _write_melody(bar, onsets, pitches, loud, style, frames)
        notes += _write_accompaniment(bar, loud, style, frames)
    return Piece(tuple(release_repeated_keys(notes)), plan.tempo, plan.tonic, plan.mode, BEATS)


def _measure_loudness(bar: Bar, plan: Plan, style: Style, frames: Frames) -> float:
    """Return the mean velocity of a bar: the emotion's band, MFCC 3, a phrase arch, any long crescendo."""
    way = bar.number / max(len(plan.bars) - 1, 1)
    arch = ARCH * (sin(pi * (bar.number % PHRASE_BARS + 0.5) / PHRASE_BARS) - 0.64)
    follow = style.swing * frames.value(bar.frame, 3)
    settle = -4.0 if bar.ends_piece and style.figure not in ("hammer", "pump", "stride") else 0.0
    return within(style.velocity, 0.5) + follow + arch + style.crescendo * (2 * way - 1) + settle


def _strike(start: float, pitch: int, duration: float, velocity: float, hand: Hand) -> Note:
    return Note(start, pitch, duration, min(max(round(velocity), 20), 120), hand)


def _write_melody(
    bar: Bar, onsets: tuple[float, ...], pitches: list[int], loud: float, style: Style, frames: Frames
) -> list[Note]:
    begin = bar.number * BEATS
    held = within(style.articulation, frames.share(bar.frame, 6))
    notes = []
    for index, (onset, pitch) in enumerate(zip(onsets, pitches, strict=True)):
        until = onsets[index + 1] if index + 1 < len(onsets) else float(BEATS)
        duration = (until - onset) * (held if until < BEATS else max(held, 0.85))
        if bar.ends_piece:
            duration = float(BEATS)
        accent = BEAT_ACCENT if onset % 2 == 0 else 0.0
        notes.append(_strike(begin + onset, pitch, duration, loud + BALANCE + accent, "right"))
        if style.doubled and onset % 2 == 0 and not bar.ends_piece:
            below = _double_below(pitch, bar, style)
            notes += [_strike(begin + onset, key, duration, loud + accent, "right") for key in below]
    if bar.ends_piece:
        notes += [_strike(begin, key, float(BEATS), loud, "right") for key in _fill_ending(pitches[0], bar, style)]
    if style.rhythm == "bursts" and not bar.ends_phrase and frames.value(bar.frame, 9) > 0.4:
        notes = [note for note in notes if note.end <= begin + SHIVER_ONSET] + [_shiver(bar, loud, frames)]
    return notes


def _double_below(pitch: int, bar: Bar, style: Style) -> list[int]:
    """Return the chord tone 3 to 9 semitones under a melody note, where there is one above the split."""
    keys = [pitch - step for step in range(3, 10) if (pitch - step) % 12 in bar.chord.classes]
    return [key for key in keys if key >= style.centre - SPLIT_BELOW_CENTRE][:1]


def _fill_ending(top: int, bar: Bar, style: Style) -> list[int]:
    keys = [top - step for step in range(3, 10) if (top - step) % 12 in bar.chord.classes]
    return [key for key in keys if key >= style.centre - SPLIT_BELOW_CENTRE][:2]


def _shiver(bar: Bar, loud: float, frames: Frames) -> Note:
    """Return fear's isolated high note: a minor second above a chord tone."""
    low, high = SHIVER_PITCHES
    keys = [pitch for pitch in range(low, high) if (pitch - 1) % 12 in bar.chord.classes]
    pitch = keys[frames.choose(bar.frame, 10, len(keys))]
    return _strike(bar.number * BEATS + SHIVER_ONSET, pitch, 0.4, loud + 12.0, "right")


def _write_accompaniment(bar: Bar, loud: float, style: Style, frames: Frames) -> list[Note]:
    begin = bar.number * BEATS
    return [
        _strike(begin + onset, pitch, duration, loud - BALANCE + accent, "left")
        for onset, duration, pitches, accent in accompany(bar, style, frames, style.centre - SPLIT_BELOW_CENTRE)
        for pitch in pitches
    ]
