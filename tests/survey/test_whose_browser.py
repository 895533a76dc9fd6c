"""A browser that many use: no test participation, no finished person and no open page stands in the next one's way."""

from __future__ import annotations

import hashlib
import hmac
import importlib

import pytest
from django.apps import apps
from django.conf import settings
from django.core import signing
from django.test import Client
from django.utils.http import urlencode

from survey import actions
from survey.actions import AlreadyBegun
from survey.actions.hearing import tones_of
from survey.actions.leaving import end_with
from survey.forms.participant import issue_pilot_pass, mark_of
from survey.models import OutsideId, Participant, Response, Study
from survey.models.participation import make_token
from survey.queries import hash_outside_id
from survey.queries.identity import people_of_outside_ids
from survey.queries.recruiting import recruited
from survey.recruiting import RECRUITERS, signed_link
from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
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


# --- tests of the study: previews and pilots ---


@pytest.mark.parametrize(("fields", "query"), LINKS)
@pytest.mark.parametrize("logs_out", [True, False], ids=["logged out", "logged in"])
@pytest.mark.parametrize("finished", [True, False], ids=["finished", "in the middle"])
@pytest.mark.parametrize("draft", [True, False], ids=["of a draft", "of a published study"])
def test_after_a_preview_the_next_person_takes_part_themselves(fields, query, logs_out, finished, draft):
    study = make_study(publish=not draft, **SHORT, **fields)
    client = logged_in(study.owner)
    preview = Listener(study.slug, client, entry=f"/study/{study.slug}/?preview=1")
    preview = preview.take_part() if finished else preview.begin()
    if draft:
        actions.publish(study=study, by=study.owner)
    if logs_out:
        token = client.cookies["participation"].value
        client.logout()
        client.cookies["participation"] = token
    person = Listener(study.slug, client, entry=f"/study/{study.slug}/{query}").take_part()
    assert "nothing you answer here counts" not in person.page
    assert people()[-1] == ("person", "complete")
    assert Response.objects.filter(trial__participant__kind="person").count() == 2
    assert study.code_complete in person.page


def test_a_preview_of_a_published_study_is_served_to_those_only_who_may_change_it():
    study = make_study(headphones="record", **SHORT)
    owner = logged_in(study.owner)
    listener = Listener(study.slug, owner, entry=f"/study/{study.slug}/?preview=1").begin()
    target, values, radios = listener.form()
    preview = Participant.objects.get()
    stranger = Client()
    for page in (*PAGES, f"resume/{preview.token}/", f"withdraw/{preview.token}/"):
        stranger.cookies["participation"] = preview.token
        told = stranger.get(f"/study/{study.slug}/{page}", follow=True)
        assert "nothing you answer here counts" not in told.content.decode(), page
        assert preview.token not in told.content.decode(), page
    answer = Client().post(target, {**values, **{name: options[0] for name, options in radios.items()}})
    assert "participation" not in answer.cookies


@pytest.mark.parametrize(("fields", "query"), LINKS)
@pytest.mark.parametrize("finished", [True, False], ids=["finished", "in the middle"])
def test_after_a_pilot_the_next_person_takes_part_themselves(fields, query, finished):
    study = make_study(**SHORT, **fields)
    client = Client(enforce_csrf_checks=True)
    named = {"PROLIFIC_PID": "pilot1"} if query else {}
    pilot = Listener(study.slug, client, entry=pilot_entry(study, **named))
    pilot = pilot.take_part() if finished else pilot.begin()
    person = Listener(study.slug, client, entry=f"/study/{study.slug}/{query}").take_part()
    assert people() == [("bot", "complete" if finished else ""), ("person", "complete")]
    assert study.code_complete in person.page


def test_a_pilots_link_tests_where_a_person_took_part_and_changes_nothing_of_theirs():
    study = make_study(**SHORT)
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client).begin()
    Listener(study.slug, client, entry=pilot_entry(study)).take_part()
    assert people() == [("person", ""), ("bot", "complete")]


def test_a_pilot_in_the_middle_goes_on_by_its_own_link():
    study = make_study(**SHORT)
    listener = Listener(study.slug, entry=pilot_entry(study)).begin()
    trial = listener.form()[1]["trial"]
    listener.get()
    assert listener.form()[1]["trial"] == trial


