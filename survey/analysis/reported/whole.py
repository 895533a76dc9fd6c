"""The whole report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from survey.analysis.primary import Primary, without_plan
from survey.analysis.reported.agreeing import ClipPart, CoefficientPart, ComparedPart
from survey.analysis.reported.comparing import DifferencePart, LevelPart, SeedPart
from survey.analysis.reported.folding import FoldPart, PlanePart
from survey.analysis.reported.part import Part, as_plain
from survey.analysis.reported.people import AskedPart, PeoplePart, RaterPart
from survey.analysis.reported.rates import BiasPart, ConfusionPart, EmotionPart, SizesPart, TakenPart, WholeAccuracyPart

NOT_IN_A_PLAIN_TABLE = frozenset(
    (
        *("primary", "none", "response_bias", "top_confusions", "conditions", "composers", "by", "comparisons"),
        *("picture_music", "seed_study", "included_only", "people", "per_intended", "raters", "folds"),
        *("valence_arousal", "measures", "settings"),
    )
)


class SettingsPart(Part, frozen=True):
    """What the numbers were made with."""

    seed: int
    replicates: int
    level: float


class WidthPart(Part, frozen=True):
    """Half-widths after a number of answers."""

    n: int
    participants: float | None = None
    participants_stimuli: float | None = None


class CellPart(Part, frozen=True):
    """What makes sense for every cell of a design."""

    n: SizesPart
    choices: list[str]
    none: str | None
    accuracy: WholeAccuracyPart
    confusion: ConfusionPart
    emotions: dict[str, EmotionPart]
    response_bias: list[BiasPart]
    top_confusions: list[TakenPart]
    agreement: dict[str, CoefficientPart]
    agreement_among: ComparedPart
    agreement_per_choice: dict[str, CoefficientPart]
    stimuli: list[ClipPart]


class Report(Part, frozen=True, kw_only=True):
    """A whole report; of a wide or counts table, which has no `settings`, only agreement and clips.

    For notebooks it is a mapping as well: ``report["accuracy"]`` is that part as it stands in the file.

    >>> found = Report(schema="3.1")
    >>> "accuracy" in found, "course" in found, found["n"]["responses"], len(found) == len(list(found))
    (True, False, 0, True)
    """

    schema: str
    notes: list[str] = []
    cell: str | None = None
    yes_or_no: bool = False
    primary: Primary = msgspec.field(default_factory=without_plan)
    n: SizesPart = SizesPart()
    choices: list[str] = []
    none: str | None = None
    accuracy: WholeAccuracyPart = WholeAccuracyPart()
    confusion: ConfusionPart = ConfusionPart()
    emotions: dict[str, EmotionPart] = {}
    response_bias: list[BiasPart] = []
    top_confusions: list[TakenPart] = []
    agreement: dict[str, CoefficientPart] = {}
    agreement_among: ComparedPart = ComparedPart()
    agreement_per_choice: dict[str, CoefficientPart] = {}
    stimuli: list[ClipPart] = []
    conditions: dict[str, LevelPart] = {}
    composers: dict[str, LevelPart] = {}
    by: dict[str, dict[str, LevelPart]] = {}
    comparisons: list[DifferencePart] = []
    picture_music: dict[str, DifferencePart] = {}
    seed_study: SeedPart = SeedPart()
    included_only: CellPart | None = None
    people: PeoplePart = PeoplePart()
    per_intended: dict[str, dict[str, CoefficientPart]] = {}
    raters: list[RaterPart] = []
    folds: dict[str, FoldPart] = {}
    valence_arousal: PlanePart = PlanePart()
    measures: dict[str, Any] = {}
    settings: SettingsPart | None = None
    asked: list[AskedPart] | None = None
    course: list[WidthPart] | None = None

    def omitted(self) -> frozenset[str]:
        """Return what a wide or counts table has no numbers for, and what only a study (a closed one) has."""
        of_studies = frozenset(name for name in ("asked", "course") if getattr(self, name) is None)
        return of_studies if self.settings else NOT_IN_A_PLAIN_TABLE | of_studies

    def __getitem__(self, name: str) -> Any:
        if name not in self.__struct_fields__ or name in self.omitted():
            raise KeyError(name)
        return as_plain(getattr(self, name))

    def __contains__(self, name: object) -> bool:
        return name in tuple(self.keys())

    def __iter__(self) -> Iterator[str]:
        return self.keys()

    def __len__(self) -> int:
        return len(tuple(self.keys()))

    def keys(self) -> Iterator[str]:
        """Return the names of the file."""
        left_out = self.omitted()
        return (name for name in self.__struct_fields__ if name not in left_out)
