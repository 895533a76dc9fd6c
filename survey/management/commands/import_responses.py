"""manage.py import_responses: read an export pack back into an empty study."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from survey.actions.restoring import RestoreRefused, restore_answers
from survey.exports.loading import Pack, PackRefused
from survey.models import Study


class Command(BaseCommand):
    help = (
        "Read a pack made by `manage.py export` back into a study without participants: the study named in the"
        " pack, or --study SLUG. All or nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.zip")
        parser.add_argument("--study", metavar="SLUG", help="the empty study; default: the one named in the pack")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with Pack(options["file"]) as pack:
                pack.check()
                slug = options["study"] or pack.study["slug"]
                study = Study.objects.filter(slug=slug).first()
                if study is None:
                    raise CommandError(
                        f"There is no study {slug!r}; make it first, or name one with --study.", returncode=2
                    )
                counts = restore_answers(study=study, rows=pack.rows, by=None)
        except (PackRefused, RestoreRefused) as refused:
            raise CommandError(str(refused), returncode=2) from None
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        self.stdout.write(f"Read into {slug}: {told}.")
