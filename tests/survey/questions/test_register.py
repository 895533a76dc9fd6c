"""The register: found in its folder, whole, in every language, and with examples that hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import sys

import pytest

import survey.questions
from survey.questions import (
    REGISTER,
    AnswerTable,
    Choice,
    Number,
    Question,
    ResponseColumn,
    Scale,
    Slider,
    Text,
    When,
    in_words,
)
from survey.questions.checking import problems_of
from survey.questions.question import BackgroundKey
from survey.questions.register import find_questions
from survey.questions.translated import say_in, site_languages

MODULES = [
    "survey.figures.distribution",
    "survey.questions",
    *(f"survey.questions.{found.name}" for found in pkgutil.iter_modules(survey.questions.__path__)),
]
ONE_FILE = """
from survey.questions import Question, Scale, When, in_words

HUMMING = Question(
    key="humming",
    wording=in_words(en="Can you hum it?", de="Können Sie es summen?", fr="Pouvez-vous le fredonner ?",
                     es="¿Puede tararearlo?", tr="Mırıldanabilir misiniz?"),
    kind=Scale(3, in_words(en="no", de="nein", fr="non", es="no", tr="hayır"),
               in_words(en="yes", de="ja", fr="oui", es="sí", tr="evet")),
    when=When.CLIP,
    told="humming",
    meaning="Whether the person could hum it.",
)
"""


def asked(**changed):
    said = {"key": "x_1", "wording": "18–24", "kind": Text(), "when": When.CLIP, "told": "x", "meaning": "X."}
    return Question(**said | changed)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_every_public_function_is_documented(name):
    found = vars(importlib.import_module(name)).items()
    public = {word: one for word, one in found if callable(one) and not word.startswith("_")}
    assert [word for word, one in public.items() if getattr(one, "__module__", None) == name and not one.__doc__] == []


def test_a_file_in_a_folder_is_a_question_of_its_register(tmp_path, monkeypatch):
    (tmp_path / "some_questions").mkdir()
    (tmp_path / "some_questions" / "__init__.py").write_text("")
    (tmp_path / "some_questions" / "humming.py").write_text(ONE_FILE)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = find_questions("some_questions")
    assert list(found) == ["humming"]
    assert found["humming"].field == "q_humming"


def test_the_register_holds_what_the_studies_settings_ask_and_the_ready_made_ones():
    stored = {kind: set() for kind in (ResponseColumn, BackgroundKey, AnswerTable)}
    for key, question in REGISTER.items():
        stored[type(question.storage)].add(key)
    assert stored[ResponseColumn] == {"confidence", "valence", "arousal", "word"}
    assert stored[BackgroundKey] == {"age_band", "musical_training", "listened_with"}
    assert stored[AnswerTable] >= {
        *("familiarity", "felt_emotion", "liking", "age", "gender", "first_language", "hearing_difficulties"),
    }


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("valence", "Unpleasant", "Pleasant"),
        ("arousal", "Calm", "Activated"),
        ("confidence", "not at all", "completely"),
        ("familiarity", "never heard", "know it well"),
        ("liking", "not at all", "very much"),
    ],
)
def test_the_higher_number_means_more_of_what_is_asked(key, low, high):
    """With the ends exchanged everybody's answers would mean the opposite."""
    kind = REGISTER[key].kind
    assert (say_in(kind.low, "en"), say_in(kind.high, "en")) == (low, high)


@pytest.mark.parametrize("key", list(REGISTER))
def test_a_question_says_something_else_in_every_language(key):
    question = REGISTER[key]
    said = [say_in(question.wording, language) for language in site_languages()]
    assert len(set(said)) == len(site_languages())
    ends = [getattr(question.kind, name) for name in ("low", "high") if hasattr(question.kind, name)]
    for words in ends:
        assert len({say_in(words, language) for language in site_languages()}) == len(site_languages())


