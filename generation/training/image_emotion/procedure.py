"""`manage.py train image_emotion --backbone efficientnet-lite2`: looks once, then heads; the default."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np
from numpy.typing import NDArray

from generation.emotions import SLUGS
from generation.images.features import FEATURE_NAMES
from generation.networks.artifacts import Artifact, ArtifactRefused, write_artifact
from generation.networks.backbone import load_backbone
from generation.networks.image_affect import (
    AXES,
    CLASSES_FILE,
    FAMILY,
    HEADS_FILE,
    assemble,
    calibrate_scores,
    describe_views,
)
from generation.networks.image_views import VIEWS, WORD_FEATURES, View, read_class_affect
from generation.training.image_emotion.calibrating import (
    agreement,
    among_two,
    choose_threshold,
    fit_scores,
    half_widths,
)
from generation.training.image_emotion.heads import LIMIT, Scaling, cross_validate, fit_heads, fit_scaling
from generation.training.image_emotion.looks import Looks, count_pooled, take_looks
from generation.training.image_emotion.pixels.calibration import measure_reliability
from generation.training.image_emotion.pixels.evaluation import bootstrap, measure_baselines, measure_norms
from generation.training.image_emotion.pixels.procedure import (
    Pictures,
    finish,
    is_finished,
    list_emoset,
    list_oasis,
    say,
)
from generation.training.image_emotion.pixels.splitting import Split, fold_groups, split_by_group, split_by_label
from generation.training.image_emotion.readings import measure_agreement, read_readings
from generation.training.image_emotion.reporting import write_report
from generation.training.image_emotion.targets import Targets, target_emoset, target_oasis
from generation.training.workplace import TrainingRefused, claim_workplace

Table = NDArray[np.float64]

KIND: Final = "image_emotion"
CLASS_TABLE: Final = Path(__file__).with_name("class_affect.csv")
WORD_WEIGHT: Final = 8.0
"""What a word feature weighs beside one pooled feature; chosen by cross-validation over themes."""
PENALTIES: Final = (0.3, 0.7, 1.5)
"""Tried ridge penalties, per feature and 500 pictures."""
SIMPLE: Final = [FEATURE_NAMES.index("brightness"), FEATURE_NAMES.index("colourfulness")]


def choose_views(backbone: str) -> tuple[View, ...]:
    """The shipped pair of views for the default backbone; one view of the middle for any other."""
    return VIEWS if backbone == VIEWS[0].backbone else (View(backbone, "centre"),)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Heads with the answers that heads of the same kind gave for pictures they had not seen."""

    scaling: Scaling
    kernel: Table
    bias: Table
    penalty: float
    unseen: Table
    calibration: dict[str, Any]


class Room:
    """Features of one data set under one choice of blocks, and the fitting of heads on some of its rows."""

    def __init__(self, looks: Looks, targets: Targets, weights: Table) -> None:
        self.looks, self.targets, self.weights = looks, targets, weights
        self._classes = read_class_affect(CLASS_TABLE)

    def read(self, rows: NDArray[np.int64]) -> Table:
        """All features of some pictures, unscaled."""
        looks = self.looks
        return assemble(looks.pooled[rows], looks.classes[rows], looks.measures[rows], self._classes)

    def fit(self, rows: NDArray[np.int64], folds: Sequence[NDArray[np.int64]]) -> Fitted:
        """Choose the penalty by cross-validation, fit on all of `rows`, calibrate on the unseen answers."""
        scaling = fit_scaling(self.read, rows, self.weights)
        values = self.targets.values
        grid = [penalty * len(self.weights) * max(1.0, len(rows) / 500) for penalty in PENALTIES]
        answers = cross_validate(self.read, values, folds, scaling, grid)
        spread = values[rows].var(axis=0)
        errors = {
            p: float((((found - values)[rows] ** 2).mean(axis=0) / spread).mean()) for p, found in answers.items()
        }
        penalty = min(errors, key=lambda p: errors[p])
        kernel, bias = fit_heads(self.read, values, rows, scaling, penalty)
        unseen = answers[penalty]
        return Fitted(scaling, kernel, bias, penalty, unseen, self._calibrate(rows, unseen))

    def refit(self, fitted: Fitted, rows: NDArray[np.int64]) -> Fitted:
        """The same heads fitted on other rows; penalty and calibration stay."""
        scaling = fit_scaling(self.read, rows, self.weights)
        kernel, bias = fit_heads(self.read, self.targets.values, rows, scaling, fitted.penalty)
        return replace(fitted, scaling=scaling, kernel=kernel, bias=bias)

    def answer(self, fitted: Fitted, rows: NDArray[np.int64]) -> Table:
        """Answers for some pictures, shape (pictures, 11)."""
        return np.asarray(fitted.scaling.apply(self.read(rows)) @ fitted.kernel + fitted.bias)

    def _calibrate(self, rows: NDArray[np.int64], unseen: Table) -> dict[str, Any]:
        scores, labels, named = unseen[rows, len(AXES) :], self.targets.labels[rows], self.targets.named[rows]
        calibration = fit_scores(scores, labels)
        found = calibrate_scores(scores, calibration)
        calibration["threshold"] = choose_threshold(found.max(axis=1), agreement(found, named))
        calibration["half_width"] = half_widths(unseen[rows, : len(AXES)], self.targets.values[rows, : len(AXES)])
        return calibration


