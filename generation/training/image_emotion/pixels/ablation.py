"""Which additions help: the paper's three inputs, plus each, plus all, on themes never seen.

Every row is the same network with the same plan. *Cross-validation* uses only the themes outside the held-out
fifth and decides what is kept; *held out* is looked at once, for the table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TextIO

import numpy as np

from generation.images.features import FEATURE_NAMES
from generation.networks.image_input import PAPER_FEATURES
from generation.training.charts import format_table
from generation.training.image_emotion.pixels.evaluation import measure_norms
from generation.training.image_emotion.pixels.fitting import Plan, predict
from generation.training.image_emotion.pixels.network import NetworkShape
from generation.training.image_emotion.pixels.oasis_training import human_norms, implied_by, join, predict_unseen
from generation.training.image_emotion.pixels.preparation import Prepared
from generation.training.image_emotion.pixels.procedure import (
    list_oasis,
    open_workplace,
    prepare_pictures,
    read_plan,
    read_shape,
    say,
    train_network,
)
from generation.training.image_emotion.pixels.splitting import split_by_group

HUE: Final = (
    "contrast",
    "saturation",
    "saturation_deviation",
    "hue_red_cyan",
    "hue_yellow_blue",
    "hue_spread",
    "warmth",
)
TEXTURE: Final = ("texture_contrast", "texture_homogeneity", "texture_energy", "texture_correlation")
COMPOSITION: Final = ("symmetry", "centre_light", "top_light", "centre_detail")
ROWS: Final[dict[str, dict[str, Any]]] = {
    "paper's three inputs": {},
    "+ augmentation": {"augment": True},
    "+ class weights": {"class_weights": True},
    "+ edges": {"features": ("edges",)},
    "+ blobs": {"features": ("blobs",)},
    "+ hue and saturation": {"features": HUE},
    "+ texture": {"features": TEXTURE},
    "+ composition": {"features": COMPOSITION},
    "+ affect head": {"affect": True},
    "+ average pooling": {"pooling": "average"},
    "+ all measures": {"features": FEATURE_NAMES},
    "+ all": {"features": FEATURE_NAMES, "augment": True, "class_weights": True, "affect": True, "pooling": "average"},
    "+ all but class weights": {"features": FEATURE_NAMES, "augment": True, "affect": True, "pooling": "average"},
    "all measures, affect head, no convolution": {
        "features": FEATURE_NAMES,
        "affect": True,
        "pooling": "average",
        "filters": (),
    },
}


def run_ablation(options: dict[str, Any], stdout: TextIO) -> None:
    """Train every row, keep each as it is done, and write ``OUT/report/ablation.md``."""
    options = {**options, "features": "all", "name": "ablation"}
    shape, plan = read_shape(options), read_plan(options)
    pictures = list_oasis(options["data"])
    folder = open_workplace(options, shape, plan, pictures)
    data = prepare_pictures(pictures, folder, shape)
    results = {}
    for number, (name, change) in enumerate(ROWS.items()):
        path = folder / "folds" / f"row-{number}.json"
        if path.is_file():
            results[name] = json.loads(path.read_text(encoding="utf-8"))
        else:
            results[name] = _measure_row(data, shape, plan, change, options)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(results[name]), encoding="utf-8")
        say(
            stdout,
            f"{name}: valence r {results[name]['cross_validation']['valence_correlation']['value']:.3f}, "
            f"arousal r {results[name]['cross_validation']['arousal_correlation']['value']:.3f}",
        )
    report = folder / "report"
    report.mkdir(exist_ok=True)
    (report / "ablation.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    (report / "ablation.md").write_text(ablation_table(results) + "\n", encoding="utf-8")
    say(stdout, f"Table: {report / 'ablation.md'}")


def _measure_row(
    data: Prepared, shape: NetworkShape, plan: Plan, change: Mapping[str, Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    names = tuple(dict.fromkeys((*PAPER_FEATURES, *change.get("features", ()))))
    columns = [FEATURE_NAMES.index(name) for name in names]
    shape = replace(
        shape,
        features=names,
        affect=change.get("affect", False),
        pooling=change.get("pooling", "flatten"),
        filters=change.get("filters", shape.filters),
    )
    plan = replace(plan, augment=change.get("augment", False), class_weights=change.get("class_weights", False))
    data = replace(data, measures=np.asarray(data.measures)[:, columns])
    rows = split_by_group(data.groups, options["seed"])
    parts, folds = predict_unseen(data, rows, shape, plan, options, None)
    unseen, known = join(parts), np.concatenate(folds)
    model, _ = train_network(data, rows, shape, plan, options, None, quiet=True)
    held = predict(model, shape.features, data, rows.test)
    seed = options["seed"]
    return {
        "cross_validation": {
            **measure_norms(implied_by(unseen, None), human_norms(data, known), data.groups[known], seed),
            "cross_entropy": _cross_entropy(data, known, unseen["emotion"]),
        },
        "held_out": {
            **measure_norms(implied_by(held, None), human_norms(data, rows.test), data.groups[rows.test], seed),
            "cross_entropy": _cross_entropy(data, rows.test, held["emotion"]),
        },
    }


def _cross_entropy(data: Prepared, rows: Any, found: Any) -> float:
    labels = np.asarray(data.labels[rows], np.float64)
    return round(float(-(labels * np.log(np.clip(found, 1e-7, 1))).sum(axis=1).mean()), 4)


def ablation_table(results: Mapping[str, Any]) -> str:
    """Markdown: a row for each addition, cross-validated and held out."""
    names = ("valence_polarity_accuracy", "valence_correlation", "arousal_correlation")

    def cells(measured: Mapping[str, Any]) -> list[str]:
        figures = (measured[name] for name in names)
        return [
            *(f"{f['value']:.3f} ({f['low']:.2f}–{f['high']:.2f})" for f in figures),
            f"{measured['cross_entropy']:.3f}",
        ]

    head = [
        "",
        *(
            f"{part}: {name}"
            for part in ("CV", "held out")
            for name in ("polarity", "r valence", "r arousal", "cross-entropy")
        ),
    ]
    rows = [[name, *cells(row["cross_validation"]), *cells(row["held_out"])] for name, row in results.items()]
    return format_table(head, rows)
