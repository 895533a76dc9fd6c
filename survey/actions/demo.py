"""The study a newcomer finds after the first start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext, override

from generation.models import PairVersion
from melodymuse_site.turns import in_turn
from survey.actions.building import create_study, set_stimuli
from survey.actions.publishing import open_results, publish
from survey.first_words import BASIC, default_wording
from survey.models import Study

DEMO_STUDY: Final = "demo"


@in_turn
def create_demo_study(*, by: Any, versions: Sequence[PairVersion]) -> Study:
    """A published study of `versions` as matching pairs, with the default wording in every language of the site.

    Nobody's hypothesis hangs on it: its results are open from the start, so that a newcomer sees them come.
    """
    texts = {code: _texts_in(code) for code, _ in settings.LANGUAGES}
    study = create_study(
        by=by,
        slug=DEMO_STUDY if not Study.objects.filter(slug=DEMO_STUDY).exists() else "",
        **texts.pop(settings.LANGUAGE_CODE),
        translations=texts,
        clips_per_participant=min(8, len(versions)),
    )
    set_stimuli(study=study, versions=versions, by=by)
    publish(study=study, by=by)
    open_results(study=study, by=by)
    return Study.objects.get(pk=study.pk)


def _texts_in(language: str) -> dict[str, str]:
    """What the demo study says in `language`; the proposed words follow its clips."""
    proposed = default_wording(language, Study.Mode.CHOOSE)
    with override(language):
        return {
            "title": gettext("Which emotion do you hear?"),
            "introduction": gettext("Listen to a few short piano clips and say which emotion each of them expresses."),
            **{name: proposed[name] for name in BASIC},
        }
