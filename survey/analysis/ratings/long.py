"""Long CSV: one row per answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from pathlib import Path

from survey.analysis.ratings.building import build
from survey.analysis.ratings.cells import Cells, read_cells
from survey.analysis.ratings.container import Rating, Ratings
from survey.analysis.ratings.problems import Problem, RatingsRefused

NEEDED = ("participant", "stimulus", "intended", "chosen")
OTHER_NAMES = {
    "picture": ("picture_emotion",),
    "music": ("music_emotion",),
    "picture_id": ("picture_sha256",),
    "music_id": ("audio_sha256",),
    "kind": ("trial_kind",),
}
"""Columns that the project's own export calls otherwise."""


def read_long(
    source: Path | Iterable[str],
    *,
    choices: Sequence[str] | None = None,
    none: str | None = None,
    condition: str | None = None,
) -> Ratings:
    """Return the ratings of a CSV with the columns participant, stimulus, intended, chosen[, condition].

    An empty `chosen` is a missing answer. Further columns of `Rating` are used where they are present.

    Parameters
    ----------
    source : Path or lines of text
    choices : sequence of str, optional
        Everything offered; see `collect`.
    none : str, optional
        Label of "none of these".
    condition : str, optional
        Name of the column with the cell; ``condition`` where the file has it.

    Raises
    ------
    RatingsRefused
        With every problem and its line number.

    Examples
    --------
    >>> table = "participant,stimulus,intended,chosen\\nP1,S1,fear,fear\\nP2,S1,fear,\\n"
    >>> ratings = read_long(table.splitlines())
    >>> len(ratings), ratings.missing
    (1, 1)
    """
    cells = read_cells(source)
    places, problems = _find_columns(cells, condition)
    if problems:
        raise RatingsRefused([*cells.problems, *problems])
    columns = {name: cells.column(place) for name, place in places.items()}
    try:
        ratings = build(columns, cells.lines, choices, none)
    except RatingsRefused as refused:
        raise RatingsRefused([*cells.problems, *refused.problems]) from None
    if cells.problems:
        raise RatingsRefused(cells.problems)
    return replace(ratings, notes=(*cells.notes, *ratings.notes))


def _find_columns(cells: Cells, condition: str | None) -> tuple[dict[str, int], list[Problem]]:
    places: dict[str, int] = {}
    for name in (item.name for item in fields(Rating)):
        found = next((n for n in (name, *OTHER_NAMES.get(name, ())) if n in cells.header), None)
        if found is not None:
            places[name] = cells.header.index(found)
    problems = [Problem(cells.header_line, _say_absent(name, cells.header)) for name in NEEDED if name not in places]
    if condition is not None:
        if condition in cells.header:
            places["condition"] = cells.header.index(condition)
        else:
            message = f"there is no column {condition!r}, which --condition names."
            problems.append(Problem(cells.header_line, message))
    return places, problems


def _say_absent(name: str, header: Sequence[str]) -> str:
    alike = next((found for found in header if found.casefold() == name), None)
    if alike:
        return f"there is no column {name!r}; write {alike!r} in lower case."
    return f"there is no column {name!r}; the header has {', '.join(header) or 'nothing'}."
