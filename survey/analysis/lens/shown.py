"""The lens as an entry of the register: what is computed from a study, and how it and the lens of pictures read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from generation.emotions import SLUGS
from survey.analysis.lens.measure import Answers, measure_lens
from survey.analysis.lens.reading import is_used
from survey.analysis.lens.results import (
    COMPOSER_ONLY,
    DISAGREE,
    LISTENERS_ONLY,
    NEITHER,
    ClipReading,
    CueOfEmotion,
    Lens,
    LensNumber,
    LensOfEmotion,
)
from survey.analysis.lens.subjects import CLIPS, Subject
from survey.analysis.lens.words import direction_of, label_of
from survey.analysis.measures.measure import A_CHOICE, Asked, Group, Measure, Need
from survey.analysis.measures.shown import LensCue, LensPlot, Table
from survey.analysis.proportions import wilson
from survey.analysis.wording import counted, decimal, decimals, share, short_id

CUES_SHOWN = 6
"""Of each emotion; the report has all."""
READINGS_SHOWN = 24
MATRIX = 8
"""Up to so many cues all stand in the matrix of correlations, of more those that an equation would have."""
ALIKE = 0.7
"""Two cues with a larger correlation are hardly told apart."""
OTHERS = 16
"""Emotions of other names than the eight that are drawn."""


def _has_attributes(asked: Asked) -> bool:
    measured = asked.primary.attributes
    if measured is None:
        return False
    known = np.isfinite(measured.of(asked.primary.stimuli)).sum(axis=1) > 0
    return bool(known[asked.primary.stimulus[asked.primary.intended >= 0]].any())


MEASURED = Need("clips with measured attributes and an intended emotion", _has_attributes)


def measure_study(asked: Asked) -> Lens | None:
    """Return the lens of the primary cell; None where nothing was measured on its clips."""
    ratings = asked.primary
    if ratings.attributes is None:
        return None
    made = ratings.intended_of_stimuli()[ratings.stimulus]  # −1 of a clip that has several
    chosen = np.where(ratings.chosen == ratings.none_code, -1, ratings.chosen)
    answers = Answers(
        ratings.participant, ratings.stimulus, ratings.pieces(), made, chosen, ratings.stimuli, ratings.emotions
    )
    return measure_lens(answers, ratings.attributes.names, ratings.attributes.of(ratings.stimuli))


def show_tables(of: Subject, found: Lens) -> list[Table]:
    """Return the tables of a lens: its equation, what emotions are taken for, weights, correlations, readings."""
    return [part(of, found) for part in (_of_equation, _taken_for, _of_cues, _of_correlations, _of_clips)]


def _of_equation(of: Subject, found: Lens) -> Table:
    rows = [
        [
            one.emotion,
            str(one.clips),
            *map(_number, (one.achievement, one.matching, one.sender_consistency, one.listener_consistency)),
            _number(one.unmodelled_agreement),
            one.reason or "; ".join(dict.fromkeys(filter(None, (part.reason for part in _terms_of(one))))),
        ]
        for one in found.emotions
    ]
    cues = ", ".join(label_of(cue).lower() for cue in found.equation_cues)
    caption = (
        "Lens model equation r_a = G·R_e·R_s + C·√(1 − R_e²)·√(1 − R_s²) by least squares on"
        f" {cues or f'no cue, as {of.one}s are too few'} (Hursch, Hammond & Hursch 1964; Cooksey 1996)."
        f" {of.one.capitalize()}s are the samples: r_a correlates {of.being} with the share of answers that chose it, G"
        " what the cues predict of the two, C what they leave; R_e and R_s say how well the cues predict each. In"
        f" brackets 95 % intervals for new people and new {of.one}s, of R_e for new {of.one}s; those of R_e and R_s"
        f" allow for what few {of.one}s explain by chance, so they lie lower."
    )
    terms = ["Achievement r_a", "Matching G", f"{of.sender} R_e", f"{of.receiver} R_s", "Unmodelled C"]
    header = ["Emotion", f"{of.one.capitalize()}s", *terms, "Note"]
    notes = [_left_out(of, found)] if found.clips_left_out or found.cues_left_out else []
    return Table(of.name, of.title, header, rows, caption, notes)


def _terms_of(one: LensOfEmotion) -> list[LensNumber]:
    return [
        one.achievement,
        one.matching,
        one.sender_consistency,
        one.listener_consistency,
        one.unmodelled_agreement,
    ]


def _left_out(of: Subject, found: Lens) -> str:
    cues = ", ".join(map(label_of, found.cues_left_out))
    parts = [
        f"{counted(found.clips_left_out, of.one)} {of.lacking}" if found.clips_left_out else "",
        f"cues that do not vary or are known of too few {of.one}s: {cues}" if cues else "",
    ]
    return f"Left out: {'; '.join(filter(None, parts))}."


def _number(one: LensNumber) -> str:
    ends = f" ({decimals(one.interval, 2)})" if one.interval else ""
    return f"{decimal(one.estimate, 2)}{ends}"


def _taken_for(of: Subject, found: Lens) -> Table:
    rows = [
        [
            one.emotion,
            "; ".join(_said_of(cue) for cue in _used(one)) or "no cue shown",
            "; ".join(label_of(cue.cue) for cue in one.cues if cue.standing == COMPOSER_ONLY) or "none",
            "; ".join(label_of(cue.cue) for cue in one.cues if cue.standing == DISAGREE) or "none",
        ]
        for one in found.emotions
        if one.cues
    ]
    caption = (
        "Cues whose utilisation has a 95 % interval without 0, the strongest first, with their standardised weights for"
        f" new people and new {of.one}s; beside them those that only {of.used}, and those of both in opposite"
        f" directions. Of cues that mean nothing one in twenty comes up, and more of those that go together with"
        f" one that means something (How cues go together). {of.limits}"
    )
    header = ["Emotion", f"{of.receiver} take it for", f"{of.sender} only", "Opposite directions"]
    kinds = dict.fromkeys(header[1:], "remark")
    title = f"What {of.receiver.lower()} take for each emotion"
    return Table(f"{of.name}_taken", title, header, rows, caption, kinds=kinds)


def _used(one: LensOfEmotion) -> list[CueOfEmotion]:
    return sorted(filter(is_used, one.cues), key=lambda cue: -abs(cue.utilisation.estimate or 0.0))


def _said_of(cue: CueOfEmotion) -> str:
    return f"{direction_of(cue.cue, cue.utilisation.estimate or 0.0)} {_number(cue.utilisation)}"


def _of_cues(of: Subject, found: Lens) -> Table:
    rows = [
        [
            f"{one.emotion}: {label_of(cue.cue)}",
            *(decimal(cue.validity.estimate, 2), decimals(cue.validity.interval, 2), decimal(cue.r_sender, 2)),
            *(decimal(cue.utilisation.estimate, 2), decimals(cue.utilisation.interval, 2), decimal(cue.r_listener, 2)),
            say_standing(of, cue.standing),
            cue.utilisation.reason or cue.validity.reason or "",
        ]
        for one in found.emotions
        for cue in _leading(one)
    ]
    penalty = f", penalty {decimal(found.penalty, 3)} per {of.one}" if found.penalty is not None else ""
    caption = (
        "Standardised weights by ridge regression on all cues, the same penalty on both sides (generalised"
        f" cross-validation{penalty}), which draws them towards 0, and simple correlations r. {of.sender}: how the cue"
        f" tells {of.own} from others, 95 % interval for new {of.one}s; {of.receiver.lower()}: how it tells the share"
        f" of answers that chose the emotion, for new people and new {of.one}s. The {CUES_SHOWN} largest of each"
        " emotion; report.json has all."
    )
    header = ["Cue", of.sender, "95 %", "r", of.receiver, "95 % ", "r ", "Standing", "Note"]
    kinds = {"Standing": "remark"}
    return Table(f"{of.name}_cues", "Weights of the leading cues", header, rows, caption, kinds=kinds)


def say_standing(of: Subject, standing: str | None) -> str:
    """Return how a cue stands on the two sides in words; nothing without two intervals.

    >>> say_standing(CLIPS, COMPOSER_ONLY), say_standing(CLIPS, LISTENERS_ONLY), say_standing(CLIPS, None)
    ('composer only', 'listeners only', '')
    """
    sides = {COMPOSER_ONLY: f"{of.sender.lower()} only", LISTENERS_ONLY: f"{of.receiver.lower()} only"}
    return sides.get(standing or "", standing or "")


def _leading(one: LensOfEmotion) -> list[CueOfEmotion]:
    """The cues with the largest weight on either side; those with an interval without 0 first."""

    def rank(cue: CueOfEmotion) -> tuple[bool, float]:
        weights = [abs(side.estimate or 0.0) for side in (cue.validity, cue.utilisation)]
        return cue.standing in (None, NEITHER), -max(weights)

    return sorted(one.cues, key=rank)[:CUES_SHOWN]


def _of_correlations(of: Subject, found: Lens) -> Table:
    chosen = [cue for cue in of.ranked if cue in found.cues] or found.cues[:MATRIX]
    names = found.cues if len(found.cues) <= MATRIX else chosen
    by_pair = {frozenset((pair.a, pair.b)): pair.correlation for pair in found.correlations}
    rows = [
        [
            label_of(a),
            *("1" if a == b else decimal(by_pair.get(frozenset((a, b))), 2) for b in names),
        ]
        for a in names
        if found.correlations
    ]
    notes = (
        []
        if len(names) == len(found.cues)
        else [f"The matrix has {counted(len(names), 'cue')} that were chosen beforehand; report.json has all."]
    )
    said = _most_alike(of, found)
    caption = f"Pearson’s r over {of.one}s. Cues that go together share their weights."
    header = ["Cue", *map(label_of, names)]
    return Table(f"{of.name}_correlations", "How cues go together", header, rows, caption, notes=[*said, *notes])


def _most_alike(of: Subject, found: Lens) -> list[str]:
    """The two cues with the largest correlation, and how many more are hardly told apart."""
    if not found.correlations:
        return []
    first = found.correlations[0]
    alike = sum(abs(pair.correlation) > ALIKE for pair in found.correlations)
    more = f"; {alike} of {len(found.correlations)} pairs lie beyond ±{ALIKE:.1f}, whose cues are hardly told apart"
    return [
        f"The cues most alike over {of.one}s are {_low(first.a)} and {_low(first.b)}"
        f" (r = {decimal(first.correlation, 2)}{more if alike else ''})."
    ]


def _of_clips(of: Subject, found: Lens) -> Table:
    """Clips heard as another emotion than their own, those that most people surely agree on first."""
    misheard = sorted((one for one in found.readings if one.heard != one.intended), key=_surely, reverse=True)
    rows = [
        [short_id(one.clip), one.intended, one.heard, share(one.share), str(one.answers), say_reading(one, of)]
        for one in misheard[:READINGS_SHOWN]
    ]
    more = f" The first {READINGS_SHOWN} of {len(misheard)}." if len(misheard) > READINGS_SHOWN else ""
    caption = (
        f"{of.one.capitalize()}s that more answers took for this emotion than for any other, and which of their cues go"
        " with it in the model of the answers: points that a cue adds to the share, beside the mean"
        f" {of.one}; no causes.{more}"
    )
    title, *header = of.misheard
    header += ["Share", "Answers", "Cues that go with it"]
    kinds = {"Cues that go with it": "remark"}
    return Table(f"{of.name}_{of.one}s", title, header, rows, caption, kinds=kinds)


def _surely(one: ClipReading) -> float:
    """The lower end of the share's interval: three of three are not yet more than nineteen of twenty."""
    ends = wilson(round(one.share * one.answers), one.answers)
    return ends[0] if ends else 0.0


