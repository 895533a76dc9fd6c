"""Words of a question in every language of the site, written where the question is."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
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
        Language code → text. A language that is not given is shown in the first one; in the register that is an error.

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
        text = self.texts.get(get_language() or "")
        if not text and _IN_NO_OTHER.get():
            raise LookupError
        return text or next(iter(self.texts.values()), "")


_IN_NO_OTHER: ContextVar[bool] = ContextVar("in_no_other", default=False)
"""Whether a text that lacks the language is an error, instead of being shown in another one."""


def lacking_languages(words: Words) -> list[str]:
    """Return the languages of the site that a text of the register is not written in.

    Plain strings are English; those without letters (18–24) are the same everywhere. Of gettext's texts the catalogues
    know (`tests/survey/test_translated.py`).

    Examples
    --------
    >>> lacking_languages(in_words(en="Age", de="Alter")), lacking_languages("Age"), lacking_languages("18–24")
    (['fr', 'es', 'tr'], ['de', 'fr', 'es', 'tr'], [])
    """
    if isinstance(words, str) and words.strip():
        return site_languages()[1:] if any(map(str.isalpha, words)) else []
    token = _IN_NO_OTHER.set(True)
    try:
        return [language for language in site_languages() if not _is_said(words, language)]
    finally:
        _IN_NO_OTHER.reset(token)


def _is_said(words: Words, language: str) -> bool:
    try:
        return bool(say_in(words, language).strip())
    except LookupError:
        return False


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
