"""The rows of a declared table one by one, in Python alone: what pages of the API read, and stream.

The packs read whole tables by Arrow (`reading.py`), which is faster and takes longer to load than a page takes to make;
rows and values are the same (`tests/survey/api`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from survey.exports.codebook import Column
from survey.exports.declared import Table

CHUNK = 2000
"""Rows that are held at once."""


def read_one_by_one(table: Table, columns: Sequence[Column], found: QuerySet[Any] | None = None) -> Iterator[list[Any]]:
    """Yield the rows of `table`, or those that `found` picks of them, as values in the order of `columns`."""
    paths = table.paths
    asked = (table.found if found is None else found).values_list(*paths)
    known: list[dict[tuple[Any, ...], Sequence[Any] | None]] = [{} for _ in table.told]
    rows = asked.iterator(chunk_size=CHUNK)
    while some := list(islice(rows, CHUNK)):
        yield from _tell(table, columns, [dict(zip(paths, row, strict=True)) for row in some], known)


def _tell(
    table: Table,
    columns: Sequence[Column],
    some: list[dict[str, Any]],
    known: list[dict[tuple[Any, ...], Sequence[Any] | None]],
) -> Iterator[list[Any]]:
    """The cells of some rows; `known` keeps what was told of a combination of values."""
    kept: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for raw in some:
        cells = {name: _plain(raw[path]) for name, path in table.read.items()}
        for part, answers in zip(table.told, known, strict=True):
            key = tuple(raw[path] for path in part.by)
            if key not in answers:
                answers[key] = part.tell(*key)
            told = answers[key]
            if told is None:
                break
            cells.update(zip(part.names, told, strict=True))
        else:
            kept.append((raw, cells))
    for looked in table.looked:
        for name, values in zip(looked.names, looked.look([raw[looked.by] for raw, _ in kept]), strict=True):
            for (_, cells), value in zip(kept, values, strict=True):
                cells[name] = value
    for _, cells in kept:
        yield [cells[column.name] for column in columns]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
