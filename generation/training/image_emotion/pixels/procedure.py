"""From the data to artifact and report: what `manage.py train image_emotion` does."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from generation.emotions import SLUGS
from generation.images.features import FEATURE_NAMES
from generation.networks.artifacts import Artifact, load_artifact, write_artifact
from generation.networks.image_input import PAPER_FEATURES
from generation.training.datasets.emoset import Entry, load_emoset
from generation.training.datasets.oasis import load_oasis
from generation.training.datasets.samples import LabelledPicture
from generation.training.image_emotion.pixels.backbones import check_backbone, load_backbone
from generation.training.image_emotion.pixels.calibration import Calibration
from generation.training.image_emotion.pixels.exporting import (
    KERAS_FILE,
    WEIGHTS_FILE,
    export_weights,
    save_keras,
)
from generation.training.image_emotion.pixels.fitting import Plan, Progress, fit
from generation.training.image_emotion.pixels.network import (
    NetworkShape,
    build_network,
    build_on_backbone,
    compile_network,
)
from generation.training.image_emotion.pixels.preparation import Prepared, prepare
from generation.training.image_emotion.pixels.splitting import Split
from generation.training.workplace import FINISHED_FILE, TrainingRefused, claim_workplace

KIND = "image_emotion"


@dataclass(frozen=True, slots=True)
class Pictures:
    """A data set ready to be prepared: how many pictures, how to read one, the label order, and its description."""

    count: int
    read: Callable[[int], LabelledPicture]
    labels: tuple[str, ...]
    description: dict[str, Any]


def list_emoset(folder: Path, samples: int | None, seed: int) -> Pictures:
    """EmoSet's pictures, or a sample of them with as many of each emotion as there are to be had."""
    emoset = load_emoset(folder)
    entries = emoset.entries
    chosen = _draw_evenly(entries, samples, seed) if samples and samples < len(entries) else entries
    description = {
        "name": "EmoSet-118K",
        "pictures_listed": len(entries),
        "pictures_used": len(chosen),
        "lists": {name: len(rows) for name, rows in emoset.lists.items()},
        "licence": "EmoSet is free for research; its pictures belong to their authors",
    }
    return Pictures(len(chosen), lambda number: emoset.read(chosen[number]), emoset.labels, description)


def _draw_evenly(entries: list[Entry], samples: int, seed: int) -> list[Entry]:
    """`samples` entries in random order, in the proportions of the whole."""
    random = np.random.default_rng(seed)
    shuffled = [entries[row] for row in random.permutation(len(entries))]
    totals: dict[str, int] = {}
    for entry in entries:
        totals[entry.emotion] = totals.get(entry.emotion, 0) + 1
    seen: dict[str, int] = dict.fromkeys(totals, 0)
    ranks = []
    for entry in shuffled:
        seen[entry.emotion] += 1
        ranks.append(seen[entry.emotion] / totals[entry.emotion])
    order = np.argsort(ranks, kind="stable")[:samples]
    return [shuffled[row] for row in sorted(order)]


def list_oasis(folder: Path) -> Pictures:
    """OASIS with soft labels; see `generation.training.datasets.oasis`."""
    pictures = load_oasis(folder)
    description = {
        "name": "OASIS",
        "pictures_listed": len(pictures),
        "themes": len({p.group for p in pictures}),
        "labels": "soft labels by rule from human valence and arousal, and a weak table of themes",
        "licence": "OASIS is free for research use (Kurdi, Lozano & Banaji 2017)",
    }
    return Pictures(len(pictures), lambda number: pictures[number], SLUGS, description)


def choose_features(text: str) -> tuple[str, ...]:
    """``paper``, ``all`` or names separated by commas; brightness and colourfulness are always there, first."""
    if text == "all":
        return FEATURE_NAMES
    names = [] if text == "paper" else [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in FEATURE_NAMES]
    if unknown:
        raise TrainingRefused(f"--features {text}: choose paper, all, or names out of {', '.join(FEATURE_NAMES)}.")
    return tuple(dict.fromkeys((*PAPER_FEATURES, *names)))


def read_shape(options: Mapping[str, Any]) -> NetworkShape:
    """The network that the options ask for."""
    filters = () if options["filters"] == "none" else tuple(int(part) for part in options["filters"].split(","))
    if options["side"] < 2 ** len(filters) and not options["backbone"]:
        raise TrainingRefused(f"--side {options['side']} is too small for {len(filters)} poolings.")
    if options["backbone"]:
        check_backbone(options["backbone"], options["weights"])
    return NetworkShape(
        side=options["side"],
        filters=filters,
        features=choose_features(options["features"]),
        affect=options["affect"],
        pooling=options["pooling"],
    )


