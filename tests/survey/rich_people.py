"""What a rich study's people differ in, and which trials some of them left unanswered."""

from __future__ import annotations

from datetime import timedelta

from survey import actions
from survey.models import Participant, Trial


def tell_apart(persons):
    """Two devices and languages, a headphone test, background answers of most; half of them leave."""
    for place, person in enumerate(persons):
        person.device = ("phone", "computer")[place % 2]
        person.language = "de" if place < 3 else "en"
        person.headphones = {"passed": place % 3 > 0} if place else {}
        person.background = {"musical_training": ("none", "3-9")[place // 7 % 2], "listened_with": "headphones"}
        person.save(update_fields=["device", "language", "headphones", "background"])


def leave_in_the_middle(persons):
    """The last trial of each of these people is one more, which they never answered: the same clip where they can."""
    stimuli = list(persons[0].study.stimuli.filter(role="main").order_by("pk"))
    for person in persons:
        last = person.trials.order_by("position").last()
        known = set(person.trials.values_list("clip_key", flat=True))
        stimulus = next(item for item in stimuli if item.clip_key not in known)
        Trial.objects.create(
            participant=person,
            stimulus=stimulus,
            position=last.position + 1,
            clip_key=stimulus.clip_key,
            assigned_at=last.assigned_at + timedelta(seconds=30),
            lease_expires_at=last.lease_expires_at,
            shown_at=last.assigned_at + timedelta(seconds=30),
            option_order=last.option_order,
        )
        Participant.objects.filter(pk=person.pk).update(outcome="", finished_at=None, completion_code="")


def set_one_aside(person, by):
    """By hand, and by no rule."""
    actions.set_aside(participant=person, reason="Told us that the sound was off", by=by)
