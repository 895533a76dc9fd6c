"""A measure's result as plain data of its declared types, whatever NumPy it was computed with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import msgspec
import numpy as np

from survey.analysis.measures.fields import fields_of

Result = TypeVar("Result")


def as_declared(name: str, shape: type[Result], found: Any) -> Result:
    """Return a result with Python's own numbers, each of its declared type.

    Raises
    ------
    ValueError
        Where it is none: with the measure, the field and what to do. JSON has no NaN.

    Examples
    --------
    >>> from survey.analysis.affect.over_people import OverPeople
    >>> as_declared("ratio", OverPeople, OverPeople(np.float64(0.5), None, np.int64(3))).participants
    3
    """
    if not isinstance(found, shape):
        given = "a dict" if isinstance(found, dict) else f"a {type(found).__name__}"
        raise ValueError(f"{name}: compute returned {given}, and should return {shape.__name__} or None.")
    try:
        plain = msgspec.to_builtins(found, enc_hook=_without_numpy)
    except TypeError as error:
        raise ValueError(f"{name} cannot be written as JSON: {error}") from error
    for path in _not_finite(plain, name):
        raise ValueError(f"{path} is not a finite number: what is not defined is None, with a reason.")
    try:
        declared = msgspec.convert(plain, shape)
    except msgspec.ValidationError as error:
        said = str(error).replace("`$", f"`{name}")
        raise ValueError(f"{said}: give what {shape.__name__} declares.") from error
    for path, ends in _reversed_intervals(declared, name):
        raise ValueError(f"{path} goes from {ends[0]} down to {ends[1]}: give the low end first.")
    return declared


def _without_numpy(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"it holds the type {type(value).__name__}.")


def _not_finite(data: Any, path: str) -> Iterator[str]:
    """Paths of NaN and infinities."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _not_finite(value, f"{path}.{name}")
    elif isinstance(data, list | tuple):
        for place, value in enumerate(data):
            yield from _not_finite(value, f"{path}[{place}]")
    elif isinstance(data, float) and not -float("inf") < data < float("inf"):
        yield path


def _reversed_intervals(found: Any, path: str) -> Iterator[tuple[str, tuple[float, float]]]:
    if is_dataclass(found) and not isinstance(found, type):
        intervals = {field.name for field in fields_of(type(found)) if field.is_interval}
        for field in fields(found):
            value, here = getattr(found, field.name), f"{path}.{field.name}"
            if field.name in intervals:
                if value is not None and value[0] > value[1]:
                    yield here, value
            else:
                yield from _reversed_intervals(value, here)
    elif isinstance(found, dict):
        for name, value in found.items():
            yield from _reversed_intervals(value, f"{path}.{name}")
    elif isinstance(found, list | tuple):
        for place, value in enumerate(found):
            yield from _reversed_intervals(value, f"{path}[{place}]")
