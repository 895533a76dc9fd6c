"""A study that asks every question of the register, and people who answer each of them, over HTTP."""

from __future__ import annotations

import random
from typing import Any

from survey import actions
from survey.models import Participant, Study
from survey.questions import REGISTER, SWITCHES, Admission, Choice, Number, Question, Scale, Slider
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

CLIPS = 3


def asking_everything(*, publish: bool = True, **fields: Any) -> Study:
    """A study that asks whatever the register holds."""
    study = make_study(
        versions=make_versions(4),
        clips_per_participant=CLIPS,
        require_listening=False,
        publish=False,
        **{**dict.fromkeys(SWITCHES, True), "title": "Everything", **fields},
    )
    for question in REGISTER.values():
        if question.in_table:
            actions.add_question(study=study, key=question.key, by=study.owner)
    return actions.publish(study=study, by=study.owner) if publish else study


def answer_to(question: Question, study: Study, dice: random.Random) -> str:
    """Some answer that the question takes, as a form sends it."""
    kind, admits = question.kind, question.admits or Admission()
    if isinstance(kind, Choice):
        return dice.choice([option for option in kind.options if admits.admits(option)])
    if isinstance(kind, Scale):
        return str(dice.randint(1, kind.steps))
    if isinstance(kind, Slider):
        return f"{dice.uniform(kind.least, kind.most):.2f}"
    if isinstance(kind, Number):
        return str(dice.randint(int(admits.least or kind.least), int(admits.most or kind.most)))
    return dice.choice(["dark", "süß, =1", 'a "quoted" word'])


def take_part(study: Study, seed: int = 0, *, language: str = "en", until: int = 99, entry: str = "") -> Participant:
    """From consent to the end, or up to so many clips; whatever a page asks is answered."""
    from survey.queries import asked_questions

    dice, listener = random.Random(seed), Listener(study.slug, entry=entry)
    asked = {question.field: question for question in asked_questions(study)}
    listener.get()
    clips = 0
    while not listener.address.endswith("/end/") and clips < until:
        _, values, radios = listener.form()
        said = {name: answer_to(asked[name], study, dice) for name in (*values, *radios) if name in asked}
        said |= {name: "as I say" for name in values if name.endswith("_own_words")}
        if listener.address.endswith("/clip/"):
            clips += 1
            said |= {"chosen": dice.choice(radios["chosen"]), "played_seconds": "1.0", "plays": "1"}
        listener.send(**said | ({"language": language} if "language" in values else {}))
        assert listener.response.status_code == 200, listener.page
    return Participant.objects.order_by("-pk").first()
