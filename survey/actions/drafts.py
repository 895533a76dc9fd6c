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
    wait_for_answers(study)
    PilotJob.objects.filter(study=study).delete()
    previews = Participant.objects.filter(study=study)
    Trial.objects.filter(participant__in=previews).delete()
    previews.delete()
    forget_counts(study)
