"""From columns of texts to codes, with every problem found on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from generation.emotions import SLUGS
from survey.analysis.estimates import Codes, Floats, Truths
from survey.analysis.ratings.container import FACTORS, MISSING, Factor, Ratings
from survey.analysis.ratings.problems import Problem, RatingsRefused

NONE_LABEL = "none"
BLANKS = ("na", "n/a", "nan", "null", "-")
"""What other programs write for a missing value, in lower case."""
Texts = list[str]


def build(
    columns: Mapping[str, Sequence[Any]], lines: Sequence[int], choices: Sequence[str] | None, none: str | None
) -> Ratings:
    """Return checked `Ratings` from columns of equal length; `lines` says where each row stands."""
    size = len(lines)
    texts = {name: _as_texts(columns.get(name), size) for name in _TEXT_COLUMNS}
    offered, none, notes = settle_choices(texts["intended"], texts["chosen"], choices, none)
    emotions = tuple(choice for choice in offered if choice != none)
    where = np.asarray(lines, np.int64)
    participant, participants = _factorise(texts["participant"])
    stimulus, stimuli = _factorise(texts["stimulus"])
    intended, chosen = _lookup(texts["intended"], emotions), _lookup(texts["chosen"], offered)
    factors = {name: _factor(texts[name]) for name in FACTORS}
    problems = [
        *_empty_cells(texts, where),
        *_unknown(texts["intended"], intended, where, "intended", emotions, none),
        *_unknown(texts["chosen"], chosen, where, "chosen", offered, none),
        *_twice(participant, stimulus, factors, texts, where),
        *_two_intentions(stimulus, factors["condition"], intended, texts, where),
    ]
    if problems:
        raise RatingsRefused(problems)
    answered: Truths = chosen != MISSING
    everything = Ratings(
        participants=participants,
        stimuli=stimuli,
        emotions=emotions,
        choices=offered,
        none=none,
        participant=participant,
        stimulus=stimulus,
        intended=intended,
        chosen=chosen,
        factors=factors,
        included=_as_truths(columns.get("included"), size),
        confidence=_as_numbers(columns.get("confidence"), size),
        seconds=_as_numbers(columns.get("seconds"), size),
        notes=notes,
    )
    return _without_missing(everything, answered)


_TEXT_COLUMNS = ("participant", "stimulus", "intended", "chosen", *FACTORS)


def _without_missing(ratings: Ratings, answered: Truths) -> Ratings:
    return replace(ratings.select(answered), missing=int((~answered).sum()))


def settle_choices(
    intended: Texts, chosen: Texts, choices: Sequence[str] | None, none: str | None
) -> tuple[tuple[str, ...], str | None, tuple[str, ...]]:
    """Return what was offered, the label of "none of these", and what had to be assumed.

    >>> settle_choices(["fear"], ["none"], None, None)[1]
    'none'
    """
    if none is not None:
        none = none.strip()
        if not none:
            raise RatingsRefused([Problem(0, 'The label of "none of these" is empty; name the answer that means it.')])
    if choices is not None:
        return _declared([choice.strip() for choice in choices], none)
    occurring = {text for text in (*intended, *chosen) if text}
    notes = []
    if none is None and NONE_LABEL in occurring and NONE_LABEL not in intended:
        none = NONE_LABEL
        notes.append('"none" was taken as "none of these"; name another label with --none.')
    named = occurring - {none}
    offered = SLUGS if named <= set(SLUGS) else tuple(sorted(named))
    what = "the eight emotions" if offered is SLUGS else "the answers that occur"
    notes.append(
        f"No choices were declared; {what} were taken ({', '.join(offered)}). Chance, AC1 and Brennan–Prediger"
        " depend on the choices offered: declare them with --choices."
    )
    blanks = sorted(text for text in named if text.casefold() in BLANKS)
    if blanks:
        notes.append(f"{', '.join(map(repr, blanks))} counts as an answer; leave the cell empty for a missing answer.")
    folded = {text.casefold() for text in named}
    if len(folded) < len(named):
        notes.append("Some answers differ only in upper and lower case; they count as different answers.")
    return (*offered, *([none] if none else [])), none, tuple(notes)


def _declared(choices: list[str], none: str | None) -> tuple[tuple[str, ...], str | None, tuple[str, ...]]:
    problems = []
    if not any(choices):
        problems.append(Problem(0, "The list of choices is empty; name at least two."))
    elif not all(choices):
        problems.append(Problem(0, "One of the choices has no name; remove the extra comma."))
    for twice in sorted({choice for choice in choices if choice and choices.count(choice) > 1}):
        problems.append(Problem(0, f"The choice {twice!r} is declared twice."))
    if problems:
        raise RatingsRefused(problems)
    emotions = [choice for choice in choices if choice != none]
    return (*emotions, *([none] if none else [])), none, ()


def _as_texts(column: Sequence[Any] | None, size: int) -> Texts:
    if column is None:
        return [""] * size
    return ["" if value is None else value.strip() if isinstance(value, str) else str(value) for value in column]


def _factorise(texts: Texts) -> tuple[Codes, tuple[str, ...]]:
    place: dict[str, int] = {}
    codes = np.fromiter((place.setdefault(text, len(place)) for text in texts), np.int64, len(texts))
    return codes, tuple(place)


def _factor(texts: Texts) -> Factor:
    codes, levels = _factorise(texts)
    return Factor(levels, codes)


def _lookup(texts: Texts, names: Sequence[str]) -> Codes:
    """Codes into `names`; −1 for an empty cell, −2 for a name that is not among them."""
    place = {name: code for code, name in enumerate(names)}
    place.setdefault("", MISSING)
    return np.fromiter((place.get(text, -2) for text in texts), np.int64, len(texts))


def _as_truths(column: Sequence[Any] | None, size: int) -> Truths:
    if column is None:
        return np.ones(size, bool)
    false = {"false", "0", "no", "n"}
    return np.array([str(value).strip().casefold() not in false for value in column], bool)


def _as_numbers(column: Sequence[Any] | None, size: int) -> Floats:
    if column is None:
        return np.full(size, np.nan)
    return np.fromiter((_as_number(value) for value in column), float, size)


def _as_number(value: object) -> float:
    try:
        found = float(str(value))
    except ValueError:
        return float("nan")
    return found if np.isfinite(found) else float("nan")


def _empty_cells(texts: Mapping[str, Texts], lines: Codes) -> list[Problem]:
    return [
        Problem(int(lines[place]), f"{name} is empty.")
        for name in ("participant", "stimulus", "intended")
        for place, text in enumerate(texts[name])
        if not text
    ]


def _unknown(
    texts: Texts, codes: Codes, lines: Codes, column: str, names: Sequence[str], none: str | None
) -> list[Problem]:
    return [
        Problem(int(lines[place]), _say_unknown(column, texts[place], names, none))
        for place in np.flatnonzero(codes == -2)
    ]


def _say_unknown(column: str, text: str, names: Sequence[str], none: str | None) -> str:
    if text == none:
        return f'{column} {text!r} is the label of "none of these"; a clip needs an intended emotion.'
    message = f"{column} {text!r} is not one of the choices ({', '.join(names)})"
    alike = next((name for name in names if name.casefold() == text.casefold()), None)
    if alike:
        return f"{message}; did you mean {alike!r}?"
    if column == "chosen" and none is None:
        return f'{message}; if it means "none of these", add --none {text}.'
    return f"{message}."


def _twice(
    participant: Codes, stimulus: Codes, factors: Mapping[str, Factor], texts: Mapping[str, Texts], lines: Codes
) -> list[Problem]:
    """The same person, clip, cell and kind of trial must not come twice."""
    if participant.size == 0:
        return []
    key = participant * (int(stimulus.max()) + 1) + stimulus
    for name in ("condition", "kind"):
        key = key * len(factors[name].levels) + factors[name].codes
    _, first, places = np.unique(key, return_index=True, return_inverse=True)
    again = np.flatnonzero(first[places] != np.arange(key.size))
    return [
        Problem(
            int(lines[place]),
            f"{texts['participant'][place]!r} answered {texts['stimulus'][place]!r} already on line"
            f" {int(lines[first[places[place]]])}; keep one of the two rows, or tell the cells apart in a"
            " condition column.",
        )
        for place in again
        if texts["participant"][place] and texts["stimulus"][place]
    ]


def _two_intentions(
    stimulus: Codes, condition: Factor, intended: Codes, texts: Mapping[str, Texts], lines: Codes
) -> list[Problem]:
    """One clip has one intended emotion within its cell."""
    if stimulus.size == 0:
        return []
    item = stimulus * len(condition.levels) + condition.codes
    _, first, places = np.unique(item, return_index=True, return_inverse=True)
    origin = first[places]
    odd = np.flatnonzero((intended != intended[origin]) & (intended >= 0) & (intended[origin] >= 0))
    return [
        Problem(
            int(lines[place]),
            f"{texts['stimulus'][place]!r} is intended as {texts['intended'][place]!r} here and as"
            f" {texts['intended'][origin[place]]!r} on line {int(lines[origin[place]])}; one clip has one"
            " intended emotion.",
        )
        for place in odd
    ]
