"""The long table alone: as CSV, JSON lines or Parquet, from the same columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from survey.exports.codebook import Column, tables_of
from survey.exports.csv_text import stream_lines, write_time
from survey.exports.rows import batches_of
from survey.exports.snapshot import one_snapshot
from survey.models import Study

BATCHES_PER_GROUP = 10
"""Batches that a row group of a Parquet file holds: few large groups are smaller and faster to read."""


def write_long(study: Study, path: Path) -> int:
    """Write the long table in the format that the name's ending asks for; return the number of rows.

    Raises
    ------
    ValueError
        When the ending is none of .csv, .jsonl, .parquet.
    """
    writers = {".csv": _write_csv, ".jsonl": _write_json_lines, ".parquet": _write_parquet}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise ValueError(f"{path.name}: name a file ending in .zip, .csv, .jsonl or .parquet.")
    with one_snapshot():
        return write(batches_of(study, "responses_long"), path, tables_of(study)["responses_long"])


def _write_csv(batches: Iterable[Any], path: Path, columns: Sequence[Column]) -> int:
    count = 0

    def counted() -> Iterator[Any]:
        nonlocal count
        for batch in batches:
            count += len(batch)
            yield batch

    with path.open("wb") as file:
        for block in stream_lines([column.name for column in columns], counted()):
            file.write(block)
    return count


def json_lines(rows: Iterable[Any], columns: Sequence[Column]) -> Iterator[str]:
    """Yield one JSON object per row; nothing is guarded, JSON is not run by spreadsheets."""
    names = [column.name for column in columns]
    for row in rows:
        plain = {
            name: write_time(value) if isinstance(value, datetime) else value
            for name, value in zip(names, row, strict=True)
        }
        yield json.dumps(plain, ensure_ascii=False) + "\n"


def _write_json_lines(batches: Iterable[Any], path: Path, columns: Sequence[Column]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for batch in batches:
            count += len(batch)
            file.writelines(json_lines(batch.rows(), columns))
    return count


def _write_parquet(batches: Iterable[Any], path: Path, columns: Sequence[Column]) -> int:
    import pyarrow as pa
    from pyarrow import parquet

    from survey.exports.batches import TYPES

    schema = pa.schema([(column.name, TYPES[column.kind]) for column in columns])
    count = 0
    with parquet.ParquetWriter(path, schema) as writer:
        while some := list(islice(batches, BATCHES_PER_GROUP)):
            writer.write_table(pa.Table.from_batches([batch.arrow(schema) for batch in some], schema))
            count += sum(map(len, some))
    return count
