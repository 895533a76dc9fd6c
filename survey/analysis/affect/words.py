"""Words of people's own, counted as they were written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np

from generation.emotions import SLUGS, get_emotion
from survey.analysis.estimates import divide
from survey.analysis.ratings.container import Ratings
from survey.analysis.ratings.texts import one_word

FEWEST_PEOPLE: Final = 2
"""A word that fewer people gave to an emotion's clips may point to one of them: it is counted, and never shown."""
MOST_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Word:
    """A word, how often it was given, and by how many people."""

    word: str
    n: int
    participants: int


@dataclass(frozen=True, slots=True)
class EmotionWords:
    """The words given to the clips of one emotion.

    Attributes
    ----------
    emotion : str
    n, participants : int
        Words given, and people who gave any.
    words : tuple of Word
        The most frequent of those that several people gave.
    others : int
        How often other words were given.
    own_label : int
        People who gave the emotion's own name, as the study or English writes it.
    own_label_share : float or None
    """

    emotion: str
    n: int
    participants: int
    words: tuple[Word, ...]
    others: int
    own_label: int
    own_label_share: float | None


@dataclass(frozen=True, slots=True)
class Words:
    """All free words; `distinct` counts spellings, of which few are shown."""

    n: int
    participants: int
    distinct: int
    emotions: tuple[EmotionWords, ...]


def count_words(ratings: Ratings) -> Words | None:
    """Return the words that people gave to the clips of each emotion; None where there are none.

    One word is one spelling without case and blanks around (`one_word`); nothing is stemmed or translated. What
    fewer than `FEWEST_PEOPLE` people gave to an emotion's clips stands among `others` alone.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> rows = [("P1", "Fear"), ("P2", "fear "), ("P3", "my dog Rex")]
    >>> found = count_words(collect([Rating(p, "S1", "", "fear", "fear", word=word) for p, word in rows]))
    >>> [(e.words, e.others, e.own_label) for e in found.emotions if e.n]
    [((Word(word='fear', n=2, participants=2),), 1, 2)]
    """
    empty = [code for code, level in enumerate(ratings.words.levels) if not level]
    given = ratings.select(~np.isin(ratings.words.codes, empty) & (ratings.intended >= 0))
    if not len(given):
        return None
    emotions = [_of_emotion(given, code) for code in range(len(given.emotions))]
    return Words(
        n=len(given),
        participants=int(np.unique(given.participant).size),
        distinct=int(np.unique(given.words.codes).size),
        emotions=tuple(emotions),
    )


def _of_emotion(given: Ratings, emotion: int) -> EmotionWords:
    mine = given.intended == emotion
    codes, people = given.words.codes[mine], given.participant[mine]
    levels, name = given.words.levels, given.emotions[emotion]
    pairs = np.unique(np.stack([codes, people]), axis=1)
    by = Counter(pairs[0].tolist())
    shown = sorted(
        (Word(levels[code], n, by[code]) for code, n in Counter(codes.tolist()).items() if by[code] >= FEWEST_PEOPLE),
        key=lambda word: (-word.n, -word.participants, word.word),
    )[:MOST_SHOWN]
    labels = own_labels(name, given.labels.get(name, frozenset()))
    own = np.isin(pairs[0], [code for code, level in enumerate(levels) if level in labels])
    participants, named = int(np.unique(people).size), int(np.unique(pairs[1][own]).size)
    return EmotionWords(
        emotion=name,
        n=int(codes.size),
        participants=participants,
        words=tuple(shown),
        others=int(codes.size) - sum(word.n for word in shown),
        own_label=named,
        own_label_share=divide(named, participants),
    )


def own_labels(name: str, read: frozenset[str]) -> frozenset[str]:
    """Return what counts as an emotion's own name: as it is called here and in English, and as people read it.

    >>> sorted(own_labels("sadness", frozenset({"traurigkeit"})))
    ['sadness', 'traurigkeit']
    """
    label = {one_word(get_emotion(name).label)} if name in SLUGS else set()
    return read | label | {one_word(name)}
