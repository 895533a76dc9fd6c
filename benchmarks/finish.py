"""What finishing a clip costs, and what MP3 coding adds: `python -m benchmarks.finish [--clips 12]`

CPU seconds of a whole clip, from the request to the files; CPU milliseconds of every step from a rendered clip to its
two files; then, for LAME's settings of quality, time and the
noise of coding in octaves, on clips by `muse` and on white noise with tones, which is hard to code.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.compose import cpu_seconds, keep_best_piano
from benchmarks.machine import describe_machine
from generation.emotions import EMOTIONS
from generation.music import sound
from generation.music.score import write_midi
from generation.music.sound import encoding
from generation.music.sound.ends import bring_to_length
from generation.networks.composers import ComposeRequest, compose

QUALITIES = (2, 3, 5, 7)
OCTAVES = (125, 250, 500, 1000, 2000, 4000, 8000, 16000)
"""Edges in Hz."""
DELAY = 1105
"""Samples by which a decoded MP3 comes later."""
WINDOW = 2048


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=12, help="clips that are finished")
    options = parser.parse_args()
    print(f"Machine: {describe_machine()}\n")
    with TemporaryDirectory() as folder:
        piano = keep_best_piano(Path(folder))
        print_whole(options.clips, piano)
        rendered = [render(index, piano) for index in range(options.clips)]
    print_steps(rendered)
    levelled = [sound.level(bring_to_length(clip))[0] for clip in rendered]
    print_qualities("clips", levelled)
    print_qualities("noise with tones", [make_noise()])


def print_whole(clips: int, piano: Path | None) -> None:
    """CPU seconds of whole clips by `muse`, best of eight, this process and its renderer; the first warms up."""
    spent = []
    for index in range(clips + 1):
        before = cpu_seconds()
        made = compose("muse", ComposeRequest(EMOTIONS[index % 8], 9000 + index))
        composed = cpu_seconds()
        midi = write_midi(made.piece, made.performance)
        written = cpu_seconds()
        played = sound.render(midi, soundfont=piano)
        rendered = cpu_seconds()
        sound.finish(played)
        spent.append(np.diff([before, composed, written, rendered, cpu_seconds()]))
    means = np.mean(spent[1:], axis=0)
    print("| CPU s a clip, warm | notes, best of eight | MIDI | render | level and encode | all |\n" + "|---" * 6 + "|")
    print("| mean | " + " | ".join(f"{step:.2f}" for step in (*means, means.sum())) + " |\n")


def render(index: int, piano: Path | None) -> sound.Sound:
    """A clip by `muse`."""
    made = compose("muse", ComposeRequest(EMOTIONS[index % 8], 9000 + index))
    return sound.render(write_midi(made.piece, made.performance), soundfont=piano)


def make_noise() -> sound.Sound:
    """Ten seconds of white noise and eight tones at −23 LUFS, other noise in each channel."""
    random = np.random.default_rng(5)
    times = np.arange(10 * sound.SAMPLE_RATE) / sound.SAMPLE_RATE
    tones = sum(np.sin(2 * np.pi * hertz * times) for hertz in np.geomspace(110, 7040, 8))
    samples = random.standard_normal((len(times), 2)) + np.asarray(tones)[:, None]
    return sound.level(sound.Sound((0.05 * samples).astype(np.float32)))[0]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """The result, and CPU milliseconds of this process."""
    before = time.process_time()
    result = work()
    return result, 1000 * (time.process_time() - before)


def print_steps(rendered: Sequence[sound.Sound]) -> None:
    """Mean CPU milliseconds of every step, and of all."""
    sound.finish(rendered[0])
    spent = []
    for clip in rendered:
        whole, length = timed(lambda clip=clip: bring_to_length(clip))
        (levelled, _), level = timed(lambda whole=whole: sound.level(whole))
        mp3, code = timed(lambda levelled=levelled: sound.encode_mp3(levelled))
        heard, decode = timed(lambda mp3=mp3: sound.decode(mp3))
        _, measure = timed(lambda heard=heard: sound.measure_loudness(heard))
        _, second = timed(lambda levelled=levelled: sound.encode_second(levelled))
        _, together = timed(lambda clip=clip: sound.finish(clip))
        spent.append((length, level, code, decode, measure, second, together))
    print("| CPU ms a clip | length | level | MP3 | decode | measure | FLAC | `finish` |\n" + "|---" * 8 + "|")
    print("| mean | " + " | ".join(f"{step:.0f}" for step in np.mean(spent, axis=0)) + " |")


def find_octaves(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Power in each octave, over windows that overlap by half; shape (octaves,)."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[:: WINDOW // 2] * np.hanning(WINDOW)
    power = (np.abs(np.fft.rfft(windows, axis=1)) ** 2).sum(axis=0)
    places = np.searchsorted(np.fft.rfftfreq(WINDOW, 1 / sound.SAMPLE_RATE), OCTAVES)
    return np.add.reduceat(power, places)[:-1]


def print_qualities(title: str, clips: Sequence[sound.Sound]) -> None:
    """Time, and noise against the music in every octave, over all windows of the left channel."""
    octaves = " | ".join(f"{low}–{high}" for low, high in pairwise(OCTAVES))
    print(f"\n| {title}, dB | CPU ms | all | {octaves} Hz |\n|---|---|---|" + "---|" * (len(OCTAVES) - 1))
    music = sum(find_octaves(clip.samples[:, 0]) for clip in clips)
    print(f"| octaves of the music | | | {in_decibels(music / music.sum())} |")
    chosen = encoding.MP3_QUALITY
    for quality in QUALITIES:
        encoding.MP3_QUALITY = quality
        coded = [timed(lambda clip=clip: sound.encode_mp3(clip)) for clip in clips]
        noises = [find_noise(clip, mp3) for clip, (mp3, _) in zip(clips, coded, strict=True)]
        whole = np.mean([(noise**2).sum() / (clip.samples**2).sum() for noise, clip in zip(noises, clips, strict=True)])
        octave = in_decibels(sum(find_octaves(noise[:, 0]) for noise in noises) / music)
        spent = np.mean([milliseconds for _, milliseconds in coded])
        print(f"| noise against it, quality {quality} | {spent:.0f} | {10 * np.log10(whole):.1f} | {octave} |")
    encoding.MP3_QUALITY = chosen


def find_noise(clip: sound.Sound, mp3: bytes) -> NDArray[np.float64]:
    """What a listener gets less what was coded, shape (n, 2)."""
    heard = sound.decode(mp3).samples[DELAY:][: len(clip.samples)]
    return heard.astype(np.float64) - clip.samples[: len(heard)]


def in_decibels(powers: NDArray[np.float64]) -> str:
    return " | ".join(f"{value:.0f}" for value in 10 * np.log10(powers))


if __name__ == "__main__":
    main()
