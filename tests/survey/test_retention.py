"""After the end of the retention nothing that points to a person is stored, whatever comes, and nobody joins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from survey import actions
from survey.actions import anonymise_due
from survey.actions.forgetting import REASON_GONE, holds_personal
from survey.models import AuditEntry, OutsideId, Participant, Response, Study
from survey.models.participation import make_token
from tests.survey.factories import make_researcher, make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
ENTRY = "/study/{}/?PROLIFIC_PID={}"
BEGUN, FINISHED, LATE = "a" * 24, "b" * 24, "c" * 24


@pytest.fixture
def study() -> Study:
    tomorrow = timezone.localdate() + timedelta(days=1)
    return make_study(
        retention_until=tomorrow, ask_background=True, ask_word=True, recruiter="prolific", id_storage="kept"
    )


def come(study: Study, outside_id: str) -> Listener:
    return Listener(study.slug, entry=ENTRY.format(study.slug, outside_id))


def end_retention(study: Study) -> None:
    """The day has come, and the sweep has not."""
    Study.objects.filter(pk=study.pk).update(retention_until=timezone.localdate())
    study.refresh_from_db()


def finish(listener: Listener) -> None:
    while "/clip/" in listener.address:
        listener.send(word="a word of mine")
    if listener.address.endswith("/about/"):
        listener.send(age_band="25-34", musical_training="none", listened_with="headphones")
    assert listener.address.endswith("/end/")


def everything(study: Study) -> str:
    rows: list[Any] = [*Participant.objects.filter(study=study).values(), *Response.objects.values()]
    return str([*rows, *OutsideId.objects.values(), *AuditEntry.objects.values()])


@pytest.mark.parametrize("swept", [True, False], ids=["swept", "before the sweep"])
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
def test_whoever_is_in_the_middle_finishes_and_leaves_nothing_that_points_to_them(study, closed, swept):
    listener = come(study, BEGUN).begin()
    if closed:
        actions.close(study=study, by=study.owner)
    end_retention(study)
    if swept:
        anonymise_due()
    finish(listener)
    anonymise_due()
    assert Response.objects.count() == 8
    assert not holds_personal(study)
    assert [told for told in ("a word of mine", "25-34", "computer", BEGUN) if told in everything(study)] == []
    assert Participant.objects.get().outcome == "complete"


@pytest.mark.parametrize("swept", [True, False], ids=["swept", "before the sweep"])
@pytest.mark.parametrize("answer", ["yes", "no"])
def test_nobody_joins_or_declines_any_more_and_nobody_takes_part_twice(study, answer, swept):
    finish(come(study, FINISHED).begin())
    late = come(study, LATE)
    late.get()
    end_retention(study)
    if swept:
        anonymise_due()
    late.send(consent=answer)
    assert "This study has ended" in late.page
    again = come(study, FINISHED)
    again.get()
    assert ("This study has ended" if swept else "This link has been used before") in again.page
    other = Client()
    other.get(ENTRY.format(study.slug, "d" * 24))
    assert Participant.objects.count() == 1
    for act in (actions.join, actions.decline):
        with pytest.raises(actions.JoinRefused, match="has ended"):
            act(study=study, token=make_token(), language="en", external_id=LATE)
    anonymise_due()
    assert LATE not in everything(study)


def test_a_closed_study_takes_no_refusals_either(study):
    actions.close(study=study, by=study.owner)
    with pytest.raises(actions.JoinRefused):
        actions.decline(study=study, token=make_token(), language="en", external_id=LATE)


def test_trying_out_and_simulating_go_on_and_store_nothing_personal(study):
    end_retention(study)
    anonymise_due()
    actions.open_preview(study=study, by=study.owner)
    bot = actions.join(study=study, token=make_token(), language="en", kind="bot", external_id=LATE, device="phone")
    assert (bot.device, bot.external_id_hash) == ("", "")
    actions.record_background(participant=bot, answers={"age_band": "25-34"})
    assert bot.background == {}
    assert bot.background_at is not None
    assert not holds_personal(study)


def test_what_stands_there_all_the_same_goes_with_the_next_sweep_and_only_that(study):
    finish(come(study, FINISHED).begin())
    end_retention(study)
    assert anonymise_due() == {study: 1}
    assert anonymise_due() == {}
    person = Participant.objects.get()
    token = person.token
    for left in ({"background": {"age_band": "65+"}}, {"device": "phone"}, {"external_id_hash": "ab"}):
        Participant.objects.filter(pk=person.pk).update(**left)
        assert anonymise_due() == {study: 1}
    Response.objects.filter(pk=Response.objects.first().pk).update(word="mine")
    assert anonymise_due() == {study: 0}
    OutsideId.objects.create(participant=person, study=study, value=LATE)
    anonymise_due()
    person.refresh_from_db()
    assert not holds_personal(study)
    assert person.token != token
    assert anonymise_due() == {}


def test_reasons_in_a_researchers_words_go_and_who_was_set_aside_stays_so(study):
    finish(come(study, FINISHED).begin())
    person = Participant.objects.get()
    actions.set_aside(participant=person, reason="MYREASON about Ms A", by=study.owner)
    end_retention(study)
    anonymise_due()
    assert "MYREASON" not in everything(study)
    actions.judge_study(study=study, by=study.owner)
    person.refresh_from_db()
    assert (person.included, person.set_aside, person.verdict) == (False, REASON_GONE, [f"by hand: {REASON_GONE}"])
    actions.take_back(participant=person, by=study.owner)
    actions.set_aside(participant=person, reason="MYREASON again", by=study.owner)
    assert person.included is False
    assert "MYREASON" not in everything(study)
    assert anonymise_due() == {}


def test_the_studys_page_says_that_nobody_can_join(study):
    client = Client()
    client.force_login(study.owner)
    assert "Open to participants" in client.get(study.get_absolute_url()).content.decode()
    end_retention(study)
    page = client.get(study.get_absolute_url()).content.decode()
    assert "nobody can join" in page
    assert "Open to participants" not in page


@pytest.mark.parametrize("days", [-1, 0])
def test_a_study_whose_retention_would_be_over_before_it_begins_is_not_published(days):
    day = timezone.localdate() + timedelta(days=days)
    with pytest.raises(actions.PublishRefused, match="retention date lies in the past"):
        make_study(by=make_researcher("somebody"), retention_until=day)


def test_a_draft_does_not_end_before_it_began():
    study = make_study(publish=False, retention_until=timezone.localdate())
    assert anonymise_due() == {}
    later = timezone.localdate() + timedelta(days=1)
    study = actions.edit_study(study=study, by=study.owner, retention_until=later)
    assert actions.publish(study=study, by=study.owner).is_open


def test_of_somebody_who_told_nothing_the_kind_of_device_goes_too():
    """A plain link and no background questions: the device is all that is kept of the person."""
    study = make_study(retention_until=timezone.localdate() + timedelta(days=1))
    listener = Listener(study.slug, Client(headers={"user-agent": "Mozilla/5.0 (iPad; CPU OS 17_0)"})).begin()
    assert Participant.objects.get().device == "tablet"
    assert holds_personal(study)
    end_retention(study)
    assert anonymise_due() == {study: 1}
    assert (Participant.objects.get().device, holds_personal(study)) == ("", False)
    # What an older version stored after that day goes with the next sweep.
    Participant.objects.update(device="tablet")
    assert anonymise_due() == {study: 1}
    assert Participant.objects.get().device == ""
    assert listener.address.endswith("/clip/")
