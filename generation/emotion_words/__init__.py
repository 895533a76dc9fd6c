"""Words that name an emotion, in every language of the site: what a picture's description must not hold.

`words.csv` says for each form its language, the emotion it stands for and the published lexicon that sets it beside
another word of that emotion; ``own`` marks what we added (mostly inflections) and the exceptions. A form is a whole
word (``sad``), a beginning (``sadden*``: inflections and compounds) or an ending (``*angst``). Forms are written as
`fold` leaves them: small letters without marks. No Django: the library and the studies ask the same question here.

The list finds names of emotions, not everything that hints at one: "a crying child" or "a grey street" pass.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "tr": "Turkish", "emoji": "emoji"}
_TABLE: Final = Path(__file__).with_name("words.csv")
_EXCEPTION: Final = "-"
_SHORTEST_SPELLED: Final = 3
_UNSEEN: Final = frozenset({"Cf", "Mn", "Me"})
# Letters that a decomposition leaves whole, and Cyrillic and Greek ones that look like Latin letters.
_ALIKE: Final = str.maketrans(
    {
        "ı": "i",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        **dict(zip("асеіјорԛѕухһԁԝ", "aceijopqsyxhdw", strict=True)),
        **dict(zip("ανορτυικχ", "avoptuikx", strict=True)),
        **dict.fromkeys("\u115f\u1160\u3164\uffa0", ""),
    }
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_UMLAUT: Final = re.compile(r"([aou])e")


@dataclass(frozen=True, slots=True)
class Found:
    """A word of a text that names an emotion: as it stands there, what it names, and in which language."""

    word: str
    emotion: str
    language: str

    def __str__(self) -> str:
        return f"“{self.word}” ({self.emotion}, {self.language})"


def fold(text: str) -> str:
    """Return `text` as words are compared: compatible, small letters without marks or anything unseen.

    Examples
    --------
    >>> fold("ＳＡＤ"), fold("Colère"), fold("KIZGIN kızgın İĞRENÇ"), fold("trau\\u00adrig")
    ('sad', 'colere', 'kizgin kizgin igrenc', 'traurig')
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).translate(_ALIKE)
    return "".join(letter for letter in plain if unicodedata.category(letter) not in _UNSEEN)


@lru_cache(maxsize=1024)
def find_emotion_words(text: str) -> tuple[Found, ...]:
    """Return the words of `text` that name an emotion, in any of the languages, each once and in their order.

    Examples
    --------
    >>> [str(found) for found in find_emotion_words("A saddened child in a saddle, Angstgefühl")]
    ['“saddened” (sadness, English)', '“Angstgefühl” (fear, German)']
    """
    table = _table()
    found: dict[str, Found] = {}
    for word in _words(text):
        named = table.name(word)
        if named:
            emotion, language = named
            found.setdefault(word, Found(word, emotion, LANGUAGES[language]))
    return tuple(found.values())


def say_found(text: str) -> str:
    """Return what `find_emotion_words` finds as one phrase; empty where nothing is found.

    Examples
    --------
    >>> say_found("une colère, korku")
    '“colère” (anger, French), “korku” (fear, Turkish)'
    """
    return ", ".join(str(found) for found in find_emotion_words(text))


def _words(text: str) -> Iterator[str]:
    """The words as they can be read, the letters of a spelled word together, and every emoji."""
    shown = _readable(text)
    spelled: list[str] = []
    for word in _WORD.findall(_part_humps(shown)):
        if len(word) == 1:
            spelled.append(word)
            continue
        yield from _together(spelled)
        spelled = []
        yield word
    yield from _together(spelled)
    yield from (letter for letter in shown if unicodedata.category(letter) == "So")


def _readable(text: str) -> str:
    """Composed, compatible letters; what is unseen, and marks that no letter takes, split no word any more."""
    joined = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    composed = unicodedata.normalize("NFKC", joined)
    return "".join(letter for letter in composed if unicodedata.category(letter) not in _UNSEEN)


def _part_humps(text: str) -> str:
    """``SadChild`` as two words, so that a file's name is read as its words."""
    pairs = zip(" " + text, text, strict=False)
    return "".join(f" {letter}" if before.islower() and letter.isupper() else letter for before, letter in pairs)


def _together(letters: list[str]) -> Iterator[str]:
    if len(letters) >= _SHORTEST_SPELLED:
        yield "".join(letters)


class _Table:
    """The forms, looked up by every beginning and ending of a word."""

    def __init__(self) -> None:
        self.whole: dict[str, tuple[str, str]] = {}
        self.beginnings: dict[str, tuple[str, str]] = {}
        self.endings: dict[str, tuple[str, str]] = {}
        with _TABLE.open(encoding="utf-8", newline="") as stream:
            rows = sorted(csv.DictReader(stream), key=lambda row: row["emotion"] != _EXCEPTION)
            for row in rows:  # exceptions first: the first meaning of a form is the one that counts
                self._add(row["form"], (row["emotion"], row["language"]))

    def _add(self, form: str, named: tuple[str, str]) -> None:
        place = self.endings if form.startswith("*") else self.beginnings if form.endswith("*") else self.whole
        place.setdefault(form.strip("*"), named)

    def name(self, word: str) -> tuple[str, str] | None:
        """(emotion, language) of a word; None where it names none, or is an exception."""
        folded = fold(word)
        spellings = dict.fromkeys((folded, _UMLAUT.sub(r"\1", folded)))  # "Aerger" is how "Ärger" is also written
        named = [found for spelling in spellings for found in self._matching(spelling)]
        if not named or any(emotion == _EXCEPTION for emotion, _ in named):
            return None
        return named[0]

    def _matching(self, word: str) -> Iterator[tuple[str, str]]:
        if word in self.whole:
            yield self.whole[word]
        for length in range(len(word), 1, -1):
            if word[:length] in self.beginnings:
                yield self.beginnings[word[:length]]
            if word[-length:] in self.endings:
                yield self.endings[word[-length:]]


@lru_cache(maxsize=1)
def _table() -> _Table:
    return _Table()
