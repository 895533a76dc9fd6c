"""Studies that compare two clips, and people who answer all of their trials."""

from __future__ import annotations

from django.utils import timezone

from generation.emotions import SLUGS
from survey import actions
from survey.actions import Answer
from survey.models import Participant
from tests.survey.factories import make_study, make_versions

FITTING = {"matched:muse": 1.0, "matched:paper": 1.0}
SOUNDING = {"music_only:muse": 1.0, "music_only:paper": 1.0}
CELLS = {"fits": FITTING, "more": SOUNDING}


def two_composers(count=4, emotions=SLUGS, first=0):
    """Clips of two composers to the same pictures, no two sounds alike."""
    muse = make_versions(count, composer="muse", emotions=emotions, first=first)
    return [*muse, *make_versions(count, composer="paper", emotions=emotions, first=first, tones=100)]


def comparing(mode="fits", *, count=4, cells=None, **fields):
    cells = cells or CELLS[mode]
    fields = {"clips_per_participant": count, **fields}
    return make_study(versions=two_composers(count), mode=mode, cells=cells, **fields)


def begin(study, kind=Participant.Kind.PERSON):
    return actions.join(study=study, token=f"t{Participant.objects.count()}", language="en", kind=kind)


def answer_all(study, person, choose=lambda trial: "first"):
    """Answer every trial as a browser that measured; the trials in their order."""
    had = []
    trial = actions.give_trial(participant=person)
    while trial is not None:
        later = timezone.now() + timezone.timedelta(seconds=60)
        answer = Answer(
            choose(trial), confidence=3, played_seconds=1.0, plays=1, second_played_seconds=1.0, second_plays=2
        )
        stored = actions.record_answer(study=study, token=trial.token, answer=answer, now=later)
        had.append(stored.trial)
        trial = actions.give_trial(participant=person)
    return had
