"""What cannot be read or stored is refused in one place, with a sentence, on every page."""

from __future__ import annotations

import io
from typing import Any

import pytest
from axes.models import AccessFailureLog
from django.test import Client, RequestFactory

from melodymuse_site.addresses import client_address
from melodymuse_site.readable import LONGEST_PART
from melodymuse_site.storable import mend
from survey.models import Response
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PAGES = ["/", "/healthz", "/accounts/login/", "/admin/", "/study/demo/", "/studies/", "/media/none", "/nowhere/"]
JSON = {"HTTP_ACCEPT": "application/json"}


def heading(response: Any) -> str:
    return str(response.content.decode().partition("<h1>")[2].partition("</h1>")[0])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("extra", "word"),
    [
        ({"QUERY_STRING": "page=%00"}, "question mark"),
        ({"QUERY_STRING": "a%00b=1"}, "question mark"),
        ({"HTTP_COOKIE": 'participation="\\000"'}, "cookie"),
        ({"HTTP_COOKIE": 'sessionid="a\\000b"'}, "cookie"),
        ({"HTTP_USER_AGENT": "a\0b"}, "header"),
        ({"HTTP_REFERER": "\0"}, "header"),
        ({"CONTENT_LENGTH": "abc"}, "how long"),
        ({"CONTENT_LENGTH": "-1"}, "how long"),
        ({"CONTENT_LENGTH": "9" * 30}, "how long"),
    ],
)
def test_an_unreadable_head_is_a_400_that_says_what_to_do(client, page, extra, word):
    response = client.get(page, **extra)
    assert (response.status_code, heading(response)) == (400, "This request could not be understood")
    assert word in response.content.decode()
    assert "Content-Security-Policy" in response.headers
    told = client.get(page, **{**extra, **JSON})
    assert (told.status_code, list(told.json())) == (400, ["problem"])
    assert word in told.json()["problem"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "charset", ["utf-16", "rot13", "undefined", "unicode_escape", "latin-1", "nonsense", "utf-8-sig", "\0", "x" * 9000]
)
def test_another_charset_than_utf_8_is_a_400_on_every_page(client, page, charset):
    content_type = f"application/x-www-form-urlencoded; charset={charset}"
    for method in ("GET", "POST"):
        response = client.generic(method, f"{page}?a=b", b"a=b", content_type)
        assert response.status_code == 400
        assert "UTF-8" in response.content.decode()


@pytest.mark.parametrize("content_type", ["text/x; charset*=nonsense''y", "multipart/form-data; boundary*=nonsense''y"])
def test_a_content_type_that_cannot_be_read_is_a_400(client, content_type):
    assert client.generic("POST", "/accounts/login/", b"x", content_type).status_code == 400


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"', "us-ascii", ""])
def test_utf_8_under_its_other_names_is_read(client, charset):
    assert client.get("/", CONTENT_TYPE=f"text/plain; charset={charset}").status_code == 200


@pytest.mark.parametrize("address", ["/a%00b/", "/media/%00", "/study/%00/", "/admin/survey/study/%00/change/"])
def test_an_address_with_a_character_that_none_has_is_no_page(client, address):
    response = client.get(address)
    assert (response.status_code, heading(response)) == (404, "This request could not be understood")


@pytest.mark.parametrize("name", ["a" * 256, "ä" * 128, "clips/" + "b" * 300, "/".join(["c" * 200] * 30), "d/" * 3000])
@pytest.mark.parametrize("folder", ["media", "static", "study", "admin", "results"])
def test_an_address_longer_than_any_file_s_name_is_no_page(client, name, folder):
    # Some of these addresses ask for a login before anything else.
    assert client.get(f"/{folder}/{name}").status_code in ({404} if folder in {"media", "static"} else {302, 404})


