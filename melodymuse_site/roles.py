"""The roles people are given: groups made after every migration, so that a new right reaches them."""

from __future__ import annotations

from typing import Any

RESEARCHERS = "Researchers"
VIEWERS = "Viewers"

_RESEARCHER_RIGHTS = {
    "generation": [
        "view_emotion",
        "view_modelversion",
        "view_pair",
        "view_pairversion",
        "view_sourceimage",
        "add_sourceimage",
        "change_sourceimage",
        "view_generationrun",
        "add_generationrun",
    ],
    "survey": ["view_study", "add_study", "change_study"],
}
_VIEWER_RIGHTS = {
    "generation": ["view_pair", "view_pairversion", "view_sourceimage", "view_generationrun"],
    "survey": ["view_study"],
}


def make_roles(**_: Any) -> None:
    """Make both groups and give them their rights; rights added by hand stay."""
    from django.contrib.auth.models import Group, Permission

    for name, rights in ((RESEARCHERS, _RESEARCHER_RIGHTS), (VIEWERS, _VIEWER_RIGHTS)):
        group, _created = Group.objects.get_or_create(name=name)
        for app, codenames in rights.items():
            group.permissions.add(*Permission.objects.filter(content_type__app_label=app, codename__in=codenames))
