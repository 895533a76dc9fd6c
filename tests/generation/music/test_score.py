"""Music written to MIDI and read again is the same music, and the file tells nothing else."""

from __future__ import annotations

import io

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.music.notes import Note, Pedal, Performance, Piece, PlayedNote, play_straight
from generation.music.score import open_midi, read_midi, write_midi
from generation.music.score.keyboard import release_repeated_keys
from generation.music.score.spelling import count_sharps, spell_pitch

C_MAJOR = {"tonic": 0, "mode": "major"}
WALTZ = Piece(
    (
        Note(0.0, 48, 1.0, 50, "left"),
        Note(0.0, 72, 2.5, 90, "right"),
        Note(1.0, 60, 2.0, 41, "left"),
        Note(1.0, 64, 0.25, 127, "right"),
        Note(3.0, 60, 0.5, 1, "right"),
    ),
    tempo=73.0,
    tonic=0,
    mode="major",
    beats_per_bar=3,
)


def parse(data: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(data))


def in_order(performance: Performance) -> list[tuple[float, int, float, int, str]]:
    return [
        (round(note.onset, 3), note.pitch, round(note.duration, 3), note.velocity, note.hand)
        for note in sorted(performance.notes, key=lambda note: (round(note.onset, 3), note.pitch, note.hand))
    ]


def test_a_score_comes_back_with_every_velocity_and_time_unchanged() -> None:
    assert in_order(read_midi(write_midi(WALTZ))) == in_order(play_straight(WALTZ))


def test_the_file_states_the_tempo_metre_and_key() -> None:
    conductor = parse(write_midi(WALTZ)).tracks[0]
    assert [str(message) for message in conductor] == [
        f"MetaMessage('set_tempo', tempo={round(60e6 / 73)}, time=0)",
        "MetaMessage('time_signature', numerator=3, denominator=4, clocks_per_click=24, "
        "notated_32nd_notes_per_beat=8, time=0)",
        "MetaMessage('key_signature', key='C', time=0)",
        "MetaMessage('end_of_track', time=0)",
    ]


def test_each_hand_has_its_own_track_and_channel_and_plays_a_grand_piano() -> None:
    file = parse(write_midi(WALTZ))
    programs = [[m.program for m in track if m.type == "program_change"] for track in file.tracks]
    channels = [{m.channel for m in track if not m.is_meta} for track in file.tracks]
    assert programs == [[], [0], [0]]
    assert channels == [set(), {0}, {1}]


PLAYED = Performance((PlayedNote(0.1, 60, 1, 64, "right"),), (Pedal(0, 2),))


@pytest.mark.parametrize("performance", [None, PLAYED])
def test_no_text_travels_in_the_file(performance: Performance | None) -> None:
    metas = {m.type for track in parse(write_midi(WALTZ, performance)).tracks for m in track if m.is_meta}
    assert metas == {"set_tempo", "time_signature", "key_signature", "end_of_track"}


def test_the_file_ends_with_its_last_note() -> None:
    assert parse(write_midi(WALTZ)).length == pytest.approx(WALTZ.seconds, abs=1e-4)


def test_the_same_key_in_both_hands_sounds_in_both() -> None:
    piece = Piece((Note(0, 60, 4, 30, "left"), Note(1, 60, 1, 90, "right"), Note(2, 60, 1, 91, "right")), 60, **C_MAJOR)
    assert in_order(read_midi(write_midi(piece))) == in_order(play_straight(piece))


def test_a_key_struck_again_by_the_same_hand_is_released_first() -> None:
    piece = Piece((Note(0, 60, 4, 30, "right"), Note(1, 60, 2, 40, "right")), 60, **C_MAJOR)
    assert in_order(read_midi(write_midi(piece))) == [(0, 60, 1, 30, "right"), (1, 60, 2, 40, "right")]


def test_two_notes_struck_together_on_one_key_become_one() -> None:
    notes = [Note(0, 60, 4, 30, "right"), Note(0, 60, 1, 50, "right")]
    assert release_repeated_keys(notes) == [Note(0, 60, 4, 50, "right")]


