"""The JSON schema of the measures in a report, made from their types: for whoever reads ``report.json`` by program."""

from __future__ import annotations

from typing import Any

import msgspec

from survey.analysis.measures import all_measures
from survey.analysis.measures.fields import fields_of, shapes_of
from survey.analysis.report import SCHEMA

DRAFT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "#/$defs/{name}"


def report_schema() -> dict[str, Any]:
    """Return the schema of a report: every measure's result, or null where a study has nothing of the kind.

    Examples
    --------
    >>> measures = report_schema()["properties"]["measures"]
    >>> measures["properties"]["times"]["anyOf"][1], measures["properties"]["times"]["description"]
    ({'$ref': '#/$defs/Times'}, 'response times of right and wrong answers')
    """
    measures = all_measures()
    shapes = list(dict.fromkeys(shape for measure in measures for shape in shapes_of(measure.result)))
    _, definitions = msgspec.json.schema_components(shapes, ref_template=REFERENCE)
    for shape in shapes:
        _describe(definitions[shape.__name__], shape)
    found = {
        measure.name: {
            "description": measure.says,
            "anyOf": [{"type": "null"}, {"$ref": REFERENCE.format(name=measure.result.__name__)}],
        }
        for measure in measures
    }
    return {
        "$schema": DRAFT,
        "title": "A report; docs/report.md lists every name",
        "type": "object",
        "properties": {"schema": {"const": SCHEMA}, "measures": _names_alone(found)},
        "required": ["schema"],
        "$defs": definitions,
    }


def _names_alone(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _describe(definition: dict[str, Any], shape: type) -> None:
    """Write every field's meaning and unit into its definition; a type's docstring is there already."""
    for field in fields_of(shape):
        unit = f" ({field.unit.name})" if field.unit.name and field.unit.times == 1 else ""
        definition["properties"][field.name]["description"] = f"{field.meaning}{unit}"
