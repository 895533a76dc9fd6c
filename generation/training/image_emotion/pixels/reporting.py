"""The report a training leaves: Markdown, the same numbers as JSON, and figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generation.training.charts import (
    draw_confusion,
    draw_curves,
    draw_reliability,
    format_table,
)

History = Sequence[Mapping[str, float]]
PAPER = {"accuracy": 0.31, "precision": 0.35, "recall": 0.33, "f1": 0.31}
"""What the seed paper reports for its network on EmoSet."""


def write_emoset_report(
    folder: Path, manifest: Mapping[str, Any], history: History, annotations: Mapping[str, Mapping[str, float]]
) -> None:
    """The paper's three figures and tables, with intervals, beside the paper's own numbers."""
    metrics, labels = manifest["metrics"], manifest["labels"]
    trained, served = metrics["as_trained"], metrics["as_served"]
    _draw(folder, trained["confusion"], labels, history, metrics["reliability"])
    rows = [
        [name.replace("_", " "), _figure(trained[name]), _figure(served[name]), f"{PAPER.get(name, '')}"]
        for name in ("accuracy", "precision", "recall", "f1", "polarity_accuracy")
    ]
    rows += [["majority", f"{trained['majority_accuracy']:.3f}", "", ""], ["chance", "0.125", "", ""]]
    unsure = metrics["unsure"]
    text = [
        _head(manifest),
        f"Tested on {trained['pictures']} pictures that were neither trained on nor watched. Precision, recall and F1 "
        "are means over the emotions; brackets are 95 % intervals (Wilson; bootstrap over pictures). *As served* is "
        "after temperature and prior correction.\n",
        format_table(["", "as trained", "as served", "seed paper"], rows),
        "\n## Each emotion\n",
        _emotions_table(trained),
        "\n![Confusion matrix](confusion.png)\n\n![Accuracy](accuracy.png)\n\n![Loss](loss.png)\n",
        "## Bias\n",
        _share_table(trained, served),
        "\n## Calibration\n",
        _calibration(metrics),
        f"Unsure for {unsure['share']:.0%} of the pictures; accuracy on the others: {unsure['accuracy_where_sure']}.\n",
        "## Brightness and colourfulness\n",
        format_table(
            ["measure", "annotated pictures", "correlation with EmoSet's annotation"],
            [[name, row["annotated"], row["correlation"]] for name, row in annotations.items()],
        ),
    ]
    _write(folder, text, manifest, history)


def write_oasis_report(folder: Path, manifest: Mapping[str, Any], history: History) -> None:
    """Valence polarity and correlations with the human norms on themes never seen, beside the baselines."""
    metrics, labels = manifest["metrics"], manifest["labels"]
    trained, served = metrics["rule_labels_as_trained"], metrics["rule_labels_as_served"]
    _draw(folder, served["confusion"], labels, history, metrics["reliability"])
    unsure = metrics["unsure"]
    text = [
        _head(manifest),
        f"Tested on {trained['pictures']} pictures of themes never seen in training. Brackets are 95 % intervals by "
        "bootstrap over themes.\n",
        norms_table(metrics),
        "\nThe same network trained on folds of the other themes, judged on those it did not see: "
        + ", ".join(f"{name.replace('_', ' ')} {_figure(value)}" for name, value in metrics["cross_validation"].items())
        + ".\n",
        "## Agreement with the labels of the rule\n",
        "These labels were computed from the norms and a weak table of themes. **They are not human emotion "
        "labels**, and agreement with them is no accuracy of emotion recognition.\n",
        format_table(
            ["", "as trained", "as served"],
            [
                ["top emotion agrees", _figure(trained["accuracy"]), _figure(served["accuracy"])],
                ["F1, mean over emotions", _figure(trained["f1"]), _figure(served["f1"])],
                ["always the most frequent", f"{trained['majority_accuracy']:.3f}", ""],
                ["chance", "0.125", ""],
            ],
        ),
        "\n",
        _emotions_table(served),
        "\n![Confusion matrix](confusion.png)\n\n![Accuracy](accuracy.png)\n\n![Loss](loss.png)\n",
        "## Bias\n",
        _share_table(trained, served),
        "\n## Calibration\n",
        _calibration(metrics),
        f"Threshold {manifest['calibration']['threshold']}: unsure of {unsure['share']:.0%} of the pictures. The top "
        f"emotion's share of the label: {unsure['agreement_where_sure']} where sure, "
        f"{unsure['agreement_where_unsure']} where unsure.\n",
    ]
    _write(folder, text, manifest, history)


def norms_table(metrics: Mapping[str, Any]) -> str:
    """The network and its baselines against the human norms."""
    names = ("valence_polarity_accuracy", "valence_correlation", "arousal_correlation")
    lines = {
        "network, as served": metrics["network_as_served"],
        "network's softmax, as trained": metrics["network_as_trained"],
        **{name.replace("_", " and "): row for name, row in metrics["baselines"].items()},
    }
    return format_table(
        ["", "valence polarity", "r valence", "r arousal"],
        [[line, *(_figure(row[name]) for name in names)] for line, row in lines.items()],
    )


def _head(manifest: Mapping[str, Any]) -> str:
    data, shape = manifest["data"], manifest["network"]
    lines = [f"{key}: {value}" for key, value in data.items() if key not in {"test_themes", "licence"}]
    return (
        f"# Image emotion network {manifest['name']} {manifest['version']}\n\n"
        f"Made {manifest['created']} with MelodyMuse {manifest['code_version']}.\n\n"
        f"Data: {'; '.join(lines)}.\n\nNetwork: {json.dumps(shape)}\n\nTraining: {json.dumps(manifest['training'])}; "
        f"{manifest['metrics']['epochs']} epochs, best {manifest['metrics']['best_epoch']}.\n"
    )


def _figure(value: Mapping[str, float] | float) -> str:
    if isinstance(value, Mapping):
        return f"{value['value']:.3f} ({value['low']:.3f}–{value['high']:.3f})"
    return f"{value:.3f}"


def _emotions_table(measured: Mapping[str, Any]) -> str:
    rows = [
        [label, f"{row['precision']:.3f}", f"{row['recall']:.3f}", f"{row['f1']:.3f}", row["pictures"]]
        for label, row in measured["per_emotion"].items()
    ]
    return format_table(["emotion", "precision", "recall", "F1", "pictures"], rows)


def _share_table(trained: Mapping[str, Any], served: Mapping[str, Any]) -> str:
    rows = [
        [label, f"{share:.3f}", f"{trained['predicted_share'][label]:.3f}", f"{served['predicted_share'][label]:.3f}"]
        for label, share in trained["label_share"].items()
    ]
    return format_table(["emotion", "share of labels", "predicted, as trained", "predicted, as served"], rows)


def _calibration(metrics: Mapping[str, Any]) -> str:
    error = metrics["calibration_error"]
    return (
        f"Expected calibration error {error['as_trained']:.3f} as trained, {error['as_served']:.3f} as served.\n\n"
        "![Reliability](reliability.png)\n"
    )


def _draw(
    folder: Path,
    confusion: Sequence[Sequence[int]],
    labels: Sequence[str],
    history: History,
    reliability: Mapping[str, Any],
) -> None:
    draw_confusion(confusion, labels, folder / "confusion.png", "Labels and predictions")
    draw_curves(history, folder / "accuracy.png", "accuracy")
    draw_curves(history, folder / "loss.png", "loss")
    draw_reliability(reliability, folder / "reliability.png")


def _write(folder: Path, text: Sequence[str], manifest: Mapping[str, Any], history: History) -> None:
    (folder / "report.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    numbers = {"manifest": manifest, "history": list(history)}
    (folder / "report.json").write_text(json.dumps(numbers, indent=1, ensure_ascii=False), encoding="utf-8")
