"""What a first `make run` puts on the site: models, an admin account, pictures, pairs and a study."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from generation import actions, queries
from generation.emotions import EMOTIONS
from generation.images import demo
from generation.models import IN_FRONT, GenerationRun, PairVersion, SourceImage
from survey.actions import create_demo_study
from survey.actions.demo import DEMO_STUDY
from survey.models import Study

DEMO_SEED = 2026
# Why each demo run was asked for, by composer; the newest version of a pair is the better one.
DEMO_REASONS = {
    "paper": "Demo: one pair for each emotion, as the seed study made them",
    "muse": "Demo: one pair for each emotion",
}
TWO_PICTURES = "Demo: one emotion, two photographs that sound different"
TWO_PICTURES_EMOTION = "contentment"
FRONT_PAIRS = "Demo: pairs for the front page"
FRONT_COMPOSER = "muse-2"
# Photographs for the front page, by title, which no study of the demo shows.
FRONT_EMOTIONS = {
    "Launch of a Falcon 9": "excitement",
    "Photographer on a lawn": "sadness",
    "Chelsea the cat": "amusement",
}


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


def add_demo_pictures(by: AbstractBaseUser) -> tuple[dict[str, SourceImage], list[SourceImage]]:
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
    photographs = []
    for photograph in demo.sample_photographs():
        picture, _ = actions.add_picture(
            data=photograph.data,
            filename=photograph.title,
            title=photograph.title,
            alt_text=photograph.alt_text,
            licence=photograph.licence,
            attribution=photograph.attribution,
            by=by,
        )
        photographs.append(picture)
    return painted, photographs


def request_demo_runs(by: AbstractBaseUser) -> list[GenerationRun]:
    """The runs of the demo pairs, each asked for once.

    One per composer, one that lets two pictures be compared, and one for the front page.
    """
    reasons = [*DEMO_REASONS.values(), TWO_PICTURES, FRONT_PAIRS]
    existing = {run.reason: run for run in GenerationRun.objects.filter(reason__in=reasons)}
    if len(existing) < len(reasons):
        painted, photographs = add_demo_pictures(by)
        intended = {picture: slug for slug, picture in painted.items()}
        compared = dict.fromkeys(photographs[:2], TWO_PICTURES_EMOTION)
        in_front = {one: FRONT_EMOTIONS[one.title] for one in photographs if one.title in FRONT_EMOTIONS}
        wanted = [
            *((reason, composer, intended) for composer, reason in DEMO_REASONS.items()),
            (TWO_PICTURES, "muse", compared),
            (FRONT_PAIRS, FRONT_COMPOSER, in_front),
        ]
        for reason, composer, emotions in wanted:
            if reason not in existing and emotions:
                existing[reason] = actions.request_run(
                    pictures=list(emotions),
                    emotions={picture.pk: slug for picture, slug in emotions.items()},
                    composer=composer,
                    seed=DEMO_SEED,
                    reason=reason,
                    options={IN_FRONT: True} if reason == FRONT_PAIRS else None,
                    by=by,
                )
    return [existing[reason] for reason in reasons if reason in existing]


def watch_runs(runs: Sequence[GenerationRun], wait: Callable[[], None]) -> Iterator[list[queries.RunProgress]]:
    """The progress of `runs`, again and again until all are finished; `wait` is called in between."""
    while True:
        progress = [queries.run_progress(run) for run in runs]
        yield progress
        if all(one.is_finished for one in progress):
            return
        wait()


def ensure_demo_study(by: AbstractBaseUser) -> Study | None:
    """The published demo study of the ready demo pairs; None where none is ready."""
    existing = Study.objects.filter(slug=DEMO_STUDY).first()
    if existing:
        return existing
    ready = PairVersion.objects.filter(run__reason__in=DEMO_REASONS.values(), status=PairVersion.Status.READY)
    versions = list(ready.select_related("pair__image", "pair__emotion").order_by("pk"))
    # Clips of an older MelodyMuse may have other lengths, and a study holds clips of one length.
    alike = [version for version in versions if version.duration_seconds == versions[-1].duration_seconds]
    return create_demo_study(by=by, versions=alike) if alike else None
