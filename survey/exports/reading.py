"""Reading the columns of a declared table from the database, batch by batch; memory does not grow with the rows.

Both databases are asked the same question, and tell plain numbers and text: nothing is made into a date, a dictionary
or an object on the way, and Arrow takes the columns from there. SQLite's rows come from a cursor. PostgreSQL copies
them out as CSV, which Arrow reads in a third of the time.
"""

from __future__ import annotations

import gc
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connections, models
from pyarrow import csv

from melodymuse_site.storage import PACKS, scratch_folder
from survey.exports.batches import TYPES, Batch, Cells, Coded, Values
from survey.exports.codebook import Column
from survey.exports.declared import Looked, Table, Told

BATCH = 20_000
"""Rows that are held at once."""
BLOCK_BYTES = 4 * 1024 * 1024
"""So much of a copy is read at once: about as many rows."""


class _Plain(models.Func):
    """A value as the database tells it, which Django converts no further: output says text, whatever comes."""

    template = "CAST(%(expressions)s AS %(kind)s)"
    output_field = models.TextField()


class _Moment(_Plain):
    """A time as microseconds since 1970 (PostgreSQL), or as the text that it is stored as (SQLite)."""

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(EXTRACT(EPOCH FROM %(expressions)s) * 1000000)::bigint")


@dataclass(frozen=True, slots=True)
class _Sort:
    """How a sort of field is asked for, what the database tells then, what becomes of it, and what its text means."""

    ask: Callable[[str], Any]
    told: pa.DataType
    made: Callable[[pa.Array], pa.Array] = lambda told: told
    parse: Callable[[str], Any] | None = None


def _as_it_is(path: str) -> str:
    return path


def _text(path: str) -> _Plain:
    return _Plain(path, kind="text")


def _times(told: pa.Array) -> pa.Array:
    if pa.types.is_string(told.type):
        told = told.cast(pa.timestamp("us"))
    return told.cast(TYPES["time"])


SORTS: tuple[tuple[type[models.Field[Any, Any]], _Sort], ...] = (
    (models.DateTimeField, _Sort(lambda path: _Moment(path, kind="text"), pa.int64(), _times)),
    (models.JSONField, _Sort(_text, pa.string(), parse=json.loads)),
    (models.UUIDField, _Sort(_text, pa.string(), parse=lambda text: str(uuid.UUID(text)))),
    (
        models.BooleanField,
        _Sort(lambda path: _Plain(path, kind="integer"), pa.int8(), lambda told: told.cast(pa.bool_())),
    ),
    (models.FloatField, _Sort(_as_it_is, pa.float64())),
    (models.IntegerField, _Sort(_as_it_is, pa.int64())),
    (models.ForeignKey, _Sort(_as_it_is, pa.int64())),
    (models.CharField, _Sort(_as_it_is, pa.string(), parse=str)),
    (models.TextField, _Sort(_as_it_is, pa.string(), parse=str)),
)
"""The first that fits counts."""


def _sort_of(model: type[models.Model], path: str) -> _Sort:
    *ways, name = path.split("__")
    for way in ways:
        model = model._meta.get_field(way).related_model  # type: ignore[assignment]
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return next(sort for kind, sort in SORTS if isinstance(field, kind))


def read_columns(found: models.QuerySet[Any], paths: Sequence[str]) -> Iterator[dict[str, pa.Array]]:
    """Yield what stands at `paths` as columns, at most `BATCH` rows at a time, in the order of `found`."""
    sorts = [_sort_of(found.model, path) for path in paths]
    asked = found.values_list(*[sort.ask(path) for sort, path in zip(sorts, paths, strict=True)])
    is_copied = connections[found.db].vendor == "postgresql"
    for told in (_copied if is_copied else _fetched)(asked, [sort.told for sort in sorts]):
        yield {path: sort.made(array) for path, sort, array in zip(paths, sorts, told, strict=True)}


def _fetched(asked: models.QuerySet[Any], kinds: Sequence[pa.DataType]) -> Iterator[list[pa.Array]]:
    """The columns by a cursor, row after row."""
    rows = asked.iterator(chunk_size=BATCH)
    while columns := _take(rows):
        yield [
            pa.array(values, pa.string() if _is_text(values) else kind)
            for values, kind in zip(columns, kinds, strict=True)
        ]


