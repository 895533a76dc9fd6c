"""A plan in words: what to recruit and why, and the paragraph for the preregistration."""

from __future__ import annotations

from scipy.special import ndtri, stdtrit

from survey.design.planning.assumptions import LEVEL, Assumptions
from survey.design.planning.power import error_of_difference
from survey.design.planning.precision import variance_of_share
from survey.design.planning.search import LEAST_RATINGS, Plan
from survey.design.planning.tried import Share, Tried, TriedWidth

NOTABLE = 1.05
"""From five per cent on something is named as a reason for more answers."""
ANALYSIS_OF_ONE = (
    "The primary measure is the share of trials in which the intended emotion is chosen, in one cell (music alone"
    " where the design has it), with a 95 % interval for new participants and new clips: Wilson's with the effective"
    " number of answers, the variance two-way clustered by participant and by piece within its emotion (Cameron,"
    " Gelbach & Miller 2011; Korn & Graubard 1998)."
)
ANALYSIS_OF_TWO = (
    "The primary measure is the difference between two cells [name them and whose emotion counts, for instance:"
    " matching pair − music only, the music's emotion chosen] of the shares of trials in which that emotion is chosen,"
    " emotion by emotion and then averaged with equal weights, with a 95 % interval for new participants and new clips:"
    " the variance two-way clustered by participant and by piece (Cameron, Gelbach & Miller 2011), t with"
    " Satterthwaite's degrees of freedom. It is tested two-sided against no difference, {level}."
)
ANALYSIS_OF_TARGETS = (
    "The primary measure is the difference between clips for new and clips for old targets of the shares of trials in"
    " which the intended emotion is chosen, emotion by emotion and then averaged with equal weights; only fresh clips"
    " count, which taught nothing. It has a 95 % interval for new participants and new clips: the variance two-way"
    " clustered by participant and by piece (Cameron, Gelbach & Miller 2011), t with Satterthwaite's degrees of"
    " freedom. It is tested two-sided against no difference, {level}."
)
ANALYSIS_BESIDE = (
    "Cells are never pooled. Whether an emotion is recognised is tested by permuting intended emotions between clips,"
    " one-sided, Holm-corrected over the emotions. Composers are compared emotion by emotion with Satterthwaite's"
    " degrees of freedom, Holm-corrected over the pairs; exclusion rules are those published with the study, and"
    " results are reported for all and for included participants."
)


def _points(value: float) -> str:
    return f"{100 * value:.1f}".rstrip("0").rstrip(".")


def target_words(plan: Plan) -> str:
    """Return the target.

    >>> from survey.design.planning.search import plan_power, plan_precision
    >>> target_words(plan_power(Assumptions(cells=2), 0.1))
    'finding a difference of 10 points between two cells in 80 % of studies (power)'
    >>> target_words(plan_precision(Assumptions(), 0.05))
    'a 95 % interval of ± 5 points for new people and new clips, on average'
    """
    if plan.target == "effect":
        two = "clips for new and for old targets" if plan.of_targets else "two cells"
        return (
            f"finding a difference of {_points(abs(plan.value))} points between {two} in"
            f" {_points(plan.goal or 0)} % of studies (power)"
        )
    often = "on average" if plan.goal is None else f"in {_points(plan.goal)} % of studies"
    return f"a 95 % interval of ± {_points(plan.value)} points for new people and new clips, {often}"


def _per_cell(plan: Plan, assumed: Assumptions) -> str:
    if plan.of_targets:
        return " for each of both"
    return " per cell" if assumed.cells > 1 else ""


def summary(plan: Plan, assumed: Assumptions, tried: Tried | None = None) -> list[str]:
    """Return the plan as sentences.

    >>> from survey.design.planning.search import plan_precision
    >>> summary(plan_precision(Assumptions(), 0.05), Assumptions())[0]  # doctest: +NORMALIZE_WHITESPACE
    'For a 95 % interval of ± 5 points for new people and new clips, on average: 50 people analysed, 72 recruited,
    96 clips.'
    """
    cell = _per_cell(plan, assumed)
    said = [
        f"For {target_words(plan)}: {plan.participants} people analysed, {plan.recruit} recruited,"
        f" {plan.clips} clips{cell}.",
        f"That is {plan.answers} answers, {plan.per_clip:.3g} per clip{cell}; the expected half-width of a hit rate"
        f" is {_points(plan.half_width)} points (about half of all studies turn out wider).",
        *_limits(plan, assumed),
        _independence(plan, assumed),
    ]
    if plan.comparisons > 1:
        said.append(
            f"{plan.comparisons} comparisons are tested together (Holm), so the difference is planned at the hardest"
            f" step, α = .05/{plan.comparisons}."
        )
    if tried is not None:
        said += _trial(plan, tried)
    return said


def _limits(plan: Plan, assumed: Assumptions) -> list[str]:
    """What else than the target decided."""
    said = []
    if plan.heard < assumed.trials_per_cell:
        said.append(
            f"Nobody hears a clip twice: with {plan.clips} clips{_per_cell(plan, assumed)} a person"
            f" answers {_number(plan.heard * assumed.cells)} of the {assumed.trials} main trials."
        )
    if plan.participants > plan.needed:
        why = "were given" if plan.given else f"are planned so that every clip gets at least {LEAST_RATINGS} answers"
        said.append(f"The target alone needs {plan.needed} people; {plan.participants} {why}.")
    if plan.per_clip < LEAST_RATINGS:
        said.append(
            f"Each clip gets fewer than {LEAST_RATINGS} answers: enough for the target, too few to judge a single clip."
        )
    return said


