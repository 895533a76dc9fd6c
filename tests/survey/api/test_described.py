"""The OpenAPI description: every address is in it, and everything that the API answers is what it says."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse
from jsonschema import Draft202012Validator, FormatChecker

from survey import actions
from survey.exports.codebook import EVERY_OF_STIMULI, RESPONSES
from survey.exports.describing import STUDY_FIELDS
from survey.findings import reports
from survey.models import ReportJob
from survey.views.api import endpoints
from survey.views.api.describing import api_description
from survey.views.api.problems import CONTENT_TYPE, TITLES
from tests.survey.answering import answer_study
from tests.survey.api.asking import Program, body_of, make_token
from tests.survey.factories import make_study, make_versions
from tests.survey.rich_study import make_rich_study, make_yes_no_study

pytestmark = pytest.mark.django_db
DESCRIPTION = json.loads(json.dumps(api_description()))
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


@pytest.fixture
def folder(settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    return tmp_path


def check(response, path):
    """Hold an answer to what the description says of its address, status and media type."""
    said = DESCRIPTION["paths"][path]["get"]["responses"][str(response.status_code)]
    kind = response["Content-Type"].partition(";")[0]
    schema = said["content"][kind]["schema"]
    whole = {**schema, "components": DESCRIPTION["components"]}
    text = body_of(response).decode()
    body = json.loads(text) if kind in ("application/json", CONTENT_TYPE) else text
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(body)
    assert set(said.get("headers", {})) <= set(response.headers)
    return body


def test_every_address_of_the_api_is_described_and_nothing_else():
    words = {pattern.name: str(pattern.pattern) for pattern in endpoints.urlpatterns}
    described = {"/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route) for route in words.values()}
    assert set(DESCRIPTION["paths"]) == described - {"/", "/{rest}"}
    assert {name for name in words if not name.startswith("api_")} == {"api"}
    for path, methods in DESCRIPTION["paths"].items():
        assert set(methods) & METHODS == {"get"}
        names = {one["name"] for one in methods["get"]["parameters"] if one["in"] == "path"}
        assert names == set(re.findall(r"{(\w+)}", path))


def test_the_server_is_where_the_addresses_are():
    assert reverse("api_studies") == f"{DESCRIPTION['servers'][0]['url']}/studies"


def test_every_schema_is_one_and_every_reference_leads_somewhere():
    schemas = DESCRIPTION["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    found = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(DESCRIPTION)))
    assert {one.rpartition("/")[2] for one in found} <= set(schemas)
    assert {one.rpartition("/")[0] for one in found} == {"#/components/schemas"}
    assert {name for name in schemas if f"schemas/{name}" not in json.dumps(DESCRIPTION)} == set()


def test_columns_fields_and_measures_come_from_where_they_are_declared():
    schemas = DESCRIPTION["components"]["schemas"]
    assert list(schemas["Response"]["properties"]) == [column.name for column in RESPONSES]
    assert list(schemas["Stimulus"]["properties"]) == [column.name for column in EVERY_OF_STIMULI]
    assert set(STUDY_FIELDS) <= set(schemas["Design"]["properties"])
    assert "Report.Times" in schemas
    assert schemas["Response"]["properties"]["seconds"]["description"].endswith("by the server's clock. (s)")


@pytest.mark.parametrize("make", [make_rich_study, make_yes_no_study])
def test_what_the_api_answers_about_a_study_is_what_the_description_says(make, folder):
    study = make()
    program = Program(make_token(study.owner)[1])
    for path in DESCRIPTION["paths"]:
        if "{public_id}" not in path:
            check(program.get(path.lstrip("/").replace("{slug}", study.slug)), path)
    answers = "/studies/{slug}/responses"
    for form in ("csv", "ndjson"):
        body = check(program.get(f"studies/{study.slug}/responses?format={form}"), answers)
    row = {"$ref": "#/components/schemas/Response", "components": DESCRIPTION["components"]}
    lines = [json.loads(line) for line in body.splitlines()]
    assert len(lines) > 50
    for line in lines:
        Draft202012Validator(row, format_checker=FormatChecker()).validate(line)
    page = check(program.get(f"studies/{study.slug}/responses?limit=3"), answers)
    check(program.get(f"studies/{study.slug}/responses?limit=3&cursor={page['cursor']}"), answers)


def test_a_draft_and_a_study_with_questions_of_its_own_are_described_too(folder):
    draft = make_study(publish=False, versions=make_versions(4), consent_text="You agree.", clips_per_participant=4)
    program = Program(make_token(draft.owner)[1])
    for key in ("liking", "felt_emotion"):
        actions.add_question(study=draft, key=key, by=draft.owner)
    for path in ("", "/responses", "/codebook"):
        check(program.get(f"studies/{draft.slug}{path}"), f"/studies/{{slug}}{path}")
    actions.publish(study=draft, by=draft.owner)
    answer_study(draft, people=2)
    actions.close(study=draft, by=draft.owner)
    for path in ("", "/responses", "/report", "/codebook"):
        check(program.get(f"studies/{draft.slug}{path}"), f"/studies/{{slug}}{path}")


def test_every_problem_is_as_it_is_described(folder, settings, monkeypatch):
    study = make_study(versions=make_versions(4), clips_per_participant=4)
    program, path = Program(make_token(study.owner)[1]), "/studies/{slug}/report"
    seen = {check(program.get(f"studies/{study.slug}/report?x=1"), path)["status"]}
    seen.add(check(Program("wrong").get(f"studies/{study.slug}/report"), path)["status"])
    seen.add(check(program.get(f"studies/{study.slug}/report"), path)["status"])
    seen.add(check(program.get("studies/nowhere/report"), path)["status"])
    seen.add(check(program.get(f"studies/{study.slug}/report", method="post"), path)["status"])
    asked = {"headers": {"Accept": "image/png"}}
    answer_study(study, people=2)
    actions.close(study=study, by=study.owner)
    seen.add(check(program.get(f"studies/{study.slug}/responses", **asked), "/studies/{slug}/responses")["status"])
    monkeypatch.setattr(reports, "LARGE", 5)
    job = ReportJob.objects.create(study=study)
    monkeypatch.setattr("survey.views.waiting.ask_worker", lambda *_: (job, True))
    monkeypatch.setattr("survey.views.waiting._look_after", lambda *_: True)
    seen.add(check(program.get(f"studies/{study.slug}/report"), path)["status"])
    check(program.get(f"studies/{study.slug}/reports/{job.public_id}"), "/studies/{slug}/reports/{public_id}")
    settings.API_REQUESTS_PER_MINUTE = 1
    seen.add(check(program.get(f"studies/{study.slug}/report"), path)["status"])
    assert seen == set(TITLES) - {409}  # which no address is known to answer
    assert CONTENT_TYPE == "application/problem+json"


def test_every_refusal_there_is_is_described_of_some_address():
    described = {int(code) for path in DESCRIPTION["paths"].values() for code in path["get"]["responses"]}
    assert described == {200, *TITLES}


def test_a_report_that_could_not_be_computed_is_told_as_described(folder, monkeypatch):
    study = make_rich_study()
    monkeypatch.setattr(reports, "LARGE", 1)
    job = ReportJob.objects.create(study=study, status=ReportJob.Status.FAILED, error="No fit.")
    monkeypatch.setattr("survey.views.waiting.ask_worker", lambda study, choice: (job, True))
    response = Program(make_token(study.owner)[1]).get(f"studies/{study.slug}/report")
    assert response.status_code == 409
    check(response, "/studies/{slug}/report")