def say_reading(one: ClipReading, of: Subject = CLIPS) -> str:
    """Return why a clip was heard as it was, as the model of the answers has it.

    >>> from survey.analysis.lens.results import CueOfClip
    >>> adds = CueOfClip("tempo", 1.4, 0.123), CueOfClip("dynamics", -0.8, 0.041)
    >>> say_reading(ClipReading("S1", "awe", "fear", 0.62, 21, adds))
    'faster (+12 points), softer touch (+4 points)'
    >>> say_reading(ClipReading("S1", "awe", "fear", 0.62, 21, ()))
    'not by cues that listeners were shown to use'
    """
    adds = [f"{direction_of(cue.cue, cue.standardised)} (+{100 * cue.added:.0f} points)" for cue in one.cues]
    return ", ".join(adds) or f"not by cues that {of.receiver.lower()} were shown to use"


def say_because(one: ClipReading, of: Subject = CLIPS) -> str:
    """Return the reading of one clip as a sentence.

    >>> from survey.analysis.lens.results import CueOfClip
    >>> say_because(ClipReading("S1", "awe", "fear", 0.62, 21, (CueOfClip("tempo", 1.4, 0.123),)))
    'Heard as fear because: faster (+12 points).'
    >>> say_because(ClipReading("S1", "awe", "fear", 0.62, 21, ()))
    'Heard as fear, not by cues that listeners were shown to use.'
    """
    return f"{of.heard} {one.heard}{' because:' if one.cues else ','} {say_reading(one, of)}."


