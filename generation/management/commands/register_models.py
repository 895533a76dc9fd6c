"""`manage.py register_models`: make the shipped networks (or those in the folders given) known to the site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation import actions
from generation.networks.artifacts import ArtifactRefused, shipped_artifacts


class Command(BaseCommand):
    help = "Register trained networks. Every hash of an artifact is checked; one that does not fit is refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folders", nargs="*", type=Path, help="Artifact folders; without, all shipped ones.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            registered = actions.register_models(folders=options["folders"] or shipped_artifacts(), by=None)
        except ArtifactRefused as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            for model in registered:
                self.stdout.write(f"Registered {model.get_kind_display()}: {model}")
            if not registered:
                self.stdout.write("Every network was registered already.")
