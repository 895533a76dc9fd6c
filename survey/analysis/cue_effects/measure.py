"""The effects of cues in a report: on every answer, and on valence and arousal where they were asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from survey.analysis.cue_effects.fitting import Fit, fit_effects, standardise
from survey.analysis.distributions import t_half_width, t_two_sided
from survey.analysis.estimates import ALPHA, Codes, Floats, within
from survey.analysis.measures.measure import A_CHOICE, Asked, Group, Measure, Need
from survey.analysis.measures.shown import Plot, Row, Scale, Table
from survey.analysis.multiplicity import holm
from survey.analysis.ratings import Ratings
from survey.analysis.ratings.cues import ClipCues
from survey.analysis.wording import counted, decimal, decimals, equals_p, p_value, points, points_interval

FEWEST_PIECES = 2
SCALES = ("valence", "arousal")
SHARE_ENDS, RATING_ENDS = (0.2, 0.4, 0.6, 0.8, 1.0), (0.4, 0.8, 1.2, 2.0)
"""Where the axis of a figure may end."""
ROUNDING = 1e-9
"""A standard error below is none: nobody differs from anybody."""
ONE_PERSON = "not defined: it needs at least two people"
ONE_PIECE = "not defined: it needs at least two pieces to say how much pieces differ"
NOT_APART = "not defined: this cue never differed within a piece, or only together with another"
NO_SPREAD = "not defined: it moved by the same in every person and piece, which says nothing of others"


@dataclass(frozen=True, slots=True)
class CueEffect:
    """What one cue does to one thing said."""

    said: Annotated[str, "the answer; `valence` or `arousal` for a rating"]
    cue: Annotated[str, "the cue"]
    lowest: Annotated[str, "its lowest level"]
    highest: Annotated[str, "its highest level"]
    steps: Annotated[int, "steps from the lowest level to the highest: 1 where there are two, 0 of a single level"]
    effect: Annotated[
        float | None, "how a step upwards moves the share of the answer (the rating), every piece compared with itself"
    ]
    interval: Annotated[tuple[float, float] | None, "for new people and new pieces"]
    p_value: Annotated[float | None, "whether it moves anything; two-sided"]
    p_holm: Annotated[float | None, "corrected over all answers and cues; over both ratings and all cues for ratings"]
    standardised: Annotated[
        float | None,
        "standardised weight in the regression of variants' means on all cues, as in published tables",
    ]
    reason: Annotated[str | None, "why something is missing"]


@dataclass(frozen=True, slots=True)
class CueEffects:
    """Of the variants that the primary cell played."""

    n: Annotated[int, "answers to variants"]
    people: Annotated[int, "people who gave them"]
    pieces: Annotated[int, "pieces that were varied"]
    variants: Annotated[int, "variants that were judged"]
    answers: Annotated[tuple[CueEffect, ...], "effects on how often an answer is chosen, for every answer and cue"]
    ratings: Annotated[tuple[CueEffect, ...], "effects on valence and arousal, −1 to 1, where they were asked for"]


VARIANTS = Need("the same pieces with cues changed", lambda asked: asked.primary.cues is not None)


def measure_cue_effects(asked: Asked) -> CueEffects | None:
    """Return the effects in the primary cell; None where no variant was judged."""
    return find_effects(asked.primary)


def find_effects(ratings: Ratings) -> CueEffects | None:
    """Return main effects of every cue on every answer, and on valence and arousal where any was given.

    A cue that was not varied in a piece stands in it at one level all along, and moves nothing there.

    Returns
    -------
    CueEffects, or None
        Where no answer is to a variant.
    """
    cues = ratings.cues
    if cues is None:
        return None
    rows = cues.rows_of(ratings.stimuli)[ratings.stimulus]
    ratings, rows = ratings.select(rows >= 0), rows[rows >= 0]
    if not len(ratings):
        return None
    steps = cues.steps[rows]
    names = sorted(set(cues.pieces))
    pieces = np.array([names.index(piece) for piece in cues.pieces], np.int64)[rows]
    chosen = np.eye(ratings.k)[ratings.chosen]
    answers = _effects(list(ratings.choices), chosen, steps, ratings.participant, pieces, ratings.stimulus, cues)
    rated: list[CueEffect] = []
    for scale, values in zip(SCALES, (ratings.valence, ratings.arousal), strict=True):
        given = np.isfinite(values)
        if given.any():
            parts = steps[given], ratings.participant[given], pieces[given], ratings.stimulus[given]
            rated += _effects([scale], values[given][:, None], *parts, cues)
    return CueEffects(
        n=len(ratings),
        people=int(np.unique(ratings.participant).size),
        pieces=int(np.unique(pieces).size),
        variants=int(np.unique(ratings.stimulus).size),
        answers=_corrected(answers),
        ratings=_corrected(rated),
    )


def _effects(
    names: list[str], said: Floats, steps: Floats, people: Codes, pieces: Codes, stimuli: Codes, cues: ClipCues
) -> list[CueEffect]:
    fit = fit_effects(said, np.nan_to_num(steps), people, pieces)
    weights = standardise(said, steps, stimuli)
    few = ONE_PERSON if np.unique(people).size < 2 else ONE_PIECE if np.unique(pieces).size < FEWEST_PIECES else ""
    return [
        _one(name, cue, cues.levels[cue], fit, (thing, place), float(weights[thing, place]), few)
        for thing, name in enumerate(names)
        for place, cue in enumerate(cues.names)
    ]


def _one(
    said: str, cue: str, levels: tuple[str, ...], fit: Fit, at: tuple[int, int], weight: float, few: str
) -> CueEffect:
    effect, error, degrees = float(fit.effects[at]), float(fit.errors[at]), float(fit.degrees[at[1]])
    reason, interval, p = few, None, None
    if math.isnan(effect):
        reason = NOT_APART
    elif not few and degrees < 1:
        reason = ONE_PIECE
    elif not few and error <= ROUNDING:
        reason = NO_SPREAD
    elif not few:
        half = t_half_width(error, degrees)
        most = 2.0 if said in SCALES else 1.0  # a difference of ratings from −1 to 1; of shares
        interval, p = within(effect - half, effect + half, -most, most), t_two_sided(effect / error, degrees)
    return CueEffect(
        said=said,
        cue=cue,
        lowest=levels[0],
        highest=levels[-1],
        steps=len(levels) - 1,
        effect=None if math.isnan(effect) else effect,
        interval=interval,
        p_value=p,
        p_holm=None,
        standardised=None if math.isnan(weight) or math.isnan(effect) else weight,
        reason=reason or None,
    )


def _corrected(effects: list[CueEffect]) -> tuple[CueEffect, ...]:
    adjusted = holm([one.p_value for one in effects])
    return tuple(replace(one, p_holm=p) for one, p in zip(effects, adjusted, strict=True))


def _levels_of(one: CueEffect) -> str:
    """The cue with where it goes, or at which level it stood."""
    if one.lowest == one.highest:
        return f"{one.cue}: {one.lowest} alone"
    step = "" if one.steps == 1 else ", a step"
    return f"{one.cue}: {one.lowest} → {one.highest}{step}"


def _tables(found: CueEffects) -> list[Table]:
    caption = (
        f"{counted(found.n, 'answer')} of {counted(found.people, 'person', 'people')} to {found.variants} variants of"
        f" {counted(found.pieces, 'piece')}; every piece is compared with itself. Intervals: 95 %, for new people and"
        " new pieces. Main effects: whether cues do more, or less, together than each by itself is not looked at."
    )
    tables = [
        Table(
            "cue_effects",
            "What each cue does to the answers",
            ["Answer", "Cue", "Points", "95 % interval", "p (Holm)", "Weight", "Note"],
            [
                [
                    one.said,
                    _levels_of(one),
                    points(one.effect),
                    points_interval(one.interval),
                    p_value(one.p_holm),
                    decimal(one.standardised, 2),
                    (one.reason or "").removeprefix("not defined: "),
                ]
                for one in found.answers
            ],
            caption + " Weight: standardised, as published tables of cues have it.",
            kinds={"Cue": "remark"},
        )
    ]
    if found.ratings:
        rows = [
            [
                one.said,
                _levels_of(one),
                decimal(one.effect, 2),
                decimals(one.interval, 2),
                p_value(one.p_holm),
                decimal(one.standardised, 2),
                (one.reason or "").removeprefix("not defined: "),
            ]
            for one in found.ratings
        ]
        header = ["Rating", "Cue", "Difference", "95 % interval", "p (Holm)", "Weight", "Note"]
        tables.append(
            Table("cue_ratings", "What each cue does to the ratings", header, rows, caption, kinds={"Cue": "remark"})
        )
    return tables


def _plots(found: CueEffects) -> list[Plot]:
    said = "As {levels}, the {what}: every piece compared with itself, 95 % intervals for new people and new pieces."
    kinds = (
        ("cue_effects", "Effects of cues on the answers", found.answers, SHARE_ENDS, "Effect in points"),
        (
            "cue_ratings",
            "Effects of cues on the ratings",
            found.ratings,
            RATING_ENDS,
            "Effect on the scale from −1 to 1",
        ),
    )
    plots = []
    for name, title, every, ends, axis in kinds:
        effects = [one for one in every if one.effect is not None]
        levels = dict.fromkeys(_levels_of(one).replace(":", " goes", 1) for one in effects)
        what = "share of each answer moves" if every is found.answers else "ratings move"
        plots.append(
            Plot(
                name,
                title,
                [_row(one) for one in sorted(effects, key=lambda one: one.cue)],
                _scale(effects, ends),
                axis,
                f"{said.format(levels=', or '.join(levels), what=what)} Dashed: no effect. ★: p < .05 after Holm.",
                _seen(effects, points if every is found.answers else lambda effect: decimal(effect, 2)),
                reference=0.0,
                reference_label="no effect",
            )
        )
    return plots


def _row(one: CueEffect) -> Row:
    is_clear = one.p_holm is not None and one.p_holm < ALPHA
    note = decimal(one.effect, 2) if one.said in SCALES else points(one.effect)
    return Row(f"{one.cue}: {one.said}{' ★' if is_clear else ''}", one.effect, one.interval, note=note)


def _scale(effects: Sequence[CueEffect], ends: Sequence[float]) -> Scale:
    """The narrowest axis that holds all intervals, 0 in its middle."""
    reached = [abs(end) for one in effects for end in (one.effect or 0.0, *(one.interval or ()))]
    end = next((end for end in ends if end >= max(reached, default=0.0)), ends[-1])
    unit = "\u200a" if ends is SHARE_ENDS else ""
    return Scale(-end, end, (-end, -end / 2, 0.0, end / 2, end), unit=unit, digits=1)


def _seen(effects: Sequence[CueEffect], write: Callable[[float | None], str]) -> str:
    """What the figure shows, to those who do not see it."""
    clear = [one for one in effects if one.p_holm is not None and one.p_holm < ALPHA and one.effect is not None]
    if not clear:
        return "No effect is shown beyond chance (after Holm’s correction)."
    strongest = sorted(clear, key=lambda one: -abs(one.effect or 0.0))
    said = [f"{one.cue} on {one.said} ({_levels_of(one).partition(': ')[2]}) {write(one.effect)}" for one in strongest]
    return f"Shown beyond chance (after Holm’s correction): {'; '.join(said)}."


def _sentences(found: CueEffects) -> list[str]:
    clear = [one for one in found.answers if one.p_holm is not None and one.p_holm < ALPHA and one.effect is not None]
    if all(one.p_holm is None for one in found.answers):
        reasons = dict.fromkeys((one.reason or "").partition(": ")[2] for one in found.answers if one.reason)
        return [
            f"In {counted(found.pieces, 'piece')} whose cues were varied no effect could be tested:"
            f" {'; '.join(reasons)}."
        ]
    if not clear:
        return [
            f"In {counted(found.pieces, 'piece')} whose cues were varied no cue that could be tested moved any answer"
            " beyond chance (after Holm's correction)."
        ]
    strongest = sorted(clear, key=lambda one: -abs(one.effect or 0.0))
    said = [
        f"{one.said} by {points(one.effect)} points as {_levels_of(one).replace(': ', ' goes ', 1)}"
        f" ({points_interval(one.interval)}, {equals_p(one.p_holm)})"
        for one in strongest
    ]
    return [
        "The same pieces with cues changed: the share of answers moved for "
        + "; ".join(said)
        + ". What differed was varied on purpose, so these are effects of the cues and of what moves along with them."
    ]


MEASURE = Measure(
    "cue_effects",
    "what cues changed on purpose do to the answers: main effects, every piece compared with itself",
    CueEffects,
    measure_cue_effects,
    tables=_tables,
    plots=_plots,
    plot_names=("cue_effects", "cue_ratings"),
    sentences=_sentences,
    group=Group.MODELS,
    place=60,
    needs=(A_CHOICE, VARIANTS),
)
