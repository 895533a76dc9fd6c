"""Which texts name an emotion, in five languages and however they are written; and which do not."""

from __future__ import annotations

import csv
import doctest
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from generation import emotion_words
from generation.emotion_words import LANGUAGES, find_emotion_words, fold, say_found
from generation.emotions import EMOTIONS, SLUGS
from generation.images import demo
from survey.wording import choice_label, names_emotion

TABLE = Path(emotion_words.__file__).with_name("words.csv")
OASIS = Path(settings.BASE_DIR).parent / "shared" / "data" / "oasis" / "oasis.csv"
NAMING = {
    "en": "a sad child|saddened|the saddest|angrily|enraged|frightened|scary|disgusting|joyful|unhappy|awe-inspiring",
    "de": "Traurigkeit|traurige|ein trauriges Kind|Angstgefühl|Todesangst|wütend|Wutanfall|Ängste|angeekelt|Ehrfurcht",
    "fr": "colère|coléreux|une femme effrayée|tristesses|dégoûté|joyeuse|émerveillement|angoissée|écœurant|peurs",
    "es": "enfadado|enfadadas|tristeza|asqueroso|asustadas|alegría|felices|miedo|asombrado|furiosa",
    "tr": "korku|korkuyor|mutsuz|mutlu|kızgın|öfkeli|üzüntülü|tiksindirici|heyecanlı|hüzünlü|hayranlık",
}
WRITTEN = {
    "full-width": "ｓａｄ child",
    "circled": "ⓢⓐⓓ",
    "mathematical": "𝐬𝐚𝐝",
    "capitals": "SAD",
    "Turkish capitals with a dot": "İĞRENÇ",
    "Turkish capitals without one": "KIZGIN",
    "Turkish small letters without marks": "kizgin",
    "no accent": "colere",
    "decomposed": "cole\u0300re",
    "written with e": ["Aergerlich", " froehlich"][0],
    "soft hyphen": "trau\u00adrig",
    "zero-width space": "s\u200bad",
    "zero-width joiner": "s\u200dad",
    "word joiner": "s\u2060ad",
    "combining joiner": "s\u034fad",
    "right-to-left mark": "s\u200fad",
    "Cyrillic letters": "ѕаd",
    "spelled": "s a d",
    "spelled with dots": "s.a.d.",
    "file name": "sad_child-01.jpg",
    "humps": "SadChild.png",
    "an emoji": "a child 😢",
}
HARMLESS = (
    "A saddle and a scarecrow in Madrid|strangers in danger in a garage|contents of a box|a dreadlocked ranger"
    "|Merkel am Enkel, längst empfangen|Ein Fächer, die Ansiedlung|Der Gangster|Eine Trauerweide|Heuschrecke"
    "|un épouvantail près de la peinture|à peine un argent|un agachado, gazapos y telas|espantapájaros"
    "|Ağaç ve korkuluk|açıklık, köprü korkuluğu|Husum|kızıl gökyüzü|matematik|eleman|Urkunde|Hirsch"
    "|Argerich plays|Gluck's opera|Neptune grass|a Peña in Spain|Serena by the sea|Coleridge|the Amazon"
)


@pytest.mark.parametrize(("language", "text"), [(code, t) for code, row in NAMING.items() for t in row.split("|")])
def test_words_that_name_an_emotion_are_found_in_every_language(language: str, text: str) -> None:
    assert find_emotion_words(text), text


@pytest.mark.parametrize("text", WRITTEN.values(), ids=list(WRITTEN))
def test_they_are_found_however_they_are_written(text: str) -> None:
    assert find_emotion_words(text), text


@pytest.mark.parametrize("text", HARMLESS.split("|"))
def test_words_that_only_look_alike_are_not(text: str) -> None:
    assert say_found(text) == ""


@pytest.mark.parametrize("code", [code for code, _ in settings.LANGUAGES])
@pytest.mark.parametrize("slug", SLUGS)
def test_every_answer_that_participants_read_is_among_them(slug: str, code: str) -> None:
    assert names_emotion(choice_label(slug, code))


def test_what_is_found_is_told_as_it_can_be_read() -> None:
    found = find_emotion_words("Une cole\u0300re, s\u200bad; sad and sad")
    assert [str(one) for one in found] == ["“colère” (anger, French)", "“sad” (sadness, English)"]


def test_a_digraph_stands_for_an_umlaut() -> None:
    assert say_found("Aerger, froehlich, wuetend") == (
        "“Aerger” (anger, German), “froehlich” (joy, German), “wuetend” (anger, German)"
    )


