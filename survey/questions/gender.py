"""Gender, with room for people's own words and for saying nothing."""

from __future__ import annotations

from survey.questions.kinds import Choice
from survey.questions.question import Question, When
from survey.questions.translated import in_words

GENDER = Question(
    key="gender",
    wording=in_words(
        en="What is your gender?",
        de="Welches Geschlecht haben Sie?",
        fr="Quel est votre genre ?",
        es="¿Cuál es su género?",
        tr="Cinsiyetiniz nedir?",
    ),
    kind=Choice(
        {
            "woman": in_words(en="Woman", de="Frau", fr="Femme", es="Mujer", tr="Kadın"),
            "man": in_words(en="Man", de="Mann", fr="Homme", es="Hombre", tr="Erkek"),
            "non-binary": in_words(
                en="Non-binary", de="Nicht-binär", fr="Non binaire", es="No binario", tr="Non-binary"
            ),
            "own-words": in_words(
                en="I describe it myself",
                de="Ich beschreibe es selbst",
                fr="Je le décris moi-même",
                es="Lo describo yo",
                tr="Kendim tanımlıyorum",
            ),
            "unsaid": in_words(
                en="I prefer not to say",
                de="Ich möchte es nicht sagen",
                fr="Je préfère ne pas le dire",
                es="Prefiero no decirlo",
                tr="Belirtmek istemiyorum",
            ),
        },
        own="own-words",
    ),
    when=When.AFTER,
    told="gender",
    meaning="Gender; unsaid: chose not to say, empty: not answered.",
    position=220,
    seconds=5.0,
)
