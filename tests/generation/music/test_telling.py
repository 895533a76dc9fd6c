"""What an emotion asked of a piece, told in sentences: never a wrong one, and none where nobody knows."""

from __future__ import annotations

import doctest
import itertools
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.emotions import EMOTIONS, Emotion, get_emotion
from generation.music.attributes import KINDS, Attributes, describe_attributes, neutral, target, telling
from generation.music.attributes.telling import MANNERS, tell_emotion
from generation.music.notes import NamedKey, name_pitch

TEMPO = {"label": "Tempo", "unit": "beats per minute", "target": [60.0, 76.0], "measured": 66.0}
DENSITY = next(kind for kind in KINDS if kind.name == "density")
WORDS = {
    "tempo": ("faster", "slower"),
    "melody_register": ("higher", "lower"),
    "dynamics": ("louder", "softer"),
    "articulation": ("more connected", "more detached"),
    "density": ("busier", "sparser"),
}


def wish(emotion: Emotion) -> Attributes:
    return target(emotion.valence, emotion.arousal, emotion.dominance)


def test_examples() -> None:
    assert doctest.testmod(telling).failed == 0


@pytest.mark.parametrize("emotion", EMOTIONS, ids=lambda emotion: emotion.slug)
def test_every_emotion_is_told_in_the_direction_in_which_its_targets_lie(emotion: Emotion) -> None:
    wanted, middle = wish(emotion), neutral()
    said = tell_emotion(describe_attributes(wanted, wanted), emotion.label)
    widths = {kind.name: kind.width for kind in KINDS}
    for name, (more, less) in WORDS.items():
        off = getattr(wanted, name) - getattr(middle, name)
        told = [sentence for sentence in said if f", {more if off > 0 else less} than the neutral" in sentence]
        same_note = (emotion.slug, name) == ("amusement", "melody_register")  # a tenth of a semitone beyond the middle
        assert len(told) == (abs(off) > widths[name] and not same_note), name
        assert not [sentence for sentence in said if f", {less if off > 0 else more} than the neutral" in sentence]
    assert not [sentence for sentence in said if "what is asked" in sentence]  # measured exactly as asked


def test_sadness_is_told_whole() -> None:
    wanted = wish(get_emotion("sadness"))
    assert tell_emotion(describe_attributes(wanted, wanted), "Sadness") == [
        "Sadness asks for 53–69 beats a minute, slower than the neutral 98; this piece goes at 61.",
        "Sadness asks for minor; this piece is in minor.",
        "Sadness asks for keys struck at 50–60 of 127, softer than the neutral 66; this piece strikes them at 55.",
        "Sadness asks for 4.6–7.0 notes a second, sparser than the neutral 7.6; this piece has 5.8.",
        "Sadness leaves register and touch near the neutral middle.",
    ]


def test_the_neutral_middle_moves_nothing() -> None:
    said = tell_emotion(describe_attributes(neutral(), neutral()), "Awe")
    assert said == ["Awe leaves tempo, mode, register, loudness, touch and density near the neutral middle."]


@pytest.mark.parametrize(("measured", "end"), [(81.0, ", above what is asked."), (55.0, ", below what is asked.")])
def test_a_piece_that_missed_is_told_so(measured: float, end: str) -> None:
    assert tell_emotion({"tempo": {**TEMPO, "measured": measured}}, "Sadness")[0].endswith(end)


def test_a_miss_that_rounding_hides_is_none() -> None:
    assert tell_emotion({"tempo": {**TEMPO, "measured": 76.3}}, "Sadness")[0].endswith("this piece goes at 76.")


@pytest.mark.parametrize(("measured", "heard"), [(-0.2, "is in minor"), (0.0, "is closer to major")])
def test_the_mode_is_told_by_what_the_piece_is_in(measured: float, heard: str) -> None:
    entry = {"label": "Major or minor", "unit": "correlation difference", "target": [-0.4, -0.1], "measured": measured}
    assert tell_emotion({"majorness": entry}, "Fear") == [f"Fear asks for minor; this piece {heard}."]


@pytest.mark.parametrize(
    "change",
    [
        {"unit": "BPM"},
        {"label": "Speed"},
        {"target": None},
        {"target": [60.0]},
        {"target": [76.0, 60.0]},
        {"target": [60.0, float("nan")]},
        {"measured": None},
        {"measured": True},
        {"measured": 10**400},
        {"measured": float("inf")},
    ],
    ids=str,
)
def test_of_what_is_not_of_this_shape_nothing_is_said(change: dict[str, Any]) -> None:
    assert tell_emotion({"tempo": {**TEMPO, **change}}, "Sadness") == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just([1.0, 2.0]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["label", "unit", "target", "measured"]), inner)
        ),
        max_leaves=6,
    ),
    st.sampled_from(sorted(MANNERS)),
)
def test_no_entry_breaks_the_page(entry: Any, name: str) -> None:
    kind = next(kind for kind in KINDS if kind.name == name)
    of_our_shape = {"label": kind.label, "unit": kind.unit, **entry} if isinstance(entry, dict) else entry
    for given_entry in (entry, of_our_shape):
        assert all(isinstance(sentence, str) for sentence in tell_emotion({name: given_entry}, "Awe"))


def test_all_the_keys_of_a_piano_have_a_name() -> None:
    assert len({name_pitch(key) for key in range(21, 109)}) == 88
    assert (name_pitch(69), name_pitch(108)) == ("A4", "C8")


def test_no_sentence_contradicts_the_numbers_that_it_prints() -> None:
    """Over the whole cube of valence, arousal and dominance: what is slower or higher is so as printed as well."""
    steps = [step / 10 for step in range(-10, 11)]
    said = {
        sentence
        for point in itertools.product(steps, steps, steps)
        for sentence in tell_emotion(describe_attributes(target(*point), target(*point)), "This")
    }
    bands = [
        re.search(
            r"asks for \D*([\d.]+)(?:–([\d.]+))? .*(faster|slower|louder|softer|more \w+|busier|sparser) "
            r"than the neutral ([\d.]+);",
            one,
        )
        for one in said
    ]
    found = [band for band in bands if band]
    assert len(found) > 100
    for band in found:
        low, high, usual = float(band[1]), float(band[2] or band[1]), float(band[4])
        below = band[3] in ("slower", "softer", "sparser", "more detached")
        assert high < usual if below else low > usual, band[0]


def test_a_band_that_ends_at_the_middle_as_printed_leaves_it() -> None:
    middle = replace(neutral(), density=7.63)
    entry = {"density": {"label": DENSITY.label, "unit": DENSITY.unit, "target": [5.2, 7.57], "measured": 6.0}}
    assert tell_emotion(entry, "Fear", middle) == ["Fear leaves density near the neutral middle."]
    entry["density"]["target"] = [5.2, 7.54]
    assert tell_emotion(entry, "Fear", middle)[0].startswith("Fear asks for 5.2–7.5 notes a second, sparser than")


def test_a_register_is_told_in_the_names_of_the_key() -> None:
    register = next(kind for kind in KINDS if kind.name == "melody_register")
    entry = {"label": register.label, "unit": register.unit, "target": [80.0, 80.0], "measured": 75.0}
    (usual,) = tell_emotion({"melody_register": entry}, "Joy")
    (sharp,) = tell_emotion({"melody_register": entry}, "Joy", key=NamedKey(4, "major"))
    assert [name in usual for name in ("around A♭5,", "around E♭5")] == [True, True]
    assert [name in sharp for name in ("around G♯5,", "around D♯5")] == [True, True]
