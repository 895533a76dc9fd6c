"""The whole training in order: split, fit, cross-validate, export, report."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from tqdm import tqdm

from generation.networks.artifacts import hash_file, write_artifact
from generation.networks.mfcc_emotion import KIND, NEXT_LAYER, WEIGHTS_FILE
from generation.training.datasets.turkish_music_emotion import (
    CITATION,
    CLASSES,
    TurkishClips,
    fold_table,
    read_clips,
)
from generation.training.mfcc_emotion.evaluation import (
    cross_validate,
    describe_predictions,
    measure_next_head,
    pick,
    split_once,
    summarise_folds,
)
from generation.training.mfcc_emotion.fitting import FitPlan, Scale, fit_resumably, predict_classes
from generation.training.mfcc_emotion.network import export_weights
from generation.training.mfcc_emotion.reporting import write_report
from generation.training.workplace import TrainingRefused

PLAN_FILE = "plan.json"


def train_and_report(options: dict[str, Any], stdout: TextIO) -> None:
    """Do everything `run` promises."""
    clips = read_clips(options["data"])
    _refuse_too_few(clips, options["folds"])
    out = Path(options["out"])
    state = out / "progress"
    _open_progress(state, options)
    plan = FitPlan(options["epochs"], options["batch"], options["seed"])
    train_index, test_index = split_once(clips, plan.seed)
    train, test = pick(clips, train_index), pick(clips, test_index)
    with tqdm(total=plan.epochs, desc="network", unit="epoch") as bar:
        network, history = fit_resumably(train, test, plan, state / "single", lambda: bar.update() and None)
    metrics = _measure(network, train, test)
    metrics["history"] = history
    unique = clips.without_duplicates()
    if options["repeats"]:
        total = options["folds"] * options["repeats"]
        with tqdm(total=total, desc="cross-validation", unit="fold") as bar:
            records = cross_validate(
                unique,
                plan,
                options["folds"],
                options["repeats"],
                state / "folds.jsonl",
                lambda: bar.update() and None,
            )
        metrics["cross_validation"] = {
            "clips": len(unique),
            "folds": options["folds"],
            "repeats": options["repeats"],
            "methods": summarise_folds(records),
            "confusion": _sum_confusion(records),
        }
    folder = _write(network, train, test, metrics, options, plan)
    report = write_report(out / "report", metrics, clips, unique, plan)
    stdout.write(f"Artifact: {folder}\nReport:   {report}\n")


def _refuse_too_few(clips: TurkishClips, folds: int) -> None:
    counts = np.bincount(clips.classes, minlength=len(CLASSES))
    needed = max(folds, 5)
    short = [f"{label} ({count})" for label, count in zip(CLASSES, counts, strict=True) if count < needed]
    if short:
        raise TrainingRefused(f"Each class needs at least {needed} clips; too few of: {', '.join(short)}.")


def _open_progress(state: Path, options: dict[str, Any]) -> None:
    """Begin, or go on with the same plan; another plan's progress is never mixed in."""
    plan = {name: options[name] for name in ("epochs", "batch", "folds", "seed")}
    plan["data"] = hash_file(options["data"])
    if options["restart"]:
        shutil.rmtree(state, ignore_errors=True)
    if (state / PLAN_FILE).is_file():
        if json.loads((state / PLAN_FILE).read_text()) != plan:
            raise TrainingRefused(
                f"{state} holds the progress of other data or options: give another --out, or --restart to forget it."
            )
        return
    state.mkdir(parents=True, exist_ok=True)
    (state / PLAN_FILE).write_text(json.dumps(plan))


def _measure(network: Any, train: TurkishClips, test: TurkishClips) -> dict[str, Any]:
    scale = Scale.of(train)
    predicted = predict_classes(network, test, scale)
    known = {row.tobytes() for row in train.mfcc}
    fresh = np.array([row.tobytes() not in known for row in test.mfcc])
    values = scale.apply(test)
    expected = np.asarray(network(values, training=False)[NEXT_LAYER])[:, :, 0]
    return {
        "single_split": describe_predictions(test.classes, predicted),
        "single_split_without_leaks": describe_predictions(test.classes[fresh], predicted[fresh]),
        "leaked_test_clips": int((~fresh).sum()),
        "next_value": measure_next_head(expected, values[:, 1:, 0]),
    }


def _sum_confusion(records: list[dict[str, Any]]) -> list[list[int]]:
    confusion = np.zeros((len(CLASSES), len(CLASSES)), dtype=int)
    for record in records:
        np.add.at(confusion, (record["truth"], record["predicted"]), 1)
    return [[int(count) for count in row] for row in confusion]


def _write(
    network: Any,
    train: TurkishClips,
    test: TurkishClips,
    metrics: dict[str, Any],
    options: dict[str, Any],
    plan: FitPlan,
) -> Path:
    scale = Scale.of(train)
    values = scale.apply(train)
    expected = np.asarray(network(values, training=False)[NEXT_LAYER])[:, :, 0]
    extra = {
        "mean": scale.mean,
        "sd": scale.sd,
        "residual_sd": (values[:, 1:, 0] - expected).std(axis=0),
        "seeds": test.mfcc,
        "seed_classes": test.classes,
    }
    keras_file = Path(options["out"]) / "progress" / "network.keras"
    network.save(keras_file)
    weights = export_weights(network, extra)
    folder = Path(options["out"]) / f"{options['name']}-{options['artifact_version']}"
    # Keras stamps its file with the time; what is served is told apart by the weights alone
    artifact = write_artifact(
        folder,
        kind=KIND,
        name=options["name"],
        version=options["artifact_version"],
        labels=CLASSES,
        data={
            "name": CITATION,
            "sha256": hash_file(options["data"]),
            "clips": len(train) + len(test),
            "train_lines": train.lines.tolist(),
            "test_lines": test.lines.tolist(),
            "stored": "the test split's 13 MFCC values and class, as seeds, under CC BY 4.0",
        },
        metrics={name: value for name, value in metrics.items() if name != "history"},
        files={WEIGHTS_FILE: weights, "network.keras": keras_file},
        extra={
            "input": "13 mean MFCC values (MIRtoolbox), in order",
            "fold": [list(row) for row in fold_table()],
            "training": {"epochs": plan.epochs, "batch": plan.batch, "seed": plan.seed, "optimiser": "Adam"},
            "weights_sha256": hashlib.sha256(weights).hexdigest(),
        },
        overwrite=True,
    )
    return artifact.folder
