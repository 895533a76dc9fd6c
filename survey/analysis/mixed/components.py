"""The measure `variance_components`: how much lies in people, pieces and emotions, and what more of them would buy."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from survey.analysis.estimates import Interval
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.mixed.design import Design
from survey.analysis.mixed.fitting import Fit
from survey.analysis.mixed.model import overall_share
from survey.analysis.mixed.of_study import fit_primary
from survey.analysis.mixed.results import Component, Prospect, VarianceComponents
from survey.analysis.mixed.shown import component_sentences, component_tables

OF_ANSWERS = math.pi**2 / 3
"""Variance of the standard logistic distribution: that of a single answer on the latent scale."""
TIMES = (1, 2, 4)


def measure_variance_components(asked: Asked) -> VarianceComponents | None:
    """Return the variance components of the primary cell's mixed model; None where no clip has an intended emotion.

    References
    ----------
    Goldstein, Browne & Rasbash (2002), Understanding Statistics 1, 223–231 (variance partition on the latent scale).
    """
    model = asked.once(fit_primary)
    if model is None:
        return None
    if model.fit is None or model.design is None:
        return VarianceComponents((), (), model.left_out, model.reason)
    found = list(_variances(model.design, model.fit))
    total = sum(variance for _, variance, _ in found)
    components = tuple(Component(name, v, v / total, math.sqrt(v), ends) for name, v, ends in found)
    return VarianceComponents(components, tuple(_prospects(model.design, model.fit)), model.left_out, None)


def _variances(design: Design, fit: Fit) -> Iterator[tuple[str, float, Interval | None]]:
    for place, name in enumerate(("people", "pieces")):
        yield name, float(fit.restricted[place]) ** 2, fit.intervals[place]
    for factor, name in (("emotion", "emotions"), ("composer", "composers"), ("side", "sides")):
        if any(column.factor == factor for column in design.columns):
            yield name, _between_levels(design, fit, factor), None
    yield "answers", OF_ANSWERS, None


def _between_levels(design: Design, fit: Fit, factor: str) -> float:
    """Variance of a factor's fixed effects, the reference's 0 among them, less what their errors alone would give."""
    # Column 0 is the intercept. Treatment contrasts leave the reference out: its effect is 0 by definition.
    places = np.array([place + 1 for place, c in enumerate(design.columns) if c.factor == factor])
    effects = np.concatenate([[0.0], fit.fixed[places]])
    covariance = np.zeros((effects.size,) * 2)
    covariance[1:, 1:] = fit.wide.covariance[np.ix_(places, places)]
    # E[sample variance] = true variance + tr(C Σ)/(k − 1), with the centring matrix C and Σ the effects' covariance.
    centred = np.eye(effects.size) - 1 / effects.size
    by_chance = float(np.trace(centred @ covariance)) / (effects.size - 1)
    return max(0.0, float(effects.var(ddof=1)) - by_chance)


def _prospects(design: Design, fit: Fit) -> Iterator[Prospect]:
    now = overall_share(design, fit)
    people, pieces = design.data.sizes
    for more_people in TIMES:
        for more_pieces in TIMES:
            low, high = now.interval(more_people, more_pieces)
            yield Prospect(people * more_people, pieces * more_pieces, (high - low) / 2)


MEASURE = Measure(
    "variance_components",
    "how much lies in people, pieces and emotions, and what more people or pieces would buy",
    VarianceComponents,
    measure_variance_components,
    tables=component_tables,
    sentences=component_sentences,
    group=Group.MODELS,
    place=20,
)
