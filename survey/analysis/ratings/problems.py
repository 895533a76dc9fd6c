"""What is wrong with a table of ratings: every problem, with its line."""

from __future__ import annotations

from collections.abc import Iterable
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