SWITCH = REGISTER["valence"].switch
EVERYWHERE = in_words(en="No", de="Nein", fr="Non", es="No", tr="Hayır")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"key": "No"}, "Its key must have 2 to 50 small letters, digits and underscores, a letter first."),
        ({"key": "n"}, "Its key must have 2 to 50 small letters, digits and underscores, a letter first."),
        ({"key": "a" * 51}, "Its key must have 2 to 50 small letters, digits and underscores, a letter first."),
        ({"key": "x_own_words"}, "Its key must not end with '_own_words': so are the words beside an option called."),
        ({"wording": in_words(en="")}, "Its wording lacks en, de, fr, es, tr: give in_words() every language."),
        ({"wording": in_words(en="X", de="X")}, "Its wording lacks fr, es, tr: give in_words() every language."),
        ({"wording": "Plain"}, "Its wording lacks de, fr, es, tr: give in_words() every language."),
        ({"wrong": "Even ones."}, "Its wrong lacks de, fr, es, tr: give in_words() every language."),
        ({"missing": in_words(en="Say!")}, "Its missing lacks de, fr, es, tr: give in_words() every language."),
        (
            {"kind": Choice({"a": EVERYWHERE, "b": "Perhaps"})},
            "Its option 'b' lacks de, fr, es, tr: give in_words() every language.",
        ),
        (
            {"kind": Choice({"a": EVERYWHERE, "b": EVERYWHERE}, unsaid="Nothing")},
            "Its unsaid lacks de, fr, es, tr: give in_words() every language.",
        ),
        ({"kind": Scale(5, EVERYWHERE, "yes")}, "Its high lacks de, fr, es, tr: give in_words() every language."),
        ({"kind": Scale(5, EVERYWHERE, "")}, "Its high lacks en, de, fr, es, tr: give in_words() every language."),
        ({"kind": Choice([("a", "A")])}, "Its options must be a mapping: name → words."),
        ({"kind": Choice({"a": EVERYWHERE})}, "A choice needs at least two options."),
        (
            {"kind": Choice({"a": EVERYWHERE, "Ünder way!": EVERYWHERE})},
            "An option's name has up to 50 small letters, digits, hyphens and underscores, not 'Ünder way!'.",
        ),
        (
            {"kind": Choice({"a": EVERYWHERE, "b": EVERYWHERE}, own="c")},
            "`own` names 'c', which is none of its options.",
        ),
        ({"kind": Scale(1, EVERYWHERE, EVERYWHERE)}, "A scale has 2 to 11 steps, not 1."),
        ({"kind": Scale(12, EVERYWHERE, EVERYWHERE)}, "A scale has 2 to 11 steps, not 12."),
        (
            {"kind": Slider(EVERYWHERE, EVERYWHERE, least=5, most=5)},
            "A slider goes from a number to a greater one, not from 5 to 5.",
        ),
        (
            {"kind": Slider(EVERYWHERE, EVERYWHERE, most=float("nan"))},
            "A slider goes from a number to a greater one, not from 0 to nan.",
        ),
        (
            {"kind": Slider(EVERYWHERE, EVERYWHERE, steps=0)},
            "A slider has 1 to 100 steps where no script runs, not 0.",
        ),
        (
            {"kind": Number(2, 1)},
            "A number lies between two limits, the lower one first, not between 2 and 1.",
        ),
        ({"kind": Text(501)}, "A text has 1 to 500 characters in 1 to 40 lines, not 501 in 1."),
        (
            {"kind": "text"},
            "Its kind is str, and must be one of Choice, Scale, Slider, Number, Text itself: a study keeps nothing "
            "else, no check of one's own either.",
        ),
        (
            {"kind": Number("a", 3)},
            "A number lies between two limits, the lower one first, not between 'a' and 3.",
        ),
        ({"wording": None}, "Its wording is None, and must be words: in_words(en=…, de=…)."),
        ({"wrong": 5}, "Its wrong is 5, and must be words: in_words(en=…, de=…)."),
        ({"required": "no"}, "`required` must be True or False, not 'no'."),
        ({"values": 4}, "`values` must be text for the codebook, not 4."),
        (
            {"kind": Slider(EVERYWHERE, EVERYWHERE, face="cat")},
            "A slider's face is one of '', 'arousal', 'valence', not 'cat'.",
        ),
        ({"key": ["x"]}, "Its key must have 2 to 50 small letters, digits and underscores, a letter first."),
        ({"when": "now"}, "`when` must be When.BEFORE, When.CLIP or When.AFTER, not 'now'."),
        ({"seconds": "4"}, "`seconds`, how long answering takes, must be a number above 0, not '4'."),
        ({"seconds": -5.0}, "`seconds`, how long answering takes, must be a number above 0, not -5.0."),
        ({"seconds": float("nan")}, "`seconds`, how long answering takes, must be a number above 0, not nan."),
        ({"position": "a"}, "`position`, its order on the page, must be a whole number, not 'a'."),
        ({"meaning": " "}, "It needs `meaning`: words in English for the codebook."),
        ({"told": "x" * 201}, "Its `told` has 201 characters: 200 at most."),
        ({"meaning": "x" * 501}, "Its `meaning` has 501 characters: 500 at most."),
        (
            {"storage": ResponseColumn(9), "when": When.AFTER, "kind": Number(0, 1), "switch": SWITCH},
            "A column of the responses holds answers about clips alone.",
        ),
        (
            {"storage": BackgroundKey("x"), "when": When.BEFORE, "switch": SWITCH},
            "The background is asked after the clips.",
        ),
        ({"storage": ResponseColumn(9)}, "A setting of the study must ask it, or its answers go to the table."),
    ],
)
def test_a_question_that_is_not_whole_is_no_question(changed, problem):
    assert problems_of(asked(**changed)) == [problem]


def test_a_kind_of_ones_own_with_a_check_of_ones_own_is_refused():
    class Even(Number):
        def fits(self, value):
            return super().fits(value) and value % 2 == 0

    assert [said.startswith("Its kind is Even") for said in problems_of(asked(kind=Even(0, 9)))] == [True]


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (ONE_FILE, "Two questions are called 'humming': in odd_questions.a and odd_questions.b."),
        (
            ONE_FILE.replace('"humming"', '"whistling"').replace(', tr="evet"', ""),
            "The question 'whistling' in odd_questions.b: Its high lacks tr: give in_words() every language.",
        ),
    ],
)
def test_what_stands_against_a_question_is_said_with_the_file_that_declares_it(tmp_path, monkeypatch, second, says):
    folder = tmp_path / "odd_questions"
    folder.mkdir()
    for name, text in (("__init__", ""), ("a", ONE_FILE), ("b", second)):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ValueError, match=re.escape(says)):
        find_questions("odd_questions")
    for name in [name for name in sys.modules if name.startswith("odd_questions")]:
        del sys.modules[name]


@pytest.mark.parametrize("key", list(REGISTER))
def test_no_option_is_the_same_in_all_languages_where_it_has_words(key):
    """As the wording and the ends: one that was copied would pass for a translation."""
    for slug, words in getattr(REGISTER[key].kind, "options", {}).items():
        said = {say_in(words, language) for language in site_languages()}
        assert len(said) > 1 or not any(letter.isalpha() for letter in said.pop()), slug
