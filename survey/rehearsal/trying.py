"""Simulated studies of a plan, analysed as the real one will be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from survey.analysis.estimates import LEVEL, Floats
from survey.analysis.proportions import wilson
from survey.design.planning import Assumptions, PlanRefused, Share, TriedPower, TriedWidth
from survey.rehearsal.drawing import draw_cell, numbers_heard, populate
from survey.rehearsal.judging import judge_difference, judge_share

NO_INTERVAL = "The report gives no interval for so few people or clips: take more."


def try_precision(
    assumed: Assumptions, participants: int, clips: int, half_width: float, *, studies: int = 1000, seed: int = 0
) -> TriedWidth:
    """Draw studies of one cell and analyse each by the report's interval.

    Examples
    --------
    >>> found = try_precision(Assumptions(), 40, 32, 0.08, studies=100, seed=1)
    >>> abs(found.half_width - 0.069) < 0.003, found.reached.count > 90
    (True, True)
    """
    widths, covered = draw_widths(assumed, participants, clips, studies=studies, seed=seed)
    known = widths[np.isfinite(widths)]
    if known.size == 0:
        raise PlanRefused(NO_INTERVAL)
    low, high = np.quantile(known, [0.1, 0.9])
    return TriedWidth(
        studies,
        float(known.mean()),
        float(low),
        float(high),
        count_share(int(np.count_nonzero(widths <= half_width)), studies),
        count_share(covered, studies),
    )


def draw_widths(assumed: Assumptions, participants: int, clips: int, *, studies: int, seed: int) -> tuple[Floats, int]:
    """Return the half-width of every simulated study, infinite without an interval, and how many held the truth.

    >>> widths, covered = draw_widths(Assumptions(), 10, 8, studies=5, seed=0)
    >>> widths.size, covered <= 5
    (5, True)
    """
    generator = np.random.default_rng(seed)
    population = populate(assumed)
    widths, covered = np.full(studies, np.inf), 0
    for study in range(studies):
        each = numbers_heard(generator, participants, assumed.heard(clips))
        interval = judge_share(*draw_cell(generator, population, clips, each, generator.standard_normal(each.size)))
        if interval is not None:
            widths[study] = (interval[1] - interval[0]) / 2
            covered += interval[0] <= assumed.share <= interval[1]
    return widths, covered


def try_power(
    assumed: Assumptions,
    effect: float,
    participants: int,
    clips: int,
    *,
    comparisons: int = 1,
    studies: int = 1000,
    seed: int = 0,
) -> TriedPower:
    """Draw studies of two cells that differ by `effect` and test each as the report does, at α / `comparisons`.

    Everybody hears clips of both cells; each cell has clips of its own.

    Examples
    --------
    >>> found = try_power(Assumptions(cells=2), 0.15, 60, 48, studies=100, seed=1)
    >>> found.power.count > 88, found.other_sign.count
    (True, 0)
    """
    alpha = (1 - LEVEL) / comparisons
    verdicts = [
        np.sign(difference) if p <= alpha else 0
        for difference, p in _draw_differences(assumed, abs(effect), participants, clips, studies, seed)
    ]
    return TriedPower(studies, count_share(verdicts.count(1), studies), count_share(verdicts.count(-1), studies))


def _draw_differences(
    assumed: Assumptions, effect: float, participants: int, clips: int, studies: int, seed: int
) -> Iterator[tuple[float, float]]:
    generator = np.random.default_rng(seed)
    population = populate(assumed)
    cells = [population.shifted(assumed.share + sign * effect / 2) for sign in (1, -1)]
    for _ in range(studies):
        skill = generator.standard_normal(participants)
        drawn = [
            draw_cell(generator, cell, clips, numbers_heard(generator, participants, assumed.heard(clips)), skill)
            for cell in cells
        ]
        hits, people = (np.concatenate([part[place] for part in drawn]) for place in (0, 1))
        heard = np.concatenate([drawn[0][2], drawn[1][2] + clips])
        yield judge_difference(hits, np.arange(hits.size) < drawn[0][0].size, people, heard)


def count_share(count: int, studies: int) -> Share:
    """Return a share of simulated studies with its Monte-Carlo interval (Wilson: studies are independent).

    >>> found = count_share(80, 100)
    >>> round(found.low, 3), round(found.high, 3)
    (0.711, 0.867)
    """
    interval = wilson(count, studies)
    low, high = interval if interval else (0.0, 1.0)
    return Share(studies, count, low, high)
