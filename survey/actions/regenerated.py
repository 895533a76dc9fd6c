"""A clip that a study has frozen is asked for anew: the study's log says so, whichever page it was asked on."""

from __future__ import annotations

from typing import Any

from generation.models import PairVersion
from survey.actions.audit import record
from survey.models import AuditEntry, Study


def note_new_version(*, instance: PairVersion, created: bool, **_: Any) -> None:
    """Once per run and study, in the transaction that asks for the version. Sketches are nobody's clips."""
    if not created or instance.number == 1 or not instance.run.in_library:
        return
    run = instance.run
    studies = Study.objects.filter(stimuli__pair_version__pair=instance.pair_id).exclude(status=Study.Status.DRAFT)
    for study in studies.distinct():
        known = AuditEntry.objects.filter(study=study, action="regenerate", detail__run=str(run.public_id))
        if not known.exists():
            record(study=study, action="regenerate", by=run.requested_by, run=str(run.public_id), reason=run.reason)
