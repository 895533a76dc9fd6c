"""The first page of the administration: how the site stands, for those who may know, and names without jargon."""

import re

import pytest
from django.contrib.auth import get_user_model

from survey.models import Study

pytestmark = pytest.mark.django_db


def test_administrators_see_how_the_site_stands_above_the_tables(client):
    client.force_login(get_user_model().objects.create_superuser("boss", password="a long password"))
    html = client.get("/admin/").content.decode()
    assert re.search(r"<strong>Database</strong> OK", html)
    assert html.index("Status in full") < html.index("Pair versions")
    for kind in ("Labels", "Music", "Imports", "Exports", "Reports"):
        assert f'<th scope="row">{kind}</th>' in html


def test_staff_without_all_rights_see_their_tables_alone(client):
    client.force_login(get_user_model().objects.create_user("help", password="a long password", is_staff=True))
    html = client.get("/admin/").content.decode()
    assert "Status in full" not in html


def test_what_counts_wrong_passwords_is_called_what_it_is(client):
    client.force_login(get_user_model().objects.create_superuser("boss", password="a long password"))
    html = client.get("/admin/").content.decode()
    assert "Logins that failed" in html
    assert "Axes" not in html


def test_the_help_of_a_study_keeps_what_stands_in_brackets_and_its_texts_are_no_json(client):
    boss = get_user_model().objects.create_superuser("boss", password="a long password")
    client.force_login(boss)
    study = Study.objects.create(
        slug="one", title="One", owner=boss, question="Which?", translations={"de": {"title": "Eins"}}
    )
    html = client.get(f"/admin/survey/study/{study.pk}/change/").content.decode()
    assert "Part of the address: /study/&lt;this&gt;/." in html
    assert "<dt>title</dt><dd>Eins</dd>" in html
    assert "{&quot;de&quot;" not in html


def test_there_is_no_switch_of_colours_that_the_site_has_not_got(client):
    client.force_login(get_user_model().objects.create_superuser("boss", password="a long password"))
    html = client.get("/admin/").content.decode()
    assert "administration-colours.css" in html
    assert "theme-toggle" not in html
