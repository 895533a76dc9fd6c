"""The long table alone: as CSV, JSON lines or Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from survey.exports.codebook import Column, tables_of
from survey.exports.csv_text import stream_csv, write_time
from survey.exports.rows import responses
from survey.exports.snapshot import one_snapshot
from survey.models import Study

BATCH = 20_000


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
        return write(responses(study), path, tables_of(study)["responses_long"])


def _write_csv(rows: Iterable[Any], path: Path, columns: Sequence[Column]) -> int:
    count = 0

    def counted() -> Iterator[Any]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    with path.open("w", encoding="utf-8", newline="") as file:
        for block in stream_csv([column.name for column in columns], counted()):
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


def _write_json_lines(rows: Iterable[Any], path: Path, columns: Sequence[Column]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for line in json_lines(rows, columns):
            count += 1
            file.write(line)
    return count


def _write_parquet(rows: Iterable[Any], path: Path, columns: Sequence[Column]) -> int:
    import pyarrow as pa
    from pyarrow import parquet

    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
        "list": pa.list_(pa.string()),
        "json": pa.string(),
    }
    schema = pa.schema([(column.name, types[column.kind]) for column in columns])
    count, stream = 0, iter(rows)
    with parquet.ParquetWriter(path, schema) as writer:
        while batch := list(islice(stream, BATCH)):
            count += len(batch)
            values = list(zip(*batch, strict=True))
            arrays = [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return count
