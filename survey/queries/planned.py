"""The cells and stimuli of a draft, stored or only chosen on a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from survey.models import Condition, Stimulus, Study

NOT_READ: Final = ("notes", "features", "attributes", "scores")


@dataclass(frozen=True, slots=True)
class Planned:
    """The cells and stimuli of a draft: those that are stored, or those that a choice on the screen would make."""

    cells: Sequence[Condition]
    stimuli: Sequence[Stimulus]

    @property
    def main(self) -> list[Stimulus]:
        return [stimulus for stimulus in self.stimuli if stimulus.role == Stimulus.Role.MAIN]


def stored_plan(study: Study) -> Planned:
    """What is stored of a draft, with all that names its clips: faults of the design are told by those names."""
    unread = (f"pair_version__{name}" for name in NOT_READ)
    stimuli = study.stimuli.select_related("condition", "pair_version__pair__emotion", "pair_version__pair__image")
    return Planned(list(study.conditions.all()), list(stimuli.defer(*unread)))
