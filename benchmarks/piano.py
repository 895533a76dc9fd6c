"""What a piano does with touch, and what it costs: `python -m benchmarks.piano [--sf3 FILE] [--clips 12] [--flat 1000]`

Every piano that is installed here plays the same: three keys at six velocities, each time brought to −23 LUFS, for the
brightness that is left of touch; held keys, for sustain and hiss. Then CPU seconds of whole clips by `muse`, what other
settings of FluidSynth would save and by how much they would change the sound, and memory over many clips.
"""

from __future__ import annotations

import argparse
import tempfile
from io import BytesIO
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from benchmarks.compose import cpu_seconds, memory_mib
from benchmarks.machine import describe_machine
from generation.emotions import EMOTIONS
from generation.music import sound
from generation.music.score import write_midi
from generation.music.sound import fluid
from generation.music.sound.pianos import GRAND_PLACES
from generation.music.sound.renderers import Renderer, available_renderers
from generation.networks.composers import ComposeRequest, compose

VELOCITIES = (25, 45, 65, 85, 105, 120)
KEYS = (48, 60, 72)
BRIGHT_HERTZ = 2000.0
HISS_HERTZ = 8000.0
OTHER_SETTINGS = (
    {"audio.period-size": "64"},
    {"audio.period-size": "4096"},
    {"synth.polyphony": "128"},
    {"synth.polyphony": "96"},
    {"synth.polyphony": "64"},
    {"synth.reverb.level": "0"},
    {"synth.dynamic-sample-loading": "0"},
)


def main() -> None:
    """Measure every piano that is installed here and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sf3", type=Path, default=GRAND_PLACES[0], help="the SoundFont with the grand piano")
    parser.add_argument("--clips", type=int, default=12, help="whole clips played by each piano")
    parser.add_argument("--flat", type=int, default=1000, help="clips rendered to watch memory; 0 leaves it out")
    options = parser.parse_args()
    print(f"Machine: {describe_machine()}\n")
    with tempfile.TemporaryDirectory() as folder:
        pianos = list(available_renderers())
        if sound.find_grand_piano() is not None:
            pianos.insert(0, Renderer("fluidsynth", take_out(options.sf3, Path(folder))))
        print_touch(pianos)
        print_sustain_and_noise(pianos)
        print_cost(pianos, options.clips)
        if pianos[0].name == "fluidsynth":
            print_settings(pianos[0], options.clips)
        if options.flat:
            print_memory(pianos[0], options.flat)


def take_out(source: Path, folder: Path) -> Path:
    """The grand piano as a site keeps it, and what that takes once."""
    before = cpu_seconds()
    kept = sound.keep_piano(source, folder)
    spent = cpu_seconds() - before
    sizes = [path.stat().st_size / 2**20 for path in (source, kept)]
    print(f"Taking the piano out of {source.name} once: {spent:.1f} CPU s, {sizes[0]:.0f} → {sizes[1]:.0f} MiB.\n")
    return kept


def play(piano: Renderer, notes: list[tuple[float, float, int, int]]) -> sound.Sound:
    """Notes of (strike s, release s, key, velocity)."""
    events = []
    for strike, release, key, velocity in notes:
        events.append((strike, mido.Message("note_on", note=key, velocity=velocity)))
        events.append((release, mido.Message("note_off", note=key)))
    track, now = mido.MidiTrack(), 0
    for at, message in sorted(events, key=lambda event: event[0]):
        tick = round(at * 960)  # two quarters of 480 ticks in a second
        track.append(message.copy(time=tick - now))
        now = tick
    stream = BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=480, tracks=[track]).save(file=stream)
    return sound.render(stream.getvalue(), renderer=piano.name, soundfont=piano.soundfont)


def find_spectrum(samples: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequencies in Hz, and the power of both channels together at each."""
    power = (np.abs(np.fft.rfft(samples.astype(np.float64), axis=0)) ** 2).sum(axis=1)
    return np.fft.rfftfreq(len(samples), 1 / sound.SAMPLE_RATE), power


def print_touch(pianos: list[Renderer]) -> None:
    """Brightness over velocity, every row of strokes brought to −23 LUFS."""
    print("| spectral centroid, Hz (share of power above 2 kHz, dB); velocity | ", end="")
    print(" | ".join(map(str, VELOCITIES)) + " |\n|---|" + "---|" * len(VELOCITIES))
    for piano in pianos:
        row = []
        for velocity in VELOCITIES:
            notes = [(2.0 * place, 2.0 * place + 1.5, key, velocity) for place, key in enumerate(KEYS)]
            levelled, _ = sound.level(play(piano, notes))
            hertz, power = find_spectrum(levelled.samples)
            share = 10 * np.log10(power[hertz > BRIGHT_HERTZ].sum() / power.sum())
            row.append(f"{(hertz * power).sum() / power.sum():.0f} ({share:.0f})")
        print(f"| {piano.description} | " + " | ".join(row) + " |")


def loudness_of_blocks(samples: NDArray[np.float32], seconds: float = 0.05) -> NDArray[np.float64]:
    """RMS of every block of both channels together, in dBFS."""
    block = round(seconds * sound.SAMPLE_RATE)
    whole = len(samples) // block * block
    power = (samples[:whole].astype(np.float64) ** 2).reshape(-1, 2 * block).mean(axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-20)))


