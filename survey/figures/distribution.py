"""What was answered to a question: how often each option, step, or range of numbers was given."""

from __future__ import annotations

from dataclasses import dataclass

from survey.analysis.measures.shown import SHARES, Row
from survey.analysis.wording import counted, share
from survey.figures.drawing import Drawing
from survey.figures.figure import Figure
from survey.figures.intervals import draw_intervals

FITS, FITS_NARROW = 28, 18
"""Characters of a label beside the axis, on a page and on a phone."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """The answers to one question, counted. `bins`: what can be answered, and how often it was; none for free text."""

    name: str
    title: str
    bins: tuple[tuple[str, int], ...]
    answers: int
    people: int
    asked: int
    mean: float | None = None
    sd: float | None = None
    about_clips: bool = False


def draw_distribution(found: Distribution) -> Figure | None:
    """Return the shares of the answers given; None where there is nothing to count.

    >>> draw_distribution(Distribution("question-x", "“X?”", (("yes", 3), ("no", 1)), 4, 4, 5)).finding
    'Most often “yes” (75.0 %): 4 answers of 4 people, 5 were asked.'
    """
    if not found.answers or not found.bins:
        return None
    return Figure(
        found.name,
        found.title,
        _draw(found),
        _draw(found, narrow=True),
        f"{_caption(found)} Exploratory: counted answers, without intervals.",
        say_distribution(found),
        ("answer", "count", "share"),
        [(label, count, count / found.answers) for label, count in found.bins],
    )


def _draw(found: Distribution, *, narrow: bool = False) -> Drawing:
    rows = [
        Row(
            _cut(label, FITS_NARROW if narrow else FITS),
            count / found.answers,
            note=share(count / found.answers),
            n=count,
        )
        for label, count in found.bins
    ]
    return draw_intervals(rows, SHARES, axis="Share of the answers given", narrow=narrow)


def _cut(label: str, most: int) -> str:
    """A label that fits beside the axis; the data have it whole.

    >>> _cut("Yes, I use a hearing aid", 10), _cut("No", 10)
    ('Yes, I us…', 'No')
    """
    return label if len(label) <= most else f"{label[: most - 1]}…"


def say_distribution(found: Distribution) -> str:
    """Return what was answered, in one sentence."""
    size = f"{counted(found.answers, 'answer')} of {found.people} {'person' if found.people == 1 else 'people'}"
    size += "" if found.about_clips else f", {found.asked} {'was' if found.asked == 1 else 'were'} asked"
    if found.mean is not None:
        spread = "" if found.sd is None else f", SD {found.sd:.2f}"
        return f"Mean {found.mean:.2f}{spread}: {size}."
    if found.answers and found.bins:
        label, count = max(found.bins, key=lambda one: one[1])
        return f"Most often “{label}” ({share(count / found.answers)}): {size}."
    return f"{size[0].upper()}{size[1:]}."


def _caption(found: Distribution) -> str:
    if found.about_clips:
        return "Answers about main clips; those of one person are not independent of one another."
    return "One answer per person."
