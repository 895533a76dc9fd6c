"""A page is in one language: what participants read in theirs, where it is translated; every other page in English."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

TRANSLATED = "/study/"
"""Below this address stand the pages of participants, with what they meet when something goes wrong."""


class PageLanguageMiddleware(LocaleMiddleware):
    """Django's own choice of the language for participants; the other pages have English texts alone."""

    def process_request(self, request: HttpRequest) -> None:
        """Choose the language; forms, dates and the page's `lang` follow it."""
        if request.path_info.startswith(TRANSLATED):
            super().process_request(request)
        else:
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
