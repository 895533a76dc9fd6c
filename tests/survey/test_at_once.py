"""Many people, and many clicks, at the same moment: real threads on a real database file or server."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from survey.models import Fill, Participant, Response, Trial
from tests.racing import at_once
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
]


def test_twenty_identical_posts_at_once_store_one_answer_and_all_get_the_same_page():
    study = make_study()
    listener = Listener(study.slug).begin()
    address, values, _ = listener.form()
    cookies = listener.client.cookies

    def post(_):
        client = Client()
        client.cookies = cookies
        response = client.post(address, {**values, "chosen": "awe", "confidence": "3"})
        return response.status_code, response.headers.get("Location")

    assert set(at_once(20, post)) == {(302, f"/study/{study.slug}/clip/")}
    assert Response.objects.count() == 1
    assert list(Fill.objects.filter(answers__gt=0).values_list("answers", flat=True)) == [1]


def test_ten_tabs_that_open_the_next_clip_at_once_show_the_same_one():
    study = make_study()
    listener = Listener(study.slug).begin()
    listener.send(follow=False)

    def open_tab(_):
        client = Client()
        client.cookies = listener.client.cookies
        tab = Listener(study.slug, client)
        tab.get(f"/study/{study.slug}/clip/")
        return tab.form()[1]["trial"]

    assert len(set(at_once(10, open_tab))) == 1
    assert Trial.objects.count() == 2


def test_ten_presses_of_agree_at_once_make_one_participation():
    study = make_study()
    listener = Listener(study.slug)
    listener.get()
    address, values, _ = listener.form()
    at_once(10, lambda _: Client().post(address, values).status_code)
    assert Participant.objects.count() == 1


def test_twenty_wrong_numbers_of_tones_at_once_are_one_mistake():
    study = make_study()
    listener = Listener(study.slug)
    listener.get()
    listener.send()
    address, values, _ = listener.form()
    right = listener.hear()["tones"]
    cookies = listener.client.cookies

    def post(_):
        client = Client()
        client.cookies = cookies
        return client.post(address, {**values, "tones": "3" if right != "3" else "4"}).status_code

    assert set(at_once(20, post)) == {400}
    assert Participant.objects.get().sound_wrong == 1


def test_sounds_of_the_headphone_test_fetched_at_once_are_all_noted():
    study = make_study(headphones="record")
    listener = Listener(study.slug)
    listener.get()
    listener.send()
    listener.send()
    cookies = listener.client.cookies

    def fetch(number):
        client = Client()
        client.cookies = cookies
        return client.get(f"/study/{study.slug}/headphones/{number + 1}.wav").status_code

    assert set(at_once(6, fetch)) == {200}
    assert len(Participant.objects.get().sounds_sent) == 6


@pytest.mark.slow
def test_with_a_quarter_dropping_out_the_ratings_per_stimulus_differ_by_at_most_two():
    """24 people, 12 at once, 6 clips of 16 each: the long test has 120 of them."""
    study = make_study(versions=make_versions(16), clips_per_participant=6)
    assert spread(study, people=24, at_a_time=12, clips=6) <= 2


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_of_120_people_30_at_once_a_quarter_dropping_out_the_ratings_differ_by_at_most_two():
    study = make_study(versions=make_versions(96), clips_per_participant=24)
    assert spread(study, people=120, at_a_time=30, clips=24) <= 2


def spread(study, *, people, at_a_time, clips):
    """Largest minus smallest number of answers per stimulus, after all have finished or gone."""

    def take_part(number):
        rng = random.Random(number)
        stays = clips if rng.random() > 0.25 else rng.randrange(clips)
        listener = Listener(study.slug, Client()).begin()
        try:
            for _ in range(stays):
                listener.send()
        finally:
            connection.close()

    with ThreadPoolExecutor(at_a_time) as pool:
        list(pool.map(take_part, range(people)))
    counts = Counter(Response.objects.values_list("trial__stimulus", flat=True))
    loads = [counts[pk] for pk in study.stimuli.values_list("pk", flat=True)]
    filled = dict(Fill.objects.filter(answers__gt=0).values_list("stimulus", "answers"))
    assert {pk: n for pk, n in counts.items() if n} == filled
    return max(loads) - min(loads)
