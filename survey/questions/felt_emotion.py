"""What the clip made people feel, beside what it expresses: the two differ, and studies confuse them."""

from __future__ import annotations

from survey.questions.kinds import Choice
from survey.questions.question import Question, When
from survey.questions.translated import in_words

FELT_EMOTION = Question(
    key="felt_emotion",
    wording=in_words(
        en="And you: what do you feel yourself?",
        de="Und Sie: Was fühlen Sie selbst?",
        fr="Et vous : que ressentez-vous vous-même ?",
        es="¿Y usted? ¿Qué siente usted?",
        tr="Peki siz: kendiniz ne hissediyorsunuz?",
    ),
    kind=Choice({}, of_study=True),
    when=When.CLIP,
    told="the emotion felt",
    meaning="The emotion that the person felt, among those that the study offers.",
    position=120,
    seconds=6.0,
)
