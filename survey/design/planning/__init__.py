"""How many people and clips a study needs, by formula and by simulation."""

from survey.design.planning.formulas import (
    Assumptions,
    Plan,
    PlanRefused,
    curve,
    expected_half_width,
    expected_power,
    plan_power,
    plan_precision,
    smallest_sample,
)
from survey.design.planning.simulation import Simulated, simulate_plan
from survey.design.planning.text import preregistration, summary

__all__ = [
    "Assumptions",
    "Plan",
    "PlanRefused",
    "Simulated",
    "curve",
    "expected_half_width",
    "expected_power",
    "plan_power",
    "plan_precision",
    "preregistration",
    "simulate_plan",
    "smallest_sample",
    "summary",
]
