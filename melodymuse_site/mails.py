"""Where a site without a mail server puts its mails: on a terminal, which nobody keeps, and never into a log.

Some hold the link for a new password: whoever reads it in a log file could take the account.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail.backends.console import EmailBackend

logger = logging.getLogger(__name__)
NOT_SENT = (
    "A mail was not sent: EMAIL_HOST is not set, and this process writes to no terminal. "
    "An admin sets a new password in the administration or with `manage.py changepassword NAME`."
)


class TerminalBackend(EmailBackend):
    """Prints mails where somebody sits in front of it, or with DEBUG; elsewhere says what to do instead."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        if settings.DEBUG or self.stream.isatty():
            return super().send_messages(email_messages) or 0
        logger.warning(NOT_SENT)
        return 0
