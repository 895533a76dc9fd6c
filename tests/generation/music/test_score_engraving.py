"""The score to read is a correct two-staff piano score that names neither emotion nor maker."""

from __future__ import annotations

import re
from fractions import Fraction

from music21 import converter, stream

from generation.music.notes import Note, Piece
from generation.music.score import write_musicxml
from generation.music.score.engraving import snap_to_grid

PIECE = Piece(
    (
        Note(0.0, 48, 4.0, 50, "left"),
        Note(0.0, 72, 1 / 3, 50, "right"),
        Note(0.0, 63, 3.0, 50, "right"),
        Note(1 / 3, 74, 1 / 3, 50, "right"),
        Note(2 / 3, 75, 1 / 3, 50, "right"),
        Note(1.0, 79, 2.0, 50, "right"),
        Note(3.0, 71, 2.5, 50, "right"),
        Note(4.0, 43, 4.0, 50, "left"),
    ),
    tempo=84.5,
    tonic=0,
    mode="minor",
)


def read_back(data: bytes) -> stream.Score:
    return converter.parseData(data.decode(), format="musicxml")


def test_every_key_comes_back_at_its_place_spelled_in_c_minor() -> None:
    score = read_back(write_musicxml(PIECE))
    found = {
        (Fraction(element.getOffsetInHierarchy(score)), pitch.nameWithOctave)
        for element in score.recurse().notes
        if element.tie is None or element.tie.type == "start"
        for pitch in element.pitches
    }
    assert found == {
        (Fraction(0), "C3"),
        (Fraction(0), "C5"),
        (Fraction(0), "E-4"),
        (Fraction(1, 3), "D5"),
        (Fraction(2, 3), "E-5"),
        (Fraction(1), "G5"),
        (Fraction(3), "B4"),
        (Fraction(4), "G2"),
    }


def test_it_has_two_staves_a_key_a_tempo_and_whole_bars() -> None:
    text = write_musicxml(PIECE).decode()
    assert re.findall(r"<staves>(\d)</staves>", text) == ["2"]
    assert re.findall(r"<fifths>(-?\d)</fifths>", text) == ["-3"]
    assert re.findall(r"<per-minute>(.*?)</per-minute>", text) == ["84.5"]
    score = read_back(text.encode())
    lengths = {m.duration.quarterLength for part in score.parts for m in part.getElementsByClass("Measure")}
    assert lengths == {4.0}


def test_it_carries_a_neutral_title_and_neither_date_nor_maker() -> None:
    text = write_musicxml(PIECE).decode()
    assert "<work-title>Piano piece</work-title>" in text
    assert not re.search(r"music21|encoding-date|creator|20\d\d-\d\d", text, re.IGNORECASE)


def test_a_last_chord_held_at_will_has_a_fermata_and_nothing_else_has() -> None:
    assert b"fermata" not in write_musicxml(PIECE)
    score = read_back(write_musicxml(PIECE, fermata=True))
    for part in score.parts:
        notes = [(n.getOffsetInHierarchy(part), bool(n.expressions)) for n in part.recurse().notes]
        last = max(offset for offset, _ in notes)
        assert all(held == (offset == last) for offset, held in notes)


def test_the_same_piece_gives_the_same_bytes() -> None:
    assert write_musicxml(PIECE) == write_musicxml(PIECE)


def test_a_piece_without_notes_is_one_empty_bar() -> None:
    score = read_back(write_musicxml(Piece((), 60, 0, "major")))
    assert [len(part.getElementsByClass("Measure")) for part in score.parts] == [1, 1]


def test_times_go_to_the_nearer_of_sixteenths_and_triplets() -> None:
    assert [snap_to_grid(x) for x in (0.24, 0.32, 0.66, 0.74, 1.0)] == [
        Fraction(1, 4),
        Fraction(1, 3),
        Fraction(2, 3),
        Fraction(3, 4),
        Fraction(1),
    ]
