"""Every page is in one language, and says which: also what participants meet when something goes wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client

from melodymuse_site.turns import Gone
from survey.models import Participant
from tests.survey.factories import make_study

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _ in site_settings.LANGUAGES]
HEADINGS = {
    "lost": ("This page does not exist", "Diese Seite gibt es nicht", "Cette page n’existe pas"),
    "old": ("This form is too old", "Dieses Formular ist zu alt", "Ce formulaire est trop ancien"),
    "refused": ("That did not work", "Das hat nicht geklappt", "Cela n’a pas fonctionné"),
}
ENGLISH = re.compile(r"\b(the|this|Log in|Skip|again|content)\b")


def lang(page: str) -> str:
    return re.search(r'<html lang="([\w-]+)"', page)[1]  # type: ignore[index]


def text(page: str) -> str:
    return re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", ["lost", "old", "refused"])
def test_what_goes_wrong_below_a_study_is_told_in_the_visitors_language(
    what: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = make_study(language=language)
    client = Client(headers={"accept-language": language}, enforce_csrf_checks=True)
    address = f"/study/{study.slug}/"
    if what == "lost":
        response = client.get(f"{address}nothing/")
    elif what == "old":
        response = client.post(address)
    else:

        def be_gone(*_args: Any, **_named: Any) -> None:
            raise Gone

        monkeypatch.setattr("survey.views.participant.find_previewed", be_gone)
        response = client.get(address)
    page = response.content.decode()
    assert response.status_code == {"lost": 404, "old": 403, "refused": 409}[what]
    assert lang(page) == language
    if language in ("en", "de", "fr"):
        assert HEADINGS[what][("en", "de", "fr").index(language)] in page
    if language != "en":
        assert ENGLISH.findall(text(page)) == []
    assert Participant.objects.count() == 0


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/", 200),
        ("get", "/nothing/", 404),
        ("post", "/accounts/login/", 403),
        ("get", "/accounts/login/", 200),
        ("get", "/accounts/password_reset/", 200),
        ("get", "/study/demo/?a=%00", 400),
        ("get", "/study/" + "a" * 300, 404),
        ("get", "/study/nothing-here/", 404),
    ],
)
def test_what_has_english_texts_alone_says_so_whatever_the_browser_prefers(
    method: str, address: str, status: int
) -> None:
    client = Client(headers={"accept-language": "de"}, enforce_csrf_checks=True)
    response = getattr(client, method)(address)
    page = response.content.decode()
    assert (response.status_code, lang(page)) == (status, "en")
    assert re.findall(r"Zum Inhalt|Benutzername|Passwort|E-Mail-Adresse", page) == []
