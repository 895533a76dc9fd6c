"""`--layout oasis`: the network on human norms, judged on themes it never saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from generation.emotions import SLUGS
from generation.networks.image_input import PAPER_FEATURES
from generation.training.image_emotion.pixels.calibration import (
    Calibration,
    apply_calibration,
    calibrate,
    measure_reliability,
)
from generation.training.image_emotion.pixels.evaluation import (
    Numbers,
    imply,
    measure_baselines,
    measure_labels,
    measure_norms,
)
from generation.training.image_emotion.pixels.fitting import AFFECT, Plan, predict
from generation.training.image_emotion.pixels.network import NetworkShape
from generation.training.image_emotion.pixels.preparation import Prepared
from generation.training.image_emotion.pixels.procedure import (
    finish,
    is_finished,
    list_oasis,
    open_workplace,
    prepare_pictures,
    read_plan,
    read_shape,
    save_artifact,
    say,
    train_network,
)
from generation.training.image_emotion.pixels.reporting import write_oasis_report
from generation.training.image_emotion.pixels.splitting import Rows, Split, fold_groups, split_by_group

WANTED_AGREEMENT = 0.25
"""Twice chance. The soft labels themselves give their top emotion no more than about half on average."""


def train_on_oasis(options: dict[str, Any], stdout: TextIO) -> None:
    """Prepare, hold out a fifth of the themes, cross-validate and fit on the others, calibrate, report."""
    shape, plan = read_shape(options), read_plan(options)
    pictures = list_oasis(options["data"])
    folder = open_workplace(options, shape, plan, pictures)
    if is_finished(folder, stdout):
        return
    data = prepare_pictures(pictures, folder, shape)
    rows = split_by_group(data.groups, options["seed"])
    say(
        stdout,
        f"{len(rows.train)} pictures to train, {len(rows.validation)} to watch, {len(rows.test)} of other "
        f"themes to test; {data.unreadable} could not be read.",
    )
    parts, folds = predict_unseen(data, rows, shape, plan, options, folder / "folds")
    model, progress = train_network(data, rows, shape, plan, options, folder / "checkpoints")
    calibration = calibrate(
        [part["emotion"] for part in parts],
        [np.asarray(data.labels[fold], np.float64) for fold in folds],
        predict(model, shape.features, data, rows.validation)["emotion"],
        WANTED_AGREEMENT,
    )
    metrics = measure_oasis(data, rows, predict(model, shape.features, data, rows.test), calibration, options["seed"])
    known = np.concatenate(folds)
    metrics["cross_validation"] = measure_norms(
        implied_by(join(parts), None), human_norms(data, known), data.groups[known], options["seed"]
    )
    metrics["epochs"], metrics["best_epoch"] = progress.epoch, progress.best_epoch
    description = {
        **pictures.description,
        "unreadable": data.unreadable,
        "split": "by theme: 70-10-20 of the themes",
        "train": len(rows.train),
        "validation": len(rows.validation),
        "test": len(rows.test),
        "test_themes": sorted({str(name) for name in data.groups[rows.test]}),
    }
    artifact = save_artifact(model, shape, calibration, SLUGS, description, metrics, options, plan, folder)
    write_oasis_report(folder / "report", artifact.manifest, progress.history)
    finish(folder, artifact.folder, epochs=progress.epoch)
    served = metrics["network_as_served"]
    for name, figure in served.items():
        say(stdout, f"{name.replace('_', ' ')}: {figure['value']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})")
    say(stdout, f"Report: {folder / 'report' / 'report.md'}")
    say(stdout, f"Artifact: {artifact.folder}")


def predict_unseen(
    data: Prepared, rows: Split, shape: NetworkShape, plan: Plan, options: Mapping[str, Any], folder: Path | None
) -> tuple[list[dict[str, Numbers]], list[Rows]]:
    """Answers, fold by fold, for the pictures outside the test themes by networks that never saw them; their rows.

    Each fold's answers are kept, so an interrupted training does not repeat them.
    """
    known = np.sort(np.concatenate([rows.train, rows.validation]))
    parts, order = [], []
    for number, fold in enumerate(fold_groups(data.groups[known], options["folds"], options["seed"])):
        held = known[fold]
        if not len(held):
            continue
        path = folder / f"fold-{number}.npz" if folder else None
        parts.append(_load(path) or _predict_fold(data, known, held, shape, plan, options, number, path))
        order.append(held)
    return parts, order


def join(parts: Sequence[Mapping[str, Numbers]]) -> dict[str, Numbers]:
    """The folds' answers as one table per output."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _predict_fold(
    data: Prepared,
    known: Rows,
    held: Rows,
    shape: NetworkShape,
    plan: Plan,
    options: Mapping[str, Any],
    number: int,
    path: Path | None,
) -> dict[str, Numbers]:
    rest = np.setdiff1d(known, held)
    inner = split_by_group(data.groups[rest], options["seed"] + number + 1, test=0.0, validation=0.125)
    chosen = Split(rest[np.concatenate([inner.train, inner.test])], rest[inner.validation], held)
    model, _ = train_network(data, chosen, shape, plan, options, None, quiet=path is None)
    found = predict(model, shape.features, data, held)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npz")
        np.savez(part, **found)
        part.replace(path)
    return found


