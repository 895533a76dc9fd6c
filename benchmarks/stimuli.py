"""Answers, one cell and clips for a benchmark's study: rows as publication would leave them, without files."""

from __future__ import annotations

import contextlib
import io
from typing import Any

from django.core.management import call_command


def make_study(clips: int) -> tuple[Any, list[Any], list[Any]]:
    """A migrated database with one study that keeps nobody waiting; the study, its answers and `clips` stimuli."""
    from django.contrib.auth import get_user_model

    from survey.models import Study

    with contextlib.redirect_stdout(io.StringIO()):
        call_command("migrate", verbosity=0)
    study = Study.objects.create(
        slug="benchmark",
        title="Benchmark",
        owner=get_user_model().objects.create_superuser("benchmark", password="x" * 20),
        consent_text="Yes?",
        question="Which?",
        require_listening=False,  # nobody waits as long as the clips last
    )
    return study, *make_parts(study, clips)


def make_parts(study: Any, clips: int) -> tuple[list[Any], list[Any]]:
    """The nine answers and `clips` stimuli of `study`; another study of this database gets clips of its own."""
    from generation.emotions import SLUGS
    from generation.models import GenerationRun, SourceImage
    from survey.models import Condition, Stimulus, StudyChoice

    choices = [
        StudyChoice.objects.create(study=study, slug=slug, label=slug, position=place)
        for place, slug in enumerate((*SLUGS, "none"))
    ]
    cell = Condition.objects.create(
        study=study, name="Music only", presentation="music_only", matching="not_applicable"
    )
    run = GenerationRun.objects.create(composer="muse", seed=1)
    before = SourceImage.objects.count()
    stimuli = [
        Stimulus.objects.create(
            study=study,
            condition=cell,
            pair_version=version,
            emotion=version.pair.emotion.slug,
            composer="muse",
            audio=version.audio,
            audio_sha256=version.audio_sha256,
            duration_seconds=20.0,
        )
        for version in (_make_version(run, before + number) for number in range(clips))
    ]
    return choices, stimuli


def _make_version(run: Any, number: int) -> Any:
    from django.utils import timezone

    from generation.emotions import SLUGS
    from generation.models import Emotion, Pair, PairVersion, SourceImage

    now, digest = timezone.now(), f"{number:064x}"
    image = SourceImage.objects.create(file=f"pictures/{number}.png", sha256=digest, width=1, height=1, bytes=1)
    return PairVersion.objects.create(
        pair=Pair.objects.create(image=image, emotion=Emotion.objects.get(slug=SLUGS[number % len(SLUGS)])),
        run=run,
        number=1,
        composer="muse",
        seed=number,
        status="ready",
        queued_at=now,
        nudged_at=now,
        finished_at=now,
        midi="a",
        midi_sha256=digest,
        audio="clips/0.mp3",
        audio_sha256=digest,
        audio_alternative="c",
        audio_alternative_sha256=digest,
        loudness_lufs=-23.0,
    )
