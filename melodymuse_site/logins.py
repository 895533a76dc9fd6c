"""Logging in: what is refused before anything is stored, and how long what was stored is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.module_loading import import_string

LONGEST_NAME = 150
"""As long as a user's name may be."""
LONGEST_PASSWORD = 4096
UNUSABLE = "unusable"
RECORDS = (AccessAttempt, AccessFailureLog, AccessLog)


class _Bounded:
    """Refuses what no account can have before it is looked for: failed logins are stored with the name, as sent."""

    @property
    def refusal(self) -> str:
        """What is wrong with what was typed, where that is more than that it does not belong together."""
        form: Any = self
        data = form.errors.as_data().get("__all__", [])
        return next((str(error.message) for error in data if error.code == UNUSABLE), "")

    def clean(self) -> dict[str, Any]:
        form: Any = self
        name, password = (form.cleaned_data.get(field) or "" for field in ("username", "password"))
        if len(name) > LONGEST_NAME or len(password) > LONGEST_PASSWORD:
            raise ValidationError(
                f"A user name has at most {LONGEST_NAME} characters, a password {LONGEST_PASSWORD}. "
                "Look at what you pasted.",
                code=UNUSABLE,
            )
        if any(ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF for letter in name + password):
            raise ValidationError(
                "A user name and a password hold no control characters. Look at what you pasted.", code=UNUSABLE
            )
        return dict(super().clean())  # type: ignore[misc]


class LoginForm(_Bounded, AuthenticationForm):
    """Django's, with bounds."""


class AdminLoginForm(_Bounded, AdminAuthenticationForm):
    """The administration's, with bounds."""


def forget_logins() -> int:
    """Delete what is known of logins older than LOGIN_RECORD_DAYS, and sessions that ran out; how many records."""
    before = timezone.now() - timedelta(days=settings.LOGIN_RECORD_DAYS)
    forgotten = sum(model.objects.filter(attempt_time__lt=before).delete()[0] for model in RECORDS)
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    store.clear_expired()
    return int(forgotten)
