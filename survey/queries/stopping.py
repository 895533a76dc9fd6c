"""Has what the plan wanted been reached: people who are complete, answers to every clip. Nothing of it is a result."""

from __future__ import annotations

from dataclasses import dataclass

from survey.models import Study
from survey.queries.numbers import planned_number


@dataclass(frozen=True, slots=True)
class Stopping:
    """The stopping rule of a plan: in words, and what of it can be counted.

    `people` and `answers` are (reached, planned), None where the plan names no number; `answers` is of the main clip
    that has the fewest.
    """

    rule: str
    people: tuple[int, int] | None
    answers: tuple[int, int] | None

    @property
    def said(self) -> list[str]:
        """A sentence for every number that is reached."""
        found = []
        if self.people and self.people[0] >= self.people[1]:
            found.append(f"{self.people[0]} people are complete; {self.people[1]} were planned.")
        if self.answers and self.answers[0] >= self.answers[1]:
            found.append(f"Every main clip has at least {self.answers[0]} answers; {self.answers[1]} were planned.")
        return found


def stopping_of(study: Study, complete: int, fewest: int) -> Stopping:
    """Return how far the plan of `study` is, with `complete` people and `fewest` answers to a main clip."""
    return Stopping(
        rule=str(study.analysis_plan.get("stop_rule", "")).strip(),
        people=_of(complete, planned_number(study, "planned_n")),
        answers=_of(fewest, planned_number(study, "answers_per_clip")),
    )


def _of(reached: int, planned: int | None) -> tuple[int, int] | None:
    return (reached, planned) if planned else None
