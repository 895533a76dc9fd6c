"""Times become the values that a pianist reads: grids of beats, ties that show the beat, two voices."""

from __future__ import annotations

import doctest
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.music.notes import Note
from generation.music.score import notation
from generation.music.score.notation import VALUES, Chord, Grids, Metre, share_voices, split_value

FOUR, THREE = Metre(4, Fraction(1)), Metre(3, Fraction(1))
SIX_EIGHT, TWELVE_EIGHT = Metre(2, Fraction(3, 2)), Metre(4, Fraction(3, 2))


def test_the_examples_hold() -> None:
    assert doctest.testmod(notation).failed == 0


def snap(times: list[float], metre: Metre = FOUR, upbeat: float = 0.0) -> list[str]:
    """Starts on the grids of notes that each last to the next, the last one a bar."""
    ends = [*times[1:], times[-1] + 8.0]
    notes = [Note(start, 60, end - start, 64, "right") for start, end in zip(times, ends, strict=True)]
    return [str(Grids(notes, metre, upbeat).snap(time)) for time in times]


def test_a_beat_has_the_coarsest_grid_that_all_of_it_lies_on() -> None:
    assert snap([0.0, 0.26, 0.5]) == ["0", "1/4", "1/2"]
    assert snap([0.0, 0.33, 0.67]) == ["0", "1/3", "2/3"]
    assert snap([0.0, 0.125, 0.5]) == ["0", "1/8", "1/2"]
    assert snap([0.0, 0.167, 0.333, 0.5]) == ["0", "1/6", "1/3", "1/2"]


def test_a_beat_that_lies_on_no_grid_gets_the_nearer_of_sixteenths_and_triplets() -> None:
    assert snap([0.0, 0.28, 0.71]) == ["0", "1/4", "3/4"]
    assert snap([0.0, 0.30, 0.70]) == ["0", "1/3", "2/3"]


def test_the_tolerance_of_a_grid_is_a_fiftieth_of_a_quarter() -> None:
    assert snap([0.0, 0.145]) == ["0", "1/8"]
    assert snap([0.0, 0.104]) == ["0", "0"]


def test_beats_of_compound_metre_know_no_triplets() -> None:
    assert snap([0.0, 0.35, 1.5], SIX_EIGHT) == ["0", "1/4", "3/2"]


def test_times_count_from_the_first_bar_line() -> None:
    assert snap([0.0, 1 / 3, 2 / 3], upbeat=2 / 3) == ["-2/3", "-1/3", "0"]


def values(start: float, end: float, metre: Metre = FOUR, *, rest: bool = False) -> list[float]:
    spans = split_value(Fraction(start), Fraction(end), metre, rest=rest)
    return [float(last - first) for first, last in spans]


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        (0, 4, [4]),
        (0, 3, [3]),
        (1, 3, [2]),
        (0.5, 1.5, [1]),
        (1.5, 2.5, [0.5, 0.5]),
        (1, 2.5, [1, 0.5]),
        (0, 3.5, [2, 1.5]),
        (0.75, 1.5, [0.25, 0.5]),
        (0.25, 1, [0.75]),
        (0.25, 3.25, [0.75, 1, 1, 0.25]),
    ],
)
def test_four_four_shows_its_middle_and_its_beats(start: float, end: float, written: list[float]) -> None:
    assert values(start, end) == written


@pytest.mark.parametrize(
    ("metre", "start", "end", "written"),
    [
        (THREE, 0, 3, [3]),
        (THREE, 1, 3, [2]),
        (THREE, 0.5, 3, [0.5, 2]),
        (SIX_EIGHT, 0, 3, [3]),
        (SIX_EIGHT, 0, 2, [1.5, 0.5]),
        (SIX_EIGHT, 1, 2, [0.5, 0.5]),
        (SIX_EIGHT, 0.5, 1.5, [1]),
        (TWELVE_EIGHT, 0, 6, [6]),
        (TWELVE_EIGHT, 0, 4.5, [3, 1.5]),
        (TWELVE_EIGHT, 1.5, 4.5, [3]),
    ],
)
def test_other_metres_show_their_beats(metre: Metre, start: float, end: float, written: list[float]) -> None:
    assert values(start, end, metre) == written


def test_rests_show_every_beat_that_they_begin_before() -> None:
    assert values(1, 3, rest=True) == [1, 1]
    assert values(0.5, 2, rest=True) == [0.5, 1]
    assert values(0, 3, SIX_EIGHT, rest=True) == [3]
    assert values(0, 4, Metre(5, Fraction(1)), rest=True) == [3, 1]  # a whole rest is one of a bar


@given(st.integers(0, 31), st.integers(1, 32), st.sampled_from([FOUR, THREE, SIX_EIGHT, TWELVE_EIGHT]), st.booleans())
def test_values_can_be_written_and_fill_their_time(first: int, length: int, metre: Metre, rest: bool) -> None:
    start = Fraction(first, 8) % metre.bar
    end = min(start + Fraction(length, 8), metre.bar)
    spans = split_value(start, end, metre, rest=rest)
    assert [spans[0][0], *(last for _, last in spans)] == [start, *(first for first, _ in spans[1:]), end]
    assert all(last - first in VALUES for first, last in spans)


@given(st.integers(0, 23), st.integers(1, 24))
def test_values_of_sixths_fill_their_time_too(first: int, length: int) -> None:
    start, end = Fraction(first, 6), min(Fraction(first + length, 6), Fraction(4))
    spans = split_value(start, end, FOUR)
    assert sum(last - first for first, last in spans) == end - start
    assert all((last - first) in VALUES or (last - first) * 6 in (1, 2, 4) for first, last in spans)


def test_what_a_third_voice_would_need_is_cut_short() -> None:
    one, two, three = (Chord(Fraction(start), Fraction(4), (60 + start,)) for start in range(3))
    assert share_voices([one, two, three]) == [[one], [Chord(Fraction(1), Fraction(2), (61,)), three]]
