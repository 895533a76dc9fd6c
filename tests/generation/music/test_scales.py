"""Scales: the modes as theory spells them, and the step that a chord bends."""

from __future__ import annotations

import pytest

from generation.music.chords import chord_pitch_classes
from generation.music.harmony import read_numeral, read_progressions
from generation.music.scales import SCALES, Colour, bend_scale

MINOR_COLOURS: tuple[Colour, ...] = ("aeolian", "dorian", "phrygian")


@pytest.mark.parametrize(("colour", "white_key"), [("ionian", 0), ("dorian", 2), ("phrygian", 4), ("aeolian", 9)])
def test_the_modes_are_the_white_keys_from_their_finals(colour: Colour, white_key: int) -> None:
    assert {(step + white_key) % 12 for step in SCALES[colour]} == {0, 2, 4, 5, 7, 9, 11}


@pytest.mark.parametrize(
    ("numeral", "bent"),
    [
        ("V", {0, 2, 3, 5, 7, 8, 11}),  # harmonic minor
        ("IV", {0, 2, 3, 5, 7, 9, 10}),  # Dorian
        ("bII", {0, 1, 3, 5, 7, 8, 10}),  # Phrygian
        ("VI", {0, 2, 3, 5, 7, 8, 10}),
    ],
)
def test_a_chord_bends_the_natural_minor_to_the_scale_it_belongs_to(numeral: str, bent: set[int]) -> None:
    assert bend_scale("aeolian", chord_pitch_classes(read_numeral(numeral, "minor"))) == bent


def test_a_scale_on_another_tonic_is_bent_by_names_counted_from_there() -> None:
    # D7 in G major, five semitones below C: G A B C D E F sharp stays as it is.
    assert bend_scale("ionian", frozenset({2, 6, 9, 0}), tonic=7) == {7, 9, 11, 0, 2, 4, 6}


def test_every_chord_of_every_progression_lies_in_its_scale_of_seven_steps() -> None:
    for progression in read_progressions():
        for chord in progression.chords:
            tones = chord_pitch_classes(chord)
            colours: tuple[Colour, ...] = ("ionian",) if progression.mode == "major" else MINOR_COLOURS
            for colour in colours:
                scale = bend_scale(colour, tones)
                assert tones <= scale
                assert len(scale) == 7