def print_sustain_and_noise(pianos: list[Renderer]) -> None:
    """How long a held key and a released one are heard, and the hiss of the recordings."""
    keys = ", ".join(map(str, KEYS))
    print(f"\n| piano | s to −20 dB, keys {keys} held | s to −40 dB, released | hiss, dB below the stroke |")
    print("|---|---|---|---|")
    for piano in pianos:
        falls = [f"{measure_fall(play(piano, [(0.0, 12.0, key, 80)]), 20.0):.1f}" for key in KEYS]
        released = measure_fall(play(piano, [(0.0, 0.5, 60, 80)]), 40.0)
        print(f"| {piano.description} | {', '.join(falls)} | {released:.2f} | {measure_hiss(piano):.0f} |")


def measure_fall(played: sound.Sound, decibels: float) -> float:
    """Seconds from the loudest 50 ms to the first that is so much softer; the whole length where none is."""
    blocks = loudness_of_blocks(played.samples)
    loudest = int(blocks.argmax())
    below = np.flatnonzero(blocks[loudest:] < blocks[loudest] - decibels)
    return (int(below[0]) if len(below) else len(blocks) - loudest) * 0.05


def measure_hiss(piano: Renderer) -> float:
    """Power above 8 kHz while a bass key dies away (second 4 to 5), in dB below the loudest 50 ms of its stroke.

    A string of 131 Hz has next to nothing left up there by then: what remains is noise of the recording.
    """
    samples = play(piano, [(0.0, 8.0, KEYS[0], 80)]).samples
    part = samples[4 * sound.SAMPLE_RATE : 5 * sound.SAMPLE_RATE]
    hertz, power = find_spectrum(part * np.hanning(len(part))[:, None])
    # Parseval: a one-sided spectrum holds half, a Hann window keeps 3/8, and two channels were added up.
    hiss = power[hertz > HISS_HERTZ].sum() * 2 / len(part) ** 2 / 0.375 / 2
    return float(10 * np.log10(max(hiss, 1e-20)) - loudness_of_blocks(samples).max())


def print_cost(pianos: list[Renderer], clips: int) -> None:
    """CPU seconds (this process and its renderer) of whole clips."""
    pieces = [compose("muse", ComposeRequest(EMOTIONS[index % 8], 9000 + index)) for index in range(clips)]
    midis = [write_midi(made.piece, made.performance) for made in pieces]
    print("\n| piano | CPU s a clip | least | most |\n|---|---|---|---|")
    for piano in pianos:
        spent = []
        for midi in (midis[0], *midis):
            before = cpu_seconds()
            sound.render(midi, renderer=piano.name, soundfont=piano.soundfont)
            spent.append(cpu_seconds() - before)
        spent = spent[1:]  # the first reads the files from the disk
        print(f"| {piano.description} | {np.mean(spent):.2f} | {min(spent):.2f} | {max(spent):.2f} |")


def print_settings(piano: Renderer, clips: int) -> None:
    """CPU seconds and difference of sound, in dB below the clip as it is played, where one setting is another."""
    pieces = [compose("muse", ComposeRequest(EMOTIONS[index % 8], 9000 + index)) for index in range(clips)]
    midis = [write_midi(made.piece, made.performance) for made in pieces]
    one_key = [(0.0, 0.001, KEYS[1], 1)]
    usual, chosen = [render_timed(piano, midi) for midi in midis], dict(fluid.SETTINGS)
    before = cpu_seconds()
    play(piano, one_key)
    print("\n| FluidSynth | CPU s a clip | greatest difference, dB |\n|---|---|---|")
    print(f"| one soft key: start and reading of samples | {cpu_seconds() - before:.2f} | |")
    print(f"| as it is | {np.mean([spent for _, spent in usual]):.2f} | |")
    for other in OTHER_SETTINGS:
        fluid.SETTINGS.update(other)
        played = [render_timed(piano, midi) for midi in midis]
        fluid.SETTINGS.clear()
        fluid.SETTINGS.update(chosen)
        worst = max(measure_difference(one, this) for (one, _), (this, _) in zip(usual, played, strict=True))
        named = ", ".join(f"{name} {value}" for name, value in other.items())
        told = "none" if worst == -np.inf else f"{worst:.0f}"
        print(f"| {named} | {np.mean([spent for _, spent in played]):.2f} | {told} |", flush=True)


def render_timed(piano: Renderer, midi: bytes) -> tuple[sound.Sound, float]:
    """A clip, and CPU seconds of this process and its renderer."""
    before = cpu_seconds()
    played = sound.render(midi, renderer=piano.name, soundfont=piano.soundfont)
    return played, cpu_seconds() - before


def measure_difference(one: sound.Sound, other: sound.Sound) -> float:
    """Power of the difference in dB below that of `one`, over the length that both have; −inf where there is none."""
    length = min(len(one.samples), len(other.samples))
    first, second = (each.samples[:length].astype(np.float64) for each in (one, other))
    power = ((first - second) ** 2).sum()
    return float(10 * np.log10(power / (first**2).sum())) if power else -np.inf


def print_memory(piano: Renderer, clips: int) -> None:
    """Resident memory of this process while many clips are played and finished."""
    pieces = [compose("muse", ComposeRequest(EMOTIONS[index], index, candidates=2)) for index in range(8)]
    midis = [write_midi(made.piece, made.performance) for made in pieces]
    print(f"\n| clips on {piano.description}, levelled and encoded | resident memory, MiB |\n|---|---|")
    marks = {1, clips // 10, clips // 4, clips // 2, clips}
    for index in range(1, clips + 1):
        sound.finish(sound.render(midis[index % 8], renderer=piano.name, soundfont=piano.soundfont))
        if index in marks:
            print(f"| {index} | {memory_mib():.0f} |", flush=True)


if __name__ == "__main__":
    main()
