"""Age in years, for studies that must report a mean age.

The background asks for bands, which tell less of a person. A number is here for journals that want mean and standard
deviation; it is deleted with the rest of what is known of people at the end of the retention.
"""

from __future__ import annotations

from survey.questions.kinds import Number
from survey.questions.question import Question, When
from survey.questions.translated import in_words

AGE = Question(
    key="age",
    wording=in_words(
        en="How old are you, in years?",
        de="Wie alt sind Sie, in Jahren?",
        fr="Quel âge avez-vous, en années ?",
        es="¿Cuántos años tiene?",
        tr="Kaç yaşındasınız?",
    ),
    kind=Number(18, 120),
    when=When.AFTER,
    told="age in years",
    meaning="Age in years.",
    position=210,
    seconds=5.0,
)
