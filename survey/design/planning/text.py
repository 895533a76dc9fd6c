"""A plan in words: what to recruit and why, and the paragraph for the preregistration."""

from __future__ import annotations

from survey.design.planning.formulas import LEAST_RATINGS, Assumptions, Plan
from survey.design.planning.simulation import Simulated


def _points(value: float) -> str:
    return f"{100 * value:.1f}".rstrip("0").rstrip(".")


def target_words(plan: Plan) -> str:
    """Return the target.

    >>> target_words(Plan("effect", 0.1, 50, 70, 64, 1200, 0.05, 1.5, 800))
    'a difference of 10 points between two cells'
    """
    if plan.target == "effect":
        return f"a difference of {_points(abs(plan.value))} points between two cells"
    return f"a 95 % interval of ± {_points(plan.value)} points for new people and new clips"


def summary(plan: Plan, assumed: Assumptions, simulated: Simulated | None = None) -> list[str]:
    """Return the plan as sentences.

    >>> from survey.design.planning import plan_precision
    >>> summary(plan_precision(Assumptions(), 0.05), Assumptions())[0]
    'For a 95 % interval of ± 5 points for new people and new clips: 50 people analysed, 72 recruited, 96 clips.'
    """
    cell = " per cell" if assumed.cells > 1 else ""
    said = [
        f"For {target_words(plan)}: {plan.participants} people analysed, {plan.recruit} recruited,"
        f" {plan.clips} clips{cell}.",
        f"That is {plan.answers} answers, {plan.participants * assumed.trials_per_cell / plan.clips:.0f} per"
        f" clip{cell}; the expected half-width of a hit rate is {_points(plan.half_width)} points.",
        f"If all answers were independent, {plan.independent_answers} would do; because answers of one person and of"
        f" one clip hang together, it takes {plan.design_effect:.1f} times as many.",
    ]
    if simulated is not None:
        said.append(
            f"In {simulated.studies} simulated studies the half-width was {_points(simulated.half_width)} points on"
            f" average (middle 80 %: {_points(simulated.low)} to {_points(simulated.high)}) and the interval held the"
            f" truth in {100 * simulated.coverage:.0f} %."
        )
    return said


def preregistration(plan: Plan, assumed: Assumptions) -> str:
    """Return the sample-size section of a preregistration."""
    cells = f"{assumed.cells} cells, varied within participants" if assumed.cells > 1 else "one cell"
    return (
        f"Sample size. The design has {cells}; each participant answers {assumed.trials} main trials, assigned at"
        f" every trial to the clip with the fewest answers. We aim at {target_words(plan)}. Assumptions: hit rate"
        f" {_points(assumed.share)} %, standard deviation of participants {_points(assumed.spread_participants)} points"
        f" and of clips {_points(assumed.spread_clips)} points. We will analyse {plan.participants} participants and"
        f" {plan.clips} clips{' per cell' if assumed.cells > 1 else ''} (at least {LEAST_RATINGS} answers per clip) and"
        f" therefore recruit {plan.recruit}, expecting to lose {_points(assumed.loss)} %.\n\n"
        "Stop rule. Recruiting ends when the planned number of complete participants is reached. Results seen before"
        " then are interim and decide nothing.\n\n"
        "Analysis. The primary measure is the share of trials in which the intended emotion is chosen, with the two-way"
        " clustered 95 % interval over participants and clips (Cameron, Gelbach & Miller 2011), t with min(P, S) − 1"
        " degrees of freedom. Differences between cells use the same standard error, Holm-corrected over the family;"
        " exclusion rules are those published with the study, and results are reported for all and for included"
        " participants.\n"
    )
