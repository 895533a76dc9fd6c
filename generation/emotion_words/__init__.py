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
_INFLECTED: Final = Path(__file__).with_name("inflected.csv")
_LOOKALIKES: Final = Path(__file__).with_name("alike.csv")
# Letters that a decomposition leaves whole, and fillers that are not seen.
_ALIKE: Final = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", **dict.fromkeys("\u115f\u1160\u3164\uffa0", "")}
)
_DRAWN: Final = re.compile(
    r"(?:REGIONAL INDICATOR SYMBOL|(?:NEGATIVE )?(?:SQUARED|CIRCLED) LATIN CAPITAL|LATIN) LETTER "
    r"(?:SMALL CAPITAL )?([A-Z])"
)
"""Names of characters that are a letter drawn in another way."""
_DIGITS: Final = str.maketrans("4310057$@€!|", "aeioostsaeil")
_MIXED: Final = re.compile(r"(?:[^\W_]|[$@€])(?:[^\W_]|[$@€!|])+")
_ENDINGS: Final[dict[str, tuple[str, ...]]] = {
    "es adjective": ("o", "a", "os", "as", "amente"),
    "fr adjective": ("", "e", "s", "es"),
    "de adjective": ("", "e", "em", "en", "er", "es"),
    "de verb": ("e", "st", "t", "en", "te", "test", "ten", "tet", "end", "ende", "enden", "ender", "endes", "endem"),
    "en verb": ("", "s", "ed", "ing"),
    "en adjective": ("", "er", "est", "ly", "ness"),
    "tr verb": tuple(
        tense + person
        for tense in ("di", "du", "ti", "tu", "mis", "mus", "an", "en", "iyor", "uyor", "acak", "ecek", "ma", "me")
        for person in ("", "m", "k", "n", "lar", "ler", "du", "di", "um", "sun", "lari", "leri")
    ),
}
"""What may follow a stem, for every language and kind of word, as `fold` leaves it."""
_BESIDE: Final = (
    "a an the of and with very so child children kid kids baby boy boys girl girls man men woman women people person"
    " face faces eyes lady family couple clown dog cat image img picture photo pic painting portrait scene smile look"
    " looking kind kinder frau mann gesicht bild foto junge enfant femme homme visage nino nina mujer hombre cara"
    " cocuk kadin adam yuz resim is in on at my old young little"
)
"""Words that stand beside an emotion in the name of a picture's file."""
_PIECES: Final = frozenset(_BESIDE.split())
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
    drawn = "".join(_lookalikes().get(letter, letter) for letter in unicodedata.normalize("NFKC", text))
    plain = unicodedata.normalize("NFKD", drawn.casefold()).translate(_ALIKE)
    return "".join(letter for letter in plain if unicodedata.category(letter) not in _UNSEEN)


@lru_cache(maxsize=1)
def _lookalikes() -> dict[str, str]:
    """Letters of other scripts by the Latin one they look like, told apart before capitals become small."""
    with _LOOKALIKES.open(encoding="utf-8", newline="") as stream:
        return {letter: row["letter"] for row in csv.DictReader(stream) for letter in row["alike"]}


def _redraw(text: str) -> str:
    """Letters in squares, of flags, and small capitals as plain ones."""
    return "".join(
        drawn[1] if not letter.isascii() and (drawn := _DRAWN.fullmatch(unicodedata.name(letter, ""))) else letter
        for letter in text
    )


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
    """The words as they can be read, the letters of a spelled word together, digits as letters, and every emoji."""
    shown = _readable(text)
    for phrase in _table().phrases:
        shown = re.sub(rf"\b{phrase}\b", " ", shown, flags=re.IGNORECASE)
    spelled: list[str] = []
    for word in _WORD.findall(_part_humps(shown)):
        if len(word) == 1:
            spelled.append(word)
            continue
        yield from _together(spelled)
        spelled = []
        yield word
    yield from _together(spelled)
    yield from (word for word in _WORD.findall(shown) if not word.islower())
    for mixed in _MIXED.findall(shown):
        if not mixed.isalpha() and any(letter.isalpha() for letter in mixed):
            bare = mixed.rstrip("0123456789!|") if mixed[0].isalpha() else mixed
            for one in (bare, bare.replace("1", "l")):
                if not one.isalpha():
                    yield one.translate(_DIGITS)
    yield from (letter for letter in shown if unicodedata.category(letter) == "So")


