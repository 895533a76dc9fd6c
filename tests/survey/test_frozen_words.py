"""After publication everything that can still be changed is changed, and every participant's page stays as it was."""

import importlib
import re
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import DatabaseError, models, transaction
from django.db.models import F
from django.test import Client

from generation.models import SourceImage
from melodymuse_site import triggers
from survey import actions
from survey.models import Condition, Stimulus, Study, StudyChoice, StudyMember
from survey.models.freezing import rules
from survey.queries import stimuli as stimulus_queries
from survey.queries import stimulus_facts, visiting
from survey.views import clip_page
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
GERMAN = {
    "title": "Stimmungen",
    "introduction": "Hören Sie zu.",
    "consent_text": "Ich stimme zu.",
    "question": "Was hören Sie?",
    "instructions": "Bis zum Ende.",
}
TEXTS = models.CharField | models.TextField | models.JSONField | models.FileField
# Where people come from and go to may be mended while a study runs: the service's parameters and the way back.
LIVES_ON_PURPOSE = {"recruiter", "return_url", "status"}
TOKENS = re.compile(r'name="(csrfmiddlewaretoken|ticket)" value="[^"]+"')


def forget_caches():
    """As a process does that starts after the change."""
    for cached in (
        stimulus_queries._frozen_facts,
        stimulus_queries._facts_by_key,
        stimulus_queries._frozen_sounds,
        stimulus_queries._frozen_choices,
        visiting._kept_study,
        clip_page._skeleton,
    ):
        cached.cache_clear()


def make_people(study):
    """One browser on each page from the sound check to the end."""
    entry = f"/study/{study.slug}/?language=de"
    at_sound = Listener(study.slug, entry=entry)
    at_sound.get()
    at_sound.send()
    at_headphones = Listener(study.slug, entry=entry)
    at_headphones.get()
    at_headphones.send()
    at_headphones.send()
    people = [at_sound, at_headphones]
    people += [Listener(study.slug, entry=entry).begin() for _ in range(4)]
    people.append(Listener(study.slug, entry=entry).take_part())
    return people


def pages_of(study, people):
    forget_caches()
    found = []
    for code in ("en", "de"):
        found.append(Client().get(f"/study/{study.slug}/?language={code}").content.decode())
    for person in people:
        found.append(person.client.get(f"/study/{study.slug}/", follow=True).content.decode())
    return [TOKENS.sub("", page) for page in found]


def changed(field, value):
    if isinstance(field, models.JSONField):
        return {"another": "thing"}
    return f"{value}, another"[-(field.max_length or 2000) :]


def change_everything():
    """Every text of every row around a study, past every form; what the database refuses stays. What was changed."""
    done = set()
    around = [Study, StudyChoice, Condition, Stimulus, StudyMember, get_user_model()]
    for model in [*apps.get_app_config("generation").get_models(), *around]:
        texts = [field for field in model._meta.concrete_fields if isinstance(field, TEXTS)]
        for field in [f for f in texts if f.name not in LIVES_ON_PURPOSE]:
            for row in model.objects.all():
                try:
                    with transaction.atomic():
                        new = changed(field, getattr(row, field.attname))
                        model.objects.filter(pk=row.pk).update(**{field.name: new})
                except DatabaseError:
                    continue
                done.add((model.__name__, field.name))
    SourceImage.objects.update(width=F("width") + 1, height=F("height") + 1, uploader=None)
    return done


@pytest.mark.parametrize("mode", ["choose", "yes_no"])
def test_every_page_stays_as_it_was_published(mode):
    german = GERMAN | ({"question": "Hören Sie {emotion}?"} if mode == "yes_no" else {})
    versions = make_versions(4)
    study = make_study(
        versions=versions, mode=mode, translations={"de": german}, introduction="Listen.", contact="ada@example.org"
    )
    people = make_people(study)
    before, facts = pages_of(study, people), stimulus_facts(study)
    done = change_everything()
    assert {("SourceImage", "alt_text"), ("SourceImage", "title"), ("SourceImage", "file")} <= done
    assert {("Emotion", "label"), ("User", "username"), ("Study", "code_complete")} <= done
    assert not {name for model, name in done if model in {"StudyChoice", "Condition", "Stimulus"}}
    after = pages_of(study, people)
    assert after == before
    assert stimulus_facts(study) == facts
    assert sum("Stimmungen" in page for page in before) >= 8
    assert sum(">A plain area</figcaption>" in page for page in before) >= 4


def test_a_draft_takes_the_description_of_the_day_it_is_published():
    versions = make_versions(2)
    study = make_study(versions=versions, publish=False)
    SourceImage.objects.update(alt_text="A grey area", width=99)
    assert set(study.stimuli.values_list("picture_description", "picture_width")) == {("A plain area", 64)}
    actions.publish(study=study, by=study.owner)
    assert set(study.stimuli.values_list("picture_description", "picture_width")) == {("A grey area", 99)}
    copy = actions.make_new_version(study=study, by=study.owner)
    SourceImage.objects.update(alt_text="A red area")
    assert set(copy.stimuli.values_list("picture_description", flat=True)) == {"A grey area"}
    actions.publish(study=copy, by=study.owner)
    assert set(copy.stimuli.values_list("picture_description", flat=True)) == {"A red area"}


@pytest.mark.parametrize(
    "words", ["a sad child", "Traurigkeit", "une colère", "korku", "ｓａｄ", "ein Angstgefühl", "enfadado", "mutsuz"]
)
def test_a_description_that_names_an_emotion_reaches_no_participant(words):
    versions = make_versions(2)
    SourceImage.objects.update(alt_text=words)
    study = make_study(versions=versions)
    assert set(study.stimuli.values_list("picture_description", flat=True)) == {""}
    page = Listener(study.slug).begin().page
    assert 'alt="The picture of this clip"' in page
    assert words not in page


def test_the_researcher_sees_what_was_found_when_choosing_and_before_publishing():
    versions = make_versions(2)
    SourceImage.objects.filter(pk=versions[0].pair.image_id).update(alt_text="Traurigkeit", title="One")
    study = make_study(versions=versions, publish=False)
    client = Client()
    client.force_login(study.owner)
    clips = client.get(f"/studies/{study.slug}/clips/").content.decode()
    assert clips.count("Its description names an emotion: “Traurigkeit” (sadness, German)") == 1
    page = client.get(f"/studies/{study.slug}/").content.decode()
    assert "The description of “One” names an emotion: “Traurigkeit” (sadness, German)" in page
    actions.publish(study=study, by=study.owner)
    assert "names an emotion" not in client.get(f"/studies/{study.slug}/").content.decode()


def test_stimuli_published_before_are_filled_from_their_pictures():
    study = make_study(versions=make_versions(2))
    migration = importlib.import_module("survey.migrations.0009_frozen_description")
    connection = transaction.get_connection()
    triggers.drop(connection, rules)  # as they stand aside while a site is migrated
    study.stimuli.update(picture_description="", picture_width=0, picture_height=0)
    migration.copy_from_pictures(apps, SimpleNamespace(connection=connection))
    triggers.create(connection, rules)
    assert set(study.stimuli.values_list("picture_description", "picture_width", "picture_height")) == {
        ("A plain area", 64, 48)
    }


def test_a_description_copied_before_its_word_was_known_is_still_kept_back():
    study = make_study(versions=make_versions(2))
    triggers.drop(transaction.get_connection(), rules)
    study.stimuli.update(picture_description="a sad child")
    triggers.create(transaction.get_connection(), rules)
    forget_caches()
    assert "a sad child" not in Listener(study.slug).begin().page
