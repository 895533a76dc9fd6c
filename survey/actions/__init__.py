"""Everything that changes studies and answers on request: keyword arguments, the actor as `by`."""

from melodymuse_site.turns import ActionRefused, Gone
from survey.actions.accessing import note_access
from survey.actions.answering import Answer, AnswerRefused, Stored, record_answer, record_events
from survey.actions.audit import record
from survey.actions.building import create_study, edit_study, remove_study, set_stimuli
from survey.actions.checking import record_background, record_before, record_screening, restart_if_idle
from survey.actions.demo import create_demo_study
from survey.actions.exporting import cancel_export, finish_pack, note_download, request_export
from survey.actions.giving import give_trial, show_trial
from survey.actions.hearing import check_sound, note_sent, record_headphones
from survey.actions.inviting import InvitationRefused, set_invitation
from survey.actions.joining import AlreadyBegun, JoinRefused, decline, join, open_preview
from survey.actions.judging import JudgingRefused, judge_participant, judge_study, set_aside, take_back
from survey.actions.learning import LessonRefused, cancel_lesson, finish_lesson, request_lesson
from survey.actions.leaving import anonymise, anonymise_due, finish, remove_bots, withdraw
from survey.actions.piloting import cancel_pilot, finish_pilot, remove_pilot, request_pilot
from survey.actions.publishing import PublishRefused, close, make_new_version, open_results, publish
from survey.actions.questions import add_question, remove_question, write_question
from survey.actions.reading import (
    KeyRefused,
    make_api_token,
    make_results_link,
    note_reading,
    revoke_api_token,
    revoke_results_link,
)
from survey.actions.reminding import note_due, remind_due, switch_reminders
from survey.actions.restoring import restore_answers
from survey.actions.sharing import share, unshare
from survey.actions.waves import begin_test

__all__ = [
    "ActionRefused",
    "AlreadyBegun",
    "Answer",
    "AnswerRefused",
    "Gone",
    "InvitationRefused",
    "JoinRefused",
    "JudgingRefused",
    "KeyRefused",
    "LessonRefused",
    "PublishRefused",
    "Stored",
    "add_question",
    "anonymise",
    "anonymise_due",
    "begin_test",
    "cancel_export",
    "cancel_lesson",
    "cancel_pilot",
    "check_sound",
    "close",
    "create_demo_study",
    "create_study",
    "decline",
    "edit_study",
    "finish",
    "finish_lesson",
    "finish_pack",
    "finish_pilot",
    "give_trial",
    "join",
    "judge_participant",
    "judge_study",
    "make_api_token",
    "make_new_version",
    "make_results_link",
    "note_access",
    "note_download",
    "note_due",
    "note_reading",
    "note_sent",
    "open_preview",
    "open_results",
    "publish",
    "record",
    "record_answer",
    "record_background",
    "record_before",
    "record_events",
    "record_headphones",
    "record_screening",
    "remind_due",
    "remove_bots",
    "remove_pilot",
    "remove_question",
    "remove_study",
    "request_export",
    "request_lesson",
    "request_pilot",
    "restart_if_idle",
    "restore_answers",
    "revoke_api_token",
    "revoke_results_link",
    "set_aside",
    "set_invitation",
    "set_stimuli",
    "share",
    "show_trial",
    "switch_reminders",
    "take_back",
    "unshare",
    "withdraw",
    "write_question",
]