def block_weights(pooled: int, *, words: float = WORD_WEIGHT, measures: float = 1.0) -> Table:
    """Weight of every feature, in the order of `assemble`."""
    return np.r_[np.ones(pooled), np.full(WORD_FEATURES, words), np.full(len(FEATURE_NAMES), measures)]


def train_heads(options: dict[str, Any], stdout: TextIO) -> None:
    """Look, split, fit, judge on what was held out, fit again on everything, write artifact and report.

    Raises
    ------
    TrainingRefused
        When a backbone is missing (said before any picture is looked at), or the data cannot be used.
    """
    views = choose_views(options["backbone"])
    try:
        pooled = count_pooled(views)
    except ArtifactRefused as error:
        raise TrainingRefused(f"{error} Make one with: manage.py convert_backbone NAME WHEEL") from error
    pictures = _list(options)
    folder = _open(options, pictures, views)
    if is_finished(folder, stdout):
        return
    looks = take_looks(pictures.count, pictures.read, folder / "looks", views)
    say(stdout, f"{len(looks)} pictures looked at, {looks.unreadable} could not be read.")
    task = _set_task(looks, pictures, options)
    room = Room(looks, task.targets, block_weights(pooled))
    fitted = room.fit(task.known, task.folds)
    metrics = measure(room, fitted, task.known, task.rows, task.groups, options["seed"])
    if options["layout"] == "oasis":
        metrics |= _measure_reading(looks)
    if options["ablation"]:
        metrics["ablation"] = ablate(looks, pooled, views, task.known, task.folds, options["seed"])
    if not options["keep_held_out"]:
        fitted = room.refit(fitted, np.arange(len(looks)))
    artifact = _save(folder, fitted, task, describe_data(looks, pictures, task, options), metrics, views, options)
    write_report(folder / "report", artifact.manifest)
    finish(folder, artifact.folder)
    for name, figure in metrics["held_out"].items():
        if isinstance(figure, Mapping) and "low" in figure:
            say(stdout, f"{name.replace('_', ' ')}: {figure['value']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})")
    say(stdout, f"Report: {folder / 'report' / 'report.md'}")
    say(stdout, f"Artifact: {artifact.folder}")


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be learnt and judged: targets, split, the rows that may be known, their folds, and the themes."""

    targets: Targets
    rows: Split
    known: NDArray[np.int64]
    folds: list[NDArray[np.int64]]
    groups: NDArray[np.str_]


def _set_task(looks: Looks, pictures: Pictures, options: Mapping[str, Any]) -> Task:
    """OASIS is split by theme; of EmoSet every picture stands for itself, and the split keeps the mix of emotions."""
    seed = options["seed"]
    if options["layout"] == "oasis":
        targets, groups = target_oasis(looks), looks.groups
        rows = split_by_group(groups, seed)
    else:
        targets, groups = target_emoset(looks, pictures.labels), np.arange(len(looks)).astype(str)
        rows = split_by_label(targets.named[:, 0], seed)
    known = np.sort(np.concatenate([rows.train, rows.validation]))
    folds = [known[fold] for fold in fold_groups(groups[known], options["folds"], seed)]
    return Task(targets, rows, known, [fold for fold in folds if len(fold)], groups)


def _measure_reading(looks: Looks) -> dict[str, Any]:
    """How far the reading agrees with itself on these pictures; empty where it holds none of them."""
    table = read_readings()
    readings = [table[name] for name in looks.names.tolist() if name in table]
    if not readings:
        return {}
    return {"reading": measure_agreement([one.first for one in readings], [one.again_first for one in readings])}


def describe_data(looks: Looks, pictures: Pictures, task: Task, options: Mapping[str, Any]) -> dict[str, Any]:
    """What the heads were fitted and judged on, for the manifest."""
    return {
        **pictures.description,
        "labels": task.targets.source,
        "unreadable": looks.unreadable,
        "split": "by theme: 80-20 of the themes" if options["layout"] == "oasis" else "90-10 by emotion",
        "known": len(task.known),
        "held_out": len(task.rows.test),
        "fitted_on": len(task.known) if options["keep_held_out"] else len(looks),
    }


def _save(
    folder: Path,
    fitted: Fitted,
    task: Task,
    data: Mapping[str, Any],
    metrics: Mapping[str, Any],
    views: Sequence[View],
    options: Mapping[str, Any],
) -> Artifact:
    """Write ``folder/NAME-VERSION``."""
    middle = task.targets.values[:, : len(AXES)].mean(axis=0)
    return write_artifact(
        folder / f"{options['name']}-{options['artifact_version']}",
        kind=KIND,
        name=options["name"],
        version=options["artifact_version"],
        labels=SLUGS,
        data=data,
        metrics=metrics,
        files={HEADS_FILE: _pack(fitted), CLASSES_FILE: CLASS_TABLE},
        extra={
            "input": {"features": list(FEATURE_NAMES)},
            "network": {
                "family": FAMILY,
                "views": describe_views(views),
                "limit": LIMIT,
                "middle": [round(float(value), 4) for value in middle],
            },
            "training": {
                "penalty": fitted.penalty,
                "word_weight": WORD_WEIGHT,
                "folds": len(task.folds),
                "seed": options["seed"],
            },
            "calibration": fitted.calibration,
        },
        overwrite=True,
    )


def _list(options: Mapping[str, Any]) -> Pictures:
    if options["layout"] == "oasis":
        return list_oasis(options["data"])
    return list_emoset(options["data"], options["samples"], options["seed"])


def _open(options: Mapping[str, Any], pictures: Pictures, views: Sequence[View]) -> Path:
    """The folder of this training; an earlier one with other settings is not mixed with it."""
    folder = Path(options["out"] or Path("var/training") / f"{KIND}-{options['layout']}-heads")
    settings = {
        "layout": options["layout"],
        "data": str(Path(options["data"]).resolve()),
        "samples": options["samples"],
        "pictures": pictures.count,
        "views": describe_views(views),
        "folds": options["folds"],
        "seed": options["seed"],
        "ablation": options["ablation"],
        "keep_held_out": options["keep_held_out"],
        "name": options["name"],
        "version": options["artifact_version"],
    }
    return claim_workplace(folder, settings, parts=("looks", "report"), restart=options["restart"])


def _pack(fitted: Fitted) -> bytes:
    stream = io.BytesIO()
    arrays = {
        "mean": fitted.scaling.mean,
        "factor": fitted.scaling.factor,
        "weight": fitted.scaling.weight,
        "kernel": fitted.kernel,
        "bias": fitted.bias,
    }
    np.savez_compressed(stream, **{name: values.astype(np.float32) for name, values in arrays.items()})
    return stream.getvalue()


def measure(
    room: Room, fitted: Fitted, known: NDArray[np.int64], rows: Split, groups: NDArray[np.str_], seed: int
) -> dict[str, Any]:
    """Everything the model card reports: cross-validated on the known themes, and once on the held-out ones."""
    held = room.answer(fitted, rows.test)
    return {
        "cross_validation": judge(room, fitted, fitted.unseen[known], known, groups, seed),
        "held_out": judge(room, fitted, held, rows.test, groups, seed),
        "baselines": measure_baselines(
            np.asarray(room.looks.measures[known], np.float64)[:, SIMPLE],
            room.targets.values[known, :2],
            np.asarray(room.looks.measures[rows.test], np.float64)[:, SIMPLE],
            room.targets.values[rows.test, :2],
            groups[rows.test],
            seed,
        ),
    }


def judge(
    room: Room, fitted: Fitted, answers: Table, rows: NDArray[np.int64], groups: NDArray[np.str_], seed: int
) -> dict[str, Any]:
    """Affect against the norms, emotions against who named them, calibration, and when it speaks."""
    values, named, themes = room.targets.values[rows], room.targets.named[rows], groups[rows]
    found = calibrate_scores(answers[:, len(AXES) :], fitted.calibration)
    right, two = agreement(found, named), among_two(found, named)
    confidence = found.max(axis=1)
    speaks = confidence >= fitted.calibration["threshold"]
    inside = np.abs(answers[:, : len(AXES)] - values[:, : len(AXES)]) <= np.asarray(fitted.calibration["half_width"])
    away = np.abs(answers[:, 0] - np.median(answers[:, 0]))
    order, polarity = np.argsort(-away), (answers[:, 0] > 0) == (values[:, 0] > 0)
    reliability = measure_reliability(found, room.targets.labels[rows])
    counts = np.bincount(named[:, 0], minlength=len(SLUGS)) / len(rows)
    feeling = named[:, 0] != SLUGS.index("contentment")

    def figure(statistic: Table) -> dict[str, float]:
        return bootstrap(lambda drawn: float(statistic[drawn].mean()), themes, seed).as_dict()

    return {
        "pictures": len(rows),
        **measure_norms(answers[:, :2], values[:, :2], themes, seed),
        "top_emotion": figure(right),
        "among_two": figure(two),
        "top_emotion_not_contentment": figure_of(right[feeling], themes[feeling], seed),
        "always_most_frequent": round(float(counts.max()), 4),
        "most_frequent_two": round(float(np.sort(counts)[-2:].sum()), 4),
        "polarity_surest_half": round(float(polarity[order[: len(order) // 2]].mean()), 4),
        "polarity_surest_fifth": round(float(polarity[order[: len(order) // 5]].mean()), 4),
        "speaks": round(float(speaks.mean()), 4),
        "right_where_it_speaks": figure_of(right[speaks], themes[speaks], seed) if speaks.any() else None,
        "right_where_silent": round(float(right[~speaks].mean()), 4) if (~speaks).any() else None,
        "coverage": dict(zip(AXES, inside.mean(axis=0).round(4).tolist(), strict=True)),
        "calibration_error": round(reliability.error, 4),
        "reliability": [reliability.confidence.round(4).tolist(), reliability.agreement.round(4).tolist()],
        "label_share": dict(zip(SLUGS, counts.round(4).tolist(), strict=True)),
        "named_share": dict(
            zip(SLUGS, (np.bincount(found.argmax(axis=1), minlength=8) / len(rows)).round(4).tolist(), strict=True)
        ),
        "confusion": _confuse(named[:, 0], found.argmax(axis=1)),
    }


def figure_of(statistic: Table, groups: NDArray[np.str_], seed: int) -> dict[str, float]:
    """A mean with its 95 % interval over groups."""
    return bootstrap(lambda drawn: float(statistic[drawn].mean()), groups, seed).as_dict()


def _confuse(truth: NDArray[np.int64], found: NDArray[np.int64]) -> list[list[int]]:
    table = np.zeros((len(SLUGS), len(SLUGS)), np.int64)
    np.add.at(table, (truth, found), 1)
    return [[int(value) for value in row] for row in table]


def ablate(
    looks: Looks,
    pooled: int,
    views: Sequence[View],
    known: NDArray[np.int64],
    folds: Sequence[NDArray[np.int64]],
    seed: int,
) -> list[dict[str, Any]]:
    """The network without each of its parts, by the same cross-validation."""
    first = sum(load_backbone(views[0].backbone).artifact.manifest["channels"].values())
    whole, reading, rule = block_weights(pooled), target_oasis(looks), target_oasis(looks, rule=True)
    alone = np.where(np.arange(len(whole)) < pooled, np.arange(len(whole)) < first, 1.0)
    rows = {
        "all": (whole, reading),
        "one backbone": (whole * alone, reading),
        "no words": (block_weights(pooled, words=0.0), reading),
        "words at weight 1": (block_weights(pooled, words=1.0), reading),
        "no colour and form": (block_weights(pooled, measures=0.0), reading),
        "no backbone features: words, colour and form": (np.where(np.arange(len(whole)) < pooled, 0.0, whole), reading),
        "emotions learnt from the rule, judged by the reading": (whole, rule),
    }
    table = []
    for name, (weights, targets) in rows.items():
        room = Room(looks, targets, weights)
        fitted = room.fit(known, folds)
        judged = Room(looks, reading, weights)
        table.append({"name": name, **judge(judged, fitted, fitted.unseen[known], known, looks.groups, seed)})
    return table
