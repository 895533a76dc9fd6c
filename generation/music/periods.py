"""The form of a piece as a musician hears it: periods and small ternary forms in four metres.

A phrase ends with a cadence: half, full or plagal. What returns (a motive, a bar, a phrase) says how: as it was,
in sequence, upside down, or in its rhythm alone. After Caplin (1998), chapters 3, 4 and 6: the period of antecedent and
consequent, and the small ternary, whose contrasting middle stands on the dominant.

References
----------
Caplin, W. E. (1998). *Classical Form*. Oxford University Press.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from generation.music.chords import chord_pitch_classes, chord_root, number_chord
from generation.music.harmony import Progression, draw_progression, read_numeral, tonic_chord
from generation.music.notes import Mode

Cadence = Literal["half", "full", "plagal", "open"]
Manner = Literal["exact", "sequence", "inversion", "rhythm"]

METRES: Final = {"4/4": (4, False), "3/4": (3, False), "12/8": (4, True), "6/8": (2, True)}
"""Beats of a bar, and whether a beat is a dotted quarter."""
SHAPES: Final = {
    6: (("A", 3), ("A", 3)),
    7: (("A", 4), ("A", 3)),
    8: (("A", 4), ("A", 4)),
    9: (("A", 4), ("A", 5)),
    10: (("A", 4), ("A", 6)),
    12: (("A", 4), ("B", 4), ("A", 4)),
    13: (("A", 4), ("B", 4), ("A", 5)),
    14: (("A", 4), ("B", 4), ("A", 6)),
    16: (("A", 4), ("A", 4), ("B", 4), ("A", 4)),
}
"""Phrases by the number of bars, the bar of the last chord included: periods to ten bars, then small ternary forms."""
REGULAR: Final = (8, 12, 16)
_HALF_BEFORE: Final = {"major": ("ii", "IV", "vi"), "minor": ("iv", "VI", "iid")}
_FULL_BEFORE: Final = {"major": ("IV", "ii7", "ii"), "minor": ("iv", "iid", "VI")}
_MODULATIONS: Final[dict[Mode, tuple[tuple[int, Mode], ...]]] = {
    "major": ((7, "major"), (9, "minor")),
    "minor": ((3, "major"), (7, "minor")),
}
"""Keys a middle part may stand in: dominant and relative key, in semitones above the tonic."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What an emotion asks of form and harmony; shares are chances, 0…1.

    `bars_per_chord` is 0.5, 1 or 2; `steps_in_bass` the chance of an inversion that lets the bass move by step;
    `pedal_point` that of a phrase over the tonic; `modulates` that of a middle part in another key; `unresolved`
    that of a last chord that is no consonance; `plagal` that of a plagal last cadence; `upbeat` that of an upbeat;
    `ostinato` that of a bar whose accompaniment goes on as before.
    """

    bars_per_chord: float = 1.0
    steps_in_bass: float = 0.35
    pedal_point: float = 0.0
    modulates: float = 0.0
    unresolved: float = 0.0
    plagal: float = 0.1
    upbeat: float = 0.5
    ostinato: float = 0.4


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
    the accompaniment's.
    """

    metre: str
    mode: Mode
    phrases: tuple[Phrase, ...]
    chords: tuple[int, ...]
    basses: tuple[int, ...]
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

    def changes(self) -> list[float]:
        """Quarters at which the chord or its bass changes, and every bar line."""
        count = self.beats_per_bar
        pairs = list(zip(self.chords, self.basses, strict=True))
        return [beat * self.beat for beat in range(len(pairs)) if beat % count == 0 or pairs[beat] != pairs[beat - 1]]


