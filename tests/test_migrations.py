"""Every migration of both apps, one after the other with rows in place, and a column that a later one adds."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps as today
from django.core.management import call_command
from django.db import DatabaseError, connection, migrations, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from generation import immutable
from generation.models import PairVersion
from melodymuse_site import triggers
from survey.models import Response, Stimulus, Study, freezing
from tests.survey.factories import make_researcher, make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
APPS = ("generation", "survey")
SHA256 = "ab" * 32
Key = tuple[str, str]
Row = tuple[str, str, dict[str, Any]]


@pytest.fixture
def empty() -> Iterator[None]:
    """Neither app has a table."""
    for rules in (immutable.rules, freezing.rules):
        triggers.drop(connection, rules)
    try:
        MigrationExecutor(connection).migrate([(app, None) for app in APPS])
        yield
    finally:
        call_command("migrate", verbosity=0)


def steps() -> list[Key]:
    """Every migration of both apps, in the order in which a new site takes them."""
    executor = MigrationExecutor(connection)
    leaves = [key for key in executor.loader.graph.leaf_nodes() if key[0] in APPS]
    return [(migration.app_label, migration.name) for migration, _ in executor.migration_plan(leaves)]


def take(step: Key) -> Any:
    """Take one step; the models as they are then."""
    MigrationExecutor(connection).migrate([step])
    loader = MigrationLoader(connection)
    return loader.project_state([key for key in loader.applied_migrations if key in loader.graph.nodes]).apps


class Rows:
    """Rows that are put in place on the way, and what they hold."""

    def __init__(self, owner: int) -> None:
        self.owner, self.put = owner, list[Row]()

    def add(self, apps: Any, app: str, model: str, **fields: Any) -> Any:
        row = apps.get_model(app, model).objects.create(**fields)
        held = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        self.put.append((app, model, held))
        return row


def put_pairs(rows: Rows, apps: Any) -> None:
    now = timezone.now()
    image = rows.add(
        apps, "generation", "SourceImage", file="pictures/a.png", sha256=SHA256, width=8, height=8, bytes=64, title="A"
    )
    emotion = apps.get_model("generation", "Emotion").objects.get(slug="awe")
    pair = rows.add(apps, "generation", "Pair", image=image, emotion=emotion)
    run = rows.add(apps, "generation", "GenerationRun", composer="paper", seed=1, requested_by_id=rows.owner)
    asked = {"pair": pair, "run": run, "composer": "paper", "seed": 7, "queued_at": now, "nudged_at": now}
    rows.add(apps, "generation", "PairVersion", number=1, **asked)
    rows.add(
        apps,
        "generation",
        "PairVersion",
        number=2,
        status="running",
        claim=uuid.uuid4(),
        lease_expires_at=now,
        started_at=now,
        attempts=2,
        step="rendering",
        **asked,
    )
    rows.add(apps, "generation", "PairVersion", number=3, status="ready", **_files(now), **asked)
    rows.add(apps, "generation", "ModelVersion", kind="composer", name="muse", version="1", artifact="a", sha256=SHA256)


def _files(now: Any) -> dict[str, Any]:
    return {
        "midi": "midi/a.mid",
        "midi_sha256": SHA256,
        "audio": "clips/a.mp3",
        "audio_sha256": SHA256,
        "audio_alternative": "clips/a.flac",
        "audio_alternative_sha256": SHA256,
        "loudness_lufs": -23.0,
        "duration_seconds": 28.0,
        "finished_at": now,
    }


def put_study(rows: Rows, apps: Any) -> None:
    now = timezone.now()
    version = apps.get_model("generation", "PairVersion").objects.get(status="ready")
    study = rows.add(
        apps,
        "survey",
        "Study",
        slug="a-study",
        title="A study",
        question="Which emotion?",
        owner_id=rows.owner,
        status="published",
        consent_text="Yes?",
        consent_sha256=SHA256,
        published_at=now,
    )
    choice = rows.add(apps, "survey", "StudyChoice", study=study, slug="awe", label="Awe", position=0)
    condition = rows.add(
        apps,
        "survey",
        "Condition",
        study=study,
        name="Music only",
        presentation="music_only",
        matching="not_applicable",
    )
    stimulus = rows.add(
        apps,
        "survey",
        "Stimulus",
        study=study,
        condition=condition,
        pair_version=version,
        emotion="awe",
        composer="paper",
        audio=version.audio,
        audio_sha256=SHA256,
    )
    person = rows.add(
        apps,
        "survey",
        "Participant",
        study=study,
        condition=condition,
        last_seen_at=now,
        consented_at=now,
        consent_sha256=SHA256,
        outcome="complete",
        completion_code="DONE",
        finished_at=now,
        background={"age": "30"},
        device="phone",
    )
    trial = rows.add(
        apps,
        "survey",
        "Trial",
        participant=person,
        stimulus=stimulus,
        position=0,
        clip_key=SHA256,
        assigned_at=now,
        lease_expires_at=now,
        answered_at=now,
    )
    rows.add(
        apps, "survey", "Response", trial=trial, choice=choice, confidence=4, word="calm", answered_at=now, seconds=9.5
    )
    rows.add(apps, "survey", "TrialEvent", trial=trial, sequence=0, kind="play", milliseconds=10)
    rows.add(apps, "survey", "Fill", stimulus=stimulus, answers=1)
    rows.add(apps, "survey", "AuditEntry", study=study, study_slug="a-study", action="publish")


def put_exports(rows: Rows, apps: Any) -> None:
    study, now = apps.get_model("survey", "Study").objects.get(), timezone.now()
    rows.add(apps, "survey", "ExportJob", study=study, status="running", started_at=now, rows_total=9)
    rows.add(apps, "survey", "ExportJob", study=study, status="failed", error="why", finished_at=now)


def put_imports(rows: Rows, apps: Any) -> None:
    rows.add(apps, "generation", "ClipImport", name="a.zip", status="running", attempts=1, total=9)
    rows.add(apps, "generation", "ClipImport", name="b.zip", status="refused", problems=[[2, "no"]], **_finished())


def _finished() -> dict[str, Any]:
    return {"finished_at": timezone.now()}


PUT: dict[Key, Callable[[Rows, Any], None]] = {
    ("generation", "0002_seed_emotions"): put_pairs,
    ("survey", "0001_initial"): put_study,
    ("survey", "0004_export_jobs"): put_exports,
    ("generation", "0005_imported_clips"): put_imports,
}


def test_an_index_that_a_run_cut_off_left_behind_is_made_anew(empty: None) -> None:
    """0029 takes no transaction: on PostgreSQL its indexes are made while people answer."""
    take(("survey", "0028_exports_with_media"))
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX people_by_outcome ON survey_participant (kind)")
    take(("survey", "0029_reading_one_study"))
    with connection.cursor() as cursor:
        made = connection.introspection.get_constraints(cursor, "survey_participant")["people_by_outcome"]
    assert made["columns"] == ["study_id", "kind", "outcome", "consented_at"]


def test_a_label_of_a_published_study_becomes_its_reading_and_a_draft_waits_for_its_own(empty: None) -> None:
    """0043 keeps what labels pictures then: with what people had taught a network, what it says by itself."""
    then = take(("survey", "0042_sides"))
    rows = Rows(make_researcher().pk)
    put_pairs(rows, then)
    put_study(rows, then)
    kind, stimuli = "image_emotion", then.get_model("survey", "Stimulus").objects
    versions = then.get_model("generation", "ModelVersion").objects
    trained = versions.create(kind=kind, name="muse", version="1", artifact="b", sha256="cd" * 32)
    manifest = {"base": {"name": "muse", "version": "1", "sha256": trained.sha256}}
    taught = versions.create(kind=kind, name="muse", version="1+a", artifact="c", sha256="ef" * 32, manifest=manifest)
    pictures = then.get_model("generation", "SourceImage").objects
    things = [{"name": "crane", "probability": 0.7}, {"name": "crane", "probability": 0.5}]
    seen = {"before": {"awe": 0.25}, "things": things}
    for number, fields in enumerate(
        (
            {"labelled_by": trained, "probabilities": {"awe": 0.5}},
            {"labelled_by": taught, "probabilities": {"awe": 0.75}, "seen": seen},
            {},
        )
    ):
        sha256 = f"{number}" * 64
        picture = pictures.create(file=f"pictures/{number}.png", sha256=sha256, width=8, height=8, bytes=64, **fields)
        for study in (stimuli.first().study, _draft(then, rows.owner, number)):
            cell, _ = study.conditions.get_or_create(
                name="Picture only", presentation="picture_only", matching="not_applicable"
            )
            stimuli.create(
                study=study,
                condition=cell,
                pair_version=stimuli.first().pair_version,
                picture=picture,
                picture_file=picture.file.name,
                picture_sha256=sha256,
                emotion="awe",
            )
    now = take(("survey", "0043_picture_readings"))
    shown = now.get_model("survey", "Stimulus").objects.order_by("pk")
    kept = list(shown.filter(study__status="published").values_list("picture_reading", flat=True))
    assert kept == [
        None,  # it is music
        {"network": trained.sha256, "probabilities": {"awe": 0.5}, "things": {}},
        {"network": trained.sha256, "probabilities": {"awe": 0.25}, "things": {"crane": 1.0}},
        None,
    ]
    assert shown.filter(picture_reading__isnull=False).count() == 2


def _draft(apps: Any, owner: int, number: int) -> Any:
    return apps.get_model("survey", "Study").objects.create(slug=f"draft-{number}", title="Draft", owner_id=owner)


def test_rows_of_the_first_release_come_to_the_last_step_by_step(empty: None) -> None:
    rows, order = Rows(make_researcher().pk), steps()
    assert set(PUT) <= set(order)
    for step in order:
        models_then = take(step)
        if step in PUT:
            PUT[step](rows, models_then)
    call_command("migrate", verbosity=0)
    for app, model, held in rows.put:
        kind = today.get_model(app, model)
        names = [field.attname for field in kind._meta.concrete_fields if field.attname in held]
        assert kind._base_manager.filter(pk=held["id"]).values(*names).get() == {name: held[name] for name in names}
    assert columns_that_differ() == {}
    study = Study.objects.get()
    refused(lambda: Study.objects.filter(pk=study.pk).update(title="Another"))
    refused(lambda: Stimulus.objects.update(emotion="joy"))
    refused(lambda: Response.objects.update(confidence=1))
    refused(lambda: PairVersion.objects.filter(status="ready").update(seed=1))


def columns_that_differ() -> dict[str, set[str]]:
    """Columns that a table has and its model has not, or the other way round."""
    found = {}
    for model in today.get_models(include_auto_created=True):
        if model._meta.app_label in APPS:
            with connection.cursor() as cursor:
                there = connection.introspection.get_table_description(cursor, model._meta.db_table)
            found[model._meta.label] = {one.name for one in there} ^ {one.column for one in model._meta.concrete_fields}
    return {label: columns for label, columns in found.items() if columns}


def refused(change: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match=r"frozen|never edited|immutable"), transaction.atomic():
        change()


@pytest.fixture
def later_release(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """A release whose models of studies, stimuli and answers have a field more; called, it migrates the site to it."""
    kept = (Study, Stimulus, Response)
    leaf = max(key for key in MigrationLoader(connection).graph.leaf_nodes() if key[0] == "survey")
    operations = [migrations.AddField(model.__name__.lower(), "mood", _mood()) for model in kept]
    thrown_away = type("Migration", (migrations.Migration,), {"dependencies": [leaf], "operations": operations})
    read = MigrationLoader.load_disk

    def read_one_more(self: MigrationLoader) -> None:
        read(self)
        self.disk_migrations["survey", "9999_mood"] = thrown_away("9999_mood", "survey")

    def migrate() -> None:
        monkeypatch.setattr(MigrationLoader, "load_disk", read_one_more)
        for model in kept:
            model.add_to_class("mood", _mood())
        call_command("migrate", verbosity=0)

    try:
        yield migrate
    finally:
        for model in kept:
            for field in [field for field in model._meta.local_fields if field.name == "mood"]:
                model._meta.local_fields.remove(field)
                model._meta._expire_cache()
                delattr(model, "mood")
        call_command("migrate", "survey", leaf[1], verbosity=0)


def _mood() -> models.CharField[str, str]:
    return models.CharField(max_length=10, default="calm")


def test_a_column_that_a_later_release_adds_is_frozen_like_the_others(later_release: Callable[[], None]) -> None:
    published, draft = make_study(), make_study(publish=False)
    Listener(published.slug).begin().send()
    later_release()
    assert {*Study.objects.values_list("mood", flat=True), *Response.objects.values_list("mood", flat=True)} == {"calm"}
    refused(lambda: Study.objects.filter(pk=published.pk).update(mood="wild"))
    refused(lambda: Stimulus.objects.filter(study=published).update(mood="wild"))
    refused(lambda: Response.objects.update(mood="wild"))
    assert Study.objects.filter(pk=draft.pk).update(mood="wild") == 1
    assert Study.objects.filter(pk=published.pk).update(quota=80) == 1