def read_plan(options: Mapping[str, Any]) -> Plan:
    """The training that the options ask for."""
    return Plan(
        epochs=options["epochs"],
        batch=options["batch"],
        seed=options["seed"],
        patience=options["patience"],
        reduce_after=max(1, options["patience"] // 2),
        augment=options["augment"],
        class_weights=options["class_weights"],
    )


def open_workplace(options: Mapping[str, Any], shape: NetworkShape, plan: Plan, pictures: Pictures) -> Path:
    """The folder of this training; an earlier one with other settings is not mixed with it.

    Raises
    ------
    TrainingRefused
        When the folder belongs to a training with other settings.
    """
    folder = Path(options["out"] or Path("var/training") / f"{KIND}-{options['layout']}")
    settings = {
        "layout": options["layout"],
        "data": str(Path(options["data"]).resolve()),
        "samples": options["samples"],
        "pictures": pictures.count,
        "labels": pictures.labels,
        "shape": asdict(shape),
        "plan": asdict(plan),
        "learning_rate": options["learning_rate"],
        "backbone": options["backbone"],
        "weights": str(options["weights"] or ""),
        "folds": options["folds"],
        "name": options["name"],
        "version": options["artifact_version"],
    }
    parts = ("prepared", "checkpoints", "report", "folds")
    return claim_workplace(folder, settings, parts=parts, restart=options["restart"])


def prepare_pictures(pictures: Pictures, folder: Path, shape: NetworkShape) -> Prepared:
    """Decode, measure and keep; see `preparation.prepare`."""
    return prepare(pictures.count, pictures.read, folder / "prepared", side=shape.side, features=shape.features)


def train_network(
    data: Prepared,
    rows: Split,
    shape: NetworkShape,
    plan: Plan,
    options: Mapping[str, Any],
    folder: Path | None,
    *,
    quiet: bool = False,
) -> tuple[Any, Progress]:
    """Build, compile and fit; returns the best epoch's model."""
    import keras

    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of each new length of a last batch
    keras.backend.clear_session()
    keras.utils.set_random_seed(plan.seed)
    measures = np.asarray(data.measures[rows.train], np.float64)
    means, variances = measures.mean(axis=0), np.maximum(measures.var(axis=0), 1e-6)
    if options.get("backbone"):
        backbone = load_backbone(options["backbone"], options.get("weights"), shape.side)
        model = build_on_backbone(shape, backbone, means, variances)
    else:
        model = build_network(shape, means, variances)
    compile_network(model, options["learning_rate"])
    return fit(model, shape.features, data, rows.train, rows.validation, plan, folder=folder, quiet=quiet)


def save_artifact(
    model: Any,
    shape: NetworkShape,
    calibration: Calibration,
    labels: tuple[str, ...],
    data: Mapping[str, Any],
    metrics: Mapping[str, Any],
    options: Mapping[str, Any],
    plan: Plan,
    folder: Path,
) -> Artifact:
    """Write ``folder/NAME-VERSION`` with the Keras file, the exported weights and the manifest."""
    files: dict[str, bytes | Path] = {KERAS_FILE: save_keras(model)}
    if not options.get("backbone"):
        files[WEIGHTS_FILE] = export_weights(model)
    return write_artifact(
        folder / f"{options['name']}-{options['artifact_version']}",
        kind=KIND,
        name=options["name"],
        version=options["artifact_version"],
        labels=labels,
        data=data,
        metrics=metrics,
        files=files,
        extra={
            "input": {"side": shape.side, "features": list(shape.features), "pooling": shape.pooling},
            "network": {**asdict(shape), "backbone": options.get("backbone") or None},
            "training": {**asdict(plan), "learning_rate": options["learning_rate"]},
            "calibration": asdict(calibration),
        },
        overwrite=True,
    )


def hard_labels(data: Prepared) -> NDArray[np.int64]:
    """The most probable label of each picture, as its number."""
    return np.asarray(data.labels).argmax(axis=1)


def say(stdout: TextIO, text: str) -> None:
    """One line for the person at the terminal."""
    stdout.write(text if text.endswith("\n") else f"{text}\n")


def is_finished(folder: Path, stdout: TextIO) -> bool:
    """Whether the training in `folder` is done; then the person is told, and its artifact is checked."""
    if not (folder / FINISHED_FILE).is_file():
        return False
    done = json.loads((folder / FINISHED_FILE).read_text(encoding="utf-8"))
    load_artifact(folder / done["artifact"])
    say(stdout, f"This training is finished: see {folder / 'report' / 'report.md'}. --restart trains anew.")
    return True


def finish(folder: Path, artifact: Path, **facts: int) -> None:
    """Note that this training is done, so that the same command does not repeat it."""
    (folder / FINISHED_FILE).write_text(json.dumps({"artifact": artifact.name, **facts}), encoding="utf-8")
