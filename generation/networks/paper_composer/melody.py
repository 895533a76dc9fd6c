"""The right hand: rhythm by density, contour by frames, chord tones on the beat, a breath at phrase ends."""

from __future__ import annotations

from typing import Final

from generation.music.notes import Mode
from generation.music.score.spelling import spell_pitch
from generation.networks.paper_composer.frames import Frames
from generation.networks.paper_composer.plan import Bar, Plan, within
from generation.networks.paper_composer.styles import Rhythm, Style

Onsets = tuple[float, ...]

RHYTHMS: Final[dict[Rhythm, dict[int, tuple[Onsets, ...]]]] = {
    "even": {
        3: ((0, 2, 3), (0, 1, 2), (0, 1.5, 3)),
        4: ((0, 1, 2, 3), (0, 1.5, 2, 3), (0, 1, 2, 2.5)),
        5: ((0, 1, 2, 2.5, 3), (0, 1.5, 2, 3, 3.5), (0, 0.5, 1, 2, 3)),
        6: ((0, 0.5, 1, 2, 2.5, 3), (0, 1, 1.5, 2, 3, 3.5), (0, 1.5, 2, 2.5, 3, 3.5)),
        7: ((0, 0.5, 1, 1.5, 2, 3, 3.5), (0, 1, 1.5, 2, 2.5, 3, 3.5), (0, 0.5, 1, 2, 2.5, 3, 3.5)),
        8: ((0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), (0, 0.5, 0.75, 1, 2, 2.5, 2.75, 3), (0, 1, 1.25, 1.5, 2, 2.5, 3, 3.5)),
        9: ((0, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5), (0, 0.5, 1, 1.5, 2, 2.5, 2.75, 3, 3.5)),
        10: ((0, 0.5, 0.75, 1, 1.5, 2, 2.5, 2.75, 3, 3.5), (0, 0.25, 0.5, 1, 1.5, 2, 2.25, 2.5, 3, 3.5)),
    },
    "syncopated": {
        6: ((0, 0.75, 1.5, 2, 2.75, 3.5), (0, 0.5, 1.5, 2, 2.5, 3.5)),
        7: ((0, 0.75, 1.5, 2, 2.75, 3, 3.5), (0, 0.5, 1.5, 2, 2.5, 3, 3.5)),
        8: ((0, 0.25, 0.75, 1.5, 2, 2.25, 2.75, 3.5), (0, 0.5, 0.75, 1.5, 2, 2.5, 3, 3.5)),
        9: ((0, 0.25, 0.75, 1.5, 2, 2.25, 2.75, 3, 3.5), (0, 0.5, 0.75, 1, 1.5, 2.25, 2.5, 3, 3.5)),
        10: ((0, 0.25, 0.5, 0.75, 1.5, 2, 2.25, 2.75, 3, 3.5),),
    },
    "bursts": {
        4: ((0, 0.25, 0.5, 2.5), (0, 1.75, 2, 2.25)),
        5: ((0, 0.25, 0.5, 2.5, 2.75), (0.5, 0.75, 1, 2.75, 3)),
        6: ((0, 0.25, 0.5, 2.25, 2.5, 2.75), (0.5, 0.75, 1, 1.25, 3, 3.25)),
        7: ((0, 0.25, 0.5, 0.75, 2.5, 2.75, 3), (0.75, 1, 1.25, 2.5, 2.75, 3, 3.25)),
        8: ((0, 0.25, 0.5, 0.75, 2.25, 2.5, 2.75, 3), (0, 0.25, 1.5, 1.75, 2, 2.25, 3.25, 3.5)),
    },
}
"""Onsets in a bar of four quarters, by how many notes it has."""

BREATHS: Final[tuple[Onsets, ...]] = ((0, 1, 2), (0, 0.5, 1, 2), (0, 1.5, 2))
"""Rhythms of a bar that ends a phrase: the last note is long."""
CONTOUR_FIRST: Final = 7
CONTOUR_LAST: Final = 13
CONTOUR_SEMITONES: Final = 4.0
LARGEST_LEAP: Final = 8
FULLER: Final = 1.2
"""Bars that end a phrase have three or four notes, so the others carry more than the mean."""
SCALES: Final[dict[Mode, tuple[int, ...]]] = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}


