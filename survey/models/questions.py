"""What a study asks beside its main question and the settings of its own: questions, and people's answers to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Q

from survey.models.bounds import within
from survey.models.counted import CountedThroughParticipant
from survey.models.participation import Participant, Trial
from survey.models.studies import Study
from survey.questions import (
    LONGEST,
    REGISTER,
    Admission,
    AnswerTable,
    Choice,
    Kind,
    Number,
    Question,
    Scale,
    Slider,
    Text,
    When,
    Words,
    in_words,
    say_in,
)

SECONDS = 5.0
"""What answering a question of a researcher's own is taken to last."""
FIRST_POSITION = 1000
"""Further questions come after those that settings of the study ask."""


class StudyQuestion(models.Model):
    """A further question of a study: one of the register's, or a researcher's own. All of it is kept in the row.

    A ready-made one is copied from the register, in every language of the study, whenever the draft is saved and once
    more at publication: from then on a study asks what it was published with, whatever becomes of the register.
    """

    class Moment(models.TextChoices):
        BEFORE = "before", "Before the clips"
        CLIP = "clip", "With every clip"
        AFTER = "after", "After the last clip"

    class Sort(models.TextChoices):
        CHOICE = "choice", "One of several options"
        SCALE = "scale", "Scale with words at both ends"
        SLIDER = "slider", "Slider between two ends"
        NUMBER = "number", "Number"
        TEXT = "text", "Free text"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=50, help_text="Names the question in exports.")
    position = models.PositiveSmallIntegerField(default=0, validators=within(0, 1000))
    moment = models.CharField(max_length=10, choices=Moment)
    sort = models.CharField(max_length=10, choices=Sort)
    is_ready_made = models.BooleanField(default=False)
    required = models.BooleanField(default=False)
    needs_music = models.BooleanField(default=False)
    told = models.CharField(max_length=200, blank=True)
    meaning = models.CharField(max_length=500, blank=True)
    wording = models.JSONField(default=dict, help_text="Language → what people read.")
    options = models.JSONField(default=list, blank=True, help_text="Slug and labels (language → text) of each option.")
    own_words = models.SlugField(blank=True, help_text="The option beside which people may write words of their own.")
    unsaid = models.JSONField(default=dict, blank=True, help_text="Language → words for giving no answer.")
    low = models.JSONField(default=dict, blank=True, help_text="Language → words at the lower end.")
    high = models.JSONField(default=dict, blank=True, help_text="Language → words at the upper end.")
    least = models.FloatField(null=True, blank=True)
    most = models.FloatField(null=True, blank=True, help_text="Greatest number, steps of a scale, length of a text.")
    whole = models.BooleanField(default=True)
    admits = models.JSONField(
        default=dict, blank=True, help_text="Which answers let somebody in: options, or least and most; empty: any."
    )
    details = models.JSONField(
        default=dict, blank=True, help_text="Of a ready-made one: seconds, values, steps, face, lines, missing, wrong."
    )

    class Meta:
        ordering = ["study_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "key"], name="question_key_once"),
            models.CheckConstraint(
                name="question_sort_is_known", condition=Q(sort__in=["choice", "scale", "slider", "number", "text"])
            ),
            models.CheckConstraint(
                name="question_moment_is_known", condition=Q(moment__in=["before", "clip", "after"])
            ),
            models.CheckConstraint(name="who_is_let_in_is_asked_before", condition=Q(admits={}) | Q(moment="before")),
            models.CheckConstraint(
                name="question_limits_are_in_order",
                condition=Q(least__isnull=True) | Q(most__isnull=True) | Q(least__lte=models.F("most")),
            ),
        ]

    def __str__(self) -> str:
        return self.told or self.key

    def asked(self) -> Question:
        """The question as pages, exports and texts take it; it speaks the study's own language where it lacks one."""
        details, own = self.details, self.study.language
        # What was published before `details` were kept counts the register's seconds, as it did then.
        declared = REGISTER.get(self.key) if self.is_ready_made else None
        return Question(
            key=self.key,
            wording=_in_order(self.wording, own),
            kind=self._kind(),
            when=When(self.moment),
            told=self.told or self.key,
            meaning=self.meaning or self.told or self.key,
            required=self.required or bool(self.admits),
            admits=Admission.read(self.admits),
            storage=AnswerTable(self.pk),
            position=FIRST_POSITION + self.position,
            seconds=details.get("seconds", declared.seconds if declared else SECONDS),
            needs_music=self.needs_music,
            missing=_in_order(details.get("missing", {}), own),
            wrong=_in_order(details.get("wrong", {}), own),
            values=details.get("values", ""),
        )

    def _kind(self) -> Kind:
        own = self.study.language
        low, high = _in_order(self.low, own), _in_order(self.high, own)
        if self.sort == self.Sort.CHOICE:
            options = {option["slug"]: _in_order(option["labels"], own) for option in self.options}
            return Choice(options, own=self.own_words, unsaid=_in_order(self.unsaid, own))
        if self.sort == self.Sort.SCALE:
            return Scale(int(self.most or 5), low, high)
        if self.sort == self.Sort.SLIDER:
            looks = {name: self.details[name] for name in ("steps", "face") if name in self.details}
            return Slider(low, high, least=self.least or 0, most=100 if self.most is None else self.most, **looks)
        if self.sort == self.Sort.NUMBER:
            least = float("-inf") if self.least is None else self.least
            return Number(least, float("inf") if self.most is None else self.most, whole=self.whole)
        longest = min(int(self.most or LONGEST), LONGEST)
        return Text(longest, lines=self.details.get("lines", 3 if longest > 100 else 1))

    def take_over(self, question: Question, languages: list[str], emotions: Mapping[str, Mapping[str, str]]) -> None:
        """Copy a question of the register, in `languages`; `emotions` are the options where the study gives them."""
        kind = question.kind
        self.key, self.moment, self.sort = question.key, question.when.value, kind.name
        self.is_ready_made, self.needs_music = True, question.needs_music
        self.told, self.meaning = question.told, question.meaning
        self.wording = _said(question.wording, languages)
        if isinstance(kind, Choice):
            own = {slug: _said(words, languages) for slug, words in kind.options.items()}
            options = emotions if kind.of_study else own
            self.options = [{"slug": slug, "labels": dict(labels)} for slug, labels in options.items()]
            self.own_words, self.unsaid = kind.own, _said(kind.unsaid, languages)
        elif isinstance(kind, Scale | Slider):
            self.low, self.high = _said(kind.low, languages), _said(kind.high, languages)
        self.least, self.most, self.whole = _limits(kind)
        self.details = {
            "seconds": question.seconds,
            "values": question.values,
            "missing": _said(question.missing, languages),
            "wrong": _said(question.wrong, languages),
            **{name: getattr(kind, name) for name in ("steps", "face", "lines") if hasattr(kind, name)},
        }

    def lacks(self, language: str) -> bool:
        """Whether some of its words are not there in `language`."""
        own = self.study.language
        texts = [self.wording, self.low, self.high, self.unsaid, *(option["labels"] for option in self.options)]
        return any(text.get(own) and not str(text.get(language) or "").strip() for text in texts)


