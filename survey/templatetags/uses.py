"""Which studies use a clip, a run or a picture, for those who may look at these studies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from survey.models import Study
from survey.queries import studies_for

register = template.Library()
MOST_NAMED = 20


@register.inclusion_tag("survey/studies/_used_in.html", takes_context=True)
def used_in(context: Mapping[str, Any], **what: Any) -> dict[str, Any]:
    """The studies that use `version`, `run`, `pair` or `picture`, newest first.

    Studies that the reader may not look at are counted, and named to nobody.
    """
    ((name, row),) = what.items()
    field = {
        "version": "stimuli__pair_version",
        "run": "stimuli__pair_version__run",
        "pair": "stimuli__pair_version__pair",
        "picture": "stimuli__picture",
    }[name]
    using = Study.objects.filter(**{field: row}).distinct()
    theirs = studies_for(context["request"].user).filter(pk__in=using.values("pk")).order_by("-created_at", "-pk")
    seen = theirs.count()
    return {
        "studies": theirs[:MOST_NAMED],
        "more": max(seen - MOST_NAMED, 0),
        "others": using.count() - seen,
        "what": {"version": "This clip", "run": "Clips of this run", "pair": "This pair", "picture": "This picture"}[
            name
        ],
    }
