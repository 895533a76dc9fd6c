"""What is asked and said fits what is presented: every presentation × mode × language, through the real pages."""

import html
import re

import pytest
from django.conf import settings
from django.test import Client

from survey import actions
from survey.exports.describing import describe_study
from survey.first_words import default_wording, is_default
from survey.models import Study, Trial
from survey.models.freezing import STUDY_LIVES
from survey.models.studies import TRANSLATED
from survey.preregistration import write_preregistration
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.participating import Listener
from tests.survey.test_studies import FORM

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _ in settings.LANGUAGES]
CELLS = {"picture_and_music": "matched", "music_only": "music_only", "picture_only": "picture_only"}
FEAR = {"en": "Fear", "de": "Angst", "fr": "Peur", "es": "Miedo", "tr": "Korku"}
# (language, mode) → (about music, about a picture)
ASKED = {
    ("en", "choose"): ("Which emotion does this music express?", "Which emotion does this picture express?"),
    ("de", "choose"): ("Welches Gefühl drückt diese Musik aus?", "Welches Gefühl drückt dieses Bild aus?"),
    ("fr", "choose"): (
        "Quelle émotion cette musique exprime-t-elle ?",
        "Quelle émotion cette image exprime-t-elle ?",
    ),
    ("es", "choose"): ("¿Qué emoción expresa esta música?", "¿Qué emoción expresa esta imagen?"),
    ("tr", "choose"): ("Bu müzik hangi duyguyu ifade ediyor?", "Bu resim hangi duyguyu ifade ediyor?"),
    ("en", "yes_no"): (
        "Does this music express this emotion: Fear?",
        "Does this picture express this emotion: Fear?",
    ),
    ("de", "yes_no"): ("Drückt diese Musik dieses Gefühl aus: Angst?", "Drückt dieses Bild dieses Gefühl aus: Angst?"),
    ("fr", "yes_no"): (
        "Cette musique exprime-t-elle cette émotion : Peur ?",
        "Cette image exprime-t-elle cette émotion : Peur ?",
    ),
    ("es", "yes_no"): ("¿Expresa esta música esta emoción: Miedo?", "¿Expresa esta imagen esta emoción: Miedo?"),
    ("tr", "yes_no"): ("Bu müzik şu duyguyu ifade ediyor mu: Korku?", "Bu resim şu duyguyu ifade ediyor mu: Korku?"),
}
ASKED_BY = ("question", "question_music", "question_picture")
# Nothing of this is said to somebody who only sees pictures …
OF_MUSIC = {
    "en": r"music|\bclips?\b|listen|\bhear|\bsound|\bplay",
    "de": r"Musik|Stück|(?<!auf)hör|Klang|kling|abspiel",
    "fr": r"musi|extrait|écout|entend|\b(?:le|du) son\b|\bsons\b|\bsonne",
    "es": r"músic|fragmento|escuch|\boirá|\boye|suena|sonido",
    "tr": r"müzi|parça|dinle|duyac|\bses",
}
# … and nothing of this to somebody who only hears music.
OF_PICTURES = {"en": "picture", "de": "Bild", "fr": "image", "es": "imagen|imágen", "tr": "resim|resm"}
# The background question of training is asked in every study.
TRAINING = re.compile("musical training|musikalische Ausbildung|formation musicale|formación musical|müzik eğitim")


