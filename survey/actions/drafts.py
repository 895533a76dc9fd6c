"""What every change of a draft begins with."""

from __future__ import annotations

from survey.actions.acting import wait_for_answers
from survey.actions.cells import DraftRefused
from survey.actions.counting import forget_counts
from survey.models import Participant, PilotJob, Study, Trial


def require_draft(study: Study) -> None:
    if not study.is_draft:
        raise DraftRefused("This study is published and frozen. Make a new version to change it.")


def forget_previews(study: Study) -> None:
    """Previews and trial runs of a draft hold trials on its stimuli; a changed draft starts without them."""
    PilotJob.objects.filter(study=study).delete()
    forget_people(study)


def forget_people(study: Study, **which: str) -> None:
    """Delete everybody in a draft, or those of a `kind`, with their trials and what was counted of them."""
    wait_for_answers(study)
    people = Participant.objects.filter(study=study, **which)
    Trial.objects.filter(participant__in=people).delete()
    people.delete()
    forget_counts(study, **which)
