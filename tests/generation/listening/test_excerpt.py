"""The first 20 seconds of a clip, on real sound."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from generation.listening import excerpt
from generation.listening.excerpt import EXCERPT_SECONDS, first_seconds
from generation.music.length import CLIP_SECONDS, LAST_CHORD_SECONDS
from generation.music.sound import SAMPLE_RATE, Sound, decode
from generation.music.sound.encoding import encode_mp3
from generation.music.sound.ends import LONG_FADE_SECONDS


def clip(hertz: float, loudness: float = 0.1) -> bytes:
    times = np.arange(round(CLIP_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    wave = (loudness * np.sin(2 * np.pi * hertz * times)).astype(np.float32)
    return encode_mp3(Sound(np.stack([wave, wave], axis=1)))


def test_the_examples_hold() -> None:
    assert doctest.testmod(excerpt).failed == 0


def test_the_excerpt_ends_before_anything_that_tells_how_a_clip_ends() -> None:
    assert EXCERPT_SECONDS == 20.0
    assert LAST_CHORD_SECONDS[0] > EXCERPT_SECONDS
    assert EXCERPT_SECONDS < CLIP_SECONDS - LONG_FADE_SECONDS


def test_an_excerpt_is_what_the_clip_plays_first() -> None:
    whole, part = decode(clip(440.0)), decode(first_seconds(clip(440.0)))
    assert part.seconds == pytest.approx(EXCERPT_SECONDS, abs=1152 / SAMPLE_RATE)
    kept = len(part.samples) - 2 * 1152  # the last frames overlap with ones that are not there
    assert np.abs(part.samples[:kept] - whole.samples[:kept]).max() < 1e-6


def test_excerpts_of_quiet_loud_simple_and_noisy_clips_have_one_size() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (round(CLIP_SECONDS * SAMPLE_RATE), 2)).astype(np.float32)
    clips = [clip(440.0), clip(3000.0, 0.5), clip(60.0, 0.001), encode_mp3(Sound(noise))]
    assert {len(first_seconds(one)) for one in clips} == {320_156}


def test_a_short_clip_comes_back_whole_and_another_form_is_refused() -> None:
    short = first_seconds(clip(440.0), 1.0)
    assert first_seconds(short) == short
    for broken in (b"ID3" + short, short[:417] + b"\xff", b"\xff\xfb\xa0" + short[3:]):
        with pytest.raises(ValueError, match="no frame of the site's form"):
            first_seconds(broken)
