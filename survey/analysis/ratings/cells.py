"""Reading the cells of a CSV file: encoding, separator, and where each row stands."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from survey.analysis.ratings.problems import Problem, RatingsRefused

SEPARATORS = {";": "semicolons", "\t": "tabs"}
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Cells:
    """A table as read: header and its line, rows and the line each starts on, problems so far, notes."""

    header: list[str]
    header_line: int
    rows: list[list[str]]
    lines: list[int]
    problems: list[Problem]
    notes: tuple[str, ...]

    def column(self, place: int) -> list[str]:
        """Return one column."""
        return [row[place] for row in self.rows]


def open_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file, with or without a byte-order mark.

    Raises
    ------
    RatingsRefused
        When the file cannot be read, or is not UTF-8; the message names the line and what to do.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RatingsRefused([Problem(0, f"There is no file {path}.")]) from None
    except OSError as error:
        raise RatingsRefused([Problem(0, f"{path} cannot be read: {error.strerror}.")]) from None
    if data.startswith(UTF16_MARKS) or b"\0" in data[:2]:
        raise RatingsRefused([Problem(1, "The file is in UTF-16; save it as CSV in UTF-8.")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"byte {data[error.start]:#04x} is not UTF-8; save the file as CSV in UTF-8."
        raise RatingsRefused([Problem(_line_of(data, error.start), message)]) from None
    if b"\0" in data:
        message = "holds a byte of value 0, which no text has; save the file as CSV in UTF-8."
        raise RatingsRefused([Problem(_line_of(data, data.index(b"\0")), message)])
    yield from io.StringIO(text, newline="")


def _line_of(data: bytes, place: int) -> int:
    return len(LINE_END.findall(data, 0, place)) + 1


def read_cells(source: Path | Iterable[str]) -> Cells:
    """Return the cells of a CSV file or of its lines; blank lines are skipped.

    Commas separate; semicolons or tabs are understood where the header has no comma, and noted.

    Raises
    ------
    RatingsRefused
        When there is no header at all.
    """
    lines = open_lines(source) if isinstance(source, Path) else iter(source)
    place, first = next(
        ((place, line) for place, line in enumerate(lines, start=1) if line.strip("\ufeff \r\n")), (0, "")
    )
    if not place:
        raise RatingsRefused([Problem(0, "The file is empty; it needs a header line.")])
    first = first.lstrip("\ufeff")
    separator = _separator(first)
    notes: tuple[str, ...] = ()
    if separator != ",":
        notes = (f"The file was read as separated by {SEPARATORS[separator]}.",)
    reader = csv.reader(_chain(first, lines), delimiter=separator, strict=True)
    try:
        header = [cell.strip() for cell in next(reader)]
    except csv.Error as error:
        raise RatingsRefused([Problem(place, f"the header cannot be read as CSV: {error}.")]) from None
    return _read_rows(reader, header, place, notes)


def _separator(header: str) -> str:
    if "," in header:
        return ","
    return next((separator for separator in SEPARATORS if separator in header), ",")


def _chain(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _read_rows(reader: Iterator[list[str]], header: list[str], place: int, notes: tuple[str, ...]) -> Cells:
    rows: list[list[str]] = []
    lines: list[int] = []
    problems = [
        Problem(place, f"the column {name!r} comes twice.")
        for name in sorted({name for name in header if name and header.count(name) > 1})
    ]
    width = len(header)
    while True:
        line = place + int(reader.line_num)  # type: ignore[attr-defined]
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            problems.append(Problem(line, f"cannot be read as CSV: {error}."))
            continue
        if len(row) == width:
            rows.append(row)
            lines.append(line)
        elif any(cell.strip() for cell in row):
            problems.append(Problem(line, f"has {len(row)} cells; the header has {width}."))
    return Cells(header, place, rows, lines, problems, notes)
