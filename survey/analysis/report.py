"""Everything the study's numbers say, as plain data: the JSON of the command line and the results page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from survey.analysis.accuracy import measure_accuracy
from survey.analysis.agreement import (
    Coefficient,
    agree_on_choices,
    agreement_with_others,
    measure_agreement,
)
from survey.analysis.comparisons import MARGIN, compare_with_seed_study
from survey.analysis.conditions import measure_picture_and_music
from survey.analysis.confusion import count_confusions, response_bias, row_shares, score_emotions, top_confusions
from survey.analysis.consensus import describe_clips
from survey.analysis.estimates import Codes, Counts, as_list, number
from survey.analysis.families import MOST_COMPARISONS, compare_factors
from survey.analysis.folds import FOLDS, distance_to_intention, fold_ratings, mean_perceived
from survey.analysis.people import measure_people
from survey.analysis.permutation import permute_intentions
from survey.analysis.ratings import CountsTable, Ratings
from survey.analysis.unbiased import compare_with_chance

SCHEMA = "1.0"
"""Version of the names of a report, which docs/report.md lists: the first number moves where a name changes its meaning
or goes, the second where one is added."""
REPLICATES = 2000
NO_NONE = 'not defined: "none of these" was not offered'
AGREEMENT_ALONE = "not defined: this table has no intended emotions"


def analyse(
    ratings: Ratings,
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
    margin: float = MARGIN,
    most_comparisons: int = MOST_COMPARISONS,
) -> dict[str, Any]:
    """Return every measure of a study.

    Parameters
    ----------
    ratings : Ratings
    seed : int
        Of the bootstrap and the permutation test: the same seed gives the same numbers.
    replicates : int
        Of both; 0 leaves them out.
    margin : float
        Equivalence margin of comparisons, fixed in the plan.
    most_comparisons : int
        Of one factor; a factor with more pairs of levels is not compared, and a note says so.

    Returns
    -------
    dict
        ``n``, ``choices``, ``accuracy``, ``confusion``, ``emotions``, ``agreement``, ``stimuli`` and more;
        JSON without NaN. An interval is ``[low, high]`` or None, and a None has a reason.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating("P1", "S1", "", "fear", "fear"), Rating("P2", "S1", "", "fear", "awe")])
    >>> report = analyse(data, replicates=0)
    >>> report["accuracy"]["estimate"], report["agreement"]["percent"]["estimate"]
    (0.5, 0.0)
    """
    everything, ratings = ratings, main_trials(ratings)
    whole = analyse_cell(ratings, seed=seed, replicates=replicates)
    if len(ratings) and not len(ratings.intended_only):
        whole |= _without_intentions(ratings.choices)
    comparisons, notes = _comparisons(ratings, margin, most_comparisons)
    return {
        "schema": SCHEMA,
        "notes": [*ratings.notes, *notes],
        **whole,
        "conditions": analyse_levels(ratings, "condition"),
        "composers": analyse_levels(ratings, "composer"),
        "by": {factor: analyse_levels(ratings, factor) for factor in ratings.by},
        "comparisons": comparisons,
        "picture_music": measure_picture_and_music(ratings, margin),
        "seed_study": compare_with_seed_study(whole["accuracy"], ratings.k),
        "included_only": _included_only(ratings, seed),
        "people": measure_people(everything),
        "per_intended": _agreement_per_intended(ratings),
        "raters": describe_raters(ratings),
        "folds": {name: fold_ratings(ratings, name) for name in FOLDS},
        "valence_arousal": {"distance": distance_to_intention(ratings), "map": mean_perceived(ratings)},
        "settings": {"seed": seed, "replicates": replicates, "level": 0.95},
    }


def main_trials(ratings: Ratings) -> Ratings:
    """Return the trials that count: no gold, repeat or practice trials."""
    kind = ratings.factors["kind"]
    aside = [code for code, level in enumerate(kind.levels) if level in ("gold", "repeat", "practice")]
    return ratings.compact(~np.isin(kind.codes, aside)) if aside else ratings


def analyse_levels(ratings: Ratings, factor: str) -> dict[str, Any]:
    """Return size, accuracy, confusion and agreement of every level; empty for fewer than two levels."""
    levels = ratings.levels(factor)
    if len(levels) < 2:
        return {}
    return {level: _analyse_level(ratings.where(factor, level)) for level in levels}


def _analyse_level(ratings: Ratings) -> dict[str, Any]:
    known = ratings.intended_only
    accuracy = measure_accuracy(known.hits, known.participant, known.stimulus, ratings.k)
    matrix = count_confusions(ratings.intended, ratings.chosen, len(ratings.emotions), ratings.k)
    return {
        "n": _sizes(ratings),
        "accuracy": accuracy.as_json(),
        "confusion": matrix.tolist(),
        "agreement": {name: value.as_json() for name, value in agreement_of(ratings).items()},
    }


def _comparisons(ratings: Ratings, margin: float, most: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Every pair of conditions, of composers and of the factors asked for; Holm within each family."""
    factors = dict.fromkeys(("condition", "composer", *ratings.by))
    return compare_factors([(factor, ratings) for factor in factors], margin, most)


