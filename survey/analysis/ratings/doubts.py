"""What may be wrong with a table although it can be read: said before any number, with the lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from survey.analysis.ratings.choices import Offered
from survey.analysis.ratings.codes import is_damaged, is_date
from survey.analysis.ratings.problems import quote, say_lines
from survey.analysis.ratings.texts import look_alike

SHOWN = 6
Where = Mapping[str, list[int]]
"""Text → the lines it stands on."""
ASIDE = {
    "gold": "they count for the reliability of people alone",
    "repeat": "they count for the reliability of people alone",
    "practice": "they count nowhere",
    "attention": "they count nowhere",
}
"""Kinds of trial that are no main trials, and what becomes of them."""
NOWHERE = ("practice", "attention")
"""Kinds of trial of which no number is made at all."""
KINDS = ("", "main", *ASIDE)


class LinesOf(Mapping[str, list[int]]):
    """The lines every text of a column stands on; empty cells apart, and looked for only where they are asked for.

    >>> dict(LinesOf(["a", "", "a"], [2, 3, 4]))
    {'a': [2, 4]}
    """

    def __init__(self, texts: Sequence[str], lines: Sequence[int]) -> None:
        self._texts, self._lines = texts, lines
        self._distinct = dict.fromkeys(texts)
        self._distinct.pop("", None)

    def __getitem__(self, text: str) -> list[int]:
        if text not in self._distinct:
            raise KeyError(text)
        return [line for line, found in zip(self._lines, self._texts, strict=True) if found == text]

    def __iter__(self) -> Iterator[str]:
        return iter(self._distinct)

    def __len__(self) -> int:
        return len(self._distinct)


def say_respelled(spelling: Mapping[str, str], where: Where) -> list[str]:
    """Say which codes were written in another way than they are compared.

    >>> say_respelled({"3.0": "3"}, {"3.0": [2, 3]})
    ["Codes were compared as codes: '3.0' is the same as '3' (lines 2 and 3)."]
    """
    used = [(text, name) for text, name in spelling.items() if text in where]
    if not used:
        return []
    same = ", ".join(
        f"{quote(text)} is the same as {quote(name)} ({say_lines(where[text])})" for text, name in used[:SHOWN]
    )
    more = f", and {len(used) - SHOWN} more" if len(used) > SHOWN else ""
    return [f"Codes were compared as codes: {same}{more}."]


def say_missing(found: Iterable[str], where: Where) -> list[str]:
    """Say what was taken as a missing value beside empty cells.

    >>> say_missing(["NA"], {"NA": [4]})
    ["'NA' was taken as missing (line 4); say otherwise with --missing."]
    """
    return [
        f"{quote(text)} was taken as missing ({say_lines(where[text])}); say otherwise with --missing."
        for text in sorted(found)
        if text in where
    ]


def say_alike(what: str, where: Where) -> list[str]:
    """Say which names look alike and count as different.

    >>> say_alike("answers", {"Happy": [2], "happy": [3], "sad": [4]})[0][:60]
    'Some answers differ only in upper and lower case, blanks, hy'
    """
    groups: dict[str, list[str]] = {}
    for text in where:
        groups.setdefault(look_alike(text), []).append(text)
    return [
        f"Some {what} differ only in upper and lower case, blanks, hyphens or apostrophes; they count as different:"
        f" {' and '.join(f'{quote(text)} ({say_lines(where[text])})' for text in group[:SHOWN])}."
        for group in groups.values()
        if len(group) > 1
    ]


def say_damaged(what: str, where: Where) -> list[str]:
    """Say which identifiers a spreadsheet may have turned into numbers.

    >>> say_damaged("participant", {"1.2E+11": [2, 9], "P1": [3]})[0][:52]
    "participant '1.2E+11' (lines 2 and 9) looks like an "
    """
    return [
        f"{what} {quote(text)} ({say_lines(where[text])}) looks like an identifier that a spreadsheet turned into a"
        " number; two of them may have become one. Take the identifiers from the original file."
        for text in where
        if is_damaged(text)
    ]


def say_dates(what: str, where: Where) -> list[str]:
    """Say which identifiers a spreadsheet may have turned into dates.

    >>> say_dates("stimulus", {"1-Jan": [2, 9], "S1": [3]})[0][:66]
    "stimulus '1-Jan' (lines 2 and 9) looks like an identifier that a s"
    """
    dates = {text: where[text] for text in where if is_date(text)}
    if not dates:
        return []
    looks = "looks like an identifier" if len(dates) == 1 else "look like identifiers"
    return [
        f"{what} {_some(dates)} {looks} that a spreadsheet turned into a date; two of them may have become one. Take"
        " the identifiers from the original file."
    ]


def say_leading_zeros(what: str, where: Where) -> list[str]:
    """Say where an identifier occurs with and without its leading zeros.

    >>> say_leading_zeros("participant", {"007": [2], "7": [3]})
    ["participant '007' (line 2) and '7' (line 3) count as two; did a program take the zeros away?"]
    """
    return [
        f"{what} {quote(text)} ({say_lines(where[text])}) and {quote(bare)} ({say_lines(where[bare])}) count as two;"
        " did a program take the zeros away?"
        for text in where
        if text.isdecimal() and (bare := text.lstrip("0") or "0") != text and bare in where
    ]


def say_answers(intended: Where, chosen: Where, offered: Offered) -> list[str]:
    """Say where intended and chosen do not fit together; nothing where the choices were declared."""
    named = set(chosen) - {offered.none}
    if offered.declared or not intended or not named:
        return []
    if set(offered.choices) - set(intended) - named - {offered.none}:  # all are among the eight emotions
        return []
    if not set(intended) & named:
        return [
            f"No answer equals any intended emotion: intended {_some(intended)}, chosen {_some(chosen)}. Do both"
            " columns use the same words?"
        ]
    never = [text for text in intended if text not in chosen and text in offered.choices]
    k = len(offered.choices)
    if not never:
        return []
    return [
        f"Nobody chose {_some({text: intended[text] for text in never})}, though it is intended. If people could not"
        f" choose it, chance is 1/{k - len(never)} and not 1/{k}: declare the choices with --choices, and name what"
        " nobody could choose with --neutral."
    ]


def _some(where: Where) -> str:
    shown = ", ".join(f"{quote(text)} ({say_lines(where[text])})" for text in list(where)[:SHOWN])
    return f"{shown} and {len(where) - SHOWN} more" if len(where) > SHOWN else shown


def say_kinds(where: Where) -> list[str]:
    """Say which kinds of trial are not known.

    >>> print(*say_kinds({"main": [2], "warm-up": [3]}))  # doctest: +NORMALIZE_WHITESPACE
    The kind of trial 'warm-up' (line 3) is not known (main, gold, repeat, practice, attention); it counts as a main
    trial.
    """
    return [
        f"The kind of trial {quote(text)} ({say_lines(where[text])}) is not known ({', '.join(KINDS[1:])}); it counts"
        " as a main trial."
        for text in where
        if text not in KINDS
    ]


def say_aside(where: Where) -> list[str]:
    """Say which rows are no main trials: they leave every number but the people's reliability, or count nowhere.

    >>> say_aside({"main": [2], "practice": [3, 4]})
    ['2 rows are practice trials (lines 3 and 4): they count nowhere.']
    """
    return [f"{_rows(kind, where[kind])}: {what}." for kind, what in ASIDE.items() if kind in where]


def _rows(kind: str, lines: list[int]) -> str:
    trials = f"{kind} trial ({say_lines(lines)})" if len(lines) == 1 else f"{kind} trials ({say_lines(lines)})"
    return f"1 row is a {trials}" if len(lines) == 1 else f"{len(lines)} rows are {trials}"


def say_unknown_emotions(what: str, where: Where, offered: Offered) -> list[str]:
    """Say which emotions of pictures or music are not among the choices."""
    unknown = {text: where[text] for text in where if text not in offered.choices}
    if not unknown:
        return []
    return [
        f"The {what} {_some(unknown)} is not among the choices; the answers count, but not in the effects of picture"
        " and music."
    ]


def say_no_numbers(what: str, where: Where) -> list[str]:
    """Say which cells of a column of numbers hold none.

    >>> say_no_numbers("seconds", {"fast": [3]})
    ["The seconds 'fast' (line 3) is no number and was left out."]
    """
    return [f"The {what} {_some(where)} is no number and was left out."] if where else []


def say_outside(what: str, where: Where, low: float, high: float) -> list[str]:
    """Say that a column of numbers is on another scale than the one that can be used.

    >>> say_outside("valence", {"7": [2]}, -1.0, 1.0)[0][:79]
    "The valence '7' (line 2) lies outside −1 to 1, so the whole column was left out"
    """
    ends = f"{low:g} to {high:g}".replace("-", "−")
    return [
        f"The {what} {_some(where)} lies outside {ends}, so the whole column was left out: turn a scale from a to b"
        f" into {ends} by 2 (x − a) / (b − a) − 1."
    ]
