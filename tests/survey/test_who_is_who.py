"""Who somebody is: the id in the link before the cookie, no id opens another's participation, one browser for many."""

from __future__ import annotations

import csv
import io
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client, override_settings

from survey import actions
from survey.actions import AlreadyBegun
from survey.forms.recruiting import SignedLinksForm
from survey.models import AuditEntry, OutsideId, Participant, Study, Trial
from survey.models.participation import make_token
from survey.queries.identity import people_of_outside_ids
from survey.recruiting import RECRUITERS, sign_outside_id, signed_link
from survey.views.participation import COOKIE
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PRESETS = [(name, preset.person) for name, preset in RECRUITERS.items() if preset.person]


def address(study: Study, parameter: str, value: str, **more: str) -> str:
    others = "".join(f"&{name}={text}" for name, text in more.items())
    return f"/study/{study.slug}/?{parameter}={value}{others}"


def log_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read_csv(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


# --- a recruiting service names the person ---


@pytest.mark.parametrize(("recruiter", "parameter"), PRESETS)
def test_three_people_in_a_row_in_one_browser_are_three_participations(recruiter, parameter):
    study = make_study(recruiter=recruiter)
    client = Client(enforce_csrf_checks=True)
    for value in ("1001", "1002", "1003"):
        page = Listener(study.slug, client, entry=address(study, parameter, value)).take_part().page
        assert study.code_complete in page
    people = Participant.objects.filter(study=study)
    assert [person.outcome for person in people] == ["complete"] * 3
    assert len({person.token for person in people}) == 3


@pytest.mark.parametrize(("recruiter", "parameter"), PRESETS)
@pytest.mark.parametrize("finished", [False, True], ids=["in the middle", "finished"])
def test_whoever_knows_an_id_gets_nothing_of_its_participation(recruiter, parameter, finished):
    study = make_study(recruiter=recruiter)
    owner = Listener(study.slug, entry=address(study, parameter, "1001"))
    owner = owner.take_part() if finished else owner.begin()
    person = Participant.objects.get()
    stranger = Client()
    for answer in (
        stranger.get(address(study, parameter, "1001")),
        stranger.get(address(study, "external_id", "1001")),
    ):
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "This link has been used before" in page
        assert person.token not in page
        assert study.code_complete not in page
        assert person.token not in str(answer.cookies)
    # Nor by sending the consent form of another person's page with the id put in.
    listener = Listener(study.slug, Client(), entry=address(study, parameter, "2002"))
    listener.get()
    target, values, _ = listener.form()
    for consent in ("yes", "no"):
        forged = listener.client.post(target, {**values, "external_id": "1001", "consent": consent})
        assert (forged.status_code, COOKIE in forged.cookies) == (409, False)
    assert Participant.objects.count() == 1


def test_the_browser_that_began_comes_back_by_the_same_link_and_by_the_bare_address():
    study = make_study(recruiter="prolific")
    entry = address(study, "PROLIFIC_PID", "5f9b2c7e1a")
    first = Listener(study.slug, entry=entry).begin()
    trial = first.form()[1]["trial"]
    for link in (entry, f"/study/{study.slug}/"):
        first.get(link)
        assert first.form()[1]["trial"] == trial
    assert Participant.objects.count() == 1


def test_the_personal_link_and_the_signed_link_open_it_elsewhere_a_false_signature_does_not():
    study = make_study(recruiter="sona")
    first = Listener(study.slug, entry=address(study, "survey_code", "1001")).begin()
    trial = first.form()[1]["trial"]
    person = Participant.objects.get()
    links = [
        f"/study/{study.slug}/resume/{person.token}/",
        signed_link(study, f"/study/{study.slug}/", "1001"),
    ]
    for link in links:
        other = Listener(study.slug, Client(), entry=link)
        other.get()
        assert other.form()[1]["trial"] == trial
    other_study = make_study(recruiter="sona")
    for forged in ("", "x", sign_outside_id(study, "1002"), sign_outside_id(other_study, "1001")):
        link = address(study, "survey_code", "1001", signature=forged)
        assert Client().get(link).status_code == 409
    assert Participant.objects.filter(study=study).count() == 1


def test_a_signed_link_is_an_invitation_too_and_keeps_its_signature_through_consent_and_languages():
    study = make_study(recruiter="sona")
    link = signed_link(study, f"/study/{study.slug}/", "77")
    Listener(study.slug, Client(), entry=link).begin()
    again = Listener(study.slug, Client(), entry=link)
    again.get()
    assert again.address.endswith("/clip/")
    assert Participant.objects.count() == 1


@pytest.mark.parametrize(
    "value", ["%7B%7B%25PROLIFIC_PID%25%7D%7D", "PROLIFIC_PID", "null", "undefined", "a b", "x" * 101]
)
def test_a_placeholder_or_a_wrong_id_is_told_so_even_in_a_browser_that_is_known(value):
    study = make_study(recruiter="prolific")
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client, entry=address(study, "PROLIFIC_PID", "aaa111")).take_part()
    answer = client.get(address(study, "PROLIFIC_PID", value))
    assert answer.status_code == 400
    assert "Something is missing in the link" in answer.content.decode()
    assert study.code_complete not in answer.content.decode()
    assert Participant.objects.count() == 1


