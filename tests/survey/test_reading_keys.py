"""Keys at the same moment: no more than there may be, and none that opens after it was revoked."""

from __future__ import annotations

import pytest
from django.test import Client

from survey import actions
from survey.actions.reading import MOST_LINKS, MOST_TOKENS
from survey.models import ApiToken, AuditEntry, Reading, ResultsLink
from tests.racing import at_once
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    return make_study(versions=make_versions(2), clips_per_participant=2)


def make_token(user):
    return actions.make_api_token(by=user, name="laptop", study=None, expires_at=None)


def make_link(study):
    return actions.make_results_link(study=study, by=study.owner, name="Anna", expires_at=None)


def tell(work):
    try:
        work()
    except actions.KeyRefused as refused:
        return str(refused)
    return "made"


def test_the_bounds_are_twenty_tokens_of_a_person_and_fifty_links_of_a_study():
    assert (MOST_TOKENS, MOST_LINKS) == (20, 50)


def test_many_tokens_at_once_are_not_more_than_there_may_be(study):
    for _ in range(MOST_TOKENS - 3):
        make_token(study.owner)
    told = at_once(10, lambda _: tell(lambda: make_token(study.owner)))
    assert told.count("made") == 3
    assert {one for one in told if one != "made"} == {
        "You have 20 tokens in use, the most there may be: revoke one that nothing needs."
    }
    assert ApiToken.objects.opening().count() == MOST_TOKENS
    assert tell(lambda: make_token(make_researcher("another"))) == "made"
    actions.revoke_api_token(token=study.owner.api_tokens.first(), by=study.owner)
    assert tell(lambda: make_token(study.owner)) == "made"


def test_many_links_at_once_are_not_more_than_there_may_be(study):
    for _ in range(MOST_LINKS - 2):
        make_link(study)
    told = at_once(8, lambda _: tell(lambda: make_link(study)))
    assert told.count("made") == 2
    assert ResultsLink.objects.opening().count() == MOST_LINKS


def test_a_token_that_is_revoked_in_use_opens_nothing_afterwards_and_counts_what_it_opened(study):
    token, secret = make_token(study.owner)

    def ask(number):
        if number == 5:
            actions.revoke_api_token(token=token, by=study.owner)
            return None
        response = Client().get(f"/api/v1/studies/{study.slug}", headers={"Authorization": f"Bearer {secret}"})
        return response.status_code

    codes = at_once(12, ask)
    codes.remove(None)
    assert set(codes) <= {200, 401}
    assert Client().get("/api/v1/studies", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    row = ApiToken.objects.get()
    assert row.uses == codes.count(200) == sum(Reading.objects.values_list("times", flat=True))
    assert AuditEntry.objects.filter(action="revoke_token").count() == 1


def test_what_is_revoked_between_the_look_and_the_note_opens_nothing(study, monkeypatch):
    """The look finds the token, and somebody revokes it before the request is counted."""
    from survey.views.api import doors

    token, secret = make_token(study.owner)
    found = doors.find_api_token

    def find_and_lose(sent):
        answer = found(sent)
        actions.revoke_api_token(token=token, by=study.owner)
        return answer

    monkeypatch.setattr(doors, "find_api_token", find_and_lose)
    response = Client().get(f"/api/v1/studies/{study.slug}", headers={"Authorization": f"Bearer {secret}"})
    assert (response.status_code, Reading.objects.count()) == (401, 0)


def test_two_readers_at_once_are_both_counted_on_the_same_line(study):
    link, _ = make_link(study)
    at_once(10, lambda _: actions.note_reading(key=link, study=study, kind="page"))
    reading = Reading.objects.get()
    link.refresh_from_db()
    assert (reading.times, link.uses) == (10, 10)


def test_revoking_twice_at_once_is_one_line_in_the_log(study):
    link, _ = make_link(study)
    at_once(6, lambda _: actions.revoke_results_link(study=study, link=link, by=study.owner))
    assert AuditEntry.objects.filter(action="revoke_link").count() == 1
