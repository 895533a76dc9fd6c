"""The seed paper's image network, and Keras Applications in its place: pixels to emotions, trained with Keras.

Pictures are prepared once and streamed from disk; every epoch leaves a checkpoint, so the same command goes on
where it was interrupted; at the end stand an artifact and a report with figures. `generation.training.image_emotion`
holds the command's options.
"""

from __future__ import annotations

import os
from typing import Any, TextIO

from generation.training.workplace import TrainingRefused


def train_with_keras(options: dict[str, Any], stdout: TextIO) -> None:
    """Train, evaluate and report; the artifact lies in ``OUT/NAME-VERSION``."""
    _check(options)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # the same sums in the same order every time
    # TensorFlow, scikit-learn and matplotlib take seconds to import; the command's help does not need them
    if options["ablation"]:
        from generation.training.image_emotion.pixels.ablation import run_ablation

        run_ablation(options, stdout)
    elif options["layout"] == "emoset":
        from generation.training.image_emotion.pixels.emoset_training import train_on_emoset

        train_on_emoset(options, stdout)
    else:
        from generation.training.image_emotion.pixels.oasis_training import train_on_oasis

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
