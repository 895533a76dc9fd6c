"""A closed study with everything a report can speak of: four cells, two composers, gold, repeats, people set aside.

Everything is asked: valence and arousal, a word, how sure people are.
"""

from __future__ import annotations

import random

from generation.emotions import get_emotion
from survey import actions
from survey.models import Participant, Response, Trial
from survey.models.participation import make_token
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions
from tests.survey.rich_people import leave_in_the_middle, set_one_aside, tell_apart

CELLS = {"matched": 1.0, "mismatched": 1.0, "music_only": 1.0, "picture_only": 1.0}
PLAN = {"margin": 0.15, "primary_measure": "hit rate", "primary_cell": "music_only", "planned_n": 12}


def make_rich_study(people=14, each=16, seed=11, cell="music_only"):
    """Answers follow the music more than the picture; the last person withdraws, two more are left out.

    `cell` is the one that the plan names.
    """
    versions = [*make_versions(16), *make_versions(8, composer="paper", first=16)]
    study = make_study(
        versions=versions,
        cells=CELLS,
        clips_per_participant=each,
        analysis_plan=PLAN | {"primary_cell": cell},
        exclusion_rules={"longest_run": 100},
        title="Four cells",
        ask_affect=True,
        ask_word=True,
    )

    def choose(participant, stimulus, dice):
        cell = stimulus.condition
        heard = stimulus.emotion if cell.plays_music else ""
        seen = stimulus.picture_emotion if cell.shows_picture else ""
        followed = heard if dice.random() < 0.7 else seen
        return followed if followed and dice.random() < 0.6 else None

    persons = answer_study(study, people=people, each=each, hit=0.1, seed=seed, choose=choose, say=Speaker(seed))
    dice = random.Random(seed)
    for person in persons[:8]:
        trials = list(person.trials.order_by("position"))
        Trial.objects.filter(pk=trials[0].pk).update(kind=Trial.Kind.GOLD)
        _repeat(person, trials[3], len(trials) + 1, dice)
    for person in persons[1:3]:
        Participant.objects.filter(pk=person.pk).update(included=False, verdict=["gold"])
    tell_apart(persons)
    leave_in_the_middle(persons[5:13])
    set_one_aside(persons[3], study.owner)
    actions.withdraw(participant=persons[-1], by=None)
    return actions.close(study=study, by=study.owner)


class Speaker:
    """What people say beside their choice; with dice of its own, so that it changes no answer."""

    def __init__(self, seed):
        self._dice, self._habits = random.Random(seed + 1), {}

    def __call__(self, participant, stimulus, chosen):
        dice, emotion = self._dice, get_emotion(stimulus.emotion)
        habit = self._habits.setdefault(participant.pk, dice.gauss(0, 0.1))
        said = {
            name: max(-1.0, min(1.0, round(0.7 * getattr(emotion, name) + habit + dice.gauss(0, 0.25), 3)))
            for name in ("valence", "arousal")
            if dice.random() < 0.95
        }
        right = chosen == stimulus.emotion
        words = ("", "", emotion.label, "dark", "Süß", "SÜSS ", "my cat Rex", f"word {dice.randint(1, 99)}")
        return {
            **said,
            "word": dice.choice(words),
            "confidence": max(1, min(5, round(dice.gauss(3.5 if right else 2.5, 1)))),
            "seconds": round(dice.lognormvariate(2.0 if right else 2.2, 0.4), 3),
        }


def _repeat(person, trial, position, dice):
    first = trial.response
    again = Trial.objects.create(
        participant=person,
        stimulus=trial.stimulus,
        kind=Trial.Kind.REPEAT,
        position=position,
        clip_key=f"{trial.clip_key[:58]}-again",
        assigned_at=trial.assigned_at,
        lease_expires_at=trial.lease_expires_at,
        shown_at=trial.shown_at,
        answered_at=trial.answered_at,
        option_order=trial.option_order,
    )
    choice = first.choice if dice.random() < 0.7 else dice.choice(list(person.study.choices.all()))
    Response.objects.create(
        trial=again, choice=choice, confidence=2, answered_at=first.answered_at, seconds=dice.uniform(4, 20), plays=1
    )


def make_yes_no_study(people=14, each=12, seed=5, **fields):
    """A closed yes/no study in two cells, with lures unless asked otherwise; people hear something, and like a name."""
    study = make_study(
        versions=make_versions(16),
        cells={"music_only": 1.0, "matched": 1.0},
        clips_per_participant=each,
        require_listening=False,
        mode="yes_no",
        title="Yes or no",
        **fields,
    )
    dice = random.Random(seed)
    for _ in range(people):
        person = actions.join(study=study, token=make_token(), language="en")
        readiness = dice.uniform(-0.15, 0.15)
        while (trial := actions.give_trial(participant=person)) is not None:
            own = trial.asked_emotion == trial.stimulus.emotion
            liked = 0.2 if trial.asked_emotion == "sadness" else 0.0
            says = "yes" if dice.random() < 0.3 + 0.4 * own + liked + readiness else "no"
            answer = actions.Answer(says, confidence=dice.randint(1, 5), played_seconds=1.0)
            actions.record_answer(study=study, token=trial.token, answer=answer)
        actions.finish(participant=person)
    return actions.close(study=study, by=study.owner)
