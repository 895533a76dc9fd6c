"""The fields of a result as its type declares them: name, meaning, unit, and what a field holds.

A field is ``Annotated[type, "what it is"]`` or ``Annotated[type, "what it is", unit]``; `units` has the units.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from survey.analysis.measures.units import PLAIN, Unit

INTERVAL = (float, float)
NUMBERS = (int, float)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a result: `holds` is what docs/report.md says, `kind` its type without "or None"."""

    name: str
    meaning: str
    unit: Unit
    holds: str
    kind: Any

    @property
    def is_interval(self) -> bool:
        """Whether it holds the two ends of an interval."""
        return self.holds == "interval"

    @property
    def is_reason(self) -> bool:
        """Whether it says why something beside it is not defined."""
        return self.name == "reason" or self.name.endswith("_reason")

    @property
    def label(self) -> str:
        """Its meaning as the head of a row."""
        return f"{self.meaning[:1].upper()}{self.meaning[1:]}"


def fields_of(shape: type) -> list[Field]:
    """Return every field of a result.

    Raises
    ------
    TypeError
        Where a field has no meaning: write ``Annotated[type, "what it is"]``.

    Examples
    --------
    >>> @dataclass
    ... class Found:
    ...     estimate: Annotated[float | None, "seconds that a clip lasts", Unit("s", digits=1)]
    >>> [(field.name, field.label, field.unit.name, field.holds) for field in fields_of(Found)]
    [('estimate', 'Seconds that a clip lasts', 's', 'number')]
    """
    hints = get_type_hints(shape, include_extras=True)
    found = []
    for item in fields(shape):
        hint = hints[item.name]
        if get_origin(hint) is not Annotated:
            raise TypeError(f'{shape.__name__}.{item.name} has no meaning: write Annotated[type, "what it is"].')
        inner, meaning, *more = get_args(hint)
        unit = next((one for one in more if isinstance(one, Unit)), PLAIN)
        found.append(Field(item.name, meaning, unit, _holds(inner), known_kind(inner)))
    return found


def shapes_of(shape: type) -> list[type]:
    """Return a result's type and every dataclass inside it, each once."""
    found: list[type] = [shape]
    for hint in get_type_hints(shape).values():
        for inner in _dataclasses(hint):
            found += [new for new in shapes_of(inner) if new not in found]
    return found


def _dataclasses(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for inner in get_args(hint):
        yield from _dataclasses(inner)


def known_kind(hint: Any) -> Any:
    """Return a type without its "or None".

    >>> known_kind(float | None), known_kind(int)
    (<class 'float'>, <class 'int'>)
    """
    if get_origin(hint) in (Union, types.UnionType):
        (known,) = (kind for kind in get_args(hint) if kind is not type(None))
        return known
    return hint


def _holds(hint: Any) -> str:
    """What a field holds, in the words of docs/report.md."""
    hint = known_kind(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is dict:
        return f"{_holds(inner[1])} by name"
    if origin is tuple and inner == INTERVAL:
        return "interval"
    if origin is tuple:
        held = _holds(inner[0])
        return "list" if held in ("number", "text") else f"list of {held}"
    if isinstance(hint, type) and is_dataclass(hint):
        return hint.__name__
    return "number" if hint in NUMBERS else "text"
