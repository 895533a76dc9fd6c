"""What keys of the piano are called: once for all pages, and in a piece by its key."""

from __future__ import annotations

import doctest

import pytest

from generation.music import notes
from generation.music.notes import Mode, NamedKey, find_named_key, name_pitch, name_pitch_class

USUAL = "C C♯ D E♭ E F F♯ G A♭ A B♭ B"


def test_examples() -> None:
    assert doctest.testmod(notes).failed == 0


@pytest.mark.parametrize(
    ("mode", "names"),
    [("major", "C D♭ D E♭ E F F♯ G A♭ A B♭ B"), ("minor", "C C♯ D E♭ E F F♯ G G♯ A B♭ B")],
)
def test_keys_are_called_as_they_are_printed(mode: Mode, names: str) -> None:
    assert [str(NamedKey(tonic, mode)) for tonic in range(12)] == [f"{name} {mode}" for name in names.split()]


def test_without_a_key_notes_have_the_usual_names() -> None:
    assert [name_pitch_class(number) for number in range(12)] == USUAL.split()
    assert [name_pitch_class(number, NamedKey(0, "major")) for number in range(12)] == USUAL.split()


@pytest.mark.parametrize(
    ("tonic", "mode", "names"),
    [
        (2, "minor", "C C♯ D E♭ E F F♯ G G♯ A B♭ B"),  # leading tones of tonic and dominant
        (0, "minor", "C D♭ D E♭ E F F♯ G A♭ A B♭ B"),
        (4, "major", "C C♯ D D♯ E F F♯ G G♯ A A♯ B"),
        (1, "major", "C D♭ D E♭ E F G♭ G A♭ A B♭ B"),
        (1, "minor", "C C♯ D D♯ E F F♯ G G♯ A A♯ B"),
        (3, "minor", "C D♭ D E♭ E F G♭ G A♭ A B♭ B"),
    ],
)
def test_black_keys_are_spelled_by_the_key(tonic: int, mode: Mode, names: str) -> None:
    assert [name_pitch_class(number, NamedKey(tonic, mode)) for number in range(12)] == names.split()


@pytest.mark.parametrize(
    "features", [{}, {"tonic": 1}, {"tonic": 1.5, "mode": "minor"}, {"tonic": "1", "mode": "minor"}]
)
def test_features_of_other_systems_tell_of_no_key(features: dict) -> None:
    assert find_named_key(features) is None


def test_a_pitch_between_two_keys_is_the_nearer_one() -> None:
    assert (name_pitch(59.6), name_pitch(63.4), name_pitch(61, NamedKey(5, "minor"))) == ("C4", "E♭4", "D♭4")
