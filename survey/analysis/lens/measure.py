"""The lens of every emotion: cue validities, cue utilisations and the lens model equation, with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from threadpoolctl import threadpool_limits

from survey.analysis.accuracy import ONE_PARTICIPANT
from survey.analysis.distributions import t_half_width
from survey.analysis.estimates import NO_ANSWERS, Codes, Floats, Interval, Truths, number
from survey.analysis.lens.equation import Equation, adjusted_consistencies, equation_of, rank_of
from survey.analysis.lens.judged import JudgedClips
from survey.analysis.lens.moments import Moments, moments_of
from survey.analysis.lens.reading import read_clips
from survey.analysis.lens.results import (
    AGREE,
    COMPOSER_ONLY,
    DISAGREE,
    LISTENERS_ONLY,
    NEITHER,
    CueOfEmotion,
    CuePair,
    Lens,
    LensNumber,
    LensOfEmotion,
)
from survey.analysis.lens.spread import Spread, spread_of
from survey.analysis.lens.weights import Weights, choose_penalty, ridge_weights, with_cues
from survey.analysis.lens.words import EQUATION

FEWEST_CLIPS = 4
"""Clips of an emotion, and clips of others, below which there are no weights."""
CLIPS_PER_CUE = 3
"""Clips for every cue of the equation and its constant; cues beyond are left out of it."""
KNOWN = 0.5
"""A cue that is known of a smaller share of the clips is left out; otherwise the clips without it are. Where these are
more than this share (composers that measure different things), cues and clips are those of one kind of clips."""
TINY = 1e-12
COMPLETE = 1 - 1e-9
"""Correlations beyond are 1: Fisher's scale has no place for them."""

