"""Whose texts of a picture are whose: the uploader's and the administrators', on every way in; and what they tell."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from generation import actions
from generation.actions import EditRefused
from generation.models import SourceImage
from generation.queries import may_edit_picture
from tests.generation.factories import make_picture, make_researcher, picture_bytes
from tests.survey.factories import make_study, make_versions

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SENT = {"title": "Boat", "alt_text": "Waves", "licence": "", "attribution": ""}
# role → may it edit (its own picture, another researcher's, one without an uploader)
ROLES = {
    "uploader": (True, False, False),
    "former researcher": (False, False, False),
    "staff": (True, False, False),
    "admin": (True, True, True),
    "visitor": (False, False, False),
}


def make_person(role: str) -> Any:
    """Somebody of `role`; everyone but a visitor may look at pictures."""
    users = get_user_model().objects
    if role == "admin":
        return users.create_superuser("ada", password="x")
    if role == "visitor":
        return users.create_user("vera")
    person = make_researcher(role.replace(" ", "-"))
    if role == "staff":
        person.is_staff = True
        person.user_permissions.add(*Permission.objects.filter(content_type__model="sourceimage"))
        person.save()
    if role == "former researcher":
        person.is_active = False
        person.save()
    return person


def pictures_of(person: Any) -> list[SourceImage]:
    """Their own picture, another researcher's, one of nobody."""
    return [make_picture(40, by=person), make_picture(80, by=make_researcher("other")), make_picture(160)]


@pytest.mark.parametrize(("role", "may"), ROLES.items(), ids=list(ROLES))
def test_who_may_edit_on_the_page(role: str, may: tuple[bool, ...]) -> None:
    person = make_person(role)
    client = Client()
    client.force_login(person)
    for picture, allowed in zip(pictures_of(person), may, strict=True):
        response = client.post(picture.get_absolute_url(), SENT)
        picture.refresh_from_db()
        assert (picture.alt_text == "Waves") is allowed
        assert response.status_code == 302 if allowed else response.status_code in (302, 403)
        page = client.get(picture.get_absolute_url())
        assert (b'name="alt_text"' in page.content) is allowed


@pytest.mark.parametrize(("role", "may"), list(ROLES.items())[:4], ids=list(ROLES)[:4])
def test_who_may_edit_by_the_action_whatever_a_view_forgets(role: str, may: tuple[bool, ...]) -> None:
    person = make_person(role)
    for picture, allowed in zip(pictures_of(person), may, strict=True):
        assert may_edit_picture(person, picture) is allowed
        if allowed:
            actions.edit_picture(picture=picture, by=person, **SENT)
        else:
            with pytest.raises(EditRefused, match="Only who uploaded"):
                actions.edit_picture(picture=picture, by=person, **SENT)
        picture.refresh_from_db()
        assert (picture.alt_text == "Waves") is allowed


@pytest.mark.parametrize("role", ["staff", "admin"])
def test_who_may_edit_and_delete_in_the_administration(role: str) -> None:
    person = make_person(role)
    client = Client()
    client.force_login(person)
    for picture, allowed in zip(pictures_of(person), ROLES[role], strict=True):
        client.post(reverse("admin:generation_sourceimage_change", args=[picture.pk]), SENT)
        picture.refresh_from_db()
        assert (picture.alt_text == "Waves") is allowed
        client.post(reverse("admin:generation_sourceimage_delete", args=[picture.pk]), {"post": "yes"})
        assert SourceImage.objects.filter(pk=picture.pk).exists() is not allowed


def test_nobody_and_the_server() -> None:
    picture = make_picture()
    assert not may_edit_picture(AnonymousUser(), picture)
    actions.edit_picture(picture=picture, by=None, **SENT)
    assert SourceImage.objects.get().alt_text == "Waves"


def test_a_researcher_is_told_why_another_ones_texts_cannot_be_changed() -> None:
    client = Client()
    client.force_login(make_researcher("rosa"))
    picture = make_picture(by=make_researcher("other"))
    page = client.get(picture.get_absolute_url()).content.decode()
    assert "Only other and administrators may change these texts" in page
    refused = client.post(picture.get_absolute_url(), SENT)
    assert (refused.status_code, "Only who uploaded a picture" in refused.content.decode()) == (403, True)


def test_words_that_tell_are_shown_when_a_picture_is_added_and_edited() -> None:
    rosa = make_researcher("rosa")
    client = Client()
    client.force_login(rosa)
    file = SimpleUploadedFile("TraurigesKind.png", picture_bytes())
    page = client.post(reverse("pictures"), {"files": [file]}, follow=True).content.decode()
    assert "Its title names an emotion: “Trauriges” (sadness, German)" in page
    picture = SourceImage.objects.get()
    page = client.post(picture.get_absolute_url(), {**SENT, "alt_text": "Une colère"}, follow=True).content.decode()
    assert "Saved. The description names an emotion: “colère” (anger, French)" in page
    assert page.count("“colère” (anger, French)") == 2
    page = client.post(picture.get_absolute_url(), SENT, follow=True).content.decode()
    assert "names an emotion" not in page


def test_a_picture_says_which_studies_keep_a_copy_of_its_description() -> None:
    versions = make_versions(2)
    make_study(versions=versions)
    make_study(versions=versions)
    make_study(versions=versions, publish=False)
    client = Client()
    client.force_login(make_researcher("rosa"))
    page = client.get(versions[0].pair.image.get_absolute_url()).content.decode()
    assert "Shown by 2 published studies, which keep a copy of the description" in page
    assert "Chosen for 1 draft, which takes the description as it is on the day of publishing" in page
