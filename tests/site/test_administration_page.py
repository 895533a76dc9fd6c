"""The first page of the administration: how the site stands, for those who may know, and names without jargon."""

import re

import pytest
from django.contrib.auth import get_user_model

pytestmark = pytest.mark.django_db


def test_administrators_see_how_the_site_stands_above_the_tables(client):
    client.force_login(get_user_model().objects.create_superuser("boss", password="a long password"))
    html = client.get("/admin/").content.decode()
    assert re.search(r"<strong>Database</strong> works", html)
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
