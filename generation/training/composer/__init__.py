"""Train the composer network: `manage.py train composer --data FOLDER` (MIDI files, EMOPIA's labels if there).

No emotion label is needed: the network is conditioned on attributes measured on the clips themselves.
Labels, where they are, fit the selection critic. An interrupted run goes on from the last finished epoch.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, TextIO

from generation.training.workplace import TrainingRefused

DEFAULT_OUT = Path("var/training/composer")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this training's options to `parser`."""
    parser.add_argument(
        "--data",
        required=True,
        type=Path,
        help="folder with MIDI files (searched below too) and, optionally, labels.csv: file,quadrant,split",
    )
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder for artifact, report and progress")
    parser.add_argument("--epochs", type=int, default=36, help="epochs")
    parser.add_argument("--share", type=float, default=0.5, help="share of the crops drawn per epoch, 0…1")
    parser.add_argument("--units", type=int, default=256, help="units of each of the two LSTM layers")
    parser.add_argument("--seed", type=int, default=1, help="seed of weights, order and augmentation")
    parser.add_argument("--name", default="muse", help="name of the trained network")
    parser.add_argument("--artifact-version", default="1.0", dest="artifact_version", help="its version, such as 1.0")
    parser.add_argument("--restart", action="store_true", help="forget the progress of an earlier run in --out")


def run(options: dict[str, Any], stdout: TextIO) -> None:
    """Train, measure and report; write the artifact to ``OUT/NAME-VERSION``."""
    for name in ("epochs", "units"):
        if options[name] < 1:
            raise TrainingRefused(f"--{name} must be at least 1, not {options[name]}.")
    if not 0.0 < options["share"] <= 1.0:
        raise TrainingRefused(f"--share must lie above 0 and not above 1, not {options['share']}.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    # TensorFlow and scikit-learn take seconds to import; the command's help does not need them
    from generation.training.composer.procedure import train_and_report

    train_and_report(options, stdout)
