"""Where a participant stands: the next page, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from survey.models import Participant, Study, Trial
from survey.queries.questions import asked_at, screening_of
from survey.queries.stimuli import sounds_that_may_come, stimulus_facts
from survey.questions import When


@dataclass(frozen=True, slots=True)
class Progress:
    """`position` of `total`, among trials of the same sort: practice apart from the rest."""

    position: int
    total: int
    practice: bool

    @property
    def answered(self) -> int:
        return self.position - 1


def progress_of(participant: Participant, trial: Trial) -> Progress:
    practice = [kind for kind in participant.plan if kind == Trial.Kind.PRACTICE]
    if trial.kind == Trial.Kind.PRACTICE:
        return Progress(trial.position, len(practice), practice=True)
    return Progress(trial.position - len(practice), len(participant.plan) - len(practice), practice=False)


def next_step(participant: Participant, *, trials_left: bool | None = None) -> str:
    """The name of the page a participant belongs on: screening, sound, headphones, before, clip, about or end.

    Whoever knows already whether trials are left says so and saves a question to the database.
    """
    study = participant.study
    if participant.outcome != Participant.Outcome.ACTIVE:
        return "end"
    if participant.screened_at is None and screening_of(study, hears_music=hears_music(participant)):
        return "screening"
    if participant.sound_checked_at is None and hears_music(participant):
        return "sound"
    wants_headphones = study.headphones != Study.Headphones.NONE and not participant.headphones.get("finished")
    if wants_headphones and hears_music(participant):
        return "headphones"
    if participant.asked_before_at is None and asked_at(study, When.BEFORE):
        return "before"
    if has_trials_left(participant) if trials_left is None else trials_left:
        return "clip"
    if participant.background_at is None and asked_at(study, When.AFTER):
        return "about"
    return "end"


def is_idle(participant: Participant) -> bool:
    """Whether the last answer is so long ago that the instructions come first."""
    return timezone.now() - participant.last_seen_at > participant.study.patience


def has_trials_left(participant: Participant) -> bool:
    answered = Trial.objects.filter(participant=participant, answered_at__isnull=False).count()
    return answered < len(participant.plan)


def plays_music(study: Study) -> bool:
    return any(fact.has_audio for fact in stimulus_facts(study))


def hears_music(participant: Participant) -> bool:
    """Whether this person may be given music: not in a study of pictures, nor in a cell of pictures alone."""
    return True in _may_come(participant)


def what_comes(participant: Participant) -> str:
    """What the trials of this person are: clips, pictures, a mixture, or pairs of clips."""
    if participant.study.form.compares:
        return "pairs"
    kinds = _may_come(participant)
    if kinds == {True}:
        return "clips"
    return "pictures" if kinds == {False} else "mixed"


def _may_come(participant: Participant) -> frozenset[bool]:
    """Of the stimuli that fit this person's cell and plan: whether some have sound, whether some have none."""
    return sounds_that_may_come(participant.study, frozenset(participant.plan), participant.condition_id)
