"""Attributes: measured in musical words, targets continuous and monotone, the table complete with sources."""

from __future__ import annotations

import doctest
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.emotions import EMOTIONS, get_emotion
from generation.music.attributes import (
    KINDS,
    NAMES,
    Attributes,
    measure,
    measuring,
    neutral,
    read_table,
    schema,
    shipped_table,
    target,
    target_bands,
    targets,
)
from generation.music.notes import Pedal, Performance, PlayedNote

coordinate = st.floats(-1.0, 1.0)


def play(pitches: list[int], gap: float = 0.5, length: float = 0.5, velocity: int = 64) -> list[PlayedNote]:
    return [PlayedNote(i * gap, pitch, length, velocity, "right") for i, pitch in enumerate(pitches)]


def target_of(slug: str) -> Attributes:
    emotion = get_emotion(slug)
    return target(emotion.valence, emotion.arousal, emotion.dominance)


C_MAJOR = [60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60]
A_MINOR = [57, 59, 60, 62, 64, 65, 68, 69, 64, 60, 57]


@pytest.mark.parametrize("module", [measuring, schema, targets])
def test_examples_in_the_documentation_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def test_a_c_major_scale_is_major_and_an_a_minor_scale_minor() -> None:
    assert (measure(play(C_MAJOR)).mode, measure(play(A_MINOR)).mode) == ("major", "minor")


def test_transposing_changes_the_registers_alone() -> None:
    low, high = measure(play(C_MAJOR), tempo=120), measure(play([p + 12 for p in C_MAJOR]), tempo=120)
    moved = replace(low, melody_register=high.melody_register, bass_register=high.bass_register)
    assert moved.to_dict() == pytest.approx(high.to_dict())
    assert high.melody_register - low.melody_register == 12


def test_playing_twice_as_fast_doubles_density_and_halves_note_length() -> None:
    slow, fast = measure(play(C_MAJOR * 3, 0.5, 0.5)), measure(play(C_MAJOR * 3, 0.25, 0.25))
    assert fast.density / slow.density == pytest.approx(2, rel=0.05)
    assert slow.note_length / fast.note_length == pytest.approx(2)


def test_staccato_measures_as_detached_and_overlap_as_joined() -> None:
    assert measure(play(C_MAJOR, 0.5, 0.2)).articulation == pytest.approx(0.4)
    assert measure(play(C_MAJOR, 0.5, 0.75)).articulation == pytest.approx(1.5)


def test_a_minor_second_is_rougher_than_a_fifth() -> None:
    def together(*pitches: int) -> list[PlayedNote]:
        return [PlayedNote(0.0, pitch, 1.0, 64, "right") for pitch in pitches]

    assert measure(together(60, 67)).dissonance == 0
    assert measure(together(60, 61)).dissonance == 1


def test_the_beat_of_an_even_pulse_is_found() -> None:
    assert measure(play(C_MAJOR * 4, 0.6)).tempo == pytest.approx(100, abs=2)


