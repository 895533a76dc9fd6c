"""Reading the cells of a CSV file: encoding, separator, and where each row stands."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from survey.analysis.ratings.problems import Problem, RatingsRefused
from survey.analysis.ratings.texts import clean

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright strokes"}
UTF16 = "The file was read as UTF-16."
_MARKS = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Byte-order marks, the longer ones first."""
REPEATED = "this row repeats the header, as in files that were joined; take it out."
_LOOKED_AT = 400
LINE_END = re.compile(rb"\r\n|\r|\n")
_HINT = re.compile(r'"?sep=(.)"?[,;\t|]*\s*', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_NOTHING = "\ufeff \r\n\t,;|\"'\u00a0"
"""What a row without any content may hold."""

Source = Path | str | Iterable[str]


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


def names_of(header: Sequence[str]) -> frozenset[str]:
    """Return the names of the columns, and the empty one, as `repeats_header` compares them."""
    return frozenset(("", *(name.casefold() for name in header)))


def repeats_header(row: Sequence[str], names: frozenset[str]) -> bool:
    """Whether a row holds the names of the columns, in any order and case, as the second of two joined files does.

    >>> repeats_header(["Stimulus", "participant"], names_of(["participant", "stimulus"]))
    True
    """
    if len(names) < 3 or clean(row[0]).casefold() not in names:
        return False
    return {clean(cell).casefold() for cell in row} | {""} == names


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file in UTF-8 or UTF-16, each with or without a byte-order mark, and what is to be said.

    Raises
    ------
    RatingsRefused
        When the file cannot be read, or is neither; the message names the line and what to do.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RatingsRefused([Problem(0, f"There is no file {path}.")]) from None
    except OSError as error:
        raise RatingsRefused([Problem(0, f"{path} cannot be read: {error.strerror}.")]) from None
    wide = _encoding_of(data)
    try:
        text = data.decode(wide or "utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"byte {data[error.start]:#04x} is not UTF-8; save the file as CSV in UTF-8."
        if wide:
            message = f"the file is in {wide[:6].upper()}, which is damaged here; save it as CSV in UTF-8."
        raise RatingsRefused([Problem(_line_of(data, error.start), message)]) from None
    if "\0" in text:
        message = "holds a byte of value 0, which no text has; save the file as CSV in UTF-8."
        line = len(re.findall(r"\r\n|\r|\n", text[: text.index("\0")])) + 1
        raise RatingsRefused([Problem(line, message)])
    return text, (UTF16,) if wide else ()


def _encoding_of(data: bytes) -> str | None:
    """The encoding of a file that is not UTF-8, from its mark or from where its zeros stand; None for all others."""
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if marked:
        return marked
    start = data[: _LOOKED_AT - _LOOKED_AT % 2]
    # Latin letters in UTF-16 have a zero in every other byte; UTF-8 text has none at all.
    first, second = start[::2].count(0), start[1::2].count(0)
    if not start or max(first, second) * 4 < len(start):  # at least half of every other byte
        return None
    return "utf-16-be" if first > second else "utf-16-le"


def _line_of(data: bytes, place: int) -> int:
    return len(LINE_END.findall(data, 0, place)) + 1


def read_cells(source: Source) -> Cells:
    """Return the cells of a CSV file, of its text or of its lines; rows without content are skipped.

    Commas, semicolons, tabs or upright strokes separate, whichever the header has most of; a first line
    ``sep=;`` decides. All but commas are noted.

    Raises
    ------
    RatingsRefused
        When there is no header at all.

    Examples
    --------
    >>> cells = read_cells("sep=;\\nitem;a\\n;\\nx;1\\n")
    >>> cells.header, cells.rows, cells.lines
    (['item', 'a'], [['x', '1']], [4])
    """
    lines, notes = _lines_of(source)
    place, first = _next_with_content(lines, 0)
    hint = _HINT.fullmatch(first)
    if hint:
        place, first = _next_with_content(lines, place)
    if not first:
        raise RatingsRefused([Problem(0, "The file is empty; it needs a header line.")])
    separator = hint[1] if hint else _separator(first)
    if separator not in SEPARATORS:
        message = f"{separator!r} cannot separate cells; use commas, semicolons or tabs."
        raise RatingsRefused([Problem(place - 1, message)])
    if separator != ",":
        notes = (*notes, f"The file was read as separated by {SEPARATORS[separator]}.")
    reader = csv.reader(_chain(first, lines), delimiter=separator, strict=True)
    try:
        header = [clean(cell) for cell in next(reader)]
    except csv.Error as error:
        raise RatingsRefused([Problem(place, f"the header cannot be read as CSV: {error}.")]) from None
    return _read_rows(reader, header, place, notes)


def _lines_of(source: Source) -> tuple[Iterator[str], tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    if isinstance(source, str) and "\n" not in source and "\r" not in source:
        source = Path(source)
    if isinstance(source, Path):
        source, notes = read_text(source)
    return iter(io.StringIO(source, newline="") if isinstance(source, str) else source), notes


def _next_with_content(lines: Iterator[str], place: int) -> tuple[int, str]:
    """Number and text of the next line that holds anything; an empty text where there is none."""
    for line in lines:
        place += 1
        if line.strip(_NOTHING):
            return place, line.lstrip("\ufeff")
    return place, ""


def _separator(header: str) -> str:
    bare = _QUOTED.sub("", header)
    return max(SEPARATORS, key=bare.count)


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
    width, names = len(header), names_of(header)
    while True:
        line = place + int(reader.line_num)  # type: ignore[attr-defined]
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            problems.append(Problem(line, f"cannot be read as CSV: {error}."))
            continue
        if not any(map(clean, row)):
            continue
        if len(row) > width and not any(map(clean, row[width:])):
            del row[width:]
        if repeats_header(row, names):
            problems.append(Problem(line, REPEATED))
        elif len(row) == width:
            rows.append(row)
            lines.append(line)
        else:
            problems.append(Problem(line, f"has {len(row)} cells; the header has {width}."))
    while width > 1 and not header[-1] and not any(clean(row[-1]) for row in rows):  # columns that were emptied
        width -= 1
        del header[-1]
        for row in rows:
            del row[-1]
    return Cells(header, place, rows, lines, problems, notes)
