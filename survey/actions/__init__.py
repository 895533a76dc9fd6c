"""Everything that changes studies and answers on request: keyword arguments, the actor as `by`."""

from survey.actions.answering import Answer, AnswerRefused, record_answer, record_events
from survey.actions.audit import record
from survey.actions.building import create_study, edit_study, remove_study, set_stimuli
from survey.actions.demo import create_demo_study
from survey.actions.giving import give_trial, show_trial
from survey.actions.hearing import check_sound, note_sent, record_headphones
from survey.actions.joining import (
    JoinRefused,
    anonymise,
    anonymise_due,
    decline,
    finish,
    join,
    open_preview,
    record_background,
    remove_bots,
    restart_if_idle,
    withdraw,
)
from survey.actions.judging import JudgingRefused, judge_participant, judge_study, set_aside, take_back
from survey.actions.publishing import PublishRefused, close, make_new_version, open_results, publish
from survey.actions.sharing import share, unshare

__all__ = [
    "Answer",
    "AnswerRefused",
    "JoinRefused",
    "JudgingRefused",
    "PublishRefused",
    "anonymise",
    "anonymise_due",
    "check_sound",
    "close",
    "create_demo_study",
    "create_study",
    "decline",
    "edit_study",
    "finish",
    "give_trial",
    "join",
    "judge_participant",
    "judge_study",
    "make_new_version",
    "note_sent",
    "open_preview",
    "open_results",
    "publish",
    "record",
    "record_answer",
    "record_background",
    "record_events",
    "record_headphones",
    "remove_bots",
    "remove_study",
    "restart_if_idle",
    "set_aside",
    "set_stimuli",
    "share",
    "show_trial",
    "take_back",
    "unshare",
    "withdraw",
]
