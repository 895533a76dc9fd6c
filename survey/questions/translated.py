"""Words of a question in every language of the site, written where the question is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.functional import lazystr
from django.utils.translation import get_language, override

Words = Any
"""A text that is in the reader's language when it is shown: from `in_words`, from gettext, or a plain string."""


def in_words(**texts: str) -> Words:
    """Return one text in several languages; it is shown in the language of the page.

    Parameters
    ----------
    **texts : str
        Language code → text. A language that is not given is shown in the first one.

    Examples
    --------
    >>> from django.utils.translation import override
    >>> word = in_words(en="Age", de="Alter")
    >>> with override("de"):
    ...     str(word)
    'Alter'
    >>> with override("fr"):
    ...     str(word)
    'Age'
    """
    return lazystr(_Texts(dict(texts)))


class _Texts:
    """What `lazystr` turns into a string whenever it is shown."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def __str__(self) -> str:
        return self.texts.get(get_language() or "") or next(iter(self.texts.values()), "")


def say_in(words: Words, language: str) -> str:
    """Return a text in one language.

    Examples
    --------
    >>> say_in(in_words(en="Age", tr="Yaş"), "tr"), say_in("plain", "de")
    ('Yaş', 'plain')
    """
    with override(language):
        return str(words)


def site_languages() -> list[str]:
    """Return the codes of the languages that a question of the register must speak.

    Examples
    --------
    >>> site_languages()
    ['en', 'de', 'fr', 'es', 'tr']
    """
    return [code for code, _ in settings.LANGUAGES]
