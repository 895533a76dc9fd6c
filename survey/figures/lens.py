"""Brunswik's lens of one emotion as a figure: what the sender writes into the cues, and what listeners read of them."""

from __future__ import annotations

from survey.analysis.measures.shown import LensPlot
from survey.figures.figure import Figure, ends_of
from survey.figures.lens_fan import draw_fan
from survey.figures.lens_list import draw_list
from survey.figures.lens_parts import MOST_CUES, in_order

HEADER = (
    *("cue", "label", "sender", "sender_low", "sender_high"),
    *("listener", "listener_low", "listener_high", "standing"),
)
READING = (
    "Each line is a standardised weight, the wider the larger (on a narrow screen a bar, the longer): blue and whole"
    " (+) where more of the emotion goes with more of the cue, orange and dashed (−) where it goes with less; thin"
    " and grey where the 95 % interval includes 0, or there is none."
)
"""How the picture is read; what a measure says of its weights comes before it."""


def figure_of_lens(plot: LensPlot) -> Figure:
    """Return a measure's lens as a figure, every cue in its data, also those that are not drawn."""
    cues = in_order(plot.cues)
    rest = len(cues) - MOST_CUES
    more = f" The first {MOST_CUES} of {len(cues)} cues are drawn; the figure's data has all." if rest > 0 else ""
    return Figure(
        plot.name,
        plot.title,
        draw_fan(plot),
        draw_list(plot),
        f"{plot.caption} {READING}{more}".strip(),
        plot.finding,
        HEADER,
        [
            (
                *(cue.name, cue.label, cue.sender, *ends_of(cue.sender_interval)),
                *(cue.listener, *ends_of(cue.listener_interval), cue.standing),
            )
            for cue in cues
        ],
    )
