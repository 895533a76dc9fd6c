"""Train the seed paper's music network: `manage.py train mfcc_emotion --data "Acoustic Features.csv"`.

Three steps, each resumed where it was interrupted: the network on the paper's single 80–20 split, repeated
stratified cross-validation of it and of scikit-learn's baselines on the same folds, and the report.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, TextIO

from generation.training.workplace import TrainingRefused

DEFAULT_OUT = Path("var/training/mfcc_emotion")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this training's options to `parser`."""
    parser.add_argument("--data", required=True, type=Path, help='Turkish Music Emotion\'s "Acoustic Features.csv"')
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder for artifact, report and progress")
    parser.add_argument("--epochs", type=int, default=75, help="epochs per network (the paper's 75)")
    parser.add_argument("--batch", type=int, default=32, help="clips per step (the paper's 32)")
    parser.add_argument("--folds", type=int, default=5, help="folds of the cross-validation")
    parser.add_argument("--repeats", type=int, default=5, help="repeats of it; 0 leaves it out")
    parser.add_argument("--seed", type=int, default=1, help="seed of splits and weights")
    parser.add_argument("--name", default="paper", help="name of the trained network")
    parser.add_argument("--artifact-version", default="1.0", dest="artifact_version", help="its version, such as 1.0")
    parser.add_argument("--restart", action="store_true", help="forget the progress of an earlier run in --out")


def run(options: dict[str, Any], stdout: TextIO) -> None:
    """Train, evaluate and report; write the artifact to ``OUT/NAME-VERSION``."""
    for name, least in (("epochs", 1), ("batch", 1), ("folds", 2), ("repeats", 0)):
        if options[name] < least:
            raise TrainingRefused(f"--{name} must be at least {least}, not {options[name]}.")
    # quiet, and the same sums in the same order every time
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    # TensorFlow, scikit-learn and matplotlib take seconds to import; the command's help does not need them
    from generation.training.mfcc_emotion.procedure import train_and_report

    train_and_report(options, stdout)
