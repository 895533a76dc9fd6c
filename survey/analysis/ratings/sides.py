"""On which side of a comparison of old and new targets the stimuli of a table stand."""

from __future__ import annotations

from survey.analysis.ratings.attributes import stimuli_in
from survey.analysis.ratings.cells import Source, read_cells
from survey.analysis.ratings.problems import Problem, RatingsRefused

SIDE = "side"
"""Column of stimuli.csv."""
KNOWN = ("", "new", "old")


def read_sides(source: Source) -> dict[str, str]:
    """Return the side of every stimulus that has one, of a CSV with one row per stimulus.

    As in the `stimuli.csv` of an export: ``side`` is ``new`` or ``old``, empty where a stimulus counts on neither.

    Raises
    ------
    RatingsRefused
        Without the columns ``stimulus`` and ``side``, where a stimulus comes twice or its side is another word, with
        the lines.

    Examples
    --------
    >>> read_sides("stimulus,side\\nS1,new\\nS2,\\nS3,old\\n")
    {'S1': 'new', 'S3': 'old'}
    """
    cells = read_cells(source)
    stimuli = stimuli_in(cells, "sides")
    if SIDE not in cells.header:
        message = f"there is no column {SIDE!r}: it says whether a stimulus was made for the new or the old targets."
        raise RatingsRefused([Problem(cells.header_line, message)])
    sides = [side.strip() for side in cells.column(cells.header.index(SIDE))]
    problems = [
        Problem(line, f"the side {side!r} is none: write new, old or nothing.")
        for side, line in zip(sides, cells.lines, strict=True)
        if side not in KNOWN
    ]
    if problems:
        raise RatingsRefused(problems)
    return {name: side for name, side in zip(stimuli, sides, strict=True) if side}
