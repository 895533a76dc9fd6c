"""What a first `make run` puts on the site: models, an admin account, pictures, pairs and a study."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from generation import actions, queries
from generation.emotions import EMOTIONS
from generation.images import demo
from generation.models import GenerationRun, PairVersion, SourceImage
from melodymuse_site.views import DEMO_STUDY
from survey.actions import create_demo_study
from survey.models import Study

DEMO_REASON = "Demo: one pair for each emotion"
DEMO_SEED = 2026
DEMO_COMPOSER = "paper"


@dataclass(frozen=True, slots=True)
class AdminAccount:
    """The account made on the first start; the password is shown once and stored nowhere in clear."""

    user: AbstractBaseUser
    password: str | None


def ensure_admin() -> AdminAccount:
    """An administrator; made with a random password where there is none."""
    users = get_user_model().objects
    existing = users.filter(is_superuser=True).order_by("pk").first()
    if existing:
        return AdminAccount(existing, None)
    password = secrets.token_urlsafe(12)
    return AdminAccount(users.create_superuser("admin", password=password), password)


def add_demo_pictures(by: AbstractBaseUser) -> dict[str, SourceImage]:
    """One painted picture per emotion (by slug), and the free photographs an installed library carries."""
    painted = {}
    for emotion in EMOTIONS:
        picture, _ = actions.add_picture(
            data=demo.paint(emotion, DEMO_SEED),
            filename=f"{emotion.label} (painted)",
            title=f"{emotion.label} (painted)",
            alt_text=demo.describe_painting(emotion),
            licence="CC0 1.0",
            attribution="Painted by MelodyMuse",
            by=by,
        )
        painted[emotion.slug] = picture
    for photograph in demo.sample_photographs():
        actions.add_picture(
            data=photograph.data,
            filename=photograph.title,
            title=photograph.title,
            alt_text=photograph.alt_text,
            licence=photograph.licence,
            attribution=photograph.attribution,
            by=by,
        )
    return painted


def request_demo_run(by: AbstractBaseUser) -> GenerationRun:
    """The run of the demo pairs; asked for once."""
    existing = GenerationRun.objects.filter(reason=DEMO_REASON).order_by("pk").first()
    if existing:
        return existing
    painted = add_demo_pictures(by)
    return actions.request_run(
        pictures=list(painted.values()),
        emotions={picture.pk: slug for slug, picture in painted.items()},
        composer=DEMO_COMPOSER,
        seed=DEMO_SEED,
        reason=DEMO_REASON,
        by=by,
    )


def watch_run(run: GenerationRun, wait: Callable[[], None]) -> Iterator[queries.RunProgress]:
    """The progress of `run`, again and again until it is finished; `wait` is called in between."""
    while True:
        progress = queries.run_progress(run)
        yield progress
        if progress.is_finished:
            return
        wait()


def ensure_demo_study(run: GenerationRun, by: AbstractBaseUser) -> Study | None:
    """The published demo study of the run's ready pairs; None where none is ready."""
    existing = Study.objects.filter(slug=DEMO_STUDY).first()
    if existing:
        return existing
    versions = list(run.versions.filter(status=PairVersion.Status.READY).order_by("pk"))
    return create_demo_study(by=by, versions=versions) if versions else None
