"""What the survey stores: studies and their parts, participants and their answers, and who did what."""

from survey.models.audit import AuditEntry
from survey.models.counters import Fill, Named
from survey.models.exports import ExportJob
from survey.models.participation import OutsideId, Participant, Response, Trial, TrialEvent
from survey.models.questions import QuestionAnswer, StudyQuestion
from survey.models.stimuli import Condition, Stimulus, StudyChoice
from survey.models.studies import Study, StudyMember

__all__ = [
    "AuditEntry",
    "Condition",
    "ExportJob",
    "Fill",
    "Named",
    "OutsideId",
    "Participant",
    "QuestionAnswer",
    "Response",
    "Stimulus",
    "Study",
    "StudyChoice",
    "StudyMember",
    "StudyQuestion",
    "Trial",
    "TrialEvent",
]
