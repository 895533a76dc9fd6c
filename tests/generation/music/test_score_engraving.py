"""The score to read is a correct two-staff piano score that names neither emotion nor maker."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from music21 import articulations, converter, dynamics, expressions, meter, spanner, stream, tempo

from generation.music.notes import Marks, Note, Piece
from generation.music.score import write_midi, write_musicxml

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


def test_a_hand_that_is_silent_at_the_end_has_the_fermata_over_its_rest() -> None:
    piece = replace(PIECE, notes=(*PIECE.notes[:-2], Note(3.0, 71, 1.0, 50, "right"), Note(4.0, 43, 4.0, 50, "left")))
    right, left = read_back(write_musicxml(piece, fermata=True)).parts
    for part, kind in ((right, "Rest"), (left, "Note")):
        held = [one for one in part.recurse().notesAndRests if one.expressions]
        assert [(one.getOffsetInHierarchy(part), type(one).__name__) for one in held] == [(4.0, kind)]


def test_the_same_piece_gives_the_same_bytes() -> None:
    assert write_musicxml(PIECE) == write_musicxml(PIECE)


def test_a_piece_without_notes_is_one_empty_bar() -> None:
    score = read_back(write_musicxml(Piece((), 60, 0, "major")))
    assert [len(part.getElementsByClass("Measure")) for part in score.parts] == [1, 1]


def play_scale(pitches: tuple[int, ...], start: float, step: float) -> list[Note]:
    return [Note(start + number * step, pitch, step, 64, "right") for number, pitch in enumerate(pitches)]


JIG = Piece(
    tuple(
        sorted(
            [
                *play_scale((67, *(72, 74, 76, 77, 76, 74) * 3), 0.0, 0.5),
                *(Note(0.5 + 1.5 * beat, 48 + beat, 1.5, 60, "left") for beat in range(6)),
                *(Note(9.5, pitch, 3.0, 60, "right") for pitch in (72, 76)),
                Note(9.5, 48, 3.0, 60, "left"),
            ]
        )
    ),
    tempo=90.0,
    tonic=0,
    mode="major",
    beats_per_bar=2,
    compound=True,
    upbeat=0.5,
    marks=Marks(
        dynamics=((0.0, "mp"), (6.5, "f")),
        hairpins=((3.5, 6.5, "crescendo"), (6.5, 9.5, "diminuendo")),
        slurs=((0.0, 3.0, "right"), (3.5, 9.5, "right"), (0.5, 2.0, "left")),
        pedals=((0.5, 3.5), (3.5, 6.5)),
        staccato=((6.5, "right"), (7.0, "right"), (9.5, "left")),
        tempi=((8.0, "rit."),),
    ),
)


def count(score: stream.Score, kind: type) -> int:
    return len(list(score.recurse().getElementsByClass(kind)))


def test_a_jig_comes_back_with_its_metre_its_upbeat_and_all_its_marks() -> None:
    score = read_back(write_musicxml(JIG, fermata=True))
    for part in score.parts:
        bars = list(part.getElementsByClass(stream.Measure))
        assert [bar.number for bar in bars] == [0, 1, 2, 3, 4]
        assert [bar.duration.quarterLength for bar in bars] == [0.5, 3.0, 3.0, 3.0, 3.0]
        assert [time.ratioString for time in part.recurse().getElementsByClass(meter.TimeSignature)] == ["6/8"]
    found = {kind: count(score, kind) for kind in (dynamics.Dynamic, spanner.Slur, expressions.PedalMark)}
    assert found == {dynamics.Dynamic: 2, spanner.Slur: 3, expressions.PedalMark: 2}
    assert (count(score, dynamics.Crescendo), count(score, dynamics.Diminuendo)) == (1, 1)
    words = [(text.content, text.placement) for text in score.recurse().getElementsByClass(expressions.TextExpression)]
    assert words == [("rit.", "above")]
    struck = list(score.recurse().notes)
    held = [note for note in struck if any(isinstance(mark, expressions.Fermata) for mark in note.expressions)]
    dotted = [note for note in struck if any(isinstance(mark, articulations.Staccato) for mark in note.articulations)]
    assert [note.getOffsetInHierarchy(score) for note in held] == [9.5, 9.5]
    assert sorted(note.getOffsetInHierarchy(score) for note in dotted) == [6.5, 7.0, 9.5]
    (mark,) = [mark for mark in score.recurse().getElementsByClass(tempo.MetronomeMark) if mark.number]
    assert (mark.referent.quarterLength, mark.number, mark.getQuarterBPM()) == (1.5, 60, 90)


def test_marks_stand_where_they_are_written() -> None:
    score = read_back(write_musicxml(JIG))
    placed = [
        (mark.getOffsetInHierarchy(score), mark.value) for mark in score.recurse().getElementsByClass(dynamics.Dynamic)
    ]
    assert placed == [(0.0, "mp"), (6.5, "f")]
    slurs = [
        (slur.getFirst().getOffsetInHierarchy(score), slur.getLast().getOffsetInHierarchy(score))
        for slur in score.recurse().getElementsByClass(spanner.Slur)
    ]
    assert sorted(slurs) == [(0.0, 3.0), (0.5, 2.0), (3.5, 9.5)]


def beams_of(data: bytes, measure: int) -> list[list[str]]:
    part = read_back(data).parts[0]
    return [[beam.type for beam in note.beams] for note in part.measure(measure).recurse().notes]


def test_six_eighths_are_beamed_in_two() -> None:
    for bar in (1, 3):
        assert beams_of(write_musicxml(JIG), bar) == [["start"], ["continue"], ["stop"]] * 2


def test_eighths_in_three_four_are_not_beamed_as_in_six_eight() -> None:
    waltz = Piece(tuple(play_scale((60, 62, 64, 65, 67, 69) * 2, 0.0, 0.5)), 90, 0, "major", beats_per_bar=3)
    assert beams_of(write_musicxml(waltz), 2) != [["start"], ["continue"], ["stop"]] * 2
    assert all(beams_of(write_musicxml(waltz), 2))


def brackets_of(data: bytes) -> list[list[str | None]]:
    part = read_back(data).parts[0]
    return [[tuplet.type for tuplet in note.duration.tuplets] for note in part.recurse().notesAndRests]


def test_every_beat_of_triplets_has_a_bracket_of_its_own() -> None:
    third = 1 / 3
    notes = [Note(0.0, 72, 2 * third, 64, "right"), Note(2 * third, 74, third, 64, "right")]
    notes += [*play_scale((72, 74, 76), 1.0, third), Note(2.0, 79, 1 + third, 64, "right")]
    notes += [Note(3 + third, 77, 2 * third, 64, "right")]
    data = write_musicxml(Piece(tuple(notes), 90, 0, "major"))
    assert brackets_of(data) == [["start"], ["stop"], ["start"], [None], ["stop"], [], ["start"], ["stop"]]
    assert {m.duration.quarterLength for part in read_back(data).parts for m in part.getElementsByClass("Measure")} == {
        4.0
    }


def test_an_upbeat_of_a_triplet_is_filled_up_to_a_beat() -> None:
    third = 1 / 3
    notes = (*play_scale((67, 69), 0.0, third), *play_scale((71, 72, 74), 2 * third, 1.0))
    score = read_back(write_musicxml(Piece(notes, 90, 7, "major", beats_per_bar=3, upbeat=2 * third)))
    first = score.parts[0].measure(0)
    assert [(e.isRest, e.quarterLength) for e in first.notesAndRests] == [
        (b, Fraction(1, 3)) for b in (True, False, False)
    ]
    assert score.parts[0].measure(1).duration.quarterLength == 3.0


def test_a_note_over_a_bar_line_is_tied_and_every_gap_is_a_rest() -> None:
    score = read_back(write_musicxml(Piece((Note(0.5, 60, 4.5, 64, "right"),), 90, 0, "major")))
    values = [
        (element.isRest, element.quarterLength, element.tie.type if element.tie else None)
        for element in score.parts[0].recurse().notesAndRests
    ]
    tied = [(False, 1.5, "start"), (False, 2.0, "continue"), (False, 1.0, "stop")]
    assert values == [(True, 0.5, None), *tied, (True, 1.0, None), (True, 2.0, None)]


def test_marks_change_nothing_of_what_is_played() -> None:
    plain = replace(JIG, marks=Marks())
    assert write_midi(plain) == write_midi(JIG)
    assert write_musicxml(plain) != write_musicxml(JIG) == write_musicxml(JIG)
