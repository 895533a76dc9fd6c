"""Which row of the coverage tables speaks of which interval and p value that a report prints.

Paths are those of the report's JSON, fields those of the measures' types; names are those of `coverage.labels`, and
`mixed:` those of `coverage_mixed`.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from survey.analysis.measures import all_measures
from survey.analysis.measures.fields import fields_of, shapes_of
from tests.survey.analysis.coverage_agreement import COEFFICIENTS
from tests.survey.analysis.measures import modules_of_tests

AGAIN = re.compile(r"^(conditions\.[^.]+|composers\.[^.]+|by\.[^.]+\.[^.]+|included_only)\.")
"""Where the same is printed of a part of the answers."""
AGREEMENT = {
    "interval": "both",
    "interval_participants_stimuli": "both",
    "interval_participants": "these clips",
    "interval_stimuli": "these people",
}
PATHS = {
    "primary.interval": ["new clips"],
    "primary.these_clips": ["these clips"],
    **{
        f"accuracy.{part}{name}": rows
        for part in ("", "excluding_none.")
        for name, rows in {
            "participants_stimuli": ["new clips", "new clips, high"],
            "participants": ["these clips", "these clips, high"],
            "bootstrap": ["bootstrap"],
            "p_value": ["guessers"],
            "p_value_two_sided": ["guessers, both sides"],
        }.items()
    },
    "accuracy.permutation.p_value": ["all emotions"],
    "emotions.*.recall.participants_stimuli": ["emotion"],
    "emotions.*.recall.participants": ["emotion, these"],
    "emotions.*.p_value": ["emotion test"],
    "emotions.*.p_guess": ["guess test"],
    "emotions.*.p_holm": ["any emotion", "empty emotion"],
    **{
        path.format(name=name, field=field): [row.format(name=name, claim=claim)]
        for name in COEFFICIENTS
        for field, claim in AGREEMENT.items()
        for path, row in {"agreement.{name}.{field}": "{name}, {claim}"}.items()
    },
    **{f"agreement_per_choice.*.{field}": [f"choice, {claim}"] for field, claim in AGREEMENT.items()},
    **{
        f"per_intended.*.{name}.{field}": [f"one emotion{f' {name}' if claim == 'both' else ''}, {claim}"]
        for name in COEFFICIENTS
        for field, claim in AGREEMENT.items()
    },
    "stimuli.*.wilson": ["clip"],
    "confusion.participants_stimuli.*": ["cell", "emotion"],
    "top_confusions.*.interval": ["confusions"],
    "comparisons.*.interval": ["composers"],
    "comparisons.*.p_value": ["composer test"],
    "comparisons.*.p_holm": ["composer test"],
    "picture_music.*.interval": ["sources", "nothing there"],
    "picture_music.*.p_value": ["source test"],
    "picture_music.*.p_holm": ["source test"],
    "seed_study.interval": ["other study"],
    "people.gold.interval": ["gold"],
    "people.repeats.interval": ["gold"],
    "folds.*.accuracy.participants_stimuli": ["fold, both"],
    "folds.*.accuracy.participants": ["fold, these clips"],
    "valence_arousal.distance.interval": ["distance"],
}
FIELDS = {
    "Detection.participants": ["d′, these", "d′ of one, these"],
    "Detection.participants_stimuli": ["d′", "d′ of one"],
    "Detection.p_value": ["d′ test", "d′ test of one"],
    "Detection.p_holm": ["d′ test of any"],
    "AnswerBias.interval": ["bias"],
    "EmotionPair.interval": ["similarity"],
    "EmotionPair.p_value": ["one-way"],
    "EmotionPair.p_holm": ["any one-way"],
    "MixedModel.average_interval": ["mixed:average"],
    "MixedModel.marginal_interval": ["mixed:marginal"],
    "Effect.interval": ["mixed:emotion", "mixed:composer"],
    "FactorTest.p_value": ["mixed:emotion test", "mixed:composer test"],
    "FactorTest.p_holm": ["mixed:emotion test", "mixed:composer test"],
    "EmotionShare.interval": ["mixed:emotion share"],
    "Component.interval": ["mixed:people", "mixed:pieces"],
    "Placed.these_clips": ["rated mean, these", "rated clip"],
    "Placed.new_clips": ["rated mean, new"],
    "Correlation.interval": ["correlation"],
    "Reliability.single_interval": ["icc", "icc gaps"],
    "Reliability.mean_interval": ["icc mean"],
    "ConfidenceStep.these_clips": ["sure, these"],
    "ConfidenceStep.new_clips": ["sure, new"],
    "OverPeople.interval": ["auroc2", "gamma", "times"],
    "Rate.interval": ["new clips"],
    "Rate.these_clips": ["these clips"],
    "Halves.interval": ["halves", "halves, learning"],
    "Halves.these_clips": ["halves, these"],
    "Halves.p_value": ["halves test"],
    "PeopleDifference.interval": ["groups", "unequal groups"],
    "PeopleDifference.p_value": ["groups test", "unequal groups test"],
    "PeopleDifference.p_holm": ["groups test", "unequal groups test"],
    "MissingClip.p_value": ["any clip missing"],
    "MissingClip.p_holm": ["any clip missing"],
    "MissingTest.p_value": ["cells missing", "emotions missing"],
    "MissingTest.p_holm": ["cells missing", "emotions missing"],
}
BINOMIAL = "takes answers as independent, which it is right for in one clip alone; printed beside the others to compare"
COMPARED = (
    "of comparisons of two clips, whose simulations and their bounds stand in test_paired.py, not in these tables"
)
EXCEPTIONS = {
    "accuracy.wilson": BINOMIAL,
    "accuracy.excluding_none.wilson": BINOMIAL,
    "emotions.*.recall.wilson": BINOMIAL,
    "folds.*.accuracy.wilson": BINOMIAL,
    "seed_study.seed.wilson": "Wilson's interval of the seed study's 11 of 18, which nothing here can draw again",
    "emotions.*.chance_interval": "takes answers to other clips as independent: too narrow, as its docstring says;"
    " the tests of recognition do not use it",
    "valence_arousal.map.*": "a place on the plane, no interval",
    **{
        f"confusion.{what}*": "the counts or shares of two columns, no interval"
        for what in ("[0-9]", "counts", "row_shares")
    },
    "Paired.side_interval": COMPARED,
    "Paired.equal_degrees": "degrees of freedom of a test, no interval",
    "Strength.*": COMPARED,
    "Preference.*": COMPARED,
    "Without.interval": "of the piece or person chosen because the rate moves most without; no claim about new ones",
}


def printed(value, path=""):
    """Every path of a report, its measures left out, where an interval or a p value stands."""
    if isinstance(value, dict):
        for name, item in value.items():
            if path or name != "measures":
                yield from printed(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        if len(value) == 2 and all(is_number(item) for item in value):
            yield path
        for place, item in enumerate(value):
            yield from printed(item, f"{path}.{place}")
    elif is_number(value) and path.rpartition(".")[2].startswith("p_"):
        yield path


def is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def declared():
    """Every field of the measures' types that holds an interval or a p value."""
    for shape in dict.fromkeys(shape for measure in all_measures() for shape in shapes_of(measure.result)):
        for field in fields_of(shape):
            if "interval" in field.holds or field.name.startswith("p_"):
                yield f"{shape.__name__}.{field.name}"


def rows_of(path):
    """The rows that speak of a path or field; none where it is an exception; None where it is forgotten."""
    plain = AGAIN.sub("", path)
    beside = [pattern for tests in modules_of_tests().values() for pattern in getattr(tests, "INTERVALS", ())]
    if plain == "confusion" or any(fnmatchcase(plain, pattern) for pattern in (*EXCEPTIONS, *beside)):
        return []
    found = [rows for pattern, rows in {**PATHS, **FIELDS}.items() if fnmatchcase(plain, pattern)]
    return [row for rows in found for row in rows] or None
