"""A question about a clip or a person, declared once: pages, storage, exports and texts are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from survey.questions.admitting import Admission
from survey.questions.kinds import Choice, Kind, Text
from survey.questions.translated import Words

OWN: Final = "_own_words"
"""Ends the name of the field, and of the column, for people's own words beside an option."""

TABLE: Final = "answers_to_questions"
"""The exported table of answers to further questions."""


class When(StrEnum):
    """At which point of a participation a question is asked."""

    BEFORE = "before"
    CLIP = "clip"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class ResponseColumn:
    """The answer is a column of the response, named as the question. `place`: its order among those in exports."""

    place: int


@dataclass(frozen=True, slots=True)
class BackgroundKey:
    """The answer is a key of the participant's background. `fact`: what the statistics call it."""

    fact: str


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """The answer is a row of the table of answers. `row`: the study's question that it answers, where one asks."""

    row: int | None = None


Storage = ResponseColumn | BackgroundKey | AnswerTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A setting of the study that asks one or several questions together.

    `name` is the field of the study, `label` and `hint` what the study's form says of it, `told` what plans call it.
    `legend` stands over the questions on the participant's page, `legend_silent` where there is no music.
    """

    name: str
    label: str
    told: str
    planned: str
    hint: str = ""
    legend: Words = ""
    legend_silent: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Parameters
    ----------
    key : str
        Names the question in the database, in exports and in forms: small letters, digits and underscores.
    wording : str or lazy str
        What participants read, in every language of the site (`in_words`, or gettext).
    kind : Choice, Scale, Slider, Number or Text
        What sort of answer it takes, with options, ends or limits.
    when : When
        Before the clips, with every clip, or after the last one.
    told : str
        What plans, preregistrations and the study's pages call it, in English.
    meaning : str
        The codebook's line.
    required : bool
        Whether nobody goes on without answering.
    storage : ResponseColumn, BackgroundKey or AnswerTable
        Where the answer goes; a new question needs none but the table.
    switch : Switch, optional
        The study's setting that asks it. Without one, a researcher adds the question on the study's page.
    position : int
        Order on the page.
    seconds : float
        How long answering takes, for the planned length of a session.
    needs_music : bool
        Whether it is left out for people who are given pictures alone.
    admits : Admission, optional
        Which answers let somebody in. Such a question is asked before everything else and must be answered.
    missing, wrong : str or lazy str
        What is said where a needed answer is not there, or cannot be; there are words for any question.
    values : str
        What the codebook says of the values, where that is not what the kind of answer says of itself.

    Examples
    --------
    >>> from survey.questions import Scale
    >>> liking = Question(
    ...     key="liking", wording="How much do you like it?", kind=Scale(5, "not at all", "very much"),
    ...     when=When.CLIP, told="liking", meaning="How much the clip was liked.",
    ... )
    >>> liking.field, liking.is_forgotten, liking.in_table
    ('q_liking', False, True)
    """

    key: str
    wording: Words
    kind: Kind
    when: When
    told: str
    meaning: str
    required: bool = False
    storage: Storage = AnswerTable()
    switch: Switch | None = None
    position: int = 100
    seconds: float = 5.0
    needs_music: bool = False
    admits: Admission | None = None
    missing: Words = ""
    wrong: Words = ""
    values: str = ""

    @property
    def field(self) -> str:
        """The name of its field on pages: no question of a researcher's own can take the name of another field."""
        return f"q_{self.key}" if self.in_table else self.key

    @property
    def in_table(self) -> bool:
        return isinstance(self.storage, AnswerTable)

    @property
    def own_field(self) -> str:
        """The field for people's own words beside an option; empty where there is none."""
        return f"{self.field}{OWN}" if isinstance(self.kind, Choice) and self.kind.own else ""

    @property
    def about_person(self) -> bool:
        return self.when is not When.CLIP

    @property
    def shows_options(self) -> bool:
        """Whether its options all stand on the page, and not in a list that opens.

        So they do with every clip; and about a person where one of two must be chosen. More would hide the next
        question, and an optional answer could not be taken back once it is pressed.
        """
        if not isinstance(self.kind, Choice):
            return False
        return not self.about_person or (self.required and len(self.kind.options) == 2)

    @property
    def is_forgotten(self) -> bool:
        """Whether its answers go at the end of the retention: what is said about a person, and free words."""
        return self.about_person or isinstance(self.kind, Text) or bool(self.own_field)

    @property
    def told_values(self) -> str:
        """The codebook's words for the values."""
        return self.values or self.kind.values

    @property
    def empty(self) -> Any:
        """What stands for no answer."""
        return "" if isinstance(self.kind, Text | Choice) else None
