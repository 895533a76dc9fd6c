"""Places at clips, taken and given back by many people at the same moment: nobody waits for each other crosswise."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from survey import actions
from survey.actions import giving
from survey.models import Response, Trial
from survey.models.participation import make_token
from survey.queries import hot
from tests.racing import at_once
from tests.survey.factories import make_study, make_versions
from tests.survey.test_counters import YES, counted, loads_by_counter, loads_recounted, recounted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def deadlocks():
    """How many the server has broken up in this database so far; SQLite has none, as writers come in turn."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.mark.slow
def test_forty_people_on_three_clips_of_whom_many_are_late_or_leave_wait_for_nobody_crosswise():
    study = make_study(
        versions=make_versions(3), cells={"music_only": 1.0}, clips_per_participant=3, mode="yes_no",
        require_listening=False,
    )  # fmt: skip
    before = deadlocks()

    def take_part(number):
        dice = random.Random(number)
        for _ in range(2):
            person = actions.join(study=study, token=make_token(), language="en")
            while (trial := actions.give_trial(participant=person)) is not None:
                if dice.random() < 0.5:  # whoever is on the screen longer than people here are gives their place back
                    over = timezone.now() - timedelta(seconds=1)
                    Trial.objects.filter(pk=trial.pk).update(lease_expires_at=over)
                if dice.random() < 0.1:
                    break
                if dice.random() < 0.1:
                    actions.withdraw(participant=person, by=None)
                    break
                actions.record_answer(study=study, token=trial.token, answer=YES)

    at_once(40, take_part)
    assert Response.objects.count() > 100
    assert loads_by_counter() == loads_recounted()
    assert counted() == recounted()
    assert deadlocks() == before


def test_where_every_draw_meets_somebody_else_a_place_is_taken_all_the_same(monkeypatch):
    """`giving.MOST_DRAWS` times; who has moved a load already leaves it to the next page, and the answer is stored."""
    study = make_study(versions=make_versions(4), cells={"music_only": 1.0}, require_listening=False)
    person = actions.join(study=study, token=make_token(), language="en")
    tried = []
    monkeypatch.setattr(hot, "take_place", lambda *place, wait: tried.append(wait))
    trial = actions.give_trial(participant=person)
    assert len(tried) == giving.MOST_DRAWS == 20
    assert loads_by_counter() == {(trial.stimulus_id, "person"): 1}
    # Whose place was given back meanwhile moves a load with the answer.
    Trial.objects.filter(pk=trial.pk).update(holds_place=False)
    stored = actions.record_answer(study=study, token=trial.token, answer=replace(YES, chosen="awe"))
    assert (Response.objects.count(), stored.goes_on) == (1, None)
    assert not any(tried[giving.MOST_DRAWS :])


def test_of_places_that_are_over_a_study_sees_its_own_first(monkeypatch):
    monkeypatch.setattr(hot, "MOST_OVER", 1)
    now = timezone.now()
    other, own = (make_study(versions=make_versions(2), slug=slug) for slug in ("other", "own"))
    for study in (other, own):
        person = actions.join(study=study, token=make_token(), language="en", now=now)
        actions.give_trial(participant=person, now=now)
    later = now + timedelta(days=2)
    assert [over.study_id for over in hot.places_over(own.pk, "person", later, later)] == [own.pk]
    assert [over.study_id for over in hot.places_over(other.pk, "person", later, later)] == [other.pk]
    monkeypatch.undo()
    assert hot.MOST_OVER == 100
    assert len(hot.places_over(own.pk, "person", later, later)) == 2
