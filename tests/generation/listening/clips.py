"""Ready clips to hear, as rows: played ones that were imported, and composed ones. Their files are not looked into."""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils import timezone

from generation.models import Emotion, GenerationRun, Origin, Pair, PairVersion
from generation.music.length import CLIP_SECONDS

STEADY = [[0.5 * beat, 0.5, 60, 64, "right"] for beat in range(60)]
"""A stroke every half second for half a minute."""
MUSE = {"composer": {"name": "muse", "version": "1.0", "sha256": "ab" * 32}}


def make_played(emotion: str, *, system: str = "pianists", midi: bool = True, **facts: Any) -> PairVersion:
    """A clip that was imported under the name `system`, of half a minute before it was faded out."""
    told = {"features": {"seconds": 30.0}, "notes": STEADY} if midi else {"provenance": {"length": {"faded": True}}}
    return _make(emotion, composer=system, origin=Origin.IMPORTED, midi=midi, **told | facts)


def make_composed(emotion: str, *, composer: str = "muse", models: Any = MUSE, **facts: Any) -> PairVersion:
    """A clip made by `composer` with the networks `models`."""
    return _make(emotion, composer=composer, origin=Origin.MADE, **{"provenance": {"models": models}} | facts)


def _make(emotion: str, *, composer: str, origin: str, midi: bool = True, **facts: Any) -> PairVersion:
    number = PairVersion.objects.count()
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    imported = origin == Origin.IMPORTED
    run = GenerationRun.objects.create(composer=composer, origin=origin, seed=None if imported else 1)
    now = timezone.now()
    return PairVersion.objects.create(
        **{
            "pair": Pair.objects.create(emotion=Emotion.objects.get(slug=emotion)),
            "run": run,
            "number": 1,
            "composer": composer,
            "origin": origin,
            "seed": None if imported else 1,
            "source_sha256": sha256 if imported else "",
            "status": PairVersion.Status.READY,
            "queued_at": now,
            "nudged_at": now,
            "finished_at": now,
            "midi": f"clips/{sha256}.mid" if midi else "",
            "midi_sha256": sha256 if midi else "",
            "audio": f"clips/{sha256}.mp3",
            "audio_sha256": sha256,
            "audio_alternative": f"clips/{sha256}.flac",
            "audio_alternative_sha256": sha256,
            "duration_seconds": CLIP_SECONDS,
            "loudness_lufs": -23.0,
            **facts,
        }
    )
