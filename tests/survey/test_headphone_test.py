"""An answer of the headphone test counts only when its sound can have been heard."""

from datetime import timedelta

import pytest
from django.utils import timezone

from survey import actions
from survey.actions.hearing import name_headphones, targets_of
from survey.models import Participant
from tests.survey.hearing import (
    ALL_SIX,
    Deaf,
    make_study,
    person,
)
from tests.survey.participating import Listener, let_time_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def at_headphones(**fields):
    listener = Listener(make_study(headphones="record", **fields).slug)
    listener.get()
    listener.send()
    listener.send()
    assert listener.address.endswith("/headphones/")
    return listener


def fetch_all(listener, *numbers):
    for number in numbers or range(1, 7):
        listener.client.get(f"/study/{listener.slug}/headphones/{number}.wav")


def send_deaf(listener, **chosen):
    return Deaf.send(listener, **{**dict.fromkeys(listener.form()[2], "1"), **chosen})


@pytest.fixture
def deaf(monkeypatch):
    """From the headphone test on, this listener plays nothing by itself."""
    listener = at_headphones()
    monkeypatch.setattr(listener, "hear", dict)
    return listener


def test_answers_without_any_sound_are_refused_and_the_first_sound_is_named(deaf):
    assert deaf.send(**ALL_SIX).status_code == 400
    assert "Play sound 1 to its end first." in deaf.page
    assert person().headphones == {}


def test_the_sound_that_was_never_sent_is_named_and_the_answers_stay_on_the_page(deaf):
    fetch_all(deaf, 1, 2, 4, 5, 6)
    let_time_pass(person().token)
    assert deaf.send(**{**ALL_SIX, "part_2": "3"}, played_1="4.0").status_code == 400
    assert "Play sound 3 to its end first." in deaf.page.split("<form")[0]
    assert deaf.page.count("checked") == 6
    assert 'name="part_2" value="3" required checked' in deaf.page
    assert deaf.form()[1]["played_1"] == "4.0"


@pytest.mark.parametrize("played", ["0", "0.0", "3.4"])
def test_the_sound_that_a_script_saw_too_little_of_is_named(deaf, played):
    fetch_all(deaf)
    let_time_pass(person().token)
    measured = {f"played_{number}": "4" for number in range(1, 7)}
    assert deaf.send(**ALL_SIX, **{**measured, "played_5": played}).status_code == 400
    assert "Play sound 5 to its end first." in deaf.page.split("<form")[0]


@pytest.mark.parametrize(("seconds", "passes"), [(20.0, False), (20.6, True)])
def test_six_sounds_take_their_time_one_after_the_other(deaf, seconds, passes):
    """Six times 3.5 seconds, less half a second between the clocks."""
    now = timezone.now()
    for number in range(1, 7):
        actions.note_sent(participant=person(), sound=name_headphones(number), now=now)
    stored = actions.record_headphones(
        participant=person(), heard=[0] * 6, played=[None] * 6, now=now + timedelta(seconds=seconds)
    )
    assert bool(stored.problem) is not passes
    assert person().headphones.get("finished", False) is passes


def test_a_sound_that_came_late_needs_its_own_time(deaf):
    start = timezone.now()
    for number in range(1, 7):
        later = start + timedelta(seconds=60 if number == 6 else 0)
        actions.note_sent(participant=person(), sound=name_headphones(number), now=later)
    outcomes = [
        actions.record_headphones(
            participant=person(), heard=[0] * 6, played=[4.0] * 6, now=start + timedelta(seconds=after)
        ).problem
        for after in (62.9, 63.1)
    ]
    assert str(outcomes[0]) == "Play all sounds to their end, one after the other, before you go on."
    assert outcomes[1] == ""


@pytest.mark.parametrize(
    ("played", "measured"),
    [([4.0] * 6, True), ([None] * 6, False), ([4.0] * 5 + [None], False), ([4.0] * 5 + [11.0], False)],
)
def test_what_was_measured_is_stored_and_what_cannot_be_is_flagged(deaf, played, measured):
    now = timezone.now()
    for number in range(1, 7):
        actions.note_sent(participant=person(), sound=name_headphones(number), now=now)
    targets = targets_of(person())
    actions.record_headphones(participant=person(), heard=targets, played=played, now=now + timedelta(seconds=30))
    found = person().headphones
    assert (found["played"], found["measured"], found["passed"]) == (played, measured, True)
    assert person().sounds_sent == {}


def test_an_unanswered_sound_and_an_impossible_part_are_refused(deaf):
    fetch_all(deaf)
    let_time_pass(person().token)
    for part in ("", "0", "4", "-1", "x"):
        assert deaf.send(**{**ALL_SIX, "part_4": part}).status_code == 400
        assert "Please answer all six." in deaf.page


def test_each_of_the_three_parts_is_the_odd_one_for_some_people_in_every_trial():
    """Of 200 people none would miss a part of a trial by chance: (2/3) ** 200 is less than one in 10 ** 35."""
    orders = [targets_of(Participant(token=f"person-{number}")) for number in range(200)]
    assert [set(parts) for parts in zip(*orders, strict=True)] == [{0, 1, 2}] * 6
