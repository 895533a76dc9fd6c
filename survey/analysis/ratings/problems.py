"""What is wrong with a table of ratings: every problem, with its line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of the input; `line` counts from 1, the header being line 1, 0 for the whole file."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class RatingsRefused(ValueError):
    """The input cannot be analysed; `problems` lists everything that is wrong, in order of lines.

    >>> print(RatingsRefused([Problem(3, "participant is empty."), Problem(2, "stimulus is empty.")]))
    2 problems:
      line 2: stimulus is empty.
      line 3: participant is empty.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        count = len(self.problems)
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'}:{lines}")


LONGEST_QUOTED = 60


def quote(text: str) -> str:
    """Return a cell as a sentence shows it: in quotes, and not longer than a line.

    >>> quote("fear"), len(quote("x" * 10_000))
    ("'fear'", 62)
    """
    return repr(cut(text))


def cut(text: str) -> str:
    """Return the beginning of a text that is too long for a sentence.

    >>> cut("fear"), len(cut("x" * 10_000))
    ('fear', 60)
    """
    return text if len(text) <= LONGEST_QUOTED else f"{text[: LONGEST_QUOTED - 1]}…"


LINES_SHOWN = 3


def say_lines(lines: Sequence[int]) -> str:
    """Return where something stands, in a few words.

    >>> say_lines([4]), say_lines([2, 3]), say_lines([2, 3, 4, 9, 11])
    ('line 4', 'lines 2 and 3', 'lines 2, 3, 4 and 2 more')
    """
    distinct = sorted(set(lines))
    if len(distinct) == 1:
        return f"line {distinct[0]}"
    shown = list(map(str, distinct[:LINES_SHOWN]))
    if len(distinct) > LINES_SHOWN:
        return f"lines {', '.join(shown)} and {len(distinct) - LINES_SHOWN} more"
    return f"lines {', '.join(shown[:-1])} and {shown[-1]}"
