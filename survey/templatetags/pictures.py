"""What studies make of a picture, for the picture's own page."""

from __future__ import annotations

from typing import Any

from django import template

from generation.models import SourceImage
from survey.models import Study

register = template.Library()


@register.inclusion_tag("survey/studies/_picture_use.html")
def picture_use(picture: SourceImage) -> dict[str, Any]:
    """How many drafts and published studies show a picture. Whose they are is told to nobody."""
    shown = Study.objects.filter(stimuli__picture=picture).distinct()
    drafts = shown.filter(status=Study.Status.DRAFT).count()
    return {"drafts": drafts, "published": shown.count() - drafts}
