"""The verdict of a study's rules on each participant. Nothing is deleted: tables exist for all and for included."""

from __future__ import annotations

from django.db import transaction

from survey.design.quality import Judged, Verdict, judge, read_rules
from survey.models import Participant, Response, Study


def judge_participant(participant: Participant) -> Verdict:
    """Apply the rules fixed at publication and store the verdict with its reasons."""
    study = participant.study
    rows = (
        Response.objects.filter(trial__participant=participant)
        .order_by("trial__position")
        .values_list(
            "trial__kind",
            "trial__stimulus_id",
            "choice__slug",
            "trial__stimulus__emotion",
            "trial__asked_emotion",
            "seconds",
            "played_seconds",
            "trial__stimulus__duration_seconds",
        )
    )
    answers = [
        Judged(
            kind=kind,
            stimulus=stimulus,
            chosen=chosen,
            expected="yes" if asked else emotion,
            seconds=seconds,
            played=played / length if played is not None and length else None,
        )
        for kind, stimulus, chosen, emotion, asked, seconds, played, length in rows
    ]
    verdict = judge(answers, read_rules(study.exclusion_rules), headphones_passed=participant.headphones.get("passed"))
    participant.included = verdict.included
    participant.verdict = list(verdict.reasons)
    participant.save(update_fields=["included", "verdict"])
    return verdict


@transaction.atomic
def judge_study(*, study: Study) -> int:
    """Judge everybody who finished once more; how many are left out."""
    people = study.participants.filter(outcome=Participant.Outcome.COMPLETE).select_related("study")
    return sum(not judge_participant(person).included for person in people)
