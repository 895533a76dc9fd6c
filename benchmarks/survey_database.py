"""The database behind `benchmarks/survey.py`: `prepare` it, make a `study`, `count` what was stored."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections import Counter
from pathlib import Path

from benchmarks.stimuli import make_parts

CLIP_BYTES = 480_000
CLIPS = 240


def prepare() -> None:
    """Tables, static files, and 240 clips as long in bytes as real ones."""
    from django.conf import settings
    from django.core.management import call_command

    with contextlib.redirect_stdout(io.StringIO()):
        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
    clips = Path(settings.MEDIA_ROOT) / "clips"
    clips.mkdir(parents=True)
    (clips / "0.mp3").write_bytes(os.urandom(CLIP_BYTES))


def make_study(clips: int) -> str:
    """The slug of a freshly published study."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from survey.models import Study

    owner, _ = get_user_model().objects.get_or_create(username="benchmark")
    number = Study.objects.count() + 1
    study = Study.objects.create(
        slug=f"benchmark-{number}",
        title="Benchmark",
        owner=owner,
        consent_text="I agree to take part.",
        question="Which emotion does the music express?",
        clips_per_participant=clips,
        ask_background=False,
        require_listening=False,  # nobody waits as long as the clips last
    )
    make_parts(study, CLIPS)
    # Publishing would compare every clip with its hash; these are noise of the right length.
    Study.objects.filter(pk=study.pk).update(
        status=Study.Status.PUBLISHED, published_at=timezone.now(), consent_sha256="0" * 64
    )
    return str(study.slug)


def count(slug: str, tokens: set[str]) -> tuple[int, int]:
    """(acknowledged answers that are stored, answers stored more than once)"""
    from survey.models import Response

    stored = Counter(
        Response.objects.filter(trial__participant__study__slug=slug).values_list("trial__token", flat=True)
    )
    return len(tokens & set(stored)), sum(times > 1 for times in stored.values())


if __name__ == "__main__":
    import django

    django.setup()
    match sys.argv[1:]:
        case ["prepare"]:
            prepare()
        case ["study", clips]:
            print(make_study(int(clips)))
        case ["count", slug, path]:
            print(*count(slug, set(Path(path).read_text().split())))
