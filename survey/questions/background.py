"""Age band, musical training and headphones: asked of everybody at the end, and optional for them."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from survey.questions.kinds import Choice
from survey.questions.question import BackgroundKey, Question, Switch, When

UNSAID: Final = _("Prefer not to say")
ASKED: Final = Switch(
    name="ask_background",
    label="Ask about background",
    hint="Age band, musical training, headphones: optional for them.",
    told="background",
    planned="Age band, musical training and headphones, after the last trial",
)
AGE_BAND = Question(
    key="age_band",
    wording=_("Your age"),
    kind=Choice(
        {
            "18-24": "18–24",
            "25-34": "25–34",
            "35-44": "35–44",
            "45-54": "45–54",
            "55-64": "55–64",
            "65+": _("65 or older"),
        },
        unsaid=UNSAID,
    ),
    when=When.AFTER,
    told="age band",
    meaning="Age band.",
    storage=BackgroundKey("age"),
    switch=ASKED,
    position=40,
    seconds=10.0,
)
MUSICAL_TRAINING = Question(
    key="musical_training",
    wording=_("Years of lessons on an instrument or in singing"),
    kind=Choice(
        {
            "none": _("None"),
            "under-3": _("Less than 3 years"),
            "3-9": _("3 to 9 years"),
            "10+": _("10 years or more"),
        },
        unsaid=UNSAID,
    ),
    when=When.AFTER,
    told="musical training",
    meaning="Years of lessons on an instrument or in singing.",
    storage=BackgroundKey("training"),
    switch=ASKED,
    position=41,
    seconds=10.0,
)
LISTENED_WITH = Question(
    key="listened_with",
    wording=_("You listened with"),
    kind=Choice(
        {"headphones": _("Headphones or earphones"), "loudspeakers": _("Loudspeakers")},
        unsaid=UNSAID,
    ),
    when=When.AFTER,
    told="what people listened with",
    meaning="What the person listened with.",
    storage=BackgroundKey("listened_with"),
    switch=ASKED,
    position=42,
    seconds=10.0,
    needs_music=True,
)
