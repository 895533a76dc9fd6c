"""From the file of another system to a finished clip, kept in a folder so that an interrupted import goes on."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypeVar

from generation.accepted import MIDI_SUFFIXES
from generation.images.intake import MAX_BYTES, NormalisedPicture, PictureRefused, take_in
from generation.music import score, sound
from generation.music.features import measure_features
from generation.music.length import CLIP_SECONDS, LENGTH_VERSION

KEPT_SECONDS: Final = 7 * 24 * 3600
"""What nobody imported within a week is forgotten."""
_Made = TypeVar("_Made")
_REFUSALS: Final = (
    PictureRefused,
    score.UnreadableMidi,
    sound.UnplayableMidi,
    sound.UnusableRecording,
    sound.CannotLevel,
)
"""What says in one sentence, for the person who sent the file, what is wrong with it."""
_PACKAGES: Final = ("numpy", "scipy", "mido", "lameenc", "soundfile", "pyloudnorm", "pillow")
logger = logging.getLogger(__name__)


# What is wrong with this machine: no room on the disk, no piano.
MACHINES: Final = (OSError, MemoryError, sound.RendererFailed)


class ClipRefused(ValueError):
    """A file that cannot become a clip or a picture; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What was measured on a prepared clip, and how it came about."""

    source_sha256: str
    audio_sha256: str
    audio_alternative_sha256: str
    midi_sha256: str
    duration_seconds: float
    loudness_lufs: float
    true_peak_dbtp: float
    notes: list[list[Any]]
    features: dict[str, Any]
    provenance: dict[str, Any]

    @property
    def faded(self) -> bool:
        """Whether the clip went on beyond the common length and was faded out."""
        return bool(self.provenance["length"]["faded"])


@dataclass(frozen=True, slots=True)
class PreparedClip:
    """A finished clip on disk: its facts, and the folder with `audio`, `audio_alternative` and perhaps `midi`."""

    facts: ClipFacts
    folder: Path

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """A picture that was taken in, on disk."""

    sha256: str
    extension: str
    width: int
    height: int
    folder: Path

    def read(self) -> bytes:
        return (self.folder / "picture").read_bytes()


class Workshop:
    """Prepares clips and pictures in `folder`, each once: what lies there from an earlier try is taken.

    `stops` are errors that say nothing about a file, such as that the time for the work is over.
    """

    def __init__(self, folder: Path, *, soundfont: Path | None = None, stops: tuple[type[Exception], ...] = ()) -> None:
        self.folder, self.soundfont, self.stops = folder, soundfont, (*MACHINES, *stops)
        folder.mkdir(parents=True, exist_ok=True)
        piano = sound.choose_renderer(soundfont=soundfont)
        tools = {name: version(name) for name in _PACKAGES} | {
            "piano": asdict(piano.origin),  # a clip of another version or SoundFont of the same name is made anew
            "length": f"{CLIP_SECONDS} {LENGTH_VERSION}",
        }
        self.tools = hashlib.sha256(json.dumps(tools, sort_keys=True).encode()).hexdigest()[:12]

    def hash_source(self, path: Path) -> str:
        """SHA-256 of a file as it was sent. Raises ClipRefused."""
        return hashlib.sha256(_read(path, sound.LARGEST_RECORDING)).hexdigest()

    def clip(self, path: Path) -> PreparedClip:
        """The finished clip of a sound or MIDI file. Raises ClipRefused."""
        data = _read(path, sound.LARGEST_RECORDING)
        source = hashlib.sha256(data).hexdigest()
        folder = self.folder / f"{source}-{self.tools}"
        if not (folder / "facts.json").is_file():
            facts, files = self._make(data, source, path.suffix.casefold())
            _keep(folder, asdict(facts), files)
        return PreparedClip(ClipFacts(**json.loads((folder / "facts.json").read_text())), folder)

    def _make(self, data: bytes, source: str, suffix: str) -> tuple[ClipFacts, dict[str, bytes]]:
        is_midi = score.is_midi(data) or suffix in MIDI_SUFFIXES
        recording, files, told = _refuse_in_words(lambda: self._play(data) if is_midi else _take(data), self.stops)
        files |= {"audio": recording.mp3, "audio_alternative": recording.second}
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        software = {name: version(name) for name in _PACKAGES}
        facts = ClipFacts(
            source_sha256=source,
            audio_sha256=hashes["audio"],
            audio_alternative_sha256=hashes["audio_alternative"],
            midi_sha256=hashes.get("midi", ""),
            duration_seconds=round(recording.seconds, 3),
            loudness_lufs=round(recording.loudness.integrated_lufs, 2),
            true_peak_dbtp=round(recording.loudness.true_peak_dbtp, 2),
            notes=told.pop("notes", []),
            features=told.pop("features", {}),
            provenance={
                **told,
                "software": software,
                "length": {"seconds": CLIP_SECONDS, "version": LENGTH_VERSION, "faded": recording.faded},
            },
        )
        return facts, files

    def _play(self, data: bytes) -> tuple[sound.Recording, dict[str, bytes], dict[str, Any]]:
        """A MIDI file on the piano that plays our own clips."""
        midi = score.strip_midi(data)
        sound.check_not_too_long(sound.measure_playing(midi))  # before minutes are spent on playing it
        played = sound.render(midi, soundfont=self.soundfont)
        sound.check_length(played.seconds)
        notes = [
            [round(note.onset, 3), round(note.duration, 3), note.pitch, note.velocity, note.hand]
            for note in score.read_midi(midi).notes
        ]
        told = {"notes": notes, "features": measure_features(midi).as_dict(), "sound": played.provenance}
        return sound.finish(played), {"midi": midi}, {**told, "source": {"format": "MIDI"}}

    def picture(self, path: Path) -> PreparedPicture:
        """The picture as it is stored. Raises ClipRefused."""
        data = _read(path, MAX_BYTES)
        folder = self.folder / f"picture-{hashlib.sha256(data).hexdigest()}-{self.tools}"
        if not (folder / "facts.json").is_file():
            taken = _refuse_in_words(lambda: take_in(data), self.stops)
            _keep(folder, _describe(taken), {"picture": taken.data})
        return PreparedPicture(**json.loads((folder / "facts.json").read_text()), folder=folder)

    def forget(self, *prepared: PreparedClip | PreparedPicture) -> None:
        """Remove what has been imported."""
        for item in prepared:
            shutil.rmtree(item.folder, ignore_errors=True)

    def forget_old(self) -> None:
        """Remove what was prepared long ago and never imported."""
        before = time.time() - KEPT_SECONDS
        for folder in self.folder.iterdir():
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)


def _refuse_in_words(make: Callable[[], _Made], stops: tuple[type[Exception], ...]) -> _Made:
    """Make something of a file; whatever is wrong with it is a sentence about that file and costs no other one.

    `stops` are no file's fault and end the import.
    """
    try:
        return make()
    except stops:
        raise
    except _REFUSALS as error:
        raise ClipRefused(str(error)) from error
    except Exception as error:
        logger.exception("A file could not be prepared, for a reason nobody thought of")
        raise ClipRefused(
            f"The file cannot be used, nobody knows why ({type(error).__name__}); save it anew or leave it out."
        ) from error


def _take(data: bytes) -> tuple[sound.Recording, dict[str, bytes], dict[str, Any]]:
    """A recording, finished as our own clips are."""
    taken = sound.read_recording(data)
    source = {name: getattr(taken, name) for name in ("format", "sample_rate", "channels", "seconds")}
    return sound.finish(taken.sound), {}, {"source": source}


def _describe(taken: NormalisedPicture) -> dict[str, Any]:
    return {field.name: getattr(taken, field.name) for field in fields(taken) if field.name != "data"}


def _read(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise ClipRefused(f"The file {path.name} is larger than the {most // 2**20} MB allowed.")
        return path.read_bytes()
    except OSError as error:
        raise ClipRefused(f"The file {path.name} cannot be read: {error.strerror}.") from error


def _keep(folder: Path, facts: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Write a folder whole or not at all."""
    partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix="partial-"))
    for name, content in files.items():
        (partial / name).write_bytes(content)
    (partial / "facts.json").write_text(json.dumps(facts))
    try:
        os.replace(partial, folder)
    except OSError:  # somebody else has just made the same
        shutil.rmtree(partial, ignore_errors=True)
