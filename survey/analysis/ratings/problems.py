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