def test_a_repeated_id_and_a_withdrawn_id_take_part_once():
    study = make_study(recruiter="prolific")
    entry = address(study, "PROLIFIC_PID", "aaa111")
    listener = Listener(study.slug, entry=entry).take_part()
    assert "Thank you" in listener.get(entry).content.decode()
    actions.withdraw(participant=Participant.objects.get(), by=None)
    assert "You have withdrawn" in listener.get(entry).content.decode()
    assert study.code_complete in listener.page  # who finished and then withdrew is paid all the same
    assert Client().get(entry).status_code == 409
    assert Participant.objects.count() == 1


def test_two_browsers_that_agree_with_one_id_are_one_participation_and_one_refusal():
    study = make_study(recruiter="mturk")
    actions.join(study=study, token=make_token(), language="en", external_id="W1")
    with pytest.raises(AlreadyBegun):
        actions.join(study=study, token=make_token(), language="en", external_id="W1")
    with pytest.raises(AlreadyBegun):
        actions.decline(study=study, token=make_token(), language="en", external_id="W1")
    assert Participant.objects.count() == 1


# --- a plain link names nobody ---


def test_with_a_plain_link_a_finished_browser_asks_who_comes():
    study = make_study()
    client = Client(enforce_csrf_checks=True)
    first = Listener(study.slug, client).take_part()
    assert "Take part as another person" in first.page
    page = first.get().content.decode()
    assert "I am another person" in page
    assert study.code_complete not in page
    assert "/withdraw/" not in page
    assert study.code_complete in first.get(f"/study/{study.slug}/end/").content.decode()
    first.get()
    second = Listener(study.slug, client)
    second.response = first.send()
    while not second.address.endswith("/end/"):
        second.send()
    assert Participant.objects.filter(outcome="complete").count() == 2


def test_one_person_per_browser_goes_to_the_last_page_and_cannot_begin_anew():
    study = make_study(next_person="same")
    client = Client(enforce_csrf_checks=True)
    listener = Listener(study.slug, client).take_part()
    assert "another person" not in listener.page
    assert study.code_complete in listener.get().content.decode()
    free = Client()
    free.cookies = client.cookies
    free.post(f"/study/{study.slug}/another/")
    assert free.cookies[COOKIE].value


def test_in_the_laboratory_nobody_meets_what_the_one_before_left():
    study = make_study(next_person="laboratory")
    client = Client(enforce_csrf_checks=True)
    tokens = []
    for _ in range(3):
        listener = Listener(study.slug, client)
        listener.get()
        if "Who is taking part now?" in listener.page:
            assert not any(token in listener.page for token in tokens)
            assert study.code_complete not in listener.page
            assert "my last page" not in listener.page
            listener.send()
        while not listener.address.endswith("/end/"):
            listener.send()
        assert "Next person" in listener.page
        tokens.append(Participant.objects.latest("pk").token)
    assert Participant.objects.filter(outcome="complete").count() == 3


def test_in_the_laboratory_a_consent_that_is_pressed_twice_goes_on():
    study = make_study(next_person="laboratory")
    listener = Listener(study.slug)
    listener.get()
    target, values, _ = listener.form()
    for _ in range(2):
        page = listener.client.post(target, values, follow=True)
        assert page.request["PATH_INFO"] == f"/study/{study.slug}/sound/"
    assert Participant.objects.count() == 1


