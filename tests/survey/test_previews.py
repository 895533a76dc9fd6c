"""A draft is tried out from its first page on by those who may change it; for all others there is no such study."""

import pytest
from django.test import Client

from survey import actions
from survey.models import AuditEntry, Participant, Response
from tests.survey.factories import make_researcher, make_study
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db
PAGES = ("", "?preview=1", "sound/", "headphones/", "headphones/1.wav", "clip/", "about/", "end/")
FIRST_PAGE = ("Welcome here.", "each beside a picture", "I agree – start", "Deutsch", "nothing you answer here counts")


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def draft(**fields):
    german = {
        "title": "Eine Studie",
        "introduction": "Willkommen hier.",
        "consent_text": "Ja.",
        "question": "Was?",
        "instructions": "Hören Sie zu.",
    }
    fields = {"language": "en", "translations": {"de": german}, **fields}
    return make_study(publish=False, headphones="record", introduction="Welcome here.", **fields)


def test_the_preview_begins_with_introduction_consent_and_languages_and_goes_to_the_end():
    study = draft()
    client = logged_in(study.owner)
    listener = Listener(study.slug, client)
    listener.response = client.post(f"/studies/{study.slug}/preview/", follow=True)
    assert listener.address == f"/study/{study.slug}/"
    assert [words for words in FIRST_PAGE if words not in listener.page] == []
    german = client.get(f"/study/{study.slug}/?language=de&preview=1").content.decode()
    assert "Ja." in german
    visited = []
    while not listener.address.endswith("/end/"):
        visited.append(listener.address.rsplit("/", 2)[1])
        listener.send()
    assert list(dict.fromkeys(visited)) == [study.slug, "sound", "headphones", "clip", "about"]
    assert list(Participant.objects.values_list("kind", "outcome")) == [("preview", "complete")]
    assert AuditEntry.objects.filter(action="preview").count() == 1


@pytest.mark.parametrize("recruiter", ["plain", "prolific"])
def test_a_drafts_own_address_works_for_owner_and_editors_and_needs_no_outside_id(recruiter):
    study = draft(recruiter=recruiter)
    editor = make_researcher("editor")
    actions.share(study=study, user=editor, role="editor", by=study.owner)
    for user in (study.owner, editor):
        page = logged_in(user).get(f"/study/{study.slug}/")
        assert page.status_code == 200
        assert "I agree – start" in page.content.decode()


def test_for_everybody_else_a_draft_does_not_exist_on_any_page_whatever_their_browser_holds():
    study = draft()
    owner = logged_in(study.owner)
    Listener(study.slug, owner).begin()
    preview = Participant.objects.get()
    viewer, stranger = make_researcher("viewer"), make_researcher("stranger")
    actions.share(study=study, user=viewer, role="viewer", by=study.owner)
    for client in (Client(), logged_in(viewer), logged_in(stranger)):
        client.cookies["participation"] = preview.token
        for page in (*PAGES, f"resume/{preview.token}/", f"withdraw/{preview.token}/"):
            response = client.get(f"/study/{study.slug}/{page}", follow=True)
            assert (response.status_code, "There is no study here" in response.content.decode()) == (404, True), page


def test_declining_a_preview_counts_as_little_as_agreeing():
    study = draft()
    client = logged_in(study.owner)
    page = Listener(study.slug, client)
    page.get()
    address, values, _ = page.form()
    client.post(address, {**values, "consent": "no"})
    assert list(Participant.objects.values_list("kind", "outcome")) == [("preview", "no_consent")]
    actions.edit_study(study=study, by=study.owner, title="Another")
    assert not Participant.objects.exists()


def test_a_preview_of_a_published_study_is_asked_for_and_its_researcher_may_take_part_as_well():
    study = make_study()
    client = logged_in(study.owner)
    first = client.get(f"/study/{study.slug}/").content.decode()
    assert "nothing you answer here counts" not in first
    previewing = Listener(study.slug, client, entry=f"/study/{study.slug}/?preview=1").take_part()
    assert "nothing you answer here counts" in previewing.page
    assert set(Participant.objects.values_list("kind", flat=True)) == {"preview"}
    assert Response.objects.count() == 8
    again = client.get(f"/study/{study.slug}/?preview=1").content.decode()
    assert "I agree – start" in again


def test_a_stranger_who_asks_for_a_preview_of_a_published_study_is_a_person_like_all_others():
    study = make_study(clips_per_participant=1)
    Listener(study.slug, entry=f"/study/{study.slug}/?preview=1").take_part()
    assert list(Participant.objects.values_list("kind", flat=True)) == ["person"]
