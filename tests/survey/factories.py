"""Real rows with real small files: a second of sound that every browser plays, a picture, a published study."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import lameenc
import numpy as np
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.utils import timezone
from PIL import Image

from generation import teaching
from generation.emotions import SLUGS, get_emotion
from generation.images.features import measure_pixels
from generation.models import Emotion, GenerationRun, Pair, PairVersion, SourceImage
from generation.music.attributes import KINDS, Attributes, describe_attributes, target
from generation.music.length import CLIP_SECONDS
from generation.music.sound import Sound, encode_mp3, encode_second
from survey import actions
from survey.models import Lesson, LessonStudy, Study

SECONDS = 1.0
RATE = 44_100


@lru_cache(maxsize=32)
def make_finished(number: int) -> tuple[bytes, bytes]:
    """Both files of a clip as the site makes and imports them: of the common length and size."""
    times = np.arange(round(CLIP_SECONDS * RATE)) / RATE
    wave = 0.1 * np.sin(2 * np.pi * (220 + 7 * number) * times)
    sound = Sound(np.stack([wave, wave], axis=1).astype(np.float32))
    return encode_mp3(sound), encode_second(sound)


@lru_cache(maxsize=256)
def make_mp3(number: int, seconds: float = SECONDS) -> bytes:
    """A sine tone whose pitch follows `number`: no two clips are the same file."""
    times = np.arange(int(RATE * seconds)) / RATE
    wave = 0.2 * np.sin(2 * np.pi * (220 + 7 * number) * times)
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(64)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(1)
    encoder.set_quality(7)
    encoder.silence()
    pcm = (wave * 32767).astype("<i2").tobytes()
    return bytes(encoder.encode(pcm) + encoder.flush())


def store(folder: str, data: bytes, extension: str) -> tuple[str, str]:
    """Write `data` below MEDIA_ROOT under its hash; (name, sha256)."""
    sha256 = hashlib.sha256(data).hexdigest()
    name = f"{folder}/{sha256}{extension}"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(data)
    return name, sha256


def make_picture(number: int) -> SourceImage:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), ((37 * number) % 256, (91 * number) % 256, (53 * number) % 256)).save(buffer, "PNG")
    name, sha256 = store("pictures", buffer.getvalue(), ".png")
    picture, _ = SourceImage.objects.get_or_create(
        sha256=sha256,
        defaults={
            "file": name,
            "width": 64,
            "height": 48,
            "bytes": len(buffer.getvalue()),
            "alt_text": "A plain area",
        },
    )
    return picture


def measure_pictures() -> None:
    """What is measured on drawn pictures, light and colourful by turns, as the site measures those it takes in."""
    dice = np.random.default_rng(7)
    for picture in SourceImage.objects.order_by("pk"):
        light, colour = dice.uniform(40, 215), dice.uniform(0, 90)
        pixels = light + colour * dice.normal(size=(12, 12, 3)).repeat(6, axis=0).repeat(6, axis=1)
        features = measure_pixels(np.clip(pixels, 0, 255).astype(np.uint8)).as_dict()
        SourceImage.objects.filter(pk=picture.pk).update(features=features)


def make_versions(
    count: int = 8,
    *,
    composer: str = "muse",
    emotions: tuple[str, ...] = SLUGS,
    first: int = 0,
    seconds: float = SECONDS,
    sound: dict[str, str] | None = None,
    score: bytes = b"",
    tones: int = 0,
    notes: Sequence[list[Any]] = (),
) -> list[PairVersion]:
    """Ready pair versions, emotions in turn; those of the common length are files as the site makes them.

    `sound` is the piano of their provenance, `score` the MusicXML of each, `notes` what their rolls draw. `tones`
    further on than those of the pictures are heard: another composer's clips beside the same pictures.
    """
    run = GenerationRun.objects.create(composer=composer, seed=1)
    provenance = {"sound": sound} if sound else {}
    musicxml = store("scores", score, ".musicxml")[0] if score else ""
    more = {"provenance": provenance, "musicxml": musicxml, "notes": list(notes)}
    return [_make_version(run, first + i, emotions[i % len(emotions)], seconds, more, tones) for i in range(count)]


def _make_version(
    run: GenerationRun, number: int, slug: str, seconds: float, more: dict[str, Any], tones: int
) -> PairVersion:
    emotion = Emotion.objects.get(slug=slug)
    pair, _ = Pair.objects.get_or_create(image=make_picture(number), emotion=emotion)
    tone = number + tones
    finished = make_finished(tone) if seconds == CLIP_SECONDS else (make_mp3(tone, seconds),) * 2
    audio, audio_sha256 = store("clips", finished[0], ".mp3")
    second, second_sha256 = store("clips", finished[1], ".flac") if seconds == CLIP_SECONDS else (audio, audio_sha256)
    midi, midi_sha256 = store("clips", b"MThd" + str(tone).encode(), ".mid")
    now = timezone.now()
    return PairVersion.objects.create(
        pair=pair,
        run=run,
        number=pair.versions.count() + 1,
        composer=run.composer,
        seed=number,
        status=PairVersion.Status.READY,
        queued_at=now,
        nudged_at=now,
        started_at=now,
        finished_at=now,
        midi=midi,
        midi_sha256=midi_sha256,
        audio=audio,
        audio_sha256=audio_sha256,
        audio_alternative=second,
        audio_alternative_sha256=second_sha256,
        duration_seconds=seconds,
        loudness_lufs=-23.0,
        true_peak_dbtp=-6.0,
        attributes=make_attributes(slug, number),
        **more,
    )


def make_attributes(slug: str, number: int) -> dict[str, Any]:
    """Attributes as a composer tells them: about those of the table, off by chance of the clip's own."""
    emotion, dice = get_emotion(slug), random.Random(number)
    wanted = target(emotion.valence, emotion.arousal, emotion.dominance)
    told = {kind.name: getattr(wanted, kind.name) + dice.gauss(0.0, kind.width) for kind in KINDS}
    return describe_attributes(wanted, Attributes.clipped(told))


