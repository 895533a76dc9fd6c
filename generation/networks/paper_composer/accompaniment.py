"""The left hand: one figure for each emotion, on the bar's chord."""

from __future__ import annotations

from typing import Final

from generation.networks.paper_composer.frames import Frames
from generation.networks.paper_composer.plan import BEATS, Bar
from generation.networks.paper_composer.styles import Figure, Style

Strike = tuple[float, float, tuple[int, ...], int]
"""Onset and duration in quarters, pitches, and velocity against the hand's mean."""

TENTH: Final = 16


def accompany(bar: Bar, style: Style, frames: Frames, ceiling: int) -> list[Strike]:
    """Return the left hand's strikes in `bar`, all keys below `ceiling` and within a tenth when together."""
    bass = _place_bass(bar.chord.root, style.bass)
    tones = _stack(bass, bar.chord.tones)
    if bar.ends_piece:
        ending = tuple(pitch for pitch in _ending(bass, tones, style.figure) if pitch < ceiling)
        figure: list[Strike] = [(0.0, float(BEATS), ending, 2)]
    else:
        figure = FIGURES[style.figure](bass, tones, frames.choose(bar.frame, 5, 2))
    return [
        (onset, duration, tuple(sorted({_fold(pitch, ceiling) for pitch in pitches})), accent)
        for onset, duration, pitches, accent in figure
    ]


def _place_bass(root: int, centre: int) -> int:
    """Return the key of pitch class `root` within six semitones of `centre`."""
    return centre - 6 + (root - centre + 6) % 12


def _stack(bass: int, tones: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(bass + tone for tone in tones)


def _fold(pitch: int, ceiling: int) -> int:
    while pitch >= ceiling:
        pitch -= 12
    return pitch


def _ending(bass: int, tones: tuple[int, ...], figure: Figure) -> tuple[int, ...]:
    if figure in ("hammer", "tolling", "throb"):
        return (bass, tones[2], bass + 12)
    return (bass, *tones[1:3], bass + 12)


def _pump(bass: int, tones: tuple[int, ...], variant: int) -> list[Strike]:
    fifth, octave = tones[2], bass + 12
    steps = (bass, fifth, octave, fifth) if variant else (bass, octave, fifth, octave)
    return [(i * 0.5, 0.3, (steps[i % 4],), 4 if i % 4 == 0 else 0) for i in range(8)]


def _stride(bass: int, tones: tuple[int, ...], variant: int) -> list[Strike]:
    chord = tuple(tone + 12 if tone - bass < 5 else tone for tone in tones[1:3])
    second = tones[2] - 12 if variant else bass
    return [(0.0, 0.5, (bass,), 4), (1.0, 0.3, chord, -4), (2.0, 0.5, (second,), 2), (3.0, 0.3, chord, -4)]


def _arpeggio(bass: int, tones: tuple[int, ...], variant: int) -> list[Strike]:
    fifth, octave, tenth = tones[2], bass + 12, tones[1] + 12
    colour = tones[3] if len(tones) > 3 else octave
    steps = (bass, fifth, octave, tenth, octave, fifth, colour, fifth)
    if variant:
        steps = (bass, fifth, octave, tenth, colour, tenth, octave, fifth)
    return [(i * 0.5, 0.5, (step,), 3 if i == 0 else -2) for i, step in enumerate(steps)]


def _tolling(bass: int, tones: tuple[int, ...], variant: int) -> list[Strike]:
    fifth = tones[2]
    # the bass is held, so a suspended fourth stays inside the octave where an eleventh would not be reached
    tenth = tones[1] + 12 if tones[1] + 12 - bass <= TENTH else tones[1]
    first, second = (tenth, fifth) if variant else (fifth, tenth)
    return [
        (0.0, 4.0, (bass, bass + 12), 4),
        (1.0, 1.0, (first,), -4),
        (2.0, 1.0, (second,), -3),
        (3.0, 1.0, (first,), -5),
    ]


def _hammer(bass: int, tones: tuple[int, ...], variant: int) -> list[Strike]:
    power = (bass, tones[2], bass + 12)
    onsets = (0.0, 0.5, 1.5, 2.0, 2.5, 3.5) if variant else (0.0, 1.0, 1.5, 2.0, 3.0, 3.5)
    return [(onset, 0.3, power, 8) if onset % 2 == 0 else (onset, 0.25, (bass,), -3) for onset in onsets]


def _throb(bass: int, tones: tuple[int, ...], variant: int) -> list[Strike]:
    tritone, half = bass + 6, bass + 13
    if variant:
        return [(0.0, 3.0, (bass, tones[1] + 12), 0), (1.5, 0.25, (tritone,), -8), (3.25, 0.25, (half,), 6)]
    return [
        (0.0, 0.25, (bass,), 4),
        (0.75, 0.25, (bass,), -8),
        (1.5, 1.5, (tritone, half), -4),
        (3.5, 0.25, (bass,), -6),
    ]


def _cluster(bass: int, tones: tuple[int, ...], variant: int) -> list[Strike]:
    thick = (tones[1] - 1, tones[1], tones[2])
    if variant:
        return [
            (0.0, 1.4, (bass, *thick), 3),
            (1.5, 0.5, (bass + 1,), -5),
            (2.0, 1.5, thick, 0),
            (3.5, 0.5, (bass - 1,), -5),
        ]
    return [
        (0.0, 1.0, (bass,), 3),
        (1.0, 0.75, thick, -3),
        (2.0, 1.0, (bass + 1, bass + 12), 2),
        (3.0, 0.75, thick, -3),
    ]


def _broken(bass: int, tones: tuple[int, ...], variant: int) -> list[Strike]:
    fifth, tenth = tones[2], tones[1] + 12
    steps = (bass, fifth, tenth, fifth) if variant else (bass, fifth, bass + 12, tenth)
    return [(float(i), 1.0, (step,), 3 if i == 0 else -2) for i, step in enumerate(steps)]


FIGURES: Final = {
    "pump": _pump,
    "stride": _stride,
    "arpeggio": _arpeggio,
    "tolling": _tolling,
    "hammer": _hammer,
    "throb": _throb,
    "cluster": _cluster,
    "broken": _broken,
}
