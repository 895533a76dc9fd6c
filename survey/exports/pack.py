"""The export pack: one zip with every table, its codebook, loaders and a manifest, written as it is read."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder

from survey.exports.codebook import CODEBOOK_HEADER, codebook_rows, format_of, tables_of
from survey.exports.csv_text import Lines, stream_csv, stream_lines, write_time
from survey.exports.describing import LOAD_PY, LOAD_R, describe_study, read_me
from survey.exports.media import media_of, say_media, write_media
from survey.exports.r_model import mixed_model_script
from survey.exports.r_pairs import PAIRS_SCRIPT, paired_script
from survey.exports.rows import (
    batches_of,
    courses_of,
    events_of,
    people_of,
    question_answers_of,
    responses_of,
    stimuli_of,
    trials_of,
)
from survey.exports.snapshot import one_snapshot
from survey.findings.software import software_versions
from survey.models import Study

Progress = Callable[[int], None]
COMPRESSION_LEVEL = 3


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
    ) + sum(courses_of(study).values_list("samples", flat=True))


@dataclass(slots=True)
class _Pack:
    """An open zip and what its manifest will say."""

    archive: zipfile.ZipFile
    when: tuple[int, int, int, int, int, int]
    entries: list[dict[str, Any]] = field(default_factory=list)

    def write(
        self, name: str, blocks: Iterable[str | bytes], rows: Callable[[], int] | None = None, *, stored: bool = False
    ) -> dict[str, Any]:
        digest, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(name, self.when)
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self.archive.open(info, "w", force_zip64=True) as stream:
            for block in blocks:
                data = block.encode("utf-8") if isinstance(block, str) else block
                digest.update(data)
                size += len(data)
                stream.write(data)
        entry = {
            "name": name,
            "sha256": digest.hexdigest(),
            "bytes": size,
            **({} if rows is None else {"rows": rows()}),
        }
        self.entries.append(entry)
        return entry


class _Counted:
    """Passes batches on and counts their rows; tells `progress`."""

    def __init__(self, batches: Iterable[Lines], progress: Progress | None) -> None:
        self.batches, self.progress, self.n = batches, progress, 0

    def __iter__(self) -> Iterator[Lines]:
        for batch in self.batches:
            self.n += len(batch)
            if self.progress:
                self.progress(len(batch))
            yield batch

    def count(self) -> int:
        return self.n


def write_pack(
    study: Study,
    target: Path | IO[bytes],
    *,
    mark: bool = False,
    progress: Progress | None = None,
    media: Collection[str] = (),
    file_progress: Progress | None = None,
) -> dict[str, Any]:
    """Write the pack of `study` from one snapshot; return its manifest.

    `progress` is called with the number of rows since the last call; what it raises ends the export. `media` names the
    files of the stimuli that go along (`ExportJob.Media`); `file_progress` is called as `write_media` says.
    """
    now = datetime.now(UTC)
    with zipfile.ZipFile(target, "w", compresslevel=COMPRESSION_LEVEL) as archive:
        pack = _Pack(archive, (now.year, now.month, now.day, now.hour, now.minute, now.second))
        with one_snapshot():
            study = Study.objects.get(pk=study.pk)
            _write_tables(pack, study, mark, progress)
            _write_descriptions(pack, study, mark, bool(media))
            texts = _texts(study)
            manifest = _manifest(study, now)
            files = media_of(study, media)
        if media:
            done = write_media(pack.write, files, mark=mark, progress=file_progress)
            texts["README.md"] += say_media(files, done)
            manifest["media"] = {"asked": list(media), "missing": done.missing, "damaged": done.changed}
        for name, text in texts.items():
            pack.write(name, [text])
        manifest["files"] = pack.entries
        archive.writestr("manifest.json", _json(manifest))
    return manifest


def _manifest(study: Study, now: datetime) -> dict[str, Any]:
    """All but the files."""
    return {
        "format_version": format_of(study),
        "study": study.slug,
        "version": study.number,
        "status": study.status,
        "created_at": write_time(now),
        "software": software_versions(),
    }


def _write_tables(pack: _Pack, study: Study, mark: bool, progress: Progress | None) -> None:
    from survey.exports.wide import wide_batches, wide_header  # Arrow, which the site's pages do without

    for table, columns in tables_of(study).items():
        header = [column.name for column in columns]
        counted = _Counted(batches_of(study, table), progress)
        pack.write(f"{table}.csv", stream_lines(header, counted, mark=mark), counted.count)
    if study.form.compares:
        return  # an answer is about two stimuli: no column would be its own
    counted = _Counted(wide_batches(study), None)
    pack.write("responses_wide.csv", stream_lines(wide_header(study), counted, mark=mark), counted.count)


def _write_descriptions(pack: _Pack, study: Study, mark: bool, media: bool) -> None:
    rows = list(codebook_rows(study=study, media=media))
    pack.write("codebook.csv", stream_csv(CODEBOOK_HEADER, rows, mark=mark), lambda: len(rows))
    pack.write("codebook.json", [_json([dict(zip(CODEBOOK_HEADER, row, strict=True)) for row in rows])])
    pack.write("study.json", [_json(describe_study(study))])


def _texts(study: Study) -> dict[str, str]:
    return {
        "README.md": read_me(study),
        "load.py": LOAD_PY,
        "load.R": LOAD_R,
        **_script(study),
    }


def _script(study: Study) -> dict[str, str]:
    """The R script that fits what the study asks."""
    if study.form.compares:
        return {PAIRS_SCRIPT: paired_script(study)}
    return {"mixed_model.R": mixed_model_script(study)}


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder) + "\n"
