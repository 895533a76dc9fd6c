"""The models that a study's answers allow: one of its primary cell, one across presentations with the same target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from threadpoolctl import threadpool_limits

from survey.analysis.conditions import presentations_of
from survey.analysis.measures.measure import Asked
from survey.analysis.mixed.design import Design, make_design
from survey.analysis.mixed.factors import Levels
from survey.analysis.mixed.fitting import Fit, fit_crossed
from survey.analysis.mixed.laplace import NotConverged
from survey.analysis.old_and_new import NEITHER, OLD, SIDES, side_codes
from survey.analysis.ratings import Ratings

MOST_CELLS = 110_000
"""Person × piece pairs: 100,000 take three to eight seconds of one core, 28,800 one and a half, 720 a sixth."""
MOST_GROUPS = 600
"""The fewer of people and pieces: a dense matrix of that size is factorised at every step."""
TOO_MANY = (
    "not computed: {cells} pairs of person and piece (of at most {most}); the R script in the export pack fits the"
    " same model"
)
TOO_WIDE = (
    "not computed: {people} people and {pieces} pieces (of at most {most} of the fewer of both); the R script in the"
    " export pack fits the same model"
)
ANSWERS_EACH = 2
"""Answers that a model needs for each person, piece and fixed effect; with fewer they say nothing of spreads."""
TOO_THIN = (
    "not defined: {answers} answers are fewer than {each} for each of {people} people, {pieces} pieces and {effects}"
    " fixed effects"
)
TOO_FEW = "not defined: it needs at least three people and three pieces, and two pieces more than effects between them"
ALIKE = "not defined: every answer is a hit, or none is"
ALIKE_IN_LEVELS = "not defined: within every level of its factors every answer is a hit, or none is"
FAILED = "no fit: {why}"
OTHER_TARGETS = {"music_only": {"picture_only"}, "mismatched": {"picture_only"}, "picture_only": {"mismatched"}}
"""In these cells a hit is about the picture where it is about the music in the other, so that odds do not compare."""

FACTORS = ("emotion", "composer", "side")
"""Fixed effects of one cell; the side is whether a clip was made for the new or the old targets that are compared."""
REFERENCES = {"side": SIDES[OLD]}

_ONE_AT_A_TIME = Lock()
"""Fits run on one thread of BLAS: the matrices are so small that on a busy machine a second one costs several times the
work. The limit is the process's, and two fits that set and reset it across each other would leave it set.
"""


@dataclass(frozen=True, slots=True)
class Model:
    """A design with its fit, or the reason why there is none."""

    design: Design | None
    fit: Fit | None
    reason: str | None
    notes: tuple[str, ...] = field(default=())

    @property
    def formula(self) -> str:
        """The model as lme4 writes it."""
        names = dict.fromkeys(column.factor for column in self.design.columns) if self.design else {}
        return f"hit ~ {' + '.join(names) or '1'} + (1 | participant) + (1 | piece)"

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Answers, people and pieces that the fit has, or would have: without levels that were left out."""
        if self.design is None:
            return 0, 0, 0
        return int(self.design.data.trials.sum()), *self.design.data.sizes

    @property
    def left_out(self) -> tuple[str, ...]:
        """Levels whose answers are not in the fit, each with the reason."""
        return self.design.left_out if self.design else ()


def fit_primary(asked: Asked) -> Model | None:
    """Return the model of the primary cell's answers, None where no clip has an intended emotion.

    Seconds of work: measures ask for it by ``asked.once(fit_primary)``.
    """
    known = asked.primary.intended_only
    if not len(known):
        return None
    return _fit(known, {name: _levels(known, name) for name in FACTORS}, REFERENCES, profiles=True)


def fit_presentations(asked: Asked) -> Model | None:
    """Return the model of all presentations with the primary cell's target, None where there is one alone."""
    cell, known = asked.cell, asked.every_cell.intended_only
    if not len(known):
        return None
    cells = presentations_of(known)
    names = [name for name in cells if name not in OTHER_TARGETS.get(cell, ())]
    if len(names) < 2 or cell not in names:
        return None
    code = np.full(len(known), -1, np.int64)
    for place, name in enumerate(names):
        code[cells[name]] = place
    kept = known.select(code >= 0)
    factors = {name: _levels(kept, name) for name in FACTORS}
    factors["presentation"] = (tuple(names), code[code >= 0])
    return _fit(kept, factors, {**REFERENCES, "presentation": cell}, profiles=False)


def _levels(ratings: Ratings, name: str) -> Levels:
    if name == "emotion":
        return ratings.emotions, ratings.intended
    if name == "side":
        codes = side_codes(ratings)
        return (*SIDES, "(none)"), np.where(codes == NEITHER, len(SIDES), codes)
    factor = ratings.factors[name]
    return tuple(level or "(none)" for level in factor.levels), factor.codes


def _fit(ratings: Ratings, factors: Mapping[str, Levels], references: Mapping[str, str], *, profiles: bool) -> Model:
    hits, pieces = ratings.hits, ratings.pieces()
    if bool(hits.all()) or not bool(hits.any()):
        return Model(None, None, ALIKE)
    design = make_design(hits, ratings.participant, pieces, factors, references)
    if design is None:
        return Model(None, None, ALIKE_IN_LEVELS)
    if min(design.data.sizes) < 3 or min(design.degrees(which) for which in (0, 1)) < 2:
        return Model(design, None, TOO_FEW, design.notes)
    if reason := _too_thin(design) or _too_large(design):
        return Model(design, None, reason, design.notes)
    try:
        with _ONE_AT_A_TIME, threadpool_limits(1, user_api="blas"):
            fit = fit_crossed(design.data, profiles=profiles)
    except (NotConverged, np.linalg.LinAlgError) as error:
        return Model(design, None, FAILED.format(why=error), design.notes)
    return Model(design, fit, None, (*design.notes, *_said(fit)))


def _too_thin(design: Design) -> str | None:
    n_people, n_pieces = design.data.sizes
    answers, effects = int(design.data.trials.sum()), design.data.rows.shape[1]
    if answers >= ANSWERS_EACH * (n_people + n_pieces + effects):
        return None
    return TOO_THIN.format(answers=answers, each=ANSWERS_EACH, people=n_people, pieces=n_pieces, effects=effects)


def _too_large(design: Design) -> str | None:
    data = design.data
    if data.hits.size > MOST_CELLS:
        return TOO_MANY.format(cells=f"{data.hits.size:,}", most=f"{MOST_CELLS:,}")
    if min(data.sizes) > MOST_GROUPS:
        return TOO_WIDE.format(people=f"{data.sizes[0]:,}", pieces=f"{data.sizes[1]:,}", most=f"{MOST_GROUPS:,}")
    return None


def _said(fit: Fit) -> Iterable[str]:
    """Name what stands at its limit: a singular fit is said, not hidden."""
    for name, singular, wide in zip(("people", "pieces"), fit.singular, fit.restricted, strict=True):
        if singular:
            more = f"; by restricted maximum likelihood, which intervals use, {wide:.2f}" if wide > 0 else ""
            yield f"singular fit: the standard deviation of {name} is 0{more}"
    if fit.is_plain:
        yield "few answers: the restricted likelihood has no maximum, and intervals use plain variances"
    if fit.errors is None:
        yield "the Hessian has no inverse: there are no standard errors"
