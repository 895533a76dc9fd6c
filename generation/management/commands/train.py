"""`manage.py train KIND …`: train one of the networks and leave an artifact and a report."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.networks.artifacts import ArtifactRefused
from generation.training import composer, image_emotion, melody_first, mfcc_emotion
from generation.training.packages import check_installed
from generation.training.workplace import TrainingRefused

KINDS: dict[str, tuple[str, ModuleType]] = {
    "image_emotion": ("the network that reads an emotion from a picture", image_emotion),
    "mfcc_emotion": ("the seed paper's music network", mfcc_emotion),
    "composer": ("the network that writes notes", composer),
    "melody_first": ("the composer in two stages: a melody over chords, then its accompaniment", melody_first),
}
INTERRUPTED = 130


class Command(BaseCommand):
    help = "Train a network. Interrupt it with Ctrl-C; the same command goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
        for kind, (description, training) in KINDS.items():
            subparser = kinds.add_parser(kind, help=description, description=f"Train {description}.")
            training.add_arguments(subparser)

    def handle(self, *args: Any, **options: Any) -> None:
        _, training = KINDS[options["kind"]]
        try:
            check_installed()
            training.run(options, self.stdout)
        except (TrainingRefused, ArtifactRefused) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stderr.write("Interrupted. The same command goes on where this one stopped.")
            sys.exit(INTERRUPTED)
