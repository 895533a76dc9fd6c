"""CSV lists of files and emotions, in every form that people's programs write."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.emotion_lists import LARGEST_LIST, MOST_LINES, Named, match_list, read_list

LIBRARY = [
    Named(1, "volcano.jpg", "a" * 64, "00000000-0000-0000-0000-000000000001"),
    Named(2, "Über den Wolken.JPG", "b" * 64, "00000000-0000-0000-0000-000000000002"),
    Named(3, "meadow", "c" * 64, "00000000-0000-0000-0000-000000000003"),
    Named(4, "twin.png", "d" * 64, "00000000-0000-0000-0000-000000000004"),
    Named(5, "twin.png", "e" * 64, "00000000-0000-0000-0000-000000000005"),
    Named(6, "a, b.png", "f" * 64, "00000000-0000-0000-0000-000000000006"),
    Named(7, "Case.png", "1" * 64, "00000000-0000-0000-0000-000000000007"),
    Named(8, "case.png", "2" * 64, "00000000-0000-0000-0000-000000000008"),
    Named(9, "IMG_1.jpg", "3" * 64, "00000000-0000-0000-0000-000000000009"),
    Named(10, "IMG_1.png", "4" * 64, "00000000-0000-0000-0000-00000000000a"),
]


def emotions(data: bytes | str) -> dict[int, str]:
    lines, problems = read_list(data)
    matched = match_list(lines, [], LIBRARY)
    assert [*problems, *matched.problems] == []
    return matched.emotions


def problems_of(data: bytes | str) -> list[str]:
    lines, problems = read_list(data)
    return [str(problem) for problem in sorted([*problems, *match_list(lines, [], LIBRARY).problems])]


@pytest.mark.parametrize(
    "data",
    [
        "file,emotion\nvolcano.jpg,fear\nmeadow,awe\n",
        "volcano.jpg,fear\nmeadow,awe",
        "file;emotion\r\nvolcano.jpg;fear\r\nmeadow;awe\r\n",
        "file\temotion\rvolcano.jpg\tfear\rmeadow\tawe\r",
        "sep=;\r\nfile;emotion\r\nvolcano.jpg;fear\r\nmeadow;awe",
        "\ufefffile,emotion\nvolcano.jpg,fear\nmeadow,awe",
        "\n\n file , Emotion \n\n volcano.jpg , FEAR \n\nmeadow,Awe\n,\n",
        '"file","emotion"\n"volcano.jpg","fear"\n"meadow","awe"',
        'emotion,comment,file\nfear,"loud, hot",volcano.jpg\nawe,,meadow',
        "Image;Intended emotion;;\nphotos\\volcano.jpg;fear;;\n/home/me/meadow;awe;;",
        "volcano,fear\nmeadow.png,awe",
        "VOLCANO.JPG,“fear”\nMeadow,'awe'",
    ],
)
@pytest.mark.parametrize("encoding", ["text", "utf-8", "utf-8-sig", "utf-16"])
def test_every_way_of_writing_the_same_list(data: str, encoding: str) -> None:
    sent = data if encoding == "text" else data.removeprefix("\ufeff").encode(encoding)
    assert emotions(sent) == {1: "fear", 3: "awe"}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_letters_are_the_same_name(form: str) -> None:
    assert emotions(unicodedata.normalize(form, "über den wolken.jpg,awe").encode()) == {2: "awe"}


@pytest.mark.parametrize("name", ["b" * 64, "B" * 64, "00000000-0000-0000-0000-000000000002"])
def test_a_picture_is_named_by_hash_or_id(name: str) -> None:
    assert emotions(f"{name},awe") == {2: "awe"}


def test_a_name_with_a_comma_is_quoted_or_split_by_semicolons() -> None:
    assert emotions('"a, b.png",awe') == emotions("a, b.png;awe") == {6: "awe"}


def test_the_exact_spelling_wins_and_an_inexact_one_is_ambiguous() -> None:
    assert emotions("Case.png,awe\ncase.png,fear") == {7: "awe", 8: "fear"}
    assert "2 pictures are called “CASE.png”" in problems_of("CASE.png,awe")[0]


def test_another_ending_is_another_picture() -> None:
    assert "No picture of the library is called “volcano.png”" in problems_of("volcano.png,awe")[0]
    assert "2 pictures are called “IMG_1”" in problems_of("IMG_1,awe")[0]


@pytest.mark.parametrize(
    ("data", "sentences"),
    [
        ("twin.png,fear", ["Line 1: 2 pictures are called “twin.png”"]),
        (
            "volcano.jpg,fear\nmeadow,joy\nnowhere.jpg,awe\nvolcano,fear",
            ["Line 2: “joy” is none", "Line 3: No picture", "Line 4: “volcano” has its emotion already from line 1"],
        ),
        ("volcano.jpg,\n,fear", ["Line 1: “volcano.jpg” has no emotion", "Line 2: No picture is named"]),
        ("volcano.jpg", ["Line 1: “volcano.jpg” has no emotion"]),
        ("Datei;Gefühl\nvolcano.jpg;fear", ["Line 1: “Gefühl” is none of the eight emotions"]),
        ('volcano.jpg,fear\n"meadow,awe\n', ["The list cannot be read as CSV"]),
        ("", ["The list names no picture"]),
        ("file,emotion\n\n", ["The list names no picture"]),
        (b"volcano.jpg,fear\n\xfcber.jpg,awe", ["Line 2: The text is not UTF-8 from here on"]),
        (b"x" * (2 * LARGEST_LIST + 1), ["The list is larger than 1 MB"]),
        ("x" * (LARGEST_LIST + 1), ["The list is longer than 1 MB"]),
        ("a,fear\n" * (MOST_LINES + 1), [f"The list has {MOST_LINES + 1} lines"]),
    ],
)
def test_every_problem_has_its_line_and_a_sentence(data: bytes | str, sentences: list[str]) -> None:
    told = problems_of(data)
    assert len(told) == len(sentences)
    for said, sentence in zip(told, sentences, strict=True):
        assert said.startswith(sentence)
        assert said.endswith((".", "?"))


def test_pictures_that_were_not_asked_for_are_counted_and_settle_no_ambiguity() -> None:
    lines, _ = read_list("twin.png,fear\nvolcano.jpg,awe")
    matched = match_list(lines, [LIBRARY[3]], LIBRARY)
    assert (matched.emotions, matched.left_out, matched.problems) == ({4: "fear"}, 1, [])


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_whatever_is_sent_is_read_or_refused_in_words(data: bytes | str) -> None:
    lines, problems = read_list(data)
    assert lines or problems
    match_list(lines, [], LIBRARY)
