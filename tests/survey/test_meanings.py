"""What the words mean, and how long it takes: told alike to everybody, and kept as a study was published."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from survey import actions
from survey.design.trial_forms import TRIAL_FORMS
from survey.exports.describing import describe_study
from survey.first_words import _consent_texts_with_time
from survey.models import Study
from survey.preregistration import frozen_facts, write_preregistration
from survey.queries.glosses import glosses_of
from survey.queries.overview import minutes_of
from survey.wording import CHOICE_WORDS, MEANINGS, meanings_of
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener
from tests.survey.test_languages import GERMAN, force, make

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LIST = re.compile(r'<details class="glosses".*?</details>', re.DOTALL)
# What music or a picture is like: a sentence that named any would hint at an answer.
OF_MUSIC = re.compile(
    r"\b(music|sound|loud|quiet|soft|fast|slow|tempo|major|minor|high|low notes?|bright|dark|calm|energ\w+)\b", re.I
)


def clip_pages(study: Study) -> list[str]:
    listener = Listener(study.slug).begin()
    found = []
    while "trial" in listener.form()[1]:
        found.append(listener.page)
        listener.send()
    return found


def test_every_answer_has_one_plain_sentence_in_every_language_of_the_site() -> None:
    codes = [code for code, _ in settings.LANGUAGES]
    found = meanings_of(MEANINGS, codes)
    assert set(found) == set(CHOICE_WORDS) - {one for form in TRIAL_FORMS.values() for one in form.answers}
    for code in codes:
        sentences = [by_language[code] for by_language in found.values()]
        assert len(set(sentences)) == len(sentences)
        assert all(sentence.endswith(".") and sentence.count(".") == 1 for sentence in sentences)
        assert max(map(len, sentences)) <= 90


def test_no_sentence_says_how_music_or_a_picture_expresses_the_word() -> None:
    assert [
        text for texts in meanings_of(MEANINGS, ["en"]).values() for text in texts.values() if OF_MUSIC.search(text)
    ] == []


@pytest.mark.parametrize("mode", ["choose", "yes_no"])
def test_the_sentences_are_the_same_for_everybody_and_at_every_clip(mode: str) -> None:
    study = make_study(mode=mode, clips_per_participant=4)
    lists = {LIST.search(page).group() for _ in range(2) for page in clip_pages(study)}  # type: ignore[union-attr]
    (told,) = lists
    expected = [str(MEANINGS[slug]) for slug in MEANINGS if mode == "choose" or slug != "none"]
    assert re.findall(r"<dd[^>]*>(.*?)</dd>", told) == expected


def test_every_answer_is_described_by_its_sentence_and_yes_and_no_need_none() -> None:
    (page, *_) = clip_pages(make_study(clips_per_participant=1))
    for slug in MEANINGS:
        assert re.search(rf'value="{slug}" required aria-describedby="gloss-{slug}"', page)
        assert f'<dd id="gloss-{slug}">' in page
    (page, *_) = clip_pages(make_study(mode="yes_no", clips_per_participant=1))
    assert 'aria-describedby="gloss-' not in page


def test_a_study_may_leave_the_sentences_out() -> None:
    study = make_study(clips_per_participant=1, show_glosses=False)
    assert study.glosses == {}
    assert all("gloss" not in page for page in clip_pages(study))


def test_a_new_study_explains_its_words_and_one_of_an_earlier_release_stays_without() -> None:
    assert make_study(publish=False).show_glosses
    assert not Study._meta.get_field("show_glosses").default
    earlier = make_study(clips_per_participant=1)
    # as the migration leaves it
    force(earlier, show_glosses=False, glosses={}, minutes_told=None)
    assert all("gloss" not in page for page in clip_pages(earlier))
    assert "in your browser." not in Client().get(f"/study/{earlier.slug}/").content.decode()
    told = describe_study(Study.objects.get(pk=earlier.pk))
    assert {"show_glosses", "glosses", "minutes_told"}.isdisjoint(told)
    copy = actions.make_new_version(study=earlier, by=earlier.owner)
    assert not copy.show_glosses


def test_a_published_study_keeps_its_sentences_whatever_the_site_says_later(monkeypatch: Any) -> None:
    study = make(GERMAN, clips_per_participant=1)
    assert set(study.glosses["awe"]) == {"en", "de"}
    before = glosses_of(study, "en"), glosses_of(study, "de")
    for slug in MEANINGS:
        monkeypatch.setitem(MEANINGS, slug, "Something else.")
    assert (glosses_of(study, "en"), glosses_of(study, "de")) == before
    draft = actions.make_new_version(study=study, by=study.owner)
    assert {gloss.sentence for gloss in glosses_of(draft, "en")} == {"Something else."}


def test_the_plan_and_the_page_before_publishing_say_that_words_are_explained() -> None:
    study = make(GERMAN, publish=False, clips_per_participant=1)
    client = Client()
    client.force_login(study.owner)
    page = client.get(f"/studies/{study.slug}/publish/").content.decode()
    assert page.count("What the words mean</dt>") == 2
    assert "Sich klein fühlen" in page
    assert "What each word means can be read" in write_preregistration(study)
    published = actions.publish(study=study, by=study.owner)
    facts = dict(frozen_facts(published))
    assert "Awe: Feeling small before something vast or wonderful." in facts["Meaning of the words"]
    assert facts["Time that people are told"] == f"about {published.minutes_told} min"


def test_only_the_answers_that_are_offered_are_explained() -> None:
    study = make_study(versions=make_versions(4, emotions=("awe", "fear")), emotions=("awe", "fear"), offer_none=False)
    assert [gloss.slug for gloss in glosses_of(study, "en")] == ["awe", "fear"]


def test_the_first_page_says_how_long_it_takes_in_the_language_of_the_page() -> None:
    study = make(GERMAN, clips_per_participant=2)
    assert study.minutes_told == minutes_of(study)
    page = Client().get(f"/study/{study.slug}/").content.decode()
    assert re.search(rf"It takes about {study.minutes_told} minutes?, in your browser\.", page)
    page = Client().get(f"/study/{study.slug}/?language=de").content.decode()
    assert re.search(rf"Es dauert ungefähr {study.minutes_told} Minuten?, in Ihrem Browser\.", page)


def test_longer_clips_and_more_of_them_make_it_longer() -> None:
    study = make_study(publish=False, clips_per_participant=8)
    study.stimuli.update(duration_seconds=28.0)
    long = minutes_of(study)
    study.stimuli.update(duration_seconds=58.0)
    assert minutes_of(study) - long == 4  # 8 × 30 s


def test_where_the_consent_text_speaks_of_ten_minutes_no_other_time_stands_beside_it() -> None:
    study = make_study(publish=False)
    Study.objects.filter(pk=study.pk).update(consent_text=next(iter(_consent_texts_with_time("en"))))
    assert actions.publish(study=study, by=study.owner).minutes_told is None