def test_a_pilot_that_declines_is_no_person_and_works_on_a_draft():
    for publish in (True, False):
        study = make_study(publish=publish)
        client = Client(enforce_csrf_checks=True)
        listener = Listener(study.slug, client, entry=pilot_entry(study))
        listener.get()
        page = listener.page.split('name="consent" value="no"')[1].split("</form>")[0]
        assert 'name="pilot"' in page
        target, values, _ = listener.form()
        client.post(target, {**values, "consent": "no"})
        assert list(study.participants.values_list("kind", "outcome")) == [("bot", "no_consent")]


@pytest.mark.parametrize("kind", ["preview", "pilot"])
@pytest.mark.parametrize("recruiter", ["plain", "prolific"])
def test_a_test_never_ends_with_a_code_or_a_way_back_to_the_service(kind, recruiter):
    study = make_study(recruiter=recruiter, **SHORT)
    client = logged_in(study.owner) if kind == "preview" else Client(enforce_csrf_checks=True)
    named = {"PROLIFIC_PID": "p1"} if recruiter == "prolific" else {}
    entry = f"/study/{study.slug}/?preview=1" if kind == "preview" else pilot_entry(study, **named)
    page = Listener(study.slug, client, entry=entry).take_part().page
    assert "Thank you!" in page
    assert study.code_complete not in page
    assert "app.prolific.com" not in page
    assert "Participants are shown their code here." in page


# --- a link that should name somebody, and does not ---

NOBODY = ["", "?id=1002", "?language=en"]
EMPTY = ["?survey_code=", "?survey_code=%20", "?SURVEY_CODE=", "?external_id=", "?survey_code=1&Survey_Code=2"]


@pytest.mark.parametrize("query", NOBODY)
@pytest.mark.parametrize("next_person", ["ask", "laboratory"])
def test_a_link_without_an_id_asks_who_comes_before_it_shows_a_code(query, next_person):
    study = make_study(recruiter="sona", next_person=next_person, **SHORT)
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client, entry=f"/study/{study.slug}/?survey_code=1001").take_part()
    listener = Listener(study.slug, client, entry=f"/study/{study.slug}/{query}")
    listener.get()
    assert "Who is taking part now?" in listener.page
    assert study.code_complete not in listener.page
    assert "/withdraw/" not in listener.page
    listener.send()
    assert listener.response.status_code == 400
    assert "Something is missing in the link" in listener.page
    Listener(study.slug, client, entry=f"/study/{study.slug}/?survey_code=1002").take_part()
    assert people() == [("person", "complete")] * 2


@pytest.mark.parametrize("query", NOBODY)
def test_in_the_laboratory_a_link_without_an_id_does_not_go_on_with_the_one_before(query):
    study = make_study(recruiter="sona", next_person="laboratory", **SHORT)
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client, entry=f"/study/{study.slug}/?survey_code=1001").begin()
    listener = Listener(study.slug, client, entry=f"/study/{study.slug}/{query}")
    listener.get()
    assert "Who is taking part now?" in listener.page
    assert "That was me – go on" in listener.page


@pytest.mark.parametrize("query", EMPTY)
@pytest.mark.parametrize("next_person", ["same", "ask", "laboratory"])
@pytest.mark.parametrize("finished", [True, False], ids=["finished", "in the middle"])
def test_an_empty_id_is_told_so_whoever_took_part_in_the_browser(query, next_person, finished):
    study = make_study(recruiter="sona", next_person=next_person, **SHORT)
    client = Client(enforce_csrf_checks=True)
    first = Listener(study.slug, client, entry=f"/study/{study.slug}/?survey_code=1001")
    first = first.take_part() if finished else first.begin()
    told = client.get(f"/study/{study.slug}/{query}")
    assert told.status_code == 400
    assert "Something is missing in the link" in told.content.decode()


@pytest.mark.parametrize("name", ["SURVEY_CODE", "Survey_Code", "External_ID"])
def test_the_name_of_the_parameter_may_be_written_in_any_case(name):
    study = make_study(recruiter="sona", **SHORT)
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client, entry=f"/study/{study.slug}/?survey_code=1001").take_part()
    Listener(study.slug, client, entry=f"/study/{study.slug}/?{name}=1002").take_part()
    assert people() == [("person", "complete")] * 2
    signed = signed_link(study, f"/study/{study.slug}/", "1001").replace("signature", "SIGNATURE")
    assert "Thank you!" in Listener(study.slug, Client(), entry=signed).get().content.decode()


