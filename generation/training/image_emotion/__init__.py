"""Train the image emotion network: `manage.py train image_emotion --layout emoset|oasis --data DIR`.

By default linear heads are fitted on what pretrained backbones see: looks are kept on disk once, then heads take
minutes. `--backbone none` trains the seed paper's network, and a Keras Application's name puts that in its place
(`generation.training.image_emotion.pixels`).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final, TextIO

from generation.training.image_emotion.pixels.backbones import check_backbone
from generation.training.workplace import TrainingRefused

DEFAULT_BACKBONE: Final = "efficientnet-lite2"
HEADS_ON: Final = "efficientnet-lite"
"""Backbones whose names begin so are served with ONNX Runtime and get linear heads."""


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
        default=DEFAULT_BACKBONE,
        help="efficientnet-lite2 (default), or another that convert_backbone made: linear heads on what it sees; "
        "none: the seed paper's two convolution layers; or a Keras Application instead of them: mobilenet_v2, "
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
    training.add_argument("--folds", type=int, help="folds of the cross-validation (10; 3 without a backbone)")
    training.add_argument(
        "--keep-held-out", action="store_true", help="heads: do not fit on the held-out pictures once they are judged"
    )
    training.add_argument("--seed", type=int, default=1, help="seed of sample, split and weights")
    place = parser.add_argument_group("result")
    place.add_argument(
        "--out", type=Path, help="folder for progress, artifact and report (var/training/image_emotion-LAYOUT)"
    )
    place.add_argument("--restart", action="store_true", help="forget an earlier training in --out")
    place.add_argument("--name", help="name of the trained network (muse; paper without a backbone)")
    place.add_argument("--artifact-version", help="its version (2.0; 1.0 without a backbone)")
    place.add_argument(
        "--ablation",
        action="store_true",
        help="oasis: also judge the network without each of its parts; without a backbone: only train that table",
    )


def run(options: dict[str, Any], stdout: TextIO) -> None:
    """Train, evaluate and report; the artifact lies in ``OUT/NAME-VERSION``."""
    heads = options["backbone"].startswith(HEADS_ON)
    options["name"] = options["name"] or ("muse" if heads else "paper")
    options["artifact_version"] = options["artifact_version"] or ("2.0" if heads else "1.0")
    options["folds"] = (10 if heads else 3) if options["folds"] is None else options["folds"]
    if not heads:
        if options["backbone"] != "none":
            check_backbone(options["backbone"], options["weights"])
        from generation.training.image_emotion.pixels import train_with_keras

        train_with_keras(
            {**options, "backbone": None if options["backbone"] == "none" else options["backbone"]}, stdout
        )
        return
    _check_heads(options)
    from generation.training.image_emotion.procedure import train_heads  # SciPy and matplotlib: not for the help

    train_heads(options, stdout)


def _check_heads(options: dict[str, Any]) -> None:
    for name, least in (("folds", 2), ("samples", 3)):
        if options[name] is not None and options[name] < least:
            raise TrainingRefused(f"--{name} must be at least {least}, not {options[name]}.")
    if options["weights"]:
        raise TrainingRefused(
            "--weights belongs to --backbone with a Keras Application; a backbone here is made by convert_backbone."
        )
    if options["layout"] == "oasis" and options["samples"]:
        raise TrainingRefused("--samples is for --layout emoset; OASIS is used whole.")
    if options["layout"] == "emoset" and options["ablation"]:
        raise TrainingRefused("--ablation needs human norms of valence and arousal: --layout oasis.")
