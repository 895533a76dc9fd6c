"""`manage.py import_clips MANIFEST.csv`: clips of other systems, to be compared with our own in one blind study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from generation import tasks
from generation.importing.manifest import ManifestRefused
from generation.importing.storing import Imported, import_manifest
from generation.music.length import CLIP_SECONDS
from generation.music.sound import RendererFailed

REFUSED = 2


class Command(BaseCommand):
    help = (
        "Import the clips (sound or MIDI, with or without picture) that a manifest names: all of them, or none. "
        "Running it again imports nothing twice; an interrupted import goes on where it stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("manifest", type=Path, metavar="MANIFEST.csv", help="Its columns: docs/importing.md.")
        parser.add_argument("--by", metavar="USER", help="Account in whose name the clips are imported.")
        parser.add_argument("--licence", default="", metavar="TEXT", help="Licence of rows that state none.")
        parser.add_argument("--check", action="store_true", help="Find every problem, measure all, store nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        by = _find_user(options["by"]) if options["by"] else None
        with tqdm(desc="Preparing clips", unit="clip", disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            try:
                imported = import_manifest(
                    options["manifest"], by=by, licence=options["licence"], check=options["check"], progress=show
                )
            except ManifestRefused as refused:
                bar.close()
                for problem in refused.problems:
                    self.stderr.write(str(problem))
                number = len(refused.problems)
                raise CommandError(
                    f"{number} problem{'s' if number > 1 else ''}; nothing was imported.", returncode=REFUSED
                ) from refused
            except RendererFailed as error:  # no piano, or none that works: the fault of no file
                bar.close()
                raise CommandError(str(error), returncode=REFUSED) from error
            except OSError as error:
                bar.close()
                raise CommandError(
                    f"{error.filename or options['manifest']}: {error.strerror}", returncode=REFUSED
                ) from error
        for told in (*imported.left_out, *imported.notes):
            self.stderr.write(str(told))
        tasks.send(tasks.label_picture, imported.pictures)
        self.stdout.write(_tell(imported, check=options["check"]))


def _find_user(name: str) -> AbstractBaseUser:
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no account called {name!r}.", returncode=REFUSED)
    return user


def _tell(imported: Imported, *, check: bool) -> str:
    done = "can be imported" if check else "imported"
    parts = [f"{imported.clips} clips {done}", f"{imported.known} were there already"]
    if imported.measured:
        low, high = min(imported.measured), max(imported.measured)
        parts.append(f"loudness {low:.2f} to {high:.2f} LUFS")
    if imported.faded:
        parts.append(f"{imported.faded} longer than {CLIP_SECONDS:.0f} s and faded out there")
    if imported.pictures:
        parts.append(f"{len(imported.pictures)} new pictures")
    return f"{', '.join(parts)}."
