"""A score whose composer marked nothing gets the dynamics, hairpins and pedals that its performance plays."""

from __future__ import annotations

import doctest
from dataclasses import replace

import pytest

from generation.music.notes import DYNAMICS, Marks, Note, Pedal, Performance, Piece, play_straight
from generation.music.score import fill_gaps, mark_piece, marking, write_musicxml
from generation.music.score.marking import VELOCITIES, name_dynamic


def quarters(velocities: list[int], **metre: float) -> Piece:
    """A bar of 4/4 of each velocity."""
    notes = [
        Note(4.0 * bar + beat, 60 + beat, 1.0, v, "right") for bar, v in enumerate(velocities) for beat in range(4)
    ]
    return Piece(tuple(notes), 60.0, 0, "major", **metre)


def mark(velocities: list[int]) -> Marks:
    piece = quarters(velocities)
    return mark_piece(piece, play_straight(piece))


def test_the_examples_hold() -> None:
    assert doctest.testmod(marking).failed == 0


def test_every_dynamic_has_a_velocity_and_the_nearest_is_written() -> None:
    assert tuple(VELOCITIES) == DYNAMICS
    assert list(VELOCITIES.values()) == [16, 33, 49, 64, 80, 96, 112, 126]
    assert [name_dynamic(velocity) for velocity in (1, 41, 42, 56.5, 57, 127)] == ["ppp", "pp", "p", "p", "mp", "fff"]


def test_a_phrase_of_four_bars_that_is_clearly_another_gets_its_mark() -> None:
    assert mark([49] * 4 + [80] * 4).dynamics == ((0.0, "p"), (16.0, "mf"))
    # 56.5 lies between p and mp: 58 is 3 nearer to mp, 59 is 5 nearer
    assert mark([49] * 4 + [58] * 4).dynamics == ((0.0, "p"),)
    assert mark([49] * 4 + [59] * 4).dynamics == ((0.0, "p"), (16.0, "mp"))


def test_bars_that_grow_louder_or_softer_by_two_and_together_by_ten_get_a_hairpin() -> None:
    assert mark([50, 55, 60, 60]).hairpins == ((0.0, 8.0, "crescendo"),)
    assert mark([50, 54, 59, 59]).hairpins == ()
    assert mark([50, 62, 63, 70]).hairpins == ((0.0, 4.0, "crescendo"),)
    assert mark([60, 60, 58, 56, 54, 52, 50]).hairpins == ((4.0, 24.0, "diminuendo"),)
    assert mark([50, 60, 50]).hairpins == ((0.0, 4.0, "crescendo"), (4.0, 8.0, "diminuendo"))


def test_pedals_are_followed_through_a_tempo_that_breathes() -> None:
    piece = quarters([64, 64])
    slow = play_straight(piece).notes
    played = tuple(replace(note, onset=note.onset if note.onset < 4 else 2 * note.onset - 4) for note in slow)
    pedals = (Pedal(0.05, 4.02), Pedal(4.1, 8.1), Pedal(8.1, 8.3))  # the third lasts a tenth of a quarter
    assert mark_piece(piece, Performance(played, pedals)).pedals == ((0.0, 4.0), (4.0, 6.0))


def test_a_pedal_that_is_changed_late_ends_where_the_next_begins() -> None:
    piece = quarters([64, 64])
    pedals = (Pedal(0.0, 4.3), Pedal(4.2, 99.0))
    assert mark_piece(piece, replace(play_straight(piece), pedals=pedals)).pedals == ((0.0, 4.0), (4.0, 8.0))


def test_bars_are_counted_from_the_upbeat() -> None:
    notes = [Note(0.0, 60, 1.0, 49, "right")]
    notes += [Note(1.0 + beat, 62, 1.0, 49 if beat < 16 else 96, "right") for beat in range(20)]
    piece = Piece(tuple(notes), 60.0, 0, "major", upbeat=1.0)
    assert mark_piece(piece, play_straight(piece)).dynamics == ((0.0, "p"), (17.0, "f"))


def detached(step: float, held: float) -> Piece:
    """Four notes of the right hand, `step` quarters apart, the last one a bar long."""
    notes = [Note(step * number, 60 + number, held, 64, "right") for number in range(3)]
    return Piece((*notes, Note(3 * step, 72, 4.0, 64, "right")), 60.0, 0, "major")


def test_notes_let_go_early_have_a_dot_and_no_rest_behind_them() -> None:
    piece = detached(1.0, 0.6)
    assert mark_piece(piece, play_straight(piece)).staccato == ((0.0, "right"), (1.0, "right"), (2.0, "right"))
    assert [note.duration for note in fill_gaps(piece).notes] == [1.0, 1.0, 1.0, 4.0]
    assert mark_piece(detached(1.0, 0.61), play_straight(piece)).staccato == ()


def test_silence_of_more_than_an_eighth_is_a_rest() -> None:
    assert [note.duration for note in fill_gaps(detached(1.0, 0.5)).notes] == [1.0, 1.0, 1.0, 4.0]
    rests = detached(1.0, 0.49)
    assert fill_gaps(rests) == rests
    assert mark_piece(rests, play_straight(rests)).staccato == ()


def test_a_key_played_once_that_both_hands_write_stops_nothing() -> None:
    piece = quarters([64])
    doubled = replace(piece, notes=tuple(sorted((*piece.notes, replace(piece.notes[0], hand="left")))))
    assert mark_piece(doubled, play_straight(piece)).dynamics == ((0.0, "mp"),)


@pytest.mark.parametrize("piece", [Piece((), 60.0, 0, "major"), quarters([])])
def test_a_piece_without_notes_has_no_marks(piece: Piece) -> None:
    assert not mark_piece(piece, play_straight(piece))


def test_the_same_piece_gets_the_same_marks_and_its_score_can_be_written() -> None:
    piece = quarters([50, 55, 60, 60, 90])
    marks = mark_piece(piece, play_straight(piece))
    assert marks == mark_piece(piece, play_straight(piece))
    assert b"<wedge" in write_musicxml(replace(piece, marks=marks))
