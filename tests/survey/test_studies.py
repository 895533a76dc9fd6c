"""The researcher's pages: who may see what, and a study from the first form to a new version."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generation.emotions import SLUGS
from survey import actions
from survey.models import AuditEntry, Participant, Stimulus, Study
from survey.wording import default_wording
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db

PAGES = ["", "clips/", "monitor/"]
DEEDS = ["preview/", "publish/", "close/", "version/", "remove/", "share/", "unshare/"]


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


FORM = {
    "title": "Moods",
    "consent_text": "I agree.",
    "question": "Which emotion does this music express?",
    "mode": "choose",
    "emotions": ["fear", "awe", "sadness"],
    "offer_none": "on",
    "ask_confidence": "on",
    "clips_per_participant": "3",
    "practice_trials": "0",
    "gold_trials": "0",
    "repeat_trials": "0",
    "spread": "within",
    "headphones": "none",
    "headphone_test": "huggins",
    "recruiter": "plain",
    "code_complete": "DONE",
    "code_screened_out": "OUT",
    "code_no_consent": "NO",
    "code_quota_full": "FULL",
    "language": "en",
    "lease_minutes": "15",
    "idle_minutes": "60",
    "require_listening": "on",
}


def test_a_study_is_made_previewed_published_and_closed_in_pages():
    versions = make_versions(3, emotions=("fear", "awe", "sadness"))
    user = make_researcher()
    client = logged_in(user)
    assert client.get("/studies/new/").status_code == 200
    response = client.post("/studies/new/", FORM)
    assert (response.status_code, response.headers["Location"]) == (302, "/studies/moods/clips/")

    chosen = {
        "cell_matched": "on",
        "weight_matched": "1",
        "main": [str(version.public_id) for version in versions],
    }
    client.post("/studies/moods/clips/", chosen)
    study = Study.objects.get(slug="moods")
    assert sorted(study.stimuli.values_list("emotion", flat=True)) == ["awe", "fear", "sadness"]
    assert [choice.slug for choice in study.choices.all()] == ["awe", "fear", "sadness", "none"]

    client.post("/studies/moods/preview/")
    preview = Listener("moods", client)
    preview.get()
    assert "nothing you answer here counts" in preview.page
    preview.take_part()
    assert list(Participant.objects.values_list("kind", "outcome")) == [("preview", "complete")]

    client.post("/studies/moods/publish/")
    study.refresh_from_db()
    assert study.status == "published"
    Listener("moods").take_part()
    page = client.get("/studies/moods/monitor/").content.decode()
    assert "<dt>Complete</dt><dd>1</dd>" in page
    client.post("/studies/moods/close/")
    study.refresh_from_db()
    assert study.status == "closed"
    deeds = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert deeds == ["create", "choose_clips", "preview", "publish", "close"]


def test_publishing_names_every_reason_at_once_and_changes_nothing():
    user = make_researcher()
    client = logged_in(user)
    client.post("/studies/new/", {**FORM, "consent_text": ""})
    page = client.post("/studies/moods/publish/", follow=True).content.decode()
    assert "Write the consent text" in page
    assert "Choose at least one clip" in page
    assert Study.objects.get().status == "draft"


def test_a_clip_file_that_changed_on_disk_refuses_publication(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = make_study(publish=False)
    (tmp_path / study.stimuli.first().audio).write_bytes(b"another clip")
    with pytest.raises(actions.PublishRefused, match="has changed since it was made"):
        actions.publish(study=study, by=study.owner)


def test_what_is_meant_must_be_among_the_answers():
    study = make_study(publish=False, emotions=["fear", "awe"])
    with pytest.raises(actions.PublishRefused, match="amusement, anger, contentment"):
        actions.publish(study=study, by=study.owner)


def test_a_mistake_in_the_form_is_shown_and_the_draft_stays():
    study = make_study(publish=False)
    client = logged_in(study.owner)
    response = client.post(f"/studies/{study.slug}/", {**FORM, "title": "", "clips_per_participant": "0"})
    assert response.status_code == 400
    study.refresh_from_db()
    assert study.title == "A study"


def test_editing_a_draft_saves_wording_rules_and_plan():
    study = make_study(publish=False)
    client = logged_in(study.owner)
    sent = {
        **FORM,
        "title": "Another",
        "gold_trials": "3",
        "gold_needed": "3",
        "planned_n": "120",
        "stop_rule": "at 120",
    }
    assert client.post(f"/studies/{study.slug}/", sent).status_code == 302
    study.refresh_from_db()
    assert (study.title, study.exclusion_rules) == ("Another", {"gold_needed": 3})
    assert study.analysis_plan == {"planned_n": 120, "stop_rule": "at 120"}


def test_a_new_version_copies_everything_and_leaves_the_old_one_alone():
    study = make_study(cells={"matched": 1.0, "music_only": 2.0})
    copy = actions.make_new_version(study=study, by=study.owner)
    assert (copy.slug, copy.number, copy.previous, copy.status) == (f"{study.slug}-v2", 2, study, "draft")
    assert copy.stimuli.count() == study.stimuli.count() == 16
    assert (
        set(copy.stimuli.values_list("public_id", flat=True)) & set(study.stimuli.values_list("public_id", flat=True))
        == set()
    )
    assert actions.publish(study=copy, by=study.owner).status == "published"
    study.refresh_from_db()
    assert study.status == "published"


def test_the_four_cells_show_and_play_what_they_say():
    study = make_study(cells=dict.fromkeys(("matched", "mismatched", "music_only", "picture_only"), 1.0))
    facts = {
        (s.condition.name, bool(s.picture_file), bool(s.audio), s.picture_emotion == s.emotion)
        for s in Stimulus.objects.select_related("condition")
    }
    assert facts == {
        ("Matching pair", True, True, True),
        ("Mismatched pair", True, True, False),
        ("Music only", False, True, False),
        ("Picture only", True, False, True),
    }
    assert study.stimuli.count() == 32


@pytest.mark.parametrize("page", [*PAGES, *DEEDS])
def test_strangers_log_in_and_researchers_of_other_studies_find_nothing(page):
    study = make_study(publish=False)
    address = f"/studies/{study.slug}/{page}"
    method = "post" if page in DEEDS else "get"
    response = getattr(Client(), method)(address)
    assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/login/?next={address}")
    other = logged_in(make_researcher("other"))
    assert getattr(other, method)(address).status_code == 404


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("viewer", {"": 200, "clips/": 404, "monitor/": 200, "publish/": 404, "close/": 404}),
        ("editor", {"": 200, "clips/": 200, "monitor/": 200, "publish/": 302, "close/": 302}),
    ],
)
def test_sharing_opens_the_pages_of_the_role_and_no_more(role, statuses):
    study = make_study(publish=False)
    guest = make_researcher("guest")
    owner = logged_in(study.owner)
    owner.post(f"/studies/{study.slug}/share/", {"username": "guest", "role": role})
    client = logged_in(guest)
    found = {
        page: getattr(client, "post" if page in DEEDS else "get")(f"/studies/{study.slug}/{page}").status_code
        for page in statuses
    }
    assert found == statuses
    assert ("A study" in client.get("/studies/").content.decode()) is True


def test_an_administrator_sees_all_studies(admin_client):
    study = make_study(publish=False)
    assert admin_client.get(f"/studies/{study.slug}/").status_code == 200


def test_somebody_without_the_permission_makes_no_study(django_user_model):
    client = logged_in(django_user_model.objects.create_user("visitor"))
    assert client.get("/studies/new/").status_code == 403
    assert client.get("/studies/").status_code == 200


def test_the_list_asks_the_database_the_same_number_of_questions_for_one_and_for_three_studies():
    owner = make_researcher()
    client = logged_in(owner)
    make_study(by=owner, versions=make_versions(2), publish=False)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get("/studies/")
        counts.append(len(queries))
        for number in range(2):
            make_study(by=owner, versions=make_versions(2, first=10 * number + 20), publish=False)
    assert counts[0] == counts[1]


def test_a_published_study_is_frozen_for_its_pages_too():
    study = make_study()
    client = logged_in(study.owner)
    client.post(f"/studies/{study.slug}/", {**FORM, "title": "Another"})
    page = client.get(f"/studies/{study.slug}/clips/", follow=True).content.decode()
    study.refresh_from_db()
    assert study.title == "A study"
    assert "Make a new version" in page


def test_the_demo_study_is_open_and_has_its_clips():
    study = actions.create_demo_study(by=make_researcher(), versions=make_versions())
    assert (study.slug, study.status, study.stimuli.count()) == ("demo", "published", 8)
    assert Client().get("/study/demo/").status_code == 200
    assert set(study.spoken_languages) == {"en", "de", "fr", "es", "tr"}
    titles = {study.wording(code)["title"] for code in study.spoken_languages}
    assert len(titles) == 5
    assert len({study.wording(code)["introduction"] for code in study.spoken_languages}) == 5
    german = Client().get("/study/demo/?language=de").content.decode()
    assert "Welches Gefühl hören Sie?" in german
    assert "Hören Sie ein paar kurze Klavierstücke an" in german


def test_the_plan_can_be_filed_as_a_preregistration():
    study = make_study(
        analysis_plan={"primary_measure": "hit rate", "planned_n": 120}, exclusion_rules={"gold_needed": 3}
    )
    response = logged_in(study.owner).get(f"/studies/{study.slug}/preregistration.md")
    text = response.content.decode()
    assert "- Primary measure: hit rate" in text
    assert "- Planned number of participants: 120" in text
    assert "- at least 3 of the gold trials answered as expected" in text
    assert text.count("- ") > study.stimuli.count()
    assert study.consent_text in text
    assert logged_in(make_researcher("other")).get(f"/studies/{study.slug}/preregistration.md").status_code == 404


def test_a_study_in_two_languages_keeps_its_words_with_the_version():
    study = make_study(publish=False)
    client = logged_in(study.owner)
    sent = {
        **FORM,
        "emotions": [*SLUGS],
        "clips_per_participant": "2",
        "also_in": ["de", "tr"],
        "question_de": "Was hören Sie?",
        "title_de": "Stimmungen",
        "title_tr": "Ruh halleri",
        "consent_text_de": "Ich stimme zu.",
        "consent_text_tr": "Kabul ediyorum.",
    }
    assert client.post(f"/studies/{study.slug}/", sent).status_code == 302
    study.refresh_from_db()
    assert study.languages == ["en", "de", "tr"]
    assert study.translations["de"]["question"] == "Was hören Sie?"
    assert study.translations["tr"]["question"] == default_wording("tr", "choose")["question"]
    assert study.choices.get(slug="fear").labels == {"en": "Fear", "de": "Angst", "tr": "Korku"}
    actions.publish(study=study, by=study.owner)
    listener = Listener(study.slug, entry=f"/study/{study.slug}/?language=de").begin()
    assert "Was hören Sie?" in listener.page
    assert "Angst" in listener.page
    assert 'lang="de"' in listener.page
    assert listener.response.headers["Content-Language"] == "de"


def test_a_browser_that_prefers_turkish_gets_turkish_where_the_study_speaks_it():
    own = {"title": "Ruh halleri", "instructions": "Dinleyin."}
    translated = {"tr": {"consent_text": "Kabul", "question": "Hangi duygu?", **own}}
    study = make_study(translations=translated)
    page = Client(headers={"accept-language": "tr"}).get(f"/study/{study.slug}/")
    assert "Kabul ediyorum" in page.content.decode()
    page = Client(headers={"accept-language": "fr"}).get(f"/study/{study.slug}/")
    assert "I agree – start" in page.content.decode()


def test_a_text_of_ones_own_is_never_replaced_by_the_default_of_another_language():
    study = make_study(publish=False)
    client = logged_in(study.owner)
    sent = {**FORM, "emotions": [*SLUGS], "clips_per_participant": "2", "also_in": ["de"], "title_de": "Stimmungen"}
    client.post(f"/studies/{study.slug}/", {**sent, "question": "Which mood do you hear?"})
    page = client.get(f"/studies/{study.slug}/").content.decode()
    assert "The translation into German lacks: “What people agree to”, “What is asked: picture and music”." in page
    defaults = default_wording("en", "choose")
    written = {name: text.replace("\n", "\r\n") for name, text in defaults.items()}
    client.post(f"/studies/{study.slug}/", {**sent, **written})
    study.refresh_from_db()
    matching = default_wording("de", "choose", ["picture_and_music"])
    assert study.translations["de"] == {"title": "Stimmungen", **matching}
    assert "lacks" not in client.get(f"/studies/{study.slug}/").content.decode()
