"""Finished pair versions for pages: real sound of a short melody, stored as the worker stores it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from generation.models import PairVersion
from generation.music.notes import Note, Piece
from generation.music.score import write_musicxml
from generation.music.sound import Recording, record
from generation.music.sound.renderers import small_soundfont
from tests.generation.music.sound.clips import melody

NOTES: list[list[Any]] = [
    *[[i * 0.5, 0.45, (60, 64, 67, 72)[i % 4], 50 + 6 * i, "right"] for i in range(8)],
    *[[i * 2.0, 1.9, 36, 60, "left"] for i in range(2)],
]
ATTRIBUTES = {
    "tempo": {"unit": "BPM", "target": [52.0, 66.0], "measured": 60.0},
    "dynamics": {"unit": "velocity", "target": [44.0, 54.0], "measured": 71.5},
    "repetition": {"unit": "share", "target": None, "measured": 0.62},
}


@lru_cache(maxsize=1)
def recording() -> Recording:
    return record(melody(4.0), renderer="tinysoundfont", soundfont=small_soundfont())


def finish_version(
    version: PairVersion,
    *,
    notes: list[list[Any]] | None = None,
    picture: dict[str, Any] | None = None,
    candidates: int = 0,
    models: Any = None,
    attributes: dict[str, Any] | None = None,
) -> PairVersion:
    """Flip a queued version to ready with real files below MEDIA_ROOT; `candidates` that it was chosen from."""
    clip, midi = recording(), melody(4.0)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in _files(midi, clip).items()}
    now = timezone.now()
    PairVersion.objects.filter(pk=version.pk).update(
        status="ready",
        attempts=1,
        started_at=now,
        finished_at=now,
        midi=_store(midi, hashes["midi"], ".mid"),
        audio=_store(clip.mp3, hashes["mp3"], ".mp3"),
        audio_alternative=_store(clip.second, hashes["second"], ".flac"),
        midi_sha256=hashes["midi"],
        audio_sha256=hashes["mp3"],
        audio_alternative_sha256=hashes["second"],
        duration_seconds=round(clip.seconds, 3),
        loudness_lufs=round(clip.loudness.integrated_lufs, 2),
        true_peak_dbtp=round(clip.loudness.true_peak_dbtp, 2),
        notes=NOTES if notes is None else notes,
        features={"tempo": 120.0, "mode": "major", "density": 2.5},
        attributes=ATTRIBUTES if attributes is None else attributes,
        provenance={
            "models": {"paper": "1"} if models is None else models,
            "sound": asdict(clip.origin) if clip.origin else {},
            **({"picture": picture} if picture else {}),
        },
        scores={"chosen": 0, "candidates": [{"total": 0.5}] * candidates} if candidates else {},
        seconds={"composing": 0.1, "rendering": 0.4},
    )
    version.refresh_from_db()
    return version


def score_of_notes() -> bytes:
    """The notes of `finished.NOTES` as they would be written at 120 quarters a minute."""
    written = tuple(Note(onset * 2, pitch, 1.0, velocity, hand) for onset, _, pitch, velocity, hand in NOTES)
    return write_musicxml(Piece(written, tempo=120.0, tonic=0, mode="major"))


def finish_with_score(
    version: PairVersion, musicxml: bytes | None = None, notes: list[list[Any]] | None = None
) -> PairVersion:
    """A ready version with a score; it gets the score first, as a ready one does not change."""
    data = score_of_notes() if musicxml is None else musicxml
    name = default_storage.save(f"scores/{len(data)}.musicxml", ContentFile(data))
    PairVersion.objects.filter(pk=version.pk).update(musicxml=name)
    return finish_version(version, notes=notes)


def _files(midi: bytes, clip: Recording) -> dict[str, bytes]:
    return {"midi": midi, "mp3": clip.mp3, "second": clip.second}


def _store(data: bytes, sha256: str, extension: str) -> str:
    name = f"clips/{sha256}{extension}"
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(data))
