"""Outside ids: those of tests are nobody's, and upper and lower case are one id."""

from __future__ import annotations

import hashlib
import hmac
import importlib

import pytest
from django.apps import apps
from django.conf import settings
from django.core import signing
from django.test import Client

from survey import actions
from survey.actions import AlreadyBegun
from survey.models import OutsideId, Participant, Study
from survey.models.participation import make_token
from survey.queries import hash_outside_id
from survey.queries.identity import people_of_outside_ids
from survey.queries.recruiting import recruited
from survey.recruiting import RECRUITERS, signed_link
from tests.survey.browsers import SHORT, logged_in, pilot_entry
from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize("recruiter", ["prolific", "cloudresearch", "mturk", "sona"])
@pytest.mark.parametrize("consent", ["yes", "no"])
def test_a_pilot_keeps_no_id_and_does_not_stand_in_the_way_of_whoever_has_it(recruiter, consent):
    study = make_study(recruiter=recruiter, id_storage="kept", **SHORT)
    parameter = RECRUITERS[recruiter].person
    pilot = Listener(study.slug, entry=pilot_entry(study, **{parameter: "A1"}))
    pilot.get()
    pilot.send(consent=consent)
    assert list(recruited(study)) == []
    assert recruited_as(study, "A1") == "unknown"
    Listener(study.slug, entry=f"/study/{study.slug}/?{parameter}=A1").take_part()
    assert list(study.participants.order_by("pk").values_list("kind", flat=True)) == ["bot", "person"]
    assert [(one.outside_id, one.status) for one in recruited(study)] == [("A1", "complete")]
    assert recruited_as(study, "A1") == "complete"
    # Nor does the person stand in the way of a later pilot.
    Listener(study.slug, entry=pilot_entry(study, **{parameter: "A1"})).take_part()
    assert study.outside_ids.count() == 1


def recruited_as(study: Study, value: str) -> str:
    return next(iter(recruited(study, ids=[value]))).status


def give_id(person: Participant, value: str) -> None:
    """As it was stored for a pilot earlier."""
    person.external_id_hash = hash_outside_id(person.study, value)
    person.save(update_fields=["external_id_hash"])
    OutsideId.objects.create(participant=person, study=person.study, value=value)


def test_ids_that_pilots_were_given_earlier_are_forgotten_by_the_upgrade_and_paid_by_nobody_before():
    study = make_study(recruiter="mturk", id_storage="kept")
    bot = actions.join(study=study, token=make_token(), language="en", kind="bot")
    give_id(bot, "A1")
    person = actions.join(study=study, token=make_token(), language="en", external_id="B2")
    assert [one.outside_id for one in recruited(study)] == ["B2"]
    assert recruited_as(study, "A1") == "unknown"
    page = logged_in(study.owner).get(f"/studies/{study.slug}/recruiting/").content.decode()
    assert "1 id is kept" in page
    migration = importlib.import_module("survey.migrations.0012_ids_of_people")
    migration.forget_ids_of_tests(apps, None)
    assert list(OutsideId.objects.values_list("participant", flat=True)) == [person.pk]
    assert list(Participant.objects.exclude(external_id_hash="")) == [person]
    actions.join(study=study, token=make_token(), language="en", external_id="A1")


def hash_as_before(study: Study, value: str) -> str:
    """How ids were hashed when their case still counted."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{study.pk}:{value}".encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("storage", ["hashed", "kept"])
@pytest.mark.parametrize("recruiter", ["prolific", "cloudresearch", "mturk", "sona"])
def test_ids_that_differ_in_case_only_are_one_person(recruiter, storage):
    study = make_study(recruiter=recruiter, id_storage=storage, **SHORT)
    parameter = RECRUITERS[recruiter].person
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client, entry=f"/study/{study.slug}/?{parameter}=AbC123").take_part()
    for value in ("abc123", "ABC123", "aBc123"):
        link = f"/study/{study.slug}/?{parameter}={value}"
        assert Client().get(link).status_code == 409
        assert "Thank you!" in client.get(link, follow=True).content.decode()
        with pytest.raises(AlreadyBegun):
            actions.join(study=study, token=make_token(), language="en", external_id=value)
        signed = signed_link(study, f"/study/{study.slug}/", value)
        assert "Thank you!" in Client().get(signed, follow=True).content.decode()
    assert Participant.objects.count() == 1
    assert [one.outside_id for one in recruited(study)] == (["AbC123"] if storage == "kept" else [])
    told = [(one.outside_id, one.status) for one in recruited(study, ids=["ABC123", "abc123", "x1"])]
    assert told == [("ABC123", "complete"), ("x1", "unknown")]


@pytest.mark.parametrize(
    ("stored", "comes"),
    [("AbC123", "AbC123"), ("A1MTURK", "A1MTURK"), ("A1MTURK", "a1mturk"), ("5f12", "5F12"), ("5f12", "5f12")],
)
def test_ids_that_were_hashed_before_are_known_again(stored, comes):
    study = make_study(recruiter="mturk")
    person = actions.join(study=study, token=make_token(), language="en", external_id=stored)
    Participant.objects.update(external_id_hash=hash_as_before(study, stored))
    with pytest.raises(AlreadyBegun):
        actions.join(study=study, token=make_token(), language="en", external_id=comes)
    assert recruited_as(study, comes) == "active"
    old_signature = signing.Signer(salt=f"survey.recruiter:{study.pk}").signature(stored)
    link = f"/study/{study.slug}/?workerId={stored}&signature={old_signature}"
    assert Client().get(link, follow=True).status_code == 200
    assert list(Participant.objects.all()) == [person]


def test_two_people_of_before_whose_ids_differ_in_case_stay_two():
    study = make_study(recruiter="mturk", id_storage="kept")
    for value in ("AbC", "abc"):
        person = actions.join(study=study, token=make_token(), language="en")
        person.external_id_hash = hash_as_before(study, value)
        person.save(update_fields=["external_id_hash"])
        OutsideId.objects.create(participant=person, study=study, value=value)
    first, second = Participant.objects.order_by("pk")
    found = people_of_outside_ids(study, ["AbC", "abc", "ABC"])
    assert found == {"AbC": first, "abc": second, "ABC": first}
    assert len(list(recruited(study))) == 2
