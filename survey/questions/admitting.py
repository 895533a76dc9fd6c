"""Who is let in by the answer to a question that is asked before everything else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.questions.kinds import Choice, Kind, Number


@dataclass(frozen=True, slots=True)
class Admission:
    """A condition of admission: some options of a choice, or a number from `least` to `most`, both allowed.

    Examples
    --------
    >>> adults = Admission(least=18)
    >>> adults.admits(18), adults.admits(17.5), adults.told
    (True, False, 'at least 18')
    >>> Admission(options=("none", "some")).admits("much"), Admission(least=18, most=65).told
    (False, '18 to 65')
    >>> Admission.read({"options": ["yes"]}) == Admission(options=("yes",)), Admission.read({})
    (True, None)
    """

    options: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Admission | None:
        """The condition as a study's question keeps it; None where it keeps none."""
        if not stored:
            return None
        return cls(tuple(stored.get("options", ())), stored.get("least"), stored.get("most"))

    @property
    def stored(self) -> dict[str, Any]:
        """What of it is said, for a JSON column."""
        said = {"options": list(self.options), "least": self.least, "most": self.most}
        return {name: value for name, value in said.items() if value not in (None, [])}

    def admits(self, value: Any) -> bool:
        """Whether whoever answers `value` is let in."""
        if self.options:
            return value in self.options
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def told(self) -> str:
        """The answers that let somebody in, in English."""
        if self.options:
            return ", ".join(self.options)
        if self.least is not None and self.most is not None:
            return f"{self.least:g} to {self.most:g}"
        return f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"

    def range_in(self, kind: Number) -> tuple[float, float]:
        """The least and the greatest answer of a `kind` that let somebody in; of no such answer the first is greater.

        >>> from survey.questions import Number
        >>> Admission(least=17.5).range_in(Number(0, 120)), Admission(least=17.5).range_in(Number(0, 120, whole=False))
        ((18, 120), (17.5, 120))
        """
        least = kind.least if self.least is None else max(self.least, kind.least)
        most = kind.most if self.most is None else min(self.most, kind.most)
        if kind.whole:
            least = math.ceil(least) if math.isfinite(least) else least
            most = math.floor(most) if math.isfinite(most) else most
        return least, most

    def problem_with(self, kind: Kind) -> str:
        """Why this is no condition for answers of a `kind`, in a sentence; empty where it is one.

        >>> from survey.questions import Choice, Number
        >>> answers = Choice({"yes": "Yes", "no": "No"})
        >>> Admission(options=("yes",)).problem_with(answers), Admission(least=18).problem_with(Number(0, 120))
        ('', '')
        >>> Admission(least=17.2, most=17.8).problem_with(Number(0, 120))
        'nobody could be let in.'
        >>> Admission(least=18).problem_with(Number(18, 120))
        'every answer that can be given (18 to 120) lets people in. Let the answer itself be any number that is true.'
        """
        if isinstance(kind, Choice):
            return _of_options(self.options, tuple(kind.options)) if self.options else "choose some answers."
        if not isinstance(kind, Number):
            return "only a choice or a number can decide who is let in."
        if self.options or (self.least is None and self.most is None):
            return "say from which number, or up to which."
        least, most = self.range_in(kind)
        if least > most:
            return "nobody could be let in."
        if (least, most) == Admission().range_in(kind):
            return (
                f"every answer that can be given ({kind.values}) lets people in. Let the answer itself be any number "
                "that is true."
            )
        return ""


def _of_options(admitted: Sequence[str], offered: Sequence[str]) -> str:
    if unknown := sorted(set(admitted) - set(offered)):
        return f"{unknown[0]!r} is not among the answers."
    return "every answer lets people in." if set(admitted) == set(offered) else ""
