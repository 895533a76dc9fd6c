"""What a mixed model says: typed results, every field with its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Effect:
    """One fixed effect."""

    factor: Annotated[
        str, "`intercept`, `emotion`, `composer`, `side` (of a study of old and new targets) or `presentation`"
    ]
    level: Annotated[str, "its level"]
    reference: Annotated[str, "the level that it is compared with"]
    log_odds: Annotated[float | None, "coefficient of maximum likelihood, as `lme4::glmer` gives it"]
    standard_error: Annotated[float | None, "Wald, from the Hessian of all parameters, as `lme4::glmer` gives it"]
    odds_ratio: Annotated[float | None, "exp(coefficient); of the intercept the odds"]
    interval: Annotated[Ends | None, "of the odds ratio: restricted variances, t"]
    degrees: Annotated[float | None, "degrees of freedom of t"]
    reason: Annotated[str | None, "why something is `null`"]


@dataclass(frozen=True, slots=True)
class FactorTest:
    """Whether any level of a factor differs."""

    factor: Annotated[str, "`emotion`, `composer`, `side` or `presentation`"]
    f: Annotated[float, "Wald's F with restricted variances"]
    degrees: Annotated[float, "its degrees of freedom: levels − 1"]
    residual_degrees: Annotated[
        float, "pieces (or people, or the fewer of both, whichever the factor varies between) less fixed effects"
    ]
    p_value: Annotated[float, "of F"]
    p_holm: Annotated[float, "Holm over the factors"]


@dataclass(frozen=True, slots=True)
class EmotionShare:
    """The share of hits of one emotion."""

    emotion: Annotated[str, "intended emotion"]
    share: Annotated[float, "mean over new people and new pieces"]
    interval: Annotated[Ends, "of it"]


@dataclass(frozen=True, slots=True)
class MixedModel:
    """A logistic mixed model of hits, with crossed random intercepts of people and pieces."""

    n: Annotated[int, "answers in the fit of the primary cell, those in `left_out` not among them"]
    participants: Annotated[int, "people in the fit"]
    pieces: Annotated[int, "pieces in the fit"]
    formula: Annotated[str, "the model, as `lme4` writes it"]
    effects: Annotated[tuple[Effect, ...], "fixed effects; presentation from a second fit of all cells with one target"]
    tests: Annotated[tuple[FactorTest, ...], "factors"]
    people_sd: Annotated[float | None, "standard deviation of people, logits, maximum likelihood"]
    pieces_sd: Annotated[float | None, "of pieces"]
    average: Annotated[float | None, "share of hits of the average listener and piece"]
    average_interval: Annotated[Ends | None, "of it"]
    marginal: Annotated[float | None, "mean share of hits of new people and new pieces, emotions as answered"]
    marginal_interval: Annotated[Ends | None, "of it"]
    emotions: Annotated[tuple[EmotionShare, ...], "of each emotion, for new people and new pieces"]
    left_out: Annotated[tuple[str, ...], "levels whose answers are not in the fit, as they have no finite estimate"]
    notes: Annotated[tuple[str, ...], "what was left out, a fit at a limit, effects that are not finite"]
    reason: Annotated[str | None, "why there is no fit"]


@dataclass(frozen=True, slots=True)
class Component:
    """One source of differences."""

    source: Annotated[str, "`people`, `pieces`, `emotions`, `composers`, `sides` or `answers`"]
    variance: Annotated[float, "on the logit scale, restricted maximum likelihood; π²/3 for single answers"]
    share: Annotated[float, "of the sum (variance partition coefficient)"]
    sd: Annotated[float, "its root"]
    interval: Annotated[Ends | None, "of the standard deviation: restricted profile likelihood; people, pieces"]


@dataclass(frozen=True, slots=True)
class Prospect:
    """What another size would give."""

    people: Annotated[int, "people"]
    pieces: Annotated[int, "pieces; everybody hears as many as now"]
    half_width: Annotated[float, "half the width expected of `mixed_model.marginal_interval`"]


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """How much lies in people, pieces and emotions, and what more of them would buy."""

    components: Annotated[tuple[Component, ...], "sources, empty where there is no fit"]
    prospects: Annotated[tuple[Prospect, ...], "1, 2 and 4 times the people × 1, 2 and 4 times the pieces"]
    left_out: Annotated[tuple[str, ...], "as in `mixed_model`"]
    reason: Annotated[str | None, "why there is no fit"]
