"""Everything the study's numbers say, as plain data: the JSON of the command line and the results page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from survey.analysis.accuracy import measure_accuracy
from survey.analysis.agreement import (
    Coefficient,
    agree_on_choices,
    agreement_with_others,
    describe_compared,
    measure_agreement,
)
from survey.analysis.by_name import pieces_by_name, ranks_by_name
from survey.analysis.comparisons import MARGIN, compare_with_seed_study
from survey.analysis.conditions import cells_of, measure_picture_and_music, presentations_of
from survey.analysis.confusion import (
    add_intervals,
    count_confusions,
    intervals_of_cells,
    response_bias,
    row_shares,
    score_emotions,
    top_confusions,
)
from survey.analysis.consensus import describe_clips
from survey.analysis.estimates import Codes, Counts, number
from survey.analysis.families import MOST_COMPARISONS, compare_factors
from survey.analysis.folds import FOLDS, distance_to_intention, fold_ratings, mean_perceived
from survey.analysis.measures import Asked, measure_all
from survey.analysis.permutation import permute_intentions
from survey.analysis.phases import Told, tell_nobody
from survey.analysis.primary import Plan, measure_primary
from survey.analysis.ratings import CountsTable, Ratings
from survey.analysis.ratings.doubts import ASIDE
from survey.analysis.recognition import recognise_emotions
from survey.analysis.reliability import measure_people
from survey.analysis.reported import AGREEMENT_ALONE, RaterPart, Report
from survey.analysis.settings import check_settings
from survey.analysis.unbiased import describe_unbiased

SCHEMA = "3.5"
"""Version of the names of a report, which docs/report.md lists: the first number moves where a name changes its meaning
or goes, the second where one is added."""
REPLICATES = 2000
NO_NONE = 'not defined: "none of these" was not offered'


def analyse(
    ratings: Ratings,
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
    margin: float = MARGIN,
    most_comparisons: int = MOST_COMPARISONS,
    plan: Plan | None = None,
    told: Told = tell_nobody,
) -> Report:
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
    plan : Plan, optional
        What was fixed before the data came; the cell that it names is the one that all of the report is about.
    told : callable
        Is called with the key of each of the `PHASES` when it begins; of the measures with each one's name behind it.

    Raises
    ------
    ValueError
        When a setting cannot be meant, with its name.

    Returns
    -------
    Report
        ``n``, ``choices``, ``accuracy``, ``confusion``, ``emotions``, ``agreement``, ``stimuli`` and more, by attribute
        or, as the file has them, by name. An interval is a pair or None, and a None has a reason. All of it is about
        one cell, ``cell``; ``conditions`` has the others. Cells are never pooled.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating("P1", "S1", "", "fear", "fear"), Rating("P2", "S1", "", "fear", "awe")])
    >>> report = analyse(data, replicates=0)
    >>> report.accuracy.estimate, report.agreement["percent"].estimate, report["accuracy"]["hits"]
    (0.5, 0.0, 1)
    """
    check_settings(seed=seed, replicates=replicates, most_comparisons=most_comparisons, margin=margin)
    told("accuracy")
    everything, every_cell = ratings, main_trials(ratings)
    name, ratings = primary_cell(every_cell, plan.cell if plan else "")
    whole = analyse_cell(ratings, seed=seed, replicates=replicates)
    if len(ratings) and not len(ratings.intended_only):
        whole |= _without_intentions(ratings.choices)
    told("comparisons")
    comparisons, notes = _comparisons(every_cell, ratings, margin, most_comparisons)
    asked = Asked(everything, every_cell, ratings, name, seed, replicates)
    measured = measure_all(asked, lambda measure: told(f"measures {measure}"))
    told("parts")
    parts = {
        "conditions": analyse_levels(every_cell, "condition", seed=seed, replicates=replicates),
        "composers": analyse_levels(ratings, "composer", seed=seed, replicates=replicates),
        "by": {factor: analyse_levels(ratings, factor, seed=seed, replicates=replicates) for factor in ratings.by},
    }
    told("people")
    assembled = {
        "schema": SCHEMA,
        "notes": [*measured.failed, *ratings.notes, *notes],
        "cell": name or None,
        "yes_or_no": ratings.says_yes_or_no,
        "primary": measure_primary(every_cell, plan).as_json(),
        **whole,
        "stimuli": _clips(every_cell if _clips_have_one_cell(every_cell) else ratings),
        **parts,
        "comparisons": comparisons,
        "picture_music": measure_picture_and_music(every_cell, margin),
        "seed_study": compare_with_seed_study(whole["accuracy"], ratings.k, lures=_has_lures(measured.found)),
        "included_only": _included_only(ratings, seed),
        "people": measure_people(everything),
        "per_intended": _agreement_per_intended(ratings),
        "raters": describe_raters(ratings),
        "folds": {fold: fold_ratings(ratings, fold) for fold in FOLDS},
        "valence_arousal": {"distance": distance_to_intention(ratings), "map": mean_perceived(ratings)},
        "settings": {"seed": seed, "replicates": replicates, "level": 0.95},
    }
    return msgspec.structs.replace(msgspec.convert(assembled, Report), measures=measured.found)


