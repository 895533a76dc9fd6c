"""Recordings whose header and content disagree are refused; what a format leaves open is taken."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest
import soundfile

from generation.mp3 import frame_size
from generation.music.sound import UnusableRecording, read_recording
from generation.music.sound.containers import STREAMED, check_whole

SECONDS = 3
TIMES = np.arange(44_100 * SECONDS) / 44_100
WAVE = 0.2 * np.sin(2 * np.pi * 300 * TIMES) + 0.02 * np.random.default_rng(1).standard_normal(len(TIMES))
KINDS = [
    ("WAV", "PCM_16"),
    ("WAV", "PCM_24"),
    ("WAV", "FLOAT"),
    ("WAV", "ULAW"),
    ("WAV", "MS_ADPCM"),
    ("WAVEX", "PCM_16"),
    ("AIFF", "PCM_16"),
    ("AIFF", "FLOAT"),
    ("AIFF", "ULAW"),
    ("FLAC", "PCM_16"),
    ("FLAC", "PCM_24"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
]


def write(form: str = "WAV", subtype: str = "PCM_16", *, channels: int = 1, endian: str = "FILE") -> bytes:
    stream = BytesIO()
    samples = np.repeat(WAVE[:, None], channels, axis=1)
    rate = 48_000 if subtype == "OPUS" else 44_100
    soundfile.write(stream, samples, rate, format=form, subtype=subtype, endian=endian)
    return stream.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(UnusableRecording) as refused:
        read_recording(data)
    message = str(refused.value)
    assert message.endswith(".")
    assert "send" in message  # what to do
    return message


def sized(data: bytes, size: int, mark: bytes = b"data", order: str = "<") -> bytes:
    """The file with another size in the header of its sound."""
    place = data.index(mark) + 4
    return data[:place] + struct.pack(order + "I", size) + data[place + 4 :]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("form", "subtype"), KINDS)
def test_a_whole_recording_is_taken_and_a_cut_one_is_not(form: str, subtype: str, channels: int) -> None:
    data = write(form, subtype, channels=channels)
    assert read_recording(data).seconds == pytest.approx(SECONDS * (0.92 if subtype == "OPUS" else 1), abs=0.07)
    for part in (0.2, 0.5, 0.9, 0.999):
        assert "cut off" in refusal(data[: int(len(data) * part)]) or part < 0.5


@pytest.mark.parametrize(("form", "subtype"), KINDS)
def test_a_tag_behind_the_sound_is_no_contradiction(form: str, subtype: str) -> None:
    data = write(form, subtype)
    assert read_recording(data + b"TAG" + bytes(125)).seconds == read_recording(data).seconds


# -- WAV and AIFF


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x80000000, 0x7FFFF000, STREAMED])
def test_a_streamed_wav_is_taken_to_its_end(size: int) -> None:
    assert read_recording(sized(write(), size)).seconds == SECONDS


def test_sizes_from_two_gigabytes_up_are_no_promise() -> None:
    assert STREAMED == 0x7FFF0000
    assert "cut off" in refusal(sized(write(), STREAMED - 1))


def test_a_big_endian_wav_is_held_to_its_size_too() -> None:
    data = write(endian="BIG")
    assert data[:4] == b"RIFX"
    assert read_recording(data).seconds == SECONDS
    assert "cut off" in refusal(data[:-40_000])


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        (0, "was never finished"),
        (44_100 * 3, "holds more than its header says"),
        (44_100 * 2 * 3 + 2, "promises 264602 bytes of sound and it holds 264600"),
        (44_100 * 2 * 6, "cut off"),
    ],
)
def test_a_wav_of_another_length_than_it_says_is_refused(size: int, reason: str) -> None:
    assert reason in refusal(sized(write(), size))


@pytest.mark.parametrize(
    "trailer",
    [
        b"LIST\x0a\x00\x00\x00INFOabcdef",
        b"LIST\xff\x00\x00\x00INFO",
        b"abcd\x03\x00\x00\x00xyz\x00LIST\x04\x00\x00\x00INFO",
        bytes(1000),
        b"\x00",
    ],
)
def test_chunks_and_padding_behind_a_wav_are_passed_over(trailer: bytes) -> None:
    assert read_recording(write() + trailer).seconds == SECONDS


def test_two_wav_files_behind_each_other_are_refused() -> None:
    assert "holds more than its header says" in refusal(write() + write())


def test_a_wav_whose_frames_cannot_have_their_size_is_refused() -> None:
    data = bytearray(write())
    data[32:34] = struct.pack("<H", 4)
    assert "1 channels of 16 bits are not 4 bytes" in refusal(bytes(data))


@pytest.mark.parametrize("length", [12, 30, 44])
def test_a_wav_without_sound_is_refused(length: int) -> None:
    refusal(write()[:length])


@pytest.mark.parametrize(("frames", "held"), [(66_150, "132300"), (264_600, "132300")])
def test_an_aiff_with_a_wrong_number_of_samples_is_refused(frames: int, held: str) -> None:
    data = write("AIFF")
    place = data.index(b"COMM") + 10
    wrong = data[:place] + struct.pack(">I", frames) + data[place + 4 :]
    assert f"promises {frames} samples and it holds {held}" in refusal(wrong)


def test_an_aiff_longer_than_its_file_is_refused() -> None:
    assert "cut off" in refusal(sized(write("AIFF"), 500_000, b"SSND", ">"))


# -- FLAC


def counted(data: bytes, samples: int) -> bytes:
    fields = int.from_bytes(data[18:26], "big") >> 36 << 36 | samples
    return data[:18] + fields.to_bytes(8, "big") + data[26:]


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_a_flac_of_unknown_length_is_taken_to_its_end(subtype: str) -> None:
    assert read_recording(counted(write("FLAC", subtype), 0)).seconds == SECONDS


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_a_flac_of_unknown_length_that_was_cut_is_refused(subtype: str) -> None:
    data = counted(write("FLAC", subtype), 0)
    for part in (0.3, 0.6, 0.99):
        assert "cut off" in refusal(data[: int(len(data) * part)])


def test_a_flac_with_a_wrong_number_of_samples_is_refused() -> None:
    data = write("FLAC")
    assert "promises 66150 samples and it holds 132300" in refusal(counted(data, 66_150))
    assert "promises 200000 samples and it holds 132300" in refusal(counted(data, 200_000))


def test_a_tag_before_a_flac_is_passed_over() -> None:
    tag = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
    assert read_recording(tag + write("FLAC")).seconds == SECONDS


# -- Ogg


def pages(data: bytes) -> list[bytes]:
    found = []
    while data:
        end = 27 + data[26] + sum(data[27 : 27 + data[26]])
        found.append(data[:end])
        data = data[end:]
    return found


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_without_its_last_page_is_refused_although_every_page_is_whole(subtype: str) -> None:
    assert "the page that ends it is missing" in refusal(b"".join(pages(write("OGG", subtype))[:-1]))


def test_an_ogg_with_a_page_missing_is_refused() -> None:
    whole = pages(write("OGG", "OPUS"))
    assert len(whole) > 4
    assert "page 3 is missing" in refusal(b"".join(whole[:3] + whole[4:]))


def test_two_ogg_files_behind_each_other_are_refused() -> None:
    one, other = write("OGG", "VORBIS"), bytearray(write("OGG", "VORBIS"))
    assert "several recordings" in refusal(one + bytes(other)) or "missing" in refusal(one + bytes(other))


# -- MP3


@pytest.mark.parametrize(
    ("head", "size"),
    [
        ("fffec000", 416),  # MPEG 1 layer I, 384 kbit/s at 44.1 kHz: 12 · 384,000 / 44,100 slots of four bytes
        ("fffec200", 420),  # the same, padded: one slot more
        ("fff6c400", 384),  # MPEG 2 layer I, 192 kbit/s at 24 kHz: 96 slots
        ("fffca400", 576),  # MPEG 1 layer II, 192 kbit/s at 48 kHz
        ("fffb9200", 418),  # MPEG 1 layer III, 128 kbit/s at 44.1 kHz, padded
        ("fff38000", 208),  # MPEG 2 layer III, 64 kbit/s at 22.05 kHz
    ],
)
def test_a_frame_has_the_length_that_the_standard_gives_it(head: str, size: int) -> None:
    assert frame_size(bytes.fromhex(head), 0) == size


def frames(data: bytes) -> list[bytes]:
    """The frames of an MP3 of MPEG 1 layer III at 44.1 kHz."""
    rates = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    found = []
    while data:
        size = 144_000 * rates[data[2] >> 4] // 44_100 + (data[2] >> 1 & 1)
        found.append(data[:size])
        data = data[size:]
    return found


def test_an_mp3_cut_between_frames_is_known_by_its_index() -> None:
    whole = frames(write("MP3", "MPEG_LAYER_III"))
    assert "frames and it holds" in refusal(b"".join(whole[: len(whole) // 2]))


def test_an_mp3_with_more_frames_than_its_index_says_is_refused() -> None:
    whole = frames(write("MP3", "MPEG_LAYER_III"))
    assert "contradicts itself" in refusal(b"".join(whole + whole[1:]))


def test_an_mp3_without_an_index_is_taken_and_cut_in_a_frame_refused() -> None:
    data = b"".join(frames(write("MP3", "MPEG_LAYER_III"))[1:])
    assert read_recording(data).seconds == pytest.approx(SECONDS, abs=0.1)
    assert "its last frame is not whole" in refusal(data[:-50])


def test_tags_around_an_mp3_are_passed_over() -> None:
    data = write("MP3", "MPEG_LAYER_III")
    tag = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)
    assert read_recording(tag + data + b"TAG" + bytes(125)).seconds == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.parametrize(
    "data", [b"", b"words", b"\xff", b"RIFF", b"OggS", b"fLaC", b"ID3", b"FORM\x00\x00\x00\x00AIFF"]
)
def test_a_few_bytes_are_no_recording(data: bytes) -> None:
    refusal(data)


# -- damage that decoders pass over


def without_index() -> bytes:
    return b"".join(frames(write("MP3", "MPEG_LAYER_III"))[1:])


@pytest.mark.parametrize("middle", [b"junk" * 300, bytes(9000), b"\xff\xfb\x00\x00" * 50, b"TAG", b"APETAGEX"])
def test_an_mp3_without_an_index_with_something_in_its_middle_is_refused(middle: bytes) -> None:
    whole = frames(without_index())
    half = len(whole) // 2
    assert "is damaged (behind" in refusal(b"".join(whole[:half]) + middle + b"".join(whole[half:]))


def test_what_may_stand_behind_an_mp3_is_passed_over() -> None:
    ape = b"APETAGEX" + struct.pack("<III", 2000, 32, 0) + b"\x00\x00\x00\xa0" + bytes(8)
    lyrics = b"LYRICSBEGININD0000200000002200"
    for tail in (bytes(5000), b"TAG" + bytes(125), ape + bytes(32), lyrics + b"LYRICS200" + b"TAG" + bytes(125)):
        assert read_recording(without_index() + tail).seconds == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
@pytest.mark.parametrize("page", [0, 2, -2, -1])
def test_an_ogg_with_a_damaged_page_is_refused(subtype: str, page: int) -> None:
    whole = pages(write("OGG", subtype))
    changed = bytearray(whole[page])
    changed[-5] ^= 0xFF
    whole[page] = bytes(changed)
    assert "check sum of page" in refusal(b"".join(whole))


def sealed(page: bytes) -> bytes:
    """The page with its check sum, reckoned bit by bit."""
    page, value = page[:22] + bytes(4) + page[26:], 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value >> 31 else value << 1) & 0xFFFFFFFF
    return page[:22] + struct.pack("<I", value) + page[26:]


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_whose_last_page_calls_it_half_as_long_is_refused(subtype: str) -> None:
    whole = pages(write("OGG", subtype))
    assert sealed(whole[-1]) == whole[-1]
    length = int.from_bytes(whole[-1][6:14], "little")
    whole[-1] = sealed(whole[-1][:6] + struct.pack("<q", length // 2) + whole[-1][14:])
    assert "shorter than it was before" in refusal(b"".join(whole))


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_page_in_which_nothing_ends_is_no_contradiction(subtype: str) -> None:
    """Its place is −1 (RFC 3533), which read without its sign would be later than all that follows."""
    whole = pages(write("OGG", subtype))
    whole[3] = sealed(whole[3][:6] + struct.pack("<q", -1) + whole[3][14:])
    assert check_whole(b"".join(whole)) == b"".join(whole)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_a_flac_with_other_flac_behind_it_or_a_piece_missing_is_refused(subtype: str) -> None:
    data = write("FLAC", subtype)
    third = len(data) // 3
    for damaged in (data + data, data + data[third:], data[:third] + data[2 * third :]):
        assert "do not follow each other" in refusal(damaged)
        assert "do not follow each other" in refusal(counted(damaged, 0))


@pytest.mark.parametrize(("form", "subtype"), [kind for kind in KINDS if kind[0].startswith("WAV")][:4])
@pytest.mark.parametrize(("place", "value"), [(24, 22_050), (24, 88_200), (28, 5), (28, 0)])
def test_a_wav_whose_rates_contradict_each_other_is_refused(form: str, subtype: str, place: int, value: int) -> None:
    data = bytearray(write(form, subtype))
    data[place : place + 4] = struct.pack("<I", value)
    assert "bytes a second" in refusal(bytes(data))


def test_a_flac_that_ends_in_the_mark_of_a_frame_is_refused() -> None:
    assert "cut off" in refusal(write("FLAC") + b"\xff")
    refusal(b"fLaC" + bytes(40) + b"\xff")
