"""The OpenAPI description, made from what declares things elsewhere: endpoints, columns, fields and measures."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from django.db import models

from survey.analysis.json_schema import DRAFT, REFERENCE, report_schema
from survey.exports.codebook import CODEBOOK_HEADER, COURSES, EVERY_OF_STIMULI, RESPONSES, Column
from survey.exports.describing import LATE, QUESTION_FIELDS, STUDY_FIELDS
from survey.models import Condition, Study, StudyQuestion
from survey.views.api.doors import Endpoint
from survey.views.api.endpoints import ENDPOINTS
from survey.views.api.problems import CONTENT_TYPE, TITLES

PLACE = "#/components/schemas/{name}"
PROBLEMS = (400, 401, 405, 429)
"""What every address may answer."""
KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "time": {"type": ["string", "null"], "format": "date-time"},
    "list": {"type": ["array", "null"], "items": {"type": "string"}},
    "json": {"type": ["object", "null"]},
}
"""What a kind of column is in JSON."""
FIELDS: tuple[tuple[type[models.Field[Any, Any]], dict[str, Any]], ...] = (
    (models.DateTimeField, {"type": "string", "format": "date-time"}),
    (models.DateField, {"type": "string", "format": "date"}),
    (models.BooleanField, {"type": "boolean"}),
    (models.IntegerField, {"type": "integer"}),
    (models.FloatField, {"type": "number"}),
    (models.JSONField, {"type": ["object", "array"]}),
    (models.CharField, {"type": "string"}),
    (models.TextField, {"type": "string"}),
)
"""What a field of a model is in JSON; the first that fits counts."""
SUMMARY = ("slug", "title", "status", "mode", "created_at", "published_at", "closed_at")
LINKS = ("study", "responses", "courses", "report", "codebook")
TEXT, NUMBER, WHOLE, TRUTH = ({"type": kind} for kind in ("string", "number", "integer", "boolean"))


@lru_cache(maxsize=1)
def describe_api() -> bytes:
    """The description as it is sent: it follows from the code alone."""
    return json.dumps(api_description(), ensure_ascii=False, indent=1).encode()


def api_description() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MelodyMuse",
            "version": "1",
            "summary": "Reads studies, answers and reports.",
            "description": "Nothing can be changed by it. docs/tasks/read-by-program.md shows it in use.",
        },
        "jsonSchemaDialect": DRAFT,
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": {_template(endpoint): {"get": _describe(endpoint)} for endpoint in ENDPOINTS},
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Made at /accounts/tokens/, shown once."}
            },
            "schemas": _schemas(),
        },
    }


def _template(endpoint: Endpoint) -> str:
    return "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", endpoint.path)


def _describe(endpoint: Endpoint) -> dict[str, Any]:
    in_path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"} if kind == "uuid" else TEXT,
        }
        for kind, name in re.findall(r"<(\w+):(\w+)>", endpoint.path)
    ]
    in_query = [
        {"name": one.name, "in": "query", "description": one.says, "schema": one.schema} for one in endpoint.parameters
    ]
    return {
        "operationId": endpoint.name,
        "summary": endpoint.says,
        "parameters": in_path + in_query,
        "responses": {"200": _found(endpoint), **{str(status): _problem(status) for status in _refusals(endpoint)}},
    }


def _refusals(endpoint: Endpoint) -> list[int]:
    more = [(endpoint.of_study, 404), (endpoint.results, 403), (bool(endpoint.media), 406)]
    more += [(endpoint.may_wait, status) for status in (409, 503)]
    return sorted([*PROBLEMS, *(status for holds, status in more if holds)])


def _found(endpoint: Endpoint) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": _ref(endpoint.schema)}}
    for media, says in endpoint.media:
        content[media] = {"schema": {"type": "string", "description": says}}
    return {"description": endpoint.says, "content": content}


def _problem(status: int) -> dict[str, Any]:
    said: dict[str, Any] = {"description": TITLES[status], "content": {CONTENT_TYPE: {"schema": _ref("Problem")}}}
    if status in (429, 503):
        said["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": WHOLE}}
    return said


def _ref(name: str) -> dict[str, str]:
    return {"$ref": PLACE.format(name=name)}


def _object(properties: dict[str, Any], *, optional: tuple[str, ...] = (), more: Any = False) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": more,
    }


def _column(column: Column) -> dict[str, Any]:
    unit = f" ({column.unit})" if column.unit else ""
    values = f" Values: {column.values}." if column.values else ""
    return {**KINDS[column.kind], "description": f"{column.meaning}{unit}{values}"}


def _columns(columns: tuple[Column, ...], more: Any = False) -> dict[str, Any]:
    return _object({column.name: _column(column) for column in columns}, more=more)


def _field(model: type[models.Model], name: str) -> dict[str, Any]:
    field: Any = model._meta.get_field(name)
    found = dict(next(schema for kind, schema in FIELDS if isinstance(field, kind)))
    if field.null:
        found["type"] = [found["type"], "null"]
    if field.help_text:
        found["description"] = str(field.help_text)
    return found


def _fields(model: type[models.Model], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _field(model, name) for name in names}


def _schemas() -> dict[str, Any]:
    own = {
        "OpenApi": {"type": "object", "required": ["openapi", "info", "paths"]},
        "Problem": _object(
            {
                "type": TEXT,
                "title": {"enum": list(TITLES.values())},
                "status": {"enum": list(TITLES)},
                "detail": {**TEXT, "description": "What is wrong and what to do."},
                "share": {**NUMBER, "description": "Of a report that is being made: how far it is, in per cent."},
                "state": {**TEXT, "format": "uri", "description": "Where to ask how far that report is."},
            },
            optional=("share", "state"),
        ),
        "StudyList": _object({"studies": {"type": "array", "items": _ref("StudySummary")}}),
        "StudySummary": _object(_summary()),
        "Study": _object(
            {
                **_summary(),
                "answers": {**WHOLE, "description": "Answers of people, practice among them."},
                "design": _ref("Design"),
                "stimuli": {"type": "array", "items": _ref("Stimulus")},
            }
        ),
        "Design": _design(),
        "Stimulus": _columns(EVERY_OF_STIMULI),
        # Further questions of a study have columns of their own at the end; its codebook names them.
        "Response": _columns(RESPONSES, more={"type": ["string", "number", "boolean", "null"]}),
        "ResponsePage": _object(
            {
                "responses": {"type": "array", "items": _ref("Response")},
                "cursor": {"type": ["string", "null"], "description": "Of the next page; null at the end."},
                "next": {"type": ["string", "null"], "format": "uri", "description": "The next page's address."},
            }
        ),
        "Course": _object(_course()),
        "CoursePage": _object(
            {
                "courses": {"type": "array", "items": _ref("Course")},
                "cursor": {"type": ["string", "null"], "description": "Of the next page; null at the end."},
                "next": {"type": ["string", "null"], "format": "uri", "description": "The next page's address."},
            }
        ),
        "ReportState": _object(
            {
                "status": {"enum": ["queued", "running", "ready", "failed"]},
                "share": NUMBER,
                "phases": {
                    "type": "array",
                    "items": _object({"words": TEXT, "state": {"enum": ["done", "now", "ahead"]}}),
                },
                "said": TEXT,
                "is_stuck": {**TRUTH, "description": "Whether nobody works on it, or it failed."},
            }
        ),
        "Codebook": _object(
            {name: {"type": "array", "items": _ref("Meaning")} for name in ("responses", "stimuli", "report")}
        ),
        "Meaning": _object({name: TEXT for name in CODEBOOK_HEADER if name != "table"}),
    }
    return {**own, **_report_schemas()}


def _course() -> dict[str, Any]:
    """What is the same at every sample once, and the samples of each dimension; those of one not asked for are none."""
    told = {column.name: _column(column) for column in COURSES}
    samples = {name: {"type": "array", "items": told[name]} for name in ("valence", "arousal")}
    same = {name: told[name] for name in ("participant", "position", "stimulus", "trial_kind", "whole")}
    return {**same, "hertz": {**WHOLE, "description": "Samples per second of the clip."}, **samples}


def _summary() -> dict[str, Any]:
    return {
        **_fields(Study, SUMMARY),
        "version": WHOLE,
        "shows_results": {**TRUTH, "description": "Whether answers and report can be read."},
        "started": {**WHOLE, "description": "People who agreed and did not withdraw."},
        "complete": {**WHOLE, "description": "Those of them who finished."},
        "links": _object({name: {**TEXT, "format": "uri"} for name in LINKS}),
    }


def _design() -> dict[str, Any]:
    place = {"type": ["number", "null"], "description": "Place of the emotion, −1 to 1."}
    choice = {"slug": TEXT, "label": TEXT, "labels": {"type": "object"}, "valence": place, "arousal": place}
    cell = _fields(Condition, ("name", "presentation", "matching", "composer", "weight"))
    question = _fields(StudyQuestion, QUESTION_FIELDS)
    return _object(
        {
            **_fields(Study, STUDY_FIELDS),
            "choices": {"type": "array", "items": _object(choice)},
            "conditions": {"type": "array", "items": _object(cell)},
            "questions": {"type": "array", "items": _object(question, optional=("admits",))},
            "withdrawn": WHOLE,
            "pianos": {"type": "array", "items": {"type": "object"}},
            "loudness_caveat": TEXT,
        },
        optional=(*LATE, "pianos", "loudness_caveat"),
    )


def _report_schemas() -> dict[str, Any]:
    """The schema of report.json, whose definitions become schemas of their own."""
    schema = report_schema()
    definitions = schema.pop("$defs")
    schema.pop("$schema")
    schema["properties"] |= {"study": TEXT, "interim": TRUTH, "selection": TEXT}
    schema["required"] = [*schema["required"], "study", "interim", "selection", "measures"]
    renamed: dict[str, Any] = _rename(
        {"Report": schema, **{f"Report.{name}": one for name, one in definitions.items()}}
    )
    return renamed


def _rename(value: Any) -> Any:
    old, new = REFERENCE.format(name=""), PLACE.format(name="Report.")
    if isinstance(value, dict):
        return {name: inner.replace(old, new) if name == "$ref" else _rename(inner) for name, inner in value.items()}
    return [_rename(inner) for inner in value] if isinstance(value, list) else value
