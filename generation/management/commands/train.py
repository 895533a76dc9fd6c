"""`manage.py train KIND …`: train one of the networks and leave an artifact and a report."""

from __future__ import annotations

import argparse
import importlib
import sys
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.networks.artifacts import ArtifactRefused
from generation.networks.training import TrainingRefused

KINDS = {
    "image_emotion": "the network that reads an emotion from a picture",
    "mfcc_emotion": "the seed paper's music network",
    "composer": "the network that writes notes",
}
INTERRUPTED = 130


def find_training(kind: str) -> ModuleType | None:
    """The module that trains `kind`, or None where this copy of MelodyMuse has none."""
    for name in (f"generation.training.{kind}", f"generation.networks.{kind}_training"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
    return None


class Command(BaseCommand):
    help = "Train a network. Interrupt it with Ctrl-C; the same command goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
        for kind, description in KINDS.items():
            subparser = kinds.add_parser(kind, help=description, description=f"Train {description}.")
            training = find_training(kind)
            if training is None:
                subparser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
            else:
                training.add_arguments(subparser)

    def handle(self, *args: Any, **options: Any) -> None:
        kind = options["kind"]
        training = find_training(kind)
        if training is None:
            missing = f"generation/training/{kind}"
            raise CommandError(f"This copy of MelodyMuse cannot train {kind}: {missing} is not there.")
        try:
            training.run(options, self.stdout)
        except (TrainingRefused, ArtifactRefused) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stderr.write("Interrupted. The same command goes on where this one stopped.")
            sys.exit(INTERRUPTED)
