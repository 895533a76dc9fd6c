"""Who is let in: by answers before everything else, and by the kind of device."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from survey import actions
from survey.actions.cells import DraftRefused
from survey.actions.restoring import restore_answers
from survey.exports.loading import Pack
from survey.exports.pack import write_pack
from survey.figures.paragraphs import people_of
from survey.findings.recruitment import count_people
from survey.findings.study_facts import facts_of
from survey.first_words import default_wording
from survey.models import OutsideId, Participant, QuestionAnswer, Study
from survey.models.participation import HEADPHONE_TEST, make_token
from survey.preregistration import frozen_facts, write_preregistration
from survey.queries import next_step
from survey.queries.dropout import standing_of
from survey.queries.monitor import monitor_of
from survey.questions import Choice, When
from survey.questions.admission import ADULT
from tests.racing import at_once
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
TABLET = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"
COMPUTER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HUMMING = {
    "key": "humming",
    "moment": "before",
    "sort": "choice",
    "wording": {"en": "Do you hum?"},
    "options": [{"slug": slug, "labels": {"en": slug.title()}} for slug in ("often", "seldom", "never")],
}
AGES = Choice({"young": "Young", "old": "Old", "between": "Between"})


def screening(*keys: str, publish: bool = True, **fields) -> Study:
    study = make_study(
        versions=make_versions(3), publish=False, require_listening=False, **{"clips_per_participant": 2, **fields}
    )
    for key in keys or ("adult", "age_to_enter"):
        actions.add_question(study=study, key=key, by=study.owner)
    return actions.publish(study=study, by=study.owner) if publish else study


def came(study: Study, entry: str = "", **answers: str) -> Listener:
    """Somebody who agreed and answered what decides who is let in."""
    listener = Listener(study.slug, entry=entry)
    listener.get()
    listener.send()
    assert listener.address.endswith("/screening/")
    listener.send(**answers)
    return listener


def person_of(listener: Listener) -> Participant:
    return Participant.objects.get(token=listener.client.cookies["participation"].value)


def test_it_is_asked_after_consent_and_before_anything_is_played():
    study = screening(ask_background=False)
    listener = came(study, q_adult="yes", q_age_to_enter="18")
    assert listener.address.endswith("/sound/")
    person = person_of(listener)
    assert dict(person.said.values_list("question__key", "choice")) == {"adult": "yes", "age_to_enter": ""}
    assert person.said.get(question__key="age_to_enter").number == 18
    assert (person.outcome, person.screened_by, person.screened_at is not None) == ("", "", True)
    listener.take_part()
    assert Participant.objects.get().outcome == "complete"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"q_adult": "no", "q_age_to_enter": "30"}, "adult"),
        ({"q_adult": "yes", "q_age_to_enter": "17"}, "age_to_enter"),
        ({"q_adult": "no", "q_age_to_enter": "17"}, "adult"),
    ],
)
def test_whoever_does_not_fit_gets_the_code_and_no_word_of_why(answers, reason):
    study = screening(recruiter="prolific")
    listener = came(study, entry=f"/study/{study.slug}/?PROLIFIC_PID=p1", **answers)
    assert listener.address.endswith("/end/")
    assert study.code_screened_out in listener.page
    assert f"cc={study.code_screened_out}" in listener.page
    assert "Copy the code" in listener.page
    text = re.sub(r"<[^>]+>", " ", listener.page).lower()
    assert not [word for word in (" age", "18", "older", "headphones", reason) if word in text]
    person = person_of(listener)
    assert (person.outcome, person.screened_by, person.completion_code) == (
        "screened_out", reason, study.code_screened_out,
    )  # fmt: skip


def test_the_page_is_the_same_whichever_answer_decided():
    study = screening()
    pages = [
        re.sub(r"[0-9a-zA-Z]{20,}", "", came(study, **answers).page)
        for answers in ({"q_adult": "no", "q_age_to_enter": "30"}, {"q_adult": "yes", "q_age_to_enter": "3"})
    ]
    assert pages[0] == pages[1]


def test_of_whoever_does_not_fit_no_answer_is_kept():
    study = screening()
    came(study, q_adult="no", q_age_to_enter="12")
    assert QuestionAnswer.objects.count() == 0
    assert Participant.objects.get().background == {}


def test_nobody_comes_in_again_by_any_way():
    study = screening(recruiter="prolific", id_storage="kept")
    entry = f"/study/{study.slug}/?PROLIFIC_PID=p1"
    listener = came(study, entry=entry, q_adult="no", q_age_to_enter="30")
    person = person_of(listener)
    for step in ("screening", "sound", "clip", "about"):
        listener.get(f"/study/{study.slug}/{step}/")
        assert listener.address.endswith("/end/"), step
    client = listener.client
    sent = Client()  # asks for no token of a form
    sent.cookies = client.cookies
    sent.post(f"/study/{study.slug}/screening/", {"q_adult": "yes", "q_age_to_enter": "30"})
    assert Participant.objects.get().outcome == "screened_out"
    actions.record_screening(participant=person, answers={"adult": "yes", "age_to_enter": 30})
    assert Participant.objects.get().outcome == "screened_out"
    listener.get(reverse("study_resume", args=[study.slug, person.token]))
    assert listener.address.endswith("/end/")
    listener.get(entry)
    assert listener.address.endswith("/end/")
    other = Listener(study.slug, entry=entry)
    assert other.get().status_code == 409  # the id has begun, in another browser
    assert (Participant.objects.count(), OutsideId.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("rule", "another", "asked"), [("same", False, False), ("ask", False, True), ("laboratory", True, True)]
)
def test_in_one_browser_it_is_as_the_study_says_and_the_last_page_invites_nobody_to_answer_again(rule, another, asked):
    study = screening(next_person=rule)
    listener = came(study, q_adult="no", q_age_to_enter="30")
    assert (reverse("study_another", args=[study.slug]) in listener.page) is another
    listener.get(f"/study/{study.slug}/")
    assert (reverse("study_another", args=[study.slug]) in listener.page) is asked


def test_no_place_of_the_quota_is_used_up():
    study = screening(quota=1)
    for _ in range(3):
        came(study, q_adult="no", q_age_to_enter="30")
    listener = came(study, q_adult="yes", q_age_to_enter="30")
    assert listener.address.endswith("/sound/")


def test_a_missing_or_impossible_answer_is_asked_for_again_and_decides_nothing():
    study = screening()
    listener = came(study, q_adult="", q_age_to_enter="30")
    assert (listener.response.status_code, listener.address.endswith("/screening/")) == (400, True)
    listener.send(q_adult="yes", q_age_to_enter="many")
    assert listener.response.status_code == 400
    assert Participant.objects.get().screened_at is None
    listener.send(q_adult="yes", q_age_to_enter="30")
    assert listener.address.endswith("/sound/")


def test_one_of_two_is_pressed_where_it_stands_and_one_of_more_is_chosen_from_a_list():
    study = screening("adult", publish=False)
    actions.write_question(study=study, by=study.owner, **HUMMING, admits={"options": ["often", "seldom"]})
    actions.publish(study=study, by=study.owner)
    page = came(study, q_adult="no", q_humming="").response.content.decode()
    tags = re.findall(r"<(input|select)[^>]*name=\"(q_[a-z]+)\"", page)
    assert tags == [("input", "q_adult"), ("input", "q_adult"), ("select", "q_humming")]
    # What was pressed is still pressed where another answer is missing.
    [pressed] = re.findall(r"<input[^>]* checked>", page)
    assert 'value="no"' in pressed


@pytest.mark.parametrize(
    ("changed", "shown"),
    [({}, True), ({"required": False, "admits": None}, False), ({"kind": AGES, "admits": None}, False)],
)
def test_only_one_of_two_that_must_be_chosen_stands_open_on_a_page_about_the_person(changed, shown):
    assert replace(ADULT, **changed).shows_options is shown
    assert replace(ADULT, **changed, when=When.CLIP).shows_options is True


def test_whoever_prefers_not_to_say_is_asked_again_where_it_decides():
    study = screening("hearing_difficulties", publish=False)
    actions.write_question(
        study=study, by=study.owner, replaces="hearing_difficulties", required=False, admits={"options": ["none"]}
    )
    actions.publish(study=study, by=study.owner)
    listener = came(study, q_hearing_difficulties="")
    assert listener.response.status_code == 400
    assert "Prefer not to say" not in listener.page
    listener.send(q_hearing_difficulties="some")
    assert person_of(listener).screened_by == "hearing_difficulties"


def test_an_own_question_lets_in_by_its_options_and_others_stay_where_they_were():
    study = screening("hearing_difficulties", publish=False)
    actions.write_question(study=study, by=study.owner, **HUMMING, admits={"options": ["often", "seldom"]})
    actions.publish(study=study, by=study.owner)
    listener = came(study, q_humming="seldom")
    person = person_of(listener)
    listener.send()
    assert next_step(Participant.objects.get(pk=person.pk)) == "before"
    assert came(study, q_humming="never").address.endswith("/end/")
    copy = actions.make_new_version(study=study, by=study.owner)
    assert copy.questions.get(key="humming").admits == {"options": ["often", "seldom"]}


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_an_answer_sent_twice_at_once_decides_once():
    study = screening()
    person = actions.join(study=study, token=make_token(), language="en")
    answers = [{"adult": "no", "age_to_enter": 30}, {"adult": "yes", "age_to_enter": 30}]

    def answer(number):
        actions.record_screening(participant=Participant.objects.get(pk=person.pk), answers=answers[number % 2])

    at_once(10, answer)
    person.refresh_from_db()
    let_in = person.outcome == ""
    assert person.said.count() == (2 if let_in else 0)
    assert (person.screened_by, person.completion_code) == (
        ("", "") if let_in else ("adult", study.code_screened_out)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"moment": "after", "admits": {"options": ["often"]}}, "asked before the clips"),
        ({"admits": {"options": ["sometimes"]}}, "not among the answers"),
        ({"admits": {"options": ["often", "seldom", "never"]}}, "every answer lets people in"),
        ({"admits": {"least": 3}}, "choose some answers"),
        ({"sort": "number", "options": [], "least": 18, "most": 99, "admits": {"least": 18}}, "every answer that can"),
        ({"sort": "number", "options": [], "least": 0, "most": 99, "admits": {"least": 100}}, "nobody could"),
        (
            {"sort": "number", "options": [], "least": 0, "most": 99, "admits": {"least": 40, "most": 30}},
            "nobody could",
        ),
        (
            {"sort": "number", "options": [], "least": 0, "most": 99, "admits": {"least": 17.2, "most": 17.8}},
            "nobody could",
        ),
        ({"sort": "number", "options": [], "least": 0, "most": 99, "admits": {"least": -0.5}}, "every answer that can"),
        ({"sort": "text", "options": [], "admits": {"least": 3}}, "only a choice or a number"),
    ],
)
def test_what_is_no_condition_is_refused_with_what_to_do(fields, words):
    study = screening("adult", publish=False)
    with pytest.raises(DraftRefused, match=words):
        actions.write_question(study=study, by=study.owner, **{**HUMMING, **fields})


def test_a_researcher_says_on_the_page_whom_a_question_lets_in():
    study = screening("adult", "age_to_enter", publish=False)
    client = Client()
    client.force_login(study.owner)
    page = client.get(reverse("study_questions", args=[study.slug])).content.decode()
    assert ("lets in: yes" in page, "lets in: at least 18" in page) == (True, True)
    address = reverse("study_question", args=[study.slug, "age_to_enter"])
    form = client.get(address).content.decode()
    assert ("admits_least" in form, "admits_options" in form) == (True, False)
    assert client.post(address, {"position": "1", "admits_least": "21", "admits_most": "35"}).status_code == 302
    assert study.questions.get(key="age_to_enter").admits == {"least": 21.0, "most": 35.0}
    refused = client.post(address, {"position": "1", "admits_least": "40", "admits_most": "35"})
    assert (refused.status_code, "nobody could be let in" in refused.content.decode()) == (400, True)
    form = client.get(reverse("study_question", args=[study.slug, "adult"])).content.decode()
    assert ("admits_least" in form, "admits_options" in form) == (False, True)
    new = {
        "key": "humming", "moment": "before", "sort": "choice", "wording_en": "Do you hum?",
        "options_en": "Often\nNever", "admits_options": "Often",
    }  # fmt: skip
    assert client.post(reverse("study_question_new", args=[study.slug]), new).status_code == 302
    assert study.questions.get(key="humming").admits == {"options": ["often"]}


def test_the_monitor_says_how_many_were_screened_out_for_what_and_participants_see_none_of_it():
    study = screening()
    for answers in ({"q_adult": "no", "q_age_to_enter": "5"}, {"q_adult": "yes", "q_age_to_enter": "5"}):
        came(study, **answers)
    came(study, q_adult="no", q_age_to_enter="5")
    monitor = monitor_of(study)
    assert monitor.screened_out == [("18 or older", 2), ("age, to be let in", 1)]
    page = next(page for page in monitor.pages if page.name == "Who is let in")
    assert (page.started, page.screened_out, page.finished) == (3, 3, 0)
    assert count_people(study).screened_out == 3
    client = Client()
    client.force_login(study.owner)
    shown = client.get(reverse("study_monitor", args=[study.slug])).content.decode()
    assert "Screened out, by reason" in shown


def test_whom_the_headphone_test_screens_out_is_told_apart():
    study = make_study(headphones="gate", versions=make_versions(2), clips_per_participant=2)
    person = actions.join(study=study, token=make_token(), language="en")
    actions.check_sound(participant=person, number=None, counted=None)
    actions.record_headphones(participant=person, heard=[0] * 6, played=[None] * 6)
    person.refresh_from_db()
    assert (person.outcome, person.screened_by) == ("screened_out", HEADPHONE_TEST)
    assert monitor_of(study).screened_out == [("headphone test not passed", 1)]


def test_whoever_withdraws_after_all_leaves_no_reason_behind():
    study = screening()
    person = person_of(came(study, q_adult="no", q_age_to_enter="5"))
    actions.withdraw(participant=person, by=None)
    assert Participant.objects.values_list("outcome", "screened_by").get() == ("withdrawn", "")


def test_the_conditions_stand_in_the_preregistration_and_among_what_is_frozen():
    study = screening(devices=["computer"])
    facts = dict(frozen_facts(study))["Who is let in"]
    assert facts == "devices: computer\n18 or older (adult): yes\nage, to be let in (age_to_enter): at least 18"
    assert "- age, to be let in (age_to_enter): at least 18" in write_preregistration(study)
    assert dict(frozen_facts(make_study()))["Who is let in"] == "everybody"


def test_the_export_says_by_what_and_is_read_back(tmp_path):
    study = screening(clips_per_participant=1, ask_background=False)
    came(study, q_adult="no", q_age_to_enter="5")
    came(study, q_adult="yes", q_age_to_enter="50")
    write_pack(study, tmp_path / "one.zip")
    copy = actions.publish(study=actions.make_new_version(study=study, by=study.owner), by=study.owner)
    for person in study.participants.all():
        Participant.objects.filter(pk=person.pk).update(public_id=f"{person.public_id}-old")
    with Pack(tmp_path / "one.zip") as pack:
        pack.check()
        rows = list(pack.rows("participants"))
        assert [row["screened_by"] for row in rows] == ["adult", ""]
        restore_answers(study=copy, rows=pack.rows, by=study.owner)
    assert sorted(copy.participants.values_list("outcome", "screened_by")) == [("", ""), ("screened_out", "adult")]


def test_whoever_had_not_finished_stands_where_they_were_after_reading_back(tmp_path):
    study = screening(clips_per_participant=2, ask_background=False)
    came(study, q_adult="yes", q_age_to_enter="50")  # at the sound check
    at_clip = came(study, q_adult="yes", q_age_to_enter="51")
    while "/clip/" not in at_clip.address:
        at_clip.send()
    before = standing_of(study, timezone.now()).active
    assert before == {("sound", 0): 1, ("clip", 1): 1}
    write_pack(study, tmp_path / "one.zip")
    copy = actions.publish(study=actions.make_new_version(study=study, by=study.owner), by=study.owner)
    for person in study.participants.all():
        Participant.objects.filter(pk=person.pk).update(public_id=f"{person.public_id}-old")
    with Pack(tmp_path / "one.zip") as pack:
        restore_answers(study=copy, rows=pack.rows, by=study.owner)
    assert standing_of(copy, timezone.now()).active == before
    assert all(person.screened_at == person.consented_at for person in copy.participants.exclude(screened_at=None))


# Devices


@pytest.mark.parametrize(
    ("admitted", "agent", "lets_in"),
    [
        (["computer"], PHONE, False),
        (["computer", "tablet"], PHONE, False),
        (["phone"], PHONE, True),
        (["computer"], COMPUTER, True),
        (["phone"], COMPUTER, False),
        (["tablet"], TABLET, True),  # calls itself a computer
        (["computer"], TABLET, True),
        (["phone"], TABLET, False),
        (["computer"], "", True),
        ([], PHONE, True),
    ],
)
def test_a_device_that_is_not_admitted_is_told_so_before_it_is_asked_anything(admitted, agent, lets_in):
    study = make_study(devices=admitted, versions=make_versions(2), clips_per_participant=2)
    client = Client(HTTP_USER_AGENT=agent)
    page = client.get(f"/study/{study.slug}/").content.decode()
    assert ("I agree" in page, "Please use another device" in page) == (lets_in, not lets_in)
    assert Participant.objects.count() == 0


def test_whoever_comes_back_on_another_device_by_the_same_link_takes_part():
    study = make_study(devices=["computer"], recruiter="prolific", versions=make_versions(2), clips_per_participant=2)
    entry = f"/study/{study.slug}/?PROLIFIC_PID=p1"
    page = Client(HTTP_USER_AGENT=PHONE).get(entry).content.decode()
    link = re.search(r'id="link"[^>]*>([^<]+)<', page).group(1)
    assert link.endswith(entry)
    listener = Listener(study.slug, client=Client(HTTP_USER_AGENT=COMPUTER), entry=entry).begin()
    assert (listener.address.endswith("/clip/"), Participant.objects.get().device) == (True, "computer")


def test_consent_that_is_sent_from_such_a_device_is_not_stored_and_declining_is():
    study = make_study(devices=["computer"], recruiter="prolific", versions=make_versions(2), clips_per_participant=2)
    listener = Listener(
        study.slug, client=Client(HTTP_USER_AGENT=COMPUTER), entry=f"/study/{study.slug}/?PROLIFIC_PID=p1"
    )
    listener.get()
    address, values, _ = listener.form()
    phone = Client(HTTP_USER_AGENT=PHONE)
    refused = phone.post(address, values).content.decode()
    assert ("Please use another device" in refused, "external_id=p1" in refused) == (True, True)
    assert Participant.objects.count() == 0
    phone.post(address, {**values, "consent": "no"})
    assert Participant.objects.get().outcome == "no_consent"


def test_who_began_goes_on_on_a_device_that_is_admitted_and_loses_nothing():
    study = make_study(devices=["computer"], versions=make_versions(2), clips_per_participant=2)
    listener = Listener(study.slug, client=Client(HTTP_USER_AGENT=COMPUTER)).begin()
    personal = reverse("study_resume", args=[study.slug, person_of(listener).token])
    phone = Client(HTTP_USER_AGENT=PHONE)
    page = phone.get(personal).content.decode()
    assert ("Please use another device" in page, personal in page, "are stored" in page) == (True, True, True)
    assert Participant.objects.get().outcome == ""
    listener.take_part()
    assert Participant.objects.get().outcome == "complete"
    assert "Thank you!" in phone.get(personal, follow=True).content.decode()


def test_the_page_about_devices_is_in_the_language_of_the_visitor():
    translations = {"de": {"title": "Studie", **default_wording("de", "choose")}}
    study = make_study(
        devices=["computer", "tablet"], versions=make_versions(2), clips_per_participant=2, translations=translations
    )
    page = Client(HTTP_USER_AGENT=PHONE, HTTP_ACCEPT_LANGUAGE="de").get(f"/study/{study.slug}/").content.decode()
    assert "Bitte nutzen Sie ein anderes Gerät" in page
    assert "einem Tablet" in page


def test_devices_are_chosen_in_the_form_and_all_of_them_are_no_condition():
    from survey.forms import StudyForm
    from tests.survey.test_studies import FORM

    def kept(*chosen):
        form = StudyForm({**FORM, "devices": list(chosen)})
        assert form.is_valid(), form.errors
        return form.values()["devices"]

    assert kept("computer", "phone") == ["phone", "computer"]
    assert kept("computer", "phone", "tablet") == kept() == []


def test_results_say_how_many_were_screened_out_for_what():
    study = screening(clips_per_participant=1, ask_background=False)
    came(study, q_adult="no", q_age_to_enter="5")
    came(study, q_adult="yes", q_age_to_enter="5")
    came(study, q_adult="yes", q_age_to_enter="50").take_part()
    study = actions.close(study=study, by=study.owner)
    client = Client()
    client.force_login(study.owner)
    page = client.get(reverse("results", args=[study.slug])).content.decode()
    assert "1: 18 or older" in page
    assert "1: age, to be let in" in page
    assert "2 were screened out (18 or older: 1, age, to be let in: 1)" in people_of(facts_of(study))
