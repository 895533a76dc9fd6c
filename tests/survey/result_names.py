"""The names of typed results, as docs/report.md lists them: what a field is, and what it holds."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

INTERVAL = (float, float)
NUMBERS = (int, float)


def names_of(shape: type) -> list[tuple[str, str, str]]:
    """Return name, meaning and content of every field of a result.

    Raises
    ------
    TypeError
        Where a field has no meaning: write ``Annotated[type, "what it is"]``.
    """
    hints = get_type_hints(shape, include_extras=True)
    found = []
    for item in fields(shape):
        hint = hints[item.name]
        if get_origin(hint) is not Annotated:
            raise TypeError(f'{shape.__name__}.{item.name} has no meaning: write Annotated[type, "what it is"].')
        inner, meaning = get_args(hint)[:2]
        found.append((item.name, meaning, _holds(inner)))
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


def _holds(hint: Any) -> str:
    """What a field holds, in the words of docs/report.md."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (known,) = (kind for kind in inner if kind is not type(None))
        return _holds(known)
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
