"""From times to written values: which grid a beat has, which voice a chord stands in, where a note is tied.

All times are quarters from the first bar line (those of an upbeat are negative), as fractions.

Every beat of a hand has one grid, so that a triplet and a sixteenth never meet in one beat of a hand. A value is tied
where it would hide the beat: a note may run over a boundary of the bar (its middle, a beat, half of one) only from and
to places of at most one level below it, as in Gould (2011, "Grouping of rhythms"); in compound metre a note that runs
over a beat begins and ends with beats.

References
----------
Gould, E. (2011). *Behind Bars: The Definitive Guide to Music Notation*. Faber.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import floor
from typing import Final

from generation.music.notes import Note, Piece
from generation.music.score.keyboard import release_repeated_keys

MOST_VOICES: Final = 2
SIXTEENTHS, TRIPLETS, THIRTY_SECONDS, SEXTUPLETS = 4, 3, 8, 6
"""Grids, as parts of a quarter."""
ON_GRID_QUARTERS: Final = 0.02
"""How far from a grid all times of a beat may lie that are written on it; thirds lie 0.04 from 32nds."""
VALUES: Final = frozenset(Fraction(eighths, 8) for eighths in (48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1))
"""Values of one note without a tuplet, from a dotted whole note to a 32nd, in quarters."""
WHOLE_NOTE: Final = 4
"""Quarters; a rest of this value, or a longer one, would be read as the rest of a bar, whatever the metre."""


@dataclass(frozen=True, slots=True)
class Chord:
    """Keys struck and released together; `start` and `end` in quarters."""

    start: Fraction
    end: Fraction
    pitches: tuple[int, ...]


@dataclass(frozen=True)
class Metre:
    """Bars and beats of a piece.

    >>> Metre(beats=2, beat=Fraction(3, 2)).bar
    Fraction(3, 1)
    """

    beats: int
    beat: Fraction

    @classmethod
    def of(cls, piece: Piece) -> Metre:
        """The metre of a piece."""
        return cls(piece.beats_per_bar, Fraction(piece.beat))

    @property
    def compound(self) -> bool:
        """Whether a beat is a dotted quarter."""
        return self.beat > 1

    @property
    def bar(self) -> Fraction:
        """Quarters of a bar."""
        return self.beats * self.beat

    @cached_property
    def levels(self) -> tuple[Fraction, ...]:
        """What a bar is divided into, from itself over its middle and its beats to 32nds."""
        middle = (self.bar / 2,) if self.beats == 4 else ()
        parts = (self.bar, *middle, self.beat, Fraction(1, 2), Fraction(1, 4), Fraction(1, 8))
        return tuple(dict.fromkeys(parts))

    def level_of(self, moment: Fraction) -> int:
        """Index in `levels` of the strongest boundary at a moment; their number where there is none."""
        return next((index for index, part in enumerate(self.levels) if moment % part == 0), len(self.levels))


class Grids:
    """The grid of every beat of one hand.

    Parameters
    ----------
    notes : iterable of Note
        Those of the hand, starts counted from the beginning of the upbeat.
    metre : Metre
    upbeat : float
        Quarters before the first bar line.

    Notes
    -----
    A beat has the coarsest grid of sixteenths, triplets, 32nds and sextuplets that all its starts and ends lie on (to
    a fiftieth of a quarter); where there is none, that of sixteenths and triplets which its starts lie nearer to.
    Beats of compound metre know sixteenths and 32nds alone.
    """

    def __init__(self, notes: Iterable[Note], metre: Metre, upbeat: float) -> None:
        self.beat = metre.beat
        self.choices = (
            (SIXTEENTHS, THIRTY_SECONDS) if metre.compound else (SIXTEENTHS, TRIPLETS, THIRTY_SECONDS, SEXTUPLETS)
        )
        self.upbeat = upbeat
        starts: dict[int, list[float]] = {}
        ends: dict[int, list[float]] = {}
        for note in notes:
            for moment, found in ((note.start - upbeat, starts), (note.end - upbeat, ends)):
                found.setdefault(floor(moment / self.beat), []).append(moment)
        self.parts = {
            beat: self._choose(starts.get(beat, []), ends.get(beat, [])) for beat in starts.keys() | ends.keys()
        }

    def snap(self, start: float) -> Fraction:
        """Place a time that counts from the beginning of the upbeat on the grid of its beat."""
        moment = start - self.upbeat
        beat = floor(moment / self.beat)
        first = beat * self.beat
        parts = self.parts.get(beat, SIXTEENTHS)
        return first + Fraction(round((moment - first) * parts), parts)

    def shortest(self, moment: Fraction) -> Fraction:
        """The least value at a place."""
        return Fraction(1, self.parts.get(floor(moment / self.beat), SIXTEENTHS))

    def _choose(self, starts: Sequence[float], ends: Sequence[float]) -> int:
        for parts in self.choices:
            if all(_miss(moment, parts) <= ON_GRID_QUARTERS for moment in (*starts, *ends)):
                return parts
        coarse = [parts for parts in self.choices if parts in (SIXTEENTHS, TRIPLETS)]
        return min(coarse, key=lambda parts: sum(_miss(moment, parts) for moment in starts or ends))


def _miss(moment: float, parts: int) -> float:
    """Quarters from a time to the nearest of the points that divide a quarter into parts."""
    return abs(moment * parts - round(moment * parts)) / parts


def gather_chords(notes: Iterable[Note], grids: Grids) -> list[Chord]:
    """Return what one hand strikes and releases together, on its grids, sorted by start, highest first."""
    chords: dict[tuple[Fraction, Fraction], set[int]] = {}
    for note in release_repeated_keys(notes):
        start = grids.snap(note.start)
        end = max(grids.snap(note.end), start + grids.shortest(start))
        chords.setdefault((start, end), set()).add(note.pitch)
    return sorted(
        (Chord(*span, tuple(sorted(pitches))) for span, pitches in chords.items()),
        key=lambda chord: (chord.start, -max(chord.pitches)),
    )


def share_voices(chords: Iterable[Chord]) -> list[list[Chord]]:
    """Share chords among voices; what a third voice would need is cut short instead."""
    voices: list[list[Chord]] = [[]]
    for chord in chords:
        free = [voice for voice in voices if not voice or voice[-1].end <= chord.start]
        if free:
            free[0].append(chord)
        elif len(voices) < MOST_VOICES:
            voices.append([chord])
        else:
            voice = min(voices, key=lambda line: (line[-1].end, -line[-1].start))
            last = voice.pop()
            if last.start == chord.start:
                pitches = tuple(sorted({*last.pitches, *chord.pitches}))
                voice.append(Chord(last.start, last.end, pitches))
            else:
                voice += [Chord(last.start, chord.start, last.pitches), chord]
    return voices


def split_value(start: Fraction, end: Fraction, metre: Metre, *, rest: bool = False) -> list[tuple[Fraction, Fraction]]:
    """Return the values, one after another, that write a note (or a rest) from `start` to `end` within one bar.

    Parameters
    ----------
    start, end : Fraction
        Quarters from a bar line.
    metre : Metre
    rest : bool
        Rests run over no boundary stronger than those at their ends, and are shorter than a whole note.

    Examples
    --------
    >>> quarters = Metre(4, Fraction(1))
    >>> [str(b - a) for a, b in split_value(Fraction(3, 2), Fraction(4), quarters)]
    ['1/2', '2']
    >>> [str(b - a) for a, b in split_value(Fraction(1, 3), Fraction(2), quarters)]
    ['2/3', '1']
    >>> [str(b - a) for a, b in split_value(Fraction(1), Fraction(2), Metre(2, Fraction(3, 2)))]
    ['1/2', '1/2']
    """
    cuts = sorted({start, end, *_around_tuplets(start, end)})
    return [
        value
        for first, last in pairwise(cuts)
        for value in (
            _split_tuplet(first, last) if _in_tuplet(first) or _in_tuplet(last) else _split(first, last, metre, rest)
        )
    ]


def _in_tuplet(moment: Fraction) -> bool:
    return moment.denominator % 3 == 0


def _around_tuplets(start: Fraction, end: Fraction) -> list[Fraction]:
    """The quarters between which a triplet lies that a note begins or ends in."""
    around = [Fraction(floor(moment) + side) for moment in (start, end) if _in_tuplet(moment) for side in (0, 1)]
    return [moment for moment in around if start < moment < end]


def _split_tuplet(start: Fraction, end: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Values of one, two or four sixths of a quarter; three and five sixths are tied."""
    if (end - start) * 6 not in (3, 5):
        return [(start, end)]
    cut = end - Fraction(1, 6) if start.denominator == 1 else start + Fraction(1, 6)
    return [(start, cut), *_split_tuplet(cut, end)]


def _split(start: Fraction, end: Fraction, metre: Metre, rest: bool) -> list[tuple[Fraction, Fraction]]:
    inside = _strongest_inside(start, end, metre)
    a_bar_of_rest = rest and end - start >= WHOLE_NOTE
    if not inside or (end - start in VALUES and not a_bar_of_rest and not _hides(start, end, inside[0], metre, rest)):
        return [(start, end)]
    cut = inside[-1] if metre.level_of(start) < metre.level_of(end) else inside[0]
    return [*_split(start, cut, metre, rest), *_split(cut, end, metre, rest)]


def _strongest_inside(start: Fraction, end: Fraction, metre: Metre) -> list[Fraction]:
    """The boundaries between two moments that are stronger than all others there."""
    for part in metre.levels:
        first = (floor(start / part) + 1) * part
        found = []
        while first < end:
            found.append(first)
            first += part
        if found:
            return found
    return []


def _hides(start: Fraction, end: Fraction, boundary: Fraction, metre: Metre, rest: bool) -> bool:
    level, weaker = metre.level_of(boundary), max(metre.level_of(start), metre.level_of(end))
    beat = metre.levels.index(metre.beat)
    if rest:
        return weaker > level
    return weaker > (beat if metre.compound and level <= beat else level + 1)
