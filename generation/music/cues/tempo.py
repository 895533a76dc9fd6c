"""Tempo: slower or faster, in a clip that lasts as long.

Every clip lasts 28 s and strikes its last chord between 22.5 and 24.5 s (docs/decisions/one-length.md), so another
tempo takes another number of bars. A slower variant leaves whole bars out, a faster one plays some twice, at the place
where the melody goes on most smoothly, ends of four-bar phrases first; beginning and ending are those of the piece.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final, cast

import numpy as np

from generation.music.cues.matching import Played, match_notes
from generation.music.length import LAST_CHORD_SECONDS, LEEWAY_SECONDS
from generation.music.notes import Marks, Pedal, Performance, PlayedNote
from generation.music.performance import SHORTEST_SECONDS, hold_keys
from generation.music.score.marking import PHRASE_BARS, follow

ENDING_BARS: Final = 2
"""Bars before that of the last chord which every variant keeps: its cadence and its ritard."""
HELD_TO_THE_END: Final = 0.05
"""Seconds before the last release within which a key belongs to it."""
NEAR: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Join:
    """Bars 0…`until` − 1, then bars `resume` to the end: bars left out where `resume` is later, repeated where earlier.

    `factor` is the tempo it is played at, as a multiple of the piece's, and `struck` when its last chord falls.
    """

    until: int
    resume: int
    factor: float
    struck: float


def change_tempo(given: Played, factor: float) -> Played:
    """Play the piece `factor` times as fast, its last chord at the moment it had, half a second sooner or later.

    Bars are whole, so the factor reached lies near that asked for and not always on it: it is the new piece's tempo
    over that of the old one. Rubato, ritard, and the release of the last chord stay.

    Parameters
    ----------
    given : Played
    factor : float
        Above 0; 1 gives the piece back as it is.

    Raises
    ------
    ValueError
        For a factor that is not positive, and where no number of bars comes nearer to it than the tempo as it was.

    Examples
    --------
    >>> from generation.music.notes import Note, Piece, play_straight
    >>> piece = Piece(tuple(Note(2.0 * i, 60 + i % 3, 2.0, 64, "right") for i in range(25)), 120.0, 0, "major")
    >>> fast = change_tempo(Played(piece, play_straight(piece, released=26.6)), 1.5)
    >>> fast.piece.tempo, max(note.start for note in fast.piece.notes), round(fast.performance.seconds, 1)
    (180.0, 72.0, 26.6)
    """
    if not 0.0 < factor < math.inf:
        raise ValueError(f"A tempo can be multiplied by a number above 0, not by {factor}.")
    piece, performance = given
    if factor == 1.0 or not piece.notes or not performance.notes:
        return given
    cut = _Cut(given)
    joins = list(cut.list_joins(factor))
    if not joins:
        raise ValueError("The piece has too few bars to be played at another tempo.")
    best = min(joins, key=lambda join: cut.cost(join, factor))
    if abs(math.log(best.factor / factor)) >= abs(math.log(factor)):
        raise ValueError(f"No number of whole bars brings the piece to {factor:g} times its tempo.")
    return cut.play(best)


class _Cut:
    """A piece cut at its bar lines, in quarters and in seconds of its performance."""

    def __init__(self, given: Played) -> None:
        self.piece, self.performance = given
        piece = self.piece
        self.matched = match_notes(piece, self.performance)
        self.last_start = max(note.start for note in piece.notes)
        # The bar of the last chord; bars before it can be left out or repeated.
        self.final = int((self.last_start - piece.upbeat + NEAR) // piece.bar)
        seconds, quarters = follow(piece, self.performance)
        self.lines = [0.0 if bar == 0 else piece.upbeat + bar * piece.bar for bar in range(self.final + 1)]
        self.line_seconds = np.interp(self.lines, quarters, seconds)
        starts = np.array([note.start for note in piece.notes])[self.matched]
        self.starts = starts  # the written start of each played note, shape (played notes,)
        self.struck = min(
            note.onset for note, start in zip(self.performance.notes, starts, strict=True) if start >= self.last_start
        )
        self.pitches: dict[float, int] = {}
        for note in piece.notes:  # the top line: the highest note at each start
            self.pitches[note.start] = max(self.pitches.get(note.start, 0), note.pitch)

    def list_joins(self, factor: float) -> Iterator[Join]:
        # Not out of the window in which all clips end, nor further out than the piece itself.
        soonest = max(self.struck - LEEWAY_SECONDS, min(self.struck, LAST_CHORD_SECONDS[0]))
        latest = min(self.struck + LEEWAY_SECONDS, max(self.struck, LAST_CHORD_SECONDS[1]))
        for until in range(1, self.final + 1):
            for resume in range(self.final - ENDING_BARS + 1):
                if resume == until or (resume < until and resume == 0 and self.piece.upbeat):
                    continue
                unscaled = self.struck + self.line_seconds[until] - self.line_seconds[resume]
                struck = min(max(unscaled / factor, soonest), latest)
                yield Join(until, resume, float(unscaled / struck), float(struck))

    def cost(self, join: Join, factor: float) -> tuple[float, bool, int, int, int]:
        """Nearest to the tempo, to within 2 %; then at a phrase's end; then the smallest leap; then the earliest."""
        away = round(abs(math.log(join.factor / factor)) / 0.02)
        phrase = join.until % PHRASE_BARS == 0 or join.resume % PHRASE_BARS == 0
        return away, not phrase, self._leap(join), join.until, join.resume

    def _leap(self, join: Join) -> int:
        """Semitones by which the top line moves at the join beyond what it moves there in the piece itself."""
        before = [pitch for start, pitch in sorted(self.pitches.items()) if start < self.lines[join.until] - NEAR]
        after = [pitch for start, pitch in sorted(self.pitches.items()) if start >= self.lines[join.resume] - NEAR]
        return abs(after[0] - before[-1]) if before and after else 0

    def play(self, join: Join) -> Played:
        piece = self.piece
        until, resume = self.lines[join.until], self.lines[join.resume]
        moved = until - resume  # quarters by which the second part comes later
        first = [
            replace(note, duration=min(note.duration, until - note.start))
            for note in piece.notes
            if note.start < until - NEAR
        ]
        second = [replace(note, start=note.start + moved) for note in piece.notes if note.start >= resume - NEAR]
        joined = replace(
            piece,
            notes=tuple(sorted([*first, *second])),
            tempo=round(piece.tempo * join.factor, 3),
            marks=_join_marks(piece.marks, until, resume),
        )
        return Played(joined, hold_keys(self._perform(join, until, resume), 1.0))

    def _perform(self, join: Join, until: float, resume: float) -> Performance:
        performance = self.performance
        end, begin = float(self.line_seconds[join.until]), float(self.line_seconds[join.resume])
        slower = 1.0 / join.factor
        released = performance.seconds
        pairs = list(zip(performance.notes, self.starts.tolist(), strict=True))

        def first_part(note: PlayedNote) -> PlayedNote:
            held = max(min(note.duration, end - note.onset), SHORTEST_SECONDS)
            return replace(note, onset=note.onset * slower, duration=held * slower)

        def second_part(note: PlayedNote) -> PlayedNote:
            onset = max(note.onset + end - begin, 0.0) * slower
            # What rings to the end is let go when it was: every clip has the same tail.
            rings = note.offset >= released - HELD_TO_THE_END
            return replace(note, onset=onset, duration=note.offset - onset if rings else note.duration * slower)

        notes = chain(
            (first_part(note) for note, start in pairs if start < until - NEAR),
            (second_part(note) for note, start in pairs if start >= resume - NEAR),
        )
        pedals = [
            Pedal(pedal.down * slower, min(pedal.up, end) * slower)
            for pedal in performance.pedals
            if pedal.down < end - SHORTEST_SECONDS
        ]
        for pedal in performance.pedals:
            if pedal.up <= begin + SHORTEST_SECONDS:
                continue
            down = (max(pedal.down, begin) + end - begin) * slower
            rings = pedal.up >= released - HELD_TO_THE_END
            pedals.append(Pedal(down, pedal.up if rings else (pedal.up + end - begin) * slower))
        return replace(performance, notes=tuple(sorted(notes)), pedals=tuple(_part_pedals(pedals)))


