"""Train the image emotion network: `manage.py train image_emotion --layout emoset|oasis --data DIR`.

Pictures are prepared once and streamed from disk; every epoch leaves a checkpoint, so the same command goes on
where it was interrupted; at the end stand an artifact and a report with figures.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, TextIO

from generation.networks.training import TrainingRefused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this training's options to `parser`."""
    data = parser.add_argument_group("data")
    data.add_argument("--layout", choices=["emoset", "oasis"], required=True, help="how --data is laid out")
    data.add_argument("--data", type=Path, required=True, help="EmoSet-118K's folder, or OASIS's")
    data.add_argument("--samples", type=int, help="use that many pictures of EmoSet (the paper: 50000)")
    network = parser.add_argument_group("network")
    network.add_argument("--side", type=int, default=64, help="pixels along each side (64; a backbone wants 96 to 224)")
    network.add_argument(
        "--features",
        default="paper",
        help="measures beside the pixels: paper (brightness and colourfulness), all, or names separated by commas",
    )
    network.add_argument(
        "--filters", default="32,64", help="filters of the convolution layers (the paper has two), or none"
    )
    network.add_argument(
        "--pooling", choices=["flatten", "average"], default="flatten", help="what follows the last convolution"
    )
    network.add_argument("--affect", action="store_true", help="a second head for valence and arousal (oasis)")
    network.add_argument(
        "--backbone",
        help="a Keras Application instead of the two convolution layers: mobilenet_v2, "
        "mobilenet_v3_small, mobilenet_v3_large, efficientnet_v2_b0, resnet50_v2",
    )
    network.add_argument(
        "--weights", type=Path, help="the backbone's weights in a local file; without it Keras downloads ImageNet's"
    )
    training = parser.add_argument_group("training")
    training.add_argument("--epochs", type=int, default=10, help="at most so many epochs (the paper's 10)")
    training.add_argument("--batch", type=int, default=64, help="pictures per step (the paper's 64)")
    training.add_argument("--learning-rate", type=float, default=1e-3, help="Adam's, at the start")
    training.add_argument("--patience", type=int, default=3, help="stop after so many epochs without a better loss")
    training.add_argument("--augment", action="store_true", help="mirror and shift the pictures")
    training.add_argument("--class-weights", action="store_true", help="let rare emotions count like frequent ones")
    training.add_argument("--folds", type=int, default=3, help="oasis: folds of the cross-validated estimate")
    training.add_argument("--seed", type=int, default=1, help="seed of sample, split and weights")
    place = parser.add_argument_group("result")
    place.add_argument(
        "--out", type=Path, help="folder for progress, artifact and report (var/training/image_emotion-LAYOUT)"
    )
    place.add_argument("--restart", action="store_true", help="forget an earlier training in --out")
    place.add_argument("--name", default="paper", help="name of the trained network")
    place.add_argument("--artifact-version", default="1.0", help="its version")
    place.add_argument("--ablation", action="store_true", help="oasis: train the table of features instead")


def run(options: dict[str, Any], stdout: TextIO) -> None:
    """Train, evaluate and report; the artifact lies in ``OUT/NAME-VERSION``."""
    _check(options)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # the same sums in the same order every time
    # TensorFlow, scikit-learn and matplotlib take seconds to import; the command's help does not need them
    if options["ablation"]:
        from generation.networks.image_emotion_training.ablation import run_ablation

        run_ablation(options, stdout)
    elif options["layout"] == "emoset":
        from generation.networks.image_emotion_training.emoset_training import train_on_emoset

        train_on_emoset(options, stdout)
    else:
        from generation.networks.image_emotion_training.oasis_training import train_on_oasis

        train_on_oasis(options, stdout)


def _check(options: dict[str, Any]) -> None:
    for name, least in (("epochs", 1), ("batch", 1), ("side", 8), ("patience", 1), ("folds", 2), ("samples", 3)):
        if options[name] is not None and options[name] < least:
            raise TrainingRefused(f"--{name} must be at least {least}, not {options[name]}.")
    if not 0 < options["learning_rate"] < 1:
        raise TrainingRefused(f"--learning-rate must lie between 0 and 1, not at {options['learning_rate']}.")
    if options["weights"] and not options["backbone"]:
        raise TrainingRefused("--weights belongs to --backbone; say which network the file is for.")
    if options["layout"] == "emoset" and (options["affect"] or options["ablation"]):
        raise TrainingRefused("--affect and --ablation need human norms of valence and arousal: --layout oasis.")
    if options["layout"] == "oasis" and options["samples"]:
        raise TrainingRefused("--samples is for --layout emoset; OASIS is used whole.")
    filters = [] if options["filters"] == "none" else options["filters"].split(",")
    if not all(part.strip().isdigit() and int(part) > 0 for part in filters):
        raise TrainingRefused(f"--filters {options['filters']}: give whole numbers separated by commas, such as 32,64.")
