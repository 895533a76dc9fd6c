"""The report: tables and figures like the paper's, beside the paper's own numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from generation.training.datasets.turkish_music_emotion import CITATION, CLASSES, TurkishClips, fold_table
from generation.training.mfcc_emotion.fitting import FitPlan

PAPER_VALIDATION: Final = 0.55
PAPER_TEST: Final = 0.50
PAPER_INTERVAL: Final = (0.393, 0.607)
"""Wilson 95 % of 40 of 80 test clips; the paper gives no interval."""


def write_report(
    folder: Path, metrics: dict[str, Any], clips: TurkishClips, unique: TurkishClips, plan: FitPlan
) -> Path:
    """Write ``report.md`` and its figures into `folder`; return the report's path."""
    folder.mkdir(parents=True, exist_ok=True)
    _draw_confusion(folder / "confusion.png", np.array(metrics["single_split"]["confusion"]))
    _draw_heat_map(folder / "mfcc.png", unique)
    _draw_curves(folder / "curves.png", metrics["history"])
    sections = [
        f"# Report: MFCC emotion network\n\nData: {CITATION}. {len(clips)} clips, of them "
        f"{len(clips) - len(unique)} exact duplicates. {plan.epochs} epochs, batch {plan.batch}, Adam, "
        f"seed {plan.seed}.",
        _tell_single_split(metrics),
        _tell_cross_validation(metrics.get("cross_validation")),
        _tell_next_value(metrics["next_value"]),
        "## How eight emotions become four classes\n\n" + _table(("emotion", "class", "how sure"), fold_table()),
        "## Figures\n\n![Confusion matrix](confusion.png)\n\n![Mean MFCC values per class](mfcc.png)\n\n"
        "![Accuracy over epochs](curves.png)",
    ]
    path = folder / "report.md"
    path.write_text("\n\n".join(sections) + "\n", encoding="utf-8")
    return path


def _tell_single_split(metrics: dict[str, Any]) -> str:
    rows = [("the paper, validation", "", f"{PAPER_VALIDATION:.2f}", "", "", "", "")]
    low, high = PAPER_INTERVAL
    rows.append(("the paper, test", "80", f"{PAPER_TEST:.2f}", f"{low:.2f}–{high:.2f}", "", "", ""))
    for title, name in (
        ("this network, test", "single_split"),
        ("the same without leaked duplicates", "single_split_without_leaks"),
    ):
        found = metrics[name]
        low, high = found["interval"]
        scores = (f"{found[key]:.2f}" for key in ("precision", "recall", "f1"))
        rows.append((title, str(found["clips"]), f"{found['accuracy']:.2f}", f"{low:.2f}–{high:.2f}", *scores))
    heads = ("", "clips", "accuracy", "95 % (Wilson)", "precision", "recall", "F1")
    classes = metrics["single_split"]["classes"]
    per_class = [
        (label, *(f"{classes[label][key]:.2f}" for key in ("precision", "recall", "f1")), str(classes[label]["clips"]))
        for label in CLASSES
    ]
    confusion = [
        (label, *map(str, row)) for label, row in zip(CLASSES, metrics["single_split"]["confusion"], strict=True)
    ]
    return (
        f"## One 80–20 split, as in the paper\n\n{_table(heads, rows)}\n\n"
        f"{metrics['leaked_test_clips']} of the test clips also stand in the training part, because the data "
        "set holds duplicates.\n\n"
        f"{_table(('class', 'precision', 'recall', 'F1', 'clips'), per_class)}\n\n"
        f"Confusion (rows: true class, columns: predicted):\n\n{_table(('', *CLASSES), confusion)}"
    )


def _tell_cross_validation(found: dict[str, Any] | None) -> str:
    if found is None:
        return "## Cross-validation\n\nLeft out (`--repeats 0`)."
    rows = []
    for name, values in found["methods"].items():
        accuracy, gap = values["accuracy"], values["network_minus_this"]
        difference = "" if name == "network" else f"{gap['mean']:+.3f} ({gap['low']:+.3f} … {gap['high']:+.3f})"
        rows.append((name, f"{accuracy['mean']:.3f}", f"{accuracy['low']:.3f}–{accuracy['high']:.3f}", difference))
    confusion = [(label, *map(str, row)) for label, row in zip(CLASSES, found["confusion"], strict=True)]
    return (
        f"## {found['folds']}-fold × {found['repeats']} stratified cross-validation, duplicates removed "
        f"({found['clips']} clips)\n\n"
        f"{_table(('method, same folds', 'accuracy', '95 %', 'network minus this (95 %)'), rows)}\n\n"
        "Intervals: Nadeau & Bengio's corrected t over folds.\n\n"
        f"The network's confusion, summed over repeats:\n\n{_table(('', *CLASSES), confusion)}"
    )


def _tell_next_value(found: dict[str, Any]) -> str:
    values = ", ".join(f"{value:.2f}" for value in found["r2_by_value"])
    return (
        "## Second head: the next feature value\n\n"
        f"R² on the test clips against predicting the training mean: {found['r2']:.3f} over all; for MFCC 2 to "
        f"13: {values}."
    )


def _table(heads: tuple[str, ...], rows: Any) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def _new_figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def _draw_confusion(path: Path, confusion: Any) -> None:
    figure, axes = _new_figure(4.5, 4)
    axes.imshow(confusion, cmap="Blues")
    for (row, column), count in np.ndenumerate(confusion):
        colour = "white" if count > confusion.max() / 2 else "black"
        axes.text(column, row, str(count), ha="center", va="center", color=colour)
    axes.set_xticks(range(len(CLASSES)), CLASSES)
    axes.set_yticks(range(len(CLASSES)), CLASSES)
    axes.set(xlabel="predicted", ylabel="true", title="Test clips of one split")
    figure.savefig(path, dpi=120, metadata={"Software": None})


def _draw_heat_map(path: Path, clips: TurkishClips) -> None:
    """Mean of each MFCC per class in standard deviations from the mean of all clips (the paper's figure 6)."""
    standardised = (clips.mfcc - clips.mfcc.mean(axis=0)) / clips.mfcc.std(axis=0)
    means = np.array([standardised[clips.classes == index].mean(axis=0) for index in range(len(CLASSES))])
    figure, axes = _new_figure(8, 3)
    image = axes.imshow(means, cmap="RdBu_r", vmin=-0.8, vmax=0.8, aspect="auto")
    for (row, column), value in np.ndenumerate(means):
        axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=8)
    axes.set_xticks(range(clips.mfcc.shape[1]), [str(n + 1) for n in range(clips.mfcc.shape[1])])
    axes.set_yticks(range(len(CLASSES)), CLASSES)
    axes.set(xlabel="MFCC", title="Mean MFCC per class, in standard deviations")
    figure.colorbar(image, ax=axes)
    figure.savefig(path, dpi=120, metadata={"Software": None})


def _draw_curves(path: Path, history: list[dict[str, float]]) -> None:
    figure, axes = _new_figure(6, 3.5)
    epochs = range(1, len(history) + 1)
    for key, label in (("train_accuracy", "training"), ("test_accuracy", "test")):
        axes.plot(epochs, [entry[key] for entry in history], label=label)
    axes.axhline(1 / len(CLASSES), color="grey", linestyle=":", label="chance")
    axes.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1))
    axes.legend()
    figure.savefig(path, dpi=120, metadata={"Software": None})
