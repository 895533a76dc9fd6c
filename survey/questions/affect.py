"""Valence and arousal: how the music sounds, on two sliders between faces."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from survey.questions.kinds import Slider
from survey.questions.question import Question, ResponseColumn, Switch, When

AFFECT = Switch(
    name="ask_affect",
    label="Ask for valence and arousal",
    hint="After the clip: unpleasant–pleasant and calm–activated.",
    told="valence and arousal",
    planned="Valence and arousal",
    legend=_("How does the music sound?"),
    legend_silent=_("How does the picture look?"),
)
AROUSAL = Question(
    key="arousal",
    wording=_("Calm – activated"),
    kind=Slider(_("Calm"), _("Activated"), least=-1, most=1, steps=8, face="arousal"),
    when=When.CLIP,
    told="arousal",
    meaning="Affective slider, calm to activated; empty: not moved. Without JavaScript in steps of 0.25.",
    storage=ResponseColumn(3),
    switch=AFFECT,
    values="-1 to 1",
    position=10,
    seconds=4.0,
)
VALENCE = Question(
    key="valence",
    wording=_("Unpleasant – pleasant"),
    kind=Slider(_("Unpleasant"), _("Pleasant"), least=-1, most=1, steps=8, face="valence"),
    when=When.CLIP,
    told="valence",
    meaning="Affective slider, unpleasant to pleasant; empty: not moved. Without JavaScript in steps of 0.25.",
    storage=ResponseColumn(2),
    switch=AFFECT,
    values="-1 to 1",
    position=11,
    seconds=4.0,
)
