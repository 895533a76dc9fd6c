"""How often the chosen answer is the intended emotion, and for which claim each interval stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from survey.analysis.bootstrap import bootstrap_share, percentile_interval
from survey.analysis.clustering import ClusteredVariance, share_influence, spread_of_influence, within_strata
from survey.analysis.estimates import NO_ANSWERS, Codes, Interval, Truths, as_list, divide, join_reasons
from survey.analysis.proportions import exact_binomial, proportion_index, share_interval, wilson, wilson_share

ONE_PARTICIPANT = "not defined: one participant says nothing about new people"
ONE_STIMULUS = "not defined: one clip says nothing about new clips"
NOT_ASKED = "not asked for"
NO_SPREAD = "the answers show no spread between {units}; Wilson's interval with one answer per {unit} instead"
TINY = 1e-18
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A hit rate with its intervals.

    Attributes
    ----------
    n, hits, participants_n, stimuli_n : int
    estimate : float or None
    chance : float or None
        1 / number of options offered.
    wilson : Interval or None
        As if all answers were independent: right for one clip, too narrow for anything pooled.
    participants : Interval or None
        For new people hearing *these clips*: variance clustered by person, t(P − 1), of fewer degrees where a few
        people gave most answers (`clustering.balance`).
    participants_stimuli : Interval or None
        For new people hearing *new clips of this generator*, of the same emotions: variance two-way clustered,
        the clips within their emotion, t(min(P − 1, S − emotions)), both likewise. Both are
        Wilson's with an effective n.
    bootstrap : Interval or None
        The same claim by the people × clips bootstrap (Owen 2007), percentile.
    p_value, p_two_sided : float or None
        Exact binomial test against chance (above; two-sided), only as orientation.
    proportion_index : float or None
        The hit rate as it would be among two options.
    reasons : dict
        Field name → why it is None, or how it was replaced.
    """

    n: int
    hits: int
    participants_n: int
    stimuli_n: int
    estimate: float | None
    chance: float | None
    wilson: Interval | None = None
    participants: Interval | None = None
    participants_stimuli: Interval | None = None
    bootstrap: Interval | None = None
    p_value: float | None = None
    p_two_sided: float | None = None
    proportion_index: float | None = None
    reasons: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return plain data with the names of the command line."""
        return {
            "estimate": self.estimate,
            "n": self.n,
            "hits": self.hits,
            "chance": self.chance,
            "wilson": as_list(self.wilson),
            "participants": as_list(self.participants),
            "participants_stimuli": as_list(self.participants_stimuli),
            "bootstrap": as_list(self.bootstrap),
            "p_value": self.p_value,
            "p_value_alternative": "greater",
            "p_value_two_sided": self.p_two_sided,
            "proportion_index": self.proportion_index,
            "reason": join_reasons({name: why for name, why in self.reasons.items() if why != NOT_ASKED}),
            "reasons": self.reasons,
        }


def measure_accuracy(
    hits: Truths,
    participants: Codes,
    stimuli: Codes,
    k: int,
    *,
    strata: Codes | None = None,
    replicates: int = 0,
    seed: int = 0,
) -> Accuracy:
    """Return the hit rate of answers among `k` options.

    Parameters
    ----------
    hits : array of bool, shape (N,)
    participants, stimuli : array of int, shape (N,)
        Codes ≥ 0 of the person and the clip of every answer; answers to one piece of music have one code, however
        often it was used.
    k : int
        Number of options offered, "none of these" among them.
    strata : array of int, shape (N,), optional
        Codes ≥ 0 of the intended emotion of every answer.
    replicates : int
        Replicates of the two-way bootstrap; 0 leaves it out.
    seed : int

    Notes
    -----
    Where every answer is a hit (or none is), or all people do equally well, the clustered variance is 0 and
    an interval of no width would claim certainty. Then each person (or the fewer of people and clips) counts
    as one answer in Wilson's interval, and `reasons` says so.

    Examples
    --------
    >>> people, clips = np.repeat(np.arange(4), 4), np.tile(np.arange(4), 4)
    >>> result = measure_accuracy(people <= clips, people, clips, k=8)
    >>> result.estimate, [round(end, 4) for end in result.participants]
    (0.625, [0.2004, 0.9173])
    >>> empty = np.empty(0, int)
    >>> measure_accuracy(empty > 0, empty, empty, k=8).reasons["estimate"]
    'not defined: there are no answers'
    """
    chance = divide(1, k)
    n, count = int(hits.size), int(np.count_nonzero(hits))
    if n == 0:
        names = ("estimate", "wilson", "participants", "participants_stimuli", "bootstrap", "p_value")
        return Accuracy(0, 0, 0, 0, None, chance, reasons=dict.fromkeys(names, NO_ANSWERS))
    estimate = count / n
    spread = spread_of_hits(hits, participants, stimuli, strata)
    reasons: dict[str, str] = {}
    by_people = _people_interval(estimate, spread, reasons)
    by_both = _two_way_interval(estimate, spread, reasons)
    bootstrap = None
    if not replicates:
        reasons["bootstrap"] = NOT_ASKED
    else:
        bootstrap = _bootstrap(hits, participants, stimuli, spread, replicates, seed, reasons)
    if k < 2:
        reasons["p_value"] = "not defined: with one option every answer is a hit by chance"
    return Accuracy(
        n,
        count,
        spread.participants,
        spread.stimuli,
        estimate,
        chance,
        wilson(count, n),
        by_people,
        by_both,
        bootstrap,
        exact_binomial(count, n, chance or 0.0),
        exact_binomial(count, n, chance or 0.0, "two-sided"),
        proportion_index(estimate, k),
        reasons,
    )


def spread_of_hits(hits: Truths, participants: Codes, stimuli: Codes, strata: Codes | None) -> ClusteredVariance:
    """Return the variances of a hit rate: people compared with the mean of all answers, clips with their stratum's.

    The arguments are those of `measure_accuracy`.

    >>> people, clips = np.repeat(np.arange(4), 4), np.tile(np.arange(4), 4)
    >>> round(spread_of_hits(people <= clips, people, clips, None).variance_participants, 4)
    0.026
    """
    values = hits.astype(float)
    everywhere = spread_of_influence(share_influence(values), participants, stimuli)
    if strata is None:
        return everywhere
    influence, means = within_strata(values, strata, stimuli)
    if means == 1:
        return everywhere
    inside = spread_of_influence(influence, participants, stimuli, means)
    by_people = everywhere.variance_participants
    # New people with these clips are compared with the mean of all; only what clips differ by is taken within strata.
    return replace(inside, variance_participants=by_people, variance_both=max(inside.variance_both, by_people))


def interval_over_people(estimate: float, spread: ClusteredVariance) -> Interval | None:
    """Return the interval for new people and these clips, None for fewer than two people.

    Where the answers show no spread between people, each of them counts as one answer.

    >>> spread = ClusteredVariance(5, 4, variance_participants=0.0, variance_stimuli=0.0, variance_both=0.0)
    >>> [round(end, 3) for end in interval_over_people(1.0, spread)]
    [0.566, 1.0]
    """
    if spread.participants < 2:
        return None
    if spread.variance_participants < TINY:
        return wilson_share(estimate, spread.participants, NORMAL_95)
    return share_interval(estimate, _effective(estimate, spread.variance_participants), spread.degrees_participants)


def _effective(estimate: float, variance: float) -> float:
    return estimate * (1 - estimate) / variance


def _people_interval(estimate: float, spread: ClusteredVariance, reasons: dict[str, str]) -> Interval | None:
    if spread.participants < 2:
        reasons["participants"] = ONE_PARTICIPANT
    elif spread.variance_participants < TINY:
        reasons["participants"] = NO_SPREAD.format(units="participants", unit="participant")
    return interval_over_people(estimate, spread)


def _two_way_interval(estimate: float, spread: ClusteredVariance, reasons: dict[str, str]) -> Interval | None:
    if spread.degrees < 1:
        reasons["participants_stimuli"] = ONE_PARTICIPANT if spread.participants < 2 else ONE_STIMULUS
        return None
    if spread.variance_both < TINY:
        reasons["participants_stimuli"] = NO_SPREAD.format(
            units="participants or clips", unit="participant or clip, whichever are fewer"
        )
        # No variance at all would make an interval of no width: each person (or clip, the fewer) as one answer instead.
        return wilson_share(estimate, min(spread.participants, spread.stimuli), NORMAL_95)
    return share_interval(estimate, _effective(estimate, spread.variance_both), spread.degrees)


def _bootstrap(
    hits: Truths,
    participants: Codes,
    stimuli: Codes,
    spread: ClusteredVariance,
    replicates: int,
    seed: int,
    reasons: dict[str, str],
) -> Interval | None:
    if spread.degrees < 1:
        reasons["bootstrap"] = ONE_PARTICIPANT if spread.participants < 2 else ONE_STIMULUS
        return None
    if hits.all() or not hits.any():
        reasons["bootstrap"] = "not defined: every answer is alike, so every replicate is"
        return None
    return percentile_interval(bootstrap_share(hits, participants, stimuli, replicates=replicates, seed=seed))
