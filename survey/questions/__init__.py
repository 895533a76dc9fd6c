"""Every question about a clip or a person, declared once.

A module of this folder that declares a `Question` is all that a new one needs: form, page, storage, export, codebook,
restore, simulated participants, retention, preregistration and results are made from it.
"""

from survey.questions.admitting import Admission
from survey.questions.kinds import LARGEST, LONGEST, Choice, Kind, Number, Scale, Slider, Text
from survey.questions.question import (
    OWN,
    TABLE,
    AnswerTable,
    BackgroundKey,
    Question,
    ResponseColumn,
    Switch,
    When,
)
from survey.questions.register import background_keys, find_questions, response_columns, switches_of
from survey.questions.translated import Words, in_words, say_in, site_languages

REGISTER = find_questions()
SWITCHES = switches_of(REGISTER)
RESPONSE_COLUMNS = response_columns(REGISTER)
BACKGROUND = background_keys(REGISTER)

__all__ = [
    "BACKGROUND",
    "LARGEST",
    "LONGEST",
    "OWN",
    "REGISTER",
    "RESPONSE_COLUMNS",
    "SWITCHES",
    "TABLE",
    "Admission",
    "AnswerTable",
    "BackgroundKey",
    "Choice",
    "Kind",
    "Number",
    "Question",
    "ResponseColumn",
    "Scale",
    "Slider",
    "Switch",
    "Text",
    "When",
    "Words",
    "background_keys",
    "find_questions",
    "in_words",
    "response_columns",
    "say_in",
    "site_languages",
    "switches_of",
]
