"""What a browser is told to load early is what comes, unless the balance asks for something else."""

from itertools import pairwise

import pytest

from survey import actions
from survey.models import Participant, Trial
from survey.queries import stimulus_facts
from tests.survey.answering import count_answer
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def take_alone(study):
    Listener(study.slug).take_part()
    return list(Trial.objects.select_related("stimulus").order_by("position"))


def test_a_lone_participant_hears_what_was_preloaded():
    trials = take_alone(make_study(versions=make_versions(16), clips_per_participant=8))
    for before, trial in pairwise(trials):
        assert trial.stimulus.audio in before.preload


def test_two_sounds_are_named_to_preload_and_never_one_that_is_playing_or_was_heard():
    trials = take_alone(make_study(versions=make_versions(16), clips_per_participant=8))
    heard = set()
    for trial in trials:
        heard.add(trial.stimulus.audio)
        assert len(trial.preload) == 2
        assert not heard & set(trial.preload)


def test_a_sound_of_two_cells_is_told_once():
    cells = {"matched": 1.0, "music_only": 1.0}
    for trial in take_alone(make_study(cells=cells, versions=make_versions(16), clips_per_participant=8)):
        assert len(set(trial.preload)) == len(trial.preload)


def test_the_balance_goes_before_what_was_told():
    study = make_study(versions=make_versions(4), clips_per_participant=4)
    Listener(study.slug).begin()
    person = Participant.objects.get()
    person.study = study
    first = actions.give_trial(participant=person)
    told = [facts.pk for facts in stimulus_facts(study) if facts.audio in first.preload]
    left = {facts.pk for facts in stimulus_facts(study)} - {*told, first.stimulus_id}
    for stimulus in told:
        count_answer(stimulus, Participant.Kind.PERSON, 5.0)
    stored = actions.record_answer(study=study, token=first.token, answer=actions.Answer(chosen="awe", confidence=3))
    assert stored.goes_on
    assert Trial.objects.get(participant=person, answered_at=None).stimulus_id in left


def test_the_end_names_nothing_to_preload():
    trials = take_alone(make_study(versions=make_versions(3), clips_per_participant=3))
    assert trials[-1].preload == []