def show_plots(of: Subject, found: Lens) -> list[LensPlot]:
    """Return the lens of every emotion that has weights."""
    others = iter(plot_names_of(of)[len(SLUGS) :])
    plots = []
    for one in found.emotions:
        name = f"{of.plots}{one.emotion}" if one.emotion in SLUGS else next(others, "")
        if name and one.cues:
            plots.append(_plot(name, of, one))
    return plots


def plot_names_of(of: Subject) -> tuple[str, ...]:
    """Return every name that a figure of the lens may have."""
    names = (*SLUGS, *(f"other-{place}" for place in range(1, OTHERS + 1)))
    return tuple(f"{of.plots}{name}" for name in names)


def _plot(name: str, of: Subject, one: LensOfEmotion) -> LensPlot:
    cues = [
        LensCue(
            cue.cue,
            label_of(cue.cue),
            cue.validity.estimate,
            cue.validity.interval,
            cue.utilisation.estimate,
            cue.utilisation.interval,
            cue.standing or NEITHER,
        )
        for cue in one.cues
    ]
    caption = (
        f"Left: how cues tell {of.own} (ridge regression, 95 % intervals for new {of.one}s); right: how"
        f" they tell the share of answers that chose it (for new people and new {of.one}s)."
    )
    finding = say_emotion(one, of)
    return LensPlot(
        name,
        f"{of.of_emotion} {one.emotion}",
        one.emotion,
        cues,
        _in_words(one.achievement),
        _in_words(one.matching),
        caption,
        finding,
        of.sender,
        of.receiver,
    )


