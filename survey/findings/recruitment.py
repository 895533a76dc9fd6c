"""How many people came, finished, and were left out; withdrawn people and tests are in no number but their own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from survey.models import Participant, Study
from survey.queries.admission import say_reason, screened_out_by

Outcome = Participant.Outcome


@dataclass(frozen=True, slots=True)
class Recruitment:
    """People of a study by what became of them.

    `consented` gave consent, whatever became of them; `recruited` are those of them who did not withdraw; `left`
    are in the middle or went away; `excluded` were left out by the rules fixed at publication or by hand, and are
    among `complete` or `left` too; of them `set_aside` by hand alone. `screened_out_by` tells how many were screened
    out for which reason.
    """

    consented: int
    recruited: int
    complete: int
    left: int
    screened_out: int
    no_consent: int
    withdrawn: int
    excluded: int
    set_aside: int
    screened_out_by: tuple[tuple[str, int], ...] = ()


def count_people(study: Study) -> Recruitment:
    """Count the people of a study; previews and bots are not among them."""
    rows = Participant.objects.filter(study=study, kind=Participant.Kind.PERSON).values_list(
        "outcome", "consented_at", "included", "set_aside", "verdict"
    )
    outcomes: Counter[str] = Counter()
    consented = recruited = excluded = set_aside = left = 0
    for outcome, consented_at, included, by_hand, reasons in rows.iterator():
        outcomes[outcome] += 1
        consented += consented_at is not None
        if outcome == Outcome.WITHDRAWN or consented_at is None:
            continue
        recruited += 1
        left += outcome == Outcome.ACTIVE
        excluded += included is False
        set_aside += bool(by_hand) and len(reasons) == 1
    return Recruitment(
        consented=consented,
        recruited=recruited,
        complete=outcomes[Outcome.COMPLETE],
        left=left,
        screened_out=outcomes[Outcome.SCREENED_OUT],
        no_consent=outcomes[Outcome.NO_CONSENT],
        withdrawn=outcomes[Outcome.WITHDRAWN],
        excluded=excluded,
        set_aside=set_aside,
        screened_out_by=tuple((say_reason(study, reason), number) for reason, number in screened_out_by(study)),
    )
