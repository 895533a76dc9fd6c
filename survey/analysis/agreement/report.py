"""All coefficients of one table with their intervals, for everybody and per emotion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from survey.analysis.agreement.coefficients import NAMES, reason_undefined, remark_on
from survey.analysis.agreement.jackknife import TWO_CLIPS, LeftOut, Scale, interval_for_both, jackknife_interval
from survey.analysis.agreement.sums import Sums, sums_per_answer, sums_per_item, sums_per_piece, sums_per_rater, total
from survey.analysis.estimates import Codes, Counts, Floats, Interval, as_list, number

BOTH, PEOPLE, CLIPS = "new people and new clips", "new people, these clips", "new clips, these people"
"""Of whom an interval speaks."""
BY_ANSWERS_GIVEN = ("fleiss_kappa", "krippendorff_alpha")
"""Their chance is what was answered to the clips themselves."""
NOTHING_KNOWN = "the interval holds every value: with so few answers nothing is known about this agreement"
NO_RATERS = "interval over participants not defined: the table does not say who answered"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient with its jackknife intervals.

    `over_both` speaks of new people and new clips, `over_participants` of new people judging these clips,
    `over_stimuli` of new clips judged by these people. `interval` is the first; the wider of the others where that is
    not defined, and `interval_for` says of whom it speaks.

    `reason` says why the estimate or every interval is missing, or what to know about the estimate; `reasons` says it
    name by name.
    """

    estimate: float | None
    interval: Interval | None = None
    interval_for: str | None = None
    over_participants: Interval | None = None
    over_stimuli: Interval | None = None
    over_both: Interval | None = None
    reason: str = ""
    reasons: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return plain data with the names of the command line."""
        return {
            "estimate": self.estimate,
            "interval": as_list(self.interval),
            "interval_for": self.interval_for,
            "interval_participants": as_list(self.over_participants),
            "interval_stimuli": as_list(self.over_stimuli),
            "interval_participants_stimuli": as_list(self.over_both),
            "reason": self.reason or None,
            "reasons": self.reasons,
        }


def measure_agreement(
    counts: Counts,
    items: Codes | None = None,
    raters: Codes | None = None,
    answers: Codes | None = None,
    pieces: Codes | None = None,
) -> dict[str, Coefficient]:
    """Return percent agreement, Fleiss κ, Krippendorff α, AC1 and Brennan–Prediger with intervals.

    Parameters
    ----------
    counts : array of int, shape (S, q)
        Answers per clip and *declared* choice.
    items, raters, answers : array of int, shape (N,), optional
        The single answers behind the counts; with them there are intervals over participants too. A rater
        has at most one answer per item.
    pieces : array of int, shape (S,), optional
        The piece that each item plays: items of one piece are left out together, as a new clip is of a new piece. Each
        item is a piece of its own unless given.

    Returns
    -------
    dict of str to Coefficient
        Without the single answers over clips alone.

    Examples
    --------
    >>> result = measure_agreement(np.array([[5, 0, 0], [4, 1, 0], [0, 5, 0], [0, 1, 4]]))
    >>> round(result["fleiss_kappa"].estimate, 4), [round(end, 3) for end in result["percent"].interval]
    (0.685, [0.319, 0.975])
    """
    parts = sums_per_item(counts)
    sums = total(parts)
    values = sums.coefficients()
    if pieces is not None:
        parts = sums_per_piece(parts, pieces)
    heard = parts.heard > 0
    single_left = bool((sums.compared > 1) and (sums.compared - parts.compared == 1).any())
    left = {"clip": _Without(sums, _rows(parts, heard))}
    if items is not None and raters is not None and answers is not None and answers.size:
        present = np.bincount(raters) > 0
        left["participant"] = _Without(
            sums, _rows(sums_per_rater(counts, items, raters, answers, present.size), present)
        )
        given = counts.ravel() > 0
        left["answer"] = _Without(sums, _rows(sums_per_answer(counts), given), counts.ravel()[given].astype(float))
    per_clip = float(sums.paired.sum() / max(float(sums.compared), 1.0))
    found = {}
    for name in NAMES:
        reason, value = reason_undefined(counts, name), float(values[name])
        if reason or number(value) is None:
            found[name] = Coefficient(None, reason=reason or "not defined for these answers")
            continue
        scale = Scale.of(name, per_clip, counts.shape[1], value)
        units = {unit: one.of(unit, name) for unit, one in left.items()}
        if single_left and name in BY_ANSWERS_GIVEN:
            units["clip"] = replace(units["clip"], says_nothing=TWO_CLIPS)
        found[name] = _with_intervals(value, units, scale, remark_on(counts, name))
    return found


class _Without:
    """All coefficients without each unit in turn."""

    def __init__(self, sums: Sums, taken: Sums, times: Floats | None = None) -> None:
        self.values = sums.without(taken).coefficients()
        self.times = times

    def of(self, unit: str, name: str) -> LeftOut:
        return LeftOut(unit, self.values[name], self.times)


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


def _with_intervals(value: float, left: dict[str, LeftOut], scale: Scale, remark: str) -> Coefficient:
    clips, why_clips = jackknife_interval(value, left["clip"], scale)
    people: Interval | None
    both: Interval | None
    if "participant" in left:
        people, why_people = jackknife_interval(value, left["participant"], scale)
        both, why_both = interval_for_both(value, left["participant"], left["clip"], left["answer"], scale)
    else:
        people, why_people, both, why_both = None, NO_RATERS, None, NO_RATERS
    alone = [(ends, what) for ends, what in ((clips, CLIPS), (people, PEOPLE)) if ends]
    wider = max(alone, key=lambda one: one[0][1] - one[0][0], default=(None, None))
    reasons = {
        "estimate": remark,
        "interval_stimuli": why_clips,
        "interval_participants": why_people,
        "interval_participants_stimuli": why_both,
    }
    reasons = {place: why for place, why in reasons.items() if why}
    shown, speaks_of = (both, BOTH) if both else wider
    if shown and shown is not both and "participant" in left:
        remark = "; ".join(part for part in (remark, f"interval for {speaks_of}") if part)
    if shown and shown[0] <= -1 and shown[1] >= 1:  # the whole scale of a coefficient
        remark = f"{remark}; {NOTHING_KNOWN}" if remark else NOTHING_KNOWN
        reasons["estimate"] = remark
    why = remark if shown else "; ".join(dict.fromkeys(reasons.values()))
    return Coefficient(value, shown, speaks_of, people, clips, both, why, reasons)


def agree_on_choices(
    counts: Counts,
    choices: Sequence[str],
    items: Codes | None = None,
    raters: Codes | None = None,
    answers: Codes | None = None,
    pieces: Codes | None = None,
) -> dict[str, Coefficient]:
    """Return Fleiss' κ of every choice against all others; parameters as in `measure_agreement`.

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
            others = None if answers is None else (answers != place).astype(np.int64)
            result[choice] = measure_agreement(folded, items, raters, others, pieces)["fleiss_kappa"]
    return result