def _included_only(ratings: Ratings, seed: int) -> dict[str, Any] | None:
    """The same study without the people whom the quality rules leave out; None where nobody is."""
    if ratings.included.all():
        return None
    return analyse_cell(ratings.compact(ratings.included), seed=seed, replicates=0)


def analyse_cell(ratings: Ratings, *, seed: int = 0, replicates: int = REPLICATES) -> dict[str, Any]:
    """Return the measures that make sense for every cell of a design."""
    matrix = count_confusions(ratings.intended, ratings.chosen, len(ratings.emotions), ratings.k)
    table = _counts_per_stimulus(ratings)
    return {
        "n": _sizes(ratings),
        "choices": list(ratings.choices),
        "none": ratings.none,
        "accuracy": _accuracy(ratings, table, seed, replicates),
        "confusion": {
            "rows": list(ratings.emotions),
            "columns": list(ratings.choices),
            "counts": matrix.tolist(),
            "row_shares": row_shares(matrix),
        },
        "emotions": _emotions(ratings, matrix),
        "response_bias": response_bias(matrix, ratings.choices),
        "top_confusions": top_confusions(matrix, ratings.emotions, ratings.choices),
        "agreement": {name: value.as_json() for name, value in agreement_of(ratings).items()},
        "agreement_per_choice": {
            name: value.as_json() for name, value in agree_on_choices(ratings.counts(), ratings.choices).items()
        },
        "stimuli": [
            clip.as_json()
            for clip in describe_clips(table, ratings.stimuli, ratings.choices, ratings.intended_of_stimuli())
        ],
    }


def _sizes(ratings: Ratings) -> dict[str, int]:
    return {
        "responses": len(ratings),
        "participants": int(np.unique(ratings.participant).size),
        "stimuli": int(np.unique(ratings.stimulus).size),
        "missing": ratings.missing,
    }


def _counts_per_stimulus(ratings: Ratings) -> Counts:
    cells = ratings.stimulus * ratings.k + ratings.chosen
    return np.bincount(cells, minlength=len(ratings.stimuli) * ratings.k).reshape(-1, max(ratings.k, 1))


def _accuracy(ratings: Ratings, table: Counts, seed: int, replicates: int) -> dict[str, Any]:
    """With "none of these" as an error, and once more without those answers."""
    known = ratings.select(ratings.intended >= 0)
    people, clips = _by_name(known.participants), _by_name(known.stimuli)
    whole = measure_accuracy(
        known.hits, people[known.participant], clips[known.stimulus], ratings.k, replicates=replicates, seed=seed
    )
    result = whole.as_json()
    order = np.argsort(clips)
    test = permute_intentions(table[order], ratings.intended_of_stimuli()[order], replicates=replicates, seed=seed)
    result["permutation"] = test.as_json()
    result["excluding_none"] = None
    if ratings.none is None:
        result["reasons"] |= {"excluding_none": NO_NONE}
    else:
        named = known.select(known.chosen != ratings.none_code)
        without = measure_accuracy(named.hits, named.participant, named.stimulus, ratings.k - 1)
        result["excluding_none"] = without.as_json()
    return result


