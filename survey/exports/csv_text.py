"""Values as CSV text: UTC times, decimal points, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from melodymuse_site.spreadsheets import guard

BYTE_ORDER_MARK = "\ufeff"
ROWS_PER_BLOCK = 500


def write_time(moment: datetime) -> str:
    """Return a time in UTC, ISO 8601 with microseconds.

    >>> write_time(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    '2026-11-22T12:00:00.000000Z'
    """
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat(timespec='microseconds')[:26]}Z"


def write_value(value: Any) -> str:
    """Return one value as a cell: empty for None, true/false, numbers as they are, text guarded.

    >>> write_value(None), write_value(True), write_value(-0.5), write_value("-0.5"), write_value(["b", "a"])
    ('', 'true', '-0.5', "'-0.5", 'b|a')
    """
    if type(value) is str:  # most cells
        return guard(value)
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value)
        case datetime():
            return write_time(value)
        case dict():
            return guard(json.dumps(value, ensure_ascii=False, sort_keys=True)) if value else ""
        case list() | tuple():
            return guard("|".join(str(item) for item in value))
    return guard(str(value))


def quote(text: str) -> str:
    """Return a cell as `csv.writer` writes it: in quotes where a comma, a quote or a line end is in it.

    >>> quote("a"), quote("a,b"), quote('a"b c')
    ('a', '"a,b"', '"a""b c"')
    """
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def stream_csv(header: Sequence[str], rows: Iterable[Sequence[Any]], *, mark: bool = False) -> Iterator[str]:
    """Yield CSV text in blocks; memory does not grow with the number of rows.

    >>> "".join(stream_csv(["a", "=b"], [[1, "x,y"]]))
    'a,\\'=b\\r\\n1,"x,y"\\r\\n'
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if mark:
        buffer.write(BYTE_ORDER_MARK)
    writer.writerow([guard(name) for name in header])
    for count, row in enumerate(rows, start=1):
        writer.writerow([write_value(value) for value in row])
        if count % ROWS_PER_BLOCK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


class Lines(Protocol):
    """Some rows of a table, which know what they are as lines of a CSV file."""

    def __len__(self) -> int: ...
    def text(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as values, of a table that is short enough for that."""

    values: Sequence[Sequence[Any]]

    def __len__(self) -> int:
        return len(self.values)

    def text(self) -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows([write_value(value) for value in row] for row in self.values)
        return out.getvalue().encode()

    def rows(self) -> Iterator[Sequence[Any]]:
        return iter(self.values)


def stream_lines(header: Sequence[str], batches: Iterable[Lines], *, mark: bool = False) -> Iterator[bytes]:
    """Yield the bytes that `stream_csv` would make of the same rows."""
    yield "".join(stream_csv(header, (), mark=mark)).encode()
    for batch in batches:
        yield batch.text()
