"""A token opens what its owner may read now, in a header alone; everything else is refused with what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from survey import actions
from survey.models import ApiToken, AuditEntry, Reading, ReportJob
from survey.models.reading import hash_secret
from tests.survey.api.asking import Program, make_token
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    cache.clear()
    return make_study(versions=make_versions(2), clips_per_participant=2)


def test_a_token_is_shown_once_and_stored_as_its_hash(study):
    client = Client()
    client.force_login(study.owner)
    page = client.post("/accounts/tokens/", {"name": "laptop", "study": study.slug}).content.decode()
    secret = page.partition("muse_")[2][:64]
    token = ApiToken.objects.get()
    assert (token.sha256, token.shown, len(secret)) == (hash_secret(f"muse_{secret}"), f"muse_{secret[:8]}", 64)
    assert int(secret, 16) > 0
    later = client.get("/accounts/tokens/").content.decode()
    assert (secret in later, token.shown in later) == (False, True)
    assert Program(f"muse_{secret}").get("studies").status_code == 200
    values = [str(value) for row in ApiToken.objects.values_list() for value in row]
    assert not any(secret in value for value in values)


def test_two_tokens_have_nothing_in_common(study):
    secrets = {make_token(study.owner)[1] for _ in range(5)}
    assert len({secret[5:13] for secret in secrets}) == 5


def break_it(token, how):
    now = timezone.now()
    if how == "revoked":
        actions.revoke_api_token(token=token, by=token.user)
    elif how == "past":
        ApiToken.objects.filter(pk=token.pk).update(expires_at=now)
    elif how == "closed":
        get_user_model().objects.filter(pk=token.user_id).update(is_active=False)


def test_whatever_is_wrong_with_a_token_the_answer_and_the_work_are_the_same(study):
    answers = set()
    for how in ("wrong", "revoked", "past", "closed"):
        token, secret = make_token(make_researcher(how))
        break_it(token, how)
        with CaptureQueriesContext(connection) as asked:
            response = Program(secret if how != "wrong" else "muse_" + "0" * 64).get("studies")
        answers.add((response.status_code, response.content, response["WWW-Authenticate"], len(asked)))
    assert len(answers) == 1
    ((status, _, asks, number),) = answers
    assert (status, asks, number) == (401, 'Bearer realm="MelodyMuse", error="invalid_token"', 1)


@pytest.mark.parametrize(
    "header", ["", "Basic YTpi", "Bearer", "Bearer ", "muse_0", "Bearer \x85ü", "Bearer " + "x" * 9000]
)
def test_no_header_of_any_sort_opens_anything(header, study):
    headers = {"Authorization": header} if header else {}
    response = Client().get("/api/v1/studies", headers=headers)
    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")
    assert "Authorization: Bearer" in response.json()["detail"] or "/accounts/tokens/" in response.json()["detail"]
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_login_opens_nothing_and_no_cookie_is_set(study):
    client = Client()
    client.force_login(study.owner)
    response = client.get("/api/v1/studies")
    assert response.status_code == 401
    program = Program(make_token(study.owner)[1])
    response = program.get("studies")
    assert (dict(response.cookies), response["Cache-Control"]) == ({}, "no-store")
    assert "Cookie" not in response["Vary"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_nothing_can_be_changed(method, study):
    response = Program(make_token(study.owner)[1]).get("studies", method=method)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["", "nothing", "studies/", "studies/a/b/c", "studies/x/reports/1"])
def test_what_is_no_address_is_told_as_a_problem(path, study):
    response = Program(make_token(study.owner)[1]).get(path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert "/api/v1/openapi.json" in response.json()["detail"]


def test_rights_are_the_owners_at_each_request(study):
    reader = make_researcher("reader")
    program = Program(make_token(reader)[1])
    assert (program.get("studies").json()["studies"], program.get(f"studies/{study.slug}").status_code) == ([], 404)
    actions.share(study=study, user=reader, role="viewer", by=study.owner)
    assert program.get(f"studies/{study.slug}").status_code == 200
    actions.unshare(study=study, username="reader", by=study.owner)
    assert program.get(f"studies/{study.slug}").status_code == 404
    assert program.get("studies/no-such-study").json() == program.get(f"studies/{study.slug}").json()


def test_a_token_for_one_study_opens_no_other_and_none_that_its_owner_lost(study):
    other = make_study(versions=make_versions(2), clips_per_participant=2, by=study.owner, title="Another")
    program = Program(make_token(study.owner, study)[1])
    assert [one["slug"] for one in program.get("studies").json()["studies"]] == [study.slug]
    assert program.get(f"studies/{other.slug}").status_code == 404
    reader = make_researcher("reader")
    actions.share(study=study, user=reader, role="viewer", by=study.owner)
    theirs = Program(make_token(reader, study)[1])
    assert theirs.get(f"studies/{study.slug}").status_code == 200
    actions.unshare(study=study, username="reader", by=study.owner)
    assert theirs.get(f"studies/{study.slug}").status_code == 404
    with pytest.raises(actions.Gone):
        make_token(reader, study)


def test_so_many_requests_a_minute_and_no_more(study, settings, monkeypatch):
    settings.API_REQUESTS_PER_MINUTE = 3
    program, other = (Program(make_token(study.owner)[1]) for _ in range(2))
    seconds = "survey.views.api.doors.time.time"
    monkeypatch.setattr(seconds, lambda: 6020)  # twenty seconds into a minute
    codes = [program.get("studies").status_code for _ in range(4)]
    refused = program.get("studies")
    assert codes == [200, 200, 200, 429]
    assert (refused.status_code, refused["Retry-After"]) == (429, "40")
    assert "Wait 40 seconds" in refused.json()["detail"]
    assert other.get("studies").status_code == 200
    monkeypatch.setattr(seconds, lambda: 6060)
    assert program.get("studies").status_code == 200


def test_the_site_allows_two_requests_a_second_unless_it_says_otherwise(settings):
    assert settings.API_REQUESTS_PER_MINUTE == 120


def test_use_is_shown_and_making_and_revoking_are_in_the_log(study):
    token, secret = make_token(study.owner, study)
    for _ in range(2):
        Program(secret).get(f"studies/{study.slug}")
    token.refresh_from_db()
    assert (token.uses, token.last_used_at is not None, Reading.objects.get().times) == (2, True, 2)
    client = Client()
    client.force_login(study.owner)
    client.post("/accounts/tokens/revoke/", {"token": token.shown})
    assert Program(secret).get("studies").status_code == 401
    assert "revoked" in client.get("/accounts/tokens/").content.decode()
    found = AuditEntry.objects.filter(action__in=["make_token", "revoke_token"]).values_list("action", "actor", "study")
    assert set(found) == {(name, study.owner.pk, study.pk) for name in ("make_token", "revoke_token")}


def test_nobody_revokes_the_token_of_somebody_else(study):
    token, secret = make_token(study.owner)
    client = Client()
    client.force_login(make_researcher("stranger"))
    client.post("/accounts/tokens/revoke/", {"token": token.shown})
    assert Program(secret).get("studies").status_code == 200


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": ""}, "required"),
        ({"name": "x" * 61}, "at most 60"),
        ({"name": "x", "last_day": "soon"}, "year-month-day"),
        ({"name": "x", "last_day": "2020-01-01"}, "from today on"),
        ({"name": "x", "last_day": "9999-12-31"}, "within ten years"),
        ({"name": "x", "study": "nowhere"}, "valid choice"),
    ],
)
def test_a_form_with_a_mistake_says_which(sent, said, study):
    client = Client()
    client.force_login(study.owner)
    response = client.post("/accounts/tokens/", sent)
    assert (response.status_code, ApiToken.objects.count()) == (400, 0)
    assert said in response.content.decode()


def test_a_token_opens_to_the_end_of_its_last_day(study):
    client = Client()
    client.force_login(study.owner)
    today = timezone.localdate()
    client.post("/accounts/tokens/", {"name": "x", "last_day": today.isoformat()})
    token = ApiToken.objects.get()
    end = token.expires_at
    assert (end - timedelta(seconds=1)).date() == today
    assert token.opens_at(end - timedelta(microseconds=1))
    assert not token.opens_at(end)


def test_a_token_of_a_study_goes_with_the_draft(study):
    draft = make_study(publish=False, by=study.owner, versions=make_versions(2))
    _, secret = make_token(study.owner, draft)
    actions.remove_study(study=draft, by=study.owner)
    assert Program(secret).get("studies").status_code == 401


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_address_that_is_none_is_a_problem_whatever_the_method(method, study):
    client = Client(enforce_csrf_checks=True)
    response = getattr(client, method)("/api/v1/nothing")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_a_study_that_is_removed_meanwhile_costs_nobody_a_good_token(study, monkeypatch):
    _, secret = make_token(study.owner)

    def gone(**_):
        raise actions.Gone

    monkeypatch.setattr("survey.views.api.doors.note_reading", gone)
    assert Program(secret).get(f"studies/{study.slug}").status_code == 404


def test_a_token_may_open_for_ten_years_and_not_a_day_longer(study):
    client = Client()
    client.force_login(study.owner)
    for days, status in ((3651, 400), (3650, 200)):
        last = timezone.localdate() + timedelta(days=days)
        assert client.post("/accounts/tokens/", {"name": "x", "last_day": last.isoformat()}).status_code == status


def test_asking_how_far_a_report_is_counts_as_no_reading_and_writes_nothing(study):
    token, secret = make_token(study.owner)
    actions.open_results(study=study, by=study.owner)
    job = ReportJob.objects.create(study=study)
    assert Program(secret).get(f"studies/{study.slug}/reports/{job.public_id}").status_code == 200
    token.refresh_from_db()
    assert (token.uses, Reading.objects.count()) == (0, 0)
