"""Figures and tables of training reports. Figures are made without pyplot: nothing global, no window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np


def draw_confusion(confusion: Sequence[Sequence[int]], labels: Sequence[str], path: Path, title: str) -> None:
    """Confusion matrix: counts, shaded by the share of each row."""
    counts = np.asarray(confusion)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = _new_figure(7.2, 6.4)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    ticks = range(len(labels))
    axes.set_xticks(ticks, labels, rotation=40, ha="right")
    axes.set_yticks(ticks, labels)
    for row, column in np.ndindex(*counts.shape):
        colour = "white" if share[row, column] > 0.55 else "black"
        axes.text(column, row, f"{counts[row, column]}", ha="center", va="center", color=colour, fontsize=9)
    axes.set(xlabel="predicted", ylabel="label", title=title)
    _save(figure, path)


def draw_curves(history: Sequence[Mapping[str, float]], path: Path, quantity: str) -> None:
    """`quantity` (``accuracy`` or ``loss``) per epoch, on training and validation data."""
    figure, axes = _new_figure(6.4, 4.0)
    epochs = range(1, len(history) + 1)
    for part, colour in (("train", "#3465a4"), ("validation", "#c4570a")):
        axes.plot(epochs, [row[f"{part}_{quantity}"] for row in history], "o-", color=colour, label=part, ms=3)
    axes.set(xlabel="epoch", ylabel=quantity, title=f"{quantity.capitalize()} per epoch")
    axes.grid(alpha=0.3)
    axes.legend()
    _save(figure, path)


def draw_reliability(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], path: Path) -> None:
    """Agreement with the label against the network's confidence, one curve for each name."""
    figure, axes = _new_figure(5.2, 5.0)
    axes.plot([0, 1], [0, 1], color="grey", lw=1, ls="--", label="perfectly calibrated")
    for (name, (confidence, agreement)), marker in zip(curves.items(), "os^v", strict=False):
        axes.plot(confidence, agreement, marker=marker, label=name)
    axes.set(
        xlabel="confidence of the top emotion",
        ylabel="share of the label it has",
        xlim=(0, 1),
        ylim=(0, 1),
        title="Reliability",
    )
    axes.grid(alpha=0.3)
    axes.legend()
    _save(figure, path)


def format_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table.

    Examples
    --------
    >>> print(format_table(["a", "b"], [[1, "x"]]))
    | a | b |
    |---|---|
    | 1 | x |
    """
    lines = [head, *rows]
    text = ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]
    return "\n".join([text[0], "|" + "---|" * len(head), *text[1:]])


def _new_figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
