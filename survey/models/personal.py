"""What becomes of every field of people and answers at the end of the retention. One that is in no list fails a test.

Whoever adds a field decides here whether it could point to a person: in doubt it is emptied.
"""

from __future__ import annotations

from typing import Final

from django.db.models import Model

from survey.models.courses import Course
from survey.models.participation import OutsideId, Participant, Response, Trial, TrialEvent
from survey.models.questions import QuestionAnswer

EMPTIED: Final[dict[type[Model], frozenset[str]]] = {
    Participant: frozenset({"background", "device", "external_id_hash"}),
    Response: frozenset({"word"}),
}
"""Says nothing afterwards: the field's default stands there."""

REPLACED: Final[dict[type[Model], frozenset[str]]] = {
    Participant: frozenset({"token", "set_aside", "verdict"}),
    Response: frozenset(),
}
"""Says something else afterwards: another link, and that there was a reason instead of a researcher's words."""

DELETED: Final[dict[type[Model], frozenset[str]]] = {
    OutsideId: frozenset({"id", "participant", "study", "value", "created_at"}),
    QuestionAnswer: frozenset({"id", "participant", "trial", "question", "number", "choice", "text", "answered_at"}),
}
"""Goes with its row: every outside id; answers to the questions that are about a person or answered in free text."""

KEPT: Final[dict[type[Model], frozenset[str]]] = {
    Participant: frozenset(
        {
            "id",
            "study",
            "public_id",
            "kind",
            "language",
            "condition",
            "option_order",
            "plan",
            "order_row",
            "screened_at",
            "screened_by",
            "created_at",
            "last_seen_at",
            "consented_at",
            "consent_sha256",
            "sound_checked_at",
            "sound_wrong",
            "sound_measured",
            "sounds_sent",
            "headphones",
            "asked_before_at",
            "background_at",
            "restarts",
            "outcome",
            "finished_at",
            "completion_code",
            "withdrawn_at",
            "included",
        }
    ),
    Response: frozenset(
        {
            "id",
            "trial",
            "choice",
            "confidence",
            "valence",
            "arousal",
            "answered_at",
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
    ),
    Trial: frozenset(
        {
            "id",
            "participant",
            "stimulus",
            "second",
            "position",
            "kind",
            "clip_key",
            "asked_emotion",
            "instructed",
            "token",
            "option_order",
            "preload",
            "assigned_at",
            "lease_expires_at",
            "shown_at",
            "answered_at",
            "first_shown_at",
            "holds_place",
        }
    ),
    Course: frozenset({"id", "trial", "dimensions", "hertz", "samples", "is_whole", "valence", "arousal"}),
    TrialEvent: frozenset({"id", "trial", "sequence", "kind", "milliseconds", "detail", "received_at"}),
}
"""Stays: how the study went, and what was heard and answered, which no person is known by."""
