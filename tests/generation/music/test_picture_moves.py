"""How a picture moves musical attributes: a table with sources, bounded, and told in plain words."""

from __future__ import annotations

import doctest
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.emotions import EMOTIONS, get_emotion, nearest_emotion
from generation.images.features import FEATURE_NAMES
from generation.music.attributes import picture, target
from generation.music.attributes.picture import (
    CLEAREST,
    FURTHEST,
    LIMITS,
    PHRASES,
    TABLE,
    Moved,
    PictureRow,
    add_shifts,
    blend_place,
    explain,
    find_moves,
    make_room,
    measure_moved,
    move_attributes,
    picture_number,
    read_picture_table,
    shipped_picture_table,
    usable,
    weigh_picture,
)
from generation.music.attributes.targets import fold_quadrant

ROWS = shipped_picture_table().rows
numbers = st.floats(-1e6, 1e6)


def name_row(row: PictureRow) -> str:
    return f"{row.feature}-{row.attribute}"


def picture_at(row: PictureRow, spreads: float) -> dict[str, float]:
    return {row.feature: row.middle + spreads * row.spread}


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(picture).failed == 0


def test_every_line_names_a_measured_feature_a_source_and_words() -> None:
    assert len(ROWS) >= 11
    for row in ROWS:
        assert row.feature in FEATURE_NAMES
        assert len(row.source) > 20
        assert all(getattr(row, field.name) not in ("", 0.0) for field in fields(row))
    assert set(PHRASES) == set(LIMITS) == {row.attribute for row in ROWS}


