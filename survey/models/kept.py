"""Computed reports that all web processes share, where no Redis does: a cache, whose rows nobody needs."""

from __future__ import annotations

from django.db import models


class KeptReport(models.Model):
    """One value of the cache in the database (`melodymuse_site/keeping.py`)."""

    key = models.CharField(primary_key=True, max_length=255)
    value = models.TextField()
    expires = models.FloatField(db_index=True, help_text="Seconds since 1970.")
    claimed = models.BooleanField(default=False, help_text="A mark that somebody computes the value of another key.")

    def __str__(self) -> str:
        return self.key
