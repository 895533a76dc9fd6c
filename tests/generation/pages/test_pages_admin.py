"""The administration of generation."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from generation.models import GenerationRun, ModelVersion, PairVersion, SourceImage
from tests.generation.factories import make_picture, make_run, only_version, picture_bytes
from tests.generation.finished import finish_version

pytestmark = pytest.mark.django_db
LISTS = ["emotion", "sourceimage", "modelversion", "generationrun", "pair", "pairversion"]


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


@pytest.fixture
def ready() -> PairVersion:
    return finish_version(only_version(make_run([make_picture()])))


def register(name: str, *, default: bool) -> ModelVersion:
    return ModelVersion.objects.create(
        kind="composer", name=name, version="1", artifact="somewhere", sha256="0" * 64, is_default=default
    )


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens(admin: Client, ready: PairVersion, name: str) -> None:
    register("muse", default=True)
    assert admin.get(reverse(f"admin:generation_{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_every_row_opens(admin: Client, ready: PairVersion, name: str) -> None:
    register("muse", default=True)
    from django.apps import apps

    row = apps.get_model("generation", name).objects.first()
    assert admin.get(reverse(f"admin:generation_{name}_change", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("name", ["emotion", "modelversion", "generationrun", "pair", "pairversion"])
def test_what_is_immutable_offers_no_adding(admin: Client, name: str) -> None:
    assert admin.get(reverse(f"admin:generation_{name}_add")).status_code == 403


@pytest.mark.parametrize("name", ["pairversion", "pair", "generationrun"])
def test_the_regenerate_action_makes_a_new_version_and_keeps_the_old(
    admin: Client, ready: PairVersion, name: str
) -> None:
    row = {"pairversion": ready, "pair": ready.pair, "generationrun": ready.run}[name]
    response = admin.post(
        reverse(f"admin:generation_{name}_changelist"), {"action": "regenerate", "_selected_action": [row.pk]}
    )
    assert response["Location"] == GenerationRun.objects.first().get_absolute_url()
    assert list(ready.pair.versions.values_list("number", "status")) == [(2, "queued"), (1, "ready")]


def test_a_picture_is_added_through_the_same_intake(admin: Client) -> None:
    sent = {"upload": SimpleUploadedFile("boat.png", picture_bytes()), "title": "Boat"}
    response = admin.post(reverse("admin:generation_sourceimage_add"), sent)
    assert response.status_code == 302
    assert [picture.title for picture in SourceImage.objects.all()] == ["Boat"]


@pytest.mark.parametrize("data", [b"no picture", b""])
def test_a_file_that_is_no_picture_is_refused_in_the_form(admin: Client, data: bytes) -> None:
    sent = {"upload": SimpleUploadedFile("boat.png", data)}
    response = admin.post(reverse("admin:generation_sourceimage_add"), sent)
    assert (response.status_code, SourceImage.objects.count()) == (200, 0)
    assert response.context["errors"]


def test_a_known_picture_is_named(admin: Client) -> None:
    make_picture(50)
    sent = {"upload": SimpleUploadedFile("again.png", picture_bytes(50))}
    page = admin.post(reverse("admin:generation_sourceimage_add"), sent).content.decode()
    assert "already in the library as “50.png”" in page


def test_the_description_of_a_picture_is_edited(admin: Client) -> None:
    picture = make_picture()
    sent = {"title": "Sea", "alt_text": "Waves.", "licence": "", "attribution": ""}
    admin.post(reverse("admin:generation_sourceimage_change", args=[picture.pk]), sent)
    picture.refresh_from_db()
    assert (picture.title, picture.alt_text) == ("Sea", "Waves.")


def test_a_picture_with_music_cannot_be_deleted(admin: Client, ready: PairVersion) -> None:
    address = reverse("admin:generation_sourceimage_delete", args=[ready.pair.image.pk])
    assert admin.post(address, {"post": "yes"}).status_code == 403


def test_another_network_is_put_to_use(admin: Client) -> None:
    old, new = register("old", default=True), register("new", default=False)
    admin.post(reverse("admin:generation_modelversion_changelist"), {"action": "serve", "_selected_action": [new.pk]})
    assert list(ModelVersion.objects.filter(is_default=True)) == [new]
    assert not ModelVersion.objects.get(pk=old.pk).is_default


def test_two_networks_of_one_kind_cannot_serve_at_once(admin: Client) -> None:
    old, new = register("old", default=True), register("new", default=False)
    admin.post(
        reverse("admin:generation_modelversion_changelist"),
        {"action": "serve", "_selected_action": [old.pk, new.pk]},
    )
    assert list(ModelVersion.objects.filter(is_default=True)) == [old]
