"""The tables of the benchmark, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.loop.keeping import Key
from benchmarks.loop.surrogate import Surrogate
from benchmarks.loop.waves import WAVES, Run
from generation.music.attributes import KINDS
from survey.analysis.proportions import wilson

Floats = NDArray[np.float64]

MARKS: Final = ("<!-- loop -->", "<!-- /loop -->")
"""Between them the README's table stands."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of all runs of an arm with a population.

    Parameters
    ----------
    runs : int
        How many.
    reached : array, shape (waves + 1,)
        Mean true recognition before the first wave and after each.
    best : float
        The best recognition that the bounds allow.
    tested : array, shape (runs,)
        Gains that the tests found.
    better, worse : int
        Runs whose test found the new clips better, or worse, with p < .05.
    away : tuple of two floats
        Mean distance of old and new clips from the middle of real music.
    """

    runs: int
    reached: Floats
    best: float
    tested: Floats
    better: int
    worse: int
    away: tuple[float, float]

    @property
    def gain(self) -> float:
        """Mean true gain in recognition."""
        return float(self.reached[-1] - self.reached[0])

    @property
    def farther(self) -> float:
        """By which share new clips lie farther from the middle of real music than old ones."""
        return self.away[1] / self.away[0] - 1.0


def summarise(
    runs: Mapping[Key, Run], best: Mapping[str, float], most: int | None = None
) -> dict[tuple[str, str], Summary]:
    """Summaries by population and arm, in the order in which they first occur; of the first `most` runs."""
    summaries = {}
    for population, arm in dict.fromkeys((key.population, key.arm) for key in runs):
        own = [
            run
            for key, run in runs.items()
            if (key.population, key.arm) == (population, arm) and (most is None or key.number < most)
        ]
        if not own:
            continue
        gains = np.array([run.tested.gain for run in own])
        surely = np.array([run.tested.p < 0.05 for run in own])
        away = np.mean([run.away for run in own], axis=0)
        summaries[population, arm] = Summary(
            len(own),
            np.mean([run.reached for run in own], axis=0),
            best[population],
            gains,
            int((surely & (gains > 0)).sum()),
            int((surely & (gains < 0)).sum()),
            (float(away[0]), float(away[1])),
        )
    return summaries


def write_gains(summaries: Mapping[tuple[str, str], Summary]) -> str:
    """What each arm gains, and how often a test finds it."""
    rows = [
        "| listeners | arm | runs | recognised before | after | best possible | gain that tests found, points (middle "
        "95 % of runs) | significantly better (95 %) | worse | distance to real music |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (population, arm), one in summaries.items():
        low, high = np.percentile(100 * one.tested, [2.5, 97.5])
        interval = wilson(one.better, one.runs) or (0.0, 1.0)
        rows.append(
            f"| {population} | {arm} | {one.runs} | {one.reached[0]:.3f} | {one.reached[-1]:.3f} | {one.best:.3f} | "
            f"{100 * one.tested.mean():+.1f} ({low:+.1f} to {high:+.1f}) | {one.better / one.runs:.2f} "
            f"({interval[0]:.2f}–{interval[1]:.2f}) | {one.worse / one.runs:.2f} | {100 * one.farther:+.1f} % |"
        )
    return "\n".join(rows)


TOLD: Final = ("learned", "shuffled")
"""Arms of the short table: the product's way, and the control that must gain nothing."""


def write_short(summaries: Mapping[tuple[str, str], Summary]) -> str:
    """What the README tells: what was learned from answers, and from shuffled ones."""
    rows = [
        "| listeners | learned from | recognised before | after three waves | best possible | a fresh test finds, "
        "points (middle 95 % of runs) | significantly better | runs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (population, arm), one in summaries.items():
        if arm not in TOLD:
            continue
        low, high = np.percentile(100 * one.tested, [2.5, 97.5])
        rows.append(
            f"| {population} | {'shuffled answers' if arm == 'shuffled' else 'answers'} | {one.reached[0]:.3f} | "
            f"{one.reached[-1]:.3f} | {one.best:.3f} | {100 * one.tested.mean():+.1f} ({low:+.1f} to {high:+.1f}) | "
            f"{one.better} | {one.runs} |"
        )
    return "\n".join(rows)


def put_between(page: str, table: str) -> str:
    r"""The page with the table in the place of what stands between its two marks.

    >>> put_between("a\n<!-- loop -->\nold\n<!-- /loop -->\nb", "new")
    'a\n<!-- loop -->\nnew\n<!-- /loop -->\nb'
    """
    before, rest = page.split(MARKS[0], 1)
    _, after = rest.split(MARKS[1], 1)
    return f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}"


def write_regret(summaries: Mapping[tuple[str, str], Summary]) -> str:
    """Points of recognition that are left to the best, wave by wave."""
    rows = [
        "| regret, points | arm | before | " + " | ".join(f"after wave {wave + 1}" for wave in range(WAVES)) + " |",
        "|---|---|---|" + "---|" * WAVES,
    ]
    for (population, arm), one in summaries.items():
        left = " | ".join(f"{100 * (one.best - reached):.1f}" for reached in one.reached)
        rows.append(f"| {population} | {arm} | {left} |")
    return "\n".join(rows)


def write_steering(surrogate: Surrogate, steered: Floats) -> str:
    """How well `muse` follows what it is asked for, attribute by attribute."""
    rows = ["| attribute | explained (R²) | within an emotion (r²) |", "|---|---|---|"]
    order: Sequence[int] = np.argsort(-steered).tolist()
    rows += [f"| {KINDS[place].label} | {surrogate.explained[place]:.2f} | {steered[place]:.2f} |" for place in order]
    return "\n".join(rows)
