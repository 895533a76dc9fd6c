"""The two files a browser gets: right loudness after coding, nothing but sound inside."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import soundfile

from generation.music.length import CLIP_SECONDS
from generation.music.sound import (
    SAMPLE_RATE,
    Sound,
    decode,
    encode_mp3,
    encode_second,
    finish,
    level,
    measure_loudness,
    record,
    render,
)
from generation.music.sound.containers import check_whole
from generation.music.sound.encoding import SECOND_BYTES
from generation.music.sound.ends import bring_to_length
from generation.music.sound.renderers import small_soundfont
from tests.generation.music.sound.clips import first_sound_seconds, melody, midi_of, tone

FLOOR = {"renderer": "tinysoundfont", "soundfont": small_soundfont()}
SPARSE = midi_of([(i * 3.0, i * 3.0 + 0.08, pitch, 127) for i, pitch in enumerate([96, 40, 103, 60, 101])])
SOFT = midi_of([(0.0, 8.0, 36, 15), (4.0, 8.0, 48, 12)])
MP3_DELAY = 1105


@pytest.fixture(scope="module")
def recording():
    return record(melody(8.0))


@pytest.mark.parametrize("midi", [melody(), SPARSE, SOFT], ids=["melody", "sparse", "soft"])
def test_both_decoded_files_keep_the_promised_loudness_and_ceiling(midi):
    recording = record(midi, **FLOOR)
    for audio in (recording.mp3, recording.second):
        heard = measure_loudness(decode(audio))
        assert heard.integrated_lufs == pytest.approx(-23.0, abs=0.5)
        assert heard.true_peak_dbtp <= -1.0


def test_the_stored_loudness_is_that_of_the_decoded_mp3(recording):
    heard = measure_loudness(decode(recording.mp3))
    assert recording.loudness.integrated_lufs == heard.integrated_lufs
    assert recording.loudness.true_peak_dbtp == heard.true_peak_dbtp


def test_recording_twice_gives_the_same_bytes(recording):
    again = record(melody(8.0))
    assert (again.mp3, again.second) == (recording.mp3, recording.second)


def test_a_decoded_clip_sounds_within_50_milliseconds(recording):
    assert first_sound_seconds(decode(recording.mp3)) < 0.050
    assert first_sound_seconds(decode(recording.second)) < 0.050


def test_half_a_minute_of_mp3_is_about_half_a_megabyte():
    assert len(encode_mp3(tone(-20.0, 30.0))) == pytest.approx(480_000, rel=0.02)


def test_mp3_carries_no_tags(recording):
    assert recording.mp3[:2] == b"\xff\xfb"
    assert (recording.mp3.find(b"ID3"), recording.mp3.find(b"TAG"), recording.mp3.find(b"Xing")) == (-1, -1, -1)


def test_flac_carries_its_stream_header_and_fill_behind_the_audio_and_nothing_else(recording):
    assert recording.second[:4] == b"fLaC"
    last_and_kind, size = recording.second[4], int.from_bytes(recording.second[5:8])
    assert (last_and_kind, size) == (0x80, 34)
    assert recording.second[12:18] == bytes(6)  # the sizes of its frames would tell how busy a clip is
    assert recording.second[42:44] in (b"\xff\xf8", b"\xff\xf9")  # audio at once
    assert not any(recording.second[-1024:])
    assert len(recording.second) == SECOND_BYTES


def test_nothing_before_the_audio_of_a_flac_depends_on_the_music_but_the_checksum():
    quiet = np.zeros((round(CLIP_SECONDS * SAMPLE_RATE), 2), np.float32)
    loud = np.random.default_rng(1).normal(0.0, 0.05, quiet.shape).astype(np.float32)
    heads = {coded[:26] + coded[42:45] for coded in map(encode_second, (Sound(quiet), Sound(loud)))}
    assert len(heads) == 1


def test_a_filled_flac_is_whole_and_can_be_sought_in(recording):
    assert check_whole(recording.second) == recording.second
    heard = decode(recording.second).samples
    with soundfile.SoundFile(BytesIO(recording.second)) as opened:
        for place in (len(heard) - 5000, 1000, len(heard) // 2, len(heard) - 100):
            opened.seek(place)
            assert np.array_equal(opened.read(100, dtype="float32"), heard[place : place + 100])


def test_noise_that_does_not_fit_into_the_common_size_loses_its_lowest_bits_only():
    noise = np.random.default_rng(1).normal(0.0, 0.1, (round(CLIP_SECONDS * SAMPLE_RATE), 2)).astype(np.float32)
    coded = encode_second(Sound(noise))
    lost = decode(coded).samples - np.clip(noise, -1.0, 1.0)
    assert len(coded) == SECOND_BYTES
    assert 20 * np.log10(lost.std() / noise.std()) < -35


def test_sound_too_long_for_the_common_size_is_refused():
    noise = np.random.default_rng(1).normal(0.0, 0.1, (120 * SAMPLE_RATE, 2)).astype(np.float32)
    with pytest.raises(ValueError, match=r"120 seconds does not fit into 3145728 bytes of FLAC\.$"):
        encode_second(Sound(noise))


def test_flac_gives_the_samples_back_to_16_bits():
    levelled, _ = level(render(melody(2.0), **FLOOR))
    assert np.abs(decode(encode_second(levelled)).samples - levelled.samples).max() < 2 / 32767


def test_mp3_stays_close_to_the_sound_it_codes():
    levelled, _ = level(render(melody(2.0), **FLOOR))
    heard = decode(encode_mp3(levelled)).samples[MP3_DELAY : MP3_DELAY + len(levelled.samples)]
    error = ((heard - levelled.samples) ** 2).mean() / (levelled.samples**2).mean()
    assert 10 * np.log10(error) < -20


def test_mp3_adds_to_a_piano_next_to_no_noise():
    """43 dB below it and more; LAME's slower settings, which shape the noise, add 33 to 40 dB (benchmarks.finish)."""
    sound = level(render(melody(3.0), **FLOOR))[0]
    heard = decode(encode_mp3(sound)).samples[MP3_DELAY:][: len(sound.samples)]
    noise = heard - sound.samples[: len(heard)]
    assert 10 * np.log10((sound.samples**2).sum() / (noise**2).sum()) > 43


