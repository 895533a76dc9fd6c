"""What was answered to a question: how often each option, step, or range of numbers was given."""

from __future__ import annotations

from survey.analysis.measures.shown import SHARES, Row
from survey.analysis.reported import AskedPart
from survey.analysis.wording import counted, share
from survey.figures.drawing import Drawing
from survey.figures.figure import Figure
from survey.figures.intervals import draw_intervals

PREFIX = "question-"
"""Begins the names of these figures."""


def draw_distribution(found: AskedPart) -> Figure | None:
    """Return the shares of the answers given; None where there is nothing to count.

    >>> from survey.analysis.reported import OptionPart
    >>> said = [OptionPart("yes", 3), OptionPart("no", 1)]
    >>> draw_distribution(AskedPart("x", "X?", about_clips=False, options=said, answers=4, people=4, asked=5)).finding
    'Most often “yes” (75.0 %): 4 answers of 4 people, of 5 who began.'
    """
    if not found.answers or not found.options:
        return None
    return Figure(
        f"{PREFIX}{found.key}",
        f"“{found.question}”",
        _draw(found),
        _draw(found, narrow=True),
        f"{_caption(found)} Exploratory: counted answers, without intervals.",
        say_distribution(found),
        ("answer", "count", "share"),
        [(option.label, option.answers, option.answers / found.answers) for option in found.options],
    )


def _draw(found: AskedPart, *, narrow: bool = False) -> Drawing:
    rows = [
        Row(
            option.label,
            option.answers / found.answers,
            note=share(option.answers / found.answers),
            n=option.answers,
        )
        for option in found.options
    ]
    return draw_intervals(rows, SHARES, axis="Share of the answers given", narrow=narrow)


def say_distribution(found: AskedPart) -> str:
    """Return what was answered, in one sentence."""
    size = f"{counted(found.answers, 'answer')} of {found.people} {'person' if found.people == 1 else 'people'}"
    size += "" if found.about_clips else f", of {found.asked} who began"
    if found.mean is not None:
        spread = "" if found.sd is None else f", SD {found.sd:.2f}"
        return f"Mean {found.mean:.2f}{spread}: {size}."
    if found.answers and found.options:
        most = max(found.options, key=lambda option: option.answers)
        return f"Most often “{most.label}” ({share(most.answers / found.answers)}): {size}."
    return f"{size[0].upper()}{size[1:]}."


def _caption(found: AskedPart) -> str:
    if found.about_clips:
        return "Answers about main clips; those of one person are not independent of one another."
    return "One answer per person."
