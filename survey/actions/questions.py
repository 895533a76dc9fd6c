"""The further questions of a draft: taken from the register or written by a researcher, changed, and taken out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generation.emotions import SLUGS
from melodymuse_site.turns import Gone
from survey.actions.acting import on_study
from survey.actions.audit import record
from survey.actions.cells import DraftRefused
from survey.actions.drafts import forget_previews, require_draft
from survey.models import Study, StudyQuestion
from survey.questions import OWN, REGISTER
from survey.wording import choice_labels

MOST_QUESTIONS = 60
OWN_FIELDS = (
    *("key", "moment", "sort", "required", "needs_music", "position", "wording", "options", "own_words"),
    *("low", "high", "least", "most", "whole", "admits"),
)


@on_study
def add_question(*, study: Study, key: str, by: Any, required: bool = False) -> StudyQuestion:
    """Ask a question of the register in a draft, behind those that it asks already. Raises DraftRefused.

    Nobody goes on without answering where the register says so, or `required` does; the draft's page can change it.
    """
    question = REGISTER.get(key)
    if question is None or not question.in_table:
        raise DraftRefused(f"There is no ready-made question {key!r}.")
    _prepare(study)
    _require_room(study)
    row = StudyQuestion(study=study, required=required or question.required, position=_next_position(study))
    row.take_over(question, study.languages, _emotions(study))
    row.admits = question.admits.stored if question.admits else {}
    _save(row, study)
    record(study=study, action="add_question", by=by, question=row.key)
    return row


@on_study
def write_question(*, study: Study, by: Any, replaces: str = "", **fields: Any) -> StudyQuestion:
    """Store a researcher's own question in a draft: a new one, or in place of the one called `replaces`.

    Of a ready-made one only `required`, `position` and `admits` can be changed: its words are the register's. Raises
    DraftRefused where `admits` is no condition for its answers.
    """
    _prepare(study)
    if replaces:
        row = _find(study, replaces)
    else:
        _require_room(study)
        row = StudyQuestion(study=study, position=_next_position(study))
    names = ("required", "position", "admits") if row.is_ready_made else OWN_FIELDS
    for name in names:
        if name in fields:
            setattr(row, name, fields[name])
    if not row.is_ready_made:
        asked = str(row.wording.get(study.language, ""))
        row.told, row.meaning = asked[:200], asked[:500]
    _save(row, study)
    record(study=study, action="write_question", by=by, question=row.key)
    return row


@on_study
def remove_question(*, study: Study, key: str, by: Any) -> None:
    """Take a further question out of a draft; of one that is out already there is nothing to do."""
    _prepare(study)
    if study.questions.filter(key=key).delete()[0]:
        study.save()
        record(study=study, action="remove_question", by=by, question=key)


def _prepare(study: Study) -> None:
    require_draft(study)
    forget_previews(study)


def _require_room(study: Study) -> None:
    if study.questions.count() >= MOST_QUESTIONS:
        raise DraftRefused(f"A study asks at most {MOST_QUESTIONS} further questions.")


def _find(study: Study, key: str) -> StudyQuestion:
    row = study.questions.filter(key=key).first()
    if row is None:
        raise Gone
    return row


def _next_position(study: Study) -> int:
    return max(study.questions.values_list("position", flat=True), default=0) + 1


def _save(row: StudyQuestion, study: Study) -> None:
    """Store the row where nothing else is called as it is; the study counts as changed."""
    if row.key in REGISTER and not row.is_ready_made:
        raise DraftRefused(f"{row.key!r} is the name of a ready-made question: choose another one.")
    if not row.is_ready_made and row.key.endswith(OWN):
        raise DraftRefused(f"A name that ends with {OWN!r} is that of the words beside an option: choose another one.")
    if study.questions.filter(key=row.key).exclude(pk=row.pk).exists():
        raise DraftRefused(f"This study has a question called {row.key!r} already.")
    if problem := admission_problem(row):
        raise DraftRefused(problem)
    row.save()
    study.save()


def admission_problem(row: StudyQuestion) -> str:
    """Why the question cannot decide who is let in, in a sentence; empty where it can, or is not to."""
    if not row.admits:
        return ""
    if row.moment != StudyQuestion.Moment.BEFORE:
        return "Who is let in is asked before the clips: ask this question there, or let everybody in."
    question = row.asked()
    problem = question.admits.problem_with(question.kind) if question.admits else ""
    return f"Who is let in by {row.key!r}: {problem}" if problem else ""


def _emotions(study: Study) -> dict[str, dict[str, str]]:
    """The emotions that the study offers, and none of them, with their words in each of its languages."""
    offered = [slug for slug in study.choices.values_list("slug", flat=True) if slug in SLUGS] or list(SLUGS)
    return {slug: choice_labels(slug, study.languages) for slug in (*offered, "none")}


def refresh_questions(study: Study) -> None:
    """Inside an action: bring the ready-made questions of a draft to its languages, and to the register as it is."""
    for row in study.questions.filter(is_ready_made=True):
        if row.key in REGISTER:
            row.take_over(REGISTER[row.key], study.languages, _emotions(study))
            row.save()


def question_reasons(study: Study) -> Iterator[str]:
    """What stands against publishing: questions that cannot be read, or answered, in a language of the study."""
    for row in study.questions.all():
        name = f"The question {row.key!r}"
        for language in study.languages:
            if not str(row.wording.get(language) or "").strip() or row.lacks(language):
                yield f"{name} lacks words in {language!r}. Write them, or do not offer the language."
        if row.sort == StudyQuestion.Sort.CHOICE and len(row.options) < 2:
            yield f"{name} needs at least two options."
        if len({option["slug"] for option in row.options}) < len(row.options):
            yield f"{name} has two options of one name, of which people would see one. Save its options once more."
        if not row.is_ready_made and row.key.endswith(OWN):
            yield f"{name} is called like the words beside an option. Give it another name."
        if problem := admission_problem(row):
            yield problem
