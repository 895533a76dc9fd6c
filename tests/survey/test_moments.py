"""When a trial was given, shown and answered, and until when its place is held: to the moment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from survey import actions
from survey.models import Participant, Trial
from survey.models.participation import make_token
from tests.survey.factories import make_study

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def study():
    return make_study(require_listening=False)


def join(study, now):
    return actions.join(study=study, token=make_token(), language="en", now=now)


def answer(study, trial, now):
    said = actions.Answer(chosen="awe", confidence=3)
    actions.record_answer(study=study, token=trial.token, answer=said, now=now)


def test_a_lease_is_good_until_its_end_and_given_anew_from_then_on(study):
    now = timezone.now()
    person = join(study, now)
    given = actions.give_trial(participant=person, now=now)
    end = given.lease_expires_at
    assert end - now == study.lease
    for moment, held_until in ((end - MOMENT, end), (end, end + study.lease)):
        assert actions.give_trial(participant=person, now=moment).pk == given.pk
        assert Trial.objects.get(pk=given.pk).lease_expires_at == held_until


def test_an_answer_says_when_its_person_was_seen_and_nothing_of_others(study):
    began = timezone.now()
    one, other = join(study, began), join(study, began)
    later = began + timedelta(minutes=3)
    answer(study, actions.give_trial(participant=one, now=began), later)
    seen = dict(Participant.objects.values_list("pk", "last_seen_at"))
    assert seen == {one.pk: later, other.pk: began}


@pytest.mark.parametrize(("seconds", "stored"), [(2, False), (2.001, True)])
def test_a_trial_shown_more_than_two_seconds_after_it_was_given_is_timed_from_its_showing(study, seconds, stored):
    """Nothing is written about the trials before, which were shown at once."""
    began = timezone.now()
    person = join(study, began)
    first = actions.give_trial(participant=person, now=began)
    answer(study, first, began + timedelta(minutes=1))
    second = actions.give_trial(participant=person, now=began + timedelta(minutes=1))
    shown = second.assigned_at + timedelta(seconds=seconds)
    actions.show_trial(trial=second, participant=person, now=shown)
    told = dict(Trial.objects.values_list("pk", "shown_at"))
    assert told == {first.pk: None, second.pk: shown if stored else None}
