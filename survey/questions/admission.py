"""Ready-made questions that decide who is let in: adults, and an age."""

from __future__ import annotations

from typing import Final

from survey.questions.admitting import Admission
from survey.questions.kinds import Choice, Number
from survey.questions.question import Question, When
from survey.questions.translated import in_words

OF_AGE: Final = 18
OLDEST: Final = 120

# Whether, and not how old: nothing more is needed to let somebody in.
ADULT = Question(
    key="adult",
    wording=in_words(
        en="Are you 18 or older?",
        de="Sind Sie 18 Jahre oder älter?",
        fr="Avez-vous 18 ans ou plus ?",
        es="¿Tiene 18 años o más?",
        tr="18 yaşında veya daha büyük müsünüz?",
    ),
    kind=Choice(
        {
            "yes": in_words(en="Yes", de="Ja", fr="Oui", es="Sí", tr="Evet"),
            "no": in_words(en="No", de="Nein", fr="Non", es="No", tr="Hayır"),
        }
    ),
    when=When.BEFORE,
    told="18 or older",
    meaning="Whether the person is 18 or older.",
    position=5,
    seconds=4.0,
    required=True,
    admits=Admission(options=("yes",)),
)
# From 0 on: who is younger must be able to say so, or the field itself would tell which answer lets people in.
AGE_TO_ENTER = Question(
    key="age_to_enter",
    wording=in_words(
        en="How old are you, in years?",
        de="Wie alt sind Sie, in Jahren?",
        fr="Quel âge avez-vous, en années ?",
        es="¿Cuántos años tiene?",
        tr="Kaç yaşındasınız?",
    ),
    kind=Number(0, OLDEST),
    when=When.BEFORE,
    told="age, to be let in",
    meaning="Age in years, asked to decide who is let in.",
    position=6,
    seconds=5.0,
    required=True,
    admits=Admission(least=OF_AGE),
)
