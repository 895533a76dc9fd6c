"""The manifest of an import: a CSV file with one clip per row. Every problem is found, none ends the reading."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from generation.accepted import refuse_other_kinds
from generation.emotions import SLUGS

REQUIRED: Final = ("file", "emotion", "system")
LIMITS: Final = {"title": 200, "licence": 200, "attribution": 300, "picture_description": 300}
OPTIONAL: Final = ("picture", *LIMITS)
COLUMNS: Final = (*REQUIRED, *OPTIONAL)
MOST_CLIPS: Final = 2000
LARGEST_MANIFEST: Final = 5 * 1024 * 1024
LONGEST_SYSTEM: Final = 40
LONGEST_QUOTE: Final = 80
"""Characters of a cell that a message repeats."""
MOST_NAMED: Final = 20
"""Columns that a message names."""
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DELIMITERS: Final = ",;\t"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong with a manifest; line 0 stands for the file as a whole."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}" if self.line else self.message


class ManifestRefused(ValueError):
    """A manifest that cannot be imported; `problems` holds everything that is wrong with it, by line."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Row:
    """One clip as its manifest names it. `file` and `picture` lie in the manifest's folder."""

    line: int
    file: Path
    emotion: str
    system: str
    picture: Path | None = None
    title: str = ""
    licence: str = ""
    attribution: str = ""
    picture_description: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The rows whose files can be looked at, and what is wrong; where anything is, none may be stored."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_manifest(path: Path, *, reserved: Collection[str] = ()) -> Manifest:
    """Read a manifest: UTF-8 (with or without mark) or UTF-16, separated by commas, semicolons or tabs.

    Parameters
    ----------
    path : Path
        The CSV file; the files it names are looked for beside it and in folders below.
    reserved : collection of str
        Names that no other system may have.

    Raises
    ------
    OSError
        When `path` cannot be read.
    """
    if path.stat().st_size > LARGEST_MANIFEST:
        return Manifest((), (Problem(0, f"The manifest is larger than {LARGEST_MANIFEST // 2**20} MB."),))
    try:
        lines = list(_split(_decode(path.read_bytes())))
    except ManifestRefused as refused:
        return Manifest((), tuple(refused.problems))
    if not lines:
        return Manifest((), (Problem(0, f"The manifest is empty; its first line names {', '.join(REQUIRED)}."),))
    if len(lines) > MOST_CLIPS + 1:  # not looked at row by row: a small file can hold a million of them
        return Manifest((), (Problem(0, f"The manifest names more than {MOST_CLIPS} clips; split it."),))
    reader = _Reader(path.parent, reserved, [name.strip().casefold() for name in lines[0][1]])
    reader.check_header(lines[0][0])
    for line, cells in lines[1:]:
        reader.take(line, cells)
    if len(lines) == 1:
        reader.problems.append(Problem(0, "The manifest names no clip."))
    return Manifest(tuple(reader.rows), tuple(reader.problems))


def _decode(data: bytes) -> str:
    if other := refuse_other_kinds(data):
        raise ManifestRefused([Problem(0, other)])
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ManifestRefused(
            [Problem(line, "The text is not UTF-8 from here on; save the manifest as “CSV UTF-8”.")]
        ) from error


def _split(text: str) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells) of every row that is not blank."""
    head = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ManifestRefused([Problem(line, f"The row cannot be read as CSV: {error}.")]) from error
        if any(cell.strip() for cell in cells):
            yield line, cells


def _quote(text: str) -> str:
    """What somebody wrote, for a message; no more of it than shows which it is."""
    return repr(text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…")


class _Reader:
    """Turns rows of cells into clips and collects what is wrong."""

    def __init__(self, folder: Path, reserved: Collection[str], header: list[str]) -> None:
        self.folder, self.reserved, self.header = folder, reserved, header
        self.rows: list[Row] = []
        self.problems: list[Problem] = []
        self.named: dict[str, int] = {}

    def check_header(self, line: int) -> None:
        missing = [name for name in REQUIRED if name not in self.header]
        unknown = sorted({name for name in self.header if name not in COLUMNS})
        doubled = sorted(name for name, number in Counter(self.header).items() if number > 1)
        if missing:
            self.problems.append(Problem(line, f"Columns are missing: {', '.join(missing)}."))
        if unknown:
            names = ", ".join(_quote(name) if name else "(no name)" for name in unknown[:MOST_NAMED])
            self.problems.append(Problem(line, f"Unknown columns: {names}. Known are {', '.join(COLUMNS)}."))
        if doubled:
            self.problems.append(
                Problem(line, f"Columns appear twice: {', '.join(map(_quote, doubled[:MOST_NAMED]))}.")
            )

    def take(self, line: int, cells: list[str]) -> None:
        if len(cells) != len(self.header):
            self.problems.append(Problem(line, f"The row has {len(cells)} cells, the first line {len(self.header)}."))
            return
        values = {name: cell.strip() for name, cell in zip(self.header, cells, strict=True)}
        problems: list[str] = []
        file = self._find(values["file"], "file", problems) if "file" in values else None
        picture = self._find(values["picture"], "picture", problems) if values.get("picture") else None
        self._check_words(values, problems)
        before = self.named.setdefault(values["file"], line) if file else line
        if before != line:
            problems.append(f"The file {values['file']} is named in line {before} already.")
        self.problems += [Problem(line, message) for message in problems]
        if file is not None and before == line:  # whatever else is wrong with the row, its files are looked at
            words = {name: values.get(name, "") for name in ("system", *LIMITS)}
            emotion = values.get("emotion", "").casefold()
            self.rows.append(Row(line=line, file=file, emotion=emotion, picture=picture, **words))

    def _check_words(self, values: dict[str, str], problems: list[str]) -> None:
        emotion, system = values.get("emotion"), values.get("system")
        if emotion is not None and emotion.casefold() not in SLUGS:
            problems.append(f"{_quote(emotion or '(nothing)')} is no emotion known here; known are {', '.join(SLUGS)}.")
        if system is not None and (not _SLUG.fullmatch(system) or len(system) > LONGEST_SYSTEM):
            problems.append(
                f"{_quote(system)} cannot name a system: use small letters a–z, digits and single hyphens, "
                f"at most {LONGEST_SYSTEM} characters."
            )
        elif system in self.reserved:
            problems.append(f"{system!r} is the name of a composer of this site; give the other system another name.")
        for name, longest in LIMITS.items():
            if len(values.get(name, "")) > longest:
                problems.append(f"The {name.replace('_', ' ')} is longer than {longest} characters.")
        if values.get("picture_description") and not values.get("picture"):
            problems.append("There is a picture description, but no picture.")

    def _find(self, name: str, column: str, problems: list[str]) -> Path | None:
        """The file called `name` in the manifest's folder; None, with a problem, where it is not to be had."""
        if not name:
            problems.append(f"The column {column} is empty.")
            return None
        posix = name.replace("\\", "/")
        parts = PurePosixPath(posix).parts
        if posix.startswith("/") or re.match(r"[A-Za-z]:", posix) or ".." in parts or not posix.isprintable():
            problems.append(f"{_quote(name)} leads out of the manifest's folder; name files by their path inside it.")
            return None
        path = self.folder / posix
        try:
            inside = path.resolve().is_relative_to(self.folder.resolve())
            found = path.is_file()
        except OSError:
            inside, found = True, False
        if not inside:
            problems.append(f"{_quote(name)} leads out of the manifest's folder; name files by their path inside it.")
        elif not found:
            problems.append(f"There is no file {_quote(name)} beside the manifest.")
        return path if inside and found else None
