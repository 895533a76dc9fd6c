"""What people send: answers of participants, studies of researchers."""

from survey.forms.cells import CellsForm, ClipFilterForm
from survey.forms.own_questions import OwnQuestionForm, PlaceForm, ReadyMadeForm
from survey.forms.participant import (
    AnswerForm,
    EventsForm,
    HeadphonesForm,
    SoundForm,
    StartForm,
)
from survey.forms.questions import QuestionsForm
from survey.forms.studies import ShareForm, StudyForm

__all__ = [
    "AnswerForm",
    "CellsForm",
    "ClipFilterForm",
    "EventsForm",
    "HeadphonesForm",
    "OwnQuestionForm",
    "PlaceForm",
    "QuestionsForm",
    "ReadyMadeForm",
    "ShareForm",
    "SoundForm",
    "StartForm",
    "StudyForm",
]
