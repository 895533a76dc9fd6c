"""Texts that are drawn anew for every row: tokens, public ids, completion codes."""

from __future__ import annotations

from typing import Any

from django.db import models


class DrawnCharField(models.CharField):
    """A text whose default is drawn by a function of today's code.

    The database knows nothing of the function, so neither do migrations: they see a plain CharField, and none of them
    breaks when the function moves.
    """

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _, arguments, options = super().deconstruct()
        options.pop("default", None)
        return name, "django.db.models.CharField", list(arguments), options
