"""The addresses of the API, each declared once: the list of addresses and the OpenAPI description follow."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse

from survey.design.following import WHOLE
from survey.exports.codebook import CODEBOOK_HEADER, COURSES, EVERY_OF_STIMULI, Column, codebook_rows, tables_of
from survey.exports.csv_text import stream_csv, write_time
from survey.exports.describing import describe_study
from survey.exports.formats import json_lines
from survey.exports.one_by_one import read_one_by_one
from survey.exports.report_codebook import report_codebook_rows
from survey.exports.rows import DECLARED, courses, courses_of, stimuli
from survey.findings.reports import count_answers
from survey.models import ApiToken, Course, ReportJob, Study
from survey.queries import studies_of_token, with_numbers
from survey.views.api.doors import Endpoint, Parameter, guard, missing
from survey.views.api.problems import Refused
from survey.views.choices import read_choice
from survey.views.results import plain_report
from survey.views.waiting import find_report, look_at, retry_after, state_of

TABLE = "responses_long"
PAGE_SIZE, MOST_ROWS = 1000, 5000
FORMATS = {"json": "application/json", "ndjson": "application/x-ndjson", "csv": "text/csv"}
TAKES_ANYTHING = ("*/*", "application/*")
LARGEST_KEY = 2**63 - 1


def list_studies(request: HttpRequest, token: ApiToken) -> HttpResponseBase:
    """All studies that the token may read, newest first."""
    studies = with_numbers(studies_of_token(token))
    return JsonResponse({"studies": [_summary(request, study) for study in studies]})


def show_study(request: HttpRequest, study: Study) -> HttpResponseBase:
    counted = with_numbers(Study.objects.filter(pk=study.pk)).get()
    said = {
        **_summary(request, counted),
        "answers": count_answers(study),
        "design": {"questions": [], **_plain(describe_study(study))},
        "stimuli": [_row(EVERY_OF_STIMULI, row) for row in stimuli(study, every_column=True)],
    }
    return JsonResponse(said)


def _summary(request: HttpRequest, study: Any) -> dict[str, Any]:
    links = {
        name: request.build_absolute_uri(reverse(f"api_{name}", args=[study.slug]))
        for name in ("study", "responses", "courses", "report", "codebook")
    }
    return {
        "slug": study.slug,
        "title": study.title,
        "version": study.number,
        "status": study.status,
        "mode": study.mode,
        "created_at": write_time(study.created_at),
        "published_at": _time(study.published_at),
        "closed_at": _time(study.closed_at),
        "shows_results": study.shows_results,
        "started": study.started,
        "complete": study.complete,
        "links": links,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)


def _plain(value: Any) -> Any:
    """A value as JSON has it; times as in every export."""
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _row(columns: Iterable[Column], row: Iterable[Any]) -> dict[str, Any]:
    return {column.name: _plain(value) for column, value in zip(columns, row, strict=True)}


def read_responses(request: HttpRequest, study: Study) -> HttpResponseBase:
    """The long table of the export: a page as JSON, or all of it as a stream."""
    form = _form_of(request)
    columns = tables_of(study)[TABLE]
    if form == "json":
        return JsonResponse(_page_of(request, study, columns))
    if "cursor" in request.GET or "limit" in request.GET:
        raise Refused(400, f"A cursor and a limit go with pages of JSON; format={form} sends all rows in one stream.")
    rows = read_one_by_one(DECLARED[TABLE](study), columns) if request.method == "GET" else iter(())
    if form == "csv":
        stream: Iterator[str] = stream_csv([column.name for column in columns], rows)
    else:
        stream = json_lines(rows, columns)
    return StreamingHttpResponse(stream, content_type=f"{FORMATS[form]}; charset=utf-8")


def _page_of(request: HttpRequest, study: Study, columns: Iterable[Column]) -> dict[str, Any]:
    after, size = _read_cursor(request), _read_limit(request)
    table = DECLARED[TABLE](study)
    keys = list(table.found.filter(pk__gt=after).values_list("pk", flat=True)[: size + 1])
    page = table.found.filter(pk__in=keys[:size])
    rows = [_row(columns, row) for row in read_one_by_one(table, list(columns), page)]
    following = _write_cursor(keys[size - 1]) if len(keys) > size else None
    query = f"?limit={size}&cursor={following}"
    address = request.build_absolute_uri(reverse("api_responses", args=[study.slug]))
    return {"responses": rows, "cursor": following, "next": f"{address}{query}" if following else None}


def read_courses(request: HttpRequest, study: Study) -> HttpResponseBase:
    """What was rated while clips played: an object per clip and person, or the rows of the export."""
    form = _form_of(request)
    if form == "json":
        return JsonResponse(_courses_page(request, study))
    if "cursor" in request.GET or "limit" in request.GET:
        raise Refused(400, f"A cursor and a limit go with pages of JSON; format={form} sends all rows in one stream.")
    asks = request.method == "GET" and bool(study.rated_while_playing)
    if form == "csv":
        stream = stream_csv([column.name for column in COURSES], courses(study) if asks else iter(()))
    else:
        found = courses_of(study).select_related(*COURSE_PARTS).iterator(chunk_size=PAGE_SIZE) if asks else iter(())
        stream = (json.dumps(_course(course)) + "\n" for course in found)
    return StreamingHttpResponse(stream, content_type=f"{FORMATS[form]}; charset=utf-8")


COURSE_PARTS = ("trial__participant", "trial__stimulus")


def _courses_page(request: HttpRequest, study: Study) -> dict[str, Any]:
    after, size = _read_cursor(request), _read_limit(request)
    found = courses_of(study).filter(pk__gt=after).select_related(*COURSE_PARTS)
    page = list(found[: size + 1])
    following = _write_cursor(page[size - 1].pk) if len(page) > size else None
    query = f"?limit={size}&cursor={following}"
    address = request.build_absolute_uri(reverse("api_courses", args=[study.slug]))
    return {
        "courses": [_course(course) for course in page[:size]],
        "cursor": following,
        "next": f"{address}{query}" if following else None,
    }


def _course(course: Course) -> dict[str, Any]:
    trial = course.trial
    return {
        "participant": trial.participant.public_id,
        "position": trial.position,
        "stimulus": str(trial.stimulus.public_id),
        "trial_kind": trial.kind,
        "hertz": course.hertz,
        "whole": course.is_whole,
        **{
            name: [None if at is None else at / WHOLE for at in getattr(course, name)]
            for name in ("valence", "arousal")
        },
    }


def _read_limit(request: HttpRequest) -> int:
    sent = request.GET.get("limit", str(PAGE_SIZE))
    if not re.fullmatch(r"[0-9]{1,4}", sent) or not 1 <= int(sent) <= MOST_ROWS:
        raise Refused(400, f"limit is a number of rows from 1 to {MOST_ROWS}.")
    return int(sent)


def _write_cursor(key: int) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def _read_cursor(request: HttpRequest) -> int:
    """The key of the last row that was sent; 0 at the beginning."""
    sent = request.GET.get("cursor")
    if sent is None:
        return 0
    try:
        text = base64.b64decode(sent + "=" * (-len(sent) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) > LARGEST_KEY:
        raise Refused(400, "This is no cursor: take the one of the page before, or leave it out to begin.")
    return int(text)


def _form_of(request: HttpRequest) -> str:
    """json, ndjson or csv: by the parameter, else by the first type of the Accept header that there is."""
    sent = request.GET.get("format")
    if sent is not None:
        if sent not in FORMATS:
            raise Refused(400, f"format is one of {', '.join(FORMATS)}.")
        return sent
    wanted = [part.partition(";")[0].strip().lower() for part in request.headers.get("Accept", "*/*").split(",")]
    for kind in wanted:
        for name, media in FORMATS.items():
            if kind == media or kind in TAKES_ANYTHING:
                return name
    raise Refused(406, f"There are {', '.join(FORMATS.values())}; name one of them in the Accept header, or format=….")


def read_report(request: HttpRequest, study: Study) -> HttpResponseBase:
    """The report.json of the results page."""
    choice = read_choice(request, study)
    for name, found in (("cell", choice.cell), ("composer", choice.composer)):
        if request.GET.get(name, "") != found:
            raise Refused(400, f"The study has no {name} of this name; its own address lists them.")
    if request.GET.get("people", "") not in ("", "included"):
        raise Refused(400, "people is included, or left out for everybody.")
    found = find_report(request, study, choice, say=_say_waiting)
    return found if isinstance(found, HttpResponse) else JsonResponse(plain_report(found, study, choice))


def _say_waiting(request: HttpRequest, study: Study, choice: Any, job: ReportJob, is_told: bool) -> HttpResponse:
    """What a program is told while a worker makes the report: when to ask again, and where it stands."""
    state = state_of(job, is_told)
    if job.status == ReportJob.Status.FAILED:  # asking again mends nothing
        return Refused(409, f"The report could not be computed. {state['said']}").response
    return Refused(
        503,
        f"The report of {count_answers(study):,} answers is not there yet. {state['said']}",
        headers={"Retry-After": retry_after(job)},
        share=state["share"],
        state=request.build_absolute_uri(reverse("api_report_state", args=[study.slug, job.public_id])),
    ).response


def read_report_state(request: HttpRequest, study: Study, public_id: Any) -> HttpResponseBase:
    return JsonResponse(look_at(study, public_id))


def read_codebook(request: HttpRequest, study: Study) -> HttpResponseBase:
    """What the columns of answers and stimuli mean, and every name of the measures in the report."""
    return JsonResponse(
        {
            "responses": [_entry(row) for row in codebook_rows(TABLE, study=study)],
            "stimuli": [_entry(row) for row in codebook_rows("stimuli", study=study)],
            "report": [_entry(row) for row in report_codebook_rows()],
        }
    )


def _entry(row: Iterable[str]) -> dict[str, str]:
    return {name: value for name, value in zip(CODEBOOK_HEADER, row, strict=True) if name != "table"}


def read_openapi(request: HttpRequest, token: ApiToken) -> HttpResponseBase:
    """This API as OpenAPI 3.1."""
    from survey.views.api.describing import describe_api  # which reads the list below

    return HttpResponse(describe_api(), content_type="application/json")


TEXT = {"type": "string"}
ENDPOINTS = (
    Endpoint("openapi", "openapi.json", read_openapi, "This description of the API.", "OpenApi"),
    Endpoint("studies", "studies", list_studies, "Every study that the token may read, newest first.", "StudyList"),
    Endpoint(
        "study",
        "studies/<slug:slug>",
        show_study,
        "One study with its design: options, cells, further questions, plan and rules as they were published, stimuli, "
        "and how many people and answers there are.",
        "Study",
    ),
    Endpoint(
        "responses",
        "studies/<slug:slug>/responses",
        read_responses,
        "Every answer, long form: the columns of responses_long.csv, with the same rules of who is in it. A page as "
        "JSON, or all of it in one stream as NDJSON or CSV.",
        "ResponsePage",
        parameters=(
            Parameter("format", "What to send; stands above the Accept header.", {"enum": list(FORMATS)}),
            Parameter("limit", "Rows of a page.", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}),
            Parameter("cursor", "The cursor of the page before; take it as it is.", TEXT),
        ),
        media=(
            (FORMATS["ndjson"], "An object per line, each a Response."),
            (FORMATS["csv"], "The bytes of the results page's responses.csv; text is guarded against formulas."),
        ),
        results=True,
    ),
    Endpoint(
        "courses",
        "studies/<slug:slug>/courses",
        read_courses,
        "What was rated while clips played, ten times a second of the clip: an object per clip and person as a page of "
        "JSON or all of them as NDJSON, or the rows of courses.csv. Empty where the study asks nothing then.",
        "CoursePage",
        parameters=(
            Parameter("format", "What to send; stands above the Accept header.", {"enum": list(FORMATS)}),
            Parameter("limit", "Courses of a page.", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}),
            Parameter("cursor", "The cursor of the page before; take it as it is.", TEXT),
        ),
        media=(
            (FORMATS["ndjson"], "An object per line, each a Course."),
            (FORMATS["csv"], "The bytes of the pack's courses.csv: a row per sample."),
        ),
        results=True,
    ),
    Endpoint(
        "report",
        "studies/<slug:slug>/report",
        read_report,
        "Every number of the results page, as its report.json.",
        "Report",
        parameters=(
            Parameter("cell", "A cell of the design; without it the primary one.", TEXT),
            Parameter("composer", "The music of one composer alone.", TEXT),
            Parameter("people", "Leave out whom the rules or a researcher left out.", {"enum": ["included"]}),
        ),
        results=True,
        may_wait=True,
    ),
    Endpoint(
        "report_state",
        "studies/<slug:slug>/reports/<uuid:public_id>",
        read_report_state,
        "How far a report is that a worker makes.",
        "ReportState",
        results=True,
        is_polled=True,
    ),
    Endpoint(
        "codebook",
        "studies/<slug:slug>/codebook",
        read_codebook,
        "What every column of the answers and the stimuli, and every name of the report's measures, means.",
        "Codebook",
    ),
)

urlpatterns: list[URLPattern] = [
    *(path(endpoint.path, guard(endpoint), name=f"api_{endpoint.name}") for endpoint in ENDPOINTS),
    path("", missing, name="api"),
    path("<path:rest>", missing, name="api_missing"),
]
