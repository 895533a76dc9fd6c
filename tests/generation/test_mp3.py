"""Frames of MP3 files: sizes against what real encoders write, and what is refused with a sentence."""

from __future__ import annotations

import doctest
from io import BytesIO

import lameenc
import numpy as np
import pytest
import soundfile

from generation import mp3
from generation.listening.excerpt import first_seconds
from generation.mp3 import frame_size, walk_site_frames
from generation.music.sound import SAMPLE_RATE, Sound, encode_mp3
from survey.design.loudness import change_level


def code(rate: int = SAMPLE_RATE, channels: int = 2, kbits: int = 128) -> bytes:
    """A second of noise as LAME codes it, without its index."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(kbits)
    encoder.set_in_sample_rate(rate)
    encoder.set_out_sample_rate(rate)
    encoder.set_channels(channels)
    noise = np.random.default_rng(2).normal(0, 3000, (rate, channels)).astype("<i2")
    return bytes(encoder.encode(noise.tobytes()) + encoder.flush())


def clip() -> bytes:
    noise = np.random.default_rng(1).normal(0, 0.1, (SAMPLE_RATE, 2)).astype(np.float32)
    return encode_mp3(Sound(noise))


def test_the_examples_hold() -> None:
    assert doctest.testmod(mp3).failed == 0


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("rate", "kbits"),
    [(44_100, 128), (48_000, 192), (32_000, 64), (22_050, 64), (16_000, 32), (11_025, 32), (8_000, 16)],
)
def test_frames_of_every_rate_lead_from_the_first_to_the_end(rate: int, kbits: int, channels: int) -> None:
    data, place, frames = code(rate, channels, kbits), 0, 0
    while size := frame_size(data, place):
        place, frames = place + size, frames + 1
    assert place == len(data)
    with soundfile.SoundFile(BytesIO(data)) as file:  # libsndfile counts by itself
        assert abs(frames - file.frames / (1152 if rate >= 32_000 else 576)) <= 2


def test_frames_of_a_clip_follow_each_other_with_and_without_padding() -> None:
    data = clip()
    spans = list(walk_site_frames(data))
    assert {size for _, size in spans} == {417, 418}
    assert [place for place, _ in spans[1:]] == [place + size for place, size in spans[:-1]]
    assert sum(size for _, size in spans) == len(data)


def test_a_clip_that_ends_inside_a_frame_is_refused_wherever_it_ends() -> None:
    """Also inside a frame's header, which then states no size."""
    data = clip()
    for end in {*range(1, 40), 416, FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 4, FIRST + 100}:
        with pytest.raises(ValueError, match=r"is not whole|no frame of the site's form"):
            list(walk_site_frames(data[:end]))
    assert list(walk_site_frames(data[:FIRST])) == [(0, FIRST)]


FIRST = 417
OTHERS = {
    "mono": (code(channels=1), "byte 0: MPEG-1 layer 3, 128 kbit/s, 44100 Hz, mono"),
    "another bitrate": (code(kbits=192), "byte 0: MPEG-1 layer 3, 192 kbit/s, 44100 Hz, stereo"),
    "another rate": (code(48_000), "byte 0: MPEG-1 layer 3, 128 kbit/s, 48000 Hz, stereo"),
    "MPEG-2": (code(22_050, kbits=64), "byte 0: MPEG-2 layer 3, 64 kbit/s, 22050 Hz, stereo"),
    "MPEG-2.5": (code(11_025, kbits=32), "byte 0: MPEG-2.5 layer 3, 32 kbit/s, 11025 Hz, stereo"),
    "check sums": (b"\xff\xfa" + clip()[2:], "128 kbit/s, 44100 Hz, stereo, with check sums"),
    "a tag": (b"ID3\x04\x00\x00\x00\x00\x00\x00" + clip(), r"byte 0: a tag \(ID3\) stands there"),
    "an index": (clip()[:36] + b"Xing" + clip()[40:], r"byte 0: an index \(Xing or VBRI\) stands there"),
    "damage": (clip()[:FIRST] + b"\x00" + clip()[FIRST + 1 :], f"byte {FIRST}: something that is no sound, or damaged"),
    "a frame cut off": (clip()[: FIRST + 100], f"The frame at byte {FIRST} is not whole"),
    "a later frame of mono": (clip()[:FIRST] + code(channels=1), f"byte {FIRST}: .*mono"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_refused_alike_with_what_they_are(name: str) -> None:
    data, why = OTHERS[name]
    for use in (lambda: first_seconds(data), lambda: change_level(data, 1), lambda: list(walk_site_frames(data))):
        with pytest.raises(ValueError, match=why):
            use()


def test_a_tag_behind_the_sound_is_refused_where_all_of_it_is_walked() -> None:
    data = clip()
    with pytest.raises(ValueError, match=rf"byte {len(data)}: a tag \(ID3v1\) stands there"):
        change_level(data + b"TAG" + bytes(125), 1)
