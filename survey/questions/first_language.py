"""The language people grew up with, in their own words: no list of languages is long enough."""

from __future__ import annotations

from survey.questions.kinds import Text
from survey.questions.question import Question, When
from survey.questions.translated import in_words

FIRST_LANGUAGE = Question(
    key="first_language",
    wording=in_words(
        en="Which language did you speak first as a child?",
        de="Welche Sprache haben Sie als Kind zuerst gesprochen?",
        fr="Quelle langue avez-vous parlée en premier, enfant ?",
        es="¿Qué lengua habló primero de niño o niña?",
        tr="Çocukken ilk konuştuğunuz dil hangisiydi?",
    ),
    kind=Text(60),
    when=When.AFTER,
    told="first language",
    meaning="First language, in the person's own words.",
    position=230,
    seconds=6.0,
)
