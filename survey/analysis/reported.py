"""The report as types: what every outlet reads and ``report.json`` is written from; docs/report.md has the meanings.

Fields stand in the order of the file. A part leaves out of the file what `omitted` names: what a report of its kind
never has, rather than a null that nobody could fill.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from survey.analysis.estimates import Interval
from survey.analysis.primary import Primary, without_plan

AGREEMENT_ALONE = "not defined: this table has no intended emotions"
NOTHING: frozenset[str] = frozenset()
NOT_IN_A_PLAIN_TABLE = frozenset(
    (
        *("primary", "none", "response_bias", "top_confusions", "conditions", "composers", "by", "comparisons"),
        *("picture_music", "seed_study", "included_only", "people", "per_intended", "raters", "folds"),
        *("valence_arousal", "measures", "settings"),
    )
)
Matrix = list[list[int]]


class Part(msgspec.Struct, frozen=True):
    """A part of a report."""

    def omitted(self) -> frozenset[str]:
        """Return the names that this part does not have in the file."""
        return NOTHING


class SizesPart(Part, frozen=True):
    """Sizes; only a table of counts says why its participants are not known."""

    responses: int = 0
    participants: int | None = None
    stimuli: int = 0
    missing: int = 0
    reason: str | UnsetType | None = UNSET

    @property
    def people(self) -> int:
        """Participants, none where they are not known: in such a report only agreement is spoken of."""
        return self.participants or 0


class PermutationPart(Part, frozen=True):
    """Hits when intended emotions are permuted between clips."""

    expected: float | None = None
    p_value: float | None = None
    replicates: int = 0
    reason: str | None = None


class AccuracyPart(Part, frozen=True):
    """A hit rate."""

    estimate: float | None = None
    n: int = 0
    hits: int = 0
    chance: float | None = None
    wilson: Interval | None = None
    participants: Interval | None = None
    participants_stimuli: Interval | None = None
    bootstrap: Interval | None = None
    p_value: float | None = None
    p_value_alternative: str = "greater"
    p_value_two_sided: float | None = None
    proportion_index: float | None = None
    reason: str | None = None
    reasons: dict[str, str] = {}

    def interval_named(self, name: str) -> Interval | None:
        """Return the interval that a claim names."""
        known = {
            "wilson": self.wilson,
            "participants": self.participants,
            "participants_stimuli": self.participants_stimuli,
            "bootstrap": self.bootstrap,
        }
        return known[name]


class WholeAccuracyPart(AccuracyPart, frozen=True):
    """The hit rate of a whole cell, with its permutation test and without the answers "none of these"."""

    permutation: PermutationPart = PermutationPart()
    excluding_none: AccuracyPart | None = None

    def omitted(self) -> frozenset[str]:
        """Without intended emotions there is nothing to count."""
        if self.reason != AGREEMENT_ALONE:
            return NOTHING
        return frozenset(
            ("n", "hits", "bootstrap", "p_value_alternative", "p_value_two_sided", "proportion_index", "reasons")
        ) | {"permutation", "excluding_none"}


class FoldAccuracyPart(Part, frozen=True):
    """The hit rate of a fold; its chance is no guesser's, so there is no test against one."""

    estimate: float | None = None
    n: int = 0
    hits: int = 0
    chance: float | None = None
    wilson: Interval | None = None
    participants: Interval | None = None
    participants_stimuli: Interval | None = None
    reason: str | None = None
    reasons: dict[str, str] = {}


class ConfusionPart(Part, frozen=True):
    """Intended × chosen."""

    rows: list[str] = []
    columns: list[str] = []
    counts: Matrix = []
    row_shares: list[list[float | None]] = []
    reason: str | None = None

    def omitted(self) -> frozenset[str]:
        """Shares of rows, or the reason why there are no rows."""
        return frozenset(("row_shares",)) if self.reason else frozenset(("reason",))


