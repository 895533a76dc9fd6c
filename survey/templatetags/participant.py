"""The affective sliders of the participant's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()
SCALES = {
    "arousal": (_("Calm – activated"), _("Calm"), _("Activated")),
    "valence": (_("Unpleasant – pleasant"), _("Unpleasant"), _("Pleasant")),
}
STEPS = ("-1", "-0.75", "-0.5", "-0.25", "0", "0.25", "0.5", "0.75", "1")


@register.inclusion_tag("survey/participant/_affective.html")
def affective(name: str, given: Mapping[str, str]) -> dict[str, Any]:
    """One scale between two faces: nine steps, which a script makes into a slider without steps."""
    title, low, high = SCALES[name]
    return {"name": name, "title": title, "low": low, "high": high, "steps": STEPS, "chosen": given.get(name)}
