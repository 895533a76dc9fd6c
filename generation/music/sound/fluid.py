"""FluidSynth, called as a program: true stereo and its own short room.

FluidSynth begins notes on a grid of 64 samples (1.5 ms); its output is the same bytes from run to run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final

import mido
import numpy as np

from generation.music.sound.playing import Playing, UnplayableMidi
from generation.music.sound.samples import SAMPLE_RATE, Samples

TICKS_PER_QUARTER: Final = SAMPLE_RATE // 2
"""At 120 quarters a minute one tick is exactly one sample."""
BASE_LIMIT_SECONDS: Final = 60.0
LONGEST_LIMIT_SECONDS: Final = 300.0
"""Half of what a worker's task may take, so that the renderer gives up before its worker is killed."""
BYTES_PER_FRAME: Final = 8
"""Two channels of 32 bits."""
ROOM: Final = {
    "synth.reverb.room-size": "0.35",
    "synth.reverb.damp": "0.25",
    "synth.reverb.width": "0.9",
    "synth.reverb.level": "0.7",
}
SETTINGS: Final = {
    **ROOM,
    "synth.polyphony": "512",
    "synth.cpu-cores": "1",
    "synth.lock-memory": "0",
    "synth.dynamic-sample-loading": "1",
    "audio.period-size": "512",
}
"""A period is what is written at once: a tenth of the time goes with 64 samples, FluidSynth's own choice."""
_VERSION: Final = re.compile(r"FluidSynth(?: runtime)? version (\S+)")


class RendererFailed(RuntimeError):
    """No renderer can do its work on this machine, whatever is to be played; the message says which and why."""


class RendererGaveUp(UnplayableMidi):
    """A renderer did not come to an end with this piece; another piece is not concerned."""


def find_fluidsynth() -> str | None:
    """Path of the installed `fluidsynth`, or None."""
    return shutil.which("fluidsynth")


def fluidsynth_version() -> str:
    """Version of the FluidSynth that plays here, such as ``2.3.1``: of its library, which makes the sound.

    Asked once per process and installed file, and again where it did not answer. Empty where FluidSynth is not
    installed or does not say.
    """
    program = find_fluidsynth()
    if program is None:
        return ""
    try:
        return _ask_version(program, os.stat(program).st_mtime_ns)
    except (OSError, subprocess.TimeoutExpired):
        return ""


@lru_cache(maxsize=4)
def _ask_version(program: str, changed: int) -> str:
    # What is raised is not kept: a machine that was busy once would be without a version for as long as a worker lives.
    asked = [program, "--version"]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=BASE_LIMIT_SECONDS, check=False).stdout
    return read_version(said)


def read_version(said: str) -> str:
    """The version that `fluidsynth --version` states; the library's where it names that and the program's.

    Examples
    --------
    >>> read_version("FluidSynth runtime version 2.3.1\\nFluidSynth executable version 2.3.0"), read_version("?")
    ('2.3.1', '')
    """
    found = _VERSION.search(said)
    return found[1] if found else ""


def _write_midi(playing: Playing, path: Path) -> None:
    # 500,000 µs a quarter are 120 quarters a minute.
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000, time=0)])
    channels = sorted({event.message.channel for event in playing.events})
    track.extend(mido.Message("program_change", channel=channel, program=0, time=0) for channel in channels)
    now = 0
    for event in playing.events:
        track.append(event.message.copy(time=event.frame - now))
        now = event.frame
    track.append(mido.MetaMessage("end_of_track", time=max(playing.frames - now, 0)))
    mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_QUARTER, tracks=[track]).save(path)


def _command(program: str, midi: Path, output: Path, soundfont: Path, *, reverb: bool) -> list[str]:
    settings = [part for name, value in SETTINGS.items() for part in ("-o", f"{name}={value}")]
    return [
        program,
        "-n",
        "-i",
        "-q",
        "-f",
        os.devnull,
        "-C",
        "0",
        "-R",
        str(int(reverb)),
        "-g",
        "0.6",
        "-r",
        str(SAMPLE_RATE),
        "-T",
        "raw",
        "-O",
        "float",
        *settings,
        "-F",
        str(output),
        str(soundfont),
        str(midi),
    ]


def render_with_fluidsynth(playing: Playing, soundfont: Path, *, reverb: bool = True) -> Samples:
    """Play through FluidSynth.

    `reverb` False leaves its room out: a piano that sends nothing there pays for it and hears nothing.

    Returns
    -------
    ndarray of float32, shape (n, 2)

    Raises
    ------
    RendererFailed
        When FluidSynth is not installed, cannot use the SoundFont, or has no room for what it writes.
    RendererGaveUp
        When FluidSynth breaks at this piece, or takes longer than a minute and four times the length of the piece,
        or than five minutes.
    """
    program = find_fluidsynth()
    if program is None:
        raise RendererFailed("FluidSynth is not installed (Debian: apt install fluidsynth fluid-soundfont-gm).")
    limit = min(BASE_LIMIT_SECONDS + 4 * playing.frames / SAMPLE_RATE, LONGEST_LIMIT_SECONDS)
    with tempfile.TemporaryDirectory(prefix="melodymuse-sound-") as folder:
        midi, output = Path(folder, "clip.mid"), Path(folder, "clip.raw")
        _write_midi(playing, midi)
        try:
            # A settings file in the user's home folder would change the sound: HOME points away from it.
            done = subprocess.run(
                _command(program, midi, output, soundfont, reverb=reverb),
                capture_output=True,
                text=True,
                timeout=limit,
                check=False,
                env={**os.environ, "HOME": folder, "LC_ALL": "C"},
            )
        except subprocess.TimeoutExpired as error:
            raise RendererGaveUp(
                f"The piano did not finish this MIDI file within {limit:.0f} seconds: thin out where it strikes very "
                "many keys, or send it again when the machine is less busy."
            ) from error
        said = (done.stderr + done.stdout).strip()
        if "Failed to load" in said:  # it would go on with another SoundFont and report success
            raise RendererFailed(f"FluidSynth cannot use the SoundFont {soundfont.name}: {said.splitlines()[-1]}")
        if done.returncode != 0 or not output.exists():
            raise RendererGaveUp(
                f"The piano broke at this MIDI file (status {done.returncode}: {said[-200:] or 'no message'}); "
                "save it anew in a music program, or send a recording of it."
            )
        raw = output.read_bytes()
    if len(raw) < playing.frames * BYTES_PER_FRAME:  # it says nothing when it cannot write
        raise RendererFailed(
            f"FluidSynth wrote {len(raw)} of {playing.frames * BYTES_PER_FRAME} bytes; is there no room on the disk?"
        )
    return np.frombuffer(raw, dtype="<f4").reshape(-1, 2).astype(np.float32)