def test_both_files_have_the_length_of_the_clip(recording):
    assert decode(recording.second).seconds == pytest.approx(recording.seconds, abs=1 / SAMPLE_RATE)
    assert decode(recording.mp3).seconds == pytest.approx(recording.seconds, abs=0.08)


def test_every_sound_becomes_a_clip_of_the_one_length_and_the_one_size():
    sounds = [
        tone(-20.0, 2.0),
        tone(-35.0, 27.99),
        tone(-20.0, 28.2, 330.0),
        tone(-12.0, 70.0),
        render(SPARSE, **FLOOR),
    ]
    made = [finish(sound) for sound in sounds]
    assert {recording.seconds for recording in made} == {CLIP_SECONDS} == {28.0}
    assert {len(recording.mp3) for recording in made} == {len(made[0].mp3)}
    assert {len(recording.second) for recording in made} == {SECOND_BYTES}
    assert {decode(recording.mp3).samples.shape for recording in made} == {decode(made[0].mp3).samples.shape}
    assert [recording.faded for recording in made] == [False, False, True, True, False]


def test_a_short_sound_stays_as_it_is_and_silence_follows():
    short = tone(-20.0, 2.0)
    long = bring_to_length(short).samples
    assert np.array_equal(long[: len(short.samples)], short.samples)
    assert not long[len(short.samples) :].any()


@pytest.mark.parametrize(("seconds", "fades_from"), [(28.1, 27.75), (28.5, 27.0), (40.0, 24.0)])
def test_a_long_sound_is_faded_out_and_never_cut(seconds, fades_from):
    sound = tone(-20.0, seconds)
    heard = bring_to_length(sound).samples
    begin = round(fades_from * SAMPLE_RATE)
    assert np.array_equal(heard[:begin], sound.samples[:begin])
    peaks = np.abs(heard[begin:]).max(axis=1)
    steps = [float(part.max()) for part in np.array_split(peaks, 10)]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] < 0.03 * steps[0]
    assert not heard[-1].any()


def test_progress_names_the_steps():
    steps: list[str] = []
    record(melody(1.0), **FLOOR, progress=steps.append)
    assert steps == ["rendering", "encoding"]


def test_a_sound_without_origin_has_no_provenance():
    assert (tone(-20.0).provenance, finish(tone(-20.0)).origin) == ({}, None)
