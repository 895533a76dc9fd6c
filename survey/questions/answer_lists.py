"""Lists of feelings that other studies of music let people choose from, as options for a researcher's own question.

The words are the published English ones; translations are this site's own, and no validated versions of the scales.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from survey.questions.translated import Words, in_words


@dataclass(frozen=True, slots=True)
class AnswerList:
    """Options that belong together. `source`: where they come from.

    Examples
    --------
    >>> LISTS["basic_five"].label, list(LISTS["basic_five"].options)
    ('The basic five', ['happiness', 'sadness', 'anger', 'fear', 'tenderness'])
    """

    label: str
    source: str
    options: Mapping[str, Words]


LISTS: Final[dict[str, AnswerList]] = {
    "gems_9": AnswerList(
        "GEMS-9",
        "Zentner, Grandjean and Scherer (2008), Emotions evoked by the sound of music, Emotion 8, 494–521",
        {
            "wonder": in_words(en="Wonder", de="Staunen", fr="Émerveillement", es="Asombro", tr="Hayret"),
            "transcendence": in_words(
                en="Transcendence", de="Transzendenz", fr="Transcendance", es="Trascendencia", tr="Aşkınlık"
            ),
            "tenderness": in_words(en="Tenderness", de="Zärtlichkeit", fr="Tendresse", es="Ternura", tr="Şefkat"),
            "nostalgia": in_words(en="Nostalgia", de="Wehmut", fr="Nostalgie", es="Añoranza", tr="Özlem"),
            "peacefulness": in_words(en="Peacefulness", de="Friedlichkeit", fr="Sérénité", es="Paz", tr="Huzur"),
            "power": in_words(en="Power", de="Kraft", fr="Puissance", es="Fuerza", tr="Güç"),
            "joyful-activation": in_words(
                en="Joyful activation", de="Freudige Erregung", fr="Joie entraînante", es="Alegría animada", tr="Coşku"
            ),
            "tension": in_words(en="Tension", de="Anspannung", fr="Inquiétude", es="Tensión nerviosa", tr="Gerginlik"),
            "sadness": in_words(en="Sadness", de="Traurigkeit", fr="Tristesse", es="Tristeza", tr="Hüzün"),
        },
    ),
    "basic_five": AnswerList(
        "The basic five",
        "Juslin and Laukka (2003), Communication of emotions in vocal expression and music performance, Psychological"
        " Bulletin 129, 770–814",
        {
            "happiness": in_words(en="Happiness", de="Freude", fr="Joie", es="Alegría", tr="Mutluluk"),
            "sadness": in_words(en="Sadness", de="Traurigkeit", fr="Tristesse", es="Tristeza", tr="Hüzün"),
            "anger": in_words(en="Anger", de="Ärger", fr="Colère", es="Enfado", tr="Öfke"),
            "fear": in_words(en="Fear", de="Angst", fr="Peur", es="Miedo", tr="Korku"),
            "tenderness": in_words(en="Tenderness", de="Zärtlichkeit", fr="Tendresse", es="Ternura", tr="Şefkat"),
        },
    ),
}