def test_in_the_laboratory_somebody_in_the_middle_is_asked_and_can_go_on():
    study = make_study(next_person="laboratory")
    client = Client(enforce_csrf_checks=True)
    listener = Listener(study.slug, client).begin()
    trial = listener.form()[1]["trial"]
    page = listener.get().content.decode()
    assert "That was me – go on" in page
    listener.get(re.search(r'href="(/study/[^"]+/sound/)"', page).group(1))
    assert listener.form()[1]["trial"] == trial


# --- what is kept of an id ---


def test_hashed_is_the_default_and_no_id_is_stored_anywhere():
    study = make_study(recruiter="prolific")
    Listener(study.slug, entry=address(study, "PROLIFIC_PID", "secret1")).begin()
    person = Participant.objects.get()
    assert OutsideId.objects.count() == 0
    assert "secret1" not in str(vars(person))
    assert len(person.external_id_hash) == 64


def test_kept_ids_stand_in_a_table_of_their_own_survive_a_new_key_and_go_at_the_end_of_the_retention():
    study = make_study(recruiter="prolific", id_storage="kept")
    actions.join(study=study, token=make_token(), language="en", external_id="abc1")
    with override_settings(SECRET_KEY="another" * 9), pytest.raises(AlreadyBegun):
        actions.join(study=study, token=make_token(), language="en", external_id="abc1")
    assert list(OutsideId.objects.values_list("value", flat=True)) == ["abc1"]
    actions.anonymise(study=study, by=None)
    assert OutsideId.objects.count() == 0
    assert Participant.objects.get().external_id_hash == ""


def test_the_table_for_the_service_has_id_code_status_reason_and_bonus_and_is_logged():
    study = make_study(recruiter="prolific", id_storage="kept")
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client, entry=address(study, "PROLIFIC_PID", "done")).take_part()
    Listener(study.slug, client, entry=address(study, "PROLIFIC_PID", "middle")).begin()
    Listener(study.slug, client, entry=address(study, "PROLIFIC_PID", "gone")).take_part()
    Listener(study.slug, client, entry=address(study, "PROLIFIC_PID", "aside")).take_part()
    actions.withdraw(participant=OutsideId.objects.get(value="gone").participant, by=None)
    actions.set_aside(participant=OutsideId.objects.get(value="aside").participant, reason="Noise", by=study.owner)
    owner = log_in(study.owner)
    page = owner.get(f"/studies/{study.slug}/recruiting/").content.decode()
    assert "4 ids are kept" in page
    assert "done" not in re.findall(r"\b\w+\b", re.sub(r"<[^>]*>", "", page))
    rows = {row["id"]: row for row in read_csv(owner.post(f"/studies/{study.slug}/recruiting/table.csv"))}
    assert {name: (row["status"], row["code"], row["reason"]) for name, row in rows.items()} == {
        "done": ("complete", study.code_complete, ""),
        "middle": ("active", "", ""),
        "gone": ("withdrawn", study.code_complete, ""),
        "aside": ("complete", study.code_complete, "by hand: Noise"),
    }
    assert AuditEntry.objects.get(action="outside_ids").detail == {"ids": 4}


def test_the_bonus_counts_gold_trials_answered_right_of_people_who_are_not_left_out():
    gold = make_versions(2, emotions=("fear",), first=50)
    study = make_study(recruiter="prolific", id_storage="kept", gold=gold, gold_trials=2)
    client = Client(enforce_csrf_checks=True)
    for name, word in (("good", "fear"), ("bad", "awe")):
        entry = address(study, "PROLIFIC_PID", name)
        Listener(study.slug, client, entry=entry).take_part(answer=lambda listener, word=word: word)
    found = log_in(study.owner).post(f"/studies/{study.slug}/recruiting/table.csv", {"per_gold": "0.25"})
    assert {row["id"]: row["bonus"] for row in read_csv(found)} == {"good": "0.50", "bad": "0.00"}