def _in_words(one: LensNumber) -> str:
    if one.estimate is None:
        return ""
    ends = f" (95 % interval {decimals(one.interval, 2)})" if one.interval else ""
    return f"{decimal(one.estimate, 2)}{ends}"


def say_emotion(one: LensOfEmotion, of: Subject = CLIPS) -> str:
    """Return what listeners take for an emotion, and where composer and listeners differ, in a few sentences."""
    used = [direction_of(cue.cue, cue.utilisation.estimate or 0.0) for cue in _used(one)]
    who = of.receiver.lower()
    said = [
        f"What {who} take for {one.emotion}: {', '.join(used)}."
        if used
        else f"No cue was shown to tell what {who} take for {one.emotion}."
    ]
    for standing, words in (
        (COMPOSER_ONLY, of.only_sender),
        (LISTENERS_ONLY, of.only_receiver),
        (DISAGREE, of.opposite),
    ):
        cues = [_low(cue.cue) for cue in one.cues if cue.standing == standing]
        said += [f"{words} {', '.join(cues)}."] if cues else []
    return " ".join(said)


def _low(cue: str) -> str:
    label = label_of(cue)
    return label if label == cue else f"{label[0].lower()}{label[1:]}"


def show_sentences(of: Subject, found: Lens) -> list[str]:
    """Return the lens in words, with what it does not say."""
    told = [one for one in found.emotions if one.cues]
    if not told:
        return [f"The lens of {counted(found.clips, of.one)} shows no weights: {_reason(found)}."]
    said = [_say_achievement(of, told), *(_say_taken(of, one) for one in told if _used(one))]
    without = [one.emotion for one in told if not _used(one)]
    if without:
        said.append(f"No cue was shown to tell what {of.receiver.lower()} take for {', '.join(without)}.")
    return [*said, *_most_alike(of, found), of.limits]


def _reason(found: Lens) -> str:
    reasons = [found.reason] if found.reason else [one.reason for one in found.emotions if one.reason]
    return "; ".join(dict.fromkeys(reason.removeprefix("not defined: ") for reason in reasons))


def _say_achievement(of: Subject, told: Sequence[LensOfEmotion]) -> str:
    known = [(one.achievement.estimate, one) for one in told if one.achievement.estimate is not None]
    if not known:
        return f"The lens of {of.one}s has weights of {counted(len(told), 'emotion')}."
    ranked = sorted(known, key=lambda pair: -pair[0])
    (_, most), (_, least) = ranked[0], ranked[-1]
    if len(ranked) == 1:
        return f"{of.opening} of {most.emotion} was {_in_words(most.achievement)}."
    return (
        f"{of.opening} was largest for {most.emotion}, {_in_words(most.achievement)}, and smallest for"
        f" {least.emotion}, {_in_words(least.achievement)}; their order is not tested."
    )


def _say_taken(of: Subject, one: LensOfEmotion) -> str:
    """The first cues with their numbers; the table has the rest."""
    used = _used(one)
    first = "; ".join(_said_of(cue) for cue in used[:3])
    more = f"; and {len(used) - 3} more" if len(used) > 3 else ""
    return f"What {of.receiver.lower()} take for {one.emotion}: {first}{more}."


MEASURE = Measure(
    CLIPS.name,
    "how emotions go through measured cues: what the composer wrote into them, and what listeners read of them",
    Lens,
    measure_study,
    tables=partial(show_tables, CLIPS),
    plots=partial(show_plots, CLIPS),
    plot_names=plot_names_of(CLIPS),
    sentences=partial(show_sentences, CLIPS),
    group=Group.MODELS,
    place=50,
    needs=(A_CHOICE, MEASURED),
)
