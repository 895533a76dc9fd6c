"""Every action on pictures, runs and models beside every other one, twenty at once: done, or refused in words."""

from __future__ import annotations

import itertools
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from pytest_django import Settings

from generation import actions
from generation.models import GenerationRun, ModelVersion, Pair, PairVersion, SourceImage
from generation.networks.artifacts import shipped_artifacts
from melodymuse_site.turns import Gone
from tests.generation.factories import make_picture, make_researcher, make_run, picture_bytes
from tests.racing import race

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

ACTIONS: dict[str, Any] = {
    "add_picture": lambda w, i: actions.add_picture(data=picture_bytes(7), filename="new.png", by=w.by),
    "edit_picture": lambda w, i: actions.edit_picture(
        picture=w.picture, title=f"Title {i}", alt_text="A plain area", licence="", attribution="", by=w.by
    ),
    "relabel_picture": lambda w, i: actions.relabel_picture(picture=w.picture, by=w.by),
    "request_run": lambda w, i: make_run([w.picture, w.other]),
    "request_run backwards": lambda w, i: make_run([w.other, w.picture]),
    "regenerate": lambda w, i: actions.regenerate(versions=w.run.versions.all(), reason="Again", by=w.by),
    "cancel_run": lambda w, i: actions.cancel_run(run=w.run, by=w.by),
    "retry_failed": lambda w, i: actions.retry_failed(run=w.run, by=w.by),
    "make_default": lambda w, i: actions.make_default(model=w.models[i % len(w.models)], by=w.by),
    "register_models": lambda w, i: actions.register_models(folders=shipped_artifacts()[:1], by=w.by),
    "sketch": lambda w, i: actions.sketch(
        picture=w.picture, emotion="awe", target=None, composer="paper", seed=i, by=w.by
    ),
    "send_to_library": lambda w, i: actions.send_to_library(version=w.run.versions.first(), by=w.by),
    "request_import": lambda w, i: actions.request_import(
        archive=SimpleUploadedFile("clips.zip", b"PK"), licence="", by=w.by
    ),
}


@pytest.fixture
def ground(settings: Settings, tmp_path: Any) -> SimpleNamespace:
    settings.MEDIA_ROOT = settings.DATA_DIR = tmp_path
    actions.register_models(folders=shipped_artifacts(), by=None)
    kind = ModelVersion.Kind.IMAGE_EMOTION
    return SimpleNamespace(by=make_researcher(), models=list(ModelVersion.objects.filter(kind=kind)))


def build_world(ground: SimpleNamespace, number: int) -> SimpleNamespace:
    picture, other = make_picture(10 + 2 * number), make_picture(11 + 2 * number)
    SourceImage.objects.filter(pk=picture.pk).update(uploader=ground.by)
    picture.refresh_from_db()
    return SimpleNamespace(**vars(ground), picture=picture, other=other, run=make_run([picture, other]))


def check_world(ground: SimpleNamespace) -> list[str]:
    wrong = []
    if any(count > 1 for count in Counter(Pair.objects.values_list("image", "emotion")).values()):
        wrong.append("a pair is there twice")
    if any(count > 1 for count in Counter(PairVersion.objects.values_list("pair", "number")).values()):
        wrong.append("a number was given twice")
    if any(count > 1 for count in Counter(SourceImage.objects.values_list("sha256", flat=True)).values()):
        wrong.append("a picture is there twice")
    if ModelVersion.objects.filter(kind=ground.models[0].kind, is_default=True).count() != 1:
        wrong.append("not one network serves")
    if GenerationRun.objects.filter(requested_by=ground.by, options__sketch=True).count() > actions.MOST_OPEN_SKETCHES:
        wrong.append("more pieces are being made for one person than may be")
    connection.check_constraints()
    return wrong


def run_pairs(ground: SimpleNamespace, pairs: Any) -> None:
    failed = {}
    for number, (first, second) in enumerate(pairs):
        GenerationRun.objects.filter(options__sketch=True).update(options={})
        ended = race(ACTIONS[first], ACTIONS[second], build_world(ground, number))
        wrong = [*(text for text in ended if text not in {"done", "refused"}), *check_world(ground)]
        if wrong or not ended["done"]:
            failed[first, second] = wrong or "nobody was let through"
    assert failed == {}


@pytest.mark.slow
def test_every_action_beside_itself_and_two_runs_that_cross(ground: SimpleNamespace) -> None:
    run_pairs(ground, [*((name, name) for name in ACTIONS), ("request_run", "request_run backwards")])


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_every_action_beside_every_other(ground: SimpleNamespace) -> None:
    run_pairs(ground, list(itertools.combinations(ACTIONS, 2)))


def test_a_run_with_a_picture_just_deleted_is_refused_at_once_and_logs_no_error(
    ground: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    for ask in ("request_run", "sketch"):
        world = SimpleNamespace(by=ground.by, picture=make_picture(90), other=make_picture(91))
        SourceImage.objects.filter(pk=world.picture.pk).delete()
        with pytest.raises(Gone, match="does not exist any more"):
            ACTIONS[ask](world, 1)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_an_action_of_somebody_just_deleted_is_refused_and_logs_no_error(
    ground: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    world = build_world(ground, 91)
    somebody = make_researcher("gone")
    key = somebody.pk
    somebody.delete()
    somebody.pk = key
    with pytest.raises(Gone, match="does not exist any more"):
        actions.add_picture(data=picture_bytes(8), filename="new.png", by=somebody)
    assert world.picture.pk
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
