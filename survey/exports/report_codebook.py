"""The codebook of the measures in ``report.json``: a row for every name, made from the types of the results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, get_args, get_origin

from survey.analysis.measures import all_measures
from survey.analysis.measures.fields import fields_of, known_kind

TABLE = "report.json"
KINDS = {"text": "text", "number": "number", "interval": "two numbers at 95 %: [low, high]", "list": "list"}


def report_codebook_rows() -> Iterator[tuple[str, ...]]:
    """Yield a row per name with the columns of `codebook.CODEBOOK_HEADER`; ``*`` stands for names that data give."""
    for measure in all_measures():
        path = f"measures.{measure.name}"
        needs = "; ".join(need.says for need in measure.needs)
        yield TABLE, path, "null or an object", "", f"needs: {needs}" if needs else "", measure.says
        yield from _rows(measure.result, path)


def _rows(shape: type, path: str) -> Iterator[tuple[str, ...]]:
    for field in fields_of(shape):
        here, inner = f"{path}.{field.name}", field.kind
        while get_origin(inner) in (dict, tuple, list) and not field.is_interval:
            here += ".*" if get_origin(inner) is dict else "[]"
            inner = known_kind(get_args(inner)[1 if get_origin(inner) is dict else 0])
        unit = field.unit.name if field.unit.times == 1 else ""
        yield TABLE, here, _kind(inner, field.holds), unit, "", field.meaning
        if is_dataclass(inner):
            yield from _rows(inner, here)


def _kind(inner: Any, holds: str) -> str:
    if is_dataclass(inner):
        return "an object"
    return KINDS.get(holds.removesuffix(" by name"), "number" if inner in (int, float) else "text")