class RecallPart(Part, frozen=True):
    """The hit rate of an emotion."""

    estimate: float | None = None
    wilson: Interval | None = None
    reason: str | None = None
    participants: Interval | None = None
    participants_stimuli: Interval | None = None
    reasons: dict[str, str] = {}


class UnbiasedPart(Part, frozen=True):
    """The unbiased hit rate, person by person."""

    mean: float | None = None
    chance: float | None = None
    participants: int = 0


class EmotionPart(Part, frozen=True):
    """An intended emotion."""

    n: int = 0
    hits: int = 0
    recall: RecallPart = RecallPart()
    precision: float | None = None
    f1: float | None = None
    hu: float | None = None
    hu_chance: float | None = None
    reason: str | None = None
    reasons: dict[str, str] = {}
    clips: int = 0
    chance: float | None = None
    chance_n: int = 0
    chance_interval: Interval | None = None
    difference: float | None = None
    p_value: float | None = None
    p_value_alternative: str = "greater"
    p_holm: float | None = None
    smallest_p: float | None = None
    guess: float | None = None
    p_guess: float | None = None
    recognised: bool | None = None
    hu_participants: UnbiasedPart = UnbiasedPart()


class BiasPart(Part, frozen=True):
    """How often an answer was given."""

    choice: str
    n: int = 0
    share: float | None = None
    intended_share: float | None = None
    ratio: float | None = None
    reason: str | None = None


class TakenPart(Part, frozen=True):
    """One emotion taken for another."""

    intended: str
    chosen: str
    n: int
    share: float
    interval: Interval | None = None


class CoefficientPart(Part, frozen=True):
    """A coefficient of agreement."""

    estimate: float | None = None
    interval: Interval | None = None
    interval_for: str | None = None
    interval_participants: Interval | None = None
    interval_stimuli: Interval | None = None
    interval_participants_stimuli: Interval | None = None
    reason: str | None = None
    reasons: dict[str, str] = {}


class ComparedPart(Part, frozen=True):
    """What agreement is measured among."""

    unit: str = ""
    units: int = 0
    answers: int = 0
    pairs: int = 0
    same: int = 0


class ClipPart(Part, frozen=True):
    """The consensus on a clip; only where lures were named there are some."""

    stimulus: str
    intended: str | None = None
    n: int = 0
    hits: int | None = None
    hit_rate: float | None = None
    modes: list[str] = []
    modal_share: float | None = None
    pairwise_agreement: float | None = None
    evenness: float | None = None
    wilson: Interval | None = None
    reason: str | None = None
    reasons: dict[str, str] = {}
    lures: int | None = None
    false_alarms: int | None = None

    def omitted(self) -> frozenset[str]:
        """Lures, where none were named."""
        return frozenset(("lures", "false_alarms")) if self.lures is None else NOTHING


class LevelPart(Part, frozen=True):
    """One level of a factor."""

    n: SizesPart
    accuracy: AccuracyPart
    emotions: dict[str, EmotionPart]
    confusion: Matrix
    agreement: dict[str, CoefficientPart]


class DifferencePart(Part, frozen=True):
    """Two groups compared: of levels of a factor, or what the answer follows, which has a label."""

    label: str = ""
    factor: str = ""
    a: str = ""
    b: str = ""
    n_a: int = 0
    n_b: int = 0
    share_a: float | None = None
    share_b: float | None = None
    difference: float | None = None
    error: float | None = None
    degrees: float = 0.0
    p_value: float | None = None
    p_holm: float | None = None
    margin: float = 0.0
    equivalence_p: float | None = None
    power: float | None = None
    interval: Interval | None = None
    reason: str | None = None
    emotions: list[str] = []
    emotions_left_out: list[str] = []

    def omitted(self) -> frozenset[str]:
        """The names of the other kind."""
        return frozenset(("factor", "emotions", "emotions_left_out")) if self.label else frozenset(("label",))