def _load(path: Path | None) -> dict[str, Numbers] | None:
    if path is None or not path.is_file():
        return None
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files}


def human_norms(data: Prepared, rows: Rows) -> Numbers:
    """Human valence and arousal, shape (pictures, 2)."""
    return np.stack([np.asarray(data.fact(name)[rows], np.float64) for name in AFFECT], axis=1)


def implied_by(outputs: Mapping[str, Numbers], calibration: Calibration | None) -> Numbers:
    """Valence and arousal the network implies: its own estimate where it has that head, else the emotions'."""
    if "affect" in outputs:
        return outputs["affect"]
    found = outputs["emotion"]
    if calibration is not None:
        found = apply_calibration(found, calibration.temperature, calibration.bias)
    return imply(found, SLUGS)


def measure_oasis(
    data: Prepared, rows: Split, outputs: Mapping[str, Numbers], calibration: Calibration, seed: int
) -> dict[str, Any]:
    """Everything the model card reports, on the held-out themes."""
    human, groups = human_norms(data, rows.test), data.groups[rows.test]
    soft = np.asarray(data.labels[rows.test], np.float64)
    found = outputs["emotion"]
    served = apply_calibration(found, calibration.temperature, calibration.bias)
    before, after = measure_reliability(found, soft), measure_reliability(served, soft)
    sure = served.max(axis=1) >= calibration.threshold
    agreement = soft[np.arange(len(soft)), served.argmax(axis=1)]
    simple = list(range(len(PAPER_FEATURES)))  # these two always come first
    return {
        "network_as_trained": measure_norms(implied_by({"emotion": found}, None), human, groups, seed),
        "network_as_served": measure_norms(implied_by(outputs, calibration), human, groups, seed),
        "baselines": measure_baselines(
            np.asarray(data.measures[rows.train], np.float64)[:, simple],
            human_norms(data, rows.train),
            np.asarray(data.measures[rows.test], np.float64)[:, simple],
            human,
            groups,
            seed,
        ),
        "rule_labels_as_trained": measure_labels(soft.argmax(axis=1), found, SLUGS, seed),
        "rule_labels_as_served": measure_labels(soft.argmax(axis=1), served, SLUGS, seed),
        "calibration_error": {"as_trained": round(before.error, 4), "as_served": round(after.error, 4)},
        "reliability": {
            "as trained": [before.confidence.round(4).tolist(), before.agreement.round(4).tolist()],
            "as served": [after.confidence.round(4).tolist(), after.agreement.round(4).tolist()],
        },
        "unsure": {
            "share": round(float(1 - sure.mean()), 4),
            "agreement_where_sure": round(float(agreement[sure].mean()), 4) if sure.any() else None,
            "agreement_where_unsure": round(float(agreement[~sure].mean()), 4) if (~sure).any() else None,
        },
    }
