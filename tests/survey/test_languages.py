"""A study is read in one language as a whole: a translation that lacks something is refused, or not offered."""

import pytest
from django.db import connection
from django.test import Client

from melodymuse_site import triggers
from survey import actions
from survey.actions import PublishRefused
from survey.forms.studies import StudyForm
from survey.models import Participant, StudyChoice
from survey.models.freezing import rules
from survey.models.studies import FOLLOW_OTHERS, TRANSLATED, hash_text
from survey.queries import stimuli as stimulus_queries
from survey.queries import visiting
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
OWN = {
    "title": "Moods",
    "introduction": "Listen please.",
    "consent_text": "You agree.",
    "question": "What is it?",
    "instructions": "To the end.",
    "debriefing": "It was about moods.",
}
GERMAN = {
    "title": "Stimmungen",
    "introduction": "Bitte zuhören.",
    "consent_text": "Sie stimmen zu.",
    "question": "Was ist es?",
    "instructions": "Bis zum Ende.",
    "debriefing": "Es ging um Stimmungen.",
}
NEEDED = [name for name in TRANSLATED if name not in FOLLOW_OTHERS]


def make(german, **fields):
    return make_study(versions=make_versions(2), translations={"de": german}, **{**OWN, **fields})


def force(study, **fields):
    """Change a published study as it may be that was published by an earlier release."""
    triggers.drop(connection, rules)
    type(study).objects.filter(pk=study.pk).update(**fields)
    triggers.create(connection, rules)
    visiting._kept_study.cache_clear()
    stimulus_queries._frozen_choices.cache_clear()


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("left", [None, "", "  \n"])
def test_a_translation_that_lacks_a_text_is_refused_with_its_name(name, left):
    lacking = {key: text for key, text in GERMAN.items() if key != name} | ({name: left} if left is not None else {})
    with pytest.raises(PublishRefused) as refused:
        make(lacking)
    label = StudyForm()[f"{name}_de"].label.removesuffix(" (Deutsch)")
    assert refused.value.reasons == [
        f"The translation into German lacks: “{label}”. Write it, or do not offer German.",
    ]


@pytest.mark.parametrize("name", ["introduction", "instructions"])
def test_a_text_that_the_study_itself_does_not_have_need_not_be_translated(name):
    study = make({key: text for key, text in GERMAN.items() if key != name}, **{name: ""})
    assert study.spoken_languages == ["en", "de"]
    assert study.wording("de")[name] == ""


def test_answers_without_a_word_in_a_language_are_refused_by_name():
    study = make(GERMAN, publish=False)
    StudyChoice.objects.filter(study=study, slug="fear").update(labels={"en": "Fear"})
    assert list(actions.publishing.reasons_against_publishing(study)) == [
        "These answers have no word in German: fear. Save the study once more."
    ]


def test_a_language_that_the_site_does_not_speak_is_refused():
    with pytest.raises(PublishRefused, match="The pages of this site do not speak 'it'"):
        make_study(versions=make_versions(2), translations={"it": GERMAN}, **OWN)


@pytest.mark.parametrize("name", NEEDED)
def test_an_incomplete_translation_of_an_earlier_release_falls_back_as_a_whole(name):
    study = make(GERMAN)
    force(study, translations={"de": {key: text for key, text in GERMAN.items() if key != name}})
    study.refresh_from_db()
    assert study.spoken_languages == ["en"]
    assert {name: study.wording("de")[name] for name in OWN} == OWN
    page = Client(headers={"accept-language": "de"}).get(f"/study/{study.slug}/?language=de").content.decode()
    assert "I agree – start" in page
    assert 'hreflang="de"' not in page
    assert not any(text in page for text in GERMAN.values())


@pytest.mark.parametrize("step", ["sound", "clip", "end"])
def test_who_began_in_a_mixed_language_goes_on_in_the_studys_own(step):
    study = make(GERMAN)
    listener = Listener(study.slug, entry=f"/study/{study.slug}/?language=de")
    listener.get()
    listener.send()
    if step == "clip":
        listener.begin()
    if step == "end":
        listener.take_part()
    assert 'lang="de"' in listener.page
    force(study, translations={"de": {"question": "Was ist es?"}})
    page = listener.get(f"/study/{study.slug}/{step}/").content.decode()
    assert listener.address.endswith(f"/{step}/")
    assert '<html lang="en"' in page
    assert listener.response.headers["Content-Language"] == "en"
    assert "Was ist es?" not in page
    assert ("Fear" in page, "Angst" in page) == (step == "clip", False)


def test_labels_that_lack_a_language_take_the_language_away():
    study = make(GERMAN)
    triggers.drop(connection, rules)
    StudyChoice.objects.filter(study=study, slug="fear").update(labels={"en": "Fear"})
    triggers.create(connection, rules)
    visiting._kept_study.cache_clear()
    study.refresh_from_db()
    assert study.spoken_languages == ["en"]
    page = Listener(study.slug, entry=f"/study/{study.slug}/?language=de").begin().page
    assert ("Freude" in page, "Wut" in page, "Anger" in page) == (False, False, True)


@pytest.mark.parametrize("whole", [True, False])
def test_what_was_agreed_to_is_what_was_shown(whole):
    study = make(GERMAN)
    if not whole:
        force(study, translations={"de": {"consent_text": GERMAN["consent_text"]}})
    page = Client()
    listener = Listener(study.slug, page, entry=f"/study/{study.slug}/?language=de")
    listener.get()
    shown = GERMAN["consent_text"] if whole else OWN["consent_text"]
    assert shown in listener.page
    listener.send(language="de")
    person = Participant.objects.get()
    assert (person.language, person.consent_sha256) == ("de" if whole else "en", hash_text(shown))


def test_an_action_called_with_a_language_that_is_not_whole_stores_the_one_that_is():
    study = make(GERMAN)
    force(study, translations={"de": {}})
    study.refresh_from_db()
    joined = actions.join(study=study, token="a" * 40, language="de")
    declined = actions.decline(study=study, token="b" * 40, language="de")
    assert (joined.language, declined.language) == ("en", "en")
    assert joined.consent_sha256 == hash_text(OWN["consent_text"])


@pytest.mark.parametrize("own", ["en", "de"])
def test_a_study_is_not_offered_in_its_own_language_once_more(own):
    study = make_study(versions=make_versions(2), publish=False, language=own)
    form = StudyForm(instance=study)
    offered = [code for code, _ in form.fields["also_in"].widget.choices]
    assert own not in offered
    assert sorted([*offered, own]) == sorted(code for code, _ in form.fields["language"].choices)
