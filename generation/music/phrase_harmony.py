"""The harmony of phrases: a progression at its pace, another key in a middle part, cadences, and the bass below.

After Caplin (1998), chapters 2, 6 and 8, as `generation.music.periods`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from generation.music.chords import chord_pitch_classes, chord_root
from generation.music.harmony import Progression, draw_progression, read_numeral, tonic_chord
from generation.music.notes import Mode
from generation.music.planned_form import Cadence, Manners, Phrase
from generation.music.scales import Colour, plain_colour

SLOW_BARS: Final = 8
"""Up to so many bars, chords change twice as often as asked for: a bar lasts 3.5 s or more."""
_HALF_BEFORE: Final = {"major": ("ii", "IV", "vi"), "minor": ("iv", "VI", "iid")}
_FULL_BEFORE: Final = {"major": ("IV", "ii7", "ii"), "minor": ("iv", "iid", "VI")}
_MODULATIONS: Final[dict[Mode, tuple[tuple[int, Mode], ...]]] = {
    "major": ((7, "major"), (9, "minor")),
    "minor": ((3, "major"), (7, "minor")),
}
"""Keys a middle part may stand in: dominant and relative key, in semitones above the tonic."""


def choose_colour(mode: Mode, manners: Manners, random: np.random.Generator) -> Colour:
    drawn = random.random()
    if mode == "major" or drawn >= manners.dorian + manners.phrygian:
        return plain_colour(mode)
    return "dorian" if drawn < manners.dorian else "phrygian"


def fill_phrases(
    phrases: tuple[Phrase, ...],
    mode: Mode,
    place: tuple[float, float, float],
    manners: Manners,
    beats: int,
    random: np.random.Generator,
) -> tuple[list[int], list[tuple[int, Mode]]]:
    """Chord and key (semitones above the tonic, mode) of every beat; a middle part comes home in its cadence."""
    home = draw_progression(mode, place, random)
    away = draw_progression(mode, place, random, avoid=home)
    shift, key, foreign = 0, mode, away
    if random.random() < manners.modulates:
        choices = _MODULATIONS[mode]
        shift, key = choices[int(random.integers(len(choices)))]
        foreign = draw_progression(key, place, random)
    if sum(phrase.bars for phrase in phrases) <= SLOW_BARS:
        manners = replace(manners, bars_per_chord=manners.bars_per_chord / 2)
    chords: list[int] = []
    keys: list[tuple[int, Mode]] = []
    for phrase in phrases:
        middle = phrase.letter == "B"
        bars = _fill_phrase(foreign if middle else home, phrase.bars, manners, beats)
        if middle and shift:
            _establish(bars, key, beats)
            bars = [[_move(chord, shift) for chord in bar] for bar in bars]
        short = phrase.bars < (4 if middle else 3)
        _close(bars, phrase.cadence, mode, beats, random, short=short)
        chords += [chord for bar in bars for chord in bar]
        # A middle part's half cadence, which `_close` has written, is in the home key again.
        away_beats = phrase.bars * beats - (beats if short else beats + beats // 2) if middle else 0
        keys += [(shift, key)] * away_beats + [(0, mode)] * (phrase.bars * beats - away_beats)
    return chords, keys


def _establish(bars: list[list[int]], key: Mode, beats: int) -> None:
    """A key is known by its dominant and tonic: in the first bar of a short middle, in the first two of others."""
    dominant, tonic = read_numeral("V7", key), tonic_chord(key)
    late = beats - beats // 2
    if len(bars) < 3:
        bars[0] = [dominant] * late + [tonic] * (beats - late)
    else:
        bars[0] = bars[0][:late] + [dominant] * (beats - late)
        bars[1] = [tonic] * late + bars[1][late:]


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


def _close(
    bars: list[list[int]], cadence: Cadence, mode: Mode, beats: int, random: np.random.Generator, *, short: bool
) -> None:
    """Put the cadence into the last bars of a phrase; a longer last phrase evades it once and comes to it later.

    A short phrase has its half cadence in the last bar alone, and keeps its first chord before a full one.
    """
    late = beats - beats // 2
    dominant = read_numeral("V", mode)
    if cadence == "half":
        before = read_numeral(str(random.choice(_HALF_BEFORE[mode])), mode)
        if short:
            bars[-1] = [before] * late + [dominant] * (beats - late)
            return
        bars[-2] = bars[-2][:late] + [before] * (beats - late)
        bars[-1] = [dominant] * beats
    elif cadence in ("full", "plagal"):
        before = read_numeral(str(random.choice(_FULL_BEFORE[mode])), mode)
        final = read_numeral("V7" if random.random() < 0.4 else "V", mode)
        if cadence == "plagal":
            final = read_numeral("iv" if mode == "minor" or random.random() < 0.3 else "IV", mode)
            before = tonic_chord(mode)
        bars[-2] = (bars[-2][:late] if short else [before] * late) + [final] * (beats - late)
        bars[-1] = [tonic_chord(mode)] * beats
        if len(bars) > 4:
            # The evaded cadence: the dominant goes to the sixth degree, and the close is tried again.
            bars[-3] = [read_numeral("vi" if mode == "major" else "VI", mode)] * beats


def _move(chord: int, semitones: int) -> int:
    return (chord + 8 * semitones) % 96 if chord < 96 else chord


def lead_bass(
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
