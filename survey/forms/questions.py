"""The fields of questions: made from what each question says of itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from melodymuse_site.storable import mend
from survey.queries import grouped
from survey.questions import LARGEST, LONGEST, Choice, Number, Question, Scale, Slider, Switch, Text
from survey.questions.said import own_key

CHOOSE = _("Please choose")


class WordField(forms.CharField):
    """Words in somebody's own writing. A character that cannot be stored is left out: it costs nobody's answer.

    In several `lines` a line break is one character, as in the browser's own counting; forms send it as two. In one
    line no browser sends any, and what a program sends stays as it is.
    """

    def __init__(self, *, lines: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self.lines = lines

    def to_python(self, value: Any) -> str:
        words = super().to_python(value) or ""
        return mend(words if self.lines == 1 else words.replace("\r\n", "\n")).strip()


def field_of(question: Question) -> forms.Field:
    """What reads the answer to a question; whether it is needed, the action that stores it says."""
    kind, plain = question.kind, {"required": False, "label": question.wording}
    if isinstance(kind, Choice):
        nothing = "" if question.required else kind.unsaid
        return forms.ChoiceField(choices=[("", nothing or CHOOSE), *kind.options.items()], **plain)
    if isinstance(kind, Scale):
        return forms.IntegerField(min_value=1, max_value=kind.steps, **plain)
    if isinstance(kind, Slider):
        return forms.FloatField(min_value=kind.least, max_value=kind.most, **plain)
    if isinstance(kind, Number):
        limits = {"min_value": max(kind.least, -LARGEST), "max_value": min(kind.most, LARGEST)}
        return forms.IntegerField(**limits, **plain) if kind.whole else forms.FloatField(**limits, **plain)
    assert isinstance(kind, Text)
    return WordField(max_length=kind.longest, lines=kind.lines, **plain)


@dataclass(frozen=True, slots=True)
class Shown:
    """A question on a page, with its field and the template of its kind."""

    question: Question
    field: forms.BoundField
    own: forms.BoundField | None

    @property
    def template(self) -> str:
        return f"survey/participant/questions/_{self.question.kind.name}.html"


class QuestionsForm(forms.Form):
    """A form that holds some questions, each with the field of its kind."""

    def __init__(self, *args: Any, questions: Iterable[Question] = (), **kwargs: Any) -> None:
        # Django copies every field of the class for each form, in case that somebody changes one; nobody does here,
        # and the copies took as long as an INSERT.
        declared, self.base_fields = self.base_fields, {}
        super().__init__(*args, **kwargs)
        self.fields |= declared
        self.questions = list(questions)
        for question in self.questions:
            self.fields[question.field] = field_of(question)
            if question.own_field:
                self.fields[question.own_field] = WordField(max_length=LONGEST, required=False, strip=True)

    def groups(self) -> list[tuple[Switch | None, list[Shown]]]:
        """The questions as a page shows them: those under one heading together."""
        return [(switch, [self._show(question) for question in asked]) for switch, asked in grouped(self.questions)]

    def _show(self, question: Question) -> Shown:
        return Shown(question, self[question.field], self[question.own_field] if question.own_field else None)

    def said(self) -> dict[str, Any]:
        """What was answered, by the questions' keys."""
        data = self.cleaned_data
        said = {question.key: data[question.field] for question in self.questions if question.field in data}
        words = {own_key(q): data[q.own_field] for q in self.questions if data.get(q.own_field)}
        return {**said, **words}
