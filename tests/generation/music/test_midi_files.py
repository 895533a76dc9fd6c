"""MIDI files of the wild: what the standard lets pass is passed over, what is broken or too much is refused."""

from __future__ import annotations

import contextlib
import itertools
import struct
import time

import pytest

from generation.music import midi_files
from generation.music.features import measure_features
from generation.music.midi_files import UnreadableMidi, find_strikes, is_midi, read_midi_file
from generation.music.score import open_midi, read_midi, strip_midi
from generation.music.sound.playing import UnplayableMidi, read_playing
from generation.music.sound.samples import SAMPLE_RATE

END = b"\x00\xff\x2f\x00"
FOUR = b"".join(b"\x00\x90%c\x50\x83\x60\x80%c\x00" % (key, key) for key in (60, 64, 67, 72))
"""Four quarters, one after another."""


def chunk(kind: bytes, content: bytes, size: int | None = None) -> bytes:
    return kind + struct.pack(">I", len(content) if size is None else size) + content


def head(kind: int = 0, tracks: int = 1, division: int = 480, more: bytes = b"") -> bytes:
    return chunk(b"MThd", struct.pack(">HHH", kind, tracks, division) + more)


def file_of(track: bytes = FOUR + END, **header: int) -> bytes:
    return head(**header) + chunk(b"MTrk", track)


def riff(midi: bytes) -> bytes:
    body = b"RMID" + b"DISP" + struct.pack("<I", 3) + b"abc\x00" + b"data" + struct.pack("<I", len(midi)) + midi
    return b"RIFF" + struct.pack("<I", len(body)) + body


def number(value: int) -> bytes:
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.insert(0, value & 0x7F | 0x80)
    return bytes(parts)


def strikes(count: int, gap: int = 0) -> bytes:
    """So many notes of one tick, over three octaves."""
    keys = itertools.islice(itertools.cycle(range(48, 84)), count)
    return b"".join(number(gap) + b"\x90%c\x40\x01\x80%c\x00" % (key, key) for key in keys) + END


WHOLE = {
    "a plain file": file_of(),
    "nine flats": file_of(b"\x00\xff\x59\x02\xf7\x00" + FOUR + END),
    "an unknown mode": file_of(b"\x00\xff\x59\x02\x00\xff" + FOUR + END),
    "a key signature of one byte": file_of(b"\x00\xff\x59\x01\x00" + FOUR + END),
    "a key signature of no byte": file_of(b"\x00\xff\x59\x00" + FOUR + END),
    "a tempo of nothing": file_of(b"\x00\xff\x51\x03\x00\x00\x00" + FOUR + END),
    "a tempo of two bytes": file_of(b"\x00\xff\x51\x02\x07\xa1" + FOUR + END),
    "a metre of nothing": file_of(b"\x00\xff\x58\x04\x00\x02\x18\x08" + FOUR + END),
    "a metre of impossible notes": file_of(b"\x00\xff\x58\x04\x04\xff\x18\x08" + FOUR + END),
    "a metre of two bytes": file_of(b"\x00\xff\x58\x02\x04\x02" + FOUR + END),
    "an unknown meta event": file_of(b"\x00\xff\x6e\x03abc" + FOUR + END),
    "words that are no text": file_of(b"\x00\xff\x01\x04\xff\xfe\x80\x81" + FOUR + END),
    "system exclusive in parts": file_of(b"\x00\xf0\x03\x43\x12\x00\x00\xf7\x02\x00\xf7" + FOUR + END),
    "system messages that no file should hold": file_of(b"\x00\xf8\x00\xf2\x01\x02\x00\xf3\x01" + FOUR + END),
    "a foreign chunk before the track": head() + chunk(b"XFIH", b"hello") + chunk(b"MTrk", FOUR + END),
    "a foreign chunk behind the track": file_of() + chunk(b"XFKM", b"words"),
    "a foreign chunk longer than the rest": file_of() + chunk(b"XFKM", b"words", 5000),
    "zeros behind the track": file_of() + bytes(600),
    "a header of more than six bytes": head(more=b"\x00\x01") + chunk(b"MTrk", FOUR + END),
    "a track longer than its data": head() + chunk(b"MTrk", FOUR + END, 500),
    "a track without an end": file_of(FOUR),
    "events behind the end of a track": file_of(FOUR + END + b"\x00\x90\x3c\x50\x83\x60\x80\x3c\x00"),
    "type 0 with two tracks": head(0, 2) + chunk(b"MTrk", FOUR + END) + chunk(b"MTrk", END),
    "more tracks than promised": head(1, 1) + chunk(b"MTrk", END) + chunk(b"MTrk", FOUR + END),
    "no track promised": file_of(tracks=0),
    "running status": file_of(
        b"\x00\x90\x3c\x50\x83\x60\x3c\x00\x00\x40\x50\x83\x60\x40\x00\x00\x43\x50\x83\x60\x43\x00"
        b"\x00\x48\x50\x83\x60\x48\x00" + END
    ),
    "running status over a meta event": file_of(
        b"\x00\x90\x3c\x50\x83\x60\x3c\x00\x00\xff\x06\x01a\x00\x40\x50\x83\x60\x40\x00\x00\x43\x50\x83\x60\x43\x00"
        b"\x00\x48\x50\x83\x60\x48\x00" + END
    ),
    "RIFF MIDI": riff(file_of()),
    "every channel message": file_of(
        b"\x00\xa0\x3c\x10\x00\xb0\x07\x64\x00\xc0\x05\x00\xd0\x20\x00\xe0\x00\x40" + FOUR + END
    ),
}


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_what_the_standard_lets_pass_costs_no_note(data: bytes) -> None:
    assert is_midi(data)
    notes = [(note.onset, note.pitch, note.duration) for note in read_midi(data).notes]
    assert notes == [(0.0, 60, 0.5), (0.5, 64, 0.5), (1.0, 67, 0.5), (1.5, 72, 0.5)]
    assert read_midi(strip_midi(data)) == read_midi(data)
    assert open_midi(data).tempo == 120.0
    assert len(read_playing(data).events) == len(read_playing(WHOLE["a plain file"]).events)
    assert measure_features(strip_midi(data)).notes == 4


