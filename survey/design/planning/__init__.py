"""How many people and clips a study needs, by formula; `survey.rehearsal` tries the plans out."""

from survey.design.planning.assumptions import (
    MOST_CELLS,
    MOST_CLIPS,
    MOST_PEOPLE,
    MOST_TRIALS,
    Assumptions,
    PlanRefused,
)
from survey.design.planning.power import expected_power, pairs_of_cells, power_curve
from survey.design.planning.precision import assured_half_width, curve, expected_half_width, smallest_sample
from survey.design.planning.search import Plan, plan_power, plan_precision
from survey.design.planning.text import preregistration, summary
from survey.design.planning.tried import Share, Tried, TriedPower, TriedWidth

__all__ = [
    "MOST_CELLS",
    "MOST_CLIPS",
    "MOST_PEOPLE",
    "MOST_TRIALS",
    "Assumptions",
    "Plan",
    "PlanRefused",
    "Share",
    "Tried",
    "TriedPower",
    "TriedWidth",
    "assured_half_width",
    "curve",
    "expected_half_width",
    "expected_power",
    "pairs_of_cells",
    "plan_power",
    "plan_precision",
    "power_curve",
    "preregistration",
    "smallest_sample",
    "summary",
]