NO_CUES = "not defined: no cue varies between the clips"
FEW_CLIPS = f"not defined: weights need at least {FEWEST_CLIPS} clips of the emotion"
FEW_PIECES = f"not defined: weights need at least {FEWEST_CLIPS} pieces of the emotion; variants of one are one"
FEW_OTHERS = f"not defined: weights need at least {FEWEST_CLIPS} clips of other emotions"
SAME_JUDGEMENT = "not defined: the same share of answers chose it at every clip"
UNRELATED = "not defined: the cues predict nothing of one side"
NOTHING_LEFT = "not defined: the cues predict one side completely"
NO_SPREAD = "interval not defined: the answers show no spread"
ONE_CUE = "interval not defined: of one cue matching is 1 or −1"
CHANCE = "interval not defined: the cues explain no more than so few clips would by chance"
ALL_OF_IT = "interval not defined: the correlation is complete"
FEW_FOR_EQUATION = f"no equation: it needs {CLIPS_PER_CUE} clips for every cue and its constant"


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers with names for their codes; all arrays have the shape (N,).

    Attributes
    ----------
    person, clip, piece, intended, chosen : array of int
        Codes of who answered, of the clip, of the piece that it plays, of the emotion it was made for (−1: none) and
        of the emotion chosen (−1: none of them).
    clips, emotions : sequence of str
        Names of clips and of emotions.
    """

    person: Codes
    clip: Codes
    piece: Codes
    intended: Codes
    chosen: Codes
    clips: Sequence[str]
    emotions: Sequence[str]

    def select(self, keep: Truths) -> Answers:
        """Return some of the answers."""
        person, clip, piece, intended, chosen = (
            codes[keep] for codes in (self.person, self.clip, self.piece, self.intended, self.chosen)
        )
        return Answers(person, clip, piece, intended, chosen, self.clips, self.emotions)


def measure_lens(answers: Answers, names: Sequence[str], values: Floats, *, ranked: Sequence[str] = EQUATION) -> Lens:
    """Return the lens of every emotion that clips were made for.

    Parameters
    ----------
    answers : Answers
        The answers that count; those to clips without an intended emotion are left out.
    names : sequence of str, length A
        Of the cues.
    values : array of float, shape (clips, A)
        What was measured on every clip of `answers.clips`; NaN where nothing was.
    ranked : sequence of str
        Names that cues of the equation may have, the most important first.

    Notes
    -----
    Samples are clips, each counting alike. An emotion's criterion is 1 for clips made for it and 0 for others; its
    judgement is the share of a clip's answers that chose it, so consistency and achievement are those of as many
    answers per clip as were given. Weights are those of ridge regression on all cues with one penalty
    (`choose_penalty`), which is held when other people and clips are thought of; the equation is least squares on
    `ranked`, as many from its beginning as there are three clips for each cue and the constant, or on all cues where
    none of those is known and clips allow it.

    Intervals are t intervals from `spread_of`, of correlations on Fisher's scale; those of R_e and R_s lie around the
    adjusted ones. They are of one cue each, so one cue in twenty that means nothing has one without 0.

    References
    ----------
    Brunswik (1956), Perception and the Representative Design of Psychological Experiments; Juslin (2000), Journal of
    Experimental Psychology: Human Perception and Performance 26, 1797–1813; Cooksey (1996), Judgment Analysis.

    Examples
    --------
    Twelve people hear eight clips: four slow sad ones and four fast joyful ones. They say sad where a clip is slower
    than 92, but for one in four:

    >>> tempo = np.array([60.0, 66.0, 72.0, 96.0, 90.0, 108.0, 114.0, 120.0])
    >>> people, clips = np.repeat(np.arange(12), 8), np.tile(np.arange(8), 12)
    >>> said = (tempo[clips] > 92) ^ ((people + clips) % 4 == 0)
    >>> made = clips // 4
    >>> found = measure_lens(
    ...     Answers(people, clips, clips, made, said.astype(int), list("ABCDEFGH"), ["sad", "joyful"]),
    ...     ["tempo"], tempo[:, None])
    >>> sad = found.emotions[0]
    >>> sad.emotion, sad.clips, sad.answers, round(sad.achievement.estimate, 3), sad.cues[0].standing
    ('sad', 4, 48, 0.5, 'agree')
    >>> round(sad.cues[0].validity.estimate, 2), round(sad.cues[0].utilisation.estimate, 2)
    (-0.76, -0.83)
    >>> found.readings[0].heard, round(found.readings[0].cues[0].added, 2)
    ('sad', 0.3)
    """
    known = answers.select(answers.intended >= 0)
    heard = np.unique(known.clip)
    cues, complete = _measured(values[heard])
    clips = heard[complete]
    kept = known.select(np.isin(known.clip, clips))
    varying = cues[_varies(values[clips][:, cues])]
    bare = _without_weights(answers, kept, len(heard) - len(clips), names, varying)
    if not len(clips) or not len(varying):
        reason = NO_ANSWERS if not len(heard) else NO_CUES
        return replace(bare, emotions=tuple(replace(one, reason=reason) for one in bare.emotions), reason=reason)
    judged = _judged(kept, clips, values[:, varying])
    looked_at = np.array([code for code in np.unique(judged.intended) if not _too_few(judged, code)], np.int64)
    cue_names = [names[place] for place in varying]
    equation = _cues_of_equation(cue_names, ranked, len(clips))
    found = {answers.emotions[code]: _too_few(judged, code) for code in np.unique(judged.intended)}
    result = replace(
        bare,
        equation_cues=tuple(cue_names[place] for place in equation),
        emotions=tuple(replace(one, reason=found[one.emotion]) for one in bare.emotions),
        correlations=_correlations(cue_names, judged.cues),
    )
    if not len(looked_at):
        return result
    with threadpool_limits(1, user_api="blas"):  # many small matrices: threads cost more than they save
        return _with_weights(result, replace(judged, emotions=looked_at), answers, clips, equation)


def _measured(values: Floats) -> tuple[Codes, Truths]:
    """Which cues are known of enough clips, as places, and which clips have all of those."""
    there = np.isfinite(values)
    if not len(values):
        return np.zeros(0, np.int64), np.zeros(0, bool)
    cues = np.flatnonzero(there.mean(axis=0) >= KNOWN)
    complete: Truths = np.all(there[:, cues], axis=1)
    if len(cues) and complete.mean() >= KNOWN:
        return cues, complete
    return _measured_alike(there)


def _measured_alike(there: Truths) -> tuple[Codes, Truths]:
    """The cues of one kind of clips, and the clips that have them: as much as possible of what was measured is kept.

    >>> one, other = [True, True, True, False], [True, False, False, True]
    >>> cues, clips = _measured_alike(np.array([one, other, one, other]))
    >>> cues.tolist(), clips.tolist()
    ([0, 1, 2], [True, False, True, False])
    """
    kinds = np.unique(there, axis=0)
    of_kind = [np.all(there[:, kind], axis=1) for kind in kinds]
    kept = [int(clips.sum() * kind.sum()) for kind, clips in zip(kinds, of_kind, strict=True)]
    best = max(range(len(kinds)), key=lambda place: (kept[place], int(kinds[place].sum())))
    return np.flatnonzero(kinds[best]), of_kind[best]


def _varies(values: Floats) -> Truths:
    """Whether each cue differs between clips by more than rounding."""
    if not len(values):
        return np.zeros(values.shape[1], bool)
    spread = np.abs(values - values.mean(axis=0)).max(axis=0)
    varies: Truths = spread > TINY * np.abs(values).max(axis=0)
    return varies


def _without_weights(answers: Answers, kept: Answers, left_out: int, names: Sequence[str], cues: Codes) -> Lens:
    """Counts and names alone."""
    emotions = tuple(
        LensOfEmotion(
            answers.emotions[code],
            int(np.unique(kept.clip[kept.intended == code]).size),
            int((kept.intended == code).sum()),
        )
        for code in np.unique(answers.intended[answers.intended >= 0])
    )
    return Lens(
        clips=int(np.unique(kept.clip).size),
        clips_left_out=left_out,
        answers=len(kept.clip),
        participants=int(np.unique(kept.person).size),
        cues=tuple(names[place] for place in cues),
        cues_left_out=tuple(name for place, name in enumerate(names) if place not in set(cues.tolist())),
        equation_cues=(),
        penalty=None,
        emotions=emotions,
        correlations=(),
        readings=(),
    )


def _judged(kept: Answers, clips: Codes, values: Floats) -> JudgedClips:
    """The clips with their cues standardised; codes of clips and pieces are numbered anew."""
    clip = np.searchsorted(clips, kept.clip)
    of_clip = np.zeros((2, len(clips)), np.int64)
    of_clip[:, clip] = kept.intended, kept.piece  # the same at every answer to a clip
    own = values[clips]
    centred = own - own.mean(axis=0)
    return JudgedClips(
        centred / np.sqrt((centred**2).mean(axis=0)),
        of_clip[0],
        np.unique(of_clip[1], return_inverse=True)[1],
        kept.person,
        clip,
        kept.chosen,
        np.zeros(0, np.int64),
    )


def _too_few(judged: JudgedClips, code: int) -> str | None:
    """Why an emotion has no weights: pieces count, as several clips of one piece have the same cues."""
    own = judged.intended == code
    if np.unique(judged.pieces[own]).size < FEWEST_CLIPS:
        return FEW_PIECES if own.sum() >= FEWEST_CLIPS else FEW_CLIPS
    return FEW_OTHERS if np.unique(judged.pieces[~own]).size < FEWEST_CLIPS else None


def _cues_of_equation(names: Sequence[str], ranked: Sequence[str], clips: int) -> Codes:
    """Places of the cues of the equation, the most important first."""
    most = clips // CLIPS_PER_CUE - 1
    places = [names.index(name) for name in ranked if name in names]
    if not places and len(names) <= most:
        return np.arange(len(names))
    return np.array(places[: max(most, 0)], np.int64)


def _correlations(names: Sequence[str], cues: Floats) -> tuple[CuePair, ...]:
    table = np.clip(cues.T @ cues / len(cues), -1.0, 1.0)
    pairs = [CuePair(names[a], names[b], float(table[a, b])) for a, b in combinations(range(len(names)), 2)]
    return tuple(sorted(pairs, key=lambda pair: -abs(pair.correlation)))


def _with_weights(result: Lens, judged: JudgedClips, answers: Answers, clips: Codes, equation: Codes) -> Lens:
    """The same with weights, equation and readings of the emotions that have enough clips."""
    moments = moments_of(judged.cues, judged.criterion, judged.judgement)
    penalty = choose_penalty(moments)
    weights, simple = ridge_weights(moments, penalty), with_cues(moments)
    spread = spread_of(judged, lambda moved: _side_by_side(ridge_weights(moved, penalty)))
    terms = _Terms(judged, moments, equation)
    by_name = {answers.emotions[code]: place for place, code in enumerate(judged.emotions.tolist())}
    emotions = []
    for one in result.emotions:
        if (place := by_name.get(one.emotion)) is None:
            emotions.append(one)
            continue
        cues = _cues(result.cues, place, weights, simple, spread, moments)
        emotions.append(terms.put_into(replace(one, cues=cues), place))
    return replace(
        result,
        penalty=penalty,
        emotions=tuple(emotions),
        readings=read_clips(judged, [answers.clips[code] for code in clips], answers.emotions, emotions),
    )


def _side_by_side(weights: Weights) -> Floats:
    return np.concatenate([weights.validity, weights.utilisation], axis=2)


def _cues(
    names: Sequence[str], place: int, weights: Weights, simple: Weights, spread: Spread, moments: Moments
) -> tuple[CueOfEmotion, ...]:
    judged_alike = bool(moments.variance_judgement[0, place] <= TINY)
    found = []
    for cue, name in enumerate(names):
        at = place, cue
        validity = _weight(weights.validity[0, place, cue], spread.clips[at], spread.degrees_clips[at])
        if judged_alike:
            utilisation = LensNumber(None, reason=SAME_JUDGEMENT)
        else:
            at = place, len(names) + cue
            utilisation = _weight(weights.utilisation[0, place, cue], spread.both[at], spread.degrees[at])
        found.append(
            CueOfEmotion(
                name,
                validity,
                utilisation,
                number(simple.validity[0, place, cue]),
                None if judged_alike else number(simple.utilisation[0, place, cue]),
                standing_of(validity.interval, utilisation.interval),
            )
        )
    return tuple(found)


def _weight(weight: float, variance: float, degrees: float) -> LensNumber:
    if degrees < 1:
        return LensNumber(float(weight), reason=ONE_PARTICIPANT)
    if not variance > TINY**2:
        return LensNumber(float(weight), reason=NO_SPREAD)
    half = t_half_width(math.sqrt(variance), degrees)
    return LensNumber(float(weight), (float(weight) - half, float(weight) + half))


def standing_of(validity: Interval | None, utilisation: Interval | None) -> str | None:
    """Return how a cue stands on the two sides; None without two intervals.

    >>> standing_of((0.1, 0.5), (0.2, 0.6)), standing_of((-0.5, -0.1), (0.2, 0.6)), standing_of((-0.1, 0.5), (0.2, 0.6))
    ('agree', 'disagree', 'listeners_only')
    """
    if validity is None or utilisation is None:
        return None
    composed, heard = _sign(validity), _sign(utilisation)
    if composed and heard:
        return AGREE if composed == heard else DISAGREE
    if composed:
        return COMPOSER_ONLY
    return LISTENERS_ONLY if heard else NEITHER


def _sign(interval: Interval) -> int:
    """1 or −1 where the interval is without 0, else 0."""
    return 1 if interval[0] > 0 else -1 if interval[1] < 0 else 0


class _Terms:
    """The lens model equation of all emotions, with what its terms would be with other people and clips."""

    def __init__(self, judged: JudgedClips, moments: Moments, cues: Codes):
        self.cues = cues
        if not len(cues):
            return
        self.moments = moments.only(cues)
        self.found = equation_of(self.moments)
        self.adjusted = adjusted_consistencies(self.moments)
        self.rank = rank_of(self.moments)
        self.spread = spread_of(judged, lambda moved: _on_fishers_scale(moved.only(cues)))

    def put_into(self, one: LensOfEmotion, place: int) -> LensOfEmotion:
        """Return the emotion with its equation."""
        if not len(self.cues):
            return replace(one, reason=FEW_FOR_EQUATION)
        found, spread = self.found, self.spread
        alike = bool(np.isnan(found.achievement[0, place]))  # the criterion varies: there are clips of both kinds
        missing = SAME_JUDGEMENT if alike else ""
        sender, listener = (float(part[0, place]) for part in self.adjusted)
        new_both = [(spread.both[place, column], spread.degrees[place, column]) for column in range(5)]
        new_clips = spread.clips[place, 2], spread.degrees_clips[place, 2]
        return replace(
            one,
            achievement=_term(found.achievement[0, place], new_both[0], missing),
            matching=_matching(_term(found.matching[0, place], new_both[1], missing or UNRELATED), self.rank),
            sender_consistency=_consistency(found.sender[0, place], sender, new_clips, ""),
            listener_consistency=_consistency(found.listener[0, place], listener, new_both[3], missing),
            sender_adjusted=number(sender),
            listener_adjusted=None if alike else number(listener),
            unmodelled_agreement=_term(found.unmodelled[0, place], new_both[4], missing or NOTHING_LEFT),
        )


def _on_fishers_scale(moments: Moments) -> Floats:
    """r_a, G, adjusted R_e and R_s, and C on Fisher's scale, shape (B, E, 5)."""
    found: Equation = equation_of(moments)
    sender, listener = adjusted_consistencies(moments)
    terms = np.stack([found.achievement, found.matching, sender, listener, found.unmodelled], axis=2)
    result: Floats = np.arctanh(np.clip(terms, -COMPLETE, COMPLETE))
    return result