@pytest.mark.parametrize(("sharps", "kept"), [(-8, 0), (-7, 1), (7, 1), (8, 0)])
@pytest.mark.parametrize(("mode", "possible"), [(0, 1), (1, 1), (2, 0)])
def test_key_signatures_from_seven_flats_to_seven_sharps_are_kept(
    sharps: int, kept: int, mode: int, possible: int
) -> None:
    data = file_of(b"\x00\xff\x59\x02" + struct.pack("bb", sharps, mode) + FOUR + END)
    kinds = [message.type for message in read_midi_file(data).tracks[0]]
    assert kinds.count("key_signature") == kept * possible


REFUSED = {
    "half a header": (b"MThd\x00\x00", "damaged or was cut off"),
    "a header of four bytes": (chunk(b"MThd", b"\x00\x00\x00\x01") + chunk(b"MTrk", END), "damaged or was cut off"),
    "no track": (head(), "promises 1 tracks and holds 0"),
    "fewer tracks than promised": (head(1, 3) + chunk(b"MTrk", FOUR + END) * 2, "promises 3 tracks and holds 2"),
    "a track cut between events": (head() + chunk(b"MTrk", FOUR, 500), "its last track ends early"),
    "a track cut in an event": (file_of()[:-9], "the middle of an event|ends early"),
    "an event longer than its track": (file_of(FOUR + b"\x00\xff\x01\x60abc"), "the middle of an event"),
    "data where a status should be": (file_of(b"\x00\x3c\x50" + END), "does not say what it is"),
    "a key above 127": (file_of(b"\x00\x90\x90\x50" + END), "impossible value"),
    "a number of five bytes": (file_of(b"\xff\xff\xff\xff\x7f\x90\x3c\x50" + END), "longer than four bytes"),
    "film frames": (file_of(division=0xE728), "film frames"),
    "quarters of no length": (file_of(division=0), "no length"),
    "type 2": (file_of(kind=2), "type 2 holds separate patterns"),
    "type 7": (file_of(kind=7), "type 7"),
    "RIFF of something else": (b"RIFF\x04\x00\x00\x00WAVE", "not a MIDI file"),
    "RIFF MIDI without a file": (b"RIFF\x04\x00\x00\x00RMID", "not a MIDI file"),
    "no notes": (file_of(END), "no piano notes"),
    "only drums": (file_of(FOUR.replace(b"\x90", b"\x99").replace(b"\x80", b"\x89") + END), "no piano notes"),
    "only keys that no piano has": (file_of(b"\x00\x90\x05\x50\x10\x80\x05\x00" + END), "no piano notes"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_broken_is_refused_with_one_sentence(data: bytes, reason: str) -> None:
    for read in (read_midi, lambda data: read_midi(strip_midi(data))):
        with pytest.raises(ValueError, match=reason) as refused:
            read(data)
        assert str(refused.value).endswith(".")
        assert str(refused.value).count(". ") == 0


def test_a_file_cut_anywhere_is_refused() -> None:
    data = head(1, 2) + chunk(b"MTrk", FOUR + END) + chunk(b"MTrk", FOUR + END)
    for length in range(len(data)):
        with pytest.raises(UnreadableMidi):
            read_midi_file(data[:length])


# -- bounds


def test_the_bounds_are_these() -> None:
    assert midi_files.LARGEST_FILE == 8 * 1024 * 1024
    assert (midi_files.MOST_TRACKS, midi_files.MOST_EVENTS, midi_files.MOST_NOTES) == (256, 200_000, 10_000)
    assert (midi_files.MOST_TEMPO_CHANGES, midi_files.LONGEST_SECONDS) == (20_000, 3600.0)


def tracks(count: int) -> bytes:
    return head(1, count) + chunk(b"MTrk", FOUR + END) + chunk(b"MTrk", END) * (count - 1)


def padded(size: int) -> bytes:
    return file_of() + chunk(b"JUNK", bytes(size - len(file_of()) - 8))


AT_BOUND = {
    "bytes": (padded, 8 * 1024 * 1024, "larger than 8 MiB"),
    "tracks": (tracks, 256, "more than 256 tracks"),
    "notes": (lambda count: file_of(strikes(count)), 10_000, "more than 10,000 notes"),
    "events": (
        lambda count: file_of(FOUR + b"\x00\xb0\x07\x40" * (count - 9) + END),
        200_000,
        "more than 200,000 events",
    ),
    "tempo": (
        lambda count: file_of(b"\x00\xff\x51\x03\x07\xa1\x20" * count + FOUR + END),
        20_000,
        "more than 20,000 changes of tempo",
    ),
    "seconds": (
        lambda seconds: file_of(b"\x00\x90\x3c\x50" + number(960 * seconds) + b"\x80\x3c\x00" + END),
        3600,
        "lasts longer than an hour",
    ),
}


@pytest.mark.parametrize(("make", "most", "reason"), AT_BOUND.values(), ids=AT_BOUND)
def test_a_bound_itself_is_taken_and_one_more_is_not(make, most: int, reason: str) -> None:
    assert read_midi(make(most)).notes
    with pytest.raises(UnreadableMidi, match=reason):
        read_midi(make(most + 1))


@pytest.mark.parametrize("count", [150_000, 600_000])
def test_a_file_of_a_hundred_thousand_notes_is_refused_at_once(count: int) -> None:
    data = file_of(strikes(count))
    before = time.process_time()
    with pytest.raises(UnreadableMidi, match="10,000 notes"):
        strip_midi(data)
    assert time.process_time() - before < 3


def runs(count: int, gap: int) -> bytes:
    """So many strikes of one tick (480 a quarter: a millisecond), one after another, on all keys."""
    return file_of(b"".join(number(gap) + b"\x90%c\x40\x01\x80%c\x00" % (key, key) for key in _cycle(count)) + END)


def _cycle(count: int) -> list[int]:
    return [21 + place % 88 for place in range(count)]


def test_a_hundred_strikes_within_a_moment_are_played_and_more_are_refused_with_the_place() -> None:
    assert len(read_playing(runs(100, 0)).events) > 200
    with pytest.raises(UnplayableMidi, match=r"more than 100 keys within 0\.25 s, from second 0\.0"):
        read_playing(runs(101, 0))
    quarter = b"\x00\x90\x3c\x50\x83\x60\x80\x3c\x00"
    late = file_of(quarter * 20 + runs(101, 0)[22:])
    with pytest.raises(UnplayableMidi, match=r"from second 10\.0"):
        read_playing(late)


@pytest.mark.parametrize("gap", [2, 3, 5, 7])
def test_runs_are_told_from_music_by_how_many_strikes_come_together(gap: int) -> None:
    """At gap + 1 ticks from strike to strike, a quarter of a second has 240 / (gap + 1) of them."""
    if 240 / (gap + 1) < 100:
        assert read_playing(runs(500, gap)).events
        return
    with pytest.raises(UnplayableMidi, match="thin it out there"):
        read_playing(runs(500, gap))


def test_very_many_strikes_in_one_moment_are_one_for_each_key() -> None:
    chord = b"".join(b"\x00\x90%c\x40" % key for key in _cycle(1000))
    assert len([1 for event in read_playing(file_of(chord + END)).events if event.message.type == "note_on"]) == 88


@pytest.mark.parametrize("gap", [0, 15])
def test_the_largest_file_is_read_and_measured_within_seconds(gap: int) -> None:
    """All notes at once is what took a time that grew with the square of their number."""
    data = file_of(strikes(10_000, gap))
    before = time.process_time()
    measure_features(strip_midi(data))
    with contextlib.suppress(UnplayableMidi):  # too dense for a piano, which is found as quickly
        read_playing(data)
    assert time.process_time() - before < 10


# -- keys


def seconds_down(data: bytes, pitch: int) -> list[float]:
    down, held = None, []
    for event in read_playing(data).events:
        if getattr(event.message, "note", None) == pitch:
            if event.message.type == "note_on":
                assert down is None
                down = event.frame
            else:
                held.append((event.frame - down) / SAMPLE_RATE)
                down = None
    assert down is None
    return held


ZERO = b"\x00\x90\x30\x50\x00\x80\x30\x00"


@pytest.mark.parametrize(
    "track",
    [
        ZERO + FOUR,
        FOUR + ZERO,
        b"\x00\x90\x30\x50\x00\x90\x30\x00" + FOUR,
        ZERO + ZERO + FOUR,
    ],
    ids=["at the start", "at the end", "released by velocity 0", "twice"],
)
def test_a_note_of_no_length_is_down_for_a_millisecond(track: bytes) -> None:
    data = file_of(track + END)
    assert seconds_down(data, 48) == [pytest.approx(0.001, abs=1e-4)]
    assert [note.duration for note in read_midi(data).notes if note.pitch == 48] == [0.001]


def test_a_note_shorter_than_one_sample_is_no_endless_one() -> None:
    quick = b"\x00\xff\x51\x03\x00\x00\x0a" + b"\x00\x90\x30\x50\x01\x80\x30\x00" + b"\x00\xff\x51\x03\x07\xa1\x20"
    assert seconds_down(file_of(quick + FOUR + END, division=32_767), 48) == [pytest.approx(0.001, abs=1e-4)]


def test_a_note_of_no_length_before_a_long_one_on_its_key_does_not_silence_it() -> None:
    data = file_of(ZERO + b"\x00\x90\x30\x50\x83\x60\x80\x30\x00" + END)
    assert seconds_down(data, 48) == [pytest.approx(0.5, abs=1e-4)]


def test_a_key_struck_again_while_it_is_down_is_let_go_first() -> None:
    data = file_of(b"\x00\x90\x30\x50\x83\x60\x90\x30\x50\x83\x60\x80\x30\x00\x00\x80\x30\x00" + END)
    assert seconds_down(data, 48) == [pytest.approx(0.5, abs=1e-4)] * 2


def test_a_key_that_nobody_lets_go_ends_with_the_file_on_paper_and_soon_after_the_last_key_in_sound() -> None:
    data = file_of(b"\x00\x90\x30\x50" + FOUR + number(960 * 60) + b"\xff\x2f\x00")
    assert [note.duration for note in read_midi(data).notes if note.pitch == 48] == [62.0]
    assert seconds_down(data, 48) == [pytest.approx(2.0 + 4.0, abs=0.01)]


def test_a_release_counts_for_its_own_track_and_channel() -> None:
    """The second track's strike stands before the first track's release of that moment in no player's view."""
    first = b"\x83\x60\x90\x30\x50\x83\x60\x80\x30\x00" + END
    second = b"\x00\x90\x30\x50\x83\x60\x80\x30\x00" + END
    data = head(1, 2) + chunk(b"MTrk", first) + chunk(b"MTrk", second)
    assert [(n.onset, n.released) for n in find_strikes(read_midi_file(data))] == [(0.0, 0.5), (0.5, 1.0)]
    assert seconds_down(data, 48) == [pytest.approx(0.5, abs=1e-4)] * 2