def test_the_version_follows_the_lines(tmp_path: Path) -> None:
    other = tmp_path / "picture.csv"
    other.write_text(TABLE.read_text(encoding="utf-8").replace("judgement", "guess"), encoding="utf-8")
    assert read_picture_table(TABLE).version == shipped_picture_table().version != read_picture_table(other).version


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("brightness,bright,dark,loudness,1,0,1,somewhere", "no such attribute can be moved"),
        ("brightness,bright,dark,tempo,nan,0,1,somewhere", "must be numbers"),
        ("brightness,bright,dark,tempo,1,0,0,somewhere", "must be numbers"),
        ("brightness,bright,dark,tempo,1,0,1, ", "a word or the source is missing"),
        ("brightness,,dark,tempo,1,0,1,somewhere", "a word or the source is missing"),
        ("edges,busy,plain,tempo,1,0,1,here\nedges,busy,plain,tempo,2,0,1,there", "comes twice"),
        ("edges,busy,plain,tempo,1,0,1,here\nedges,busy,plain,density,2,9,1,there", "described in two ways"),
    ],
)
def test_a_faulty_table_is_refused(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"feature,high,low,attribute,value,middle,spread,source\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_picture_table(path)


@pytest.mark.parametrize("row", ROWS, ids=name_row)
@pytest.mark.parametrize("emotion", EMOTIONS, ids=lambda e: e.slug)
def test_more_of_a_feature_moves_its_attribute_the_way_the_table_says(row: PictureRow, emotion: object) -> None:
    wanted = target(emotion.valence, emotion.arousal, emotion.dominance, 1.15)  # type: ignore[attr-defined]
    more, less = (
        measure_moved(move_attributes(wanted, add_shifts(find_moves(picture_at(row, spreads)))), row.attribute)
        for spreads in (1.0, -1.0)
    )
    assert (more - less) * row.value > 0


@given(st.fixed_dictionaries({row.feature: numbers for row in ROWS}), st.sampled_from(EMOTIONS))
@settings(max_examples=60, deadline=None)
def test_however_extreme_the_picture_the_shifts_are_bounded_and_the_mode_stays(
    features: dict[str, float], emotion: object
) -> None:
    shifts = add_shifts(find_moves(features))
    assert all(abs(shift) <= LIMITS[name] + 1e-9 for name, shift in shifts.items())
    wanted = target(emotion.valence, emotion.arousal, emotion.dominance, 1.15)  # type: ignore[attr-defined]
    start, moved = make_room(wanted, shifts), move_attributes(wanted, shifts)
    for name in ("tempo", "density", "dynamics", "dynamics_spread", "dissonance"):
        assert abs(measure_moved(moved, name) - measure_moved(start, name)) <= LIMITS[name] + 1e-9
    assert moved.mode == wanted.mode
    assert abs(moved.majorness) >= CLEAREST - 1e-9


def test_nothing_known_of_a_picture_moves_nothing() -> None:
    wanted = target(0.65, -0.45, 0.55)
    for empty in (
        {},
        {"title": 3.0},
        {"brightness": float("nan")},
        {"edges": None},
        {"edges": "many"},
        {"blobs": True},
    ):
        assert find_moves(empty) == []
        assert move_attributes(wanted, add_shifts(find_moves(empty))) is wanted


def test_the_number_of_a_picture_depends_on_what_is_known_and_not_on_its_order() -> None:
    one = {"brightness": 0.5, "edges": 0.1}
    assert picture_number(one) == picture_number({"edges": 0.1, "brightness": 0.5, "blobs": float("inf")})
    assert picture_number(one) != picture_number({"brightness": 0.5, "edges": 0.2})
    assert 0 <= picture_number(one) < 2**63


def test_the_weight_of_a_picture_falls_with_its_uncertainty() -> None:
    sure, even, vague = (weigh_picture(-half, half) for half in (0.0153792, 0.153792, 1.53792))
    assert sure == pytest.approx(1 / 1.01)
    assert even == pytest.approx(0.5)
    assert vague == pytest.approx(1 / 101)
    assert weigh_picture(None, None) == weigh_picture(0.1, None) == weigh_picture(0.4, 0.1)
    assert weigh_picture(None, None) == pytest.approx(0.12**2 / (0.12**2 + 0.45**2))


def test_a_coordinate_goes_its_weight_of_the_way() -> None:
    happy = get_emotion("excitement")
    drawn = blend_place(happy, {"valence": 0.55, "arousal": 0.7, "dominance": float("nan")})
    assert drawn == pytest.approx((0.75 - 0.2 * weigh_picture(None, None), 0.7, 0.45))


@given(
    st.sampled_from(EMOTIONS),
    st.dictionaries(
        st.sampled_from(
            [f"{name}{end}" for name in ("valence", "arousal", "dominance") for end in ("", "_low", "_high")]
        ),
        st.floats(-1.5, 1.5),
    ),
)
@settings(max_examples=200, deadline=None)
def test_the_place_stays_near_its_own_emotion(emotion: object, read: dict[str, float]) -> None:
    place = blend_place(emotion, read)  # type: ignore[arg-type]
    assert nearest_emotion(*place) is emotion
    assert fold_quadrant(*place) == emotion.quadrant  # type: ignore[attr-defined]
    home = (emotion.valence, emotion.arousal, emotion.dominance)  # type: ignore[attr-defined]
    assert all(abs(there - own) <= FURTHEST + 1e-9 for there, own in zip(place, home, strict=True))


def moved(feature: str, word: str, spreads: float, attribute: str, shift: float) -> dict[str, object]:
    return Moved(feature, word, spreads, attribute, shift, PHRASES[attribute][shift < 0]).as_dict()


def test_the_explanation_names_what_stands_out_and_what_it_did() -> None:
    record = {
        "moved": [
            moved("warmth", "cool", -1.0, "tempo", -6.0),
            moved("brightness", "dark", -1.5, "register", -4.0),
            moved("edges", "plain", -0.1, "density", -0.1),
        ]
    }
    assert explain(record, "Sadness") == ["Dark, cool: lower and slower than usual for sadness."]


def test_features_that_cancel_out_are_not_told() -> None:
    record = {
        "moved": [
            moved("saturation", "saturated", 1.0, "majorness", 0.05),
            moved("warmth", "cool", -1.0, "majorness", -0.05),
        ]
    }
    assert explain(record, "Awe") == []


def test_the_mood_of_the_picture_is_told_where_it_drew_the_place() -> None:
    record = {"home": [0.65, -0.45, 0.55], "place": [0.5, -0.44, 0.55], "moved": []}
    assert explain(record, "Contentment") == ["The picture's own mood made it less pleasant."]


@pytest.mark.parametrize(
    "record", [{}, {"moved": None}, {"moved": ["x", {"attribute": "tempo"}]}, {"place": 3, "home": []}]
)
def test_a_record_that_says_nothing_is_told_as_nothing(record: dict[str, object]) -> None:
    assert explain(record, "Awe") == []


def test_numbers_of_every_kind_count_and_what_is_no_number_does_not() -> None:
    odd = {"edges": np.float32(0.125), "blobs": 10**400, "contrast": True, "warmth": "1"}
    assert usable(odd) == {"edges": 0.125}


def test_a_mood_draws_at_most_an_eighth() -> None:
    sure = {"valence": 1.0, "valence_low": 0.999, "valence_high": 1.0}
    assert FURTHEST == 0.12
    assert blend_place(get_emotion("contentment"), sure)[0] == pytest.approx(0.65 + 0.12)
