"""Every action on pictures, runs, clips and networks says who did it, in the log that administrators read."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from generation import actions, queries
from generation.importing.storing import import_manifest
from generation.models import ActionRecord, ListeningSeries, ModelVersion, SourceImage
from generation.networks.artifacts import shipped_artifacts
from tests.generation.factories import make_picture, make_researcher, make_run, picture_bytes
from tests.generation.importing import write_manifest, write_sound
from tests.generation.listening.clips import make_composed, make_played

pytestmark = pytest.mark.django_db


def every_action() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Name and function of everything public that the rooms of `generation.actions` define."""
    for room in pkgutil.iter_modules(actions.__path__):
        module = importlib.import_module(f"generation.actions.{room.name}")
        for name, found in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("_") and found.__module__ == module.__name__:
                yield name, found


def start_series(by: AbstractBaseUser) -> ListeningSeries:
    make_played("awe")
    make_composed("awe")
    return actions.start_listening(composer="muse", version="muse 1.0", system="pianists", pairs=1, by=by)


# How each is done to a world of one picture, one run, one network; all by the same person.
DONE: dict[str, Callable[[SimpleNamespace], Any]] = {
    "add_picture": lambda w: actions.add_picture(data=picture_bytes(7), filename="new.png", by=w.by),
    "add_sketch_picture": lambda w: actions.add_sketch_picture(data=picture_bytes(8), filename="new.png", by=w.by),
    "edit_picture": lambda w: actions.edit_picture(
        picture=w.picture, title="Meadow", alt_text="", licence="CC0", attribution="", by=w.by
    ),
    "delete_picture": lambda w: actions.delete_picture(picture=make_picture(77, by=w.by), by=w.by),
    "relabel_picture": lambda w: actions.relabel_picture(picture=w.picture, by=w.by),
    "request_run": lambda w: actions.request_run(
        pictures=[w.picture], emotions={w.picture.pk: "awe"}, composer="paper", seed=3, by=w.by
    ),
    "request_runs": lambda w: actions.request_runs(
        pictures=[w.picture], emotions={w.picture.pk: "awe"}, composer="paper", seed=3, by=w.by
    ),
    "regenerate": lambda w: actions.regenerate(versions=w.run.versions.all(), reason="Again", by=w.by),
    "cancel_run": lambda w: actions.cancel_run(run=w.run, by=w.by),
    "retry_failed": lambda w: actions.retry_failed(run=w.run, by=w.by),
    "retry_parked": lambda w: actions.retry_parked(run=w.run, by=w.by),
    "register_models": lambda w: actions.register_models(folders=shipped_artifacts("composer"), by=w.by),
    "make_default": lambda w: actions.make_default(model=w.network, by=w.by),
    "request_import": lambda w: actions.request_import(
        archive=SimpleUploadedFile("clips.zip", b"PK"), licence="CC0", by=w.by
    ),
    "sketch": lambda w: actions.sketch(
        picture=w.picture, emotion="awe", target=None, composer="paper", seed=1, by=w.by
    ),
    "send_to_library": lambda w: actions.send_to_library(version=w.run.versions.get(), by=w.by),
    "start_listening": lambda w: start_series(w.by),
    "answer_pair": lambda w: actions.answer_pair(
        token=start_series(w.by).trials.get().token, chosen="first", preferred="", seconds=[9.0, 9.0], by=w.by
    ),
    "stop_listening": lambda w: actions.stop_listening(series=start_series(w.by), by=w.by),
}
# What is said of an action that others also do, or of what it is made of.
SAID_AS = {"add_sketch_picture": "add_picture", "request_runs": "request_run", "sketch": "request_run"}


@pytest.fixture
def world(settings: Settings, tmp_path: Any) -> SimpleNamespace:
    settings.MEDIA_ROOT = settings.DATA_DIR = tmp_path
    by = make_researcher()
    actions.register_models(folders=shipped_artifacts("image_emotion"), by=None)
    network = ModelVersion.objects.filter(kind="image_emotion", is_default=False)[0]
    picture = make_picture(by=by)
    run = make_run([picture])
    ActionRecord.objects.all().delete()
    return SimpleNamespace(by=by, picture=picture, run=run, network=network)


@pytest.mark.parametrize(("name", "action"), [pytest.param(*found, id=found[0]) for found in every_action()])
def test_every_action_is_done_by_somebody_and_recorded(
    name: str, action: Callable[..., Any], world: SimpleNamespace
) -> None:
    by = inspect.signature(action).parameters.get("by")
    assert by is not None, f"{name} does not ask who does it"
    assert (by.kind, by.default) == (by.KEYWORD_ONLY, by.empty)
    DONE[name](world)
    said = ActionRecord.objects.filter(action=SAID_AS.get(name, name))
    assert said.count() >= 1, f"{name} leaves no line in the log"
    assert {(line.actor, line.actor_name) for line in ActionRecord.objects.all()} == {(world.by, "rosa")}