def _part_pedals(pedals: list[Pedal]) -> Iterator[Pedal]:
    """Pedals one after the other: each is lifted before the next is pressed."""
    for place, pedal in enumerate(pedals):
        up = min([pedal.up, *(following.down for following in pedals[place + 1 : place + 2])])
        if up > pedal.down:
            yield replace(pedal, up=up)


def _join_marks(marks: Marks, until: float, resume: float) -> Marks:
    """Marks of both parts; what spans the join is left out, and the second part says how loud it begins."""
    moved = until - resume

    def join_points(points: tuple[tuple[Any, ...], ...]) -> tuple[tuple[Any, ...], ...]:
        first = [mark for mark in points if mark[0] < until - NEAR]
        return (*first, *((mark[0] + moved, *mark[1:]) for mark in points if mark[0] >= resume - NEAR))

    def join_spans(spans: tuple[tuple[Any, ...], ...]) -> tuple[tuple[Any, ...], ...]:
        first = [mark for mark in spans if mark[1] <= until + NEAR]
        second = [(mark[0] + moved, mark[1] + moved, *mark[2:]) for mark in spans if mark[0] >= resume - NEAR]
        return (*first, *second)

    dynamics = list(join_points(marks.dynamics))
    holding = [mark for start, mark in marks.dynamics if start <= resume + NEAR]
    before = [mark for start, mark in dynamics if start < until - NEAR]
    if holding and before and holding[-1] != before[-1] and not any(abs(one[0] - until) < NEAR for one in dynamics):
        dynamics.append((until, holding[-1]))
    return Marks(
        dynamics=cast(Any, tuple(sorted(dynamics))),
        hairpins=cast(Any, join_spans(marks.hairpins)),
        slurs=cast(Any, join_spans(marks.slurs)),
        pedals=cast(Any, join_spans(marks.pedals)),
        staccato=cast(Any, join_points(marks.staccato)),
        tempi=cast(Any, join_points(marks.tempi)),
    )
