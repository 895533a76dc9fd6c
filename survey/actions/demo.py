"""The study a newcomer finds after the first start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generation.models import PairVersion
from melodymuse_site.turns import in_turn
from survey.actions.building import create_study, set_stimuli
from survey.actions.publishing import open_results, publish
from survey.models import Study


@in_turn
def create_demo_study(*, by: Any, versions: Sequence[PairVersion]) -> Study:
    """A published study of `versions` as matching pairs, with the default wording.

    Nobody's hypothesis hangs on it: its results are open from the start, so that a newcomer sees them come.
    """
    study = create_study(
        by=by,
        title="Which emotion do you hear?",
        slug="demo" if not Study.objects.filter(slug="demo").exists() else "",
        introduction="Listen to a few short piano clips and say which emotion each of them expresses.",
        clips_per_participant=min(8, len(versions)),
    )
    set_stimuli(study=study, versions=versions, by=by)
    publish(study=study, by=by)
    open_results(study=study, by=by)
    return Study.objects.get(pk=study.pk)
