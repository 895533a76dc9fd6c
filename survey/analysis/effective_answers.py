"""How many independent answers the study's answers are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from survey.analysis.accuracy import ONE_PARTICIPANT, ONE_STIMULUS, TINY, spread_of_hits
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import Table
from survey.analysis.wording import counted, decimal

ALIKE = "not defined: the answers show no spread"


@dataclass(frozen=True, slots=True)
class Worth:
    """Of one claim."""

    effective: Annotated[float | None, "independent answers that would be as uncertain, p(1 − p) / variance"]
    design_effect: Annotated[float | None, "how many times as many answers are needed: n / effective (Kish)"]
    reason: Annotated[str | None, "why something is `null`"]


@dataclass(frozen=True, slots=True)
class EffectiveAnswers:
    """Of the primary cell's hit rate."""

    n: Annotated[int, "answers"]
    participants: Annotated[Worth, "for new people, these clips"]
    participants_stimuli: Annotated[Worth, "for new people and new clips"]


def measure_effective_answers(asked: Asked) -> EffectiveAnswers | None:
    """Return what the answers to the primary cell are worth; None where no clip has an intended emotion.

    Answers of one person hang together, and so do answers to one clip: n of them are as uncertain as
    p(1 − p) / variance independent ones, with the variances that the intervals of the hit rate use.

    References
    ----------
    Kish (1965), Survey Sampling, section 8.2; Korn & Graubard (1998), Survey Methodology 24, 193–201.
    """
    known = asked.primary.intended_only
    if not len(known):
        return None
    spread = spread_of_hits(known.hits, known.participant, known.pieces(), known.strata())
    rate = float(known.hits.mean())
    return EffectiveAnswers(
        len(known),
        _worth(len(known), rate, spread.variance_participants, spread.participants - 1, ONE_PARTICIPANT),
        _worth(
            len(known),
            rate,
            spread.variance_both,
            spread.degrees,
            ONE_PARTICIPANT if spread.participants < 2 else ONE_STIMULUS,
        ),
    )


def _worth(n: int, rate: float, variance: float, degrees: float, too_few: str) -> Worth:
    if degrees < 1:
        return Worth(None, None, too_few)
    if variance < TINY or not 0 < rate < 1:
        return Worth(None, None, ALIKE)
    # Of n independent answers the variance is p (1 − p)/n.
    effective = rate * (1 - rate) / variance
    return Worth(effective, n / effective, None)


def _tables(found: EffectiveAnswers) -> list[Table]:
    claims = (
        ("New people, new clips", found.participants_stimuli),
        ("New people, these clips", found.participants),
    )
    rows = [
        [claim, decimal(worth.effective, 0), decimal(worth.design_effect, 2), worth.reason or ""]
        for claim, worth in claims
    ]
    caption = (
        f"Of {counted(found.n, 'answer')} those of one person, and those to one clip, hang together: all say as much as"
        " so many independent ones; the design effect is the ratio. Below 1 the variance found is smaller than of"
        " independent answers: by chance, with few people or clips, or where people make the same mistakes at the same"
        " clips; take it for 1."
    )
    return [Table("effective", "What the answers are worth", ["Claim", "Independent", "Effect", "Note"], rows, caption)]


MEASURE = Measure(
    "effective_answers",
    "how many independent answers the hit rate's answers are worth",
    EffectiveAnswers,
    measure_effective_answers,
    tables=_tables,
    group=Group.RECOGNITION,
    place=20,
)
