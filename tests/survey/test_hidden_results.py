"""What a study finds is hidden while it runs: behind every door, for everybody, until it is opened on purpose."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from survey import actions
from survey.exports.making import run_export
from survey.models import AuditEntry
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DOORS = [
    "report.json",
    "report/",
    "report/?download=1",
    "report.pdf",
    "responses.csv",
    "responses.csv?bom=1",
    "figures/confusion.svg",
    "figures/confusion.png",
    "figures/confusion.pdf",
    "figures/confusion.csv",
]
TELLING = re.compile(r"hit rate|accuracy|confusion|interval|recognised|kappa|\bhits\b", re.IGNORECASE)


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path
    made = make_study(versions=make_versions(4))
    answer_study(made, people=6)
    return made


def log_in(user):
    client = Client()
    client.force_login(user)
    return client


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("door", DOORS)
def test_every_door_is_shut_while_people_take_part(study, door):
    client = log_in(study.owner)
    address = f"/results/{study.slug}/{door}"
    response = client.get(address)
    assert response.status_code == 403
    assert "Hidden while the study runs." in response.content.decode()
    assert not AuditEntry.objects.filter(action="export").exists()
    client.post(f"/results/{study.slug}/open/")
    assert client.get(address).status_code == 200


def test_the_results_page_itself_says_why_and_offers_the_step(study):
    client = log_in(study.owner)
    page = client.get(f"/results/{study.slug}/").content.decode()
    assert "Open the results of this running study" in page
    assert not AuditEntry.objects.filter(action="open_results").exists()
    page = client.post(f"/results/{study.slug}/open/", follow=True).content.decode()
    assert "Interim." in page
    assert "Hidden while" not in page
    assert AuditEntry.objects.get(action="open_results").actor == study.owner


def test_nothing_on_the_shut_page_or_the_monitor_tells_a_result(study):
    client = log_in(study.owner)
    for address in (f"/results/{study.slug}/", f"/studies/{study.slug}/monitor/", f"/studies/{study.slug}/people/"):
        page = client.get(address).content.decode()
        text = re.sub(r"<[^>]+>", " ", page).replace("the intervals lose their meaning", "")
        assert TELLING.findall(text) == [], address


@pytest.mark.django_db(transaction=True)  # the worker of an export writes beside its own reading transaction
def test_packs_are_neither_made_nor_handed_out(study):
    client = log_in(study.owner)
    assert client.post(f"/results/{study.slug}/exports/").status_code == 403
    assert not study.exports.exists()
    job = actions_request(study)
    run_export(job.pk)
    assert client.get(f"/results/{study.slug}/exports/{job.public_id}.zip").status_code == 403
    client.post(f"/results/{study.slug}/open/")
    assert client.get(f"/results/{study.slug}/exports/{job.public_id}.zip").status_code == 200


def actions_request(study):
    from survey.actions.exporting import request_export

    return request_export(study=study, by=study.owner)


def test_planning_from_a_running_study_would_tell_its_hit_rate(study):
    client = log_in(study.owner)
    response = client.get(f"/planning/?study={study.slug}")
    assert (response.status_code, "Hidden while" in response.content.decode()) == (403, True)
    assert study.slug not in client.get("/planning/").content.decode()
    actions.close(study=study, by=study.owner)
    assert client.get(f"/planning/?study={study.slug}&value=0.3").status_code == 200
    assert f'value="{study.slug}"' in client.get("/planning/").content.decode()


def test_a_closed_study_does_not_tell_on_a_running_one_with_newer_versions(study):
    newer = make_study(versions=make_versions(4), by=study.owner)
    answer_study(newer, people=3)
    actions.close(study=study, by=study.owner)
    client = log_in(study.owner)
    assert "Old and new versions" not in client.get(f"/results/{study.slug}/").content.decode()
    actions.open_results(study=newer, by=study.owner)
    assert "Old and new versions" in client.get(f"/results/{study.slug}/").content.decode()


def test_closing_shows_them_to_viewers_too(study):
    viewer = make_researcher("viewer")
    actions.share(study=study, user=viewer, role="viewer", by=study.owner)
    client = log_in(viewer)
    page = client.get(f"/results/{study.slug}/").content.decode()
    assert "Open the results of this running study" not in page
    assert client.post(f"/results/{study.slug}/open/").status_code == 404
    actions.close(study=study, by=study.owner)
    assert client.get(f"/results/{study.slug}/report.json").status_code == 200


def test_the_codebook_tells_nothing_and_stays_open(study):
    assert log_in(study.owner).get(f"/results/{study.slug}/codebook.csv").status_code == 200


def test_the_administration_has_no_answers(study, admin_client):
    pages = [admin_client.get(f"/admin/survey/{model}/") for model in ("study", "participant", "auditentry")]
    pages.append(admin_client.get(f"/admin/survey/participant/{study.participants.first().pk}/change/"))
    assert [page.status_code for page in pages] == [200] * 4
    for page in pages:
        assert TELLING.findall(re.sub(r"<[^>]+>", " ", page.content.decode())) == []
    assert admin_client.get("/admin/survey/response/").status_code == 404


def test_a_draft_has_no_results_and_says_where_it_is_tried(client):
    study = make_study(publish=False)
    client.force_login(study.owner)
    page = client.get(reverse("results", args=[study.slug])).content.decode()
    assert "A draft has no results." in page
    assert reverse("study_pilot", args=[study.slug]) in page
    for other in ("Interim", "How many more people", "Answers counted"):
        assert other not in page
