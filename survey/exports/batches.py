"""Batches of rows as columns: formatted by Arrow where the numbers differ, in Python once for each different value.

Text, lists and JSON repeat from row to row (a person's order of options, a clip's emotion): such a column is kept
`Coded`, as its different values and a number per row, and `write_value` sees each value once. Numbers and times
differ in every row; Arrow writes them, the same characters as `write_value`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from survey.exports.csv_text import quote, write_value

LINE_END = "\r\n"
PLAIN_FROM, PLAIN_BELOW = 1e-4, 1e10
"""Numbers of this size are written without an exponent, by Arrow as by Python."""

TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
    "list": pa.list_(pa.string()),
    "json": pa.string(),
}
"""What a kind of column is in Arrow, and in Parquet."""


@dataclass(frozen=True, slots=True)
class Values:
    """A column with a value per row: whole numbers, numbers, truths or times."""

    array: pa.Array

    def text(self) -> pa.Array:
        """The cells of a CSV file."""
        if pa.types.is_floating(self.array.type):
            told = write_numbers(self.array)
        elif pa.types.is_timestamp(self.array.type):
            told = write_times(self.array)
        else:
            told = self.array.cast(pa.string())
        return told.fill_null("")

    def arrow(self, kind: pa.DataType) -> pa.Array:
        return self.array.cast(kind)

    def python(self) -> list[Any]:
        return list(self.array.to_pylist())


@dataclass(frozen=True, slots=True)
class Coded:
    """A column whose rows share values: row i holds `values[codes[i]]`. Columns told together share their codes."""

    values: Sequence[Any]
    codes: pa.Array

    def texts(self) -> list[str]:
        """The different cells."""
        return [_word(value) if type(value) is str else quote(write_value(value)) for value in self.values]

    def text(self) -> pa.Array:
        return pa.array(self.texts(), pa.string()).take(self.codes)

    def arrow(self, kind: pa.DataType) -> pa.Array:
        return pa.array(self.values, kind).take(self.codes)

    def python(self) -> list[Any]:
        return [self.values[code] for code in self.codes.to_pylist()]


Cells = Values | Coded


@lru_cache(maxsize=4096)
def _word(text: str) -> str:
    """A cell of text: emotions and answers come again in every batch."""
    return quote(write_value(text))


def write_numbers(numbers: pa.Array) -> pa.Array:
    """Return floats as `repr` writes them; nulls stay.

    >>> write_numbers(pa.array([9.0, 0.1, 1e-7, 1e15, None])).to_pylist()
    ['9.0', '0.1', '1e-07', '1000000000000000.0', None]
    """
    there = numbers.is_valid().to_numpy(zero_copy_only=False)
    values = numbers.to_numpy(zero_copy_only=False)
    size = np.abs(values)
    plain = ((size >= PLAIN_FROM) & (size < PLAIN_BELOW)) | (size == 0)
    told = numbers.cast(pa.string())
    whole = plain & (values == np.trunc(values))
    if whole.any():
        told = pc.if_else(pa.array(whole), pc.binary_join_element_wise(told, ".0", ""), told)
    rare = there & ~plain
    if rare.any():
        told = pc.replace_with_mask(told, pa.array(rare), pa.array([repr(float(value)) for value in values[rare]]))
    return told


def write_times(times: pa.Array) -> pa.Array:
    """Return times as `write_time` writes them; nulls stay.

    >>> write_times(pa.array([0, None]).cast(TYPES["time"])).to_pylist()
    ['1970-01-01T00:00:00.000000Z', None]
    """
    told = times.cast(pa.timestamp("us")).cast(pa.string())
    return pc.binary_join_element_wise(pc.binary_replace_slice(told, 10, 11, "T"), "Z", "")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table, as columns."""

    cells: Sequence[Cells]
    size: int

    def __len__(self) -> int:
        return self.size

    def text(self) -> bytes:
        """The rows as lines of a CSV file."""
        return join_lines(list(self._pieces())) if self.size else b""

    def _pieces(self) -> Iterator[pa.Array]:
        """Columns as text; neighbours that share their codes are put together before there is one for every row."""
        for _, group in groupby(self.cells, lambda cells: id(cells.codes if isinstance(cells, Coded) else cells)):
            run = list(group)
            if isinstance(run[0], Coded):
                texts = [cells.texts() for cells in run if isinstance(cells, Coded)]
                joined = [",".join(parts) for parts in zip(*texts, strict=True)]
                yield pa.array(joined, pa.string()).take(run[0].codes)
            else:
                yield run[0].text()

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows as values."""
        return zip(*(cells.python() for cells in self.cells), strict=True)

    def arrow(self, schema: pa.Schema) -> pa.RecordBatch:
        """The rows as Arrow's own columns."""
        arrays = [cells.arrow(field.type) for cells, field in zip(self.cells, schema, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)


def join_lines(pieces: Sequence[pa.Array]) -> bytes:
    """Return cells, which hold no nulls, as lines: what Arrow puts one behind the other is the text of the file."""
    lines = pc.binary_join_element_wise(pc.binary_join_element_wise(*pieces, ","), LINE_END, "")
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return bytes(memoryview(data)[ends[0] : ends[-1]])
