"""What sorts of answers there are: how each is asked, checked, stored, and told of in a codebook."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from survey.questions.translated import Words

LONGEST: Final = 500
"""Characters of a free text, at most: what the column of the answers holds."""
SLIDER_STEPS: Final = 10
"""Places on a slider between its ends where no script runs, unless the question says otherwise."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several options. `own` is the option beside which people may write their own words.

    Examples
    --------
    >>> kind = Choice({"yes": "Yes", "no": "No"})
    >>> kind.fits("yes"), kind.fits("perhaps"), kind.values
    (True, False, 'yes, no')
    """

    options: Mapping[str, Words]
    own: str = ""
    unsaid: Words = ""
    of_study: bool = False
    """Whether the options are the emotions that the study offers, put in where it is asked."""

    name: ClassVar[str] = "choice"
    column: ClassVar[str] = "choice"
    export: ClassVar[str] = "text"

    def fits(self, value: Any) -> bool:
        return value in self.options

    @property
    def values(self) -> str:
        return "the emotions offered" if self.of_study and not self.options else ", ".join(self.options)


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole numbers from 1 to `steps`, with words at both ends.

    Examples
    --------
    >>> kind = Scale(5, "not at all", "completely")
    >>> kind.fits(5), kind.fits(6), kind.fits(2.5), kind.values
    (True, False, False, '1 (not at all) to 5 (completely)')
    """

    steps: int
    low: Words
    high: Words

    name: ClassVar[str] = "scale"
    column: ClassVar[str] = "number"
    export: ClassVar[str] = "integer"

    def fits(self, value: Any) -> bool:
        return isinstance(value, int | float) and float(value).is_integer() and 1 <= value <= self.steps

    @property
    def numbers(self) -> range:
        """Every step, in order."""
        return range(1, self.steps + 1)

    @property
    def values(self) -> str:
        return f"1 ({self.low}) to {self.steps} ({self.high})"


@dataclass(frozen=True, slots=True)
class Slider:
    """A place between two ends, told as a number from `least` to `most`; nobody who does not move it answers.

    Examples
    --------
    >>> kind = Slider("Calm", "Activated", least=-1, most=1, steps=8)
    >>> kind.fits(0.35), kind.fits(1.5), kind.values
    (True, False, '-1 (Calm) to 1 (Activated)')
    >>> kind.places
    ['-1', '-0.75', '-0.5', '-0.25', '0', '0.25', '0.5', '0.75', '1']
    """

    low: Words
    high: Words
    least: float = 0
    most: float = 100
    steps: int = SLIDER_STEPS
    face: str = ""
    """Which faces are drawn at the ends: arousal, valence, or none."""

    name: ClassVar[str] = "slider"
    column: ClassVar[str] = "number"
    export: ClassVar[str] = "number"

    def fits(self, value: Any) -> bool:
        return isinstance(value, int | float) and math.isfinite(value) and self.least <= value <= self.most

    @property
    def places(self) -> list[str]:
        """What can be chosen where no script makes a slider of it."""
        width = (self.most - self.least) / self.steps
        return [f"{self.least + width * step:g}" for step in range(self.steps + 1)]

    @property
    def values(self) -> str:
        return f"{self.least:g} ({self.low}) to {self.most:g} ({self.high})"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that people write, whole unless said otherwise.

    Examples
    --------
    >>> kind = Number(18, 120)
    >>> kind.fits(18), kind.fits(17), kind.fits(20.5), kind.values
    (True, False, False, '18 to 120')
    """

    least: float
    most: float
    whole: bool = True

    name: ClassVar[str] = "number"
    column: ClassVar[str] = "number"

    @property
    def export(self) -> str:
        return "integer" if self.whole else "number"

    @property
    def has_least(self) -> bool:
        return math.isfinite(self.least)

    @property
    def has_most(self) -> bool:
        return math.isfinite(self.most)

    def fits(self, value: Any) -> bool:
        if not isinstance(value, int | float) or not math.isfinite(value):
            return False
        return self.least <= value <= self.most and (not self.whole or float(value).is_integer())

    @property
    def values(self) -> str:
        if self.has_least and self.has_most:
            return f"{self.least:g} to {self.most:g}"
        return f"at least {self.least:g}" if self.has_least else f"at most {self.most:g}" if self.has_most else ""


@dataclass(frozen=True, slots=True)
class Text:
    """Words of people's own, at most `longest` characters; in several `lines` where more is expected.

    Examples
    --------
    >>> Text(5).fits("short"), Text(5).fits("longer"), Text(5).fits("")
    (True, False, False)
    """

    longest: int = LONGEST
    lines: int = 1

    name: ClassVar[str] = "text"
    column: ClassVar[str] = "text"
    export: ClassVar[str] = "text"
    values: ClassVar[str] = ""

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and 0 < len(value) <= self.longest


Kind = Choice | Scale | Slider | Number | Text
KINDS: Final = (Choice, Scale, Slider, Number, Text)
