"""Marks for a score whose composer wrote none, read off its notes and how they are played.

The marks are modest: a dynamic at the beginning and where a phrase is another, hairpins where loudness goes one way for
bars, the pedal, and dots on what is let go early; slurs would be guesses about meaning, and are left to composers.

The velocities of the marks are those of MuseScore's playback up to version 3, which other programs took over; they
are a convention, not a measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.notes import Hand, Marks, Note, Performance, Piece, Swell
from generation.music.score.writing import HANDS

FloatArray = NDArray[np.float64]

VELOCITIES: Final = {"ppp": 16, "pp": 33, "p": 49, "mp": 64, "mf": 80, "f": 96, "ff": 112, "fff": 126}
PHRASE_BARS: Final = 4
"""Bars between which the dynamic mark may change."""
CLEARLY: Final = 4.0
"""Velocities by which a phrase must lie nearer another mark than the last one written: else the marks would flicker."""
SWELL_STEP: Final = 2.0
"""Velocities by which each bar of a hairpin is louder (softer) than the last."""
SWELL_TOTAL: Final = 10.0
"""Velocities from the first bar of a hairpin to the last: more than half of the way from one mark to the next."""
PEDAL_GRID: Final = 0.5
"""Quarters: a pedal line begins and ends with eighths."""
SMALL_GAP: Final = 0.5
"""Quarters of silence before a hand strikes again that are touch, and not a rest to write."""
DETACHED: Final = 0.6
"""A chord that is held for this share of the time to the next, or less, has a dot."""


def name_dynamic(velocity: float) -> str:
    """Return the mark whose velocity lies nearest; the softer of two that are as near.

    >>> name_dynamic(64.0), name_dynamic(72.0), name_dynamic(73.0)
    ('mp', 'mp', 'mf')
    """
    return min(VELOCITIES, key=lambda name: abs(VELOCITIES[name] - velocity))


def mark_piece(piece: Piece, performance: Performance) -> Marks:
    """Return dynamics, hairpins and pedals of `piece` as `performance` plays it.

    Parameters
    ----------
    piece : Piece
        The score; its own marks are not looked at.
    performance : Performance
        The same notes in seconds. Where a key is played more or less often than written, its notes tell no tempo.

    Returns
    -------
    Marks
        Dynamics (mean velocity of both hands by `PHRASE_BARS`), hairpins over bars that rise or fall by
        `SWELL_STEP` each and `SWELL_TOTAL` together, pedals in quarters, to the nearest eighth, dots on chords that
        are `DETACHED` as written (their values are those of `fill_gaps`); nothing for a piece without notes.

    Examples
    --------
    >>> from generation.music.notes import Note, Pedal, play_straight
    >>> notes = tuple(Note(float(beat), 60, 1.0, 49 if beat < 16 else 96, "right") for beat in range(32))
    >>> piece = Piece(notes, tempo=60.0, tonic=0, mode="major")
    >>> marks = mark_piece(piece, Performance(play_straight(piece).notes, (Pedal(0.1, 3.9),)))
    >>> marks.dynamics, marks.pedals
    (((0.0, 'p'), (16.0, 'f')), ((0.0, 4.0),))
    """
    if not piece.notes or not performance.notes:
        return Marks()
    seconds, quarters = follow(piece, performance)
    onsets = np.interp([note.onset for note in performance.notes], seconds, quarters)
    velocities = np.array([note.velocity for note in performance.notes], dtype=np.float64)
    bars = _measure_bars(piece, onsets, velocities)
    return Marks(
        dynamics=_mark_dynamics(piece, bars),
        hairpins=_mark_hairpins(piece, [fmean(bar) if len(bar) else None for bar in bars]),
        pedals=_mark_pedals(piece, performance, seconds, quarters),
        staccato=_mark_dots(piece),
    )


def fill_gaps(piece: Piece) -> Piece:
    """Return `piece` with every note that ends at most `SMALL_GAP` before its hand strikes again held until then.

    A composer that writes touch into its durations would get a rest after every note.

    Examples
    --------
    >>> from generation.music.notes import Note
    >>> notes = (Note(0.0, 60, 0.5, 64, "right"), Note(1.0, 62, 0.4, 64, "right"), Note(2.0, 64, 1.0, 64, "right"))
    >>> [note.duration for note in fill_gaps(Piece(notes, tempo=60.0, tonic=0, mode="major")).notes]
    [1.0, 0.4, 1.0]
    """
    following = _find_next_strikes(piece)

    def hold(note: Note) -> Note:
        until = following.get((note.hand, note.start), note.end)
        return replace(note, duration=until - note.start) if 0 < round(until - note.end, 6) <= SMALL_GAP else note

    return replace(piece, notes=tuple(sorted(map(hold, piece.notes))))


def _find_next_strikes(piece: Piece) -> dict[tuple[Hand, float], float]:
    """(hand, start) → when that hand strikes next."""
    following: dict[tuple[Hand, float], float] = {}
    for hand in HANDS:
        starts = sorted({note.start for note in piece.notes if note.hand == hand})
        following |= {(hand, start): after for start, after in pairwise(starts)}
    return following


def _mark_dots(piece: Piece) -> tuple[tuple[float, Hand], ...]:
    held: dict[tuple[Hand, float], float] = {}
    for note in piece.notes:
        held[note.hand, note.start] = max(held.get((note.hand, note.start), 0.0), note.duration)
    return tuple(
        sorted(
            (start, hand)
            for (hand, start), after in _find_next_strikes(piece).items()
            if held[hand, start] <= DETACHED * (after - start)
            and round(after - start - held[hand, start], 6) <= SMALL_GAP
        )
    )


def follow(piece: Piece, performance: Performance) -> tuple[FloatArray, FloatArray]:
    """Seconds and quarters of the same moments, both rising, from before the first note to after the last.

    The k-th note on a key is the k-th on it in the performance. Outside the notes the piece's tempo goes on.
    """
    written: dict[int, list[float]] = {}
    played: dict[int, list[float]] = {}
    for note in sorted(piece.notes):
        written.setdefault(note.pitch, []).append(note.start)
    for sounding in sorted(performance.notes):
        played.setdefault(sounding.pitch, []).append(sounding.onset)
    moments: dict[float, list[float]] = {}
    for pitch, starts in written.items():
        if len(starts) == len(played.get(pitch, [])):
            for start, onset in zip(starts, played[pitch], strict=True):
                moments.setdefault(start, []).append(onset)
    if not moments:
        moments = {0.0: [min(note.onset for note in performance.notes)]}
    quarters = np.array(sorted(moments))
    seconds = np.maximum.accumulate([fmean(moments[start]) for start in quarters])
    beat = 60.0 / piece.tempo
    after = max(piece.length - quarters[-1], 0.0) + piece.bar
    return (
        np.concatenate([[seconds[0] - quarters[0] * beat - 1e-6], seconds, [seconds[-1] + after * beat]]),
        np.concatenate([[0.0], quarters, [quarters[-1] + after]]),
    )


def _measure_bars(piece: Piece, onsets: FloatArray, velocities: FloatArray) -> list[FloatArray]:
    """Velocities struck in each bar; an upbeat belongs to the first."""
    numbers = np.maximum(np.floor((onsets - piece.upbeat + 1e-3) / piece.bar).astype(int), 0)
    return [velocities[numbers == bar] for bar in range(int(numbers.max()) + 1)]


def _begin_of(piece: Piece, bar: int) -> float:
    return piece.upbeat + bar * piece.bar if bar else 0.0


def _mark_dynamics(piece: Piece, bars: Sequence[FloatArray]) -> tuple[tuple[float, str], ...]:
    marks: list[tuple[float, str]] = []
    for first in range(0, len(bars), PHRASE_BARS):
        struck = np.concatenate(bars[first : first + PHRASE_BARS])
        if not len(struck):
            continue
        loudness = float(struck.mean())
        name = name_dynamic(loudness)
        if marks and abs(loudness - VELOCITIES[marks[-1][1]]) - abs(loudness - VELOCITIES[name]) < CLEARLY:
            continue
        marks.append((_begin_of(piece, first), name))
    return tuple(marks)


def _mark_hairpins(piece: Piece, loudness: Sequence[float | None]) -> tuple[tuple[float, float, Swell], ...]:
    """Hairpins from the beginning of the first bar to that of the last of every run of one direction."""
    steps = [0.0 if a is None or b is None else b - a for a, b in pairwise(loudness)]
    ways = [int(np.sign(step)) if abs(step) >= SWELL_STEP else 0 for step in steps]
    marks: list[tuple[float, float, Swell]] = []
    first = 0
    for last in range(1, len(ways) + 1):
        if last == len(ways) or ways[last] != ways[first]:
            if ways[first] and abs(sum(steps[first:last])) >= SWELL_TOTAL:
                swell: Swell = "crescendo" if ways[first] > 0 else "diminuendo"
                marks.append((_begin_of(piece, first), _begin_of(piece, last), swell))
            first = last
    return tuple(marks)


def _mark_pedals(
    piece: Piece, performance: Performance, seconds: FloatArray, quarters: FloatArray
) -> tuple[tuple[float, float], ...]:
    """Pedals that last an eighth or longer; one that overlaps the next ends where that begins."""
    if not performance.pedals:
        return ()
    moments = np.interp([(pedal.down, pedal.up) for pedal in performance.pedals], seconds, quarters)
    rounded = piece.upbeat + np.round((moments - piece.upbeat) / PEDAL_GRID) * PEDAL_GRID
    spans = sorted((max(float(down), 0.0), min(float(up), piece.length)) for down, up in rounded)
    ends = [down for down, _ in spans[1:]] + [piece.length]
    return tuple((down, min(up, end)) for (down, up), end in zip(spans, ends, strict=True) if min(up, end) > down)