def _readable(text: str) -> str:
    """Composed, compatible letters; what is unseen, and marks that no letter takes, split no word any more."""
    joined = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    joined = _redraw(joined)
    composed = unicodedata.normalize("NFKC", joined)
    return "".join(letter for letter in composed if unicodedata.category(letter) not in _UNSEEN)


def _part_humps(text: str) -> str:
    """``SadChild`` as two words, so that a file's name is read as its words."""
    pairs = zip(" " + text, text, strict=False)
    return "".join(f" {letter}" if before.islower() and letter.isupper() else letter for before, letter in pairs)


def _together(letters: list[str]) -> Iterator[str]:
    """Every run of letters that can be a word, the longest first of those that name an emotion."""
    found = False
    for length in range(len(letters), _SHORTEST_SPELLED - 1, -1):
        for start in range(len(letters) - length + 1):
            word = "".join(letters[start : start + length])
            if not found and _table().name(word):
                found = True
                yield word


class _Table:
    """The forms, looked up by every beginning and ending of a word."""

    def __init__(self) -> None:
        self.whole: dict[str, tuple[str, str]] = {}
        self.beginnings: dict[str, tuple[str, str]] = {}
        self.endings: dict[str, tuple[str, str]] = {}
        self.phrases: list[str] = []
        with _TABLE.open(encoding="utf-8", newline="") as stream:
            rows = sorted(csv.DictReader(stream), key=lambda row: row["emotion"] != _EXCEPTION)
            for row in rows:  # exceptions first: the first meaning of a form is the one that counts
                self._add(row["form"], (row["emotion"], row["language"]))
        with _INFLECTED.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                for stem in row["stems"].split():
                    for ending in _ENDINGS.get(f"{row['language']} {row['kind']}", ("",)):
                        self._add(stem + ending, (row["emotion"], row["language"]))

    def _add(self, form: str, named: tuple[str, str]) -> None:
        if " " in form:
            self.phrases.append(form)
            return
        place = self.endings if form.startswith("*") else self.beginnings if form.endswith("*") else self.whole
        place.setdefault(form.strip("*"), named)

    def name(self, word: str) -> tuple[str, str] | None:
        """(emotion, language) of a word; None where it names none, or is an exception."""
        folded = fold(word)
        spellings = dict.fromkeys((folded, _UMLAUT.sub(r"\1", folded)))  # "Aerger" is how "Ärger" is also written
        named = [found for spelling in spellings for found in self._matching(spelling)]
        composed = unicodedata.normalize("NFC", word).casefold()
        if composed != folded and composed in self.whole:  # forms that only their marks tell from another word
            named.append(self.whole[composed])
        if not named:
            named = self._in_compound(folded)
        if not named or any(emotion == _EXCEPTION for emotion, _ in named):
            return None
        return named[0]

    def _in_compound(self, word: str) -> list[tuple[str, str]]:
        """What is named in words written together, like ``sadchild``: each piece has to be a known word."""
        reached: dict[int, list[tuple[str, str]]] = {0: []}
        for start in range(len(word)):
            if start not in reached:
                continue
            for end in range(start + 1, len(word) + 1):
                piece = word[start:end]
                known = self.whole.get(piece) if len(piece) >= _SHORTEST_SPELLED else None
                if known or piece in _PIECES:
                    found = [*reached[start], *([known] if known else [])]
                    if len(found) > len(reached.get(end, [])) or end not in reached:
                        reached[end] = found
        return reached.get(len(word), [])

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