def _independence(plan: Plan, assumed: Assumptions) -> str:
    where = " in the two cells compared" if plan.target == "effect" else " in a cell" if assumed.cells > 1 else ""
    where = " for both" if plan.of_targets else where
    alone = f"If all answers were independent, {plan.independent_answers} would do{where}"
    if plan.design_effect < NOTABLE:
        return f"{alone}; the target takes about as many."
    answers = round(plan.design_effect * plan.independent_answers)
    because = " and ".join(_reasons(plan, assumed))
    return (
        f"{alone}; the target takes {answers}, {plan.design_effect:.1f} times as many"
        f"{', because ' + because if because else ''}."
    )


def _reasons(plan: Plan, assumed: Assumptions) -> list[str]:
    """Why it takes more answers than independent ones, each only where it matters."""
    single = assumed.share * (1 - assumed.share) / (plan.needed * plan.heard)
    degrees = (min(plan.needed, 2 * plan.clips) if plan.target == "effect" else min(plan.needed, plan.clips)) - 1
    if plan.target == "effect":
        variance = error_of_difference(assumed, plan.needed, plan.clips) ** 2 / 2
    else:
        variance = variance_of_share(assumed, plan.needed, plan.clips)
    reasons = []
    if variance > NOTABLE * single:
        people = assumed.spread_participants > 0 and plan.target != "effect"
        alike = [*(["to one clip"] if assumed.spread_clips > 0 else []), *(["of one person"] if people else [])]
        reasons.append(f"answers {' and '.join(alike)} hang together")
    if (float(stdtrit(degrees, (1 + LEVEL) / 2)) / float(ndtri((1 + LEVEL) / 2))) ** 2 > NOTABLE:
        reasons.append(f"the error itself is estimated from few clips or people ({degrees} degrees of freedom)")
    if plan.target != "effect" and plan.goal is not None and plan.goal > 0.5:
        reasons.append(f"{_points(plan.goal)} % of studies shall reach it, not half of them")
    return reasons


def _trial(plan: Plan, tried: Tried) -> list[str]:
    if isinstance(tried, TriedWidth):
        reached = tried.reached
        said = [
            f"In {tried.studies} simulated studies, analysed as the report does, the half-width was"
            f" {_points(tried.half_width)} points on average (middle 80 %: {_points(tried.low)} to"
            f" {_points(tried.high)}) and at most {_points(plan.value)} in {_share(reached)};"
            f" the interval held the truth in {_share(tried.coverage)}."
        ]
    else:
        reached = tried.power
        said = [
            f"In {tried.studies} simulated studies, tested as the report does, the difference was found in"
            f" {_share(reached)}; one of the other sign in {_points(tried.other_sign.estimate)} %."
        ]
    if plan.goal is not None and reached.high < plan.goal:
        said.append(f"That is fewer than the {_points(plan.goal)} % asked for: take more people or clips.")
    return said


def _share(share: Share) -> str:
    return (
        f"{_points(share.estimate)} % of them (95 % Monte-Carlo interval {_points(share.low)} to"
        f" {_points(share.high)} %)"
    )


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _analysis(plan: Plan) -> str:
    """What is measured and tested: the plan's target is the primary measure."""
    if plan.target != "effect":
        return f"{ANALYSIS_OF_ONE} {ANALYSIS_BESIDE}"
    family = (
        f"Holm-corrected over {plan.comparisons} such comparisons" if plan.comparisons > 1 else "without correction"
    )
    analysis = ANALYSIS_OF_TARGETS if plan.of_targets else ANALYSIS_OF_TWO
    return f"{analysis.format(level=f'α = .05, {family}')} {ANALYSIS_BESIDE}"


def preregistration(plan: Plan, assumed: Assumptions, tried: Tried | None = None) -> str:
    """Return the sample-size section of a preregistration.

    >>> from survey.design.planning.search import plan_precision
    >>> "at least 10 answers per clip" in preregistration(plan_precision(Assumptions(), 0.05), Assumptions())
    True
    """
    cells = f"{assumed.cells} cells, varied within participants" if assumed.cells > 1 else "one cell"
    if plan.of_targets:
        cells = "fresh clips for new and for old targets, of which every participant hears both"
    trials = _number(plan.heard * assumed.cells)
    floor = f"at least {LEAST_RATINGS}" if plan.per_clip >= LEAST_RATINGS else f"about {_number(plan.per_clip)}"
    level = (
        f", at α = .05/{plan.comparisons} (Holm over {plan.comparisons} comparisons)" if plan.comparisons > 1 else ""
    )
    parts = [
        f"Sample size. The design has {cells}; each participant answers {trials} main trials, assigned at"
        f" every trial to the clip with the fewest answers. We aim at {target_words(plan)}{level}. Assumptions: hit"
        f" rate {_points(assumed.share)} %, standard deviation of participants {_points(assumed.spread_participants)}"
        f" points and of clips {_points(assumed.spread_clips)} points. We will analyse {plan.participants} participants"
        f" and {plan.clips} clips{_per_cell(plan, assumed)} ({floor} answers per clip) and"
        f" therefore recruit {plan.recruit}, expecting to lose {_points(assumed.loss)} %.",
        f"Stop rule. Recruiting ends when {plan.participants} participants are complete and not left out by the"
        " exclusion rules. Results seen before then are interim and decide nothing.",
        f"Analysis. {_analysis(plan)}",
    ]
    if tried is not None:
        parts[0] += " " + " ".join(_trial(plan, tried)[:1])
    return "\n\n".join(parts) + "\n"
