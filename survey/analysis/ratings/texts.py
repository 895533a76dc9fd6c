"""One spelling for what looks the same: Unicode forms, blanks, and what cannot be seen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_UNSEEN = dict.fromkeys(
    ord(character)
    for character in "\u00ad\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064"
    "\u2066\u2067\u2068\u2069\ufeff"
)
"""Soft hyphen, zero-width space, marks of direction and of byte order: they have no width and no meaning in a name."""
_JOINERS = re.compile(r"(?:^|(?<=[\x00-\u024f]))[\u200c\u200d]+|[\u200c\u200d]+(?=[\x00-\u024f]|$)")
"""Joiners at the ends and beside Latin letters; Persian words and emoji keep theirs."""
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85]")
_BLANKS = re.compile(r"[^\S\n]+")
_ALIKE = str.maketrans(
    {**dict.fromkeys("‘’‚‛´`ʼ′", "'"), **dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‐‑‒–—−_", "-")}
)


def clean(text: str) -> str:
    """Return a cell as it is compared: composed (NFC), one plain blank between words, nothing unseen around or within.

    >>> clean("  very\\u00a0 sad\\u200b "), clean("A\\u0308rger") == "Ärger"
    ('very sad', True)
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", _JOINERS.sub("", text.translate(_UNSEEN)))
        text = _LINE_ENDS.sub("\n", text)
    elif "\r" in text:
        text = _LINE_ENDS.sub("\n", text)
    return _BLANKS.sub(" ", text).strip()


def clean_all(values: Iterable[object]) -> list[str]:
    """Return every value as text to compare; None is an empty text.

    >>> clean_all([None, 3.0, " fear "])
    ['', '3.0', 'fear']
    """
    known: dict[str, str] = {}
    cleaned = []
    for value in values:
        raw = value if isinstance(value, str) else "" if value is None else str(value)
        text = known.get(raw)
        if text is None:
            text = known[raw] = clean(raw)
        cleaned.append(text)
    return cleaned


def fold(text: str) -> str:
    """Return a word without case and accents, to look it up in a list: Hayır, HAYIR and hayir are one.

    >>> fold("HAYIR") == fold("hayır") == fold("Hayir"), fold("não")
    (True, 'nao')
    """
    plain = unicodedata.normalize("NFKD", clean(text).casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("ı", "i")


def one_word(text: str) -> str:
    """Return a free word as it is counted: compatible forms, case and blanks around do not tell words apart.

    No stemming: *sad* and *sadness* stay two words.

    >>> one_word("  Very  SAD\u00a0"), one_word("Süß") == one_word("SÜSS"), one_word("ﬁne")
    ('very sad', True, 'fine')
    """
    return unicodedata.normalize("NFKC", clean(unicodedata.normalize("NFKC", text)).casefold())


def look_alike(text: str) -> str:
    """Return what two texts share that differ only in case, width, blanks, hyphens or apostrophes.

    >>> look_alike("Can’t tell") == look_alike("can't  Tell"), look_alike("very_sad") == look_alike("very sad")
    (True, True)
    """
    plain = unicodedata.normalize("NFKC", text.translate(_ALIKE)).casefold()
    return plain.replace(" ", "").replace("-", "")
