"""What the database refuses to change: a published study with its parts, and a stored answer.

Named are the fields that stay alive; every other one, and every new one, is frozen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from melodymuse_site.triggers import Rule, changed_columns
from survey.models.courses import Course
from survey.models.lessons import LessonStudy
from survey.models.participation import Response
from survey.models.questions import QuestionAnswer, StudyQuestion
from survey.models.stimuli import Condition, Stimulus, StudyChoice
from survey.models.studies import Study

STUDY_LIVES: Final = frozenset(
    {
        "owner",
        "status",
        "quota",
        "reminders",
        "lease_minutes",
        "idle_minutes",
        "recruiter",
        "return_url",
        "code_complete",
        "code_screened_out",
        "code_no_consent",
        "code_quota_full",
        "retention_until",
        "anonymised_at",
        "key_fingerprint",
        "results_opened_at",
        "created_at",
        "updated_at",
        "closed_at",
    }
)
# Free words go at the end of the retention; what a browser measured is its word, not the person's.
RESPONSE_LIVES: Final = frozenset(
    {
        "word",
        "seconds",
        "played_seconds",
        "plays",
        "second_played_seconds",
        "second_plays",
        "hidden_seconds",
        "first_choice_seconds",
        "listening_measured",
        "listening_doubtful",
    }
)
ROLE_CHANGES: Final = "OLD.role <> NEW.role OR OLD.study_id <> NEW.study_id OR OLD.lesson_id <> NEW.lesson_id"
ROLE_MESSAGE: Final = "What taught a lesson stays so: it can never test it."
STUDY_MESSAGE: Final = "A published study is frozen; make a new version instead."
RESPONSE_MESSAGE: Final = "A stored answer is never edited."


def rules(connection: Any) -> Sequence[Rule]:
    """Every rule of the studies' tables, on the columns that `connection` has."""
    found = [
        Rule("study_frozen_delete", "survey_study", "DELETE", "OLD.status <> 'draft'", STUDY_MESSAGE),
    ]
    if changed := changed_columns(connection, Study, STUDY_LIVES):
        steps = "OLD.status = NEW.status OR (OLD.status = 'published' AND NEW.status = 'closed')"
        condition = f"OLD.status <> 'draft' AND ({changed} OR NOT ({steps}))"
        found.append(Rule("study_frozen_update", "survey_study", "UPDATE", condition, STUDY_MESSAGE))
    if changed := changed_columns(connection, Response, RESPONSE_LIVES):
        found.append(Rule("response_kept_update", "survey_response", "UPDATE", changed, RESPONSE_MESSAGE))
    if changed := changed_columns(connection, QuestionAnswer, frozenset()):
        found.append(Rule("question_answer_kept_update", "survey_questionanswer", "UPDATE", changed, RESPONSE_MESSAGE))
    if changed := changed_columns(connection, Course, frozenset()):
        found.append(Rule("course_kept_update", "survey_course", "UPDATE", changed, RESPONSE_MESSAGE))
    roles = LessonStudy._meta.db_table
    found.append(Rule(f"{roles}_kept_update", roles, "UPDATE", ROLE_CHANGES, ROLE_MESSAGE))
    found.append(Rule(f"{roles}_kept_delete", roles, "DELETE", "OLD.role <> 'tests'", ROLE_MESSAGE))
    for model in (StudyChoice, Condition, Stimulus, StudyQuestion):
        table = model._meta.db_table
        for event, rows in {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}.items():
            condition = " OR ".join(_published(row) for row in rows)
            found.append(Rule(f"{table}_frozen_{event.lower()}", table, event, condition, STUDY_MESSAGE))
    return found


def _published(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM survey_study s WHERE s.id = {row}.study_id AND s.status <> 'draft')"
