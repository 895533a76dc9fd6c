"""What both pictures of a lens share: the order of its cues, their words, and how a weight is drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from survey.analysis.measures.shown import LensCue, LensPlot
from survey.analysis.wording import UNDEFINED, counted, decimals
from survey.figures.drawing import Line

MOST_CUES = 10
"""Cues that a figure draws; its data has all."""
FAINT = 1.2
"""Width of the line of a weight that may be 0."""
LETTER, BOLD = 0.6, 0.66
"""Width of a letter for its size, where the type runs wide; and of a bold one."""
EXAMPLE = 0.4
"""The weight that the legend shows."""
UNSURE = "may be 0"
"""What the legend says of a weight whose interval includes 0, or that has none."""
WORDS = {"agree": "= agree", "disagree": "≠ disagree", "neither": "neither"}
"""What a cue's standing is called where it is of both sides or none; sender and receiver have names of their own."""

Ends = tuple[float, float] | None
Sides = tuple[str, str]
"""Who writes the emotion into the cues, and who reads them."""


def in_order(cues: Sequence[LensCue]) -> list[LensCue]:
    """Return the cues as the figure lists them: the largest weight of listeners first, those of neither last.

    Where weights are alike, or listeners' are not known, the sender's weight decides.

    >>> cues = [LensCue(name, name, None, None, weight, None, standing) for name, weight, standing in
    ...         (("a", 0.1, "agree"), ("b", 0.9, "neither"), ("c", -0.5, "agree"))]
    >>> [cue.name for cue in in_order(cues)]
    ['c', 'a', 'b']
    """
    return sorted(cues, key=lambda cue: (cue.standing == "neither", -abs(cue.listener or 0.0), -abs(cue.sender or 0.0)))


def is_sure(weight: float | None, interval: Ends) -> bool:
    """Return whether a weight differs from 0: its interval leaves 0 out.

    >>> is_sure(0.3, (0.1, 0.5)), is_sure(0.3, (0.0, 0.5)), is_sure(0.3, None)
    (True, False, False)
    """
    return weight is not None and interval is not None and not (interval[0] <= 0 <= interval[1])


def sides_of(plot: LensPlot) -> Sides:
    """Return what the two sides of a lens are called."""
    return plot.sender, plot.receiver


def unit_of(plot: LensPlot) -> float:
    """Return the weight that is drawn widest: 1, so that the lenses of all emotions compare, or a larger one."""
    return max([1.0, *(abs(weight) for cue in plot.cues for weight in (cue.sender, cue.listener) if weight)])


def stroke(start: tuple[float, float], end: tuple[float, float], weight: float, width: float, *, sure: bool) -> Line:
    """Return the line of a weight: whole above 0, dashed and of another colour below; thin and grey where it may be 0.

    >>> line = stroke((0, 0), (9, 0), -0.2, 3.0, sure=True)
    >>> line.role, line.dashed, line.width
    ('second', True, 3.0)
    """
    role = ("accent" if weight > 0 else "second") if sure else "soft"
    return Line(*start, *end, role, width if sure else FAINT, dashed=weight < 0)


def write_weight(weight: float | None) -> str:
    """Return a weight with its sign.

    >>> write_weight(0.4), write_weight(-0.25), write_weight(0.001), write_weight(None)
    ('+0.40', '−0.25', '0.00', '–')
    """
    if weight is None:
        return UNDEFINED
    written = f"{weight:+.2f}".replace("-", "−")
    return written[1:] if written[1:] == "0.00" else written


def say_standing(cue: LensCue, sides: Sides) -> str:
    """Return in words what a cue is to both sides; signs stand for agreeing and disagreeing."""
    sender, receiver = sides
    return WORDS.get(cue.standing, f"{(receiver if cue.standing == 'listeners_only' else sender).lower()} only")


def say_cue(cue: LensCue, sides: Sides) -> str:
    """What the marks of a cue stand for, for those who point at them.

    >>> cue = LensCue("tempo", "Tempo", -0.42, (-0.6, -0.21), None, None, "composer_only")
    >>> say_cue(cue, ("Composer", "Listeners"))
    'Tempo: composer −0.42 (95 % interval −0.60 to −0.21), listeners –; composer only'
    """
    ends = (cue.sender, cue.sender_interval), (cue.listener, cue.listener_interval)
    said = [
        f"{who} {write_weight(weight)}" + (f" (95 % interval {decimals(interval, 2)})" if interval else "")
        for who, (weight, interval) in zip(map(str.lower, sides), ends, strict=True)
    ]
    return f"{cue.label}: {', '.join(said)}; {say_standing(cue, sides).lstrip('=≠ ')}"


def say_rest(plot: LensPlot) -> str:
    """Return how many cues the figure does not draw; empty where it draws all."""
    rest = len(plot.cues) - MOST_CUES
    return f"and {counted(rest, 'more cue', 'more cues')}" if rest > 0 else ""


def said_of_arcs(plot: LensPlot) -> tuple[str, str]:
    """Return what stands above and below the lens; empty where it is not known."""
    return (
        f"Achievement {plot.achievement}" if plot.achievement else "",
        f"Matching (G) {plot.matching}" if plot.matching else "",
    )


def broken(text: str, size: float, room: float) -> list[str]:
    """Return a bold text as lines that have room; what is in brackets goes to a line of its own before words part.

    >>> broken("Achievement 0.42 (0.21 to 0.60)", 10.0, 200.0), broken("Matching (G) 0.81 (0.5 to 0.9)", 10.0, 170.0)
    (['Achievement 0.42', '(0.21 to 0.60)'], ['Matching (G) 0.81', '(0.5 to 0.9)'])
    """
    most = int(room / (BOLD * size))
    number, bracket, rest = text.rpartition(" (")
    parts = [number, f"({rest}"] if bracket and len(text) > most else [text]
    return [line for part in parts for line in textwrap.wrap(part, most)]


def say_legend(unit: float, most: float) -> list[tuple[Line, str]]:
    """Return what each kind of line stands for, each with a line from (0, 0) to (26, 0)."""
    start, end, width = (0.0, 0.0), (26.0, 0.0), EXAMPLE / unit * most
    return [
        (stroke(start, end, EXAMPLE, width, sure=True), write_weight(EXAMPLE)),
        (stroke(start, end, -EXAMPLE, width, sure=True), write_weight(-EXAMPLE)),
        (stroke(start, end, EXAMPLE, width, sure=False), UNSURE),
    ]
