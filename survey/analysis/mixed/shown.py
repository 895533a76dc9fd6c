"""How a mixed model and its variance components read: tables and sentences."""

from __future__ import annotations

from survey.analysis.measures.shown import Table
from survey.analysis.mixed.results import Effect, FactorTest, MixedModel, Prospect, VarianceComponents
from survey.analysis.wording import counted, decimal, decimals, equals_p, p_value, points, share, shares

SOURCES = {
    "people": "People",
    "pieces": "Pieces, within their emotion and composer",
    "emotions": "Emotions",
    "composers": "Composers",
    "sides": "New and old targets",
    "answers": "Single answers (π²/3)",
}
HOW = (
    "Coefficients, standard errors and standard deviations are those of lme4::glmer (Laplace); intervals use restricted"
    " variances and t, as the plain ones are too narrow for few pieces."
)
UNTOLD = "Whether more people or more pieces would narrow the interval most cannot be told from a spread this unsure"
NO_SPREAD_BELOW = 0.005
"""A standard deviation, or the lower end of its interval, that prints as 0.00: what more of it buys is not known."""
ALIKE_BELOW = 0.001
"""Half-widths closer than a tenth of a point buy the same."""


def model_tables(found: MixedModel) -> list[Table]:
    """Return effects, tests and shares as tables."""
    if found.reason:
        return [Table("mixed", "Mixed model", ["Model", "Note"], [[found.formula, found.reason]], notes=[*found.notes])]
    header = ["Effect", "Odds ratio", "95 %", "Log odds", "SE", "Note"]
    caption = (
        f"{found.formula}, binomial: {counted(found.n, 'answer')} by"
        f" {counted(found.participants, 'person', 'people')} to {counted(found.pieces, 'piece')}. {HOW}"
        f" Standard deviations: people {decimal(found.people_sd, 2)}, pieces {decimal(found.pieces_sd, 2)}."
    )
    effects = Table(
        "mixed", "Mixed model: odds of a hit", header, [_effect(one) for one in found.effects], caption, [*found.notes]
    )
    tested = [
        [one.factor, decimal(one.f, 2), _degrees(one), p_value(one.p_value), p_value(one.p_holm)] for one in found.tests
    ]
    tests = Table("mixed_tests", "Mixed model: factors", ["Factor", "F", "df", "p", "p (Holm)"], tested, TESTED)
    rows = [
        ["Average listener and piece", share(found.average), shares(found.average_interval)],
        ["New people, new pieces", share(found.marginal), shares(found.marginal_interval)],
        *([one.emotion, share(one.share), shares(one.interval)] for one in found.emotions),
    ]
    caption = "Emotions: of new people and new pieces. The average listener's share is further from 50 % than the mean."
    return [
        effects,
        tests,
        Table("mixed_shares", "Mixed model: shares of hits", ["Of", "Share", "95 %"], rows, caption, [*found.left_out]),
    ]


NOT_IN_IT = "Not in this model and its share, as they have no finite estimate"
TESTED = (
    "Wald's F: whether any level of the factor differs. People who differ in how much a presentation helps them are not"
    " in this model; the differences in share of picture and music do not assume that they do not."
)


def _effect(one: Effect) -> list[str]:
    name = "Intercept" if one.factor == "intercept" else f"{one.factor}: {one.level}"
    against = f" against {one.reference}" if one.reference else ""
    numbers = [decimal(one.odds_ratio, 2), decimals(one.interval, 2)]
    return [f"{name}{against}", *numbers, decimal(one.log_odds, 2), decimal(one.standard_error, 2), one.reason or ""]


def _degrees(test: FactorTest) -> str:
    return f"{test.degrees:.0f}, {test.residual_degrees:.0f}"