def test_with_lures_the_bonus_pays_no_to_a_gold_lure_and_not_yes():
    """Whoever always says yes is right about targets alone; before, every yes was paid and no right no was."""
    versions = make_versions(12)
    study = make_study(
        versions=versions[:8], gold=versions[8:], gold_trials=4,
        mode="yes_no", require_listening=False, recruiter="prolific", id_storage="kept",
    )  # fmt: skip

    def truly(listener):
        trial = Trial.objects.select_related("stimulus").get(answered_at=None)
        return "yes" if trial.asked_emotion == trial.stimulus.emotion else "no"

    client = Client(enforce_csrf_checks=True)
    answers = {"good": truly, "yes": lambda _: "yes", "no": lambda _: "no"}
    for name, answer in answers.items():
        Listener(study.slug, client, entry=address(study, "PROLIFIC_PID", name)).take_part(answer=answer)
    found = log_in(study.owner).post(f"/studies/{study.slug}/recruiting/table.csv", {"per_gold": "0.25"})
    assert {row["id"]: row["bonus"] for row in read_csv(found)} == {"good": "1.00", "yes": "0.50", "no": "0.50"}


def test_where_only_hashes_are_kept_pasted_ids_are_told_how_they_ended():
    study = make_study(recruiter="prolific")
    Listener(study.slug, entry=address(study, "PROLIFIC_PID", "abc1")).take_part()
    owner = log_in(study.owner)
    assert read_csv(owner.post(f"/studies/{study.slug}/recruiting/table.csv")) == []
    rows = read_csv(owner.post(f"/studies/{study.slug}/recruiting/table.csv", {"ids": "abc1\nnobody"}))
    assert [(row["id"], row["status"]) for row in rows] == [("abc1", "complete"), ("nobody", "unknown")]
    wrong = owner.post(f"/studies/{study.slug}/recruiting/table.csv", {"ids": "=1+1"})
    assert (wrong.status_code, "is no id of a recruiting service" in wrong.content.decode()) == (400, True)


def test_a_thousand_pasted_ids_are_looked_up_in_a_few_questions(django_assert_max_num_queries):
    study = make_study(recruiter="prolific")
    person = actions.join(study=study, token=make_token(), language="en", external_id="id999")
    with django_assert_max_num_queries(4):
        found = people_of_outside_ids(study, [f"id{number}" for number in range(1000)])
    assert found == {"id999": person}


@pytest.mark.parametrize(("number", "is_taken"), [(20_000, True), (20_001, False)])
def test_so_many_ids_may_be_asked_for_at_a_time(number, is_taken):
    form = SignedLinksForm({"ids": "\n".join(f"id{i}" for i in range(number))})
    assert form.is_valid() is is_taken
    assert is_taken or "ask for 20000 at a time at most" in str(form.errors)


def test_signed_links_are_made_for_the_editors_only():
    study = make_study(recruiter="sona")
    where = f"/studies/{study.slug}/recruiting/links.csv"
    (row,) = read_csv(log_in(study.owner).post(where, {"ids": "1001"}))
    assert row["link"].endswith(f"?survey_code=1001&signature={sign_outside_id(study, '1001')}")
    assert log_in(make_researcher("stranger")).post(where, {"ids": "1001"}).status_code == 404
    assert Client().post(where, {"ids": "1001"}).status_code == 302


def test_no_export_holds_a_kept_id():
    study = make_study(recruiter="prolific", id_storage="kept")
    Listener(study.slug, entry=address(study, "PROLIFIC_PID", "verysecret1")).take_part()
    actions.close(study=study, by=study.owner)
    text = b"".join(log_in(study.owner).get(f"/results/{study.slug}/responses.csv").streaming_content).decode()
    assert "verysecret1" not in text
    assert Participant.objects.get().public_id in text


def test_check_warns_when_the_key_of_a_running_study_has_changed():
    def warnings() -> str:
        out = StringIO()
        call_command("check", stdout=out, stderr=out)
        return out.getvalue()

    study = make_study(recruiter="prolific")
    make_study(recruiter="plain")
    make_study(recruiter="prolific", id_storage="kept")
    assert len(study.key_fingerprint) == 16
    assert "SECRET_KEY" not in warnings()
    with override_settings(SECRET_KEY="another" * 9):
        told = warnings()
        assert f"SECRET_KEY has changed since these studies were published: {study.slug}." in told
        page = log_in(study.owner).get(f"/studies/{study.slug}/recruiting/").content.decode()
    assert "secret key is another one" in page
