"""The effects of cues among the report's measures; what they are is tested in tests/survey/analysis/cue_effects."""

import numpy as np
import pandas as pd
from scipy import stats

from survey.analysis.measures.fields import shapes_of
from survey.analysis.measures.register import all_measures
from tests.survey.recomputed.emotions import holm
from tests.survey.recomputed.shares import degrees_of, two_way

SIMULATED = "simulated in tests/survey/analysis/cue_effects/test_effects.py, whose shares stand in docs/analysis.md"
INTERVALS = {"CueEffect.interval": SIMULATED, "CueEffect.p_value": SIMULATED, "CueEffect.p_holm": SIMULATED}


def recompute(frame, pack):
    """From the pack's stimuli: dummies for pieces, one regression for all answers, clusters summed by data frames."""
    variants = {row["stimulus"]: row for row in pack.stimuli if row.get("cue_piece")}
    told = frame[frame["stimulus"].isin(variants)].reset_index(drop=True)
    if told.empty:
        return None
    values = [name for name in pack.stimuli[0] if name.startswith("cue_") and name.endswith("_value")]
    cues = sorted(name for name in values if any(row[name] for row in variants.values()))
    places = {}
    for cue in cues:
        levels = sorted({float(row[cue]) for row in variants.values() if row[cue]})
        places[cue] = {stimulus: levels.index(float(row[cue])) for stimulus, row in variants.items()}
    told["cue_piece"] = told["stimulus"].map(lambda stimulus: variants[stimulus]["cue_piece"])
    steps = np.array([[places[cue][stimulus] for cue in cues] for stimulus in told["stimulus"]], float)
    answers = [
        one
        for choice in pack.choices
        for one in effects(told, steps, (told["chosen"] == choice).to_numpy(float), most=1.0)
    ]
    rated = []
    for scale in ("valence", "arousal"):
        given = told[scale].notna().to_numpy()
        if given.any():
            rated += effects(told[given], steps[given], told[scale][given].to_numpy(float), most=2.0)
    return {
        "n": len(told),
        "people": told["participant"].nunique(),
        "pieces": told["cue_piece"].nunique(),
        "variants": told["stimulus"].nunique(),
        "answers": corrected(answers),
        "ratings": corrected(rated),
    }


def effects(told, steps, said, *, most):
    """Of every cue on one thing said, in the order of cues."""
    dummies = pd.get_dummies(told["cue_piece"]).to_numpy(float)
    design = np.hstack([steps, dummies])
    found = np.linalg.pinv(design) @ said
    left = said - design @ found
    bread = np.linalg.inv(design.T @ design)
    people, pieces = told["participant"].to_numpy(), told["cue_piece"].to_numpy()
    means = pd.DataFrame(np.hstack([steps, said[:, None]])).groupby(told["stimulus"].to_numpy()).mean().to_numpy()
    weights = standardised(means[:, :-1], means[:, -1])
    degrees = min(degrees_of(len(set(group)), pd.Series(group).value_counts()) for group in (people, pieces))
    rows = []
    for place in range(steps.shape[1]):
        *_, both, _, _ = two_way((design @ bread)[:, place] * left, people, pieces)
        half = stats.t.ppf(0.975, degrees) * np.sqrt(both)
        row = {"steps": int(steps[:, place].max()), "effect": found[place], "standardised": weights[place]}
        if both > 1e-18:
            row["interval"] = [max(-most, found[place] - half), min(most, found[place] + half)]
            row["p_value"] = 2 * stats.t.sf(abs(found[place]) / np.sqrt(both), degrees)
        rows.append(row)
    return rows


def standardised(levels, means):
    """By the normal equations of correlations."""
    if not means.std():
        return [None] * levels.shape[1]
    correlations = np.corrcoef(np.column_stack([levels, means]).T)
    return np.linalg.solve(correlations[:-1, :-1], correlations[:-1, -1])


def corrected(rows):
    adjusted = holm({place: row["p_value"] for place, row in enumerate(rows) if "p_value" in row})
    return [{**row, **({"p_holm": adjusted[place]} if place in adjusted else {})} for place, row in enumerate(rows)]


def test_it_is_found_by_itself():
    measure = next(one for one in all_measures() if one.name == "cue_effects")
    assert {shape.__name__ for shape in shapes_of(measure.result)} == {"CueEffects", "CueEffect"}