def test_a_piece_without_notes_is_still_a_midi_file_with_both_hands() -> None:
    assert len(parse(write_midi(Piece((), 60, **C_MAJOR))).tracks) == 3


def test_one_hand_alone_keeps_its_channel() -> None:
    file = parse(write_midi(Piece((Note(0, 40, 1, 60, "left"),), 60, **C_MAJOR)))
    assert [[m.channel for m in track if m.type == "note_on"] for track in file.tracks] == [[], [], [1]]


def test_the_shortest_note_does_not_grow_to_a_quarter() -> None:
    piece = Piece((Note(0, 60, 1e-9, 60, "right"), Note(1, 62, 1, 60, "right")), 60, **C_MAJOR)
    assert read_midi(write_midi(piece)).notes[0].duration < 0.01


def test_the_same_piece_gives_the_same_bytes() -> None:
    played = play_straight(WALTZ)
    assert write_midi(WALTZ) == write_midi(WALTZ)
    assert write_midi(WALTZ, played) == write_midi(WALTZ, played)


@given(
    st.lists(
        st.builds(
            PlayedNote,
            st.integers(0, 3000).map(lambda hundredths: hundredths / 100),
            st.integers(21, 108),
            st.floats(0.01, 4),
            st.integers(1, 127),
            st.sampled_from(["right", "left"]),
        ),
        min_size=1,
        max_size=30,
    ),
    st.floats(40, 220),
)
@settings(max_examples=60, deadline=None)
def test_a_performance_comes_back_exact_to_a_millisecond(notes: list[PlayedNote], tempo: float) -> None:
    played = release_repeated_keys(notes)
    file = open_midi(write_midi(Piece((), tempo, **C_MAJOR), Performance(tuple(notes))))
    asked = sorted((note.pitch, note.onset, note.velocity) for note in played)
    found = sorted((note.pitch, round(note.onset, 2), note.velocity) for note in file.performance.notes)
    assert found == asked
    assert max(abs(n.onset - round(n.onset, 2)) for n in file.performance.notes) < 0.001
    assert file.tempo == pytest.approx(tempo, rel=1e-4)


def test_the_pedal_is_written_on_both_channels_and_comes_back_once() -> None:
    pedals = (Pedal(0.0, 1.0), Pedal(1.0, 2.5))
    played = Performance((PlayedNote(0, 72, 0.5, 64, "right"), PlayedNote(0, 40, 0.5, 64, "left")), pedals)
    data = write_midi(Piece((), 120, **C_MAJOR), played)
    controls = [(m.channel, m.value) for track in parse(data).tracks for m in track if m.type == "control_change"]
    assert controls == [(0, 127), (0, 0), (0, 127), (0, 0), (1, 127), (1, 0), (1, 127), (1, 0)]
    assert [(round(p.down, 3), round(p.up, 3)) for p in read_midi(data).pedals] == [(0, 1), (1, 2.5)]


@pytest.mark.parametrize(
    ("tonic", "mode", "sharps"),
    [(0, "major", 0), (7, "major", 1), (5, "major", -1), (8, "major", -4), (9, "minor", 0), (3, "minor", -6)],
)
def test_key_signatures_are_those_of_the_circle_of_fifths(tonic: int, mode: str, sharps: int) -> None:
    assert count_sharps(tonic, mode) == sharps


@pytest.mark.parametrize(
    ("tonic", "mode", "names"),
    [
        (0, "major", "C4 D-4 D4 E-4 E4 F4 F#4 G4 A-4 A4 B-4 B4"),
        (9, "minor", "C4 C#4 D4 D#4 E4 F4 F#4 G4 G#4 A4 B-4 B4"),
        (3, "minor", "C4 D-4 D4 E-4 F-4 F4 G-4 G4 A-4 A4 B-4 C-5"),
    ],
)
def test_notes_are_spelled_in_their_key(tonic: int, mode: str, names: str) -> None:
    assert " ".join(spell_pitch(pitch, tonic, mode) for pitch in range(60, 72)) == names
