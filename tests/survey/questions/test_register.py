"""The register: found in its folder, whole, in every language, and with examples that hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import survey.questions
from survey.questions import REGISTER, AnswerTable, Number, Question, ResponseColumn, Text, When, in_words
from survey.questions.question import BackgroundKey
from survey.questions.register import collect, find_questions, problems_of
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
    kind=Scale(3, in_words(en="no"), in_words(en="yes")),
    when=When.CLIP,
    told="humming",
    meaning="Whether the person could hum it.",
)
"""


def asked(**changed):
    said = {"key": "x_1", "wording": "X?", "kind": Text(), "when": When.CLIP, "told": "x", "meaning": "X."}
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


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"key": "No"}, "Its key may have small letters, digits and underscores alone."),
        ({"wording": in_words(en="")}, "It has no wording in en, de, fr, es, tr."),
        ({"meaning": ""}, "It needs words for the plan (`told`) and the codebook (`meaning`)."),
        (
            {"storage": ResponseColumn(9), "when": When.AFTER, "kind": Number(0, 1)},
            "A column of the responses holds answers about clips alone.",
        ),
        ({"storage": BackgroundKey("x"), "when": When.BEFORE}, "The background is asked after the clips."),
        ({"storage": ResponseColumn(9)}, "A setting of the study must ask it, or its answers go to the table."),
    ],
)
def test_a_question_that_is_not_whole_is_no_question(changed, problem):
    assert problem in problems_of(asked(**changed))
    with pytest.raises(ValueError, match="The question"):
        collect([asked(**changed)])


def test_two_questions_of_one_name_are_refused():
    with pytest.raises(ValueError, match="Two questions are called 'x_1'"):
        collect([asked(), asked(told="another")])