def _has_lures(measures: dict[str, Any]) -> bool:
    found = measures.get("detection")
    return bool(found and found.together.lures)


def primary_cell(ratings: Ratings, planned: str = "") -> tuple[str, Ratings]:
    """Return the name and the ratings of the cell that the report is about: music alone where a study has it.

    Without it the matching pairs, then the others; `presentations_of` has the order. The cell that a plan names comes
    before all, where it has answers.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> name, kept = primary_cell(collect([Rating("P1", "S1", "matched", "fear", "fear")]))
    >>> name, len(kept)
    ('matched', 1)
    """
    cells = presentations_of(ratings)
    name = planned if planned in cells else next(iter(cells))
    keep = cells[name]
    return (name, ratings) if len(cells) == 1 else (name, ratings.compact(keep))


def main_trials(ratings: Ratings) -> Ratings:
    """Return the trials that count: no trials of another kind."""
    kind = ratings.factors["kind"]
    aside = [code for code, level in enumerate(kind.levels) if level in ASIDE]
    return ratings.compact(~np.isin(kind.codes, aside)) if aside else ratings


def analyse_levels(ratings: Ratings, factor: str, *, seed: int = 0, replicates: int = REPLICATES) -> dict[str, Any]:
    """Return size, accuracy, emotions, confusion and agreement of every level; empty for fewer than two levels."""
    levels = ratings.levels(factor)
    if len(levels) < 2:
        return {}
    return {level: _analyse_level(ratings.where(factor, level), seed, replicates) for level in levels}


def _analyse_level(ratings: Ratings, seed: int, replicates: int) -> dict[str, Any]:
    known = ratings.intended_only
    accuracy = measure_accuracy(known.hits, known.participant, known.pieces(), known.k, strata=known.strata())
    matrix = count_confusions(ratings.intended, ratings.chosen, len(ratings.emotions), ratings.k)
    return {
        "n": _sizes(ratings),
        "accuracy": accuracy.as_json(),
        "emotions": _emotions(ratings, matrix, seed, replicates),
        "confusion": matrix.tolist(),
        "agreement": {name: value.as_json() for name, value in agreement_of(ratings).items()},
    }


