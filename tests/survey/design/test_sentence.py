"""A design in one sentence: what it asks for, what of it can be read back, and how it is said."""

import doctest
from itertools import combinations

import pytest

from survey.actions.cells import CELLS, cell_key
from survey.design import listed, sentence, templates
from survey.design.sentence import ANYBODY, HEARD, SILENCE, Sentence, read_sentence

MUSIC = [(), (ANYBODY,), ("muse",), ("muse", "paper"), ("a", "b", "c")]
WAYS = [way for count in (1, 2) for way in combinations(HEARD, count)]


@pytest.mark.parametrize("module", [listed, sentence, templates])
def test_examples_hold(module):
    assert doctest.testmod(module).failed == 0


def test_a_sentence_speaks_of_cells_that_there_are():
    assert set(HEARD) | {SILENCE} | {"mismatched"} == set(CELLS)
    assert list(Sentence(("muse",), ("matched",)).cells()) == [cell_key("matched", "muse")]


@pytest.mark.parametrize("silence", [False, True])
@pytest.mark.parametrize("heard", WAYS)
@pytest.mark.parametrize("music", MUSIC)
def test_every_sentence_is_read_back_from_its_cells(music, heard, silence):
    said = Sentence(music, heard if music else (), silence)
    assert len(said.cells()) == len(music) * len(said.heard) + silence
    assert read_sentence(said.cells()) == (said if said.cells() else None)


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"mismatched": 1.0},
        {"matched": 1.0, "mismatched": 1.0},
        {"matched": 2.0, "music_only": 1.0},
        {"matched:muse": 1.0, "music_only:paper": 1.0},
        {"matched": 1.0, "music_only:paper": 1.0},
    ],
)
def test_what_no_sentence_says_is_read_as_none(cells):
    assert read_sentence(cells) is None


@pytest.mark.parametrize(
    ("said", "between", "words"),
    [
        (
            Sentence(("muse", "paper")),
            True,
            "The same pictures with muse and with paper; each person gets one of the two.",
        ),
        (Sentence((), (), True), False, "The pictures in silence; everyone gets it."),
        (Sentence(("a", "b"), ("music_only",)), False, "The music of a and b alone; everyone gets both."),
        (
            Sentence(("a", "b", "c"), ("matched", "music_only"), True),
            False,
            "The same pictures with a, with b, with c and in silence, and the music of a, b and c alone; "
            "everyone gets all 7.",
        ),
    ],
)
def test_designs_in_words(said, between, words):
    assert said.say(between=between) == words