def choose_onsets(bar: Bar, plan: Plan, style: Style, frames: Frames) -> Onsets:
    """Return when the melody strikes in `bar`: density after MFCC 4, which pattern after MFCC 6."""
    if bar.ends_piece:
        return (0.0,)
    if bar.ends_phrase:
        return BREATHS[frames.choose(bar.frame, 6, len(BREATHS))]
    menu = RHYTHMS[style.rhythm]
    wanted = within(style.density, frames.share(bar.frame, 4)) * plan.bar_seconds * FULLER
    patterns = menu[min(menu, key=lambda count: (abs(count - wanted), count))]
    return patterns[frames.choose(bar.frame, 6, len(patterns))]


def choose_pitches(
    bar: Bar, onsets: Onsets, previous: list[int], plan: Plan, style: Style, frames: Frames
) -> list[int]:
    """Return the melody's pitches in `bar`, going on from the notes before (latest last)."""
    line = list(previous[-2:])
    centre = style.centre + 1.5 * frames.value(bar.frame, 2)
    for onset in onsets:
        if bar.ends_piece:
            allowed = frozenset({plan.tonic})
        elif onset % 2 == 0 or (bar.ends_phrase and onset == onsets[-1]):
            allowed = bar.chord.classes
        else:
            allowed = _list_passing(bar, plan, style)
        wanted = centre + CONTOUR_SEMITONES * _read_contour(frames, bar.frame, onset / 4.0)
        line.append(_nearest(wanted, allowed, line, style))
    return line[len(previous[-2:]) :]


def _list_passing(bar: Bar, plan: Plan, style: Style) -> frozenset[int]:
    scale = frozenset((plan.tonic + step) % 12 for step in SCALES[plan.mode])
    # what the chord alters gives way: over a major dominant in minor the seventh is sharp
    altered = {_read_letter(tone, plan) for tone in bar.chord.classes - scale}
    kept = {tone for tone in scale if _read_letter(tone, plan) not in altered}
    passing = frozenset(kept | bar.chord.classes)
    if style.chromatic:
        passing |= {(tone - 1) % 12 for tone in bar.chord.classes} | {(plan.tonic + 1) % 12}
    return passing


def _read_letter(pitch_class: int, plan: Plan) -> str:
    return spell_pitch(60 + pitch_class, plan.tonic, plan.mode)[0]


def _read_contour(frames: Frames, frame: int, place: float) -> float:
    """Read the curve through MFCC 7…13 of a frame at `place` (0 at the bar line, 1 at the next)."""
    position = CONTOUR_FIRST + place * (CONTOUR_LAST - CONTOUR_FIRST)
    below = int(position)
    above = min(below + 1, CONTOUR_LAST)
    rest = position - below
    return frames.value(frame, below) * (1 - rest) + frames.value(frame, above) * rest


def _nearest(wanted: float, allowed: frozenset[int], line: list[int], style: Style) -> int:
    """Return the allowed key nearest to `wanted`, without wide leaps or a third repetition."""
    last = line[-1] if line else round(wanted)
    reachable = [
        pitch
        for pitch in range(style.centre - 9, style.centre + 13)
        if pitch % 12 in allowed and abs(pitch - last) <= LARGEST_LEAP
    ]
    keys = reachable or [p for p in range(style.centre - 9, style.centre + 13) if p % 12 in allowed]
    stuck = len(line) >= 2 and line[-1] == line[-2]
    fresh = [pitch for pitch in keys if not (stuck and pitch == last)] or keys
    # a step is preferred to a leap where both lie about as near
    return min(fresh, key=lambda pitch: (abs(pitch - wanted) + 0.35 * abs(pitch - last), pitch))
