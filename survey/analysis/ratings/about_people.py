"""What is known of people: one level per person and name, from columns that repeat it at every answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from survey.analysis.estimates import Codes
from survey.analysis.ratings.container import PEOPLE_FACTS, Factor
from survey.analysis.ratings.missing import missing_from
from survey.analysis.ratings.problems import say_lines
from survey.analysis.ratings.texts import clean_all


def read_people(
    columns: Mapping[str, Sequence[Any]],
    lines: Sequence[int],
    participant: Codes,
    people: int,
    missing: Sequence[str] | None = None,
) -> tuple[dict[str, Factor], list[str]]:
    """Return every fact about people that a table has, codes of shape (P,), and what is to be said.

    Somebody with two levels of one fact has none of it: it is no fact about the person. What means that nothing is
    known (`missing`, or what other programs write, −99 for an age) is no level.

    Examples
    --------
    >>> found, notes = read_people({"device": ["phone", "phone", "tablet"]}, [2, 3, 4], np.array([0, 0, 1]), 2)
    >>> found["device"].levels, found["device"].codes.tolist(), notes
    (('phone', 'tablet'), [0, 1], [])
    """
    found, notes = {}, []
    for name in PEOPLE_FACTS:
        if name not in columns:
            continue
        texts = clean_all(columns[name])
        absent = missing_from(missing, None, None).among(texts)
        level: list[str] = [""] * people
        doubtful: dict[int, list[int]] = {}
        for person, text, line in zip(participant.tolist(), texts, lines, strict=True):
            if not text or text in absent:
                continue
            if level[person] and level[person] != text:
                doubtful.setdefault(person, []).append(line)
            level[person] = level[person] or text
        for person in doubtful:
            level[person] = ""
        if doubtful:
            where = say_lines(sorted(line for found_at in doubtful.values() for line in found_at))
            notes.append(
                f"{name}: {len(doubtful)} participants have more than one ({where}); they are in no group of it."
            )
        if any(level):
            found[name] = factor_of(level)
    return found, notes


def factor_of(level: Sequence[str]) -> Factor:
    """Return the factor of people with these levels, in the order of first appearance.

    >>> factor_of(["de", "en", "de"]).codes.tolist()
    [0, 1, 0]
    """
    levels = tuple(dict.fromkeys(level))
    place = {name: code for code, name in enumerate(levels)}
    return Factor(levels, np.array([place[name] for name in level], np.int64))
