"""The pairs that a study compares: clips of one topic from two of its cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from survey.design.comparing import Contestant, Pair, find_pairs, name_pair
from survey.design.trial_forms import FITS, TrialForm
from survey.models import Stimulus, Study
from survey.queries import StimulusFacts, asked_questions, hot, stimulus_facts
from survey.questions import REGISTER, When

Role = Stimulus.Role
ABOUT_ANY_TRIAL = frozenset({"confidence"})
"""Ready-made questions that make sense about two clips; a researcher's own speak for themselves."""


@dataclass(frozen=True, slots=True)
class PairFrame:
    """What of a study's pairs never changes once it is published; `pairs` by the kind of trial."""

    by_key: Mapping[int, StimulusFacts]
    pairs: Mapping[str, Sequence[Pair]]
    stimuli: hot.Stimuli


def frame_of_pairs(study: Study) -> PairFrame:
    """The pairs of `study`; those of a published one are found once per process."""
    if study.is_draft or study.published_at is None:
        return _make_frame(study.form, stimulus_facts(study))
    return _frozen_frame(study.pk, study.published_at)


@lru_cache(maxsize=64)
def _frozen_frame(study_id: int, _published_at: datetime) -> PairFrame:
    study = Study.objects.get(pk=study_id)
    return _make_frame(study.form, stimulus_facts(study))


def _make_frame(form: TrialForm, every: Sequence[StimulusFacts]) -> PairFrame:
    return PairFrame(
        by_key={facts.pk: facts for facts in every},
        pairs={role: pairs_of(form, every, role) for role in Role.values},
        stimuli=hot.Stimuli([facts.pk for facts in every]),
    )


def pairs_of(form: TrialForm, every: Sequence[StimulusFacts], role: str) -> list[Pair]:
    """The pairs among the stimuli in one role; practice has one cell, so there its clips meet each other."""
    contestants = (
        Contestant(one.pk, one.clip_key, one.condition_id, _topic(form, one))
        for one in every
        if one.role == role and one.presentation == form.presents
    )
    return find_pairs(contestants, within_cells=role != Role.MAIN)


def _topic(form: TrialForm, one: StimulusFacts | Stimulus) -> str:
    """What two clips have in common that are compared: the picture that they may fit, or what they may express."""
    return one.picture_sha256 if form is FITS else one.emotion


def pair_key(study: Study, first: Stimulus, second: Stimulus) -> str:
    """What a person must not meet again of these two."""
    return name_pair(_topic(study.form, first), first.clip_key, second.clip_key)


def comparing_reasons(study: Study) -> Iterator[str]:
    """What stands against publishing a study that compares clips; nothing where it does not."""
    form = study.form
    if not form.compares:
        return
    every = stimulus_facts(study)
    what = "picture and music" if form is FITS else "music only"
    if strange := sorted({cell.name for cell in study.conditions.exclude(presentation=form.presents)}):
        yield (
            f"Where people say “{form.says.removeprefix('Two clips: ')}” every cell presents {what}, and these do not: "
            f"{', '.join(strange)}. Take them out on the page of clips."
        )
    yield from _pair_reasons(study, every)
    if study.gold_trials or study.repeat_trials:
        yield "Comparisons of two clips have no right answer and are not repeated: set gold and repeat trials to 0."
    if study.spread != Study.Spread.WITHIN or study.trial_order != Study.Order.RANDOM:
        yield (
            "Two clips of a pair come from two cells, so everyone gets every cell, and the order is by chance: choose "
            "both under “Trials”."
        )
    if study.loudness != Study.Loudness.EQUAL:
        yield "Two clips that are compared must be equally loud: choose “All equally loud” under “Listening”."
    about_one = [
        question.told
        for question in asked_questions(study)
        if question.when is When.CLIP and question.key in REGISTER and question.key not in ABOUT_ANY_TRIAL
    ]
    if about_one:
        yield f"These questions ask about one clip, but a trial plays two: {', '.join(about_one)}. Leave them out."


def _pair_reasons(study: Study, every: Sequence[StimulusFacts]) -> Iterator[str]:
    topic = "picture" if study.form is FITS else "intended emotion"
    main = pairs_of(study.form, every, Role.MAIN)
    if not main:
        yield (
            f"There is no pair to compare: a pair is made of two clips of one {topic} from two cells. On the page of "
            f"clips, choose a cell for each composer (or matching and mismatched pairs), and clips of the same {topic}."
        )
        return
    if study.clips_per_participant > len(main):
        yield (
            f"One person would compare {study.clips_per_participant} pairs, but there are only {len(main)} different "
            "ones; lower the number or add clips."
        )
    paired = Counter(clip.key for pair in main for clip in pair[:2])
    alone = sum(facts.role == Role.MAIN and facts.pk not in paired for facts in every)
    if alone:
        yield (
            f"{alone} main clips have no other clip of their {topic} in another cell, so nobody would ever hear them. "
            "Choose clips that can be compared, or leave these out."
        )
    practice = pairs_of(study.form, every, Role.PRACTICE)
    if study.practice_trials > len(practice):
        yield (
            f"{study.practice_trials} practice trials are planned, but the practice clips make {len(practice)} pairs "
            f"of one {topic}: choose more practice clips of one {topic}, or fewer trials."
        )
