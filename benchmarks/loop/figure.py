"""The figure of the benchmark: regret of every arm, wave by wave, for each population."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot as plt  # the backend has to be chosen before

from benchmarks.loop.tables import Summary

STYLES: Final = {
    "learned": ("#0072b2", "o", "-"),
    "greedy": ("#009e73", "s", "--"),
    "plain logit": ("#56b4e9", "x", "-"),
    "random search": ("#e69f00", "^", "-."),
    "prior only": ("#555555", "D", ":"),
    "plain shuffled": ("#d55e00", "+", ":"),
    "shuffled": ("#cc79a7", "v", (0, (1, 1))),
}
"""Colour (Okabe & Ito, told apart by colour-blind people), mark and dash of each arm."""


def draw_regret(summaries: Mapping[tuple[str, str], Summary], path: Path) -> None:
    """Write the figure as SVG; the same summaries give the same bytes."""
    populations = list(dict.fromkeys(population for population, _ in summaries))
    settings = {"svg.hashsalt": "loop", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    with matplotlib.rc_context(settings):
        figure, axes = plt.subplots(
            1, len(populations), figsize=(2.4 * len(populations) + 0.6, 2.9), sharey=True, squeeze=False
        )
        for axis, population in zip(axes[0], populations, strict=True):
            for (own, arm), one in summaries.items():
                if own == population:
                    colour, mark, dash = STYLES[arm]
                    left = 100 * (one.best - one.reached)
                    axis.plot(range(len(left)), left, color=colour, marker=mark, linestyle=dash, ms=4, label=arm)
            axis.set_title(population, fontsize=9)
            axis.set_xlabel("waves heard")
            axis.set_xticks(range(len(one.reached)))
        # Last, since the axes share it: set on the first one, it would stay as high as that one's lines.
        highest = max(float((one.best - one.reached).max()) for one in summaries.values())
        axes[0][0].set_ylim(0, 105 * highest + 0.5)
        axes[0][0].set_ylabel("points below the best possible")
        handles, labels = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="lower center", ncols=len(labels), frameon=False)
        figure.tight_layout(rect=(0, 0.09, 1, 1))
        figure.savefig(path, format="svg", metadata={"Date": None, "Title": "Regret wave by wave"})
        plt.close(figure)