def test_the_last_page_of_somebody_who_was_sent_does_not_lead_to_another_person_at_home():
    study = make_study(recruiter="prolific", **SHORT)
    page = Listener(study.slug, entry=f"/study/{study.slug}/?PROLIFIC_PID=a1").take_part().page
    assert "another person" not in page


# --- laboratory mode clears ---


@pytest.mark.parametrize("recruiter", ["plain", "prolific"])
@pytest.mark.parametrize("ending", ["complete", "no_consent", "quota_full", "screened_out", "withdrawn"])
def test_in_the_laboratory_the_last_page_is_shown_once_whatever_is_opened_then(recruiter, ending):
    study = make_study(recruiter=recruiter, next_person="laboratory", headphones="record", **SHORT)
    client = Client(enforce_csrf_checks=True)
    query = "?PROLIFIC_PID=a1" if recruiter == "prolific" else ""
    Listener(study.slug, client, entry=f"/study/{study.slug}/{query}").begin()
    person = Participant.objects.get()
    end_as(person, ending)
    last = client.get(f"/study/{study.slug}/end/").content.decode()
    assert person.completion_code == "" or person.completion_code in last
    for page in (*PAGES, "", "sound/1.wav", "headphones/1.wav"):
        told = client.get(f"/study/{study.slug}/{page}", follow=True)
        text = told.content.decode()
        assert "Who is taking part now?" in text, page
        assert "I am another person – begin" in text, page
        assert "my last page" not in text
        assert not any(secret in text for secret in (study.code_complete, person.token, "/withdraw/"))
    again = client.get(f"/study/{study.slug}/resume/{person.token}/", follow=True).content.decode()
    assert person.completion_code in again  # the personal link shows it, once more
    assert "Who is taking part now?" in client.get(f"/study/{study.slug}/end/", follow=True).content.decode()


def end_as(person: Participant, outcome: str) -> None:
    if outcome == "withdrawn":
        actions.withdraw(participant=person)
    else:
        end_with(person, outcome)


def test_in_the_laboratory_the_next_one_begins_from_the_page_that_asks_and_by_a_link_of_their_own_at_once():
    for recruiter, query in (("plain", ""), ("prolific", "?PROLIFIC_PID=b2")):
        study = make_study(recruiter=recruiter, next_person="laboratory", **SHORT)
        client = Client(enforce_csrf_checks=True)
        first = query.replace("b2", "a1")
        Listener(study.slug, client, entry=f"/study/{study.slug}/{first}").take_part()
        second = Listener(study.slug, client, entry=f"/study/{study.slug}/{query}")
        second.get()
        if not query:
            second.send()
        assert "I agree – start" in second.page
        while not second.address.endswith("/end/"):
            second.send()
        assert list(study.participants.values_list("outcome", flat=True)) == ["complete"] * 2


def test_only_the_laboratory_forgets_who_finished():
    for next_person in ("same", "ask"):
        study = make_study(next_person=next_person, **SHORT)
        listener = Listener(study.slug).take_part()
        for _ in range(2):
            assert study.code_complete in listener.get(f"/study/{study.slug}/end/").content.decode()


def test_who_withdraws_in_the_laboratory_leaves_nothing_in_the_browser():
    study = make_study(next_person="laboratory", **SHORT)
    client = Client()
    Listener(study.slug, client).begin()
    token = Participant.objects.get().token
    client.post(f"/study/{study.slug}/withdraw/{token}/")
    assert "Who is taking part now?" in client.get(f"/study/{study.slug}/end/", follow=True).content.decode()


# --- ids of tests are nobody's ---


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


# --- upper and lower case are one id ---


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


# --- two people in two tabs of one browser ---

SENT_ON = "belonged to another person; nothing of it was stored"


