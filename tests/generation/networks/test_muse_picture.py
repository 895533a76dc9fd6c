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
from generation.networks.composers import ComposeRequest, Composition, compose
from generation.networks.seeing import draw_place, look

ROWS = shipped_picture_table().rows
MIDDLE = {row.feature: row.middle for row in ROWS}


def make(name: str, slug: str, seed: int, picture: dict[str, float], candidates: int = 2) -> Composition:
    return compose(name, ComposeRequest(get_emotion(slug), seed, picture=picture, candidates=candidates))


def playing_of(composition: Composition) -> str:
    """Hash of every note and pedal as played, whatever way they are written into a file; times to the microsecond.

    Kinds of processor differ in the eleventh decimal (an eigenvector of LAPACK's); a MIDI tick is 500 µs and more.
    """
    played = composition.performance
    assert played is not None
    notes = [(_us(note.onset), note.pitch, _us(note.duration), note.velocity, note.hand) for note in played.notes]
    pedals = [(_us(pedal.down), _us(pedal.up)) for pedal in played.pedals]
    return hashlib.sha256(repr((notes, pedals)).encode()).hexdigest()


def _us(seconds: float) -> int:
    return round(seconds * 1e6)


def measured(composition: Composition) -> Attributes:
    return Attributes.clipped({name: row["measured"] for name, row in composition.attributes.items()})


@pytest.mark.parametrize(
    ("name", "slug", "playing"),
    [
        ("muse", "contentment", "232acaa74fb84634e6be5cf2cd9366de758c86e637b66f513439d42954fdc043"),
        ("muse", "fear", "f4763dc77145bccd535b52be010a5a47d5b74e727ba3adcea9a9925451933839"),
        ("shuffled", "awe", "14eae07724df9b1c8ba841f09a6fc2218eeff9117d7617f324776351cb148ac4"),
        ("neutral", "anger", "e93ed45a700d133c4038c31e66ef894dd18b7f1a0d08afca1663855a30c10677"),
    ],
)
def test_without_a_picture_nothing_has_changed(name: str, slug: str, playing: str) -> None:
    """Hashes of what is played without a picture; they last changed when every clip came to last equally long, and for
    `neutral` when each emotion got a piece of its own."""
    for nothing in ({}, {"brightness": float("nan"), "title": "A lake"}):
        composition = compose(name, ComposeRequest(get_emotion(slug), 3, picture=nothing, candidates=2))  # type: ignore[arg-type]
        assert playing_of(composition) == playing
        assert composition.picture == {}
        assert "picture_table" not in composition.models


@pytest.mark.parametrize(
    ("name", "slug", "playing"),
    [
        ("muse", "contentment", "62ba12e7aeb8d6ec348a1e2b42aeab7943cb551a91ba59e338b528abf2b53c06"),
        ("muse", "fear", "5727a10789cf49311a41a57d4c8f1036432d22d696d3e633dd44801d4d155f33"),
        ("shuffled", "awe", "e4b1deb8534b5b49b2d7e865e08621c90dc358e9538f7b2426d4f06baf3a54bf"),
    ],
)
def test_what_a_picture_does_has_not_changed(name: str, slug: str, playing: str) -> None:
    """Every weight, limit and share of following a picture is in these notes: whoever changes one sees it here."""
    shown = {"brightness": 0.7, "warmth": 0.9, "edges": 0.25, "saturation": 0.6}
    mood = {"valence": 0.2, "valence_low": -0.2, "valence_high": 0.6, "arousal": -0.3}
    assert playing_of(make(name, slug, 3, {**MIDDLE, **shown, **mood})) == playing


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
