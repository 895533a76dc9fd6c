"""What people send: answers of participants, studies of researchers."""

from survey.forms.participant import (
    AnswerForm,
    BackgroundForm,
    EventsForm,
    HeadphonesForm,
    SoundForm,
    StartForm,
)
from survey.forms.studies import CellsForm, ClipFilterForm, ShareForm, StudyForm

__all__ = [
    "AnswerForm",
    "BackgroundForm",
    "CellsForm",
    "ClipFilterForm",
    "EventsForm",
    "HeadphonesForm",
    "ShareForm",
    "SoundForm",
    "StartForm",
    "StudyForm",
]
