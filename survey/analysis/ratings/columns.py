"""Which column of a table holds what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from survey.analysis.ratings.container import Rating
from survey.analysis.ratings.problems import Problem
from survey.analysis.ratings.texts import clean

NEEDED = ("participant", "stimulus", "intended", "chosen")
NAMES = tuple(item.name for item in fields(Rating))
OTHER_NAMES = {
    "picture": ("picture_emotion",),
    "music": ("music_emotion",),
    "picture_id": ("picture_sha256",),
    "music_id": ("audio_sha256",),
    "asked": ("asked_emotion",),
    "kind": ("trial_kind",),
    "training": ("musical_training",),
    "age": ("age_band",),
}
"""Columns that the project's own export calls otherwise."""


def find_columns(
    header: Sequence[str], line: int, renamed: Mapping[str, str], by: Sequence[str] = ()
) -> tuple[dict[str, int], list[Problem]]:
    """Return the place of every column that is used, and what is wrong.

    Parameters
    ----------
    header : sequence of str
    line : int
        Where the header stands.
    renamed : mapping of str to str
        Name of `Rating` → name in the header.
    by : sequence of str
        Further factors.

    Examples
    --------
    >>> find_columns(["subject", "stimulus", "intended", "chosen"], 1, {"participant": "subject"})[0]["participant"]
    0
    """
    places: dict[str, int] = {}
    problems = []
    for name, wanted in renamed.items():
        if name not in NAMES:
            problems.append(Problem(line, f"{name!r} is no column of ratings; there are {', '.join(NAMES)}."))
        elif clean(wanted) in header:
            places[name] = header.index(clean(wanted))
        else:
            problems.append(Problem(line, f"there is no column {wanted!r}, which is named as {name}; {_has(header)}."))
    for name in NAMES:
        found = next((n for n in (name, *OTHER_NAMES.get(name, ())) if n in header), None)
        if found is not None and name not in renamed:
            places[name] = header.index(found)
    problems += [
        Problem(line, _say_absent(name, header)) for name in NEEDED if name not in places and name not in renamed
    ]
    for name in by:
        if name in NEEDED:
            problems.append(Problem(line, f"{name!r} is no factor to analyse by; name another column."))
        elif name in places:
            continue
        elif clean(name) in header:
            places[name] = header.index(clean(name))
        else:
            problems.append(Problem(line, f"there is no column {name!r} to analyse by; {_has(header)}."))
    return places, problems


def say_taken(header: Sequence[str], line: int, places: Mapping[str, int], renamed: Mapping[str, str]) -> list[str]:
    """Say which column was taken where two have one name but for upper and lower case, or hold the same by their names.

    >>> say_taken(["Chosen", "chosen"], 1, {"chosen": 1}, {})
    ["line 1: the column 'chosen' was taken as chosen, and not 'Chosen'; say otherwise with --column."]
    """
    notes = []
    for name, place in places.items():
        names = {called.casefold() for called in (name, *OTHER_NAMES.get(name, ()))}
        others = [other for at, other in enumerate(header) if at != place and other.casefold() in names]
        if others and name not in renamed:
            listed = ", ".join(map(repr, others))
            notes.append(
                f"line {line}: the column {header[place]!r} was taken as {name}, and not {listed}; say otherwise with"
                " --column."
            )
    return notes


def _say_absent(name: str, header: Sequence[str]) -> str:
    alike = next((found for found in header if found.casefold() == name), None)
    if alike:
        return f"there is no column {name!r}; write {alike!r} in lower case."
    return f"there is no column {name!r}; {_has(header)}."


def _has(header: Sequence[str]) -> str:
    return f"the header has {', '.join(header) or 'nothing'}"
