"""Every clip is equally loud, and none passes the ceiling."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from generation.music.sound import SAMPLE_RATE, CannotLevel, Sound, level, measure_loudness
from generation.music.sound.limiter import limit
from generation.music.sound.loudness import measure_true_peak
from generation.music.sound.samples import Samples
from tests.generation.music.sound.clips import tone


def sharp_attacks() -> Sound:
    """A soft tone with a short stroke every two seconds, 30 dB above it."""
    samples = tone(-45.0, 12.0).samples.copy()
    stroke = np.sin(2 * np.pi * 1000 * np.arange(300) / SAMPLE_RATE) * np.hanning(300)
    for start in range(0, len(samples) - 300, 2 * SAMPLE_RATE):
        samples[start : start + 300] += (10 ** (-15 / 20) * stroke[:, None]).astype(np.float32)
    return Sound(samples)


def test_a_sine_of_997_hertz_at_minus_23_dbfs_in_both_channels_measures_minus_23_lufs():
    # EBU Tech 3341, test 1: stereo sine, 1000 Hz, −23 dBFS per channel reads −23.0 LUFS (±0.1).
    assert measure_loudness(tone(-23.0, 20.0)).integrated_lufs == pytest.approx(-23.0, abs=0.1)


def in_turn(*parts: tuple[float, float]) -> Sound:
    """A sine at one level after another: (crest in dBFS, seconds)."""
    return Sound(np.concatenate([tone(decibels, seconds, 1000.0).samples for decibels, seconds in parts]))


def test_passages_far_below_the_programme_do_not_count():
    # EBU Tech 3341, tests 3 and 4: the relative gate, and with it the absolute one; both read −23.0 LUFS (±0.1).
    assert measure_loudness(in_turn((-36, 10), (-23, 60), (-36, 10))).integrated_lufs == pytest.approx(-23.0, abs=0.1)
    hushed = in_turn((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10))
    assert measure_loudness(hushed).integrated_lufs == pytest.approx(-23.0, abs=0.1)


def test_passages_not_so_far_below_it_count():
    # EBU Tech 3341, test 5: −26 dBFS for 20 s, −20 for 20.1, −26 for 20 read −23.0 LUFS (±0.1).
    assert measure_loudness(in_turn((-26, 20), (-20, 20.1), (-26, 20))).integrated_lufs == pytest.approx(-23, abs=0.1)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(-80.0, -3.0), st.floats(0.4, 3.0)), min_size=1, max_size=5), st.integers(0, 9))
def test_loudness_is_what_another_program_measures(parts, seed):
    noise = np.random.default_rng(seed).standard_normal((20 * SAMPLE_RATE, 2)).astype(np.float32)
    sound = in_turn(*parts)
    # Of whole hops of 0.1 s, as of what is left over at the end the other program makes a block that is not full.
    whole = len(sound.samples) // 4410 * 4410
    samples = sound.samples[:whole] * (1 + 0.3 * noise[:whole])
    expected = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples.astype(np.float64))
    if expected < -70:
        with pytest.raises(CannotLevel, match="silent"):
            measure_loudness(Sound(samples))
    else:
        assert measure_loudness(Sound(samples)).integrated_lufs == pytest.approx(expected, abs=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.floats(-80.0, -20.0), st.floats(0.4, 2.0)), min_size=2, max_size=4))
def test_what_a_gain_is_said_to_lead_to_is_what_is_measured_after_it(parts):
    """Also where the gain lifts soft passages over the absolute gate."""
    sound = in_turn((-30.0, 1.0), *parts)
    levelled, said = level(sound)
    measured = measure_loudness(levelled)
    assert said.integrated_lufs == pytest.approx(measured.integrated_lufs, abs=1e-3)
    assert said.true_peak_dbtp == pytest.approx(measured.true_peak_dbtp, abs=1e-3)


def test_true_peak_sees_between_the_samples():
    # EBU Tech 3341, tests 15 and 16: fs/4 at 45° with crest −6 dBFS reads −6.0 dBTP (+0.2 / −0.4).
    wave = 0.5 * np.sin(np.pi / 2 * np.arange(SAMPLE_RATE) + np.pi / 4)
    samples = np.stack([wave, wave], axis=1).astype(np.float32)
    assert -6.4 <= measure_true_peak(samples) <= -5.8


@settings(max_examples=15, deadline=None)
@given(st.floats(-55.0, 0.0))
def test_levelling_reaches_the_target_from_any_level(decibels):
    levelled, loudness = level(tone(decibels, 2.0))
    assert measure_loudness(levelled).integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert loudness.integrated_lufs == pytest.approx(-23.0, abs=0.1)


def test_levelling_reports_the_gain_it_used():
    _, loudness = level(tone(-43.0))
    assert loudness.gain_db == pytest.approx(20.0, abs=0.1)


def test_a_sparse_clip_is_limited_and_still_reaches_the_target():
    levelled, loudness = level(sharp_attacks(), target_lufs=-23.0, ceiling_dbtp=-10.0)
    assert loudness.integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert loudness.true_peak_dbtp <= -10.0
    assert measure_true_peak(levelled.samples) <= -10.0


def test_the_limiter_leaves_quiet_passages_untouched():
    loud, quiet = tone(-3.0, 1.0).samples, tone(-40.0, 2.0).samples
    limited = limit(np.concatenate([loud, quiet]), -12.0, SAMPLE_RATE)
    assert np.allclose(limited[-SAMPLE_RATE // 2 :], quiet[-SAMPLE_RATE // 2 :], rtol=1e-3, atol=1e-5)


def test_the_limiter_makes_nothing_louder():
    soft, loud = tone(-40.0, 0.5).samples, tone(0.0, 0.2).samples
    samples = np.concatenate([soft, loud, soft])
    limited = limit(samples, -12.0, SAMPLE_RATE)
    assert np.all(np.abs(limited) <= np.abs(samples))
    assert np.array_equal(limited[: SAMPLE_RATE // 4], samples[: SAMPLE_RATE // 4])


def test_the_limiter_keeps_both_channels_in_proportion():
    samples = tone(0.0, 1.0).samples * np.array([1.0, 0.25], dtype=np.float32)
    limited = limit(samples, -6.0, SAMPLE_RATE)
    assert np.allclose(limited[:, 1], limited[:, 0] * 0.25, atol=1e-6)


def test_the_limiter_has_turned_down_before_the_attack_and_only_just_before():
    """The gain falls while the peak is still to come; a gain that falls with the peak would click."""
    soft = tone(-40.0, 1.0).samples
    attack = np.concatenate([soft, tone(0.0, 0.2).samples])
    gain = decibels_of(limit(attack, -12.0, SAMPLE_RATE)) - decibels_of(attack)
    begins = len(soft)

    def at(milliseconds: float) -> float:
        """The gain in dB, so long after the attack begins."""
        place = begins + int(milliseconds * SAMPLE_RATE / 1000)
        return float(np.median(gain[place - 30 : place + 30]))

    assert at(-20.0) == pytest.approx(0.0, abs=1e-3)
    assert -12.0 < at(-4.0) < -0.5
    assert -12.0 < at(-2.0) < -5.0
    assert at(5.0) == pytest.approx(-12.0, abs=0.1)


def decibels_of(samples: Samples) -> NDArray[np.float64]:
    return np.asarray(20 * np.log10(np.maximum(np.abs(samples[:, 0]), 1e-9)), dtype=np.float64)


def test_silence_is_refused():
    with pytest.raises(CannotLevel, match="silent"):
        level(Sound(np.zeros((SAMPLE_RATE, 2), dtype=np.float32)))


def test_a_clip_as_good_as_silent_is_refused():
    with pytest.raises(CannotLevel, match="silent"):
        level(tone(-90.0))


def test_a_clip_shorter_than_a_gating_block_is_refused():
    with pytest.raises(CannotLevel, match="too short"):
        level(tone(-20.0, 0.3))


def test_values_that_are_not_numbers_are_refused():
    samples = tone(-20.0).samples.copy()
    samples[100] = np.nan
    with pytest.raises(CannotLevel, match="not numbers"):
        level(Sound(samples))


def test_a_target_beyond_the_ceiling_is_refused():
    with pytest.raises(CannotLevel, match="reaches only"):
        level(tone(-20.0), target_lufs=-3.0, ceiling_dbtp=-12.0)


def test_sound_must_be_stereo():
    with pytest.raises(ValueError, match="stereo"):
        Sound(np.zeros(100, dtype=np.float32))
