"""Keys that read a study without a login (tokens of programs, links of co-authors), and what was read with them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from survey.models.studies import SHA256_LENGTH, Study

SECRET_BYTES: Final = 32
TOKEN_MARK: Final = "muse_"
"""A token begins so, that whoever finds one in a file sees what it is."""
SHOWN: Final = 8
"""So many digits of a secret stay readable, to tell keys apart; the other 56 are known to nobody but its holder."""


def make_secret() -> str:
    """256 random bits; as hexadecimal digits, which no log shows (`melodymuse_site/hiding.py`)."""
    return secrets.token_hex(SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """What is stored of a secret. 256 random bits need neither salt nor a slow hash: nobody can try them out."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class KeyQuerySet(models.QuerySet["ReadingKey"]):
    def opening(self) -> Self:
        """Those that are neither revoked nor past their date."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()), revoked_at__isnull=True)


class ReadingKey(models.Model):
    """Opens something to whoever holds its secret, of which the hash alone is stored."""

    name = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=SHA256_LENGTH, unique=True, editable=False)
    shown = models.CharField(max_length=20, editable=False, help_text="The secret's first digits.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0)

    objects = KeyQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} ({self.shown}…)"

    def opens_at(self, moment: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > moment)

    @property
    def last_day(self) -> date | None:
        """The last day (UTC) on which it opens, where it has one."""
        return (self.expires_at - timedelta(microseconds=1)).date() if self.expires_at else None

    @property
    def state(self) -> str:
        """What its list says of it."""
        if self.revoked_at is not None:
            return "revoked"
        return "in use" if self.opens_at(timezone.now()) else "past its date"


class ApiToken(ReadingKey):
    """Lets a program read what its owner may read, asked at each request; with a study, that one alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    study = models.ForeignKey(Study, null=True, blank=True, on_delete=models.CASCADE, related_name="api_tokens")

    class Meta:
        ordering = ["-created_at", "-pk"]


class ResultsLink(ReadingKey):
    """Lets whoever holds it read the results of one study, as long as its maker may change that study."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="results_links")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="results_links")

    class Meta:
        ordering = ["-created_at", "-pk"]


class Reading(models.Model):
    """How often one key read one kind of thing of a study on one day (UTC). Outlives the key, as the audit log does."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="readings", db_index=False)
    key = models.CharField(max_length=20, help_text="The first digits of the key's secret.")
    reader = models.CharField(max_length=300, help_text="Whose key it was, and its name, at the time.")
    kind = models.SlugField(max_length=40, db_index=False)
    day = models.DateField()
    times = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "-last_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["study", "day", "key", "kind"], name="one_reading_per_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.reader}: {self.kind}, {self.times} times"
