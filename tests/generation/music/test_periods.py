"""Forms: phrases and cadences where theory puts them, chords for every beat, returns of bars that came before."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from generation.music.chords import chord_pitch_classes, chord_root
from generation.music.harmony import read_numeral, tonic_chord
from generation.music.notes import Mode
from generation.music.periods import PERIODS, SHAPES, TERNARIES, plan_period
from generation.music.planned_form import METRES, Manners, PlannedForm
from generation.music.scales import bend_scale

SAD = (-0.7, -0.55, -0.65)


def plan(metre: str, bars: int, mode: Mode = "minor", manners: Manners | None = None, seed: int = 1) -> PlannedForm:
    return plan_period(metre, bars, mode, SAD, manners or Manners(), np.random.default_rng(seed))


def bar_of(form: PlannedForm, bar: int) -> tuple[int, ...]:
    beats = form.beats_per_bar
    return form.chords[bar * beats : (bar + 1) * beats]


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("bars", SHAPES)
def test_every_form_has_a_chord_for_every_beat_and_ends_on_its_tonic(metre: str, bars: int) -> None:
    form = plan(metre, bars)
    assert form.bars == bars
    assert len(form.chords) == len(form.basses) == bars * METRES[metre][0]
    assert set(bar_of(form, bars - 1)) == {tonic_chord("minor")}
    assert form.basses[-1] == 0


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_an_antecedent_ends_on_the_dominant_and_a_consequent_comes_from_it(mode: Mode, seed: int) -> None:
    form = plan("4/4", 8, mode, Manners(plagal=0.0), seed)
    assert [phrase.cadence for phrase in form.phrases] == ["half", "full"]
    assert set(bar_of(form, 3)) == {read_numeral("V", mode)}
    assert chord_root(bar_of(form, 6)[-1]) == 7


def test_the_last_chord_stays_unresolved_where_that_is_asked_for() -> None:
    left = plan("4/4", 8, manners=Manners(unresolved=1.0)).chords[-1]
    # A diminished triad: two minor thirds.
    root = chord_root(left)
    assert {(pc - root) % 12 for pc in chord_pitch_classes(left)} == {0, 3, 6}


def test_a_middle_part_modulates_and_comes_home() -> None:
    homes, aways = [plan("4/4", 12, "major", Manners(modulates=chance)) for chance in (0.0, 1.0)], 0
    scale = {0, 2, 4, 5, 7, 9, 11}
    for seed in range(20):
        form = plan("4/4", 12, "major", Manners(modulates=1.0), seed)
        middle = {pc for bar in (4, 5) for chord in bar_of(form, bar) for pc in chord_pitch_classes(chord)}
        aways += not middle <= scale
        assert set(bar_of(form, 7)) == {read_numeral("V", "major")}
    assert aways >= 10
    assert homes[0].phrases == homes[1].phrases


@pytest.mark.parametrize("bars", SHAPES)
def test_what_returns_was_there_before_and_never_the_last_bar(bars: int) -> None:
    for seed in range(10):
        form = plan("4/4", bars, manners=Manners(ostinato=0.8), seed=seed)
        for back in (*form.returns, *form.figures):
            assert 0 <= back.source < back.bar < bars - 1
        for back in form.figures:
            same = bar_of(form, back.bar) == bar_of(form, back.source)
            assert same or back.manner == "rhythm"


def test_no_bar_of_a_cadence_returns_exactly() -> None:
    for seed in range(40):
        form = plan("4/4", 12, seed=seed)
        cadences = {phrase.start + phrase.bars - back for phrase in form.phrases for back in (1, 2)}
        assert not [back for back in form.returns if back.manner == "exact" and back.bar in cadences]


def test_a_consequent_takes_up_its_antecedent() -> None:
    taken = [plan("4/4", 8, seed=seed).returns for seed in range(40)]
    exact = sum(any(back.bar == 4 and back.source == 0 and back.manner == "exact" for back in one) for one in taken)
    # .85 of 40, five standard deviations wide
    assert 22 <= exact <= 40


def test_a_place_in_its_phrase_runs_from_0_to_1_and_stays_1_in_the_last_bar() -> None:
    form = plan("3/4", 8)
    assert form.phrase_place(0.0) == 0.0
    assert form.phrase_place(6.0) == 0.5
    assert form.phrase_place(12.0) == 0.0
    assert form.phrase_place(21.0) == 1.0


def test_compound_metres_have_beats_of_a_quarter_and_a_half() -> None:
    form = plan("6/8", 8)
    assert (form.beats_per_bar, form.beat, form.bar) == (2, 1.5, 3.0)
    assert form.changes()[1] in (1.5, 3.0)


def test_the_pace_of_chords_is_the_manner_s() -> None:
    slow = plan("4/4", 16, manners=Manners(bars_per_chord=2.0, steps_in_bass=0.0))
    assert bar_of(slow, 0) == bar_of(slow, 1)


def test_a_pedal_point_keeps_the_tonic_below() -> None:
    form = plan("4/4", 8, manners=Manners(pedal_point=1.0))
    assert set(form.basses[:8]) == {0}


@pytest.mark.parametrize("bars", TERNARIES)
def test_a_middle_part_ends_on_the_dominant_of_the_home_key(bars: int) -> None:
    form = plan("4/4", bars, manners=Manners(contrast=1.0, modulates=1.0))
    middle = next(phrase for phrase in form.phrases if phrase.letter == "B")
    end = middle.start + middle.bars
    assert form.chords[end * 4 - 1] == read_numeral("V", "minor")
    assert sum(length for _, length in TERNARIES[bars]) == bars


@pytest.mark.parametrize("bars", [6, 7, 8, 9])
def test_a_short_middle_part_that_modulates_has_dominant_and_tonic_of_its_key(bars: int) -> None:
    keys = set()
    for seed in range(12):
        form = plan("4/4", bars, "minor", Manners(contrast=1.0, modulates=1.0), seed)
        middle = next(phrase for phrase in form.phrases if phrase.letter == "B")
        chords = form.chords[middle.start * 4 : (middle.start + 2) * 4]
        for shift, mode in ((3, "major"), (7, "minor")):
            dominant = (read_numeral("V7", mode) + 8 * shift) % 96  # type: ignore[arg-type]
            tonic = (tonic_chord(mode) + 8 * shift) % 96  # type: ignore[arg-type]
            if any(pair == (dominant, tonic) for pair in pairwise(chords)):
                keys.add(shift)
    assert keys == {3, 7}


def test_chords_change_twice_a_bar_where_bars_are_slow() -> None:
    assert len(set(bar_of(plan("4/4", 8, manners=Manners(steps_in_bass=0.0)), 0))) == 2
    assert len(set(bar_of(plan("4/4", 9, manners=Manners(steps_in_bass=0.0)), 0))) == 1


def test_scales_follow_chords_and_colours() -> None:
    for colour, sixth, second in (("dorian", 9, 2), ("phrygian", 8, 1)):
        manners = Manners(dorian=float(colour == "dorian"), phrygian=float(colour == "phrygian"))
        form = plan("4/4", 10, manners=manners)
        assert len(form.scales) == len(form.chords)
        assert form.scales[-1] == bend_scale(colour, chord_pitch_classes(tonic_chord("minor")))  # type: ignore[arg-type]
        assert {sixth, second} <= form.scales[0]
        for chord, scale in zip(form.chords, form.scales, strict=True):
            assert chord_pitch_classes(chord) <= scale
            assert (11 in scale) == (11 in chord_pitch_classes(chord))


@pytest.mark.parametrize("contrast", [0.0, 1.0])
def test_the_climax_is_never_on_the_last_chord(contrast: float) -> None:
    for bars in SHAPES:
        form = plan("4/4", bars, manners=Manners(contrast=contrast))
        assert 0 < form.climax < form.bars - 1


def test_there_is_a_form_of_every_number_of_bars_that_a_table_has() -> None:
    assert set(SHAPES) == {*PERIODS, *TERNARIES} == {6, 7, 8, 9, 10, 11, 12, 13, 14, 16}
