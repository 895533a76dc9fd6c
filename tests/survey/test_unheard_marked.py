"""A study that marks what cannot have been heard, instead of refusing it."""

import pytest

from survey.models import Response
from tests.survey.factories import make_study as make_any_study
from tests.survey.hearing import (
    ALL_SIX,
    at_clip,
    at_sound,
    fetch,
    make_study,
    person,
    right_number,
    wrong_number,
)
from tests.survey.participating import let_time_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_without_a_script_and_without_the_sound_a_study_may_take_it_and_mark_it():
    study = make_study(unheard="mark", headphones="record")
    listener = at_sound(study)
    listener.send(tones=wrong_number())
    assert (person().sound_measured, person().sound_wrong) == (False, 0)
    listener.send(**ALL_SIX)
    assert (person().headphones["measured"], person().headphones["finished"]) == (False, True)
    assert listener.address.endswith("/clip/")


@pytest.mark.parametrize("told", [{"played": "0"}, {"played": "4.0"}])
def test_what_a_script_did_not_see_played_is_refused_there_too(told):
    listener = at_sound(make_study(unheard="mark"))
    assert listener.send(tones=right_number(), **told).status_code == 400
    assert person().sound_checked_at is None


def test_whoever_fetched_the_sound_is_asked_about_it_there_too():
    listener = at_sound(make_study(unheard="mark"))
    fetch(listener)
    let_time_pass(person().token)
    assert listener.send(tones=wrong_number()).status_code == 400
    assert (person().sound_checked_at, person().sound_wrong) == (None, 1)


@pytest.mark.parametrize("played", ["", "4.0"])
def test_an_answer_sooner_than_the_clip_lasts_is_marked_there(played):
    listener = at_clip(unheard="mark")
    listener.send(played_seconds=played)
    assert list(Response.objects.values_list("listening_doubtful", flat=True)) == [True]


def test_too_little_played_is_refused_there_too():
    assert at_clip(unheard="mark").send(played_seconds="1.0").status_code == 400


def test_marking_is_what_a_study_starts_with():
    assert make_any_study(publish=False).unheard == "mark"