def test_loudness_and_its_growth_are_mean_and_difference_of_thirds() -> None:
    notes = [replace(note, velocity=40 + 10 * (i // 3)) for i, note in enumerate(play(C_MAJOR[:9]))]
    measured = measure(notes)
    assert (measured.dynamics, measured.dynamics_shape) == (50, 20)


def test_a_repeated_bar_counts_as_repetition() -> None:
    bar = [60, 64, 67, 72, 60, 65, 69, 72]
    other = [61, 63, 66, 68, 70, 73, 75, 78]
    assert measure(play(bar * 4, 0.25), tempo=120).repetition == 1
    assert measure(play(bar + other, 0.25), tempo=120).repetition < 0.2


def test_pedal_is_the_share_of_time_it_is_down() -> None:
    performance = Performance(tuple(play(C_MAJOR[:4])), (Pedal(0.0, 1.0),))
    assert measure(performance).pedal == pytest.approx(0.5)


def test_silence_and_a_single_note_measure_without_error() -> None:
    assert measure([]).density == 0
    assert measure([PlayedNote(0.0, 60, 1.0, 64, "left")]).melody_register == 60


def test_the_order_of_notes_does_not_matter() -> None:
    notes = play(C_MAJOR, 0.3, 0.5)
    assert measure(notes) == measure(notes[::-1])


@given(coordinate, coordinate, coordinate, st.floats(0.0, 2.0))
@settings(max_examples=150, deadline=None)
def test_every_target_lies_in_its_range(v: float, a: float, d: float, strength: float) -> None:
    found = target(v, a, d, strength)
    assert all(kind.minimum <= getattr(found, kind.name) <= kind.maximum for kind in KINDS)


@given(coordinate, coordinate, coordinate, st.sampled_from([0, 1, 2]), st.floats(-0.01, 0.01))
@settings(max_examples=200, deadline=None)
def test_a_small_step_of_feeling_is_a_small_step_of_music(v: float, a: float, d: float, axis: int, step: float) -> None:
    moved = [v, a, d]
    moved[axis] = min(max(moved[axis] + step, -1.0), 1.0)
    before, after = target(v, a, d), target(*moved)
    for kind in KINDS:
        assert abs(getattr(after, kind.name) - getattr(before, kind.name)) <= kind.width * 0.25


@given(coordinate, coordinate, coordinate, coordinate)
@settings(max_examples=200, deadline=None)
def test_more_arousal_is_never_slower_sparser_or_softer(v: float, d: float, one: float, other: float) -> None:
    calm, aroused = target(v, min(one, other), d), target(v, max(one, other), d)
    for name in ("tempo", "density", "dynamics"):
        assert getattr(aroused, name) >= getattr(calm, name) - 1e-9


@given(coordinate, coordinate, coordinate, coordinate)
@settings(max_examples=200, deadline=None)
def test_more_valence_is_never_less_major(a: float, d: float, one: float, other: float) -> None:
    dark, bright = target(min(one, other), a, d), target(max(one, other), a, d)
    assert bright.majorness >= dark.majorness - 1e-9


def test_strength_zero_is_neutral_whatever_is_felt() -> None:
    assert target(0.9, -0.9, 0.4, 0.0) == target(-0.3, 0.8, -1.0, 0.0) == neutral()


def test_more_strength_goes_further_from_neutral() -> None:
    middle = neutral()
    for emotion in EMOTIONS:
        mild = target(emotion.valence, emotion.arousal, emotion.dominance, 0.5)
        full = target(emotion.valence, emotion.arousal, emotion.dominance, 1.0)
        for name in ("tempo", "majorness", "dynamics"):
            assert abs(getattr(full, name) - getattr(middle, name)) >= abs(getattr(mild, name) - getattr(middle, name))


def test_positive_emotions_are_major_and_negative_ones_minor() -> None:
    assert {e.slug: target_of(e.slug).mode for e in EMOTIONS} == {
        e.slug: "major" if e.valence > 0 else "minor" for e in EMOTIONS
    }


def test_anger_fear_and_disgust_differ_by_dominance_and_note_material() -> None:
    anger, fear, disgust = (target_of(slug) for slug in ("anger", "fear", "disgust"))
    assert fear.chromaticism > 2 * anger.chromaticism
    assert fear.dissonance > anger.dissonance
    assert anger.dynamics > fear.dynamics
    assert anger.tempo > fear.tempo > disgust.tempo


def test_awe_grows_louder_and_amusement_is_detached() -> None:
    slugs = [emotion.slug for emotion in EMOTIONS]
    assert max(slugs, key=lambda slug: target_of(slug).dynamics_shape) == "awe"
    assert min(slugs, key=lambda slug: target_of(slug).articulation) == "amusement"


def test_every_number_of_the_table_has_a_source_and_every_attribute_a_neutral_value() -> None:
    table = shipped_table()
    assert set(table.coefficients) == set(NAMES) - {"accompaniment_density"}
    assert all(source for source in table.sources.values())


def test_another_table_has_another_version_and_is_obeyed(tmp_path: Path) -> None:
    text = targets.TABLE.read_text(encoding="utf-8").replace("tempo,neutral,98", "tempo,neutral,90")
    path = tmp_path / "refitted.csv"
    path.write_text(text, encoding="utf-8")
    table = read_table(path)
    assert table.version != shipped_table().version
    assert target(0, 0, 0, 0, table=table).tempo == 90


def test_a_table_with_an_unknown_attribute_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("attribute,term,value,source\nloudness,neutral,1,somewhere\n", encoding="utf-8")
    with pytest.raises(ValueError, match="'loudness' with 'neutral' is no attribute and term"):
        read_table(path)


def test_coordinates_outside_the_space_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Valence must lie between -1 and 1, not 1\.2"):
        target(1.2, 0, 0)
    with pytest.raises(ValueError, match="Arousal must lie between"):
        target(0, math.nan, 0)
    with pytest.raises(ValueError, match="Strength must be 0 or more"):
        target(0, 0, 0, -1)


def test_attributes_outside_their_range_are_refused() -> None:
    with pytest.raises(ValueError, match="Tempo of 500"):
        replace(neutral(), tempo=500.0)


def test_arrays_and_attributes_are_two_ways_to_say_the_same() -> None:
    found = target_of("fear")
    assert Attributes.from_array(found.to_array()) == found
    assert list(found.to_dict()) == list(NAMES)


def test_each_band_holds_its_target() -> None:
    found = target_of("sadness")
    for name, (low, high) in target_bands(found).items():
        assert low <= getattr(found, name) <= high


def test_measuring_is_stable_under_small_timing_noise() -> None:
    random = np.random.default_rng(1)
    notes = play(C_MAJOR * 3, 0.4, 0.4)
    loose = [replace(n, onset=n.onset + 0.02 + float(random.normal(0, 0.005))) for n in notes]
    straight, played = measure(notes), measure(loose)
    assert played.density == pytest.approx(straight.density, rel=0.02)
    assert played.melody_register == pytest.approx(straight.melody_register)
