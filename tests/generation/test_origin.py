"""Made here or imported: a word on the row, kept by the database, and right for what older databases hold."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from generation.models import GenerationRun, PairVersion
from melodymuse_site.turns import in_turn
from tests.generation.factories import make_picture, make_run, only_version

BEFORE, AFTER = "0009_one_length", "0011_origin_rules"


def migrate(name: str) -> Any:
    """The models as they were after the migration `name`, with the database brought there as people bring it."""
    call_command("migrate", "generation", name, verbosity=0)
    return MigrationExecutor(connection).loader.project_state([("generation", name)]).apps


@pytest.fixture
def before() -> Iterator[Any]:
    """The database as the last release left it; brought back to the present afterwards."""
    yield migrate(BEFORE)
    call_command("migrate", verbosity=0)


def store_old_rows(apps: Any) -> None:
    """A clip of `muse`, and one imported from a system, as they stood in a database without the word."""
    models = {name: apps.get_model("generation", name) for name in ("Emotion", "GenerationRun", "Pair", "PairVersion")}
    pair = models["Pair"].objects.create(emotion=models["Emotion"].objects.get(slug="awe"))
    now = timezone.now()
    for number, (composer, facts) in enumerate(
        {
            "muse": {"seed": 7, "midi": "midi/a.mid", "midi_sha256": "a" * 64},
            "emelodygen": {"source_sha256": "b" * 64},
        }.items(),
        start=1,
    ):
        run = models["GenerationRun"].objects.create(public_id=uuid.uuid4(), composer=composer, seed=facts.get("seed"))
        models["PairVersion"].objects.create(
            public_id=uuid.uuid4(),
            pair=pair,
            run=run,
            number=number,
            composer=composer,
            status="ready",
            queued_at=now,
            nudged_at=now,
            finished_at=now,
            audio="clips/a.mp3",
            audio_sha256="c" * 64,
            audio_alternative="clips/a.flac",
            loudness_lufs=-23.0,
            **facts,
        )


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_clips_of_the_last_release_are_told_apart_as_they_were(before: Any) -> None:
    in_turn(store_old_rows)(before)
    now = migrate(AFTER)
    for name in ("GenerationRun", "PairVersion"):
        rows = now.get_model("generation", name).objects.order_by("pk").values_list("composer", "origin")
        assert list(rows) == [("muse", "made"), ("emelodygen", "imported")]


@pytest.mark.database
@pytest.mark.django_db
def test_a_clip_is_made_or_imported_and_nothing_in_between() -> None:
    version = only_version(make_run([make_picture()]))
    assert (version.origin, version.run.origin, version.is_imported) == ("made", "made", False)
    for rows in (PairVersion.objects.filter(pk=version.pk), GenerationRun.objects.filter(pk=version.run_id)):
        for origin in ("imported", "found"):
            with pytest.raises(IntegrityError), transaction.atomic():
                rows.update(origin=origin)