def plan_period(
    metre: str,
    bars: int,
    mode: Mode,
    place: tuple[float, float, float],
    manners: Manners,
    random: np.random.Generator,
) -> PlannedForm:
    """Draw a form of `bars` bars (a key of `SHAPES`).

    Parameters
    ----------
    metre : str
        A key of `METRES`.
    bars : int
        The bar of the last chord included.
    mode : {"major", "minor"}
    place : tuple of float
        Valence, arousal and dominance, for the choice of progressions.
    manners : Manners
    random : numpy.random.Generator

    Raises
    ------
    KeyError
        When there is no form of so many bars, or no such metre.

    Examples
    --------
    >>> form = plan_period("3/4", 8, "major", (0.6, -0.4, 0.5), Manners(), np.random.default_rng(1))
    >>> [(phrase.letter, phrase.bars, phrase.cadence) for phrase in form.phrases]
    [('A', 4, 'half'), ('A', 4, 'full')]
    >>> len(form.chords), form.bar
    (24, 3.0)
    """
    phrases = _lay_phrases(bars, manners, random)
    beats = METRES[metre][0]
    home = draw_progression(mode, place, random)
    away = draw_progression(mode, place, random, avoid=home)
    shift, foreign = 0, away
    if random.random() < manners.modulates:
        choices = _MODULATIONS[mode]
        shift, key = choices[int(random.integers(len(choices)))]
        foreign = draw_progression(key, place, random)
    chords: list[int] = []
    for phrase in phrases:
        middle = phrase.letter == "B"
        bar_chords = _fill_phrase(foreign if middle else home, phrase.bars, manners, beats)
        if middle and shift:
            bar_chords = [[_move(chord, shift) for chord in bar] for bar in bar_chords]
        _close(bar_chords, phrase.cadence, mode, beats, random)
        chords += [chord for bar in bar_chords for chord in bar]
    if random.random() < manners.unresolved:
        chords[-beats:] = [read_numeral("iid" if random.random() < 0.5 else "viid", "minor")] * beats
    basses = _lead_bass(chords, phrases, beats, manners, random)
    climax = phrases[-1].start + 1 if len(phrases) < 4 else phrases[2].start + 2
    return PlannedForm(
        metre,
        mode,
        phrases,
        tuple(chords),
        tuple(basses),
        tuple(_plan_returns(phrases, random)),
        tuple(_plan_figures(chords, basses, beats, manners.ostinato, random)),
        climax,
        bool(random.random() < manners.upbeat),
    )


def _lay_phrases(bars: int, manners: Manners, random: np.random.Generator) -> tuple[Phrase, ...]:
    shape = SHAPES[bars]
    phrases, start = [], 0
    for number, (letter, length) in enumerate(shape):
        last = number == len(shape) - 1
        cadence: Cadence = "half"
        if last:
            cadence = "plagal" if random.random() < manners.plagal else "full"
        elif letter == "A" and number == 0 and len(shape) == 4:
            cadence = "open"
        phrases.append(Phrase(letter, start, length, cadence))
        start += length
    return tuple(phrases)


def _fill_phrase(progression: Progression, bars: int, manners: Manners, beats: int) -> list[list[int]]:
    """Chords of every beat of every bar, the progression gone through at the pace asked for."""
    filled = []
    for bar in range(bars):
        row = []
        for beat in range(beats):
            place = (bar + beat / beats) / manners.bars_per_chord
            row.append(progression.chords[int(place) % len(progression.chords)])
        filled.append(row)
    return filled


def _close(bars: list[list[int]], cadence: Cadence, mode: Mode, beats: int, random: np.random.Generator) -> None:
    """Put the cadence into the last bars of a phrase; a longer last phrase evades it once and comes to it later."""
    late = beats - beats // 2
    dominant = read_numeral("V", mode)
    if cadence == "half":
        before = read_numeral(str(random.choice(_HALF_BEFORE[mode])), mode)
        bars[-2] = bars[-2][:late] + [before] * (beats - late)
        bars[-1] = [dominant] * beats
    elif cadence in ("full", "plagal"):
        before = read_numeral(str(random.choice(_FULL_BEFORE[mode])), mode)
        final = read_numeral("V7" if random.random() < 0.4 else "V", mode)
        if cadence == "plagal":
            final = read_numeral("iv" if mode == "minor" or random.random() < 0.3 else "IV", mode)
            before = tonic_chord(mode)
        bars[-2] = [before] * late + [final] * (beats - late)
        bars[-1] = [tonic_chord(mode)] * beats
        if len(bars) > 4:
            # The evaded cadence: the dominant goes to the sixth degree, and the close is tried again.
            bars[-3] = [read_numeral("vi" if mode == "major" else "VI", mode)] * beats


