"""What a researcher hands out to find people, and where a short address leads."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import get_language

from survey import actions
from survey.actions import InvitationRefused
from survey.actions.inviting import SHORTEST_WORD
from survey.inviting import draw_code, messages_of
from survey.models import AuditEntry, Invitation, Study
from survey.models.inviting import LONGEST_WORD
from survey.queries.overview import minutes_of, overview_of
from survey.recruiting import RECRUITERS
from tests.survey.factories import make_study, make_versions
from tests.survey.test_languages import GERMAN, make

pytestmark = pytest.mark.django_db
ADDRESS = "http://testserver/study/a-study/"


def client_of(study: Study) -> Client:
    client = Client()
    client.force_login(study.owner)
    return client


def page_of(study: Study) -> str:
    return client_of(study).get(f"/studies/{study.slug}/invite/").content.decode()


def choose(study: Study, word: str, **more: Any) -> Invitation:
    return actions.set_invitation(study=study, word=word, paid=more.pop("paid", ""), by=study.owner, **more)


def test_publishing_leads_to_what_is_handed_out() -> None:
    study = make_study(publish=False)
    response = client_of(study).post(f"/studies/{study.slug}/publish/")
    assert response["Location"] == f"/studies/{study.slug}/invite/"


@pytest.mark.parametrize("recruiter", ["prolific", "plain"])
def test_the_exact_link_of_every_service_stands_there_and_the_studys_own_comes_first(recruiter: str) -> None:
    study = make_study(recruiter=recruiter, slug="a-study")
    page = page_of(study).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    assert (
        f"{ADDRESS}?PROLIFIC_PID={{{{%PROLIFIC_PID%}}}}&STUDY_ID={{{{%STUDY_ID%}}}}&SESSION_ID={{{{%SESSION_ID%}}}}"
        in page
    )
    assert f"{ADDRESS}?survey_code=%SURVEY_CODE%" in page
    assert f'document.getElementById("study").href = "{ADDRESS}" + location.search' in page
    opened = re.findall(r"<details open><summary>(\w+)", page)
    assert ("Prolific" in opened) == (recruiter == "prolific")
    assert page.count('id="given-') == len([one for one in RECRUITERS.values() if one.person]) == 4


def test_all_codes_stand_there_and_prolific_is_told_where_people_come_back_with_each() -> None:
    study = make_study(recruiter="prolific")
    page = page_of(study)
    for code in (study.code_complete, study.code_screened_out, study.code_no_consent, study.code_quota_full):
        assert f"https://app.prolific.com/submissions/complete?cc={code}" in page
        assert f">{code}</code>" in page


def test_an_address_back_of_the_studys_own_is_shown_in_place_of_the_services() -> None:
    study = make_study(recruiter="prolific", return_url="https://lab.example/back?code={code}")
    page = page_of(study)
    assert f"https://lab.example/back?code={study.code_complete}" in page
    assert "app.prolific.com" not in page


def test_the_code_to_scan_is_drawn_without_styles_that_a_page_may_not_have() -> None:
    drawn = draw_code("https://music.example/study/a-study/")
    assert drawn.startswith("<svg ")
    assert "style=" not in drawn
    assert "<script" not in drawn
    # dark on white whatever the page's colours are, with the white margin of four units that readers need
    assert 'fill="#fff"' in drawn
    assert 'stroke="#000" d="M4 4.5h7' in drawn
    assert draw_code("https://music.example/study/another/") != drawn


def test_the_code_can_be_fetched_as_a_file_for_posters() -> None:
    study = make_study()
    response = client_of(study).get(f"/studies/{study.slug}/invite/code.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert f'filename="{study.slug}.svg"' in response["Content-Disposition"]
    assert response.content.startswith(b"<?xml")
    assert b'xmlns="http://www.w3.org/2000/svg"' in response.content


def test_the_message_stands_there_in_every_language_that_participants_are_offered() -> None:
    study = make(GERMAN)
    choose(study, "hearing", paid="6 €")
    texts = {one.language: one.text for one in messages_of(study, ADDRESS, "6 €")}
    assert list(texts) == study.spoken_languages
    assert len(texts) > 1
    for language, text in texts.items():
        assert study.wording(language)["title"] in text
        assert ADDRESS in text
        assert "6 €" in text
        assert f" {minutes_of(study)} " in text
    assert "Take part here" in texts["en"]
    assert "Hier können Sie teilnehmen" in texts["de"]
    assert get_language() == "en"
    assert 'id="message-de"' in page_of(study)
    assert "http://testserver/s/hearing" in page_of(study)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"matched": 1.0}, "You look at pictures, listen to short pieces of music"),
        ({"music_only": 1.0}, "You listen to short pieces of music and"),
        ({"picture_only": 1.0}, "You look at pictures and answer"),
    ],
)
def test_the_message_says_what_people_do_and_what_they_need(cells: dict[str, float], words: str) -> None:
    study = make_study(cells=cells, headphones="record")
    (message,) = messages_of(study, ADDRESS, "")
    assert words in message.text
    assert ("You need headphones." in message.text) == ("picture_only" not in cells)
    assert "you get" not in message.text


def test_a_message_for_a_service_leaves_the_address_to_the_service() -> None:
    study = make_study(recruiter="sona")
    (text,) = re.findall(r"<textarea id=\"message-en\".*?</textarea>", page_of(study), re.DOTALL)
    assert "Take part here" not in text
    assert "/study/" not in text


def test_minutes_are_those_of_the_page_before_publishing_in_whole_minutes() -> None:
    study = make_study(versions=make_versions(8, seconds=3.0), ask_affect=True)
    assert minutes_of(study) == round(overview_of(study).minutes)
    assert minutes_of(make_study(cells={"picture_only": 1.0}, clips_per_participant=1, ask_background=False)) == 1


def test_a_short_address_leads_to_the_study_and_keeps_what_stands_behind_it() -> None:
    study = make_study()
    choose(study, "Hear-Me")
    for typed in ("/s/hear-me", "/s/hear-me/", "/s/HEAR-ME"):
        response = Client().get(f"{typed}?language=de&external_id=a%20b")
        assert (response.status_code, response["Location"]) == (
            302,
            f"/study/{study.slug}/?language=de&external_id=a+b",
        )
    assert Client().get("/s/hear-me")["Location"] == f"/study/{study.slug}/"
    assert Client().get("/s/nobody").status_code == 404


def test_the_short_address_of_a_draft_leads_nobody_but_its_owner_there() -> None:
    study = make_study(publish=False)
    choose(study, "secret")
    assert Client().get("/s/secret").status_code == 404
    assert client_of(study).get("/s/secret").status_code == 302


@pytest.mark.parametrize(
    "word", ["ab", "a" * (LONGEST_WORD + 1), "two words", "-music", "music-", "mu--sic", "müsik", "a/b", "s\u0131r"]
)
def test_words_that_nobody_could_type_from_a_poster_are_refused_with_what_to_do(word: str) -> None:
    with pytest.raises(InvitationRefused, match=r"choose 3 to 40|letters a to z"):
        choose(make_study(), word)
    assert not Invitation.objects.exists()


def test_words_of_the_shortest_and_the_longest_length_are_taken() -> None:
    for word in ("a" * SHORTEST_WORD, "b" * LONGEST_WORD):
        assert choose(make_study(), word).word == word


def test_a_word_leads_to_one_study_only() -> None:
    choose(make_study(), "music")
    other = make_study()
    with pytest.raises(InvitationRefused, match="another study already"):
        choose(other, "music")
    response = client_of(other).post(f"/studies/{other.slug}/invite/", {"word": "music", "paid": ""})
    assert response.status_code == 400
    assert "leads to another study already" in response.content.decode()


def test_in_a_draft_the_word_changes_freely_and_afterwards_only_by_a_deliberate_step() -> None:
    draft = make_study(publish=False)
    choose(draft, "first")
    choose(draft, "second")
    actions.publish(study=draft, by=draft.owner)
    for word in ("third", ""):
        with pytest.raises(InvitationRefused, match="may stand on posters") as refused:
            choose(draft, word)
        assert refused.value.needs_confirming
    choose(draft, "second", paid="5 €")  # what is paid changes without that step
    client, address = client_of(draft), f"/studies/{draft.slug}/invite/"
    assert client.post(address, {"word": "third", "paid": ""}).status_code == 400
    assert Invitation.objects.get().word == "second"
    assert client.post(address, {"word": "third", "paid": "", "sure": "on"}).status_code == 302
    assert Invitation.objects.get().word == "third"
    assert Client().get("/s/second").status_code == 404


def test_a_first_word_can_be_chosen_after_publishing_without_more_ado() -> None:
    study = make_study()
    assert "may lead nowhere" not in page_of(study)
    assert client_of(study).post(f"/studies/{study.slug}/invite/", {"word": "music", "paid": ""}).status_code == 302
    assert "may lead nowhere" in page_of(study)


def test_a_change_is_in_the_log_and_saving_the_same_is_not() -> None:
    study = make_study()
    choose(study, "music")
    choose(study, "music")
    (entry,) = AuditEntry.objects.filter(study=study, action="invite")
    assert (entry.actor, entry.detail["word"]) == (study.owner, "music")


def test_two_studies_without_a_word_stand_beside_each_other() -> None:
    for _ in range(2):
        choose(make_study(), "", paid="a thank you")
    assert Invitation.objects.filter(word=None).count() == 2


def test_a_draft_goes_with_its_word_and_a_new_version_does_not_take_it() -> None:
    study = make_study()
    choose(study, "music")
    copy = actions.make_new_version(study=study, by=study.owner)
    assert not Invitation.objects.filter(study=copy).exists()
    choose(copy, "music-2")
    actions.remove_study(study=copy, by=study.owner)
    assert [one.word for one in Invitation.objects.all()] == ["music"]


@pytest.mark.parametrize(("length", "fits"), [(2, False), (3, True), (40, True), (41, False)])
def test_a_word_has_three_to_forty_characters(length: int, fits: bool) -> None:
    study = make_study(publish=False)
    if fits:
        assert choose(study, "w" * length).word == "w" * length
        return
    with pytest.raises(InvitationRefused, match="choose 3 to 40"):
        choose(study, "w" * length)
