"""The picture shapes what the muse composes: in its direction, repeatably, and not at all where it is ignored."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise

import numpy as np
import pytest

from generation.emotions import get_emotion
from generation.music.attributes import Attributes
from generation.music.attributes.picture import LIMITS, measure_moved, shipped_picture_table
from generation.music.hands import SPAN
from generation.music.score import write_midi
from generation.networks.composers import ComposeRequest, Composition, compose
from generation.networks.muse_composer import draw_place, look

ROWS = shipped_picture_table().rows
MIDDLE = {row.feature: row.middle for row in ROWS}


def make(name: str, slug: str, seed: int, picture: dict[str, float], candidates: int = 2) -> Composition:
    return compose(name, ComposeRequest(get_emotion(slug), seed, picture=picture, candidates=candidates))


def midi_of(composition: Composition) -> str:
    return hashlib.sha256(write_midi(composition.piece, composition.performance)).hexdigest()


def measured(composition: Composition) -> Attributes:
    return Attributes.clipped({name: row["measured"] for name, row in composition.attributes.items()})


@pytest.mark.parametrize(
    ("name", "slug", "midi"),
    [
        ("muse", "contentment", "8861aafd5c649fc28672fedfd2b492f495417112124096bee3b83b7e13a29293"),
        ("muse", "fear", "821226363a7e4a9a301a9f9392ea0b5b0dcfb5c4d7d03040901b7ce0558094a2"),
        ("shuffled", "awe", "13c0e4a8a9b9b0f5c1dbab70c58cef0f21f7a6b3e0ae8befcc223cf6b9c290d8"),
        ("neutral", "anger", "d2d76e06549cab35d4a8f4662e878f2a0af0551843f2d54c8598e2308bb99eeb"),
    ],
)
def test_without_a_picture_nothing_has_changed(name: str, slug: str, midi: str) -> None:
    """Hashes of the MIDI files that were made before pictures shaped the music."""
    for nothing in ({}, {"brightness": float("nan"), "title": "A lake"}):
        composition = compose(name, ComposeRequest(get_emotion(slug), 3, picture=nothing, candidates=2))  # type: ignore[arg-type]
        assert midi_of(composition) == midi
        assert composition.picture == {}
        assert "picture_table" not in composition.models


@pytest.mark.parametrize(
    ("name", "slug", "midi"),
    [
        ("muse", "contentment", "8058c589f389761234e257442a0a0f44fc7579ba80a68cdb1d2abcb94950b90b"),
        ("muse", "fear", "715315f765e12db82cc59ceab9d943473123ea2498e21160267fb15c567af375"),
        ("shuffled", "awe", "e56371021f072d8b878dbca28891272e158cc14c0f324b3491bf7f6d5aa8e4e7"),
    ],
)
def test_what_a_picture_does_has_not_changed(name: str, slug: str, midi: str) -> None:
    """Every weight, limit and share of following a picture is in these notes: whoever changes one sees it here."""
    shown = {"brightness": 0.7, "warmth": 0.9, "edges": 0.25, "saturation": 0.6}
    mood = {"valence": 0.2, "valence_low": -0.2, "valence_high": 0.6, "arousal": -0.3}
    assert midi_of(make(name, slug, 3, {**MIDDLE, **shown, **mood})) == midi


def test_the_same_picture_gives_the_same_music_and_another_picture_another() -> None:
    made = {make("muse", "awe", 7, {**MIDDLE, "edges": 0.1 + 0.001 * n}).performance for n in range(6)}
    assert len(made) == 6
    picture = {**MIDDLE, "edges": 0.1}
    assert make("muse", "awe", 7, picture) == make("muse", "awe", 7, dict(reversed(picture.items())))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.feature}-{row.attribute}")
def test_finished_music_follows_each_feature(row: object) -> None:
    ends = [
        [
            measure_moved(measured(make("muse", slug, seed, {**MIDDLE, row.feature: value}, 8)), row.attribute)  # type: ignore[attr-defined]
            for slug, seed in (("contentment", 1), ("excitement", 2), ("sadness", 3))
        ]
        for value in (row.middle + 2 * row.spread, row.middle - 2 * row.spread)  # type: ignore[attr-defined]
    ]
    assert (np.mean(ends[0]) - np.mean(ends[1])) * row.value > 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("spreads", [-9.0, 9.0])
@pytest.mark.parametrize("slug", ["awe", "anger", "sadness", "amusement"])
def test_extreme_pictures_give_playable_music_of_the_right_length_and_mode(slug: str, spreads: float) -> None:
    picture = {row.feature: row.middle + spreads * row.spread for row in ROWS}
    made = make("muse", slug, 4, picture, 4)
    assert made.performance is not None
    assert 20 <= made.piece.seconds <= 30.01
    assert (made.piece.mode == "major") == (get_emotion(slug).valence > 0)
    for hand in ("left", "right"):
        line = [note for note in made.piece.notes if note.hand == hand]
        for note in line:
            held = [other.pitch for other in line if other.start <= note.start < other.end]
            assert max(held) - min(held) <= SPAN
    by_key = sorted(made.performance.notes, key=lambda note: (note.pitch, note.onset))
    assert all(a.pitch != b.pitch or b.onset > a.offset for a, b in pairwise(by_key))


def test_unpictured_is_the_muse_without_the_picture() -> None:
    pictured = make("unpictured", "fear", 5, {"brightness": 0.9, "valence": 0.5})
    plain = make("muse", "fear", 5, {})
    assert (pictured.piece, pictured.performance, pictured.picture) == (plain.piece, plain.performance, {})
    assert pictured.models["control"] == "unpictured"


def test_shuffled_follows_the_picture_for_the_other_emotion_and_neutral_does_not_look() -> None:
    picture = {"brightness": 0.9, "edges": 0.3, "valence": 0.5}
    shuffled = make("shuffled", "fear", 5, picture)
    assert shuffled.piece == make("muse", shuffled.models["composed_for"], 5, picture).piece
    assert shuffled.picture == make("muse", shuffled.models["composed_for"], 5, picture).picture
    assert make("neutral", "fear", 5, picture) == make("neutral", "fear", 5, {})


def test_the_record_says_what_was_used_and_how_it_moved_the_music() -> None:
    made = make("muse", "contentment", 1, {"brightness": 0.8, "warmth": float("inf"), "valence": 0.1, "other": 3.0})
    record = json.loads(json.dumps(made.picture, allow_nan=False))
    assert record["features"] == {"brightness": 0.8, "other": 3.0, "valence": 0.1}
    assert [(move["feature"], move["word"], move["attribute"]) for move in record["moved"]] == [
        (row.feature, row.high, row.attribute) for row in ROWS if row.feature == "brightness"
    ]
    assert record["home"] == [0.65, -0.45, 0.55]
    assert record["place"][0] < 0.65
    assert record["place"][1:] == record["home"][1:]
    assert all(abs(shift) <= LIMITS[name] for name, shift in record["shifts"].items())
    assert made.models["picture_table"]["version"] == shipped_picture_table().version


def test_coordinates_that_a_person_asked_for_are_not_drawn_by_the_picture() -> None:
    picture = {"valence": -0.9, "arousal": 0.9, "brightness": 0.8}
    asked = ComposeRequest(get_emotion("awe"), 1, picture=picture, valence=0.3)
    assert draw_place(asked, look(picture)) == (0.3, 0.0, -0.4)
    free = ComposeRequest(get_emotion("awe"), 1, picture=picture)
    assert draw_place(free, look(picture)) != (0.45, 0.0, -0.4)