def model_sentences(found: MixedModel) -> list[str]:
    """Return the share that the model gives and its tests in words."""
    if found.marginal is None:
        return []
    said = [
        "A logistic mixed model with crossed people and pieces puts the share of hits of new people and new pieces at"
        f" {share(found.marginal)} (95 % {shares(found.marginal_interval)}; {found.n} answers of {found.participants}"
        f" people to {found.pieces} pieces)."
    ]
    if found.left_out:
        said.append(f"{NOT_IN_IT}: {'; '.join(found.left_out)}.")
    tests = [f"{one.factor} F({_degrees(one)}) = {decimal(one.f, 2)}, {equals_p(one.p_holm)}" for one in found.tests]
    if tests:
        said.append(f"Its factors: {'; '.join(tests)} (Holm-corrected).")
    return said


def component_tables(found: VarianceComponents) -> list[Table]:
    """Return the components, and what other sizes would give."""
    if found.reason:
        row = ["the mixed model", found.reason]
        return [Table("components", "Variance components", ["Of", "Note"], [row], notes=[*found.left_out])]
    rows = [
        [SOURCES[one.source], share(one.share), decimal(one.sd, 2), decimals(one.interval, 2)]
        for one in found.components
    ]
    caption = (
        "On the logit scale, by restricted maximum likelihood; 95 % by the profile of that likelihood, which with few"
        " pieces is a little too narrow (with 16 or 24 it holds their standard deviation in about 93 %). Emotions and"
        " composers: the variance of their fixed effects, less what their errors alone would give."
    )
    first = Table(
        "components", "Variance components", ["Source", "Share", "SD", "95 %"], rows, caption, [*found.left_out]
    )
    return [first, _prospects(found.prospects)]


def _prospects(prospects: tuple[Prospect, ...]) -> Table:
    pieces = list(dict.fromkeys(one.pieces for one in prospects))
    people = list(dict.fromkeys(one.people for one in prospects))
    width = {(one.people, one.pieces): one.half_width for one in prospects}
    rows = [[f"{n} people", *(f"± {points(width[n, m])}" for m in pieces)] for n in people]
    caption = (
        "Half the width, in points, of the mixed model's interval for new people and new pieces, expected with these"
        " variances; everybody hears as many pieces as now."
    )
    header = ["", *(f"{n} pieces" for n in pieces)]
    return Table("prospects", "What more people or more pieces would buy", header, rows, caption)


def component_sentences(found: VarianceComponents) -> list[str]:
    """Return what to have more of.

    >>> widths = [Prospect(30, 24, 0.1), Prospect(30, 48, 0.07), Prospect(60, 24, 0.095)]
    >>> print(component_sentences(VarianceComponents((), tuple(widths), (), None))[0].partition(": ")[2])
    twice the pieces would narrow ± 10.0 points to ± 7.0, twice the people to ± 9.5.
    """
    if not found.prospects:
        return []
    if unsure := [one for one in found.components if one.interval and min(one.sd, one.interval[0]) < NO_SPREAD_BELOW]:
        said = " and ".join(f"of {one.source} {decimal(one.sd, 2)} ({decimals(one.interval, 2)})" for one in unsure)
        return [f"{UNTOLD}: it may be 0, and is, as a standard deviation with its 95 % interval, {said}."]
    now = found.prospects[0]
    pieces = next(one for one in found.prospects if (one.people, one.pieces) == (now.people, 2 * now.pieces))
    people = next(one for one in found.prospects if (one.people, one.pieces) == (2 * now.people, now.pieces))
    gap = people.half_width - pieces.half_width
    first, second, where = ("pieces", "people", pieces.half_width), ("people", people.half_width), "pieces"
    if gap < 0:
        first, second, where = ("people", "pieces", people.half_width), ("pieces", pieces.half_width), "people"
    lies = (
        f"More {where} would narrow the interval of the share of hits most"
        if abs(gap) >= ALIKE_BELOW
        else "More people and more pieces would narrow the interval of the share of hits alike"
    )
    return [
        f"{lies}: twice the {first[0]} would narrow ± {points(now.half_width)} points to ± {points(first[2])},"
        f" twice the {second[0]} to ± {points(second[1])}."
    ]
