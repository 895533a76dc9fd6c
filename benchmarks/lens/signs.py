"""Expected signs, and how fitted weights stand to them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from survey.analysis.estimates import Interval
from survey.analysis.lens import Lens, LensNumber

EXPECTED: Final = Path(__file__).with_name("expected_signs.csv")

AGREES: Final = "agrees"
DISAGREES: Final = "disagrees"
HOLDS_0: Final = "holds 0"
"""The interval of the weight: without 0 and as expected, without 0 and the other way, or with 0."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One direction that the literature names: more of the attribute makes the judgement likelier (1) or not (−1)."""

    judgement: str
    attribute: str
    sign: int
    source: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A weight of the lens, its interval and its simple correlation, beside the expected sign."""

    expected: Expected
    weight: float
    interval: Interval
    correlation: float

    @property
    def outcome(self) -> str:
        """How the interval stands to the expected sign.

        >>> expected = Expected("Q3", "tempo", -1, "")
        >>> Compared(expected, -0.2, (-0.3, -0.1), -0.4).outcome, Compared(expected, -0.2, (-0.5, 0.1), -0.4).outcome
        ('agrees', 'holds 0')
        """
        if self.interval[0] <= 0 <= self.interval[1]:
            return HOLDS_0
        return AGREES if (self.interval[0] > 0) == (self.expected.sign > 0) else DISAGREES

    @property
    def same_weight(self) -> bool:
        """Whether the weight has the expected sign, be its interval as it may."""
        return self.weight * self.expected.sign > 0

    @property
    def same_correlation(self) -> bool:
        """Whether the simple correlation has it."""
        return self.correlation * self.expected.sign > 0


def read_expected(path: Path = EXPECTED) -> list[Expected]:
    """Read the expected signs.

    Raises
    ------
    ValueError
        When a sign is neither + nor −, or a row comes twice.
    """
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if wrong := [row["sign"] for row in rows if row["sign"] not in ("+", "-")]:
        raise ValueError(f"A sign is + or -, not {wrong[0]!r} ({path.name}).")
    found = [Expected(r["judgement"], r["attribute"], 1 if r["sign"] == "+" else -1, r["source"]) for r in rows]
    if len({(one.judgement, one.attribute) for one in found}) < len(found):
        raise ValueError(f"A judgement and an attribute stand twice in {path.name}.")
    return found


def compare(expected: Iterable[Expected], lenses: Iterable[Lens]) -> list[Compared]:
    """Return the expected signs with what the lenses say; `lenses` have each judgement once.

    The lens's sender's side is taken: where clips are what they were taken for both sides have the same weights, and
    only the sender's has an interval, of new pieces alone.

    Raises
    ------
    ValueError
        When an attribute has no weight for a judgement, as it does not vary or clips are too few.
    """
    weights = {
        (one.emotion, cue.cue): (cue.validity, cue.r_sender)
        for lens in lenses
        for one in lens.emotions
        for cue in one.cues
    }
    found = []
    for one in expected:
        weight, correlation = weights.get((one.judgement, one.attribute), (LensNumber(None), None))
        if weight.estimate is None or weight.interval is None or correlation is None:
            raise ValueError(
                f"{one.attribute} has no weight with an interval for {one.judgement}: it does not vary, or clips are"
                " too few."
            )
        found.append(Compared(one, weight.estimate, weight.interval, correlation))
    return found


def count(compared: Iterable[Compared]) -> Mapping[str, int]:
    """Return how many there are of each outcome, and how many weights and correlations have the expected sign."""
    rows = list(compared)
    outcomes = {name: sum(row.outcome == name for row in rows) for name in (AGREES, DISAGREES, HOLDS_0)}
    return {
        "signs": len(rows),
        **outcomes,
        "weights as expected": sum(row.same_weight for row in rows),
        "correlations as expected": sum(row.same_correlation for row in rows),
    }