def _term(value: float, spread: tuple[float, float], missing: str) -> LensNumber:
    """A correlation with its interval on Fisher's scale."""
    if math.isnan(value):
        return LensNumber(None, reason=missing)
    interval, reason = _around(float(value), spread)
    return LensNumber(float(value), interval, reason)


def _consistency(value: float, adjusted: float, spread: tuple[float, float], missing: str) -> LensNumber:
    if math.isnan(value):
        return LensNumber(None, reason=missing)
    interval, reason = _around(adjusted, spread)
    if interval is None and not adjusted:
        reason = CHANCE
    return LensNumber(float(value), interval and (max(interval[0], 0.0), interval[1]), reason)


def _matching(found: LensNumber, rank: int) -> LensNumber:
    if rank > 1 or found.estimate is None:
        return found
    return LensNumber(found.estimate, reason=ONE_CUE)


def _around(value: float, spread: tuple[float, float]) -> tuple[Interval | None, str | None]:
    variance, degrees = spread
    if degrees < 1:
        return None, ONE_PARTICIPANT
    if abs(value) > COMPLETE:
        return None, ALL_OF_IT
    if not TINY**2 < variance < math.inf:  # NaN where it is not defined without some clip
        return None, NO_SPREAD
    half = t_half_width(math.sqrt(variance), degrees)
    return (math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half)), None
