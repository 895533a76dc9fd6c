"""`manage.py restore SOURCE`: the site becomes what the backup holds, wholly or not at all."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from melodymuse_site.backup import BackupRefused, restore
from melodymuse_site.backup.restoring import key_differs
from melodymuse_site.management.commands.backup import INTERRUPTED
from melodymuse_site.occupancy import Occupied


class Command(BaseCommand):
    help = (
        "Make this site what the backup SOURCE holds, on SQLite or PostgreSQL, whichever it comes from. The site must "
        "be stopped, and empty unless --replace. All is checked and built beside first; an older backup is migrated."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, metavar="SOURCE", help="a folder that `manage.py backup` made")
        parser.add_argument("--replace", action="store_true", help="throw away what the site holds now")
        parser.add_argument("--quiet", action="store_true", help="no progress bars")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        quiet = True if options["quiet"] else None
        try:
            content = restore(options["source"], replace=options["replace"], quiet=quiet)
        except (BackupRefused, Occupied) as refused:
            raise CommandError(str(refused), returncode=2) from None
        except KeyboardInterrupt:
            raise CommandError("Interrupted; the site is as it was.", returncode=INTERRUPTED) from None
        self.stdout.write(
            f"Restored {sum(content['rows'].values()):,} rows and {len(content['files']) - 2:,} files, as they were on "
            f"{content['made_at'][:16].replace('T', ' ')} UTC. People log in anew; packs of exports are made anew."
        )
        if content["missing"]:
            self.stderr.write(f"{len(content['missing'])} media files were missing already when the backup was made.")
        if key_differs(options["source"]):
            self.stderr.write(
                "This site is given another SECRET_KEY than the one of the backup: people who come back by a "
                "recruiter's link are not recognised, and signed links are void. Set SECRET_KEY to the text in "
                f"{options['source'] / 'secret_key'}."
            )
