"""All coefficients of one table with their intervals, for everybody and per emotion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from survey.analysis.agreement.coefficients import NAMES, reason_undefined
from survey.analysis.agreement.jackknife import jackknife_interval
from survey.analysis.agreement.sums import Sums, sums_per_item, sums_per_rater, total
from survey.analysis.estimates import Codes, Counts, Interval, as_list, number

NO_RATERS = "interval over participants not defined: the table does not say who answered"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient with its jackknife intervals; `interval` is the wider of the two.

    `reason` says why the estimate or every interval is missing, `reasons` why a single interval is.
    """

    estimate: float | None
    interval: Interval | None = None
    over_participants: Interval | None = None
    over_stimuli: Interval | None = None
    reason: str = ""
    reasons: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return plain data with the names of the command line."""
        return {
            "estimate": self.estimate,
            "interval": as_list(self.interval),
            "interval_participants": as_list(self.over_participants),
            "interval_stimuli": as_list(self.over_stimuli),
            "reason": self.reason or None,
            "reasons": self.reasons,
        }


def measure_agreement(
    counts: Counts,
    items: Codes | None = None,
    raters: Codes | None = None,
    answers: Codes | None = None,
) -> dict[str, Coefficient]:
    """Return percent agreement, Fleiss κ, Krippendorff α, AC1 and Brennan–Prediger with intervals.

    Parameters
    ----------
    counts : array of int, shape (S, q)
        Answers per clip and *declared* choice.
    items, raters, answers : array of int, shape (N,), optional
        The single answers behind the counts; with them there are intervals over participants too. A rater
        has at most one answer per item.

    Returns
    -------
    dict of str to Coefficient
        `over_stimuli` speaks of new clips judged by these people, `over_participants` of new people judging
        these clips, both by the jackknife; `interval` is the wider.

    Examples
    --------
    >>> result = measure_agreement(np.array([[5, 0, 0], [4, 1, 0], [0, 5, 0], [0, 1, 4]]))
    >>> round(result["fleiss_kappa"].estimate, 4), [round(end, 3) for end in result["percent"].interval]
    (0.685, [0.433, 1.0])
    """
    parts = sums_per_item(counts)
    heard = parts.heard > 0
    sums = total(parts)
    values = sums.coefficients()
    by_clip = sums.without(_rows(parts, heard)).coefficients()
    by_person = None
    if items is not None and raters is not None and answers is not None and answers.size:
        by_person = _without_each_rater(sums, counts, items, raters, answers)
    return {
        name: _coefficient(name, float(values[name]), reason_undefined(counts, name), by_clip, by_person)
        for name in NAMES
    }


def _without_each_rater(sums: Sums, counts: Counts, items: Codes, raters: Codes, answers: Codes) -> dict[str, Any]:
    present = np.bincount(raters) > 0
    taken = sums_per_rater(counts, items, raters, answers, present.size)
    return sums.without(_rows(taken, present)).coefficients()


def _rows(parts: Sums, keep: Any) -> Sums:
    if keep.all():
        return parts
    return Sums(
        parts.agreed[keep],
        parts.compared[keep],
        parts.shares[keep],
        parts.heard[keep],
        parts.coincident[keep],
        parts.paired[keep],
    )


def _coefficient(
    name: str, value: float, reason: str, by_clip: dict[str, Any], by_person: dict[str, Any] | None
) -> Coefficient:
    if reason or number(value) is None:
        return Coefficient(None, reason=reason or "not defined for these answers")
    clips, why_clips = jackknife_interval(name, value, by_clip[name], "clip")
    people, why_people = (
        (None, NO_RATERS) if by_person is None else jackknife_interval(name, value, by_person[name], "participant")
    )
    wider = max((found for found in (clips, people) if found), key=lambda ends: ends[1] - ends[0], default=None)
    reasons = {"interval_stimuli": why_clips, "interval_participants": why_people}
    reasons = {place: why for place, why in reasons.items() if why}
    return Coefficient(
        value, wider, people, clips, "" if wider else "; ".join(dict.fromkeys(reasons.values())), reasons
    )


def agree_on_choices(counts: Counts, choices: Sequence[str]) -> dict[str, Coefficient]:
    """Return Fleiss' κ of every choice against all others.

    For equal numbers of raters this is Fleiss' own category κ.

    References
    ----------
    Fleiss (1971): .245, .245, .520, .471 and .566 for his five diagnoses (as R's irr prints them).

    Examples
    --------
    >>> table = np.array([[3, 0, 0], [0, 3, 0], [0, 2, 1]])
    >>> {name: kappa.estimate and round(kappa.estimate, 4) for name, kappa in agree_on_choices(table, "abc").items()}
    {'a': 1.0, 'b': 0.55, 'c': -0.125}
    """
    everyone = counts.sum(axis=1)
    result = {}
    for place, choice in enumerate(choices):
        folded = np.column_stack([counts[:, place], everyone - counts[:, place]])
        if everyone.any() and not counts[:, place].any():
            result[choice] = Coefficient(None, reason=f"not defined: nobody chose {choice}")
        else:
            result[choice] = measure_agreement(folded)["fleiss_kappa"]
    return result
