"""The hit rate with and without the people whom the quality rules, or a researcher, leave out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from survey.analysis.by_name import pieces_by_name, ranks_by_name
from survey.analysis.estimates import Truths
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import Table
from survey.analysis.ratings.container import Ratings
from survey.analysis.recognition import recognise_emotions
from survey.analysis.sensitivity.rate import SAID, Rate, rate_of, verb
from survey.analysis.wording import share, shares

BY_RULES = "rules"
"""Level of the fact `left_out` of people whom the rules leave out, whatever a researcher says."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The primary cell with some of the people."""

    rate: Annotated[Rate, "the hit rate"]
    recognised: Annotated[int | None, "emotions recognised beyond chance (Holm)"]
    tested: Annotated[int, "emotions tested; 0 with `--replicates 0`"]


@dataclass(frozen=True, slots=True)
class RulesApplied:
    """With the rules of exclusion and without."""

    everybody: Annotated[Kept, "nobody left out"]
    rules: Annotated[Kept | None, "without those whom the rules leave out; `null` where nobody else is left out"]
    included: Annotated[Kept, "without those whom a researcher set aside either"]


def measure_rules_applied(asked: Asked) -> RulesApplied | None:
    """Return the primary cell for everybody and for those included; None where nobody is left out."""
    primary = asked.primary
    if primary.included.all():
        return None
    by_rules = left_out_by_rules(primary)
    others = bool((~primary.included & ~by_rules).any()) and bool(by_rules.any())
    return RulesApplied(
        _keep(primary, np.ones(len(primary), bool), asked),
        _keep(primary, ~by_rules, asked) if others else None,
        _keep(primary, primary.included, asked),
    )


def left_out_by_rules(ratings: Ratings) -> Truths:
    """Return which answers are of people whom the rules leave out, shape (N,); all that are not included where the
    ratings do not say why."""
    fact = ratings.people_facts.get("left_out")
    if fact is None:
        return ~ratings.included
    result: Truths = (np.array(fact.levels, object)[fact.codes] == BY_RULES)[ratings.participant]
    return result


def _keep(ratings: Ratings, keep: Truths, asked: Asked) -> Kept:
    known = ratings.select(keep & (ratings.intended >= 0))
    found = recognise_emotions(
        ranks_by_name(known.participants)[known.participant],
        pieces_by_name(known),
        known.intended,
        known.chosen,
        len(known.emotions),
        answers=known.k,
        replicates=asked.replicates,
        seed=asked.seed,
    )
    tested = [one for one in found if one.is_recognised is not None]
    return Kept(rate_of(known), sum(bool(one.is_recognised) for one in tested) if tested else None, len(tested))


def _tables(found: RulesApplied) -> list[Table]:
    kept = [("Everybody", found.everybody), ("Rules applied", found.rules), ("Included", found.included)]
    rows = [
        [
            label,
            str(one.rate.participants),
            str(one.rate.n),
            share(one.rate.estimate),
            shares(one.rate.interval),
            SAID[one.rate.conclusion],
            "–" if one.recognised is None else f"{one.recognised} of {one.tested}",
        ]
        for label, one in kept
        if one is not None
    ]
    header = ["Who counts", "People", "Answers", "Hit rate", "New clips", "Beside chance", "Emotions recognised"]
    caption = "Rules as fixed at publication; included: without those whom a researcher set aside by hand either."
    return [
        Table("rules-applied", "Quality rules on and off", header, rows, caption, kinds={"Beside chance": "remark"})
    ]


def _sentences(found: RulesApplied) -> list[str]:
    if found.everybody.rate.conclusion == found.included.rate.conclusion:
        return []
    return [
        "Whether people are left out changes where the interval of the hit rate lies: with everybody it"
        f" {verb(found.everybody.rate.conclusion)}, with those included it {verb(found.included.rate.conclusion)}."
    ]


MEASURE = Measure(
    "rules_applied",
    "the hit rate with the rules of exclusion and without",
    RulesApplied,
    measure_rules_applied,
    tables=_tables,
    sentences=_sentences,
    group=Group.SENSITIVITY,
    place=10,
)
