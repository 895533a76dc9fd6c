"""Small JSON files of what people taught, whose content names their version: strict to read, always the same bytes."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class TaughtFile:
    """What every such file has: its bytes, and their hash. A kind of it says what `content` is."""

    def content(self) -> Mapping[str, Any]:
        """Everything in the file, as JSON holds it."""
        raise NotImplementedError

    def to_json(self) -> bytes:
        """The file: the same content always gives the same bytes."""
        text = json.dumps(self.content(), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
        return f"{text}\n".encode()

    @cached_property
    def sha256(self) -> str:
        """Of the file."""
        return hashlib.sha256(self.to_json()).hexdigest()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: its `format`, the `parts` beside that, and how sentences about it begin.

    Examples
    --------
    >>> Kind("toy-1", ("a",), "This is no toy", "A toy has", "A toy").read(b"[]")
    Traceback (most recent call last):
    ...
    ValueError: This is no toy: its format is not toy-1.
    """

    format: str
    parts: tuple[str, ...]
    none: str
    has: str
    about: str

    def read(self, raw: bytes) -> dict[str, Any]:
        """The parts of a file. Raises ValueError with a sentence where it is none, or has other parts."""
        try:
            content = json.loads(raw, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{self.none}: {error}.") from None
        if not isinstance(content, dict) or content.get("format") != self.format:
            raise ValueError(f"{self.none}: its format is not {self.format}.")
        names = {"format", *self.parts}
        if set(content) != names:
            other = sorted(set(content) ^ names)
            raise ValueError(f"{self.has} {', '.join(sorted(names))}; here is lacking or unknown: {other[0]!r}.")
        del content["format"]
        return content

    def check_object(self, given: Any, told: str) -> Mapping[str, Any]:
        """`given`, if it is a mapping from texts. Raises ValueError."""
        if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
            raise ValueError(f"{self.about}: {told} must be an object whose keys are texts.")
        return given

    def check_plain(self, given: Any, told: str) -> dict[str, Any]:
        """`given` as it comes back from the file. Raises ValueError where no file can hold it."""
        try:
            text = json.dumps(dict(self.check_object(given, told)), allow_nan=False, ensure_ascii=False)
            text.encode("utf-8")
            if "\\u0000" in text:
                raise ValueError("it holds NUL, which no database stores")
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"{self.about}: {told} cannot be written as JSON: {error}.") from None
        plain: dict[str, Any] = json.loads(text)
        return plain


def is_number(value: object) -> bool:
    """Whether JSON's value is a finite number, and no truth."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
