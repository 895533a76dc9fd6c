"""The participant's way, over plain HTTP."""

import re

import pytest
from django.test import Client

from survey import actions
from survey.models import Participant, Response, Trial
from survey.queries import ratings
from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db


def test_a_participation_from_consent_to_code_stores_every_answer_and_ends_with_the_code():
    study = make_study()
    listener = Listener(study.slug).take_part()
    person = Participant.objects.get()
    assert Response.objects.count() == 8
    assert person.outcome == "complete"
    assert study.code_complete in listener.page
    assert [row["chosen"] for row in ratings(study)] == [person.option_order[0]] * 8


def test_the_code_is_not_on_any_page_before_the_end():
    study = make_study()
    listener = Listener(study.slug)
    listener.get()
    pages = []
    while not listener.address.endswith("/end/"):
        pages.append(listener.page)
        listener.send()
    assert [study.code_complete in page for page in pages] == [False] * len(pages)


def test_the_answers_stand_in_an_order_of_ones_own_that_stays_with_none_last():
    study = make_study()
    first, second = (Listener(study.slug).begin() for _ in range(2))
    orders = []
    for _ in range(3):
        orders.append(first.form()[2]["chosen"])
        first.send()
    assert orders[0] == orders[1] == orders[2]
    assert orders[0][-1] == second.form()[2]["chosen"][-1] == "none"
    assert sorted(orders[0]) == sorted(study.choices.values_list("slug", flat=True))


def test_nobody_hears_a_clip_twice():
    study = make_study()
    Listener(study.slug).take_part()
    assert len(set(Trial.objects.values_list("stimulus", flat=True))) == 8


def test_the_same_answer_sent_again_gives_the_same_page_and_one_row():
    study = make_study()
    listener = Listener(study.slug).begin()
    address, values, _ = listener.form()
    data = {**values, "chosen": "fear", "confidence": "4"}
    answers = [listener.client.post(address, data) for _ in range(3)]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (302, f"/study/{study.slug}/clip/")
    }
    assert list(Response.objects.values_list("choice__slug", "confidence")) == [("fear", 4)]


def test_a_second_different_answer_to_the_same_trial_changes_nothing():
    study = make_study()
    listener = Listener(study.slug).begin()
    address, values, _ = listener.form()
    for chosen in ("fear", "awe"):
        listener.client.post(address, {**values, "chosen": chosen, "confidence": "2"})
    assert list(Response.objects.values_list("choice__slug", flat=True)) == ["fear"]


def test_refresh_and_back_lead_to_the_first_unanswered_trial():
    study = make_study()
    listener = Listener(study.slug).begin()
    listener.send()
    token = listener.form()[1]["trial"]
    for address in (
        "",
        f"/study/{study.slug}/sound/",
        f"/study/{study.slug}/clip/",
        f"/study/{study.slug}/end/",
    ):
        listener.get(address)
        assert (listener.address, listener.form()[1]["trial"]) == (f"/study/{study.slug}/clip/", token)


def test_the_personal_link_goes_on_in_another_browser():
    study = make_study()
    first = Listener(study.slug)
    first.get()
    first.send()
    link = re.search(r"/study/[\w-]+/resume/[\w-]+/", first.page).group()
    first.send()
    first.send()
    token = first.form()[1]["trial"]
    second = Listener(study.slug, entry=link)
    second.get()
    assert second.form()[1]["trial"] == token
    assert Participant.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"chosen": ""}, "Please choose one of the answers."),
        ({"chosen": "joy"}, "Please choose one of the answers on this page."),
        ({"confidence": ""}, "Please say how sure you are."),
        ({"confidence": "9"}, "could not be read"),
        ({"chosen": "x" * 500}, "could not be read"),
        ({"chosen": "fe\x00ar"}, "could not be read"),
    ],
)
def test_an_incomplete_or_impossible_answer_gets_a_sentence_and_is_not_stored(sent, message):
    listener = Listener(make_study().slug).begin()
    response = listener.send(**sent)
    assert response.status_code == 400
    assert message in listener.page
    assert Response.objects.count() == 0


