"""How sure people are of the emotion that they chose."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from survey.questions.kinds import Scale
from survey.questions.question import Question, ResponseColumn, Switch, When

CONFIDENCE = Question(
    key="confidence",
    wording=_("How sure are you?"),
    kind=Scale(5, _("not at all"), _("completely")),
    when=When.CLIP,
    told="how sure people are",
    meaning="How sure the participant was.",
    required=True,
    storage=ResponseColumn(1),
    switch=Switch(
        name="ask_confidence",
        label="Ask how sure people are",
        told="how sure people are",
        planned="Confidence from 1 to 5",
    ),
    values="1 (guess) to 5 (certain)",
    position=30,
    seconds=3.0,
    missing=_("Please say how sure you are."),
    wrong=_("Please say how sure you are, from 1 to 5."),
)
