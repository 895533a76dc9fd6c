"""Logging in: throttled, with a session that is safe, and a password that can be had anew by mail."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings as site_settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client, RequestFactory
from django.utils import timezone

from melodymuse_site.addresses import client_address
from melodymuse_site.logins import LONGEST_NAME, LONGEST_PASSWORD
from melodymuse_site.tasks import forget_logins
from tests.survey.factories import make_researcher

pytestmark = pytest.mark.django_db
PASSWORD = "a long password"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def throttled(settings: Any) -> Any:
    """The tests switch the throttle off; here it is on, as on the site."""
    settings.AXES_ENABLED = True
    return make_researcher("rosa")


def log_in(client: Client, password: str, name: str = "rosa", **extra: str) -> Any:
    return client.post("/accounts/login/", {"username": name, "password": password}, **extra)


def is_logged_in(client: Client) -> bool:
    return "sessionid" in client.cookies and client.get("/studies/").status_code == 200


def test_too_many_wrong_passwords_lock_even_the_right_one_out(throttled: Any) -> None:
    client = Client()
    for _ in range(site_settings.AXES_FAILURE_LIMIT - 1):
        assert log_in(client, "wrong").status_code == 200
    response = log_in(client, "wrong")
    assert (response.status_code, "Too many attempts" in response.content.decode()) == (429, True)
    assert log_in(client, PASSWORD).status_code == 429
    assert not is_logged_in(client)


def test_others_and_other_places_are_not_locked_out(throttled: Any) -> None:
    make_researcher("paul")
    for _ in range(site_settings.AXES_FAILURE_LIMIT):
        log_in(Client(), "wrong")
    same_place, elsewhere = Client(), Client(REMOTE_ADDR="192.0.2.7")
    assert log_in(same_place, PASSWORD, "paul").status_code == 302
    assert log_in(elsewhere, PASSWORD).status_code == 302


def test_after_a_quarter_of_an_hour_the_right_password_works_again(throttled: Any) -> None:
    client = Client()
    for _ in range(site_settings.AXES_FAILURE_LIMIT):
        log_in(client, "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert log_in(client, PASSWORD).status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert log_in(client, PASSWORD).status_code == 302


def test_the_administrations_login_is_throttled_too(throttled: Any) -> None:
    client = Client()
    data = {"username": "rosa", "password": "wrong"}
    codes = [client.post("/admin/login/", data).status_code for _ in range(site_settings.AXES_FAILURE_LIMIT)]
    assert (codes[0], codes[-1]) == (200, 429)


def test_behind_a_proxy_each_visitor_is_counted_apart_and_cannot_pretend(throttled: Any, settings: Any) -> None:
    settings.BEHIND_PROXY = True
    for number in range(site_settings.AXES_FAILURE_LIMIT):
        log_in(Client(), "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}, 198.51.100.4")
    assert log_in(Client(), PASSWORD, HTTP_X_FORWARDED_FOR="10.9.9.9, 198.51.100.4").status_code == 429
    assert log_in(Client(), PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.4, 203.0.113.9").status_code == 302


def test_without_a_proxy_the_header_means_nothing() -> None:
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR="203.0.113.9", REMOTE_ADDR="192.0.2.1")
    assert client_address(request) == "192.0.2.1"


@pytest.mark.parametrize("name", ["rosa", "nobody"])
def test_a_wrong_password_does_not_tell_whether_the_account_exists(name: str) -> None:
    make_researcher("rosa")
    page = log_in(Client(), "wrong", name).content.decode()
    assert "This name and password do not belong together." in page


def test_a_new_session_begins_at_login_and_ends_at_logout() -> None:
    make_researcher("rosa")
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = session.session_key
    log_in(client, PASSWORD)
    fresh = client.cookies["sessionid"].value
    assert fresh != session.session_key
    assert is_logged_in(client)
    client.post("/accounts/logout/")
    thief = Client()
    for key in (fresh, session.session_key):
        thief.cookies["sessionid"] = key
        assert thief.get("/studies/").status_code == 302


def test_a_new_password_ends_every_other_session() -> None:
    user = make_researcher("rosa")
    here, elsewhere = Client(), Client()
    log_in(here, PASSWORD)
    log_in(elsewhere, PASSWORD)
    changed = {"old_password": PASSWORD, "new_password1": "a quite new one 7", "new_password2": "a quite new one 7"}
    assert here.post("/accounts/password_change/", changed).status_code == 302
    assert (is_logged_in(here), elsewhere.get("/studies/").status_code) == (True, 302)
    assert get_user_model().objects.get(pk=user.pk).check_password("a quite new one 7")


def test_an_account_that_is_switched_off_is_out_at_once() -> None:
    user = make_researcher("rosa")
    client = Client()
    log_in(client, PASSWORD)
    get_user_model().objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/studies/").status_code == 302


@pytest.mark.parametrize("following", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil"])
def test_the_login_leads_nowhere_else(following: str) -> None:
    make_researcher("rosa")
    data = {"username": "rosa", "password": PASSWORD, "next": following}
    assert Client().post("/accounts/login/", data)["Location"] == "/"


def cookies_of(**environment: str) -> dict[str, Any]:
    """The cookie settings of a site that is started with `environment`."""
    names = [
        *("SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SECURE"),
        *("CSRF_COOKIE_SAMESITE", "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT"),
    ]
    code = (
        "import json; from melodymuse_site import settings; "
        f"print(json.dumps({{n: getattr(settings, n) for n in {names}}}))"
    )
    kept = {name: value for name, value in os.environ.items() if name not in ("DEBUG", "HTTPS", "DATABASE_URL")}
    result = subprocess.run(
        [sys.executable, "-c", code], env={**kept, **environment}, capture_output=True, text=True, cwd=ROOT, check=True
    )
    return dict(json.loads(result.stdout))


def test_the_cookies_of_a_public_site_travel_over_https_alone(tmp_path: Path) -> None:
    public = cookies_of(ALLOWED_HOSTS="muse.example.org", SECRET_KEY="x" * 50, DATA_DIR=str(tmp_path))
    assert public["SESSION_COOKIE_SECURE"] is public["CSRF_COOKIE_SECURE"] is public["SECURE_SSL_REDIRECT"] is True
    assert public["SECURE_HSTS_SECONDS"] > 0
    home = cookies_of(DATA_DIR=str(tmp_path), ALLOWED_HOSTS="")
    assert home["SESSION_COOKIE_SECURE"] is False
    for site in (public, home):
        assert site["SESSION_COOKIE_HTTPONLY"] is True
        assert site["SESSION_COOKIE_SAMESITE"] == site["CSRF_COOKIE_SAMESITE"] == "Lax"


def test_the_session_cookie_as_it_is_sent(settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    make_researcher("rosa")
    client = Client()
    log_in(client, PASSWORD, secure=True)
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")


def ask_for_a_link(client: Client, address: str) -> Any:
    return client.post("/accounts/password_reset/", {"email": address}, follow=True)


def test_a_new_password_comes_by_mail_once() -> None:
    make_researcher("rosa", email="rosa@example.org")
    client = Client()
    page = ask_for_a_link(client, "Rosa@example.org").content.decode()
    assert "Look into your mail" in page
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["rosa@example.org"], "New password for MelodyMuse")
    link = re.search(r"http://testserver(/accounts/reset/\S+)", message.body).group(1)
    response = client.get(link, follow=True)
    form = response.request["PATH_INFO"]
    fresh = {"new_password1": "a quite new one 7", "new_password2": "a quite new one 7"}
    assert "Password saved" in client.post(form, fresh, follow=True).content.decode()
    other = Client()
    assert log_in(other, "a quite new one 7").status_code == 302
    assert "This link has been used or is too old." in Client().get(link, follow=True).content.decode()


def test_a_weak_new_password_is_refused_with_the_reason() -> None:
    make_researcher("rosa", email="rosa@example.org")
    client = Client()
    ask_for_a_link(client, "rosa@example.org")
    link = re.search(r"http://testserver(/accounts/reset/\S+)", mail.outbox[0].body).group(1)
    form = client.get(link, follow=True).request["PATH_INFO"]
    page = client.post(form, {"new_password1": "rosa1", "new_password2": "rosa1"}).content.decode()
    assert "too short" in page


def test_an_unknown_address_gets_the_same_answer_and_no_mail() -> None:
    make_researcher("rosa", email="rosa@example.org")
    known = ask_for_a_link(Client(), "rosa@example.org").content
    mail.outbox.clear()
    assert ask_for_a_link(Client(), "nobody@example.org").content == known
    assert mail.outbox == []


def test_the_page_says_whether_the_site_can_send_mail(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    assert "This site cannot send mail." in Client().get("/accounts/password_reset/").content.decode()
    settings.EMAIL_HOST = "mail.example.org"
    assert "This site cannot send mail." not in Client().get("/accounts/password_reset/").content.decode()


LOGINS = ["/accounts/login/", "/admin/login/"]


@pytest.mark.database
@pytest.mark.parametrize("address", LOGINS)
@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("x" * 100_000, "p", "at most 150 characters"),
        ("x" * (LONGEST_NAME + 1), "p", "at most 150 characters"),
        ("rosa", "p" * (LONGEST_PASSWORD + 1), "a password 4096"),
        ("ro\x07sa", "p", "no control characters"),
    ],
)
def test_what_no_account_can_have_is_refused_before_anything_is_stored(
    throttled: Any, address: str, name: str, password: str, sentence: str
) -> None:
    data = f"username={quote(name)}&password={password}"
    response = Client().post(address, data, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not any(model.objects.exists() for model in (AccessAttempt, AccessLog, AccessFailureLog))


@pytest.mark.parametrize("address", LOGINS)
def test_a_name_with_a_zero_byte_is_refused_before_any_form_reads_it(throttled: Any, address: str) -> None:
    response = Client().post(address, "username=ro%00sa&password=p", content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert not any(model.objects.exists() for model in (AccessAttempt, AccessLog, AccessFailureLog))


@pytest.mark.database
@pytest.mark.parametrize("address", LOGINS)
def test_names_as_long_as_an_account_may_have_are_looked_for_and_counted(throttled: Any, address: str) -> None:
    make_researcher("r" * LONGEST_NAME)
    data = {"username": "r" * LONGEST_NAME, "password": "p" * LONGEST_PASSWORD}
    assert Client().post(address, data).status_code == 200
    assert AccessAttempt.objects.get().username == "r" * LONGEST_NAME


@pytest.mark.database
def test_what_is_known_of_logins_is_forgotten_after_thirty_days(throttled: Any) -> None:
    log_in(Client(), "wrong")
    log_in(Client(), PASSWORD)
    AccessFailureLog.objects.create(username="rosa", ip_address="192.0.2.1", user_agent="-", path_info="/")
    models = (AccessAttempt, AccessLog, AccessFailureLog)
    assert [model.objects.count() for model in models] == [1, 1, 1]
    for model in models:
        model.objects.update(attempt_time=timezone.now() - timedelta(days=29, hours=23))
    forget_logins()
    assert [model.objects.count() for model in models] == [1, 1, 1]
    for model in models:
        model.objects.update(attempt_time=timezone.now() - timedelta(days=30, minutes=1))
    forget_logins()
    assert [model.objects.count() for model in models] == [0, 0, 0]


def test_sessions_that_ran_out_are_forgotten_and_others_go_on(throttled: Any) -> None:
    here, gone = Client(), Client()
    log_in(here, PASSWORD)
    log_in(gone, PASSWORD)
    Session.objects.filter(pk=gone.session.session_key).update(expire_date=timezone.now() - timedelta(minutes=1))
    forget_logins()
    assert Session.objects.count() == 1
    assert is_logged_in(here)


def test_the_timetable_forgets_logins_every_hour() -> None:
    entry = site_settings.CELERY_BEAT_SCHEDULE["forget-logins"]
    assert (entry["task"], entry["schedule"]) == (forget_logins.name, 3600)
