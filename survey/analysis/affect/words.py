"""Words of people's own, counted as they were written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from generation.emotions import SLUGS, get_emotion
from survey.analysis.estimates import divide
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import Table
from survey.analysis.ratings.container import Ratings
from survey.analysis.ratings.texts import one_word
from survey.analysis.wording import counted, share, short

FEWEST_PEOPLE: Final = 2
"""A word that fewer people gave to an emotion's clips may point to one of them: it is counted, and never shown."""
MOST_SHOWN: Final = 8
NO_WORDS = "not defined: nobody gave a word"


@dataclass(frozen=True, slots=True)
class Word:
    """A word that several people gave."""

    word: Annotated[str, "in one spelling"]
    n: Annotated[int, "how often it was given"]
    participants: Annotated[int, "by how many people"]


@dataclass(frozen=True, slots=True)
class EmotionWords:
    """The words given to the clips of one emotion."""

    emotion: Annotated[str, "the intended emotion"]
    n: Annotated[int, "words given"]
    participants: Annotated[int, "people who gave any"]
    words: Annotated[tuple[Word, ...], "the most frequent of those that at least two people gave"]
    others: Annotated[int, "how often other words were given"]
    own_label: Annotated[int, "people who gave the emotion's own name, as the study or English writes it"]
    own_label_share: Annotated[float | None, "of those who gave any"]
    reason: Annotated[str | None, "why something is `null`"] = None


@dataclass(frozen=True, slots=True)
class Words:
    """All free words."""

    n: Annotated[int, "words given to clips with an intended emotion"]
    participants: Annotated[int, "people who gave them"]
    distinct: Annotated[int, "different words"]
    emotions: Annotated[tuple[EmotionWords, ...], "every emotion that can be intended"]


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
    width = int(people.max(initial=0)) + 1
    # Each (word, person) once, word major: by how many people a word was given, beside how often.
    pairs = np.unique(codes * width + people)
    of_pair, who = pairs // width, pairs % width
    by, times = np.bincount(of_pair, minlength=len(levels)), np.bincount(codes, minlength=len(levels))
    several = [
        Word(levels[code], int(times[code]), int(by[code])) for code in np.flatnonzero(by >= FEWEST_PEOPLE).tolist()
    ]
    shown = sorted(several, key=lambda word: (-word.n, -word.participants, word.word))[:MOST_SHOWN]
    labels = own_labels(name, given.labels.get(name, frozenset()))
    own = np.isin(of_pair, [code for code, level in enumerate(levels) if level in labels])
    participants, named = int(np.unique(people).size), int(np.unique(who[own]).size)
    return EmotionWords(
        emotion=name,
        n=int(codes.size),
        participants=participants,
        words=tuple(shown),
        others=int(codes.size) - sum(word.n for word in shown),
        own_label=named,
        own_label_share=divide(named, participants),
        reason=None if participants else NO_WORDS,
    )


def own_labels(name: str, read: frozenset[str]) -> frozenset[str]:
    """Return what counts as an emotion's own name: as it is called here and in English, and as people read it.

    >>> sorted(own_labels("sadness", frozenset({"traurigkeit"})))
    ['sadness', 'traurigkeit']
    """
    label = {one_word(get_emotion(name).label)} if name in SLUGS else set()
    return read | label | {one_word(name)}


def _tables(found: Words) -> list[Table]:
    rows = [
        [
            emotion.emotion,
            ", ".join(f"{short(word.word)} {word.n} ({word.participants})" for word in emotion.words),
            str(emotion.others),
            str(emotion.n),
            str(emotion.participants),
            f"{emotion.own_label} ({share(emotion.own_label_share)})",
        ]
        for emotion in found.emotions
        if emotion.n
    ]
    caption = (
        f"{counted(found.n, 'word')} by {counted(found.participants, 'person', 'people')}, {found.distinct} of them"
        f" different, counted as written"
        " without case: nothing is stemmed or translated. A word stands here, with how often it was given and by how"
        f" many people, where at least {FEWEST_PEOPLE} people gave it to the emotion's clips; all but the"
        f" {MOST_SHOWN} most frequent of them are other words. Own name: people who gave the emotion's own name."
    )
    header = ["Emotion", "Words (people)", "Other", "Given", "People", "Own name"]
    return [Table("words", "Words of people's own", header, rows, caption, kinds={"Words (people)": "remark"})]


def _compute(asked: Asked) -> Words | None:
    return count_words(asked.primary)


MEASURE = Measure(
    "words",
    "words of people's own, counted",
    Words,
    _compute,
    tables=_tables,
    group=Group.SAID_BESIDE,
    place=20,
)