def words_of(page: str) -> str:
    """What a person reads or hears read: the text, and the attributes that are read out or shown by scripts."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", "", page, flags=re.DOTALL)
    said = re.findall(r'\s(?:alt|aria-label|title|placeholder|data-[a-z-]+)="([^"]*)"', body)
    text = re.sub(r"<[^>]+>", "", body)
    return " ".join(html.unescape(" ".join([text, *said])).split())


def crawl(study, language):
    """The words of every page from consent to thanks."""
    listener = Listener(study.slug)
    listener.get(f"/study/{study.slug}/?language={language}")
    said = []
    while True:
        said.append(words_of(listener.page))
        if listener.address.endswith("/end/"):
            return said
        listener.send()


def fitting_study(presentation, mode, language, **fields):
    return make_study(
        title="2026",
        versions=make_versions(3, emotions=("fear",)),
        lures="none",
        cells={CELLS[presentation]: 1.0},
        mode=mode,
        language=language,
        ask_affect=True,
        ask_word=True,
        **fields,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", ["choose", "yes_no"])
@pytest.mark.parametrize("presentation", CELLS)
def test_every_page_of_every_combination_says_what_fits(presentation, mode, language):
    said = crawl(fitting_study(presentation, mode, language), language)
    music, picture = ASKED[language, mode]
    own, other = (picture, music) if presentation == "picture_only" else (music, picture)
    trials = [words for words in said if own in words]
    assert len(trials) == 3
    everything = TRAINING.sub("", " ".join(said))
    assert other not in everything
    another_mode = ASKED[language, "choose" if mode == "yes_no" else "yes_no"]
    assert not any(question in everything for question in another_mode)
    if presentation == "picture_only":
        assert re.findall(OF_MUSIC[language], everything, re.IGNORECASE) == []
    else:
        assert re.findall(OF_MUSIC[language], everything, re.IGNORECASE)
    if presentation == "music_only":
        assert re.findall(OF_PICTURES[language], everything, re.IGNORECASE) == []
    else:
        assert re.findall(OF_PICTURES[language], everything, re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_a_mixed_study_every_trial_asks_about_what_it_presents_and_instructs_once_per_sort(language):
    cells = dict.fromkeys(("matched", "music_only", "picture_only"), 1.0)
    study = make_study(versions=make_versions(9), cells=cells, clips_per_participant=6, language=language)
    listener = Listener(study.slug).begin()
    music, picture = ASKED[language, "choose"]
    instructed = []
    while listener.address.endswith("/clip/"):
        trial = Trial.objects.select_related("stimulus__condition").get(answered_at=None)
        asked, other = (music, picture) if trial.stimulus.condition.plays_music else (picture, music)
        said = words_of(listener.page)
        assert asked in said
        assert other not in said
        assert ("data-play=" in listener.page) is trial.stimulus.condition.plays_music
        if 'class="hint instructions"' in listener.page:
            instructed.append(trial.stimulus.condition.plays_music)
            own = study.instructions if instructed[-1] else study.instructions_picture
            assert own in said
        listener.send()
    assert sorted(instructed) == [False, True]


def test_a_study_of_pictures_asks_for_no_sound_check_and_no_headphones():
    study = fitting_study("picture_only", "choose", "en", headphones="gate", require_listening=True)
    listener = Listener(study.slug)
    listener.get()
    listener.send()
    assert listener.address == f"/study/{study.slug}/clip/"


def test_between_participants_only_whoever_hears_music_is_asked_to_check_the_sound():
    study = make_study(cells={"matched": 1.0, "picture_only": 1.0}, spread="between", clips_per_participant=3)
    first_pages = {}
    for _ in range(4):
        listener = Listener(study.slug)
        listener.get()
        listener.send()
        person = study.participants.latest("pk")
        first_pages.setdefault(person.condition.presentation, set()).add(listener.address.rsplit("/", 2)[1])
    assert first_pages == {"picture_and_music": {"sound"}, "picture_only": {"clip"}}


def test_another_mode_brings_its_questions_but_leaves_what_was_edited():
    study = make_study(publish=False, translations={"de": {}})
    actions.edit_study(study=study, by=study.owner, question_music="What is this about?", mode="yes_no")
    study.refresh_from_db()
    assert study.question == "Does this music express this emotion: {emotion}?"
    assert study.question_picture == "Does this picture express this emotion: {emotion}?"
    assert study.question_music == "What is this about?"
    assert "whether the music itself expresses" in study.instructions
    actions.edit_study(study=study, by=study.owner, mode="choose")
    study.refresh_from_db()
    assert study.question == "Which emotion does this music express?"
    assert study.question_music == "What is this about?"


def test_other_cells_bring_the_consent_text_that_fits_unless_it_was_edited():
    versions = make_versions(3)
    study = make_study(publish=False, versions=versions)
    assert "each beside a picture" in study.consent_text
    actions.set_stimuli(study=study, versions=versions, by=study.owner, cells={"picture_only": 1.0})
    study.refresh_from_db()
    assert "You will see pictures." in study.consent_text
    assert "hear" not in study.consent_text
    actions.edit_study(study=study, by=study.owner, consent_text="You see something.")
    actions.set_stimuli(study=study, versions=versions, by=study.owner, cells={"music_only": 1.0})
    study.refresh_from_db()
    assert study.consent_text == "You see something."


def test_a_question_for_all_is_asked_about_music_alone_too_and_pictures_keep_one_of_their_own():
    study = actions.create_study(by=make_researcher(), title="A", question="What do you hear?")
    assert study.question_music == "What do you hear?"
    assert study.question_picture == "Which emotion does this picture express?"


def test_former_proposals_are_not_taken_for_edited_whatever_their_line_ends():
    question = "Drückt diese Musik das hier genannte Gefühl aus?"
    study = actions.create_study(by=make_researcher(), title="A", language="de", mode="yes_no", question=question)
    assert study.question == "Drückt diese Musik dieses Gefühl aus: {emotion}?"
    assert is_default("consent_text", study.consent_text.replace("\n", "\r\n"))
    assert not is_default("consent_text", study.consent_text + " Really.")


def test_pictures_alone_without_a_question_of_their_own_are_not_published():
    study = make_study(publish=False, cells={"picture_only": 1.0})
    Study.objects.filter(pk=study.pk).update(question_picture="")
    with pytest.raises(actions.PublishRefused, match="asked about pictures alone"):
        actions.publish(study=study, by=study.owner)


def test_a_translation_without_a_question_that_is_asked_is_refused():
    study = make_study(
        publish=False,
        cells={"matched": 1.0, "picture_only": 1.0},
        translations={"de": {"title": "Eine Studie", "instructions": "Hör zu."}},
    )
    texts = {**study.translations["de"], "question": "Was?", "consent_text": "Ja.", "question_picture": ""}
    Study.objects.filter(pk=study.pk).update(translations={"de": texts})
    with pytest.raises(actions.PublishRefused, match="'de' lacks the question for picture only"):
        actions.publish(study=study, by=study.owner)


def test_a_place_for_one_emotion_where_people_choose_among_all_is_refused():
    study = make_study(publish=False, question="Is this {emotion}?")
    with pytest.raises(actions.PublishRefused, match="has a place for one emotion"):
        actions.publish(study=study, by=study.owner)


@pytest.mark.parametrize(("presentation", "name"), [*zip(CELLS, ASKED_BY, strict=True)])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_question_that_names_no_emotion_is_not_published_in_the_yes_no_mode(presentation, name, language):
    """Above Yes and No it would read: Which emotion do you hear in this music? Awe"""
    study = make_study(publish=False, cells={CELLS[presentation]: 1.0}, translations={"de": {"title": "Eine Studie"}})
    texts = {**default_wording("de", "choose"), **study.translations["de"]}
    own = "Which emotion do you find in this?"
    if language == "en":
        actions.edit_study(study=study, by=study.owner, translations={"de": texts}, **{name: own})
    else:
        actions.edit_study(study=study, by=study.owner, translations={"de": {**texts, name: own}})
    actions.edit_study(study=study, by=study.owner, mode="yes_no")
    what = presentation.replace("_", " ")
    with pytest.raises(actions.PublishRefused, match=rf"question for {what} \({language}\).*\{{emotion\}}") as refused:
        actions.publish(study=study, by=study.owner)
    assert len(refused.value.reasons) == 1
    for twice in ("Is {emotion} {emotion}?", "Is this {Emotion}?"):
        Study.objects.filter(pk=study.pk).update(**{name: twice})
        with pytest.raises(actions.PublishRefused, match="does not say once"):
            actions.publish(study=study, by=study.owner)


def test_music_alone_without_a_question_of_its_own_is_held_to_the_question_for_all():
    study = make_study(publish=False, cells={"music_only": 1.0}, mode="yes_no")
    Study.objects.filter(pk=study.pk).update(question="Which one?", question_music="")
    with pytest.raises(actions.PublishRefused, match=r"question for music only .*does not say once"):
        actions.publish(study=study, by=study.owner)


@pytest.mark.parametrize(
    ("made", "then", "reason"),
    [
        ({}, {"mode": "yes_no"}, "answers are Yes and No"),
        ({"mode": "yes_no"}, {"mode": "choose"}, "Yes and No are among"),
        ({"offer_none": True}, {"offer_none": False}, "None of these"),
        ({"offer_none": False}, {"offer_none": True}, "None of these"),
    ],
)
def test_answers_that_do_not_fit_the_mode_are_not_published(made, then, reason):
    """However the row was changed, past the study's own page."""
    study = make_study(publish=False, **made)
    Study.objects.filter(pk=study.pk).update(**then)
    study.refresh_from_db()
    with pytest.raises(actions.PublishRefused, match=reason):
        actions.publish(study=study, by=study.owner)
    actions.edit_study(study=study, by=study.owner)
    assert actions.publish(study=study, by=study.owner).is_open


