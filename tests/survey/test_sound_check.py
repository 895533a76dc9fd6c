"""The sound check counts only when its sound can have been heard: by its tones, and by the server's clock."""

from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from survey.actions.hearing import check_number, name_check, tones_of
from survey.design.tones import places_of
from survey.models import Participant
from tests.survey.hearing import (
    TO_THE_END,
    Deaf,
    at_sound,
    fetch,
    make_study,
    person,
    right_number,
    wrong_number,
)
from tests.survey.participating import Listener, let_time_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize("told", [{}, {"played": "4.0"}, {"played": "99"}])
def test_the_right_number_without_the_sound_ever_sent_is_refused(told):
    listener = at_sound()
    assert listener.send(tones=right_number(), **told).status_code == 400
    assert TO_THE_END in listener.page
    assert (person().sound_checked_at, person().sound_wrong) == (None, 0)


def test_nothing_chosen_and_nothing_played_is_refused():
    listener = at_sound()
    assert listener.send(tones="").status_code == 400
    assert TO_THE_END in listener.page
    fetch(listener)
    let_time_pass(person().token)
    assert listener.send(tones="").status_code == 400
    assert "Please say how many tones you heard." in listener.page


@pytest.mark.parametrize(("seconds", "passes"), [(2.9, False), (3.1, True)])
def test_the_servers_clock_says_whether_the_sound_can_be_over(seconds, passes):
    """3.5 of 4 seconds are needed, and the clocks may differ by half a second."""
    listener = at_sound()
    fetch(listener)
    let_time_pass(person().token, seconds)
    listener.send(tones=right_number())
    assert (person().sound_checked_at is not None) is passes
    assert (TO_THE_END in listener.page) is not passes


@pytest.mark.parametrize(("played", "passes"), [("0", False), ("3.4", False), ("3.5", True)])
def test_what_a_script_measured_too_little_is_refused(played, passes):
    listener = at_sound()
    fetch(listener)
    let_time_pass(person().token)
    listener.send(tones=right_number(), played=played)
    assert (person().sound_checked_at is not None) is passes
    if passes:
        assert person().sound_measured is True
    else:
        assert TO_THE_END in listener.page


@pytest.mark.parametrize(("played", "measured"), [("", False), ("4.0", True), ("nonsense", False), ("31", False)])
def test_not_measured_and_more_than_time_passed_is_flagged(played, measured):
    listener = at_sound()
    fetch(listener)
    let_time_pass(person().token, 30)
    listener.send(tones=right_number(), played=played)
    assert listener.address.endswith("/clip/")
    assert person().sound_measured is measured


def test_a_wrong_number_is_counted_and_brings_another_sound():
    listener = at_sound()
    sounds = [fetch(listener).content]
    let_time_pass(person().token)
    assert listener.send(tones=wrong_number(), played="4").status_code == 400
    assert "There were more or fewer tones." in listener.page
    assert (person().sound_wrong, person().sound_checked_at) == (1, None)
    assert fetch(listener, 1).status_code == 404
    assert "/sound/2.wav" in listener.page
    assert listener.form()[1]["played"] == ""
    # Guessing on without hearing the new sound is refused and not counted.
    listener.send(tones=right_number())
    assert TO_THE_END in listener.page
    sounds.append(fetch(listener, 2).content)
    let_time_pass(person().token)
    assert sounds[0] != sounds[1]
    listener.send(tones=right_number())
    assert listener.address.endswith("/clip/")
    assert person().sound_wrong == 1


def test_the_next_sound_is_another_one_whoever_the_participant_is():
    """By chance alone the same tones come in the same places again for 8 of 1,000 people."""
    by_chance = 0
    for number in range(500):
        first, second, third = (
            tones_of(Participant(token=f"participant-{number}", sound_wrong=wrong)) for wrong in range(3)
        )
        assert places_of(*first) != places_of(*second) != places_of(*third)
        by_chance += places_of(first[0], first[1] | 1) == places_of(second[0], second[1] | 1)
    assert by_chance, "Nobody of the 500 would have had the same sound twice: this test would say nothing."


def test_after_thousands_of_wrong_numbers_the_next_sound_is_drawn_as_the_first():
    counts = Counter(tones_of(Participant(token="somebody", sound_wrong=wrong))[0] for wrong in range(9000, 10_000))
    assert set(counts) == {3, 4, 5, 6, 7}
    assert min(counts.values()) > 150


def test_an_answer_to_an_older_sound_is_not_taken_for_the_new_one():
    listener = at_sound()
    fetch(listener)
    let_time_pass(person().token)
    address, values, _ = listener.form()
    listener.send(tones=wrong_number())
    response = listener.client.post(address, {**values, "tones": wrong_number()})
    assert "This page was out of date." in response.content.decode()
    assert person().sound_wrong == 1


def test_the_same_right_answer_twice_goes_on_both_times():
    listener = at_sound(kind=Listener)
    address, values, _ = listener.form()
    data = {**values, **listener.hear()}
    answers = [listener.client.post(address, data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]


@pytest.mark.parametrize("tones", ["x", "-3", "9" * 400, "4.5", ""])
@pytest.mark.parametrize("number", ["1", "x", "9" * 400])
def test_what_cannot_be_read_gets_a_sentence(tones, number):
    listener = at_sound()
    assert listener.send(tones=tones, number=number, played="NaN").status_code == 400
    assert 'role="alert"' in listener.page


def test_after_a_long_pause_there_is_a_new_sound_to_hear():
    listener = Listener(make_study().slug).begin()
    first = tones_of(person())
    listener.send()
    Participant.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    listener.get()
    assert listener.address.endswith("/sound/")
    assert "/sound/2.wav" in listener.page
    assert tones_of(person()) != first
    assert Deaf.hear(listener) == {}
    fetch(listener, 2)
    assert Deaf.send(listener, tones="").status_code == 400


@pytest.mark.parametrize(("first", "second", "measured"), [("4", "4", True), ("", "4", False), ("4", "", False)])
def test_every_sound_check_must_have_been_measured(first, second, measured):
    listener = Listener(make_study().slug)
    listener.get()
    listener.send()
    listener.send(played=first)
    Participant.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    listener.get()
    assert listener.address.endswith("/sound/")
    listener.send(played=second)
    assert person().sound_measured is measured


def test_the_sound_is_for_the_participant_alone_and_kept_by_no_browser():
    listener = at_sound()
    address = f"/study/{listener.slug}/sound/1.wav"
    assert Client().get(address).status_code == 302
    response = listener.client.get(address)
    assert response.headers["Cache-Control"] == "private, no-store"
    part = listener.client.get(address, headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"RI", "bytes 0-1/128044")
    assert listener.client.get(address, headers={"Range": "bytes=999999-"}).status_code == 416


@pytest.mark.parametrize(
    ("method", "asked", "noted"),
    [("get", "", True), ("get", "bytes=0-", True), ("get", "bytes=0-1", False), ("head", "", False)],
)
def test_a_sound_counts_as_sent_with_its_end(method, asked, noted):
    listener = at_sound()
    getattr(listener.client, method)(f"/study/{listener.slug}/sound/1.wav", headers={"Range": asked} if asked else {})
    assert (name_check(1) in person().sounds_sent) is noted


def test_two_people_hear_different_numbers():
    study = make_study()
    numbers = set()
    for _ in range(12):
        at_sound_of = Deaf(study.slug)
        at_sound_of.get()
        at_sound_of.send()
    for one in Participant.objects.all():
        assert check_number(one) == 1
        numbers.add(tones_of(one)[0])
    assert len(numbers) > 1
