"""The report that heads leave: Markdown, the same numbers as JSON, and figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generation.emotions import SLUGS
from generation.training.charts import draw_confusion, draw_reliability, format_table

ROWS = {
    "valence_correlation": "r valence",
    "arousal_correlation": "r arousal",
    "valence_polarity_accuracy": "valence polarity",
    "polarity_surest_half": "polarity, surest half by distance of valence from the middle",
    "polarity_surest_fifth": "polarity, surest fifth",
    "top_emotion": "top emotion is the reader's",
    "among_two": "reader's emotion among two",
    "top_emotion_not_contentment": "top emotion, pictures not read as contentment",
    "always_most_frequent": "always the most frequent",
    "most_frequent_two": "always the two most frequent",
    "speaks": "speaks for",
    "right_where_it_speaks": "right where it speaks",
    "right_where_silent": "right where it is unsure",
    "calibration_error": "expected calibration error",
}

NORMS = ("valence_polarity_accuracy", "valence_correlation", "arousal_correlation")


def write_report(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write ``report.md``, ``report.json`` and two figures."""
    folder.mkdir(parents=True, exist_ok=True)
    metrics = manifest["metrics"]
    known, held = metrics["cross_validation"], metrics["held_out"]
    draw_confusion(held["confusion"], SLUGS, folder / "confusion.png", "Named by the reader, and by the network")
    draw_reliability(
        {"cross-validated": known["reliability"], "held out": held["reliability"]}, folder / "reliability.png"
    )
    baselines = metrics["baselines"]
    text = [
        f"# Image emotion network {manifest['name']} {manifest['version']}\n",
        f"Made {manifest['created']} with MelodyMuse {manifest['code_version']}.\n",
        "Data: " + "; ".join(f"{key}: {value}" for key, value in manifest["data"].items()) + ".\n",
        f"Network: {json.dumps(manifest['network'])}\n\nTraining: {json.dumps(manifest['training'])}\n",
        "Brackets are 95 % intervals by bootstrap over themes.\n",
        format_table(
            ["", f"cross-validated ({known['pictures']})", f"held out ({held['pictures']})"],
            [[words, show(known[name]), show(held[name])] for name, words in ROWS.items()],
        ),
        "\n## Baselines on the held-out pictures\n",
        format_table(
            ["", "polarity", "r valence", "r arousal"],
            [[name.replace("_", " and "), *(show(row[key]) for key in NORMS)] for name, row in baselines.items()],
        ),
        "\n## Bias\n",
        format_table(
            ["", *SLUGS],
            [
                ["read, held out", *(f"{held['label_share'][slug]:.3f}" for slug in SLUGS)],
                ["named, held out", *(f"{held['named_share'][slug]:.3f}" for slug in SLUGS)],
                ["read, cross-validated", *(f"{known['label_share'][slug]:.3f}" for slug in SLUGS)],
                ["named, cross-validated", *(f"{known['named_share'][slug]:.3f}" for slug in SLUGS)],
            ],
        ),
        "\n## Intervals\nShare of pictures inside the 80 % interval: "
        + "; ".join(f"{name} {held['coverage'][name]:.3f}" for name in held["coverage"])
        + " (held out).\n",
        "\n![Confusion](confusion.png)\n\n![Reliability](reliability.png)\n",
    ]
    if "reading" in metrics:
        text.append(f"The reading agrees with itself: {metrics['reading']}.\n")
    if "ablation" in metrics:
        text += ["## Ablation, cross-validated\n", ablation_table(metrics["ablation"])]
    (folder / "report.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")


def ablation_table(rows: list[dict[str, Any]]) -> str:
    """The network without each of its parts."""
    names = ("valence_correlation", "arousal_correlation", "valence_polarity_accuracy", "top_emotion", "among_two")
    return format_table(
        ["", *(ROWS[name] for name in names)], [[row["name"], *(show(row[name]) for name in names)] for row in rows]
    )


def show(value: Mapping[str, float] | float | None) -> str:
    """A figure with its interval where it has one."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return f"{value['value']:.3f} ({value['low']:.3f}–{value['high']:.3f})"
    return f"{value:.3f}"