def _comparisons(
    every_cell: Ratings, primary: Ratings, margin: float, most: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """Every pair of conditions; of composers and of the factors asked for in the primary cell; Holm within each.

    Where it is known what was presented, cells are compared by `measure_picture_and_music` alone: there a hit
    means the same thing on both sides.
    """
    families = [(factor, primary) for factor in dict.fromkeys(("composer", *primary.by)) if factor != "condition"]
    if cells_of(every_cell) is None:
        families.insert(0, ("condition", every_cell))
    return compare_factors(families, margin, most)


def _included_only(ratings: Ratings, seed: int) -> dict[str, Any] | None:
    """The same study without the people whom the quality rules leave out; None where nobody is."""
    if ratings.included.all():
        return None
    return analyse_cell(ratings.compact(ratings.included), seed=seed, replicates=0)


def analyse_cell(ratings: Ratings, *, seed: int = 0, replicates: int = REPLICATES) -> dict[str, Any]:
    """Return the measures that make sense for every cell of a design."""
    matrix = count_confusions(ratings.intended, ratings.chosen, len(ratings.emotions), ratings.k)
    return {
        "n": _sizes(ratings),
        "choices": list(ratings.choices),
        "none": ratings.none,
        "accuracy": _accuracy(ratings, seed, replicates),
        "confusion": _confusion(ratings, matrix),
        "emotions": _emotions(ratings, matrix, seed, replicates),
        "response_bias": response_bias(matrix, ratings.choices),
        "top_confusions": add_intervals(top_confusions(matrix, ratings.emotions, ratings.choices), ratings),
        "agreement": {name: value.as_json() for name, value in agreement_of(ratings).items()},
        "agreement_among": describe_compared(ratings.counts(), asked=ratings.has_lures),
        "agreement_per_choice": {
            name: value.as_json()
            for name, value in agree_on_choices(ratings.counts(), ratings.choices, *_singles(ratings)).items()
        },
        "stimuli": _clips(ratings),
    }


def _confusion(ratings: Ratings, matrix: Counts) -> dict[str, Any]:
    known = ratings.intended_only
    people, pieces = ranks_by_name(known.participants)[known.participant], pieces_by_name(known)
    cells = intervals_of_cells(people, pieces, known.intended, known.chosen, *matrix.shape)
    return {
        "rows": list(ratings.emotions),
        "columns": list(ratings.choices),
        "counts": matrix.tolist(),
        "row_shares": row_shares(matrix),
        "participants_stimuli": cells.intervals,
        "interval_reasons": cells.reasons,
    }


def _clips(ratings: Ratings) -> list[dict[str, Any]]:
    """Consensus on every clip; where lures were named, on what was said when its own emotion was."""
    if ratings.has_lures:
        return _clips_with_lures(ratings)
    table, intended = _counts_per_stimulus(ratings), ratings.intended_of_stimuli()
    return [clip.as_json() for clip in describe_clips(table, ratings.stimuli, ratings.choices, intended)]


def _clips_with_lures(ratings: Ratings) -> list[dict[str, Any]]:
    """Consensus on every clip when its own emotion was named, beside what was said when another was."""
    yes = ratings.emotions.index("yes")
    targets, lures = (_counts_per_stimulus(ratings.select((ratings.intended == yes) == own)) for own in (True, False))
    intended = np.where(targets.sum(axis=1) > 0, yes, -1)
    return [
        {**clip.as_json(), "lures": int(named.sum()), "false_alarms": int(named[yes])}
        for clip, named in zip(describe_clips(targets, ratings.stimuli, ratings.choices, intended), lures, strict=True)
    ]


def _clips_have_one_cell(ratings: Ratings) -> bool:
    """Whether every clip belongs to one cell of the design, so that its answers are those of one cell."""
    cell = np.full(len(ratings), -1, np.int64)
    for code, keep in enumerate(presentations_of(ratings).values()):
        cell[keep] = code
    pairs: int = np.unique(np.stack([ratings.stimulus, cell]), axis=1).shape[1]
    return pairs == int(np.unique(ratings.stimulus).size)


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


def _accuracy(ratings: Ratings, seed: int, replicates: int) -> dict[str, Any]:
    """With "none of these" as an error, and once more without those answers."""
    known = ratings.intended_only
    people, pieces = ranks_by_name(known.participants)[known.participant], pieces_by_name(known)
    strata = known.strata()
    whole = measure_accuracy(known.hits, people, pieces, ratings.k, strata=strata, replicates=replicates, seed=seed)
    result = whole.as_json()
    table, intended = _counts_per_piece(known, pieces)
    result["permutation"] = permute_intentions(table, intended, replicates=replicates, seed=seed).as_json()
    result["excluding_none"] = None
    if ratings.none is None:
        result["reasons"] |= {"excluding_none": NO_NONE}
    else:
        named = known.chosen != ratings.none_code
        without = measure_accuracy(known.hits[named], people[named], pieces[named], ratings.k - 1, strata=strata[named])
        result["excluding_none"] = without.as_json()
    return result


def _counts_per_piece(ratings: Ratings, pieces: Codes) -> tuple[Counts, Codes]:
    """Answers per piece and choice, shape (pieces, k), and its intended emotion, −1 where it has several."""
    n = int(pieces.max(initial=-1)) + 1
    cells = pieces * ratings.k + ratings.chosen
    table = np.bincount(cells, minlength=n * ratings.k).reshape(n, max(ratings.k, 1))
    intended = np.full(n, -1, np.int64)
    intended[pieces] = ratings.intended
    intended[pieces[intended[pieces] != ratings.intended]] = -1
    return table, intended


def _emotions(ratings: Ratings, matrix: Counts, seed: int, replicates: int) -> dict[str, Any]:
    known = ratings.intended_only
    people, pieces = ranks_by_name(known.participants)[known.participant], pieces_by_name(known)
    number = len(ratings.emotions)
    recognised = recognise_emotions(
        people, pieces, known.intended, known.chosen, number, answers=known.k, replicates=replicates, seed=seed
    )
    unbiased = describe_unbiased(known.participant, known.intended, known.chosen, ratings.emotions)
    result = {}
    for (name, score), found in zip(score_emotions(matrix, ratings.emotions).items(), recognised, strict=True):
        entry = replace(score, reasons={**score.reasons, **found.reasons}).as_json()
        said = found.as_json()
        intervals = {key: said.pop(key) for key in ("participants", "participants_stimuli")}
        entry["recall"] |= {**intervals, "reasons": found.reasons}
        del said["reasons"]
        result[name] = {**entry, **said, "hu_participants": unbiased[name]}
    return result


def agreement_of(ratings: Ratings) -> dict[str, Coefficient]:
    """Return the agreement coefficients of ratings, with their jackknife intervals."""
    return measure_agreement(ratings.counts(), *_singles(ratings))


def _singles(ratings: Ratings) -> tuple[Codes, Codes, Codes, Codes]:
    """The single answers behind the counts: items, raters, answers; and the piece of every item."""
    return ratings.items()[0], ratings.participant, ratings.chosen, ratings.pieces_of_items()


def _agreement_per_intended(ratings: Ratings) -> dict[str, Any]:
    """Agreement among the clips of one intended emotion."""
    return {
        emotion: {
            name: value.as_json() for name, value in agreement_of(ratings.select(ratings.intended == code)).items()
        }
        for code, emotion in enumerate(ratings.emotions)
    }


def describe_raters(ratings: Ratings) -> list[RaterPart]:
    """Return each listener's number of answers, hit rate and agreement with the others."""
    items, _ = ratings.items()
    people = len(ratings.participants)
    found = agreement_with_others(ratings.counts(), items, ratings.participant, ratings.chosen, people)
    hits = np.bincount(ratings.participant[ratings.hits], minlength=people)
    judged = np.bincount(ratings.intended_only.participant, minlength=people)
    return [
        RaterPart(
            participant=name,
            n=int(n),
            hit_rate=int(hit) / int(of) if of else None,
            agreement=number(share),
            expected=number(expected),
            reason=None if number(share) is not None else "not defined: nobody else heard these clips",
        )
        for name, n, hit, of, share, expected in zip(
            ratings.participants, found.answers, hits, judged, found.share, found.expected, strict=True
        )
    ]


def analyse_table(table: CountsTable) -> Report:
    """Return agreement and consensus of a wide or counts table.

    Examples
    --------
    >>> from survey.analysis.ratings import read_counts
    >>> analyse_table(read_counts(["item,a,b", "1,3,0", "2,0,3"])).agreement["fleiss_kappa"].estimate
    1.0
    """
    singles = (table.item, table.rater, table.answer) if table.raters else (None, None, None)
    answers = table.counts.sum(axis=1)
    people = int(np.unique(table.rater).size) if table.raters else None
    assembled = {
        "schema": SCHEMA,
        "notes": list(table.notes),
        "cell": None,
        "yes_or_no": False,
        "n": {
            "responses": int(answers.sum()),
            "participants": people,
            "stimuli": int((answers > 0).sum()),
            "missing": table.missing,
            "reason": None if table.raters else "participants not known: the table does not say who answered",
        },
        **_without_intentions(table.choices),
        "agreement": {name: value.as_json() for name, value in measure_agreement(table.counts, *singles).items()},
        "agreement_among": describe_compared(table.counts),
        "agreement_per_choice": {
            name: value.as_json() for name, value in agree_on_choices(table.counts, table.choices, *singles).items()
        },
        "stimuli": [clip.as_json() for clip in describe_clips(table.counts, table.items, table.choices)],
    }
    return msgspec.convert(assembled, Report)


def _without_intentions(choices: Sequence[str]) -> dict[str, Any]:
    """What stands in the place of hit rates where no clip has an intended emotion."""
    names = ("estimate", "chance", "wilson", "participants", "participants_stimuli", "p_value")
    return {
        "choices": list(choices),
        "accuracy": {**dict.fromkeys(names), "reason": AGREEMENT_ALONE},
        "confusion": {"rows": [], "columns": list(choices), "counts": [], "reason": AGREEMENT_ALONE},
        "emotions": {},
    }