class SeedSharePart(Part, frozen=True):
    """What the seed study found."""

    hits: int = 0
    n: int = 0
    estimate: float | None = None
    wilson: Interval | None = None
    choices: int = 0


class SeedPart(Part, frozen=True):
    """Beside the seed study."""

    seed: SeedSharePart = SeedSharePart()
    ours: float | None = None
    difference: float | None = None
    interval: Interval | None = None
    reason: str | None = None


class SharePart(Part, frozen=True):
    """A share over people."""

    estimate: float | None = None
    n: int = 0
    interval: Interval | None = None
    reason: str | None = None


class PeoplePart(Part, frozen=True):
    """How reliable listeners were."""

    included: int = 0
    excluded: int = 0
    gold: SharePart = SharePart()
    repeats: SharePart = SharePart()
    median_seconds: float | None = None
    median_confidence: float | None = None
    reasons: dict[str, str] = {}


class RaterPart(Part, frozen=True):
    """One listener."""

    participant: str
    n: int = 0
    hit_rate: float | None = None
    agreement: float | None = None
    expected: float | None = None
    reason: str | None = None


class FoldPart(Part, frozen=True):
    """The answers folded to fewer classes, or why they cannot be."""

    classes: list[str] = []
    counts: Matrix = []
    accuracy: FoldAccuracyPart = FoldAccuracyPart()
    reason: str | None = None

    def omitted(self) -> frozenset[str]:
        """Everything but the reason where there is one."""
        return frozenset(("classes", "counts", "accuracy")) if self.reason else NOTHING


class DistancePart(Part, frozen=True):
    """How far the chosen emotion lies from the intended one."""

    estimate: float | None = None
    interval: Interval | None = None
    reason: str | None = None
    chance: float | None = None
    n: int | None = None
    without_coordinates: int | None = None

    def omitted(self) -> frozenset[str]:
        """What was not counted."""
        known = {"chance": self.chance, "n": self.n, "without_coordinates": self.without_coordinates}
        return frozenset(name for name, value in known.items() if value is None)


class PlacePart(Part, frozen=True):
    """Where an emotion lies, and the mean of those chosen for it."""

    intended: str
    n: int
    at: tuple[float, float]
    perceived: tuple[float, float] | None = None


class PlanePart(Part, frozen=True):
    """The plane of valence and arousal."""

    distance: DistancePart = DistancePart()
    map: list[PlacePart] = []


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

    ``report["accuracy"]`` is that part as it stands in the file, for notebooks.
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
    course: list[WidthPart] | None = None

    def omitted(self) -> frozenset[str]:
        """Return what a wide or counts table has no numbers for; the course of any study that is not closed."""
        course = NOTHING if self.course is not None else frozenset(("course",))
        return course if self.settings else NOT_IN_A_PLAIN_TABLE | course

    def __getitem__(self, name: str) -> Any:
        if name not in self.__struct_fields__ or name in self.omitted():
            raise KeyError(name)
        return as_plain(getattr(self, name))

    def keys(self) -> Iterator[str]:
        """Return the names of the file."""
        left_out = self.omitted()
        return (name for name in self.__struct_fields__ if name not in left_out)


def as_plain(value: Any) -> Any:
    """Return a report, or a part of it, as the file has it: plain data.

    Examples
    --------
    >>> as_plain(TakenPart("fear", "awe", 4, 0.5, (0.1, 0.9)))
    {'intended': 'fear', 'chosen': 'awe', 'n': 4, 'share': 0.5, 'interval': [0.1, 0.9]}
    """
    if isinstance(value, Part):
        left_out = value.omitted()
        found = {name: getattr(value, name) for name in value.__struct_fields__ if name not in left_out}
        return {name: as_plain(item) for name, item in found.items() if item is not UNSET}
    if isinstance(value, dict):
        return {name: as_plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return json.loads(json.dumps(msgspec.to_builtins(value)))  # NumPy's floats are floats, but not plain ones
    return value