def test_descriptions_of_the_demo_pictures_name_none() -> None:
    texts = [demo.describe_painting(emotion) for emotion in EMOTIONS]
    texts += [photograph.alt_text for photograph in demo.sample_photographs()]
    assert len(texts) == 13
    assert [text for text in texts if find_emotion_words(text)] == []


def test_of_725_themes_of_photographs_exactly_those_that_name_an_emotion_are_found() -> None:
    if not OASIS.exists():
        pytest.skip("OASIS is not on this machine")
    with OASIS.open(encoding="utf-8") as stream:
        themes = [row["theme"] for row in csv.DictReader(stream)]
    found = Counter(re.sub(r" \d+$", "", theme) for theme in themes if find_emotion_words(theme))
    named = {"Angry", "Depressed", "Excited", "Frustrated", "Happy", "Miserable", "Sad", "Scared", "Scary"}
    assert {theme.split()[0] for theme in found} == named
    assert (len(themes), sum(found.values())) == (725, 60)


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_table_is_whole() -> None:
    table = rows()
    words = [row for row in table if row["emotion"] != "-"]
    assert {row["language"] for row in words} == set(LANGUAGES)
    assert {row["emotion"] for row in words} == {*SLUGS, "joy"}
    for code in NAMING:
        assert {row["emotion"] for row in words if row["language"] == code} == {*SLUGS, "joy"}
    assert all(row["form"].strip("*") == fold(row["form"].strip("*")) for row in table if row["language"] != "emoji")
    assert len({(row["language"], row["form"]) for row in table}) == len(table)


def test_most_of_each_language_comes_from_the_lexicon_that_the_documents_name() -> None:
    sources = {"en": "WordNet", "de": "OpenThesaurus", "fr": "Dicollecte", "es": "RLA-ES", "tr": "KeNet"}
    told = (Path(settings.BASE_DIR) / "docs" / "decisions" / "words-that-tell.md").read_text(encoding="utf-8")
    for code, name in sources.items():
        of_language = [row["source"] for row in rows() if row["language"] == code]
        assert set(of_language) == {name, "own"}
        assert of_language.count(name) / len(of_language) > 0.75
        assert f"{name}" in told
        assert f"{of_language.count(name)} of {len(of_language)}" in told


def test_the_examples_in_the_documentation_of_the_code_are_right() -> None:
    assert doctest.testmod(emotion_words).failed == 0


INNOCENT = (
    (Path(__file__).with_name("innocent.txt")).read_text(encoding="utf-8").replace("\n", "|").strip("|").split("|")
)
INFLECTED = {
    "en": "mad|pleased|merry|livid|raging|raged|angers|revolted|repelled|petrified|wonder|wondrous|marvel|reverent",
    "de": "zürnt|freuend|staunt|bestaunt|rasend|Raserei|freust|staunend",
    "fr": "des enfants contents|effraient|peiné|peinées|hilare|ébloui",
    "es": "contento|contenta|contentos|contentas|felizmente|divierte|maravilla|admirado|dolido|admiradas|dolidas",
    "tr": "hüznü|korktu|korkar|kızan|kızdılar|ürken|neşesi|neşeyle|huşuyla|sevinen|sevindi|coşmuş"
    "|gazaplı|şaşkınlık|ağlayan",
}
DRAWN = (
    "НАРРY|ТRISTЕ|КОRKU|ΗΑΡΡΥ|ΑΝGΕR|sɑd|ꜱᴀᴅ|🅂🄰🄳|🆂🅰🅳|🇸🇦🇩|a s a d child|a s.a.d. child|s4d|$ad|5ad|f3ar|h4ppy|j0y|sAd"
    "|SADChild|sadchild.jpg|angryface1.png|happyface|averysadchild|childsad|img_s4d_01.png"
)


@pytest.mark.parametrize(("language", "text"), [(code, t) for code, row in INFLECTED.items() for t in row.split("|")])
def test_inflected_words_are_found_as_what_they_are_inflected_from(language: str, text: str) -> None:
    assert find_emotion_words(text), text


@pytest.mark.parametrize("text", DRAWN.split("|"))
def test_other_letters_digits_runs_of_letters_and_words_written_together_hide_nothing(text: str) -> None:
    assert find_emotion_words(text), text


def test_of_three_hundred_descriptions_that_name_no_emotion_none_is_found() -> None:
    assert len(set(INNOCENT)) >= 300
    assert {text: say_found(text) for text in INNOCENT if find_emotion_words(text)} == {}


def test_capitals_of_other_scripts_are_told_apart_before_they_become_small() -> None:
    assert fold("ΗΑΡΡΥ ΝΕ НАРРY ТКМ") == "happy ne happy tkm"
    assert fold("ν") == "v"
