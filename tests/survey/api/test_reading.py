"""The API gives what the pages and exports give, to whom they give it, and nothing while a study runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings as site
from django.test import Client
from django.utils import timezone

from survey import actions
from survey.exports.codebook import tables_of
from survey.findings import reports
from survey.models import AuditEntry, QuestionAnswer, Reading, ReportJob, Response
from survey.views.api import endpoints
from tests.survey.answering import answer_study
from tests.survey.api.asking import Program, body_of, make_token
from tests.survey.factories import make_study, make_versions
from tests.survey.rich_study import make_rich_study

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    return make_rich_study(each=6)


@pytest.fixture
def program(study):
    return Program(make_token(study.owner)[1])


def member(user):
    client = Client()
    client.force_login(user)
    return client


def test_csv_is_byte_for_byte_the_file_of_the_results_page(study, program):
    Response.objects.filter(pk=Response.objects.first().pk).update(word="=1+1, «ü»\n")
    response = program.get(f"studies/{study.slug}/responses?format=csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    page = body_of(member(study.owner).get(f"/results/{study.slug}/responses.csv"))
    assert page.count(b"\r\n") > 20
    assert body_of(response) == page


def test_lines_and_pages_hold_the_same_rows_in_the_same_order(study, program):
    lines = body_of(program.get(f"studies/{study.slug}/responses", headers={"Accept": "application/x-ndjson"}))
    rows = [json.loads(line) for line in lines.decode().splitlines()]
    paged, address = [], f"studies/{study.slug}/responses?limit=7"
    while address:
        page = program.get(address).json()
        paged += page["responses"]
        address = page["next"] and page["next"].partition("/api/v1/")[2]
    assert paged == rows
    assert len(rows) > 20
    assert list(rows[0]) == [column.name for column in tables_of(study)["responses_long"]]
    assert {type(row["option_order"]) for row in rows} == {list}
    assert {row["hit"] for row in rows} == {True, False}


def test_a_page_ends_exactly_where_the_rows_do(study, program):
    number = len(program.get(f"studies/{study.slug}/responses").json()["responses"])
    whole = program.get(f"studies/{study.slug}/responses?limit={number}").json()
    assert (len(whole["responses"]), whole["cursor"], whole["next"]) == (number, None, None)
    short = program.get(f"studies/{study.slug}/responses?limit={number - 1}").json()
    last = program.get(f"studies/{study.slug}/responses?limit=1&cursor={short['cursor']}").json()
    assert (last["responses"], last["cursor"]) == (whole["responses"][-1:], None)


def test_whoever_withdrew_and_practice_previews_and_bots_are_in_no_row(study, program):
    gone = {person.public_id for person in study.participants.exclude(withdrawn_at=None)}
    rows = program.get(f"studies/{study.slug}/responses").json()["responses"]
    assert gone
    assert not gone & {row["participant"] for row in rows}
    assert {row["trial_kind"] for row in rows} <= {"main", "gold", "repeat"}
    assert "external_id_hash" not in json.dumps(rows)


def test_further_questions_have_their_columns_as_in_the_export(settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    draft = make_study(publish=False, versions=make_versions(4), consent_text="You agree.", clips_per_participant=4)
    actions.add_question(study=draft, key="liking", by=draft.owner)
    actions.publish(study=draft, by=draft.owner)
    (person,) = answer_study(draft, people=1)
    question = draft.questions.get()
    for number, trial in enumerate(person.trials.order_by("pk")[:3]):
        QuestionAnswer.objects.create(
            participant=person, trial=trial, question=question, number=number + 1, answered_at=timezone.now()
        )
    actions.close(study=draft, by=draft.owner)
    program = Program(make_token(draft.owner)[1])
    rows = program.get(f"studies/{draft.slug}/responses").json()["responses"]
    assert [row["q_liking"] for row in rows] == [1, 2, 3, None]
    csv = body_of(program.get(f"studies/{draft.slug}/responses?format=csv"))
    assert csv == body_of(member(draft.owner).get(f"/results/{draft.slug}/responses.csv"))
    asked = program.get(f"studies/{draft.slug}").json()["design"]["questions"]
    assert [one["key"] for one in asked] == ["liking"]


def test_the_report_is_the_report_of_the_results_page(study, program):
    cell = study.conditions.last().name
    for query in ("", f"?cell={cell}", "?people=included", "?composer=paper"):
        told = program.get(f"studies/{study.slug}/report{query}").json()
        assert told == member(study.owner).get(f"/results/{study.slug}/report.json{query}").json()
    assert told["measures"]


def test_the_codebook_is_the_one_of_the_results_page(study, program):
    told = program.get(f"studies/{study.slug}/codebook").json()
    assert [one["name"] for one in told["responses"]] == [c.name for c in tables_of(study)["responses_long"]]
    page = body_of(member(study.owner).get(f"/results/{study.slug}/codebook.csv")).decode()
    assert all(one["name"] in page for one in told["responses"])
    assert len(told["report"]) > 100


def test_a_study_is_told_with_its_design(study, program):
    (listed,) = program.get("studies").json()["studies"]
    told = program.get(f"studies/{study.slug}").json()
    assert {name: told[name] for name in listed} == listed
    assert (told["title"], told["status"], told["shows_results"]) == ("Four cells", "closed", True)
    assert {cell["name"] for cell in told["design"]["conditions"]} == set(
        study.conditions.values_list("name", flat=True)
    )
    assert len(told["design"]["choices"]) == 9
    assert len(told["stimuli"]) == study.stimuli.count()
    assert told["design"]["withdrawn"] == 1
    assert study.owner.get_username() not in json.dumps(told)
    assert program.client.get(told["links"]["report"], headers={"Authorization": f"Bearer {program.secret}"}).json()


HIDDEN = ["responses", "responses?format=csv", "responses?format=ndjson", "report", "reports/{job}"]


@pytest.mark.parametrize("door", HIDDEN)
def test_nothing_tells_a_result_while_people_take_part(door, settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    study = make_study(versions=make_versions(4))
    answer_study(study, people=3)
    program = Program(make_token(study.owner)[1])
    job = ReportJob.objects.create(study=study)
    door = door.format(job=job.public_id)
    response = program.get(f"studies/{study.slug}/{door}")
    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
    assert "hidden while people take part" in response.json()["detail"]
    assert not Reading.objects.exists()
    assert not AuditEntry.objects.filter(action="export").exists()
    assert program.get(f"studies/{study.slug}").json()["shows_results"] is False
    actions.open_results(study=study, by=study.owner)
    assert program.get(f"studies/{study.slug}/{door}").status_code == 200


def test_who_read_what_is_counted_by_day_and_taking_answers_away_is_in_the_log(study, program):
    for door in ("responses", "responses?format=csv", "report", "codebook", ""):
        body_of(program.get(f"studies/{study.slug}/{door}".rstrip("/")))
    found = {row.kind: (row.times, row.reader) for row in Reading.objects.all()}
    reader = f"{study.owner.get_username()}, token “laptop”"
    assert found == {
        "responses": (2, reader),
        "report": (1, reader),
        "codebook": (1, reader),
        "study": (1, reader),
    }
    entry = AuditEntry.objects.get(action="export")
    assert (entry.actor, entry.study, entry.detail["format"]) == (study.owner, study, "api")
    page = member(study.owner).get(f"/studies/{study.slug}/links/").content.decode()
    assert reader in page


def test_a_large_report_is_made_by_a_worker_and_told_of_meanwhile(study, program, monkeypatch):
    monkeypatch.setattr(reports, "LARGE", 5)
    monkeypatch.setattr("survey.views.waiting.ask_worker", queue_report)
    response = program.get(f"studies/{study.slug}/report")
    said = response.json()
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert (said["status"], said["share"]) == (503, 0)
    state = program.get(said["state"].partition("/api/v1/")[2])
    assert (state.status_code, state.json()["status"]) == (200, "queued")


def queue_report(study, choice):
    """A broker that took the message, whose worker has not begun."""
    job = ReportJob.objects.create(study=study)
    return job, True


REFUSED = [
    ("responses?limit=0", "limit"),
    ("responses?limit=5001", "limit"),
    ("responses?limit=x", "limit"),
    ("responses?cursor=%21", "cursor"),
    ("responses?cursor=" + "9" * 40, "cursor"),
    ("responses?format=xml", "format"),
    ("responses?format=csv&limit=3", "pages of JSON"),
    ("responses?people=included", "no parameter"),
    ("report?cell=nowhere", "cell"),
    ("report?composer=nobody", "composer"),
    ("report?people=all", "people"),
    ("codebook?table=x", "it takes none"),
    ("report?token=abc", "never stands in an address"),
]


@pytest.mark.parametrize(("asked", "said"), REFUSED)
def test_what_cannot_be_read_is_told_with_what_to_do(asked, said, study, program):
    response = program.get(f"studies/{study.slug}/{asked}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert said in response.json()["detail"]


def test_a_format_that_there_is_not_is_told_and_a_browsers_wish_is_json(study, program):
    answers = f"studies/{study.slug}/responses"
    assert program.get(answers, headers={"Accept": "image/png"}).status_code == 406
    assert program.get(answers, headers={"Accept": "text/csv;q=0.5"})["Content-Type"].startswith("text/csv")
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    assert program.get(answers, headers={"Accept": browser})["Content-Type"] == "application/json"


def test_head_reads_no_rows(study, program):
    response = program.get(f"studies/{study.slug}/responses?format=csv", method="head")
    assert (response.status_code, body_of(response)) == (200, b"")


def test_a_page_has_a_thousand_rows_and_five_thousand_at_most():
    assert (endpoints.PAGE_SIZE, endpoints.MOST_ROWS) == (1000, 5000)


NOTHING_HEAVY = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "melodymuse_site.settings"
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
call_command("migrate", verbosity=0)
from survey import actions
user = get_user_model().objects.create_superuser("ada", password="a long password")
token, secret = actions.make_api_token(by=user, name="x", study=None, expires_at=None)
study = actions.create_study(by=user, title="A study")
client = Client(headers={"Authorization": f"Bearer {secret}", "Host": "localhost"})
codes = []
answers = f"studies/{study.slug}/responses"
for door in ("studies", f"studies/{study.slug}", answers, f"studies/{study.slug}/codebook",
             f"{answers}?format=csv", f"{answers}?format=ndjson", "openapi.json"):
    response = client.get("/api/v1/" + door)
    b"".join(response.streaming_content) if response.streaming else response.content
    codes.append(response.status_code)
print(codes, sorted({"tensorflow", "keras", "pandas", "music21", "pyarrow"} & set(sys.modules)))
"""


@pytest.mark.slow
def test_no_request_loads_tensorflow_pandas_or_arrow(tmp_path):
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3"}
    result = subprocess.run(
        [sys.executable, "-c", NOTHING_HEAVY], capture_output=True, text=True, env=environment, cwd=site.BASE_DIR
    )
    assert result.stdout == "[200, 200, 200, 200, 200, 200, 200] []\n", result.stderr[-2000:]
