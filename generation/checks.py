"""What is looked at before the site starts: whether every installed composer can be used."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from generation.models import ModelVersion
from generation.networks.composers import find_composers


@register()
def check_composers(**_: Any) -> list[CheckMessage]:
    """A sentence for each composer that is refused, or asks for networks of a kind that the site has not."""
    found = find_composers()
    errors: list[CheckMessage] = [Error(problem, id="generation.E001") for problem in found.problems]
    for composer in found.composers.values():
        unknown = sorted(set(composer.models) - set(ModelVersion.Kind.values))
        if unknown:
            message = f"The composer {composer.name!r} asks for networks of an unknown kind: {', '.join(unknown)}."
            hint = f"The kinds are {', '.join(ModelVersion.Kind.values)}."
            errors.append(Error(message, hint=hint, id="generation.E002"))
    return errors
