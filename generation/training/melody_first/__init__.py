"""Train the composer in two stages: `manage.py train melody_first --pop909 FOLDER [--emopia FOLDER]`.

First both stages on POP909 alone, whose licence leaves the weights free; then, where EMOPIA is given, a second pair of
networks that go on from there. No emotion label is needed. An interrupted run goes on from the last saved epoch.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, TextIO

from generation.training.workplace import TrainingRefused

DEFAULT_OUT = Path("var/training/melody_first")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this training's options to `parser`."""
    parser.add_argument("--pop909", required=True, type=Path, help="folder of POP909: midi, beats, chords, keys")
    parser.add_argument("--emopia", type=Path, help="folder of EMOPIA's MIDI files, for the non-commercial pair")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder for artifacts, report and progress")
    parser.add_argument("--melody-epochs", type=int, default=10, dest="melody_epochs", help="epochs of the melody")
    parser.add_argument(
        "--accompaniment-epochs", type=int, default=32, dest="accompaniment_epochs", help="epochs of the accompaniment"
    )
    parser.add_argument("--patience", type=int, default=4, help="epochs without a better one before a stage stops")
    parser.add_argument("--share", type=float, default=1.0, help="share of the sections drawn per epoch, 0…1")
    parser.add_argument("--batch", type=int, default=64, help="sections per step")
    parser.add_argument(
        "--layout", choices=("transformer", "lstm"), default="transformer", help="lstm: only to compare losses"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of weights, order and augmentation")
    parser.add_argument("--name", default="muse", help="name of the trained networks")
    parser.add_argument("--artifact-version", default="2.0", dest="artifact_version", help="their version, such as 2.0")
    parser.add_argument("--restart", action="store_true", help="forget the progress of an earlier run in --out")


def run(options: dict[str, Any], stdout: TextIO) -> None:
    """Train, measure and report; write the artifacts to ``OUT/NAME-VERSION`` and ``OUT/NAME-emopia-VERSION``."""
    for name in ("melody_epochs", "accompaniment_epochs", "patience", "batch"):
        if options[name] < 1:
            raise TrainingRefused(f"--{name.replace('_', '-')} must be at least 1, not {options[name]}.")
    if not 0.0 < options["share"] <= 1.0:
        raise TrainingRefused(f"--share must lie above 0 and not above 1, not {options['share']}.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    # Keras and its backend take seconds to import; the command's help does not need them
    from generation.training.melody_first.procedure import train_and_report

    train_and_report(options, stdout)
