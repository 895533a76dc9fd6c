"""The student project with which MelodyMuse began: what its 18 people said, with the interval it did not give."""

from __future__ import annotations

from survey.analysis.comparisons import SEED_CHOICES, SEED_STUDY
from survey.analysis.measures.shown import SHARES, Row
from survey.analysis.proportions import wilson
from survey.analysis.wording import share, shares
from survey.figures.figure import Figure, draw_both
from survey.figures.intervals import draw_intervals


def draw_seed_study() -> Figure:
    """Return its one number, a share of yes, beside what guessing gives.

    >>> figure = draw_seed_study()
    >>> print(figure.finding)
    11 of 18 people said yes: 61.1 % (95 % interval 38.6–79.7 %), which is also what guessing may give.
    >>> figure.rows[0]
    ('seed study', 18, 11, 0.611, 0.386, 0.797, 0.5)
    """
    hits, n = SEED_STUDY
    interval = wilson(hits, n)
    assert interval is not None  # n is not 0
    chance = 1 / SEED_CHOICES
    beyond = "more than guessing gives" if interval[0] > chance else "which is also what guessing may give"
    return Figure(
        "seed-study",
        "The question it began with",
        *draw_both(
            draw_intervals,
            [Row("said yes", hits / n, interval, note=share(hits / n), n=n)],
            SHARES,
            reference=chance,
            reference_label="guessing",
            axis="Share of people who said that the music fits",
        ),
        "The student project with which MelodyMuse began asked whether a clip matched its label, yes or no."
        " Line: 95 % interval after Wilson. Yes or no cannot tell which emotion was heard, and showing the label biases"
        " the answer: studies here ask people to choose among emotions.",
        f"{hits} of {n} people said yes: {share(hits / n)} (95 % interval {shares(interval)}), {beyond}.",
        ("study", "n", "yes", "share", "wilson_low", "wilson_high", "chance"),
        [("seed study", n, hits, round(hits / n, 3), round(interval[0], 3), round(interval[1], 3), chance)],
    )
