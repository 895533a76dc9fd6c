"""How often the intended emotion was chosen: sizes, hit rates, emotions, confusions."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from survey.analysis.estimates import Interval
from survey.analysis.reported.part import NOTHING, Part

AGREEMENT_ALONE = "not defined: this table has no intended emotions"
Matrix = list[list[int]]


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
    participants_stimuli: list[list[Interval | None]] = []
    interval_reasons: list[list[str | None]] = []
    reason: str | None = None

    def omitted(self) -> frozenset[str]:
        """Shares of rows with their intervals, or the reason why there are no rows."""
        return frozenset(("row_shares", "participants_stimuli", "interval_reasons") if self.reason else ("reason",))

    def interval_of(self, intended: str, chosen: str) -> tuple[Interval | None, str]:
        """Return the interval of a cell, or None and why; neither where there is no such cell."""
        if intended not in self.rows or chosen not in self.columns or not self.participants_stimuli:
            return None, ""
        row, column = self.rows.index(intended), self.columns.index(chosen)
        return self.participants_stimuli[row][column], self.interval_reasons[row][column] or ""


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
