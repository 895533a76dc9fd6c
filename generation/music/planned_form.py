"""The planned form of a piece as data: metre, phrases, chords, basses and scales by the beat, and what returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from generation.music.chords import number_chord
from generation.music.notes import Mode

Cadence = Literal["half", "full", "plagal", "open"]
Manner = Literal["exact", "sequence", "inversion", "rhythm"]

METRES: Final = {"4/4": (4, False), "3/4": (3, False), "12/8": (4, True), "6/8": (2, True)}
"""Beats of a bar, and whether a beat is a dotted quarter."""
DOMINANTS: Final = (number_chord(7, "major"), number_chord(7, "dominant7"))


@dataclass(frozen=True, slots=True)
class Manners:
    """What an emotion asks of form and harmony; shares are chances, 0…1.

    `bars_per_chord` is 0.5, 1 or 2; `steps_in_bass` the chance of an inversion that lets the bass move by step;
    `pedal_point` that of a phrase over the tonic; `modulates` that of a middle part in another key; `unresolved`
    that of a last chord that is no consonance; `plagal` that of a plagal last cadence; `upbeat` that of an upbeat;
    `ostinato` that of a bar whose accompaniment goes on as before; `contrast` that of a middle part where a period
    would do; `dorian` and `phrygian` those of a minor key's own colour.
    """

    bars_per_chord: float = 1.0
    steps_in_bass: float = 0.35
    pedal_point: float = 0.0
    modulates: float = 0.0
    unresolved: float = 0.0
    plagal: float = 0.1
    upbeat: float = 0.5
    ostinato: float = 0.4
    contrast: float = 0.0
    dorian: float = 0.0
    phrygian: float = 0.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase: its letter, its first bar, how many bars, and its cadence."""

    letter: str
    start: int
    bars: int
    cadence: Cadence


@dataclass(frozen=True, slots=True)
class Return:
    """A bar that takes up the bar `source` in some manner."""

    bar: int
    source: int
    manner: Manner


@dataclass(frozen=True, slots=True)
class PlannedForm:
    """Metre, phrases, chord and bass of every beat, and what returns; the last bar holds the last chord alone.

    `chords` and `basses` have one entry per beat: the number of the chord (`generation.music.chords`) and the pitch
    class of the bass above the tonic. Bars count from 0; an upbeat lies before. `returns` are the melody's, `figures`
    the accompaniment's. `scales` has one entry per beat as well: the pitch classes above the tonic that both hands keep
    to, bent to the chord (`generation.music.scales`).
    """

    metre: str
    mode: Mode
    phrases: tuple[Phrase, ...]
    chords: tuple[int, ...]
    basses: tuple[int, ...]
    scales: tuple[frozenset[int], ...]
    returns: tuple[Return, ...]
    figures: tuple[Return, ...]
    climax: int
    has_upbeat: bool

    @property
    def bars(self) -> int:
        """Bars, that of the last chord included."""
        return self.phrases[-1].start + self.phrases[-1].bars

    @property
    def beats_per_bar(self) -> int:
        """Beats of a bar, dotted quarters in compound metre."""
        return METRES[self.metre][0]

    @property
    def beat(self) -> float:
        """Quarters of a beat."""
        return 1.5 if METRES[self.metre][1] else 1.0

    @property
    def bar(self) -> float:
        """Quarters of a bar."""
        return self.beats_per_bar * self.beat

    def phrase_place(self, quarter: float) -> float:
        """Where in its phrase a moment (quarters from the first bar line) lies, 0 to 1; 1 in the last bar."""
        bar = quarter / self.bar
        if bar >= self.bars - 1:
            return 1.0
        phrase = next((p for p in reversed(self.phrases) if p.start <= bar), self.phrases[0])
        return min(max((bar - phrase.start) / phrase.bars, 0.0), 1.0)

    def scale_at(self, beat: int) -> frozenset[int]:
        """The scale of a beat; an upbeat, whose beats are negative, is in the scale of the first."""
        return self.scales[min(max(beat, 0), len(self.scales) - 1)]

    def changed_beats(self) -> list[int]:
        """Beats at which the chord or its bass is another than before."""
        pairs = list(zip(self.chords, self.basses, strict=True))
        return [beat for beat in range(1, len(pairs)) if pairs[beat] != pairs[beat - 1]]

    def changes(self) -> list[float]:
        """Quarters at which the chord or its bass changes, and every bar line."""
        bar_lines = range(0, len(self.chords), self.beats_per_bar)
        return [beat * self.beat for beat in sorted({*bar_lines, *self.changed_beats()})]

    def cadential_dominants(self) -> list[tuple[int, int]]:
        """First beat, and the beat after the last, of the dominants in the last two bars of each phrase."""
        count = self.beats_per_bar
        spans: list[tuple[int, int]] = []
        for phrase in self.phrases:
            end = (phrase.start + phrase.bars) * count
            for beat in range(end - 2 * count, end):
                if self.chords[beat] not in DOMINANTS:
                    continue
                if spans and spans[-1][1] == beat:
                    spans[-1] = (spans[-1][0], beat + 1)
                else:
                    spans.append((beat, beat + 1))
        return spans