def _move(chord: int, semitones: int) -> int:
    return (chord + 8 * semitones) % 96 if chord < 96 else chord


def _lead_bass(
    chords: list[int], phrases: tuple[Phrase, ...], beats: int, manners: Manners, random: np.random.Generator
) -> list[int]:
    """The root, now and then the third where the bass then moves by step; cadences and beginnings keep the root."""
    fixed = set()
    over_tonic = set()
    for phrase in phrases:
        fixed |= {
            phrase.start * beats,
            *range((phrase.start + phrase.bars - 2) * beats, (phrase.start + phrase.bars) * beats),
        }
        if random.random() < manners.pedal_point:
            over_tonic |= set(range(phrase.start * beats, (phrase.start + phrase.bars - 2) * beats))
    basses: list[int] = []
    for beat, chord in enumerate(chords):
        root = chord_root(chord)
        if basses and chord == chords[beat - 1] and beat not in fixed and beat not in over_tonic:
            basses.append(basses[-1])
            continue
        bass = root
        if beat in over_tonic:
            bass = 0
        elif beat not in fixed and random.random() < manners.steps_in_bass:
            third = min((pc for pc in chord_pitch_classes(chord) if (pc - root) % 12 in (3, 4)), default=root)
            if (third - basses[-1]) % 12 in (1, 2, 10, 11):
                bass = third
        basses.append(bass)
    return basses


def _plan_returns(phrases: tuple[Phrase, ...], random: np.random.Generator) -> list[Return]:
    """Which bars take up earlier ones: motives within a phrase, phrases within the piece; cadences are new."""
    found: list[Return] = []
    first: dict[str, Phrase] = {}
    for phrase in phrases:
        earlier = first.setdefault(phrase.letter, phrase)
        for offset in range(phrase.bars - 1):
            manner = _choose_manner(offset, phrase is earlier, phrase.letter, random)
            if manner is None or offset >= earlier.bars - 1:
                continue
            if manner == "exact" and offset == phrase.bars - 2:
                manner = "rhythm"  # the cadence begins here, over chords of its own
            source = earlier.start + offset
            if phrase is earlier:
                source = phrases[0].start if phrase.letter == "B" and offset == 0 else phrase.start
            found.append(Return(phrase.start + offset, source, manner))
    return found


def _plan_figures(
    chords: list[int], basses: list[int], beats: int, ostinato: float, random: np.random.Generator
) -> list[Return]:
    """Which bars keep an earlier accompaniment: over the same chords as it was, over others in its rhythm."""
    harmony = [
        tuple(zip(chords[at : at + beats], basses[at : at + beats], strict=True)) for at in range(0, len(chords), beats)
    ]
    found = []
    for bar in range(1, len(harmony) - 1):
        same = [source for source in range(bar) if harmony[source] == harmony[bar]]
        if same and random.random() < ostinato:
            found.append(Return(bar, same[-1], "exact"))
        elif random.random() < ostinato:
            found.append(Return(bar, bar - 1, "rhythm"))
    return found


def _choose_manner(offset: int, new: bool, letter: str, random: np.random.Generator) -> Manner | None:
    """How a bar returns; the chances are judgement."""
    chance: dict[Manner, float]
    if not new:
        chance = {"exact": 0.85, "rhythm": 0.15} if offset < 2 else {"exact": 0.3, "rhythm": 0.4}
    elif offset == 0:
        chance = {"inversion": 0.25, "rhythm": 0.35} if letter == "B" else {}
    else:
        chance = (
            {"rhythm": 0.3, "sequence": 0.25, "inversion": 0.05} if offset == 1 else {"rhythm": 0.25, "sequence": 0.15}
        )
    drawn = random.random()
    for manner, share in chance.items():
        drawn -= share
        if drawn < 0:
            return manner
    return None


def tonic_triad(mode: Mode) -> frozenset[int]:
    """Pitch classes of the tonic triad above the tonic.

    >>> sorted(tonic_triad("minor"))
    [0, 3, 7]
    """
    return chord_pitch_classes(number_chord(0, mode))