def test_without_a_script_the_answer_is_marked_as_not_measured():
    study = make_study()
    Listener(study.slug).begin().send()
    assert list(Response.objects.values_list("listening_measured", "played_seconds")) == [(False, None)]


def test_a_measured_answer_before_the_clip_has_played_is_refused_and_after_it_stored():
    listener = Listener(make_study().slug).begin()
    assert listener.send(played_seconds="0.2").status_code == 400
    assert "listen to the whole clip" in listener.page
    listener.send(played_seconds="1.01", plays="2", hidden_seconds="oops")
    assert list(Response.objects.values_list("listening_measured", "plays", "hidden_seconds")) == [(True, 2, None)]


def test_pressing_agree_twice_makes_one_participation():
    study = make_study()
    listener = Listener(study.slug)
    listener.get()
    address, values, _ = listener.form()
    for _ in range(2):
        Client().post(address, values)
    assert Participant.objects.count() == 1


def test_saying_no_stores_only_that_somebody_declined():
    study = make_study()
    listener = Listener(study.slug)
    listener.get()
    address, values, _ = listener.form()
    listener.client.post(address, {**values, "consent": "no"})
    page = listener.get(f"/study/{study.slug}/end/").content.decode()
    person = Participant.objects.get()
    assert (person.outcome, person.consented_at, person.device) == ("no_consent", None, "")
    assert study.code_no_consent in page


def test_a_forged_ticket_gets_a_fresh_start_page():
    study = make_study()
    listener = Listener(study.slug)
    listener.get()
    response = listener.send(ticket="made-up")
    assert response.status_code == 400
    assert "Please choose again" in listener.page
    assert Participant.objects.count() == 0


def test_unknown_and_draft_studies_look_the_same():
    draft = make_study(publish=False)
    pages = [Client().get(f"/study/{slug}/") for slug in (draft.slug, "no-such-study")]
    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].content == pages[1].content


def test_a_closed_study_says_so_and_lets_those_inside_finish():
    study = make_study()
    inside = Listener(study.slug).begin()
    actions.close(study=study, by=study.owner)
    assert "has ended" in Listener(study.slug).get().content.decode()
    inside.take_part()
    assert Participant.objects.get().outcome == "complete"


def test_a_preview_never_counts():
    study = make_study(publish=False)
    preview = actions.open_preview(study=study, by=study.owner)
    client = Client()
    client.force_login(study.owner)
    Listener(study.slug, client, entry=f"/study/{study.slug}/resume/{preview.token}/").take_part()
    assert Response.objects.count() == 8
    assert list(ratings(study)) == []


def test_yes_no_mode_names_the_emotion_and_offers_yes_and_no():
    study = make_study(mode="yes_no")
    listener = Listener(study.slug).begin()
    trial = Trial.objects.select_related("stimulus").get()
    assert sorted(listener.form()[2]["chosen"]) == ["no", "yes"]
    assert trial.asked_emotion.capitalize() in listener.page


@pytest.mark.database
@pytest.mark.parametrize("page", ["resume", "withdraw"])
@pytest.mark.parametrize("token", ["%00", "0" * 65, "unknown"])
def test_a_personal_link_that_is_none_gets_a_polite_page(page, token):
    study = make_study()
    response = Client().get(f"/study/{study.slug}/{page}/{token}/")
    assert response.status_code == 404
    assert "<h1" in response.content.decode()


def test_no_identifier_and_no_code_reads_as_a_number_or_a_date():
    from survey.models.participation import make_public_id
    from survey.models.studies import make_code

    made = [make() for make in (make_public_id, make_code) for _ in range(2000)]
    assert [text for text in made if not text[0].isalpha()] == []
    assert {text[0] for text in made[:2000]} == {"q"}
