"""Which pianos are installed, and playing a MIDI file on one of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from generation.music.sound.ends import trim_and_fade
from generation.music.sound.fluid import RendererFailed, find_fluidsynth, fluidsynth_version, render_with_fluidsynth
from generation.music.sound.playing import read_playing
from generation.music.sound.samples import SAMPLE_RATE, Origin, Sound
from generation.music.sound.soundfonts import UnusableSoundFont, asks_for_reverb

RENDERER_NAMES: Final = ("auto", "fluidsynth", "tinysoundfont")
FLUID_R3_PLACES: Final = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/soundfonts/FluidR3_GM.sf2"),
    Path("/opt/homebrew/share/soundfonts/FluidR3_GM.sf2"),
    Path("/usr/local/share/soundfonts/FluidR3_GM.sf2"),
)
"""Where Debian, Fedora and Homebrew put FluidR3 (MIT licence)."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """A piano that can be played here: a program and the SoundFont it would use."""

    name: Literal["fluidsynth", "tinysoundfont"]
    soundfont: Path

    @property
    def description(self) -> str:
        """One line for people, such as ``FluidSynth with FluidR3_GM``."""
        program = "FluidSynth" if self.name == "fluidsynth" else "TinySoundFont"
        return f"{program} with {self.soundfont.stem}"

    @property
    def version(self) -> str:
        """Version of the program or package that plays; empty where it does not say."""
        return fluidsynth_version() if self.name == "fluidsynth" else version("tinysoundfont")

    @property
    def origin(self) -> Origin:
        """What a sound played on it states as its origin."""
        return Origin(self.name, self.soundfont.name, hash_soundfont(self.soundfont), self.version)


def small_soundfont() -> Path:
    """TimGM6mb, which the installed pretty_midi carries (GPL-2; used, not shipped)."""
    spec = find_spec("pretty_midi")
    if spec is None or spec.origin is None:
        raise RendererFailed("The package pretty_midi, which carries the small SoundFont, is not installed.")
    return Path(spec.origin).parent / "TimGM6mb.sf2"


def find_fluid_r3() -> Path | None:
    """The installed FluidR3 SoundFont, or None."""
    return next((place for place in FLUID_R3_PLACES if place.is_file()), None)


def available_renderers(soundfont: Path | None = None) -> tuple[Renderer, ...]:
    """Every piano that can be played here, the best first; none where neither program is installed.

    Parameters
    ----------
    soundfont : Path, optional
        A SoundFont to use instead of the installed ones.
    """
    best = soundfont or find_fluid_r3()
    found = []
    if best is not None and find_fluidsynth():
        found.append(Renderer("fluidsynth", best))
    if find_spec("tinysoundfont") is None:
        return tuple(found)
    found.append(Renderer("tinysoundfont", best or small_soundfont()))
    if found[-1].soundfont != small_soundfont():
        found.append(Renderer("tinysoundfont", small_soundfont()))
    return tuple(found)


def choose_renderer(name: str = "auto", soundfont: Path | None = None) -> Renderer:
    """The renderer that `render` would use.

    Raises
    ------
    RendererFailed
        When the SoundFont is no SoundFont, or the renderer asked for is not installed.
    """
    if soundfont is not None:
        _check_soundfont(soundfont)
    if name not in RENDERER_NAMES:
        raise RendererFailed(f"{name!r} is no renderer; choose auto, fluidsynth or tinysoundfont.")
    for renderer in available_renderers(soundfont):
        if name in ("auto", renderer.name):
            return renderer
    if name == "tinysoundfont" or (name == "auto" and find_fluidsynth() is None):
        raise RendererFailed(
            "No piano is installed: install TinySoundFont (pip install --no-deps tinysoundfont), "
            "or FluidSynth and its SoundFont (Debian: apt install fluidsynth fluid-soundfont-gm)."
        )
    raise RendererFailed(
        "FluidSynth or its SoundFont is not installed (Debian: apt install fluidsynth fluid-soundfont-gm)."
    )


def _check_soundfont(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            head = stream.read(12)
    except OSError as error:
        raise RendererFailed(f"The SoundFont {path} cannot be read: {error.strerror}.") from error
    if head[:4] != b"RIFF" or head[8:12] != b"sfbk":
        raise RendererFailed(f"{path} is not a SoundFont; give a file ending in .sf2 or .sf3.")
    inspect_once(path)


def inspect_once(path: Path) -> bool:
    """`asks_for_reverb`, once per process and file version. Raises RendererFailed with what is wrong and what to do."""
    status = path.stat()
    try:
        return _inspect(path, status.st_size, status.st_mtime_ns)
    except UnusableSoundFont as error:
        raise RendererFailed(
            f"The SoundFont {path.name} cannot be used as the piano: {error} Choose another one, or fetch it again."
        ) from error


@lru_cache(maxsize=8)
def _inspect(path: Path, size: int, changed: int) -> bool:
    return asks_for_reverb(path)


def hash_soundfont(path: Path) -> str:
    """SHA-256 of a SoundFont; read once per process and file version."""
    status = path.stat()
    return _hash_file(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=8)
def _hash_file(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def render(midi: bytes, *, renderer: str = "auto", soundfont: Path | None = None) -> Sound:
    """Play a MIDI file on a piano.

    Parameters
    ----------
    midi : bytes
        A Standard MIDI File, type 0 or 1. Every channel but drums is played on the piano.
    renderer : {"auto", "fluidsynth", "tinysoundfont"}
        ``auto`` takes the best that is installed.
    soundfont : Path, optional
        Instead of the installed FluidR3 or the small TimGM6mb.

    Returns
    -------
    Sound
        44.1 kHz stereo in a short room. The first key is struck 10 ms after the start; the tail rings out to
        −62 dB and is faded. The same bytes give the same samples.

    Raises
    ------
    UnplayableMidi
        When `midi` cannot be read, holds no notes, or lasts longer than ten minutes; as `RendererGaveUp` when
        the renderer does not come to an end with it.
    RendererFailed
        When no renderer is installed or can use the SoundFont; the message says why.
    """
    chosen = choose_renderer(renderer, soundfont)
    playing = read_playing(midi)
    if chosen.name == "fluidsynth":
        samples = render_with_fluidsynth(playing, chosen.soundfont, reverb=inspect_once(chosen.soundfont))
    else:
        from generation.music.sound.floor import render_with_tinysoundfont  # a package that may not be there

        samples = render_with_tinysoundfont(playing, chosen.soundfont)
    return trim_and_fade(Sound(samples, SAMPLE_RATE, chosen.origin))
