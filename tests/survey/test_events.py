"""What a page's script tells of a trial: the answer says the truth about what was stored, and good events stay."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from survey.actions.answering import MOST_EVENTS
from survey.models import Trial, TrialEvent
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
GOOD = {"sequence": 0, "kind": "play", "milliseconds": 5}
BAD = [
    {**GOOD, "kind": []},
    {**GOOD, "kind": {}},
    {**GOOD, "kind": {"play": 1}},
    {**GOOD, "kind": None},
    {**GOOD, "kind": "\0"},
    {**GOOD, "kind": "\ud800"},
    {**GOOD, "kind": "dance"},
    {**GOOD, "sequence": -1},
    {**GOOD, "sequence": MOST_EVENTS},
    {**GOOD, "sequence": 2**63},
    {**GOOD, "sequence": 10**400},
    {**GOOD, "sequence": float("nan")},
    {**GOOD, "sequence": True},
    {**GOOD, "sequence": "1"},
    {**GOOD, "milliseconds": 2**31},
    {**GOOD, "milliseconds": float("inf")},
    {**GOOD, "milliseconds": 1.5},
    {**GOOD, "milliseconds": None},
    {**GOOD, "seconds": float("nan")},
    {**GOOD, "seconds": float("inf")},
    {**GOOD, "seconds": -0.1},
    {**GOOD, "seconds": 86_400.1},
    {**GOOD, "seconds": 10**400},
    {**GOOD, "seconds": "1"},
    {**GOOD, "seconds": True},
    {},
    [],
    None,
    7,
    "play",
    [[]],
]


@pytest.fixture
def trial() -> Trial:
    study = make_study(versions=make_versions(2))
    Listener(study.slug).begin()
    return Trial.objects.select_related("participant__study").get()


def tell(trial, events, token=None):
    address = f"/study/{trial.participant.study.slug}/events/"
    text = events if isinstance(events, str) else json.dumps(events)
    return Client().post(address, {"trial": trial.token if token is None else token, "events": text})


def stored(trial):
    return list(trial.events.values_list("sequence", "kind", "milliseconds", "detail"))


@pytest.mark.parametrize("bad", BAD, ids=repr)
def test_an_event_that_cannot_be_used_is_told_and_costs_no_other(trial, bad):
    others = [{**GOOD, "sequence": 7}, {**GOOD, "sequence": 8, "seconds": 1.234}]
    response = tell(trial, [others[0], bad, others[1]])
    assert (response.status_code, response.json()["stored"], response.json()["kept"]) == (200, False, 2)
    assert [one["place"] for one in response.json()["refused"]] == [1]
    assert response.json()["refused"][0]["problem"].endswith(".")
    assert stored(trial) == [(7, "play", 5, {}), (8, "play", 5, {"seconds": 1.23})]


@pytest.mark.parametrize("bad", BAD, ids=repr)
def test_where_nothing_is_stored_the_answer_says_so(trial, bad):
    response = tell(trial, [bad])
    assert (response.status_code, response.json()["stored"], response.json()["kept"]) == (400, False, 0)
    assert stored(trial) == []


def test_a_batch_sent_again_is_stored_and_changes_nothing(trial):
    batch = [{**GOOD, "sequence": number} for number in range(3)]
    for _ in range(2):
        response = tell(trial, batch)
        assert (response.status_code, response.json()) == (200, {"stored": True})
    assert TrialEvent.objects.count() == 3


def test_a_number_that_another_event_has_is_not_called_stored(trial):
    tell(trial, [GOOD])
    for batch in ([{**GOOD, "kind": "pause"}], [{**GOOD, "milliseconds": 6}], [{**GOOD, "seconds": 1.0}]):
        assert tell(trial, batch).json()["stored"] is False
    twice = tell(trial, [{**GOOD, "sequence": 1}, {**GOOD, "sequence": 1, "kind": "pause"}]).json()
    assert (twice["stored"], twice["kept"], twice["refused"][0]["place"]) == (False, 1, 1)
    assert stored(trial) == [(0, "play", 5, {}), (1, "play", 5, {})]


def test_the_highest_number_that_counts_is_stored_and_the_next_is_not(trial):
    assert tell(trial, [{**GOOD, "sequence": MOST_EVENTS - 1}]).json()["stored"] is True
    assert tell(trial, [{**GOOD, "sequence": MOST_EVENTS}]).json()["stored"] is False


NO_BATCH = [
    "",
    "{",
    "null",
    "{}",
    "7",
    "[1e999",
    "NaN",
    "\0",
    "[" * 5000,
    json.dumps([GOOD] * 201),
    f'["{"x" * 60_000}"]',
]


@pytest.mark.parametrize("text", NO_BATCH, ids=lambda text: text[:8])
def test_what_is_no_batch_is_refused_whole(trial, text):
    response = tell(trial, text)
    assert (response.status_code, response.json()["stored"], response.json()["kept"]) == (400, False, 0)
    assert response.json()["problem"]


@pytest.mark.parametrize("token", ["", "x", "x" * 65, "a\0b", "\ufffd"])
def test_a_trial_that_nobody_knows_stores_nothing(trial, token):
    response = tell(trial, [GOOD], token)
    assert (response.status_code, response.json()["stored"]) == (400, False)
    assert TrialEvent.objects.count() == 0


def test_an_empty_batch_is_all_stored(trial):
    assert tell(trial, []).json() == {"stored": True}
