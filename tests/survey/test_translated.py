"""No sentence that participants can read is left in English: each is marked in the source, and translated."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from django.conf import settings

from tests.survey.sentences import (
    Marked,
    bare_in_code,
    bare_in_script,
    bare_in_template,
    every_marked,
    marked_in_code,
    marked_in_template,
    modules_of_participants,
    pages_of_participants,
    scripts_of_participants,
    shown_of,
)

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
FOLDER = Path(settings.BASE_DIR) / "survey" / "locale"
# The same word in both languages.
SHARED = {
    *((code, "{what}: {clip}") for code in ("de", "es", "tr")),
    ("de", "Pause"),
    ("fr", "Pause"),
    ("fr", "emotion\x04Amusement"),
    ("es", "answer\x04No"),
}
READ_BY_NO_PERSON = {
    # refused by the view in pages of its own, which are translated
    "This study has ended: no new answers are taken any more.",
    "This id has begun already, in another browser.",
    # answers to the player's script, which shows none of them
    "This study is not known.",
    "Another event has this number.",
    "Events are not JSON.",
    "Events are not a short list.",
    "An event is no object.",
    "An event is of no known kind.",
    "An event's number is not between 0 and ",
    "An event lacks its time.",
    "An event's seconds are no number of seconds.",
    "An event's clip is neither the first nor the second.",
    # a key
    "Enter",
}


def catalogue(code: str) -> dict[str, list[str]]:
    """Key → its translations, one for each plural form, as the site reads them."""
    with (FOLDER / code / "LC_MESSAGES" / "django.mo").open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
    found: dict[str, list[str]] = {}
    for key, text in compiled.items():
        found.setdefault(key if isinstance(key, str) else key[0], []).append(text)
    del found[""]
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_of_the_source_is_translated(code: str) -> None:
    texts, known = every_marked(), catalogue(code)
    assert len(texts) > 150
    assert {text.key: place for text, place in texts.items() if not all(known.get(text.key, [""]))} == {}
    # Turkish has one form after a number in the catalogue's own terms; nowhere is a plural left to the singular.
    plurals = [text.key for text in texts if text.plural]
    assert [key for key in plurals if len(known[key]) < 2] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_translation_is_of_a_sentence_that_is_gone(code: str) -> None:
    assert sorted(catalogue(code).keys() - {text.key for text in every_marked()}) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_translation_is_the_english_sentence(code: str) -> None:
    same = {(code, key) for key, texts in catalogue(code).items() if key.split("\x04")[-1] in texts}
    assert same == {(language, key) for language, key in SHARED if language == code}


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_translation_is_only_a_guess_of_a_tool(code: str) -> None:
    assert "fuzzy" not in (FOLDER / code / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", pages_of_participants(), ids=lambda page: page.name)
def test_no_word_on_a_page_of_participants_stands_outside_of_a_translation(page: Path) -> None:
    assert bare_in_template(shown_of(page)) == []


@pytest.mark.parametrize("script", scripts_of_participants(), ids=lambda script: script.name)
def test_scripts_of_participants_take_their_words_from_the_page(script: Path) -> None:
    assert set(bare_in_script(script.read_text(encoding="utf-8"))) - READ_BY_NO_PERSON == set()


@pytest.mark.parametrize("module", modules_of_participants(), ids=lambda module: f"{module.parent.name}.{module.stem}")
def test_no_sentence_of_the_code_behind_those_pages_is_said_in_english_alone(module: Path) -> None:
    assert set(bare_in_code(module.read_text(encoding="utf-8"))) - READ_BY_NO_PERSON == set()


def test_what_is_looked_through_is_what_participants_meet() -> None:
    names = {path.name for path in (*pages_of_participants(), *scripts_of_participants())}
    assert {"base.html", "clip.html", "_where.html", "refused.html", "trial.js", "player.js", "hearing.js"} <= names
    assert "_navigation.html" not in names
    modules = {f"{path.parent.name}.{path.stem}" for path in modules_of_participants()}
    assert {"actions.answering", "actions.hearing", "forms.participant", "views.trials", "views.headphones"} <= modules


def test_marked_texts_are_found_however_they_are_written() -> None:
    page = """{% load i18n %}{% translate "One" %}{% translate 'May' context "month" %}{% trans "Two" as two %}
        {% blocktranslate with a=b %}Three {{ a }}{% endblocktranslate %}
        {% blocktranslate count n=m %}{{ n }} clip{% plural %}{{ n }} clips{% endblocktranslate %}"""
    assert set(marked_in_template(page)) == {
        Marked("One"),
        Marked("month\x04May"),
        Marked("Two"),
        Marked("Three %(a)s"),
        Marked("%(n)s clip", "%(n)s clips"),
    }
    code = (
        "from django.utils.translation import gettext as say, pgettext_lazy\nsay('One')\npgettext_lazy('a', 'B' 'C')\n"
    )
    assert list(marked_in_code(code)) == [Marked("One"), Marked("a\x04BC")]
    with pytest.raises(AssertionError, match="line 2: gettext is handed what is made while the site runs"):
        list(marked_in_code("from django.utils.translation import gettext\ngettext(f'{1} clip')\n"))


def test_bare_words_are_found_wherever_they_stand() -> None:
    page = """<p>{% translate "Said" %} {{ name }}</p><p>Not said</p><img alt="A hill"><input type="submit" value="Go">
        {% blocktranslate %}Said{% endblocktranslate %} {# a note #} <b>MelodyMuse</b>"""
    assert bare_in_template(page) == ["Not said", "A hill", "Go"]
    script = 'import { a } from "./a.js"; // not this one\nstatus.textContent = "Please wait"; b = `${n} clips left`;'
    assert bare_in_script(script) == ["Please wait", "${n} clips left"]
    code = '"""Not this one."""\nfrom django.utils.translation import gettext as _\n_("Nor this"), "But this", "a"'
    assert bare_in_code(code) == ["But this"]
