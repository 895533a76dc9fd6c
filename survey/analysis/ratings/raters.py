"""Which columns of a wide table are raters, and which are facts about the items."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from survey.analysis.ratings.problems import Problem, quote
from survey.analysis.ratings.texts import clean, fold

_WORDS = (
    "age alter age edad yas country land pays pais ulke nation nationality sex gender geschlecht sexe cinsiyet"
    " block condition bedingung group gruppe groupe session language sprache langue date datum time zeit duration"
    " dauer seconds order position trial stimulus clip item id title titel picture bild composer system model"
    " intended emotion target truth gold intention note notes comment comments remark bemerkung kommentar"
    " valence arousal loudness lautstarke tempo bpm tempo_bpm key mode pitch tonart confidence correct accuracy score"
    " quality qualitat liking familiarity intensity"
    " hit seconds rt answer_time note_density clip_length length lange valenz"
    " mean mittelwert median sum summe total n_raters genre category kategorie education bildung"
)
FACT_NAMES = frozenset(_WORDS.split())
_UNIT = re.compile(r"\s*[(\[].*[)\]]\s*$|[\s_]*\d+$")
FEW_SHARED = 0.5


@dataclass(frozen=True, slots=True)
class Raters:
    """Places of the columns that count as raters, and what is to be said."""

    places: tuple[int, ...]
    notes: tuple[str, ...] = ()


def find_raters(
    names: Sequence[str], columns: Sequence[Sequence[str]], line: int, declared: Sequence[str] | None
) -> tuple[Raters, list[Problem]]:
    """Return which columns are raters.

    Declared, or else the largest group of columns that share answers; a column that is called like a fact
    (age, country, condition), or shares no answer with the others, is left out and named.

    Examples
    --------
    >>> columns = [["1", "2", "1"], ["s", "h", "s"], ["s", "h", "h"], ["s", "s", "h"]]
    >>> raters, _ = find_raters(["block", "A", "B", "C"], columns, 1, None)
    >>> raters.places, raters.notes[0][:52]
    ((1, 2, 3), "line 1: 'block' was left out: it does not look like ")
    """
    if declared is not None:
        return _declared(names, line, [clean(name) for name in declared])
    called = {place for place, name in enumerate(names) if fold(_UNIT.sub("", name)) in FACT_NAMES}
    likely = [place for place in range(len(names)) if place not in called]
    if not likely:
        return Raters(tuple(range(len(names)))), []
    several = any(len(column) > 1 for column in columns)  # of one item two raters may well share no answer
    groups = group_columns([columns[place] for place in likely]) if several else [list(range(len(likely)))]
    sizes = sorted((len(group) for group in groups), reverse=True)
    alone: set[int] = set()
    notes = []
    if len(sizes) > 1 and sizes[0] > sizes[1]:
        largest = max(groups, key=len)
        alone = {likely[place] for group in groups if group is not largest for place in group}
    elif len(sizes) > 1 and len(likely) > 2:
        notes.append(
            f"line {line}: the columns {', '.join(map(repr, names))} fall into groups that share no answer; name the"
            " raters with --raters."
        )
    left_out = sorted(called | alone)
    kept = tuple(place for place in range(len(names)) if place not in left_out)
    if left_out:
        notes.insert(0, _say_left_out([names[place] for place in left_out], line))
    return Raters(kept, (*notes, *_say_few_shared(names, columns, kept, line))), []


def _say_left_out(names: Sequence[str], line: int) -> str:
    listed = ", ".join(map(repr, names))
    if len(names) == 1:
        return f"line {line}: {listed} was left out: it does not look like a rater. Name the raters with --raters."
    return f"line {line}: {listed} were left out: they do not look like raters. Name the raters with --raters."


def say_raters(names: Sequence[str], line: int) -> str:
    """Say which columns were taken as raters: every one of them, for a fact may hide among many.

    >>> say_raters(["A", "B"], 1)
    "line 1: 2 columns were taken as raters: 'A', 'B'. If one of them is none, name the raters with --raters."
    """
    count = "1 column was taken as a rater" if len(names) == 1 else f"{len(names)} columns were taken as raters"
    return (
        f"line {line}: {count}: {', '.join(map(quote, names))}. If one of them is none, name the raters with --raters."
    )


def _declared(names: Sequence[str], line: int, declared: Sequence[str]) -> tuple[Raters, list[Problem]]:
    problems = [
        Problem(line, f"there is no column {name!r}, which --raters names; there are {', '.join(names) or 'none'}.")
        for name in declared
        if name not in names
    ]
    twice = sorted({name for name in declared if declared.count(name) > 1})
    problems += [Problem(line, f"--raters names {name!r} twice.") for name in twice]
    places = tuple(place for place, name in enumerate(names) if name in declared)
    return Raters(places), problems


def group_columns(columns: Sequence[Sequence[str]]) -> list[list[int]]:
    """Return the columns in groups that share answers; columns without any answer join the first.

    >>> group_columns([["1", "2"], ["s", "h"], ["h", ""], ["", ""]])
    [[0, 3], [1, 2]]
    """
    groups: list[tuple[set[str], list[int]]] = []
    empty = []
    for place, column in enumerate(columns):
        answers = {text for text in column if text}
        if not answers:
            empty.append(place)
            continue
        places = [place]
        # A column may join several groups that had nothing in common before.
        for other in [group for group in groups if group[0] & answers]:
            groups.remove(other)
            answers |= other[0]
            places = [*other[1], *places]
        groups.append((answers, places))
    result = sorted(sorted(places) for _, places in groups)
    if not result:
        return [empty] if empty else []
    result[0] += empty
    return result


def _say_few_shared(
    names: Sequence[str], columns: Sequence[Sequence[str]], kept: Sequence[int], line: int
) -> list[str]:
    """Say which raters give mostly answers that nobody else gives: an age, say, among ratings from 1 to 20."""
    notes = []
    answers = {place: {text for text in columns[place] if text} for place in kept}
    for place in kept:
        given = [text for text in columns[place] if text]
        others = set().union(*(found for other, found in answers.items() if other != place))
        shared = sum(text in others for text in given)
        if len(kept) > 2 and given and shared < FEW_SHARED * len(given):
            notes.append(
                f"line {line}: {names[place]!r} shares {shared} of {len(given)} answers with the others; if it is no"
                " rater, name the raters with --raters."
            )
    return notes
