"""Any piano MIDI is read; what is not one is refused with a sentence."""

from __future__ import annotations

import io

import mido
import pytest

from generation.music.notes import Pedal
from generation.music.score import open_midi, read_midi


def build(*tracks: list[mido.Message | mido.MetaMessage], **options: int) -> bytes:
    file = mido.MidiFile(**{"type": 1, "ticks_per_beat": 480, **options})
    for messages in tracks:
        file.tracks.append(mido.MidiTrack(messages))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def on(note: int, time: int = 0, velocity: int = 64, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=note, velocity=velocity, channel=channel, time=time)


def off(note: int, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("note_off", note=note, channel=channel, time=time)


def tempo(bpm: float, time: int = 0) -> mido.MetaMessage:
    return mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm), time=time)


def pedal(value: int, time: int = 0) -> mido.Message:
    return mido.Message("control_change", control=64, value=value, time=time)


def test_a_tempo_change_moves_what_comes_after_it() -> None:
    data = build([tempo(60), tempo(120, time=480)], [on(60), off(60, 480), on(62), off(62, 480)])
    assert [(n.onset, n.duration) for n in read_midi(data).notes] == [(0.0, 1.0), (1.0, 0.5)]
    assert open_midi(data).tempo == 60.0


def test_a_strike_without_velocity_is_a_release() -> None:
    data = build([on(60), on(60, 480, velocity=0)])
    assert [(n.onset, n.duration) for n in read_midi(data).notes] == [(0.0, 0.5)]


def test_a_key_never_released_sounds_to_the_end_of_the_file() -> None:
    data = build([on(60), mido.MetaMessage("end_of_track", time=960)])
    assert [n.duration for n in read_midi(data).notes] == [1.0]


def test_the_pedal_is_down_from_64_up_and_lifted_at_the_end() -> None:
    presses = [pedal(63), pedal(64, 480), pedal(100, 10), pedal(0, 470), pedal(127, 0)]
    data = build([on(60), *presses, off(60, 480)])
    assert read_midi(data).pedals == (Pedal(0.5, 1.0), Pedal(1.0, 1.5))


def test_of_two_tracks_the_higher_is_the_right_hand() -> None:
    data = build([on(40), off(40, 480)], [on(50), off(50, 480)])
    assert [(n.pitch, n.hand) for n in read_midi(data).notes] == [(40, "left"), (50, "right")]


def test_one_track_is_split_by_what_sounds_around_each_note() -> None:
    data = build([on(48), on(76), on(79), off(48, 480), off(76), off(79)])
    assert [(n.pitch, n.hand) for n in read_midi(data).notes] == [
        (48, "left"),
        (76, "right"),
        (79, "right"),
    ]


def test_drums_and_keys_outside_the_piano_are_left_out() -> None:
    data = build([on(60), on(60, channel=9), on(10), on(120), off(60, 480), off(10), off(120)])
    assert [n.pitch for n in read_midi(data).notes] == [60]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "This is not a MIDI file: it does not begin with a MIDI header."),
        (b"RIFF....", "This is not a MIDI file: it does not begin with a MIDI header."),
        (build([tempo(60)]), "The MIDI file holds no piano notes."),
        (
            build([on(60), off(60, 480)], type=2),
            "A MIDI file of type 2 holds separate patterns; send one of type 0 or 1.",
        ),
        (build([on(60), off(60, 10_000_000)]), "The MIDI file lasts longer than an hour; send a clip."),
    ],
)
def test_what_is_no_piano_midi_is_refused_with_a_sentence(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_midi(data)
    assert str(caught.value) == message


@pytest.mark.parametrize("length", [4, 8, 13, 20, 25, 30])
def test_a_file_cut_short_is_refused_as_damaged(length: int) -> None:
    with pytest.raises(ValueError, match="damaged"):
        read_midi(build([on(60), off(60, 480)])[:length])


def test_a_file_that_counts_film_frames_is_refused() -> None:
    data = bytearray(build([on(60), off(60, 480)]))
    data[12:14] = (0xE728).to_bytes(2, "big")
    with pytest.raises(ValueError, match="film frames"):
        read_midi(bytes(data))
