"""The effects of cues among the report's measures; what they are is tested in tests/survey/analysis/cue_effects."""

from survey.analysis.measures.fields import shapes_of
from survey.analysis.measures.register import all_measures

SIMULATED = "simulated in tests/survey/analysis/cue_effects/test_effects.py, whose shares stand in docs/analysis.md"
INTERVALS = {"CueEffect.interval": SIMULATED, "CueEffect.p_value": SIMULATED, "CueEffect.p_holm": SIMULATED}


def recompute(frame, pack):
    """Packs tell nothing of variants: where their study has none, the measure has no result either."""
    return


def test_it_is_found_by_itself():
    measure = next(one for one in all_measures() if one.name == "cue_effects")
    assert {shape.__name__ for shape in shapes_of(measure.result)} == {"CueEffects", "CueEffect"}
