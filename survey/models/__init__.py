"""What the survey stores: studies and their parts, participants and their answers, and who did what."""

from survey.models.audit import AuditEntry
from survey.models.counters import Fill, Load, Named
from survey.models.courses import Course
from survey.models.exports import ExportJob
from survey.models.inviting import Invitation
from survey.models.kept import KeptReport
from survey.models.lessons import Lesson, LessonStudy
from survey.models.participation import OutsideId, Participant, Response, Trial, TrialEvent
from survey.models.pilots import PilotJob
from survey.models.questions import QuestionAnswer, StudyQuestion
from survey.models.reading import ApiToken, Reading, ResultsLink
from survey.models.reminders import Reminder
from survey.models.reports import ReportJob
from survey.models.stimuli import Condition, Stimulus, StudyChoice
from survey.models.studies import Study, StudyMember

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Condition",
    "Course",
    "ExportJob",
    "Fill",
    "Invitation",
    "KeptReport",
    "Lesson",
    "LessonStudy",
    "Load",
    "Named",
    "OutsideId",
    "Participant",
    "PilotJob",
    "QuestionAnswer",
    "Reading",
    "Reminder",
    "ReportJob",
    "Response",
    "ResultsLink",
    "Stimulus",
    "Study",
    "StudyChoice",
    "StudyMember",
    "StudyQuestion",
    "Trial",
    "TrialEvent",
]
