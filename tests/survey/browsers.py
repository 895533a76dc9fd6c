"""Browsers in which more than one person, or a test and a person, take part in a study."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.http import urlencode

from survey.forms.participant import issue_pilot_pass
from survey.models import Participant, Study

SHORT = {"clips_per_participant": 2}
PAGES = ("sound/", "headphones/", "clip/", "about/", "end/")
LINKS = [
    pytest.param({"recruiter": "prolific"}, "?PROLIFIC_PID=5f12abc", id="a link that names somebody"),
    pytest.param({"next_person": "laboratory"}, "", id="a plain link in the laboratory"),
    pytest.param({"next_person": "same"}, "", id="a plain link, one person per browser"),
]


def logged_in(user) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def people() -> list[tuple[str, str]]:
    return list(Participant.objects.order_by("pk").values_list("kind", "outcome"))


def pilot_entry(study: Study, **more: str) -> str:
    return f"/study/{study.slug}/?{urlencode({'pilot': issue_pilot_pass(study), **more})}"