def _by_name(names: Sequence[str]) -> Codes:
    """Rank of every name: random numbers are dealt by name, so that the order of rows changes nothing."""
    ranks = np.empty(len(names), np.int64)
    ranks[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return ranks


def _emotions(ratings: Ratings, matrix: Counts) -> dict[str, Any]:
    tests = compare_with_chance(ratings.participant, ratings.intended, ratings.chosen, ratings.emotions)
    result = {}
    for name, score in score_emotions(matrix, ratings.emotions).items():
        test = tests[name]
        reasons = dict(score.reasons)
        if test.reason:
            reasons["p_holm"] = test.reason
        answers = ratings.select(ratings.intended == ratings.emotions.index(name))
        entry = replace(score, reasons=reasons).as_json()
        clustered = measure_accuracy(answers.hits, answers.participant, answers.stimulus, ratings.k)
        entry["recall"] |= {
            "participants": as_list(clustered.participants),
            "participants_stimuli": as_list(clustered.participants_stimuli),
            "reasons": clustered.reasons,
        }
        result[name] = {
            **entry,
            "hu_participants": {"mean": test.mean_hu, "chance": test.mean_chance, "participants": test.participants},
            "t": test.t,
            "p_value": test.p_value,
            "p_holm": test.p_holm,
        }
    return result


def agreement_of(ratings: Ratings) -> dict[str, Coefficient]:
    """Return the agreement coefficients of ratings, with both jackknife intervals."""
    items, _ = ratings.items()
    return measure_agreement(ratings.counts(), items, ratings.participant, ratings.chosen)


def _agreement_per_intended(ratings: Ratings) -> dict[str, Any]:
    """Agreement among the clips of one intended emotion."""
    return {
        emotion: {
            name: value.as_json() for name, value in agreement_of(ratings.select(ratings.intended == code)).items()
        }
        for code, emotion in enumerate(ratings.emotions)
    }


def describe_raters(ratings: Ratings) -> list[dict[str, Any]]:
    """Return each listener's number of answers, hit rate and agreement with the others."""
    items, _ = ratings.items()
    people = len(ratings.participants)
    found = agreement_with_others(ratings.counts(), items, ratings.participant, ratings.chosen, people)
    hits = np.bincount(ratings.participant[ratings.hits], minlength=people)
    judged = np.bincount(ratings.intended_only.participant, minlength=people)
    return [
        {
            "participant": name,
            "n": int(n),
            "hit_rate": int(hit) / int(of) if of else None,
            "agreement": number(share),
            "expected": number(expected),
            "reason": None if number(share) is not None else "not defined: nobody else heard these clips",
        }
        for name, n, hit, of, share, expected in zip(
            ratings.participants, found.answers, hits, judged, found.share, found.expected, strict=True
        )
    ]


def analyse_table(table: CountsTable) -> dict[str, Any]:
    """Return agreement and consensus of a wide or counts table.

    Examples
    --------
    >>> from survey.analysis.ratings import read_counts
    >>> analyse_table(read_counts(["item,a,b", "1,3,0", "2,0,3"]))["agreement"]["fleiss_kappa"]["estimate"]
    1.0
    """
    singles = (table.item, table.rater, table.answer) if table.raters else (None, None, None)
    answers = table.counts.sum(axis=1)
    people = int(np.unique(table.rater).size) if table.raters else None
    return {
        "schema": SCHEMA,
        "notes": list(table.notes),
        "n": {
            "responses": int(answers.sum()),
            "participants": people,
            "stimuli": int((answers > 0).sum()),
            "missing": table.missing,
            "reason": None if table.raters else "participants not known: the table does not say who answered",
        },
        **_without_intentions(table.choices),
        "agreement": {name: value.as_json() for name, value in measure_agreement(table.counts, *singles).items()},
        "agreement_per_choice": {
            name: value.as_json() for name, value in agree_on_choices(table.counts, table.choices).items()
        },
        "stimuli": [clip.as_json() for clip in describe_clips(table.counts, table.items, table.choices)],
    }


def _without_intentions(choices: Sequence[str]) -> dict[str, Any]:
    """What stands in the place of hit rates where no clip has an intended emotion."""
    names = ("estimate", "chance", "wilson", "participants", "participants_stimuli", "p_value")
    return {
        "choices": list(choices),
        "accuracy": {**dict.fromkeys(names), "reason": AGREEMENT_ALONE},
        "confusion": {"rows": [], "columns": list(choices), "counts": [], "reason": AGREEMENT_ALONE},
        "emotions": {},
    }
