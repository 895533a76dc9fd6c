"""A clip that a study has frozen is asked for anew: the study's log says so, whichever page it was asked on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generation.models import GenerationRun, PairVersion
from survey.actions.audit import record
from survey.models import Study


def note_new_versions(*, run: GenerationRun, versions: Sequence[PairVersion], **_: Any) -> None:
    """In the transaction that asks for all versions of a run, once per study. Sketches are nobody's clips."""
    pairs = {version.pair_id for version in versions if version.number > 1}
    if not pairs or not run.in_library:
        return
    studies = Study.objects.filter(stimuli__pair_version__pair__in=pairs).exclude(status=Study.Status.DRAFT)
    for study in studies.distinct():
        record(study=study, action="regenerate", by=run.requested_by, run=str(run.public_id), reason=run.reason)
