"""`--layout emoset`: the paper's experiment on EmoSet, with intervals."""

from __future__ import annotations

from typing import Any, TextIO

import numpy as np

from generation.training.image_emotion.pixels.calibration import (
    Calibration,
    apply_calibration,
    calibrate,
    measure_reliability,
)
from generation.training.image_emotion.pixels.evaluation import correlate, measure_labels
from generation.training.image_emotion.pixels.fitting import predict
from generation.training.image_emotion.pixels.preparation import Prepared
from generation.training.image_emotion.pixels.procedure import (
    finish,
    hard_labels,
    is_finished,
    list_emoset,
    open_workplace,
    prepare_pictures,
    read_plan,
    read_shape,
    save_artifact,
    say,
    train_network,
)
from generation.training.image_emotion.pixels.reporting import write_emoset_report
from generation.training.image_emotion.pixels.splitting import Rows, split_by_label

WANTED_AGREEMENT = 0.5
"""The network may say what it thinks where its top emotion is right at least every second time."""


def train_on_emoset(options: dict[str, Any], stdout: TextIO) -> None:
    """Sample, prepare, split 80-10-10, fit, calibrate on validation, report on test."""
    shape, plan = read_shape(options), read_plan(options)
    pictures = list_emoset(options["data"], options["samples"], options["seed"])
    folder = open_workplace(options, shape, plan, pictures)
    if is_finished(folder, stdout):
        return
    data = prepare_pictures(pictures, folder, shape)
    labels = hard_labels(data)
    rows = split_by_label(labels, options["seed"])
    say(
        stdout,
        f"{len(rows.train)} pictures to train, {len(rows.validation)} to watch, {len(rows.test)} to test; "
        f"{data.unreadable} could not be read.",
    )
    model, progress = train_network(data, rows, shape, plan, options, folder / "checkpoints")
    validation = predict(model, shape.features, data, rows.validation)["emotion"]
    known = np.asarray(data.labels[rows.validation], np.float64)
    calibration = calibrate([validation], [known], validation, WANTED_AGREEMENT)
    test = predict(model, shape.features, data, rows.test)["emotion"]
    metrics = _measure(data, rows.test, test, calibration, pictures.labels, options["seed"])
    metrics["epochs"], metrics["best_epoch"] = progress.epoch, progress.best_epoch
    description = {
        **pictures.description,
        "unreadable": data.unreadable,
        "split": "80-10-10 by emotion",
        "train": len(rows.train),
        "validation": len(rows.validation),
        "test": len(rows.test),
    }
    artifact = save_artifact(model, shape, calibration, pictures.labels, description, metrics, options, plan, folder)
    write_emoset_report(folder / "report", artifact.manifest, progress.history, _annotations(data))
    finish(folder, artifact.folder, epochs=progress.epoch)
    accuracy = metrics["as_trained"]["accuracy"]
    say(
        stdout,
        f"Test accuracy {accuracy['value']:.3f} ({accuracy['low']:.3f}–{accuracy['high']:.3f}) on "
        f"{len(rows.test)} pictures.",
    )
    say(stdout, f"Report: {folder / 'report' / 'report.md'}")
    say(stdout, f"Artifact: {artifact.folder}")


def _measure(
    data: Prepared, rows: Rows, found: Any, calibration: Calibration, labels: tuple[str, ...], seed: int
) -> dict[str, Any]:
    soft = np.asarray(data.labels[rows], np.float64)
    truth = soft.argmax(axis=1)
    served = apply_calibration(found, calibration.temperature, calibration.bias)
    before, after = measure_reliability(found, soft), measure_reliability(served, soft)
    sure = served.max(axis=1) >= calibration.threshold
    right = served.argmax(axis=1) == truth
    return {
        "as_trained": measure_labels(truth, found, labels, seed),
        "as_served": measure_labels(truth, served, labels, seed),
        "calibration_error": {"as_trained": round(before.error, 4), "as_served": round(after.error, 4)},
        "reliability": {
            "as trained": [before.confidence.round(4).tolist(), before.agreement.round(4).tolist()],
            "as served": [after.confidence.round(4).tolist(), after.agreement.round(4).tolist()],
        },
        "unsure": {
            "share": round(float(1 - sure.mean()), 4),
            "accuracy_where_sure": round(float(right[sure].mean()), 4) if sure.any() else None,
        },
    }


def _annotations(data: Prepared) -> dict[str, dict[str, float]]:
    """How our brightness and colourfulness agree with EmoSet's annotation, where there is one."""
    agreement = {}
    for column, name in enumerate(("brightness", "colourfulness")):
        annotated = np.asarray(data.fact(name), np.float64)
        known = ~np.isnan(annotated)
        measured = np.asarray(data.measures[:, column], np.float64)
        agreement[name] = {
            "annotated": int(known.sum()),
            "correlation": round(correlate(measured[known], annotated[known]), 4),
        }
    return agreement