def two_tabs(step: str, **fields) -> tuple[Listener, tuple[Participant, Participant]]:
    """A stands on the page `step`, and B has come to the same page in another tab: A's tab, and both people."""
    study = make_study(recruiter="prolific", headphones="record", unheard="mark", **SHORT, **fields)
    client = Client(enforce_csrf_checks=True)
    tabs = [Listener(study.slug, client, entry=f"/study/{study.slug}/?PROLIFIC_PID={name}") for name in ("a1", "b2")]
    for tab in tabs:
        tab.get()
        while not tab.address.endswith(f"/{step}/"):
            tab.send()
    first, second = Participant.objects.order_by("pk")
    return tabs[0], (first, second)


def as_stored(*people: Participant) -> list[dict]:
    return list(Participant.objects.filter(pk__in=[one.pk for one in people]).order_by("pk").values())


@pytest.mark.parametrize("step", ["sound", "headphones", "about"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_form_of_the_first_persons_tab_is_not_stored_as_the_seconds(step, language):
    tab, people = two_tabs(step)
    Participant.objects.update(language=language)
    before = as_stored(*people)
    target, values, radios = tab.form()
    values = {**values, **{name: options[0] for name, options in radios.items()}}
    if step == "about":
        values["age_band"] = "35-44"
    if step == "sound":
        values["tones"] = str(tones_of(people[0])[0])
    sent = tab.client.post(target, values, follow=True)
    assert as_stored(*people) == before
    assert sent.request["PATH_INFO"].endswith(f"/{step}/")
    assert SENT_ON in sent.content.decode()
    # What the second sends from where they are is taken.
    tab.response = sent
    tab.send()
    assert as_stored(people[0]) == before[:1]
    assert as_stored(people[1]) != before[1:]
    assert SENT_ON not in tab.page


def test_a_form_of_the_first_persons_tab_leads_to_wherever_the_second_is_with_a_sentence():
    tab, people = two_tabs("sound")
    target, values, _ = tab.form()
    other = Listener(tab.slug, tab.client, entry=f"/study/{tab.slug}/?PROLIFIC_PID=b2").begin()
    before = as_stored(*people)
    sent = tab.client.post(target, {**values, "tones": "3"}, follow=True)
    assert sent.request["PATH_INFO"].endswith("/clip/")
    assert SENT_ON in sent.content.decode()
    assert as_stored(*people) == before
    assert other.form()[1]["trial"] in sent.content.decode()


@pytest.mark.parametrize("mark", ["", "x", "é"])
def test_a_false_mark_stores_nothing_and_a_form_without_one_is_of_this_browsers_person(mark):
    study = make_study(**SHORT)
    listener = Listener(study.slug).begin()
    while not listener.address.endswith("/about/"):
        listener.send()
    target, values, _ = listener.form()
    listener.client.post(target, {**values, "age_band": "35-44", "whose": mark})
    assert Participant.objects.get().background == {}
    del values["whose"]
    listener.client.post(target, {**values, "age_band": "35-44"})
    assert Participant.objects.get().background == {"age_band": "35-44"}


def test_no_mark_opens_a_participation_and_each_person_has_their_own():
    _, people = two_tabs("sound")
    marks = {mark_of(person) for person in people}
    assert len(marks) == 2
    assert not any(person.token in mark for person in people for mark in marks)


def test_an_answer_that_is_refused_in_the_first_persons_tab_is_not_asked_of_the_second():
    tab, _ = two_tabs("clip")
    target, values, _ = tab.form()
    sent = tab.client.post(target, {**values, "chosen": ""}, follow=True)
    assert SENT_ON in sent.content.decode()
    assert 'id="problem"' not in sent.content.decode()
    assert not Response.objects.exists()


def test_an_answer_in_the_first_persons_tab_is_the_firsts():
    tab, people = two_tabs("clip")
    tab.send()
    assert Response.objects.get().trial.participant == people[0]


def test_the_last_page_of_the_first_does_not_take_the_browser_from_the_second():
    study = make_study(next_person="laboratory", **SHORT)
    client = Client(enforce_csrf_checks=True)
    first = Listener(study.slug, client).take_part()
    second = Listener(study.slug, client)
    second.get()
    second.send()
    second.begin()
    second.send()
    while not second.address.endswith("/clip/"):
        second.send()
    trial = second.form()[1]["trial"]
    first.send()  # "Next person", pressed on the page of the first
    assert "That was me – go on" in first.page
    second.get(f"/study/{study.slug}/clip/")
    assert second.form()[1]["trial"] == trial
