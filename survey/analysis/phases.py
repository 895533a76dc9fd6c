"""The phases of a report, in their order, for whoever waits for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Told = Callable[[str], None]
"""Is called with the key of every phase when it begins, and for each measure with its name behind a space."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase: its key, what it is in words, and the per cent of a report's time that it takes."""

    key: str
    words: str
    share: int


PHASES = (
    Phase("reading", "Reading the answers", 7),
    Phase("accuracy", "Hit rates and agreement, bootstrap and permutation test", 5),
    Phase("comparisons", "Comparisons", 1),
    Phase("measures", "Measures, of which the mixed model takes longest", 80),
    Phase("parts", "Cells and composers apart", 3),
    Phase("people", "People, clips and the planned measure", 4),
)


def tell_nobody(phase: str) -> None:
    """Nobody waits for the report."""


def share_before(key: str) -> int:
    """Return the per cent of the time that the phases before this one take; of an unknown one nothing is done.

    >>> share_before("reading"), share_before("comparisons"), share_before("")
    (0, 12, 0)
    """
    keys = [phase.key for phase in PHASES]
    return sum(phase.share for phase in PHASES[: keys.index(key)]) if key in keys else 0