def _limits(kind: Kind) -> tuple[float | None, float | None, bool]:
    """(least, most, whole) as columns."""
    if isinstance(kind, Scale):
        return None, kind.steps, True
    if isinstance(kind, Text):
        return None, kind.longest, True
    if isinstance(kind, Slider | Number):
        return kind.least, kind.most, getattr(kind, "whole", True)
    return None, None, True


def _said(words: Words, languages: list[str]) -> dict[str, str]:
    return {language: text for language in languages if (text := say_in(words, language))}


def _in_order(texts: Mapping[str, str], own: str) -> Words:
    """Texts by language as one text that is shown in the page's language, else in the study's own."""
    return in_words(**{own: texts.get(own, ""), **texts}) if texts else ""


class QuestionAnswer(models.Model):
    """What somebody said to a further question, once per trial or person; of the sort that the question is of."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="said")
    trial = models.ForeignKey(Trial, null=True, blank=True, on_delete=models.CASCADE, related_name="said")
    question = models.ForeignKey(StudyQuestion, on_delete=models.PROTECT, related_name="answers")
    number = models.FloatField(null=True, blank=True)
    choice = models.SlugField(blank=True, db_index=False)
    text = models.CharField(max_length=LONGEST, blank=True, help_text="Free text, or own words beside an option.")
    answered_at = models.DateTimeField()

    objects = CountedThroughParticipant.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "trial"], condition=Q(trial__isnull=False), name="one_answer_per_trial"
            ),
            models.UniqueConstraint(
                fields=["question", "participant"], condition=Q(trial__isnull=True), name="one_answer_per_person"
            ),
            models.CheckConstraint(
                name="an_answer_is_of_one_sort",
                condition=Q(number__isnull=False, choice="", text="")
                | (Q(number__isnull=True) & (~Q(choice="") | ~Q(text=""))),
            ),
        ]

    def __str__(self) -> str:
        return f"Answer {self.pk} to {self.question_id}"

    @classmethod
    def of(cls, question: Question, value: Any, words: str = "", **others: Any) -> QuestionAnswer:
        """An answer of the question's sort, not stored yet; `words` beside an option."""
        columns = {question.kind.column: value} | ({"text": words} if words else {})
        row = question.storage.row if isinstance(question.storage, AnswerTable) else None
        return cls(question_id=row, **columns, **others)
