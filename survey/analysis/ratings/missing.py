"""What counts as a missing value: the empty cell, what other programs write for it, or what somebody names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from survey.analysis.ratings.codes import number_of
from survey.analysis.ratings.problems import Problem, RatingsRefused
from survey.analysis.ratings.texts import clean

WORDS = frozenset(
    ("na", "n/a", "<na>", "nan", "-nan", "null", "#null!", "#n/a", "#na", "#nv", "#div/0!", "#value!", "#wert!")
)
"""R, pandas, SQL and spreadsheets, in lower case."""
MARKS = frozenset((".", "-", "--", "–", "—"))
"""SAS, SPSS and people."""
NUMBERS = frozenset(map(number_of, ("-9", "-99", "-999", "-9999", "-77", "-88")))
"""Codes of questionnaires."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What counts as missing beside the empty cell.

    Attributes
    ----------
    named : tuple of str or None
        What somebody named; None takes the words, marks and numbers of other programs.
    answers : frozenset of str
        Declared answers: they are never missing unless named.
    """

    named: tuple[str, ...] | None = None
    answers: frozenset[str] = frozenset()

    def among(self, texts: Iterable[str], *, names: bool = False) -> frozenset[str]:
        """Return which of the texts mean a missing value.

        Parameters
        ----------
        texts : iterable of str
            A whole column or several: −9 is an answer where other numbers below 0 are.
        names : bool
            Identifiers and levels, in which a mark or a number may be a name.

        Examples
        --------
        >>> sorted(Missing().among(["NA", "fear", ".", "-99"])), sorted(Missing().among(["-9", "-8"]))
        (['-99', '.', 'NA'], [])
        >>> sorted(Missing(("x",)).among(["NA", "x"]))
        ['x']
        """
        distinct = {text for text in texts if text}
        if self.named is not None:
            folded = {text.casefold() for text in self.named}
            numbers = {number_of(text) for text in self.named} - {None}
            return frozenset(t for t in distinct if t.casefold() in folded or number_of(t) in numbers)
        found = {text for text in distinct if text.casefold() in WORDS}
        if not names:
            found |= distinct & MARKS | _codes_among(distinct)
        return frozenset(found - self.answers)


def _codes_among(distinct: Collection[str]) -> set[str]:
    below = {text for text in distinct if (number_of(text) or 0) < 0}
    codes = {text for text in below if number_of(text) in NUMBERS}
    # -9 means missing only where no other number is below 0: on a scale from -10 it is an answer.
    return codes if codes == below else set()


def missing_from(named: Sequence[str] | None, choices: Sequence[str] | None, none: str | None) -> Missing:
    """Return what counts as missing in a table.

    Raises
    ------
    RatingsRefused
        When an answer that was declared is also named as missing.

    Examples
    --------
    >>> sorted(missing_from(None, ["yes", "NA"], None).among(["NA", "nan"]))
    ['nan']
    """
    answers = frozenset(clean(text) for text in (*(choices or ()), *((none,) if none else ())))
    if named is None:
        return Missing(None, answers)
    texts = tuple(text for text in map(clean, named) if text)
    both = sorted(Missing(texts).among(answers))
    if both:
        raise RatingsRefused(
            [Problem(0, f"{', '.join(map(repr, both))} is declared as an answer and named as missing; choose one.")]
        )
    return Missing(texts, answers)
