import io
import wave

import numpy as np
import pytest

from survey.design.headphones import RATE, make_antiphase, make_huggins, to_wav

PART = int(1.5 * RATE)


def part_of(sound, number):
    return sound[number * PART : number * PART + RATE]


@pytest.mark.parametrize("target", [0, 1, 2])
def test_only_the_target_noise_differs_between_the_ears_and_only_around_600_hertz(target):
    sound = make_huggins(target, seed=7)
    for number in range(3):
        left, right = part_of(sound, number).T
        difference = np.abs(np.fft.rfft(left - right))
        if number != target:
            assert difference.max() == 0.0
            continue
        hertz = np.fft.rfftfreq(len(left), 1 / RATE)
        inside = (hertz > 564) & (hertz < 636)
        # The ramps smear the band a little; outside it next to nothing is left.
        assert (difference[inside] ** 2).sum() > 0.95 * (difference**2).sum()


@pytest.mark.parametrize("target", [0, 1, 2])
def test_the_softer_tone_is_six_decibels_down_and_the_one_after_it_is_in_antiphase(target):
    sound = make_antiphase(target)
    loudness = [20 * np.log10(np.sqrt((part_of(sound, number)[:, 0] ** 2).mean())) for number in range(3)]
    assert round(loudness[target] - loudness[(target + 1) % 3], 3) == -6.0
    opposite = part_of(sound, (target + 1) % 3)
    assert np.array_equal(opposite[:, 0], -opposite[:, 1])
    # Over loudspeakers the two channels add up: the antiphase tone vanishes.
    assert np.abs(opposite.sum(axis=1)).max() == 0.0


def test_the_file_is_stereo_at_the_stated_rate():
    with wave.open(io.BytesIO(to_wav(make_antiphase(1)))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, RATE, 4 * RATE)


@pytest.mark.parametrize("make", [lambda target: make_huggins(target, 1), make_antiphase])
def test_a_fourth_part_does_not_exist(make):
    with pytest.raises(ValueError, match="must be 0, 1 or 2"):
        make(3)
