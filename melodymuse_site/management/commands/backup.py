"""`manage.py backup TARGET`: the whole site in one folder, while it runs."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from melodymuse_site.backup import BackupRefused, write_backup
from melodymuse_site.occupancy import Occupied, serve

INTERRUPTED = 130


class Command(BaseCommand):
    help = (
        "Write the whole site (database, media, secret key) as it is at one moment into the new folder TARGET, while "
        "it runs. The folder appears when it is whole. Packs of exports, sessions and records of logins are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path, metavar="TARGET", help="a folder that does not exist yet")
        parser.add_argument("--quiet", action="store_true", help="no progress bars")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            serve(settings.DATA_DIR)
            content = write_backup(options["target"], quiet=True if options["quiet"] else None)
        except (BackupRefused, Occupied) as refused:
            raise CommandError(str(refused), returncode=2) from None
        except KeyboardInterrupt:
            raise CommandError("Interrupted; nothing is left of the backup.", returncode=INTERRUPTED) from None
        size = sum(entry["bytes"] for entry in content["files"])
        self.stdout.write(
            f"{options['target']}: {sum(content['rows'].values()):,} rows and {len(content['files']) - 2:,} files, "
            f"{size / 1e6:,.1f} MB. "
            "It holds the secret key and everybody's answers: keep it where nobody else can read it."
        )
        if missing := content["missing"]:
            raise CommandError(
                f"The backup is whole, but {len(missing)} media files that the database names are not in MEDIA_ROOT "
                f"(first: {missing[0]}). Look for them in an older backup.",
                returncode=1,
            )
