"""The participant's words in every language of the site: complete, compiled, and different from one another."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

from survey.wording import CHOICE_WORDS, choice_label, default_wording

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
FOLDER = Path(settings.BASE_DIR) / "survey" / "locale"
PLACE = re.compile(r"%\(\w+\)s")


def entries(code):
    """(context and text, translations) of the language's source file."""
    blocks = (FOLDER / code / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8").split("\n\n")[1:]
    for block in blocks:
        context = re.search(r'^msgctxt "(.*)"', block, re.M)
        text = re.search(r'^msgid "(.*)"', block, re.M).group(1)
        key = f"{context.group(1)}\x04{text}" if context else text
        yield key, re.findall(r'^msgstr(?:\[\d\])? "(.*)"', block, re.M)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_text_is_translated_with_the_same_places_for_numbers(code):
    for text, translations in entries(code):
        assert all(translations), text
        for translation in translations:
            assert sorted(PLACE.findall(translation)) == sorted(PLACE.findall(text)), text


def test_all_languages_translate_the_same_texts():
    keys = [sorted(text for text, _ in entries(code)) for code in LANGUAGES]
    assert all(key == keys[0] for key in keys)
    assert len(keys[0]) > 100


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_compiled_is_what_is_written(code):
    with (FOLDER / code / "LC_MESSAGES" / "django.mo").open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)._catalog
    for text, translations in entries(code):
        found = compiled.get(text) or compiled.get((text, 0))
        assert found == translations[0].replace('\\"', '"')


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_answers_are_thirteen_different_words_in_each_language(code):
    words = {slug: choice_label(slug, code) for slug in CHOICE_WORDS}
    assert len(set(words.values())) == 13
    assert words["fear"] != "Fear"


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_default_consent_text_is_in_the_language(code):
    english = default_wording("en", "choose")
    assert all(default_wording(code, "choose")[name] != text for name, text in english.items())
