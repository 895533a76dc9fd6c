"""How a measure is shown that declares nothing of its own: a table of its fields, a sentence for every interval.

What is read of the result's type: a field's meaning heads its row, its unit stands behind the number; `interval`
belongs to `estimate`, `rate_interval` to `rate`; `reason` says beside them why something is None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any

from survey.analysis.measures.fields import Field, fields_of
from survey.analysis.measures.shown import Table
from survey.analysis.measures.units import PLAIN, Unit
from survey.analysis.wording import UNDEFINED

HEADER = ["", "Value", "95 % interval", "Note"]


def plain_tables(name: str, says: str, found: Any) -> list[Table]:
    """Return one table with a row for each field of a result, nested results among them.

    Examples
    --------
    >>> from survey.analysis.affect.over_people import OverPeople
    >>> (table,) = plain_tables("ratio", "how much longer", OverPeople(2.0, (1.5, 2.5), participants=3))
    >>> table.rows[0], table.rows[1]
    (['Mean over people', '2.000', '1.500 to 2.500', ''], ['People whose answers show it', '3', '', ''])
    """
    return [Table(name, _capital(says), HEADER, list(_rows(found, "", PLAIN)))]


def plain_sentences(says: str, found: Any) -> list[str]:
    """Return a sentence for every number of a result that has an interval."""
    known = {field.name: field for field in fields_of(type(found))}
    return [
        f"{_capital(says) if field.name == 'estimate' else field.label}: {field.unit.write(getattr(found, field.name))}"
        f" (95 % interval {field.unit.write_interval(ends)})."
        for field in known.values()
        if (ends := _ends(found, field, known)) is not None and getattr(found, field.name) is not None
    ]


def _rows(found: Any, head: str, unit: Unit) -> Iterator[list[str]]:
    """Rows of one result; `head` stands before every label, `unit` is what its estimate has where it declares none."""
    known = {field.name: field for field in fields_of(type(found))}
    reason = next((getattr(found, field.name) for field in known.values() if field.name == "reason"), None)
    for field in known.values():
        if not field.is_reason and _of_interval(field, known) is None:
            own = field.unit if field.unit != PLAIN or field.name != "estimate" else unit
            own_reason = getattr(found, f"{field.name}_reason", None) or reason
            ends = _ends(found, field, known) if known.get(_interval_name(field)) else None
            yield from _row(getattr(found, field.name), _label(head, field), own, ends, own_reason or "")


def _row(value: Any, label: str, unit: Unit, ends: Any, reason: str) -> Iterator[list[str]]:
    if is_dataclass(value):
        yield from _rows(value, label, unit)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _row(item, f"{label}: {name}", unit, None, reason)
    elif isinstance(value, tuple | list) and value and is_dataclass(value[0]):
        for place, item in enumerate(value, start=1):
            yield from _row(item, f"{label}: {place}", unit, None, reason)
    else:
        said = reason if value is None or (ends is None and isinstance(value, float)) else ""
        yield [label, _written(value, unit), "" if ends is None else unit.write_interval(ends), said]


def _written(value: Any, unit: Unit) -> str:
    match value:
        case None | () | []:
            return UNDEFINED
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return unit.write(value)
        case tuple() | list():
            return ", ".join(_written(one, unit) for one in value)
        case _:
            return str(value)


def _label(head: str, field: Field) -> str:
    """An estimate inside a part of the result is what that part is."""
    if not head:
        return field.label
    return head if field.name == "estimate" else f"{head}: {field.meaning}"


def _interval_name(field: Field) -> str:
    return "interval" if field.name == "estimate" else f"{field.name}_interval"


def _of_interval(field: Field, known: dict[str, Field]) -> Field | None:
    """The number that an interval belongs to; None where it stands for itself."""
    if not field.is_interval:
        return None
    name = "estimate" if field.name == "interval" else field.name.removesuffix("_interval")
    return known.get(name) if name != field.name else None


def _ends(found: Any, field: Field, known: dict[str, Field]) -> Any:
    name = _interval_name(field)
    return getattr(found, name) if name in known else None


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
