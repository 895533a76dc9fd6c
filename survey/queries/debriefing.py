"""What somebody who has finished is told about their own answers, as far as their study allows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from survey.design.trial_forms import FIRST, FITS, SECOND
from survey.models import Participant, Response, Study, Trial
from survey.queries.stimuli import StimulusFacts, facts_of, stimulus_facts, study_choices, word_asked
from survey.wording import choice_label, names_emotion

LEAST_OTHERS = 5
"""Of fewer others no count is told: it would nearly say what one of them chose."""
TOLD_KINDS = (Trial.Kind.MAIN, Trial.Kind.GOLD)
ABOUT = ("trial__stimulus_id", "trial__second_id", "trial__asked_emotion")
OTHER_WAY = {FIRST: SECOND, SECOND: FIRST}
Met = frozenset[int | None]
"""A stimulus and None, or the two that were compared, whichever came first."""


@dataclass(frozen=True, slots=True)
class ToldCount:
    """How often others gave an answer; `is_own` marks the one that is the reader's own."""

    label: str
    number: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """A clip that somebody met, or two that they compared, what they said, and what else may be told of it.

    `second` is the clip that was played second, None where one was; the counts of others are of the clip that they
    chose, whichever was played to them first. `meant` is empty where it is not told, or where the question was not what
    is expressed; `others` is None where that is not told, and empty where they are too few.
    """

    stimulus: StimulusFacts
    description: str
    asked: str
    chosen: str
    meant: str
    others: Sequence[ToldCount] | None
    people: int
    second: StimulusFacts | None = None


@dataclass(frozen=True, slots=True)
class Debriefing:
    """What the last page tells; `answers` is empty where own answers are not shown."""

    text: str
    answers: Sequence[OwnAnswer]
    tells_later: bool
    """Whether more will be told once the study is closed."""


def debriefing_of(participant: Participant) -> Debriefing | None:
    """What `participant` is told after the last answer; None for whoever has not finished, or has withdrawn."""
    study = participant.study
    if participant.outcome != Participant.Outcome.COMPLETE:
        return None
    language = study.spoken(participant.language)
    later = study.debrief_own and any(
        when == Study.Disclosure.CLOSED and not study.discloses(when)
        for when in (study.debrief_intended, study.debrief_others)
    )
    answers = _own_answers(participant, language) if study.debrief_own else []
    return Debriefing(study.wording(language)["debriefing"], answers, later)


def _own_answers(participant: Participant, language: str) -> list[OwnAnswer]:
    study = participant.study
    rows = list(
        Response.objects.filter(trial__participant=participant, trial__kind__in=TOLD_KINDS)
        .order_by("trial__position")
        .values_list(*ABOUT, "choice__slug")
    )
    facts, every = facts_of(study), stimulus_facts(study)
    labels = {choice.slug: choice.label_in(language) for choice in study_choices(study)}
    tells_others = study.discloses(study.debrief_others)
    counts = _others(participant, {key for row in rows for key in row[:2] if key}) if tells_others else {}
    tells_meant = study.discloses(study.debrief_intended) and study.form is not FITS
    found = []
    for first, second, asked, chosen in rows:
        stimulus = facts[first]
        others = _as_played(counts.get((frozenset({first, second}), asked), {}), first)
        people = sum(others.values())
        found.append(
            OwnAnswer(
                stimulus=stimulus,
                description="" if names_emotion(stimulus.picture_words) else stimulus.picture_words,
                asked=word_asked(every, asked, language),
                chosen=labels.get(chosen, chosen),
                meant=_meant(study, stimulus, labels, language) if tells_meant else "",
                others=_counts(others, labels, chosen)
                if tells_others and people >= LEAST_OTHERS
                else _none(tells_others),
                people=people,
                second=facts[second] if second else None,
            )
        )
    return found


def _none(tells_others: bool) -> Sequence[ToldCount] | None:
    return () if tells_others else None


def _meant(study: Study, stimulus: StimulusFacts, labels: Mapping[str, str], language: str) -> str:
    """The word for what it was meant to express, as the study's answers or its questions name it."""
    if study.form.names_emotion:
        return word_asked([stimulus], stimulus.emotion, language)
    return labels.get(stimulus.emotion) or choice_label(stimulus.emotion, language)


def _others(participant: Participant, clips: Collection[int]) -> dict[tuple[Met, str], dict[int, Counter[str]]]:
    """(what was met, emotion named) → what came first → answer → how many others gave it.

    Who withdrew is none of the others.
    """
    rows = (
        Response.objects.counted(participant.study)
        .filter(trial__stimulus_id__in=clips, trial__kind__in=TOLD_KINDS)
        .exclude(trial__participant=participant)
        .order_by()
        .values_list(*ABOUT, "choice__slug")
        .annotate(number=Count("pk"))
    )
    found: dict[tuple[Met, str], dict[int, Counter[str]]] = {}
    for first, second, asked, chosen, number in rows:
        met = found.setdefault((frozenset({first, second}), asked), {})
        met.setdefault(first, Counter())[chosen] += number
    return found


def _as_played(others: Mapping[int, Counter[str]], first: int) -> Counter[str]:
    """How often each answer was given, said as by somebody to whom the clip `first` was played first."""
    counts: Counter[str] = Counter()
    for came_first, answers in others.items():
        for chosen, number in answers.items():
            counts[chosen if came_first == first else OTHER_WAY[chosen]] += number
    return counts


def _counts(others: Counter[str], labels: Mapping[str, str], chosen: str) -> list[ToldCount]:
    """Most frequent first; answers that nobody gave are left out, but for the reader's own."""
    numbers = {slug: others[slug] for slug in labels if others[slug] or slug == chosen}
    ranked = sorted(numbers.items(), key=lambda pair: pair[1], reverse=True)
    return [ToldCount(labels[slug], number, slug == chosen) for slug, number in ranked]
