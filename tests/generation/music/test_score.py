"""Music written to MIDI and read again is the same music, and the file tells nothing else."""

from __future__ import annotations

import io
from typing import Any

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.music.features import measure_features
from generation.music.notes import Hand, Note, Pedal, Performance, Piece, PlayedNote, play_straight
from generation.music.score import open_midi, read_midi, write_midi
from generation.music.score.keyboard import release_repeated_keys, share_keyboard
from generation.music.score.spelling import count_sharps, spell_pitch

C_MAJOR = {"tonic": 0, "mode": "major"}
WALTZ = Piece(
    (
        Note(0.0, 48, 1.0, 50, "left"),
        Note(0.0, 72, 2.5, 90, "right"),
        Note(1.0, 60, 1.5, 41, "left"),
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


def metres(piece: Piece, performance: Performance | None = None) -> list[tuple[float, str, int]]:
    """(quarters from the beginning, metre, clocks of a click) of every time signature."""
    file, found, tick = parse(write_midi(piece, performance)), [], 0
    for message in file.tracks[0]:
        tick += message.time
        if message.type == "time_signature":
            metre = f"{message.numerator}/{message.denominator}"
            found.append((tick / file.ticks_per_beat, metre, message.clocks_per_click))
    return found


@pytest.mark.parametrize(
    ("metre", "signatures"),
    [
        ({"beats_per_bar": 2, "compound": True}, [(0.0, "6/8", 36)]),
        ({"beats_per_bar": 4, "compound": True, "upbeat": 0.5}, [(0.0, "1/8", 24), (0.5, "12/8", 36)]),
        ({"upbeat": 1.0}, [(0.0, "1/4", 24), (1.0, "4/4", 24)]),
        ({"upbeat": 2.0}, [(0.0, "2/4", 24), (2.0, "4/4", 24)]),
        ({"beats_per_bar": 3, "upbeat": 0.75}, [(0.0, "3/16", 24), (0.75, "3/4", 24)]),
        ({"upbeat": 1 / 3}, [(0.0, "4/4", 24), (1 / 3, "4/4", 24)]),
        ({"upbeat": 1 / 16}, [(0.0, "1/64", 24), (1 / 16, "4/4", 24)]),
        ({"upbeat": 1 / 32}, [(0.0, "4/4", 24), (1 / 32, "4/4", 24)]),
    ],
)
def test_a_file_states_the_metre_and_an_upbeat_before_it(
    metre: dict[str, Any], signatures: list[tuple[float, str, int]]
) -> None:
    piece = Piece((Note(0.0, 60, 4.0, 64, "right"),), 60, **C_MAJOR, **metre)
    assert metres(piece) == metres(piece, play_straight(piece)) == signatures
    assert in_order(read_midi(write_midi(piece))) == in_order(play_straight(piece))


def test_each_hand_has_its_own_track_and_both_play_one_grand_piano() -> None:
    file = parse(write_midi(WALTZ))
    programs = [[m.program for m in track if m.type == "program_change"] for track in file.tracks]
    channels = [{m.channel for m in track if not m.is_meta} for track in file.tracks]
    assert programs == [[], [0], [0]]
    assert channels == [set(), {0}, {0}]


PLAYED = Performance((PlayedNote(0.1, 60, 1, 64, "right"),), (Pedal(0, 2),))


@pytest.mark.parametrize("performance", [None, PLAYED])
def test_no_text_travels_in_the_file(performance: Performance | None) -> None:
    metas = {m.type for track in parse(write_midi(WALTZ, performance)).tracks for m in track if m.is_meta}
    assert metas == {"set_tempo", "time_signature", "key_signature", "end_of_track"}


def test_the_file_ends_with_its_last_note() -> None:
    assert parse(write_midi(WALTZ)).length == pytest.approx(WALTZ.seconds, abs=1e-4)


TAKEN_OVER = [Note(0, 60, 4, 30, "left"), Note(1, 60, 1, 90, "right"), Note(2, 60, 1, 91, "right")]


def test_a_key_that_the_other_hand_takes_over_is_released_first() -> None:
    piece = Piece(tuple(TAKEN_OVER), 60, **C_MAJOR)
    heard = [(0, 60, 0.999, 30, "left"), (1, 60, 1, 90, "right"), (2, 60, 1, 91, "right")]
    assert (
        in_order(read_midi(write_midi(piece))) == in_order(read_midi(write_midi(piece, play_straight(piece)))) == heard
    )


@pytest.mark.parametrize("hands", [("right", "left"), ("left", "right")])
@pytest.mark.parametrize("tempo", [10.0, 60.0, 400.0])
def test_no_order_of_tracks_lets_a_hand_release_what_the_other_has_just_struck(
    hands: tuple[Hand, Hand], tempo: float
) -> None:
    piece = Piece((Note(0, 60, 1, 30, hands[0]), Note(1, 60, 1, 90, hands[1])), tempo, **C_MAJOR)
    for data in (write_midi(piece), write_midi(piece, play_straight(piece))):
        events, tick = [], 0
        for message in mido.merge_tracks(parse(data).tracks):  # track by track at one tick
            tick += message.time
            if message.type in ("note_on", "note_off"):
                events.append((message.type, tick))
        assert [kind for kind, _ in events] == ["note_on", "note_off"] * 2
        assert events[1][1] < events[2][1]


def test_a_hand_that_strikes_only_what_the_other_strikes_leaves_its_track_empty() -> None:
    piece = Piece((Note(0, 60, 1, 50, "left"), Note(0, 60, 1, 60, "right")), 60, **C_MAJOR)
    for data in (write_midi(piece), write_midi(piece, play_straight(piece))):
        assert [(n.pitch, n.velocity) for n in read_midi(data).notes] == [(60, 60)]
        assert len(parse(data).tracks) == 3


def test_both_hands_on_one_key_at_once_are_one_note() -> None:
    notes = [Note(0, 60, 4, 30, "left"), Note(0.0049, 60, 1, 50, "right"), Note(3, 60, 1, 40, "left")]
    assert share_keyboard(notes) == [Note(0, 60, 3, 50, "left"), Note(3, 60, 1, 40, "left")]
    assert len(share_keyboard([notes[0], Note(0.0051, 60, 1, 50, "right")])) == 2


def test_a_key_struck_again_by_the_same_hand_is_released_first() -> None:
    piece = Piece((Note(0, 60, 4, 30, "right"), Note(1, 60, 2, 40, "right")), 60, **C_MAJOR)
    assert in_order(read_midi(write_midi(piece))) == [(0, 60, 1, 30, "right"), (1, 60, 2, 40, "right")]


def test_two_notes_struck_together_on_one_key_become_one() -> None:
    notes = [Note(0, 60, 4, 30, "right"), Note(0, 60, 1, 50, "right")]
    assert release_repeated_keys(notes) == [Note(0, 60, 4, 50, "right")]


def test_a_piece_without_notes_is_still_a_midi_file_with_both_hands() -> None:
    assert len(parse(write_midi(Piece((), 60, **C_MAJOR))).tracks) == 3


def test_one_hand_alone_keeps_its_track() -> None:
    file = parse(write_midi(Piece((Note(0, 40, 1, 60, "left"),), 60, **C_MAJOR)))
    assert [[m.channel for m in track if m.type == "note_on"] for track in file.tracks] == [[], [], [0]]


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
    played = share_keyboard(notes)
    file = open_midi(write_midi(Piece((), tempo, **C_MAJOR), Performance(tuple(notes))))
    asked = sorted((note.pitch, note.onset, note.velocity) for note in played)
    found = sorted((note.pitch, round(note.onset, 2), note.velocity) for note in file.performance.notes)
    assert found == asked
    assert max(abs(n.onset - round(n.onset, 2)) for n in file.performance.notes) < 0.001
    assert file.tempo == pytest.approx(tempo, rel=1e-4)


PEDALLED = Performance(
    (PlayedNote(0, 72, 0.5, 64, "right"), PlayedNote(0, 40, 1.0, 64, "left")), (Pedal(0.0, 1.0), Pedal(1.0, 2.5))
)


def test_the_pedal_is_written_once_and_comes_back_with_both_hands() -> None:
    data = write_midi(Piece((), 120, **C_MAJOR), PEDALLED)
    controls = [[m.value for m in track if m.type == "control_change"] for track in parse(data).tracks]
    assert controls == [[], [], [127, 0, 127, 0]]
    read = read_midi(data)
    assert [(round(p.down, 3), round(p.up, 3)) for p in read.pedals] == [(0, 1), (1, 2.5)]
    assert in_order(read) == in_order(PEDALLED)
    assert measure_features(data).pedal_share == pytest.approx(1.0, abs=1e-3)


def test_keys_are_released_before_the_pedal_changes_at_their_moment() -> None:
    merged = list(mido.merge_tracks(parse(write_midi(Piece((), 120, **C_MAJOR), PEDALLED)).tracks))
    release = next(i for i, m in enumerate(merged) if m.type == "note_off" and m.note == 40)
    lift = next(i for i, m in enumerate(merged) if m.type == "control_change" and m.value == 0)
    assert release < lift


def test_a_file_of_before_with_a_pedal_in_each_hand_has_one() -> None:
    file = parse(write_midi(Piece((), 120, **C_MAJOR), PEDALLED))
    conductor, right, left = file.tracks
    now = 0
    moments = {}
    for message in left:
        now += message.time
        if message.type == "control_change":
            moments.setdefault(now, []).append(message)
    # as files were written: the right hand on a channel of its own, with the same pedal
    both = [(tick, m.copy(time=0)) for tick, found in moments.items() for m in found]
    ticks = 0
    for message in right:
        ticks += message.time
        if message.type in ("note_on", "note_off"):
            both.append((ticks, message))
    rebuilt, last = mido.MidiTrack(), 0
    for tick, message in sorted(both, key=lambda event: event[0]):
        rebuilt.append(message.copy(time=tick - last))
        last = tick
    file.tracks = [conductor, rebuilt, mido.MidiTrack(m if m.is_meta else m.copy(channel=1) for m in left)]
    buffer = io.BytesIO()
    file.save(file=buffer)
    assert in_order(read_midi(buffer.getvalue())) == in_order(PEDALLED)
    assert [(round(p.down, 3), round(p.up, 3)) for p in read_midi(buffer.getvalue()).pedals] == [(0, 1), (1, 2.5)]


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