def test_a_study_published_with_one_question_keeps_it_and_its_new_version_gets_the_others():
    study = make_study(publish=False, cells={"music_only": 1.0, "picture_only": 1.0}, question="What is it?")
    Study.objects.filter(pk=study.pk).update(question_music="", question_picture="", instructions_picture="")
    Study.objects.filter(pk=study.pk).update(status="published", consent_sha256="x", published_at=study.created_at)
    study.refresh_from_db()
    listener = Listener(study.slug).begin()
    while listener.address.endswith("/clip/"):
        assert "What is it?" in words_of(listener.page)
        listener.send()
    copy = actions.make_new_version(study=study, by=study.owner)
    assert (copy.question_music, copy.question_picture) == ("What is it?", "Which emotion does this picture express?")


def test_the_wordings_are_exported_and_preregistered():
    study = make_study(
        cells={"matched": 1.0, "picture_only": 1.0},
        translations={"de": {"title": "Eine Studie", **default_wording("de", "choose")}},
        clips_per_participant=4,
    )
    described = describe_study(study)
    assert described["question_picture"] == "Which emotion does this picture express?"
    assert described["translations"]["de"]["question_picture"] == "Welches Gefühl drückt dieses Bild aus?"
    text = write_preregistration(study)
    assert "Picture only: “Which emotion does this picture express?”" in text
    assert "Picture and music: “Which emotion does this music express?”" in text
    assert "Music only:" not in text
    assert "(de) Picture only: “Welches Gefühl drückt dieses Bild aus?”" in text


