"""The level of a clip by its intention, and MP3 made louder without encoding it again, on real sound."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from generation.emotions import EMOTIONS
from generation.music.sound import SAMPLE_RATE, Sound, decode, measure_loudness
from generation.music.sound.encoding import encode_mp3
from survey.design import loudness
from survey.design.loudness import CEILING_DBTP, MOST_LU, MOST_STEPS, STEP_DB, change_level, steps_of


def clip(seconds: float = 4.0) -> bytes:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    left = 0.1 * np.sin(2 * np.pi * 330 * times) * np.exp(-times / 2)
    right = 0.05 * np.random.default_rng(3).normal(size=len(times))
    return encode_mp3(Sound(np.stack([left, right], axis=1).astype(np.float32)))


def test_the_examples_hold() -> None:
    assert doctest.testmod(loudness).failed == 0


def test_every_emotion_has_the_level_of_its_arousal_and_none_is_further_than_four_lu() -> None:
    assert (MOST_LU, MOST_STEPS, CEILING_DBTP) == (4.0, 2, -1.0)
    assert pytest.approx(1.50515, abs=1e-5) == STEP_DB
    assert {emotion.slug: steps_of(emotion.arousal, -9.0) for emotion in EMOTIONS} == {
        "amusement": 1,
        "awe": 0,
        "contentment": -1,
        "excitement": 2,
        "anger": 2,
        "disgust": 1,
        "fear": 2,
        "sadness": -1,
    }
    assert steps_of(1.0, -20.0) * STEP_DB <= MOST_LU
    assert steps_of(-1.0, -20.0) * STEP_DB >= -MOST_LU


def test_no_clip_passes_the_ceiling() -> None:
    assert [steps_of(0.75, peak) for peak in (-4.02, -4.0, -2.52, -2.5, -1.0, 0.3)] == [2, 1, 1, 0, 0, 0]
    assert steps_of(0.75, None) == 0
    assert steps_of(-0.75, None) == -2


@pytest.mark.parametrize("steps", [-2, -1, 1, 2])
def test_a_clip_is_louder_by_exactly_its_steps_and_of_the_same_size(steps: int) -> None:
    before = clip()
    after = change_level(before, steps)
    assert len(after) == len(before)
    was, now = decode(before), decode(after)
    # One and the same number for every sample of both channels: nothing else of the sound is changed.
    assert np.abs(now.samples - was.samples * 10 ** (steps * STEP_DB / 20)).max() < 2e-5
    gained = measure_loudness(now).integrated_lufs - measure_loudness(was).integrated_lufs
    assert gained == pytest.approx(steps * STEP_DB, abs=0.02)


def test_what_was_made_louder_and_softer_again_is_as_before_but_for_silence() -> None:
    before = clip()
    again = decode(change_level(change_level(before, 2), -2))
    assert np.array_equal(again.samples, decode(before).samples)
    assert change_level(before, 0) == before


def test_silence_stays_silent_and_its_numbers_within_eight_bits() -> None:
    silent = encode_mp3(Sound(np.zeros((SAMPLE_RATE, 2), dtype=np.float32)))
    assert not decode(change_level(silent, -2)).samples.any()
    assert not decode(change_level(silent, 2)).samples.any()


def test_other_files_are_refused() -> None:
    whole = clip()
    for broken, why in (
        (b"ID3" + whole, "no frame of the site's form at byte 0"),
        (whole[:3], "not whole"),
        (whole[:-5], "not whole"),
        (b"\xff\xfb\xa0" + whole[3:], "no frame of the site's form"),
    ):
        with pytest.raises(ValueError, match=why):
            change_level(broken, 1)