def test_the_package_offers_every_action() -> None:
    assert {name for name, _ in every_action()} == {name for name in actions.__all__ if name.islower()}


def last() -> ActionRecord:
    return ActionRecord.objects.latest("pk")


@pytest.mark.database
def test_the_log_says_who_changed_the_default_network_and_from_which(world: SimpleNamespace) -> None:
    before = queries.default_model("image_emotion")
    actions.make_default(model=world.network, by=world.by)
    line = last()
    assert (line.action, line.kind, line.key) == ("make_default", "model version", str(world.network.pk))
    assert (line.about, line.detail) == (str(world.network), {"network": "image_emotion", "before": str(before)})


@pytest.mark.database
def test_the_log_says_what_was_changed_of_a_picture(world: SimpleNamespace) -> None:
    words = {"alt_text": "", "licence": "CC0", "attribution": ""}
    actions.edit_picture(picture=world.picture, title=world.picture.title, by=world.by, **words)
    line = last()
    assert (line.action, line.key) == ("edit_picture", str(world.picture.public_id))
    assert line.detail == {"changed": {"licence": ["", "CC0"]}}


def test_what_is_refused_leaves_no_line(world: SimpleNamespace) -> None:
    with pytest.raises(actions.EditRefused):
        actions.delete_picture(picture=world.picture, by=make_researcher("eva"))
    with pytest.raises(ProtectedError):
        actions.delete_picture(picture=world.picture, by=world.by)
    words = {"title": "x", "alt_text": "", "licence": "", "attribution": ""}
    with pytest.raises(actions.EditRefused):
        actions.edit_picture(picture=world.picture, by=make_researcher("max"), **words)
    with pytest.raises(actions.RunRefused):
        actions.request_run(pictures=[], composer="paper", by=world.by)
    assert not ActionRecord.objects.exists()


def test_registering_what_is_registered_says_nothing(world: SimpleNamespace) -> None:
    actions.register_models(folders=shipped_artifacts("image_emotion"), by=world.by)
    assert not ActionRecord.objects.exists()


@pytest.mark.database
def test_an_import_says_who_brought_how_many_clips_of_which_system(world: SimpleNamespace, tmp_path: Any) -> None:
    write_sound(tmp_path / "sent" / "a.wav", seconds=1.5)
    rows = [{"file": "a.wav", "emotion": "awe", "system": "emelodygen"}]
    (run,) = import_manifest(write_manifest(tmp_path / "sent", rows), by=world.by).runs
    line = last()
    assert (line.action, line.actor, line.key) == ("import_clips", world.by, str(run.public_id))
    assert line.detail == {"composer": "emelodygen", "clips": 1}


@pytest.mark.database
def test_the_line_stays_when_account_and_picture_are_gone(world: SimpleNamespace) -> None:
    actions.relabel_picture(picture=world.picture, by=world.by)
    world.run.versions.all().delete()
    world.picture.pairs.all().delete()
    SourceImage.objects.all().delete()
    world.by.delete()
    line = ActionRecord.objects.get()
    assert (line.actor, line.actor_name, line.about) == (None, "rosa", str(world.picture))


def test_administrators_read_the_log_and_nobody_writes_it(world: SimpleNamespace, admin_client: Client) -> None:
    actions.make_default(model=world.network, by=world.by)
    actions.relabel_picture(picture=world.picture, by=None)
    page = admin_client.get(reverse("admin:generation_actionrecord_changelist")).content.decode()
    assert "rosa" in page
    assert "the server" in page
    line = last()
    change = reverse("admin:generation_actionrecord_change", args=[line.pk])
    assert admin_client.get(change).status_code == 200
    assert admin_client.post(change, {"action": "other"}).status_code == 403
    assert admin_client.post(reverse("admin:generation_actionrecord_delete", args=[line.pk])).status_code == 403


def test_a_picture_deleted_in_the_administration_is_in_the_log(world: SimpleNamespace, admin_client: Client) -> None:
    picture = make_picture(77, by=world.by)
    admin_client.post(reverse("admin:generation_sourceimage_delete", args=[picture.pk]), {"post": "yes"})
    assert not SourceImage.objects.filter(pk=picture.pk).exists()
    assert (last().action, last().actor_name, last().key) == ("delete_picture", "admin", str(picture.public_id))
