"""Somebody who plays nothing, and the test sounds of the pages, for tests of what can have been heard."""

from datetime import timedelta

from django.utils import timezone

from survey.actions.hearing import tones_of
from survey.models import Participant, Trial
from tests.survey.factories import make_study as make_any_study
from tests.survey.factories import make_versions
from tests.survey.participating import Listener


def make_study(**fields):
    """A study that refuses what nobody can have heard."""
    return make_any_study(**{"unheard": "refuse", **fields})


TO_THE_END = "Play the sound to its end first."
ALL_SIX = {f"part_{number}": "1" for number in range(1, 7)}


class Deaf(Listener):
    """Somebody who plays nothing and sends the form."""

    def hear(self):
        return {}


def person():
    return Participant.objects.get()


def at_sound(study=None, kind=Deaf):
    listener = kind((study or make_study()).slug)
    listener.get()
    listener.send()
    assert listener.address.endswith("/sound/")
    return listener


def right_number():
    return str(tones_of(person())[0])


def wrong_number():
    return str(next(count for count in (3, 4) if count != tones_of(person())[0]))


def fetch(listener, number=1):
    return listener.client.get(f"/study/{listener.slug}/sound/{number}.wav")


def at_clip(seconds=4.0, **fields):
    versions = make_versions(3, seconds=seconds)
    return Listener(make_study(versions=versions, clips_per_participant=3, **fields).slug).begin()


def show_earlier(seconds):
    Trial.objects.update(assigned_at=timezone.now() - timedelta(seconds=seconds), shown_at=None)