def make_researcher(name: str = "researcher", **extra: Any) -> Any:
    user = get_user_model().objects.create_user(name, password="a long password", **extra)
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="survey"))
    return user


def make_study(
    *,
    versions: list[PairVersion] | None = None,
    by: Any = None,
    publish: bool = True,
    cells: Any = None,
    **fields: Any,
) -> Study:
    """A study of eight clips (or `versions`), published unless asked otherwise."""
    by = by or make_researcher(f"owner{Study.objects.count()}")
    versions = make_versions() if versions is None else versions
    fields = {"title": "A study", "clips_per_participant": min(8, len(versions)), **fields}
    practice, gold = fields.pop("practice", ()), fields.pop("gold", ())
    study = actions.create_study(by=by, **fields)
    actions.set_stimuli(study=study, versions=versions, by=by, cells=cells, practice=practice, gold=gold)
    return actions.publish(study=study, by=by) if publish else study


def lesson_with_a_wave(by: Any, taught: Study, pairs: int = 4) -> Lesson:
    """A lesson that `taught` gave, with ready clips of the same pairs for its old and its new targets."""
    base, targets = (
        teaching.register_learned_targets(shifts={"awe": {"tempo": shift}}, provenance={}, by=None)
        for shift in (1.0, 2.0)
    )
    lesson = Lesson.objects.create(
        requested_by=by, base=base, targets=targets, seed=1, status=Lesson.Status.READY, finished_at=timezone.now()
    )
    LessonStudy.objects.create(lesson=lesson, study=taught, role=LessonStudy.Role.TAUGHT)
    for tones, followed in ((400, base), (500, targets)):
        make_versions(pairs, first=40, tones=tones)[0].run.model_versions.set([followed])
    return lesson
