"""What every part of a report is, and how it stands in the file."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from typing import Any

import msgspec
from msgspec import UNSET

NOTHING: frozenset[str] = frozenset()


class Part(msgspec.Struct, frozen=True):
    """A part of a report."""

    def omitted(self) -> frozenset[str]:
        """Return the names that this part does not have in the file."""
        return NOTHING


def as_plain(value: Any) -> Any:
    """Return a report, or a part of it, as the file has it: plain data.

    Examples
    --------
    >>> from survey.analysis.reported import TakenPart
    >>> as_plain(TakenPart("fear", "awe", 4, 0.5, (0.1, 0.9)))
    {'intended': 'fear', 'chosen': 'awe', 'n': 4, 'share': 0.5, 'interval': [0.1, 0.9]}
    """
    if isinstance(value, Part):
        left_out = value.omitted()
        found = {name: getattr(value, name) for name in value.__struct_fields__ if name not in left_out}
        return {name: as_plain(item) for name, item in found.items() if item is not UNSET}
    if isinstance(value, dict):
        return {name: as_plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return json.loads(json.dumps(msgspec.to_builtins(value)))  # NumPy's floats are floats, but not plain ones
    return value
