"""Units of numbers, and how a number of each is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey.analysis.wording import UNDEFINED


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its name behind the number, the digits after the point, and what the number is multiplied with.

    Examples
    --------
    >>> Unit("s", digits=1).write(2.345), SHARE.write(0.5), PLAIN.write(-0.25), PLAIN.write(12), PLAIN.write(None)
    ('2.3 s', '50.0 %', '−0.250', '12', '–')
    >>> SHARE.write_interval((0.25, 0.5)), PLAIN.write_interval(None)
    ('25.0 to 50.0 %', '–')
    """

    name: str = ""
    digits: int = 3
    times: float = 1

    def write(self, value: float | None) -> str:
        """Return a number with its unit; a whole number of things has no digits after the point."""
        return UNDEFINED if value is None else f"{self._number(value)}{self._behind}"

    def write_interval(self, ends: Sequence[float] | None) -> str:
        """Return an interval with its unit."""
        return UNDEFINED if ends is None else f"{self._number(ends[0])} to {self._number(ends[1])}{self._behind}"

    @property
    def _behind(self) -> str:
        return f" {self.name}" if self.name else ""

    def _number(self, value: float) -> str:
        whole = isinstance(value, int) and self.times == 1
        return (str(value) if whole else f"{self.times * value:.{self.digits}f}").replace("-", "−")


PLAIN = Unit()
"""Of numbers without a unit: counts, coefficients."""
SHARE = Unit("%", digits=1, times=100)
"""Of shares, 0 to 1, written in percent."""
POINTS = Unit("points", digits=1, times=100)
"""Of differences of shares."""
