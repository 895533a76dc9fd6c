"""A link lets co-authors without an account read the results, and nothing else; revoked it opens nothing."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from survey import actions
from survey.findings import reports
from survey.models import AuditEntry, Reading, ReportJob, ResultsLink
from survey.models.reading import hash_secret
from survey.urls import readable
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.rich_study import make_rich_study

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PAGES = ("", "report/", "report/?download=1", "report.pdf", "report.json", "report.schema.json", "report-codebook.csv")
FIGURES = ("figures/confusion.svg", "figures/confusion.png", "figures/confusion.pdf", "figures/confusion.csv")
NOT_THERE = ("responses.csv", "codebook.csv", "compute/", "open/", "exports/", "people/", "nothing/")


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    made = make_study(versions=make_versions(4), clips_per_participant=4, by=make_researcher("rosalind"))
    answer_study(made, people=6)
    return made


def make_link(study, by=None, **named):
    asked = {"name": "Anna", "expires_at": None, **named}
    return actions.make_results_link(study=study, by=by or study.owner, **asked)


def body_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_link_is_made_shown_once_and_stored_as_its_hash(study):
    client = Client()
    client.force_login(study.owner)
    page = client.post(f"/studies/{study.slug}/links/", {"name": "Anna"}).content.decode()
    (secret,) = re.findall(r"http://testserver/shared/([0-9a-f]{64})/", page)
    link = ResultsLink.objects.get()
    assert (link.sha256, link.shown, link.made_by) == (hash_secret(secret), secret[:8], study.owner)
    later = client.get(f"/studies/{study.slug}/links/").content.decode()
    assert (secret in later, "Anna" in later) == (False, True)
    actions.close(study=study, by=study.owner)
    assert Client().get(f"/shared/{secret}/").status_code == 200
    assert AuditEntry.objects.get(action="make_link").actor == study.owner


@pytest.mark.parametrize("page", [*PAGES, *FIGURES])
def test_the_link_opens_page_report_figures_and_numbers_and_nothing_keeps_or_tells_its_address(page, study):
    _, secret = make_link(study)
    actions.close(study=study, by=study.owner)
    response = Client().get(f"/shared/{secret}/{page}")
    assert response.status_code == 200
    assert body_of(response)
    assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert response["Cache-Control"] == "no-store"


def test_the_numbers_are_those_that_a_member_reads(study):
    _, secret = make_link(study)
    actions.close(study=study, by=study.owner)
    member = Client()
    member.force_login(study.owner)
    for page in ("figures/confusion.csv", "figures/confusion.csv?people=included"):
        assert body_of(Client().get(f"/shared/{secret}/{page}")) == body_of(member.get(f"/results/{study.slug}/{page}"))
    for page in ("report.json", "report.json?people=included"):
        whole = member.get(f"/results/{study.slug}/{page}").json()
        assert len(whole["raters"]) == 6
        # Ids of people stand beside their answers in exports: whoever has no account gets none.
        shown = json.dumps({**whole, "raters": []})
        for one in study.participants.all():
            shown = shown.replace(f'"{one.public_id}"', '"a listener"')
        assert Client().get(f"/shared/{secret}/{page}").json() == json.loads(shown)


@pytest.mark.parametrize("page", NOT_THERE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_answers_buttons_and_packs_have_no_address_behind_a_link(page, method, study):
    _, secret = make_link(study)
    actions.close(study=study, by=study.owner)
    number = AuditEntry.objects.count()
    assert getattr(Client(), method)(f"/shared/{secret}/{page}").status_code == 404
    assert AuditEntry.objects.count() == number


def test_the_page_has_no_button_no_download_of_answers_and_nobodys_name(settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    study = make_rich_study(people=14, each=8)
    _, secret = make_link(study)
    get_user_model().objects.filter(pk=study.owner_id).update(username="rosalind-franklin")
    page = Client().get(f"/shared/{secret}/?open=all").content.decode()
    assert "Data of the figure as a table" in page  # the sections are there
    assert re.findall(r'<form[^>]*method="post"', page) == []
    addresses = set(re.findall(r'(?:href|src|action|data-making)="(/[^"?#]*)', page))
    outside = {one for one in addresses if not one.startswith((f"/shared/{secret}/", "/media/", "/static/"))}
    assert outside == {"/", "/accounts/login/"}
    assert "rosalind" not in page
    assert "Regenerate" not in page
    assert "Make anew" not in page
    assert "responses.csv" not in page
    for address in addresses:
        if address.startswith("/shared/") and "/figures/" not in address:
            assert Client().get(address).status_code == 200, address
    report = Client().get(f"/shared/{secret}/report/").content.decode()
    assert "rosalind" not in report


def test_a_member_still_has_every_button(study):
    actions.close(study=study, by=study.owner)
    member = Client()
    member.force_login(study.owner)
    study.owner.user_permissions.add(Permission.objects.get(codename="add_generationrun"))
    page = member.get(f"/results/{study.slug}/?open=all").content.decode()
    for said in ("Regenerate", "responses.csv", "Make a pack", "/glossary/", f"/studies/{study.slug}/links/"):
        assert said in page


@pytest.mark.parametrize("page", ["", *FIGURES, "report/", "report.pdf", "report.json"])
def test_nobody_peeks_by_a_link(page, study):
    _, secret = make_link(study)
    response = Client().get(f"/shared/{secret}/{page}")
    text = response.content.decode()
    assert response.status_code == (403 if page else 200)
    assert "Hidden while the study runs." in text
    assert "<form" not in text
    assert "monitor" not in text
    actions.open_results(study=study, by=study.owner)
    assert Client().get(f"/shared/{secret}/{page}").status_code == 200


def test_what_tells_nothing_of_the_answers_is_open_all_the_time(study):
    _, secret = make_link(study)
    for page in ("report.schema.json", "report-codebook.csv"):
        assert Client().get(f"/shared/{secret}/{page}").status_code == 200


def break_it(how, study, link, maker):
    if how == "revoked":
        actions.revoke_results_link(study=study, link=link, by=study.owner)
    elif how == "past":
        ResultsLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    elif how == "unshared":
        actions.unshare(study=study, username=maker.get_username(), by=study.owner)
    elif how == "viewer":
        actions.share(study=study, user=maker, role="viewer", by=study.owner)
    elif how == "closed":
        get_user_model().objects.filter(pk=maker.pk).update(is_active=False)


@pytest.mark.parametrize("how", ["revoked", "past", "unshared", "viewer", "closed", "wrong"])
def test_a_link_that_opens_nothing_says_whom_to_ask_and_not_what_it_was(how, study):
    maker = make_researcher("maker")
    actions.share(study=study, user=maker, role="editor", by=study.owner)
    link, secret = make_link(study, by=maker)
    actions.close(study=study, by=study.owner)
    assert Client().get(f"/shared/{secret}/report.json").status_code == 200
    break_it(how, study, link, maker)
    secret = "0" * 64 if how == "wrong" else secret
    for page in ("", "report/", "report.json"):
        response = Client().get(f"/shared/{secret}/{page}")
        text = response.content.decode()
        assert response.status_code == 404
        assert "Ask whoever sent it to you." in text
        assert study.title not in text
        assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("secret", ["x", "ü" * 20, "0" * 200, "%00x", "{}"])
def test_what_was_never_a_link_opens_nothing(secret, study):
    assert Client().get(f"/shared/{secret}/").status_code in (400, 404)


def test_views_are_counted_with_their_last_use_and_polls_are_not(study):
    link, secret = make_link(study)
    actions.close(study=study, by=study.owner)
    job = ReportJob.objects.create(study=study)
    sections = ("sections/emotions/", "sections/clips/?part=1")
    for page in ("", "", "report/", "figures/confusion.svg", *sections, f"making/{job.public_id}.json"):
        assert Client().get(f"/shared/{secret}/{page}").status_code == 200
    link.refresh_from_db()
    assert (link.uses, link.last_used_at is not None) == (6, True)
    assert dict(Reading.objects.values_list("kind", "times")) == {"page": 2, "report": 1, "figure": 1, "section": 2}
    client = Client()
    client.force_login(study.owner)
    page = client.get(f"/studies/{study.slug}/links/").content.decode()
    assert "link “Anna”" in page
    assert re.search(r'data-label="Uses">6<', page)


@pytest.mark.parametrize("page", ["report/", "sections/people/", "?open=all"])
def test_no_page_behind_a_link_names_a_listener_one_by_one(page, study):
    _, secret = make_link(study)
    actions.close(study=study, by=study.owner)
    ids = [one.public_id[:8] for one in study.participants.all()]  # as pages shorten them
    member = Client()
    member.force_login(study.owner)
    assert any(one in member.get(f"/results/{study.slug}/{page}").content.decode() for one in ids)
    text = Client().get(f"/shared/{secret}/{page}").content.decode()
    assert not any(one in text for one in ids)


def test_what_is_hidden_is_not_read_and_not_counted(study):
    link, secret = make_link(study)
    for page in ("", "report/", "sections/emotions/"):
        assert "Hidden while the study runs." in Client().get(f"/shared/{secret}/{page}").content.decode()
    link.refresh_from_db()
    assert (link.uses, Reading.objects.count()) == (0, 0)


def test_what_is_missing_behind_a_link_keeps_its_address_as_secret(study):
    _, secret = make_link(study)
    actions.close(study=study, by=study.owner)
    for page in ("sections/nothing/", "figures/nothing.svg"):
        response = Client().get(f"/shared/{secret}/{page}")
        assert response.status_code == 404
        assert (response["Referrer-Policy"], response["Cache-Control"]) == ("no-referrer", "no-store")


def test_a_member_without_the_right_to_make_music_has_no_button_for_it(study):
    actions.close(study=study, by=study.owner)
    member = Client()
    member.force_login(study.owner)
    page = member.get(f"/results/{study.slug}/?open=all").content.decode()
    assert "Make anew" not in page
    assert "Regenerate" not in page


def test_a_large_report_says_how_far_it_is_and_offers_no_button(study, monkeypatch):
    _, secret = make_link(study)
    actions.close(study=study, by=study.owner)
    monkeypatch.setattr(reports, "LARGE", 5)
    job = ReportJob.objects.create(study=study)
    monkeypatch.setattr("survey.views.waiting.ask_worker", lambda *_: (job, True))
    monkeypatch.setattr("survey.views.waiting._look_after", lambda *_: True)
    page = Client().get(f"/shared/{secret}/", headers={"accept": "text/html"}).content.decode()
    assert f'data-making="/shared/{secret}/making/{job.public_id}.json"' in page
    assert "<form" not in page
    assert f"/results/{study.slug}" not in page
    assert Client().get(f"/shared/{secret}/making/{job.public_id}.json").json()["status"] == "queued"


def test_viewers_and_strangers_make_and_revoke_none(study):
    viewer = make_researcher("viewer")
    actions.share(study=study, user=viewer, role="viewer", by=study.owner)
    link, _ = make_link(study)
    for user in (viewer, make_researcher("stranger")):
        client = Client()
        client.force_login(user)
        assert client.post(f"/studies/{study.slug}/links/", {"name": "x"}).status_code == 404
        assert client.post(f"/studies/{study.slug}/links/revoke/", {"link": link.shown}).status_code == 404
        with pytest.raises(actions.Gone):
            make_link(study, by=user)
    assert ResultsLink.objects.opening().count() == 1


def test_every_page_that_members_read_stands_behind_links_under_the_same_address():
    member, link = ([str(one.pattern) for one in readable(name)] for name in ("results", "shared"))
    assert member == link
