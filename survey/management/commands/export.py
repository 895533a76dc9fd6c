"""manage.py export: a study's answers as a pack, or its long table alone."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from survey.actions import note_access
from survey.exports.formats import write_long
from survey.exports.media import count_files
from survey.exports.pack import count_rows, write_pack
from survey.models import ExportJob, Study


class Command(BaseCommand):
    help = (
        "Write a study's answers to FILE: .zip for the whole pack with codebook and manifest; .csv, .jsonl or"
        " .parquet for the long table alone. Withdrawn people and tests are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="the study, as in its address")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")
        parser.add_argument(
            "--media",
            nargs="+",
            choices=ExportJob.Media.values,
            default=[],
            metavar="KIND",
            help="which files of the stimuli go into the pack: sounds, scores (MIDI among them), pictures",
        )
        parser.add_argument("--bom", action="store_true", help="begin CSV files with a byte-order mark")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            known = ", ".join(Study.objects.order_by("slug").values_list("slug", flat=True)[:10]) or "none yet"
            raise CommandError(f"There is no study {options['slug']!r}. Studies: {known}.", returncode=2)
        path: Path = options["out"]
        if not path.parent.is_dir():
            raise CommandError(f"There is no folder {path.parent}.", returncode=2)
        media = ExportJob.write_media(options["media"])
        if media and path.suffix.lower() != ".zip":
            raise CommandError("--media goes with a pack: give --out a name that ends in .zip.", returncode=2)
        rows = self.write(study, path, mark=options["bom"], media=media.split())
        told = {"media": media} if media else {}
        note_access(study=study, action="export", by=None, format=path.suffix.lstrip("."), rows=rows, **told)
        self.stdout.write(f"{rows} answers of {study.slug} in {path}.")

    def write(self, study: Study, path: Path, *, mark: bool, media: list[str]) -> int:
        partial = path.with_name(f".{path.name}.part{path.suffix}")
        try:
            if path.suffix.lower() == ".zip":
                with (
                    tqdm(total=count_rows(study), unit=" rows", disable=None) as bar,
                    tqdm(total=count_files(study, media), unit=" files", disable=None if media else True) as files,
                ):
                    manifest = write_pack(
                        study,
                        partial,
                        mark=mark,
                        progress=lambda n: bar.update(n) and None,
                        media=media,
                        file_progress=lambda n: files.update(n) and None,
                    )
                rows = next(entry["rows"] for entry in manifest["files"] if entry["name"] == "responses_long.csv")
            else:
                rows = write_long(study, partial)
            partial.replace(path)
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from None
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.", returncode=2) from None
        finally:
            partial.unlink(missing_ok=True)
        return int(rows)
