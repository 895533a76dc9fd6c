"""A figure with its words and its data, as every outlet takes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from survey.analysis.reported import Report
from survey.analysis.wording import counted, presented
from survey.figures.drawing import Drawing


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with everything that goes with it.

    `finding` is the alternative text: what the figure shows, not that it shows something. `narrow` is the same
    drawing for a phone's screen.
    """

    name: str
    title: str
    drawing: Drawing
    narrow: Drawing
    caption: str
    finding: str
    header: tuple[str, ...]
    rows: list[tuple[Any, ...]] = field(default_factory=list)


_SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z“])")
TOO_SHORT = 20
"""Characters; what is shorter names a cell and finds nothing yet."""


def first_sentence(text: str) -> tuple[str, str]:
    """Return the first sentence, and the rest: what is to catch the eye and what is to be read.

    >>> first_sentence("Preferred to paper: p = .041. The first clip was chosen by half. So it is.")
    ('Preferred to paper: p = .041.', 'The first clip was chosen by half. So it is.')
    >>> first_sentence("Matching pair. Overall 52.1 % hits (36.8–67.0 %). None was recognised.")
    ('Matching pair. Overall 52.1 % hits (36.8–67.0 %).', 'None was recognised.')
    """
    first, *rest = _SENTENCES.split(text)
    while rest and len(first) < TOO_SHORT:
        first = f"{first} {rest.pop(0)}"
    return first, " ".join(rest)


def draw_both(draw: Callable[..., Drawing], *arguments: Any, **options: Any) -> tuple[Drawing, Drawing]:
    """The drawing for a page, and for a phone's screen."""
    return draw(*arguments, **options), draw(*arguments, **options, narrow=True)


def ends_of(pair: Sequence[float] | None) -> tuple[float | None, float | None]:
    """Return both numbers of an interval or a place for a row of data, empty where there is none.

    >>> ends_of([0.1, 0.2]), ends_of(None)
    ((0.1, 0.2), (None, None))
    """
    return (None, None) if pair is None else (pair[0], pair[1])


def size_of(report: Report) -> str:
    n = report.n
    cell = f"{presented(report.cell)}: " if report.cell else ""
    people, clips = counted(n.people, "participant"), counted(n.stimuli, "clip")
    return f"{cell}n = {counted(n.responses, 'answer')} of {people} to {clips}"
