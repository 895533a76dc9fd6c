"""`manage.py add_images PATH…`: take pictures (files, or folders with all they hold) into the library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from generation import actions
from generation.images.files import LeftOut, look_through, printable, read_picture_file
from generation.images.intake import PictureRefused


class Command(BaseCommand):
    help = "Add pictures to the library; the same picture twice is stored once. Running it again goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="Picture files or folders.")
        parser.add_argument("--licence", default="", help="Licence of all these pictures.")
        parser.add_argument("--attribution", default="", help="Whom to name for all these pictures.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = look_through(options["paths"])
        except FileNotFoundError as error:
            raise CommandError(str(error)) from error
        self._name_left_out(found.left_out)
        files = found.pictures
        if not files:
            raise CommandError("There is no picture in what you named.")
        added = 0
        refused = []
        for file in tqdm(files, desc="Adding pictures", unit="picture", disable=None):
            try:
                _, created = actions.add_picture(
                    data=read_picture_file(file),
                    filename=file.name,
                    licence=options["licence"],
                    attribution=options["attribution"],
                    by=None,
                )
            except (PictureRefused, OSError) as error:
                refused.append(f"{printable(file)}: {error}")
                continue
            added += created
        for line in refused:
            self.stderr.write(line)
        known = len(files) - added - len(refused)
        told = f"{added} added, {known} already there, {len(refused)} refused"
        self.stdout.write(f"{told}, {len(found.left_out)} left out." if found.left_out else f"{told}.")
        if refused and not added and not known:
            raise CommandError("No picture could be added.")

    def _name_left_out(self, left_out: Sequence[LeftOut]) -> None:
        for item in left_out:
            self.stderr.write(str(item))