def test_the_longest_name_of_a_file_is_served(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    name = "a" * (LONGEST_PART - 4) + ".mp3"
    (tmp_path / name).write_bytes(b"sound")
    assert client.get(f"/media/{name}").status_code == 200
    assert client.get(f"/media/a{name}").status_code == 404


@pytest.mark.parametrize("name", ["title", "emotions", "lease_minutes", "unknown", "ti\0tle"])
def test_a_field_with_a_character_that_cannot_be_stored_is_named(name):
    client = Client()
    client.force_login(make_researcher())
    response = client.post("/studies/new/", {name: "Moo\0ds"})
    assert response.status_code == 400
    assert f"“{name.replace(chr(0), '')}”" in response.content.decode()


def test_nobody_is_unshared_searched_or_set_aside_by_a_name_that_cannot_be_stored():
    study = make_study(versions=make_versions(2))
    client = Client()
    client.force_login(study.owner)
    for address, field in (("unshare", "username"), ("share", "username"), ("people/x/exclude", "reason")):
        assert client.post(f"/studies/{study.slug}/{address}/", {field: "a\0b"}).status_code == 400


PLAIN, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=XX"
ONE_FILE = b'--XX\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n\r\n'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"&".join([b"x=1"] * 7001), PLAIN),
        (b"x=" + b"y" * (3 * 2**20), PLAIN),
        (ONE_FILE * 300 + b"--XX--\r\n", PARTS),
        (b"--X\r\n", "multipart/form-data; boundary=" + "X" * 300),
    ],
    ids=["many fields", "too long", "many files", "long boundary"],
)
@pytest.mark.parametrize("page", ["/accounts/login/", "/study/a-study/clip/", "/study/a-study/events/"])
def test_a_damaged_body_is_a_400_as_page_or_json(client, body, content_type, page):
    make_study(versions=make_versions(2))
    assert client.generic("POST", page, body, content_type).status_code == 400
    told = client.generic("POST", page, body, content_type, **JSON)
    assert (told.status_code, told["Content-Type"]) == (400, "application/json")


@pytest.mark.parametrize(
    "body", [b"", b"--XX\r\nbroken", ONE_FILE[:40], b"\xff" * 50, ONE_FILE.replace(b"name=", b"name*=nonsense''")]
)
def test_a_body_of_which_nothing_is_left_is_an_empty_form(client, body):
    study = make_study(versions=make_versions(2))
    assert client.generic("POST", "/accounts/login/", body, PARTS).status_code == 200
    assert client.generic("POST", f"/study/{study.slug}/events/", body, PARTS).status_code == 400


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, -(10**30)])
@pytest.mark.parametrize("lookup", ["uploaded_at__year", "uploaded_at__day", "labelled_by__id__exact", "p", "o"])
def test_a_filter_of_the_administration_beyond_every_number_is_no_error_of_the_server(admin_client, lookup, number):
    assert admin_client.get(f"/admin/generation/sourceimage/?{lookup}={number}").status_code in {200, 302, 400}


def test_a_field_that_the_administration_does_not_have_is_no_error_of_the_server(admin_client):
    row = AccessFailureLog.objects.create(username="x")
    address = f"/admin/axes/accessfailurelog/{row.pk}/delete/"
    for field, status in (("", 400), ("nothing", 400), ("password", 400)):
        assert admin_client.post(address, {"_to_field": field, "post": "yes"}).status_code == status, field
    assert AccessFailureLog.objects.filter(pk=row.pk).exists()


def test_a_connection_that_breaks_off_is_no_error_of_the_server(client):
    class BrokenOff(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            raise OSError("gone")

    response = client.post(
        "/accounts/login/",
        content_type="application/x-www-form-urlencoded",
        CONTENT_LENGTH="50",
        **{"wsgi.input": BrokenOff()},
    )
    assert response.status_code == 400


def test_json_where_a_form_is_expected_is_refused_with_what_is_missing():
    study = make_study(versions=make_versions(2))
    client = Client()
    answer = client.post(f"/study/{study.slug}/clip/", {"chosen": "awe"}, "application/json", **JSON)
    assert (answer.status_code, answer.json()["stored"], answer.json()["field"]) == (400, False, "trial")
    events = client.post(f"/study/{study.slug}/events/", {"events": "[]"}, "application/json")
    assert (events.status_code, events.json()["stored"]) == (400, False)


def test_a_word_with_a_character_that_cannot_be_stored_costs_no_answer():
    study = make_study(versions=make_versions(2), ask_word=True)
    listener = Listener(study.slug).begin()
    listener.send(word="war\0m")
    assert Response.objects.get().word == "warm"


def test_another_field_with_such_a_character_is_refused_and_the_rest_is_kept():
    study = make_study(versions=make_versions(2), ask_word=True)
    listener = Listener(study.slug).begin()
    response = listener.send(word="warm", chosen="fe\0ar")
    assert response.status_code == 400
    assert "could not be read" in listener.page
    assert 'value="warm"' in listener.page


@pytest.mark.parametrize("text", ["nowhere", "\0", "300.1.1.1", "", "1.2.3.4, unknown"])
def test_a_forwarded_address_that_is_none_counts_as_the_proxy_s(settings, text):
    settings.BEHIND_PROXY = True
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=text)
    assert client_address(request) == "10.0.0.1"


def test_mending_leaves_all_other_text_as_it_is():
    assert mend("wärm\0\ud800 \udfff😀\x01") == "wärm 😀\x01"
