"""Attributes: the bridge from an emotion to notes.

`measure` finds them in any piano performance, `target` gives those an emotion asks for.
"""

from __future__ import annotations

from generation.music.attributes.measuring import measure, measure_arrays
from generation.music.attributes.schema import KINDS, NAMES, AttributeKind, Attributes
from generation.music.attributes.targets import (
    TargetTable,
    describe_attributes,
    neutral,
    read_table,
    shipped_table,
    target,
    target_bands,
)

__all__ = [
    "KINDS",
    "NAMES",
    "AttributeKind",
    "Attributes",
    "TargetTable",
    "describe_attributes",
    "measure",
    "measure_arrays",
    "neutral",
    "read_table",
    "shipped_table",
    "target",
    "target_bands",
]
