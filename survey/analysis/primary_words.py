"""What is said of the primary measure before all else: its result, the numbers planned, and what is exploratory."""

from __future__ import annotations

from collections.abc import Iterator

from survey.analysis.estimates import ALPHA
from survey.analysis.planned import DIFFERENCES, NEW_TARGETS
from survey.analysis.primary import Primary
from survey.analysis.wording import (
    counted,
    decimal,
    decimals,
    equals_p,
    new_ones,
    points,
    points_interval,
    presented,
    share,
    shares,
)

NO_PLAN = (
    "No plan of analysis comes with these answers: everything here is exploratory. It describes what was found,"
    " and a new study has to confirm it."
)
NO_MEASURE = (
    "The plan names no primary measure: everything here is exploratory. The rules and numbers it does name were fixed"
    " before the data came."
)
REST = "Everything that follows is exploratory: the plan does not name it as the primary measure."
PAIRS_IN_WORDS = (
    "The plan names its primary measure in words, “{words}”; this report does not read words. Above is the preference"
    " between the two that were compared, under the planned rules. Whether that is what was planned is for the reader"
    " to say; whatever else the words do not name is exploratory."
)
IN_WORDS = (
    "The plan names its primary measure in words, “{words}”, and no cell to compute it from; this report does not read"
    " words. Above is the measure of the cell that it takes by itself, under the planned rules. Whether that is what"
    " was planned is for the reader to say; whatever else the words do not name is exploratory."
)
WITHOUT_RESULT = "The planned measure has no result here; everything that follows is exploratory."
NO_SENSITIVITY = "every trial named the intended emotion, so this is no sensitivity"
UNFINISHED = "People who did not finish count with the answers that they gave."


def say_primary(found: Primary) -> list[str]:
    """Return what comes first in every report, sentence by sentence; the plan itself stands beside it.

    Examples
    --------
    >>> from survey.analysis.ratings import collect
    >>> from survey.analysis.primary import measure_primary
    >>> say_primary(measure_primary(collect([]), None))[0][:44]
    'No plan of analysis comes with these answers'
    """
    if found.fixed_at is None:
        return [NO_PLAN]
    if found.measure is None and found.planned_cell is None:
        return [NO_MEASURE, *_numbers(found)]
    rest = REST if found.planned_cell else IN_WORDS.format(words=found.measure)
    if found.kind == "preference":
        rest = PAIRS_IN_WORDS.format(words=found.measure)
    if found.estimate is None:
        rest = WITHOUT_RESULT
    return [_result(found), *_numbers(found), rest]


def _result(found: Primary) -> str:
    if found.estimate is None:
        return f"Primary measure: {found.reason}."
    lead = "Primary measure, as planned" if found.planned_cell else "The report's main measure"
    return f"{lead} – {SAID[found.kind](found)}."


def _where(found: Primary) -> str:
    return f"{presented(found.cell).lower()}: " if found.cell else ""


def _who(found: Primary) -> str:
    """Answers, people, and whom the rules leave out of these."""
    out = f"; the planned rules leave out {_people(found.left_out)} with answers here" if found.left_out else ""
    return f"{counted(found.n or 0, 'answer')} of {_people(found.participants or 0)}{out}"


def _hit_rate(found: Primary) -> str:
    return (
        f"{_where(found)}listeners picked the intended emotion in {share(found.estimate)} of trials (95 % interval for"
        f" new people and {new_ones(found.cell)} {shares(found.interval)}; for these clips {shares(found.these_clips)};"
        f" a guesser {share(found.chance)}; {_who(found)})"
    )


def _yes_share(found: Primary) -> str:
    return (
        f"{_where(found)}listeners said yes in {share(found.estimate)} of trials (95 % interval for new people and"
        f" {new_ones(found.cell)} {shares(found.interval)}; for these clips {shares(found.these_clips)};"
        f" {NO_SENSITIVITY}; {_who(found)})"
    )


def _sensitivity(found: Primary) -> str:
    return (
        f"{_where(found)}sensitivity d′ = {decimal(found.estimate, 2)} (95 % interval for new people and"
        f" {new_ones(found.cell)} {decimals(found.interval, 2)}; for these clips {decimals(found.these_clips, 2)};"
        f" d′ > 0: one-sided {equals_p(found.p_value)}; yes to {share(found.share_a)} of the targets and"
        f" {share(found.share_b)} of the lures; {_who(found)})"
    )


def _difference(found: Primary) -> str:
    if found.planned_cell == NEW_TARGETS:
        compared, emotion = "new targets − old targets", "the intended emotion"
    else:
        one = DIFFERENCES[found.planned_cell or ""]
        compared, emotion = one.cells.lower(), f"the {one.of}’s emotion"
    return (
        f"{compared}: {emotion} was picked in {share(found.share_a)} of trials against"
        f" {share(found.share_b)}, a difference of {points(found.estimate)} points (95 % interval for new people and"
        f" new clips {points_interval(found.interval)}; two-sided {equals_p(found.p_value)}, α = .05; {_who(found)})"
    )


def _preference(found: Primary) -> str:
    told = "no preference can be told"
    if found.p_value is not None and found.p_value < ALPHA:
        told = f"the {'first' if (found.estimate or 0.0) > 0.5 else 'second'} of them was preferred"
    directly = round((found.share_a or 0.0) * (found.n or 0))
    return (
        f"P({found.cell}) = {share(found.estimate)} by the model (95 % interval for new people and new clips"
        f" {shares(found.interval)}; for these clips {shares(found.these_clips)}); the first of them was chosen in"
        f" {directly} of {_who(found)}; {told} (no preference is 50 %: two-sided {equals_p(found.p_value)}, α = .05)"
        f"{f'; {found.reason}' if found.reason else ''}"
    )


SAID = {
    "hit_rate": _hit_rate,
    "yes_share": _yes_share,
    "sensitivity": _sensitivity,
    "difference": _difference,
    "preference": _preference,
}
"""Kind of a primary measure → how its result reads."""


def _numbers(found: Primary) -> Iterator[str]:
    """Whether as many people took part as were planned."""
    if found.planned_n is None or found.complete is None:
        return
    beyond = found.complete - found.planned_n
    if not found.closed:
        yield f"Planned: {_people(found.planned_n)}; so far {found.complete} are complete."
    elif beyond:
        yield (
            f"The plan named {_people(found.planned_n)}; the study was closed with {found.complete} complete,"
            f" {abs(beyond)} {'more' if beyond > 0 else 'fewer'}."
        )
    else:
        yield f"The study was closed with the {_people(found.planned_n)} that the plan named."
    if found.participants is not None and found.participants > found.complete:
        yield UNFINISHED


def _people(number: int) -> str:
    return counted(number, "person", "people")
