"""Every kind of job that the site has, and how a test gets one: whoever adds a kind adds it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone

from generation.models import ClipImport, PairVersion
from melodymuse_site.jobs.model import Job
from survey.models import ExportJob, Lesson, PilotJob, ReportJob, Study
from tests.generation.factories import make_picture, make_run, only_version
from tests.survey.factories import make_researcher


@dataclass(frozen=True, slots=True)
class Kind:
    """How to ask for a job of one kind, what its row says on the way, and what it brings in the end."""

    ask: Callable[[], Job]
    progress: Mapping[str, Any]
    brings: Mapping[str, Any]
    again: Mapping[str, Any] = field(default_factory=dict)
    """What `progress` is like when the job waits again; nothing: as it was."""


def ask_for_pair() -> PairVersion:
    number = PairVersion.objects.count()
    return only_version(make_run([make_picture(10 + number)]))


def ask_for_export() -> ExportJob:
    number = Study.objects.count()
    owner = make_researcher(f"owner{number}")
    study = Study.objects.create(title="A study", slug=f"a-study-{number}", owner=owner)
    return ExportJob.objects.create(study=study, requested_by=owner)


def ask_for_report() -> ReportJob:
    return ReportJob.objects.create(study=ask_for_export().study)


def ask_for_pilot() -> PilotJob:
    return PilotJob.objects.create(study=ask_for_export().study, people=10, seed=1)


def ask_for_lesson() -> Lesson:
    return Lesson.objects.create(seed=1)


SHA256 = "ab" * 32
KINDS = {
    PairVersion: Kind(
        ask=ask_for_pair,
        progress={"step": "rendering"},
        again={"step": ""},
        brings={
            "midi": "midi/a.mid",
            "audio": "clips/a.mp3",
            "audio_alternative": "clips/a.flac",
            "midi_sha256": SHA256,
            "audio_sha256": SHA256,
            "audio_alternative_sha256": SHA256,
            "loudness_lufs": -23.0,
        },
    ),
    ClipImport: Kind(
        ask=lambda: ClipImport.objects.create(name="clips.zip"),
        progress={"done": 3, "total": 8},
        brings={"imported": 8},
    ),
    ExportJob: Kind(
        ask=ask_for_export,
        progress={"rows_done": 2000, "rows_total": 12_000},
        again={"rows_done": 0, "rows_total": 12_000},
        brings={"file": "a.zip", "sha256": SHA256, "bytes": 10},
    ),
    Lesson: Kind(
        ask=ask_for_lesson, progress={"phase": "fitting"}, again={"phase": ""}, brings={"result": {"answers": 12}}
    ),
    PilotJob: Kind(ask=ask_for_pilot, progress={"done": 4}, again={"done": 0}, brings={"result": {"complete": 10}}),
    ReportJob: Kind(
        ask=ask_for_report,
        progress={"phase": "reading"},
        again={"phase": ""},
        brings={"kept_key": "report:a", "made_at": timezone.now(), "made_of": 12},
    ),
}


def every_kind() -> list[type[Job]]:
    """The models that declare themselves jobs."""
    return [model for model in apps.get_models() if issubclass(model, Job)]


def expire(job: Job) -> None:
    """As if its worker had died, and the time of its lease gone by."""
    type(job)._default_manager.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
