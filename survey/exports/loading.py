"""Reading a pack back: hashes checked, every cell with the type its codebook gives it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from melodymuse_site.spreadsheets import unguard
from survey.exports.codebook import (
    FORMAT_WITH_PICTURES,
    FORMAT_WITH_SIDES,
    FORMAT_WITH_TARGETS,
    FORMAT_WITH_VARIANTS,
    FORMATS,
    PICTURES,
    SHAPING,
    TARGETS,
    VARIANTS,
    Column,
    tables_with,
)
from survey.models import Study, StudyQuestion
from survey.questions import Question

CHUNK = 1 << 20
LONGEST_CELL = 1 << 24


class PackRefused(ValueError):
    """A file that is no pack, or not a whole one; the message says what is wrong."""


class Pack:
    """An export pack opened for reading; use it with ``with``."""

    def __init__(self, path: Path) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise PackRefused(f"There is no file {path}.") from None
        except (OSError, zipfile.BadZipFile) as error:
            raise PackRefused(f"{path} is not an export pack: {error}.") from None
        try:
            self.manifest = json.loads(self._bytes("manifest.json"))
            self.study = json.loads(self._bytes("study.json"))
        except (KeyError, ValueError, zipfile.BadZipFile) as error:
            self.archive.close()
            raise PackRefused(f"{path} is not an export pack: {error}.") from None

    def __enter__(self) -> Pack:
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    def _bytes(self, name: str) -> bytes:
        return self.archive.read(name)

    def check(self) -> None:
        """Compare format, hashes and sizes with the manifest.

        Raises
        ------
        PackRefused
            Naming every file that does not fit.
        """
        found = str(self.manifest.get("format_version"))
        if found not in FORMATS:
            raise PackRefused(f"The pack has format version {found}; this program reads {', '.join(FORMATS)}.")
        wrong = [entry["name"] for entry in self.manifest["files"] if not self._fits(entry)]
        if wrong:
            raise PackRefused(f"The pack is damaged: {', '.join(wrong)} differ from the manifest.")

    def _fits(self, entry: dict[str, Any]) -> bool:
        digest = hashlib.sha256()
        try:
            with self.archive.open(entry["name"]) as stream:
                while block := stream.read(CHUNK):
                    digest.update(block)
        except (KeyError, zipfile.BadZipFile):
            return False
        return digest.hexdigest() == entry["sha256"]

    def questions(self) -> list[Question]:
        """The further questions of the study that the pack is of."""
        study = Study(language=str(self.study.get("language") or "en"))
        known = {field.name for field in StudyQuestion._meta.concrete_fields}
        told = [{name: row[name] for name in row if name in known} for row in self.study.get("questions", [])]
        try:
            return [StudyQuestion(study=study, **row).asked() for row in told]
        except (KeyError, TypeError, ValueError) as error:
            raise PackRefused(f"The questions in study.json cannot be read: {error}.") from None

    def _tables(self) -> dict[str, tuple[Column, ...]]:
        """The tables of the study that the pack is of, as `study.json` describes it."""
        shaping = {name: self.study[name] for name in SHAPING if name in self.study}
        written = str(self.manifest.get("format_version"))
        if written in (FORMAT_WITH_PICTURES, FORMAT_WITH_SIDES):
            # Formats 6 and 7 tell of targets and variants at any rate; these may or may not, as the header says.
            header = self._header("stimuli")
            targets, variants, pictures = (columns[0].name in header for columns in (TARGETS, VARIANTS, PICTURES))
        else:
            targets, variants, pictures = written == FORMAT_WITH_TARGETS, written == FORMAT_WITH_VARIANTS, False
        told = {"learned_targets": targets, "variants": variants, "pictures": pictures}
        return tables_with(self.questions(), Study(**shaping), **told, sides=written == FORMAT_WITH_SIDES)

    def _header(self, table: str) -> list[str]:
        with _long_cells(), self.archive.open(f"{table}.csv") as stream:
            header = next(csv.reader(io.TextIOWrapper(stream, "utf-8-sig", newline="")), [])
        return [unguard(name) for name in header]

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table as values.

        Raises
        ------
        PackRefused
            When the columns are not the codebook's, or a cell cannot be read; with table and line.
        """
        columns = self._tables().get(table)
        if columns is None:  # a table that this study's pack does not need
            return
        with _long_cells(), self.archive.open(f"{table}.csv") as stream:
            reader = csv.reader(io.TextIOWrapper(stream, "utf-8-sig", newline=""))
            header = [unguard(name) for name in next(reader, [])]
            if header != [column.name for column in columns]:
                raise PackRefused(f"{table}.csv does not have the columns of its format version.")
            for row in reader:
                try:
                    yield {column.name: READERS[column.kind](cell) for column, cell in zip(columns, row, strict=True)}
                except ValueError as error:
                    raise PackRefused(f"{table}.csv, line {reader.line_num}: {error}.") from None


@contextmanager
def _long_cells() -> Iterator[None]:
    """Plans and orders are long cells; elsewhere a long cell is a mistake, and the limit is the process' own."""
    usual = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(usual)


def _truth(cell: str) -> bool | None:
    if cell not in ("", "true", "false"):
        raise ValueError(f"{cell!r} is neither true nor false")
    return None if cell == "" else cell == "true"


READERS: dict[str, Callable[[str], Any]] = {
    "text": unguard,
    "integer": lambda cell: int(cell) if cell else None,
    "number": lambda cell: float(cell) if cell else None,
    "boolean": _truth,
    "time": lambda cell: datetime.fromisoformat(cell) if cell else None,
    "list": lambda cell: unguard(cell).split("|") if cell else [],
    "json": lambda cell: json.loads(unguard(cell)) if cell else {},
}
