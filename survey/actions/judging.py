"""The verdict on each participant: the study's rules, and what a researcher decides by hand. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Sequence

from melodymuse_site.turns import ActionRefused
from survey.actions.acting import on_person, on_study
from survey.actions.audit import Actor, record
from survey.actions.exporting import outdate_packs
from survey.actions.forgetting import BY_HAND, REASON_GONE
from survey.design.listening import is_measured, share_played
from survey.design.lures import right_answer
from survey.design.quality import Checked, Judged, Verdict, judge, read_rules
from survey.models import Participant, Response, Study

Outcome = Participant.Outcome
# Who withdrew has no answers any more, and who never began gave none.
CANNOT_BE_SET_ASIDE = (Outcome.WITHDRAWN, Outcome.NO_CONSENT, Outcome.QUOTA_FULL)


class JudgingRefused(ActionRefused):
    """A participant who cannot be set aside; the message says why."""


def judge_participant(participant: Participant) -> Verdict:
    """Store the verdict with its reasons: the rules fixed at publication, and whether somebody was set aside.

    The rules speak about complete participations only.
    """
    reasons = _broken_rules(participant) if participant.outcome == Outcome.COMPLETE else ()
    by_hand = (f"{BY_HAND}: {participant.set_aside}",) if participant.set_aside else ()
    verdict = Verdict((*reasons, *by_hand))
    judged = participant.outcome == Outcome.COMPLETE or by_hand
    participant.included = verdict.included if judged else None
    participant.verdict = list(verdict.reasons)
    participant.save(update_fields=["included", "verdict"])
    return verdict


def reason_by_hand(verdict: Sequence[str]) -> str:
    """The reason of whoever set a person aside, as a stored verdict has it; empty where nobody did."""
    said = f"{BY_HAND}: "
    return next((reason.removeprefix(said) for reason in verdict if reason.startswith(said)), "")


def _broken_rules(participant: Participant) -> tuple[str, ...]:
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
            "trial__instructed",
            "seconds",
            "played_seconds",
            "second_played_seconds",
            "listening_doubtful",
            "trial__stimulus__duration_seconds",
            "trial__second__duration_seconds",
        )
    )
    answers = [
        Judged(
            kind=kind,
            stimulus=stimulus,
            chosen=chosen,
            expected=instructed or right_answer(emotion, asked),
            seconds=seconds,
            played=share_played(clips := ((played, length), (also, other)), at_most=seconds if doubtful else None),
            measured=is_measured(clips) and not doubtful if length else None,
        )
        for kind, stimulus, chosen, emotion, asked, instructed, seconds, played, also, doubtful, length, other in rows
    ]
    tests = participant.headphones
    checked = Checked(participant.sound_measured, participant.sound_wrong, tests.get("measured"))
    rules = read_rules(study.exclusion_rules)
    return judge(answers, rules, headphones_passed=tests.get("passed"), checked=checked).reasons


@on_person
def set_aside(*, participant: Participant, reason: str, by: Actor) -> Participant:
    """Leave `participant` out of the tables of included people, with a reason, and write down who did it.

    After the end of the retention no reason is kept: it is somebody's own words about a person.
    """
    # Lists of reasons are exported with bars between them.
    reason = " ".join(reason.replace("|", "/").split())[: Participant._meta.get_field("set_aside").max_length]
    if not reason:
        raise JudgingRefused("Say why this person is set aside: the reason stands in every export.")
    if participant.outcome in CANNOT_BE_SET_ASIDE:
        raise JudgingRefused("This person gave no answers that could be set aside.")
    if participant.set_aside:
        raise JudgingRefused("This person is set aside already. Take it back first to change the reason.")
    reason = REASON_GONE if participant.study.has_forgotten else reason
    return _decide(participant, reason, "exclude", by, reason=reason)


@on_person
def take_back(*, participant: Participant, by: Actor) -> Participant:
    """Undo `set_aside`: the verdict is the rules' alone again."""
    if not participant.set_aside:
        return participant
    return _decide(participant, "", "take_back", by)


def _decide(participant: Participant, set_aside: str, action: str, by: Actor, **detail: str) -> Participant:
    participant.set_aside = set_aside
    participant.save(update_fields=["set_aside"])
    judge_participant(participant)
    seen = participant.study.shows_results
    who = participant.public_id
    record(study=participant.study, action=action, by=by, participant=who, results_visible=seen, **detail)
    outdate_packs(participant.study)
    return participant


@on_study
def judge_study(*, study: Study, by: Actor) -> int:
    """Judge everybody who finished once more; how many are left out."""
    people = study.participants.filter(outcome=Outcome.COMPLETE).select_related("study").order_by("pk")
    left_out = sum(not judge_participant(person).included for person in people)
    record(study=study, action="judge", by=by, left_out=left_out)
    outdate_packs(study)
    return left_out
