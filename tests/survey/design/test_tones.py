import io
import wave
from collections import Counter

import numpy as np
import pyloudnorm
import pytest

from survey.design.headphones import to_wav
from survey.design.tones import COUNTS, PLACES, RATE, SECONDS, make_tones, places_of
from survey.simulation.hearing import count_tones

SEEDS = range(20)


@pytest.mark.parametrize("count", COUNTS)
def test_whoever_listens_counts_the_tones(count):
    assert {count_tones(to_wav(make_tones(count, seed), RATE)) for seed in SEEDS} == {count}


def test_length_and_size_of_the_file_tell_nothing():
    files = {count: to_wav(make_tones(count, count), RATE) for count in COUNTS}
    assert len({len(data) for data in files.values()}) == 1
    for data in files.values():
        with wave.open(io.BytesIO(data)) as file:
            assert file.getnframes() / file.getframerate() == SECONDS == 4.0


@pytest.mark.parametrize("count", COUNTS)
def test_the_sound_is_as_loud_as_the_clips(count):
    meter = pyloudnorm.Meter(RATE)
    for seed in SEEDS:
        both_ears = np.repeat(make_tones(count, seed), 2, axis=1)
        assert meter.integrated_loudness(both_ears) == pytest.approx(-23.0, abs=0.5)


def test_one_pitch_alone_says_nothing_about_an_emotion():
    spectrum = np.abs(np.fft.rfft(make_tones(7, 1)[:, 0]))
    hertz = np.fft.rfftfreq(int(RATE * SECONDS), 1 / RATE)
    inside = np.zeros(len(hertz), dtype=bool)
    for partial in (440, 880, 1320):
        inside |= abs(hertz - partial) < 40
    assert (spectrum[inside] ** 2).sum() > 0.98 * (spectrum**2).sum()


def test_the_places_differ_from_seed_to_seed():
    assert len({make_tones(4, seed).tobytes() for seed in SEEDS}) > 15


def test_two_sounds_are_the_same_where_the_places_are():
    for count in COUNTS:
        seeds = range(1, 40)
        same = {seed for seed in seeds if places_of(count, seed) == places_of(count, 0)}
        assert {seed for seed in seeds if (make_tones(count, seed) == make_tones(count, 0)).all()} == same
        assert len(same) < len(seeds)


@pytest.mark.parametrize("count", COUNTS)
def test_an_odd_and_an_even_seed_never_give_the_same_sound(count):
    assert all((0 in places_of(count, seed)) == seed % 2 for seed in range(200))
    assert {len(places_of(count, seed)) for seed in range(200)} == {count}
    # Every other place is as likely as the rest.
    met = Counter(place for seed in range(0, 4000, 2) for place in places_of(count, seed))
    assert set(met) == set(range(1, PLACES))
    assert max(met.values()) - min(met.values()) < 150


@pytest.mark.parametrize("count", [0, 2, 8])
def test_another_number_is_refused(count):
    with pytest.raises(ValueError, match="there must be one of"):
        make_tones(count, 1)