def test_whatever_publication_froze_is_in_the_pack_and_nobodys_address():
    """A hand-written list had left out what an answer that nobody can have heard comes to."""
    study = make_study(unheard="refuse", next_person="laboratory", id_storage="kept", contact="Ada, ada@example.org")
    described = describe_study(study)
    told = {name: described[name] for name in ("unheard", "next_person", "id_storage", "lures", "status", "closed_at")}
    assert told == {
        "unheard": "refuse", "next_person": "laboratory", "id_storage": "kept", "lures": "half", "status": "published",
        "closed_at": None,
    }  # fmt: skip
    frozen = {field.name for field in Study._meta.concrete_fields} - STUDY_LIVES
    late = {"loudness", "devices", "attention_trials", "affect_form", "continuous"}  # told where they are not as before
    late |= {"debriefing", "debrief_own", "debrief_intended", "debrief_others", "cue_design"}
    assert frozen - set(described) == {"id", "previous", "contact"} | late - set(described)
    assert "devices" in describe_study(make_study(slug="phones", devices=["phone"]))
    study.loudness = Study.Loudness.BY_INTENTION  # told where it is not as before there was a choice
    assert describe_study(study)["loudness"] == "by_intention"
    study.cue_design = Study.CueDesign.SQUARE
    assert describe_study(study)["cue_design"] == "square"
    assert set(described) & STUDY_LIVES == {"recruiter", "status", "closed_at"}


def test_the_form_of_a_draft_takes_the_questions_of_every_presentation_and_follows_the_mode():
    study = make_study(publish=False)
    client = Client()
    client.force_login(study.owner)
    address = f"/studies/{study.slug}/"
    page = client.get(address).content.decode()
    assert all(f'name="{name}"' in page for name in ("question_music", "question_picture", "instructions_picture"))
    assert all(f'name="question_picture_{code}"' in page for code in LANGUAGES if code != "en")
    texts = {name: getattr(study, name) for name in TRANSLATED}
    sent = {**FORM, **texts, "question_music": "What is this?", "mode": "yes_no", "also_in": ["de"]}
    sent |= {"question_picture_de": "Was ist das?", "trial_order": "cells_latin"}
    assert client.post(address, sent).status_code == 302
    study.refresh_from_db()
    assert study.question == "Does this music express this emotion: {emotion}?"
    assert study.question_music == "What is this?"
    assert study.trial_order == "cells_latin"
    german = study.translations["de"]
    assert german["question"] == "Drückt diese Musik dieses Gefühl aus: {emotion}?"
    assert german["question_picture"] == "Was ist das?"
    assert "each beside a picture" in study.consent_text
    assert "jedes neben einem Bild" in german["consent_text"]