def _take(rows: Iterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The columns of the next rows."""
    # So many new rows would have the garbage collector look through everything again and again; none of them is any.
    is_collecting = gc.isenabled()
    if is_collecting:  # else somebody beside us has switched it off, and switches it on again
        gc.disable()
    try:
        return list(zip(*islice(rows, BATCH), strict=True))
    finally:
        if is_collecting:
            gc.enable()


def _is_text(values: Sequence[Any]) -> bool:
    """Whether the first value that is there is text, as SQLite's times are."""
    return isinstance(next((value for value in values if value is not None), None), str)


def _copied(asked: models.QuerySet[Any], kinds: Sequence[pa.DataType]) -> Iterator[list[pa.Array]]:
    """The columns as PostgreSQL copies them out."""
    sql, values = asked.query.sql_with_params()
    names = [str(place) for place in range(len(kinds))]
    with TemporaryFile(dir=scratch_folder(PACKS)) as file:
        # All of it before the first batch: while a copy lasts the connection can be asked nothing else, and whoever
        # takes the batches asks for more, or goes away in the middle.
        database = connections[asked.db]
        with (
            database.cursor() as cursor,
            # The driver's own cursor: Django's knows no copy with values where it counts statements, as under DEBUG.
            database.wrap_database_errors,
            cursor.cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", values) as blocks,
        ):
            for block in blocks:
                file.write(block)
        if not file.tell():
            return
        file.seek(0)
        lines = csv.open_csv(
            file,
            read_options=csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES, use_threads=False),
            parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types=dict(zip(names, kinds, strict=True)),
                # PostgreSQL writes nothing for NULL, and empty text in quotes.
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        for part in lines:
            for start in range(0, part.num_rows, BATCH):
                yield part.slice(start, BATCH).columns


def read_batches(table: Table, columns: Sequence[Column]) -> Iterator[Batch]:
    """Yield the rows of a table, `columns` in their order; those that are to be left out are not there."""
    parsers = {path: _sort_of(table.found.model, path).parse for path in table.read.values()}
    for raw in read_columns(table.found, table.paths):
        kept, told = _tell(table.told, raw)
        if not len(next(iter(kept.values()))):  # of nobody who counts: there is nothing to look up for no rows
            continue
        for part in table.looked:
            told |= _look(part, kept[part.by], {column.name: column.kind for column in columns})
        for name, path in table.read.items():
            parse = parsers[path]
            told[name] = Values(kept[path]) if parse is None else _code(kept[path], parse)
        size = len(next(iter(kept.values())))
        yield Batch([told[column.name] for column in columns], size)


def _code(array: pa.Array, parse: Callable[[str], Any] = str) -> Coded:
    coded = array.dictionary_encode(null_encoding="encode")
    values = [None if text is None else parse(text) for text in coded.dictionary.to_pylist()]
    return Coded(values, coded.indices)


def _tell(parts: Sequence[Told], raw: dict[str, pa.Array]) -> tuple[dict[str, pa.Array], dict[str, Cells]]:
    """The columns of all `parts`, and what was read without the rows that one of them leaves out."""
    found = [(part, *_distinct([raw[path] for path in part.by])) for part in parts]
    answers = [[part.tell(*key) for key in keys] for part, keys, _ in found]
    stays = np.ones(len(next(iter(raw.values()))), bool)
    for (_, _, codes), told in zip(found, answers, strict=True):
        stays &= np.array([values is not None for values in told], bool)[codes]
    if not stays.all():
        mask = pa.array(stays)
        return _tell(parts, {path: array.filter(mask) for path, array in raw.items()})
    columns: dict[str, Cells] = {}
    for (part, _, numbers), told in zip(found, answers, strict=True):
        codes = pa.array(numbers)
        for place, name in enumerate(part.names):
            columns[name] = Coded([values[place] for values in told if values is not None], codes)
    return raw, columns


def _distinct(columns: Sequence[pa.Array]) -> tuple[list[tuple[Any, ...]], np.ndarray[Any, Any]]:
    """The different combinations of values, and which of them each row has."""
    size = len(columns[0])
    codes = np.zeros(size, np.int64)
    for column in columns:
        bits = column.view(pa.int64()) if pa.types.is_floating(column.type) else column  # 0.0 is not -0.0
        coded = bits.dictionary_encode(null_encoding="encode")
        codes = codes * (len(coded.dictionary) + 1) + coded.indices.to_numpy()
        _, codes = np.unique(codes, return_inverse=True)
    _, first = np.unique(codes, return_index=True)
    keys = zip(*(column.take(pa.array(first)).to_pylist() for column in columns), strict=True)
    return list(keys), codes


def _look(part: Looked, keys: pa.Array, kinds: Mapping[str, str]) -> dict[str, Cells]:
    told: dict[str, Cells] = {}
    for name, values in zip(part.names, part.look(keys.to_pylist()), strict=True):
        array = pa.array(values, TYPES[kinds[name]])
        told[name] = _code(array) if pa.types.is_string(array.type) else Values(array)
    return told
