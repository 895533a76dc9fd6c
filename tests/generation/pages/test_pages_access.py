"""Who may open which page of generation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generation.models import GenerationRun, PairVersion
from tests.generation.factories import make_picture, make_run

GET_PAGES = [
    "pictures",
    "picture_labels",
    "picture",
    "runs",
    "run_new",
    "run",
    "run_progress",
    "pairs",
    "pair_version",
    "pair_version_state",
]
POST_PAGES = ["pictures", "picture", "picture_relabel", "run_new", "run_cancel", "run_retry", "pairs_regenerate"]


@pytest.fixture
def address(db: None) -> Callable[[str], str]:
    """Address of a page by its name, with a picture, a run and a version that exist."""
    picture = make_picture()
    run = make_run([picture])
    version = PairVersion.objects.get()
    ids = {"picture": picture, "picture_relabel": picture, "pair_version": version, "pair_version_state": version}

    def build(name: str) -> str:
        if name in ("pictures", "picture_labels", "runs", "run_new", "pairs", "pairs_regenerate"):
            return reverse(name) + (f"?picture={picture.public_id}" if name in ("run_new", "picture_labels") else "")
        return reverse(name, args=[ids.get(name, run).public_id])

    return build


@pytest.mark.parametrize("name", GET_PAGES)
def test_strangers_are_sent_to_the_login_page(stranger: Client, address: Callable[[str], str], name: str) -> None:
    response = stranger.get(address(name))
    assert (response.status_code, response["Location"].partition("?")[0]) == (302, reverse("login"))


@pytest.mark.parametrize("name", GET_PAGES)
def test_people_without_the_right_are_told_so(visitor: Client, address: Callable[[str], str], name: str) -> None:
    response = visitor.get(address(name))
    assert response.status_code == 403
    if not name.endswith(("labels", "progress", "state")):
        assert "You may not open this page" in response.content.decode()


@pytest.mark.parametrize("name", GET_PAGES)
def test_researchers_may_open_every_page(researcher: Client, address: Callable[[str], str], name: str) -> None:
    assert researcher.get(address(name)).status_code == 200


@pytest.mark.parametrize("name", POST_PAGES)
def test_strangers_change_nothing(stranger: Client, address: Callable[[str], str], name: str) -> None:
    response = stranger.post(address(name))
    assert (response.status_code, response["Location"].partition("?")[0]) == (302, reverse("login"))


@pytest.mark.parametrize("name", POST_PAGES)
def test_people_without_the_right_change_nothing(visitor: Client, address: Callable[[str], str], name: str) -> None:
    assert visitor.post(address(name)).status_code == 403


@pytest.mark.parametrize("name", ["picture_relabel", "run_cancel", "run_retry", "pairs_regenerate"])
def test_following_a_link_changes_nothing(researcher: Client, address: Callable[[str], str], name: str) -> None:
    before = GenerationRun.objects.count(), PairVersion.objects.count()
    assert researcher.get(address(name)).status_code == 302
    assert (GenerationRun.objects.count(), PairVersion.objects.count()) == before


def test_a_page_that_does_not_exist_says_so(researcher: Client) -> None:
    response = researcher.get("/pairs/00000000-0000-4000-8000-000000000000/")
    assert response.status_code == 404
    assert "This page does not exist" in response.content.decode()


@pytest.mark.django_db
def test_login_after_being_sent_away_leads_back() -> None:
    from tests.generation.factories import make_researcher

    make_researcher("ada")
    client = Client()
    sent = client.get(reverse("runs"))
    response = client.post(sent["Location"], {"username": "ada", "password": "correct horse battery", "next": "/runs/"})
    assert (response.status_code, response["Location"]) == (302, "/runs/")


@pytest.mark.django_db
def test_a_wrong_password_gets_a_sentence(stranger: Client) -> None:
    page = stranger.post(reverse("login"), {"username": "ada", "password": "wrong"}).content.decode()
    assert "do not belong together" in page
