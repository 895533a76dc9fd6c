"""A word of one's own for what the clip expresses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from survey.questions.kinds import Text
from survey.questions.question import Question, ResponseColumn, Switch, When

WORD = Question(
    key="word",
    wording=_("A word of your own (optional)"),
    kind=Text(60),
    when=When.CLIP,
    told="a free word",
    meaning="A word in the participant's own language.",
    storage=ResponseColumn(4),
    switch=Switch(
        name="ask_word",
        label="Ask for a free word",
        hint="A word in the participant's own language, optional for them.",
        told="a free word",
        planned="A free word",
    ),
    position=20,
    seconds=6.0,
)
