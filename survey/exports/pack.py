"""The export pack: one zip with every table, its codebook, loaders and a manifest, written as it is read."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder

from survey.exports.codebook import CODEBOOK_HEADER, codebook_rows, format_of, tables_of
from survey.exports.csv_text import stream_csv, write_time
from survey.exports.describing import LOAD_PY, LOAD_R, describe_study, read_me
from survey.exports.r_model import mixed_model_script
from survey.exports.rows import ROWS, events_of, people_of, question_answers_of, responses_of, stimuli_of, trials_of
from survey.exports.snapshot import one_snapshot
from survey.exports.wide import wide_header, wide_rows
from survey.findings.software import software_versions
from survey.models import Study

Progress = Callable[[int], None]
COMPRESSION_LEVEL = 3


class ExportStopped(RuntimeError):
    """Raised by a progress function to end an export."""


def count_rows(study: Study) -> int:
    """Return how many rows the tables of a pack have; for a progress bar."""
    return sum(
        found.count()
        for found in (
            responses_of(study),
            people_of(study),
            stimuli_of(study),
            events_of(study),
            trials_of(study),
            question_answers_of(study),
        )
    )


@dataclass(slots=True)
class _Pack:
    """An open zip and what its manifest will say."""

    archive: zipfile.ZipFile
    when: tuple[int, int, int, int, int, int]
    entries: list[dict[str, Any]] = field(default_factory=list)

    def write(self, name: str, blocks: Iterable[str], rows: Callable[[], int] | None = None) -> None:
        digest, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(name, self.when)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self.archive.open(info, "w", force_zip64=True) as stream:
            for block in blocks:
                data = block.encode("utf-8")
                digest.update(data)
                size += len(data)
                stream.write(data)
        entry = {"name": name, "sha256": digest.hexdigest(), "bytes": size}
        self.entries.append(entry if rows is None else {**entry, "rows": rows()})


class _Counted:
    """Passes rows on and counts them; tells `progress` now and then."""

    STEP = 2000

    def __init__(self, rows: Iterable[Sequence[Any]], progress: Progress | None) -> None:
        self.rows, self.progress, self.n = rows, progress, 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self.rows:
            self.n += 1
            if self.progress and self.n % self.STEP == 0:
                self.progress(self.STEP)
            yield row
        if self.progress:
            self.progress(self.n % self.STEP)

    def count(self) -> int:
        return self.n


def write_pack(
    study: Study, target: Path | IO[bytes], *, mark: bool = False, progress: Progress | None = None
) -> dict[str, Any]:
    """Write the pack of `study` from one snapshot; return its manifest.

    `progress` is called with the number of rows since the last call and may raise `ExportStopped`.
    """
    now = datetime.now(UTC)
    with one_snapshot(), zipfile.ZipFile(target, "w", compresslevel=COMPRESSION_LEVEL) as archive:
        pack = _Pack(archive, (now.year, now.month, now.day, now.hour, now.minute, now.second))
        study = Study.objects.get(pk=study.pk)
        _write_tables(pack, study, mark, progress)
        _write_descriptions(pack, study, mark)
        manifest = {
            "format_version": format_of(study),
            "study": study.slug,
            "version": study.number,
            "status": study.status,
            "created_at": write_time(now),
            "software": software_versions(),
            "files": pack.entries,
        }
        archive.writestr("manifest.json", _json(manifest))
    return manifest


def _write_tables(pack: _Pack, study: Study, mark: bool, progress: Progress | None) -> None:
    for table, columns in tables_of(study).items():
        counted = _Counted(ROWS[table](study), progress)
        header = [column.name for column in columns]
        pack.write(f"{table}.csv", stream_csv(header, counted, mark=mark), counted.count)
    counted = _Counted(wide_rows(study), None)
    pack.write("responses_wide.csv", stream_csv(wide_header(study), counted, mark=mark), counted.count)


def _write_descriptions(pack: _Pack, study: Study, mark: bool) -> None:
    rows = list(codebook_rows(study=study))
    pack.write("codebook.csv", stream_csv(CODEBOOK_HEADER, rows, mark=mark), lambda: len(rows))
    pack.write("codebook.json", [_json([dict(zip(CODEBOOK_HEADER, row, strict=True)) for row in rows])])
    pack.write("study.json", [_json(describe_study(study))])
    texts = {
        "README.md": read_me(study),
        "load.py": LOAD_PY,
        "load.R": LOAD_R,
        "mixed_model.R": mixed_model_script(study),
    }
    for name, text in texts.items():
        pack.write(name, [text])


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder) + "\n"
