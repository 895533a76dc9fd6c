"""Piano rolls and numbers as the pages show them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from hypothesis import given
from hypothesis import strategies as st

from generation import queries
from generation.models import PairVersion
from generation.music.notes import Pedal, name_pitch
from generation.queries import pedals_of
from generation.templatetags.measures import (
    as_number,
    attribute_rows,
    candidate_table,
    feature_rows,
    model_rows,
    neutral_name,
    probability_rows,
)
from generation.templatetags.piano_roll import describe, lay_out, piano_roll, read_rows, small_roll
from melodymuse_site.storage import StoreUnavailable
from tests.generation.music.sound.clips import midi_of

NOTE = st.tuples(
    st.floats(0, 40), st.floats(0.01, 10), st.integers(21, 108), st.integers(1, 127), st.sampled_from(["left", "right"])
)


@pytest.fixture
def version_with_pedal(settings: Any, tmp_path: Path) -> PairVersion:
    settings.MEDIA_ROOT = tmp_path
    data = midi_of([(0.0, 2.0, 60, 80)], pedals=[(0.5, 1.25)])
    return PairVersion(midi=default_storage.save("clips/pedal.mid", ContentFile(data)))


@pytest.mark.parametrize(("pitch", "name"), [(21, "A0"), (60, "C4"), (61, "C♯4"), (68, "A♭4"), (69, "A4"), (108, "C8")])
def test_pitches_have_their_scientific_names(pitch: int, name: str) -> None:
    assert name_pitch(pitch) == name


@given(st.lists(NOTE, min_size=1, max_size=30))
def test_every_note_lies_inside_the_drawing(notes: list[tuple]) -> None:
    roll = piano_roll(notes, "clip")
    for drawn in roll["notes"]:
        assert 0 <= float(drawn["x"]) <= float(roll["width"])
        assert 0 <= float(drawn["y"]) <= float(roll["height"])
        assert 0.78 <= float(drawn["opacity"]) <= 1.0


@given(st.lists(NOTE, min_size=1, max_size=30))
def test_higher_notes_are_drawn_higher(notes: list[tuple]) -> None:
    geometry = lay_out(read_rows(notes))
    ordered = sorted({note[2] for note in notes})
    heights = [geometry.y(pitch) for pitch in ordered]
    assert heights == sorted(heights, reverse=True)


def test_the_pedal_is_drawn_below_all_notes_while_it_is_down() -> None:
    notes = [[0.0, 4.0, 60, 80, "right"], [2.0, 2.0, 48, 80, "left"]]
    roll = piano_roll(notes, "clip", [Pedal(0.5, 1.5), Pedal(1.5, 9.0), Pedal(9.0, 10.0)])
    second, left = float(roll["second_width"]), float(roll["left"])
    drawn = [((float(bar["x"]) - left) / second, (float(bar["width"]) + 1) / second) for bar in roll["pedals"]]
    assert drawn == [pytest.approx((0.5, 1.0), abs=0.01), pytest.approx((1.5, 2.5), abs=0.01)]
    assert float(roll["pedal_y"]) >= max(float(note["y"]) for note in roll["notes"]) + float(roll["row_height"])


def test_the_pedal_comes_from_the_file_and_is_missing_where_that_is(version_with_pedal: PairVersion) -> None:
    assert pedals_of(version_with_pedal) == [Pedal(0.5, 1.25)]
    default_storage.delete(version_with_pedal.midi)
    assert pedals_of(version_with_pedal) == []
    version_with_pedal.midi = ""
    assert pedals_of(version_with_pedal) == []


def test_a_store_that_is_down_is_not_shown_as_no_pedal(
    version_with_pedal: PairVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(name: str) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(default_storage, "open", down)
    with pytest.raises(StoreUnavailable):
        pedals_of(version_with_pedal)


def test_a_file_that_is_too_large_for_a_clip_has_no_pedal_and_is_not_read_whole(
    version_with_pedal: PairVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LARGEST_FILE", 20)
    assert pedals_of(version_with_pedal) == []


def test_a_small_roll_is_as_wide_as_its_sound_and_paler_where_it_is_soft() -> None:
    notes = [[1.5, 1, 60, 120, "right"], [3.5, 1, 64, 10, "right"]]
    paths = small_roll(notes, 20.0)["paths"]
    # 2.01 seconds into a sound of 20, which begins 10 ms before its first note
    begins = [float(path["d"].split()[0].removeprefix("M")) for path in paths]
    assert begins == [pytest.approx(300 * 2.01 / 20, abs=0.06), pytest.approx(300 * 0.01 / 20, abs=0.06)]
    soft, loud = (float(path["opacity"]) for path in paths)
    assert (soft, loud) == (0.80, 0.99)


def test_the_softest_note_stands_out_from_the_ground_by_three_to_one() -> None:
    """Both hands, in light and dark, on the ground of the small roll."""
    hands, ground = ("#2f5d8a", "#b4540a", "#8db8e2", "#f0a35c"), ("#f2f0ea", "#f2f0ea", "#101317", "#101317")
    css = (Path("generation/static/generation/generation.css").read_text()) + (
        Path("melodymuse_site/static/site/tokens.css").read_text()
    )
    assert all(colour in css for colour in (*hands, *ground))
    opacity = float(piano_roll([[0, 1, 60, 0, "right"]], "clip")["notes"][0]["opacity"])
    for hand, behind in zip(hands, ground, strict=True):
        mixed = [opacity * one + (1 - opacity) * other for one, other in zip(_rgb(hand), _rgb(behind), strict=True)]
        darker, lighter = sorted((_luminance(mixed), _luminance(_rgb(behind))))
        assert (lighter + 0.05) / (darker + 0.05) >= 3


def _rgb(colour: str) -> list[float]:
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def _luminance(rgb: list[float]) -> float:
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_clip_without_notes_draws_nothing() -> None:
    assert (piano_roll([], "clip"), small_roll([])) == ({"notes": []}, {"paths": []})


def test_the_small_roll_has_one_path_for_each_hand() -> None:
    paths = small_roll([[0, 1, 60, 80, "right"], [1, 1, 48, 80, "left"], [1, 1, 64, 80, "right"]])["paths"]
    assert [(path["hand"], path["d"].count("M")) for path in paths] == [("left", 1), ("right", 2)]


def test_the_playhead_begins_at_the_first_note() -> None:
    # the audio starts 10 ms before its first note, which here lies 1.5 s into the score
    assert piano_roll([[1.5, 1, 60, 80, "right"]], "clip")["offset"] == "1.490"


@pytest.mark.parametrize(
    ("rows", "drawn"),
    [
        ([[0.0, 0.0, 60, 64, "right"]], 1),
        ([[-5.0, 1e300, -400, 9000, "both"], [1e300, 0.1, 400, -3, "left"]], 2),
        ([[0.0, 1.0, 60, 64, "right"], [0.0, 1.0], None, ["x", None, 60, 64, "left"]], 1),
        ([[]], 0),
    ],
    ids=["next to no length", "absurd numbers", "odd rows", "nothing to read"],
)
def test_any_stored_clip_has_a_roll(rows: list, drawn: int) -> None:
    large, small = piano_roll(rows, "clip"), small_roll(rows)
    assert len(large["notes"]) == sum(path["d"].count("M") for path in small["paths"]) == drawn
    assert len(large.get("ticks", ())) <= 601
    assert not {"inf", "nan"} & {value for note in large["notes"] for value in note.values()}


def test_the_roll_is_described_in_a_sentence() -> None:
    notes = [[0, 1, 60, 80, "right"], [1, 1.25, 36, 80, "left"]]
    assert describe(read_rows(notes)) == "2 notes in 2.2 seconds, from C2 to C4: 1 for the right hand, 1 for the left."


def test_probabilities_keep_the_order_of_the_emotions_and_mark_the_largest() -> None:
    rows = probability_rows({"sadness": 0.7, "awe": 0.3})
    assert [row["slug"] for row in rows] == [
        "amusement",
        "awe",
        "contentment",
        "excitement",
        "anger",
        "disgust",
        "fear",
        "sadness",
    ]
    assert [row["slug"] for row in rows if row["is_top"]] == ["sadness"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (True, "yes"),
        (7, "7"),
        (0.12345, "0.123"),
        (123.4, "123"),
        ("minor", "minor"),
        ([1, 2.5], "1, 2.5"),
        ({"low_note": 1}, "Low note 1"),
    ],
)
def test_numbers_are_shown_with_three_digits(value: object, text: str) -> None:
    assert as_number(value) == text


@pytest.mark.parametrize(
    ("entry", "target", "verdict"),
    [
        ({"unit": "BPM", "target": [60, 70], "measured": 65.0}, "60 to 70", "inside"),
        ({"unit": "BPM", "target": [60, 70], "measured": 59.0}, "60 to 70", "below"),
        ({"unit": "BPM", "target": [60, 60], "measured": 60}, "60 to 60", "inside"),
        ({"unit": "", "target": [1.75, 2.35], "measured": 2.3504}, "1.75 to 2.35", "above"),
        ({"unit": "", "target": None, "measured": 0.4}, "none", ""),
        ({"unit": "", "target": "minor", "measured": "major"}, "minor", ""),
        ({}, "none", ""),
    ],
)
def test_an_attribute_is_judged_against_its_band(entry: dict, target: str, verdict: str) -> None:
    (row,) = attribute_rows({"tempo": entry})
    assert (row["target"], row["verdict"]) == (target, verdict)


def test_what_lies_outside_its_band_is_told_with_the_digits_that_show_it() -> None:
    (row,) = attribute_rows({"articulation": {"target": [1.75, 2.35], "measured": 2.3504}})
    assert (row["measured"], row["verdict"]) == ("2.3504", "above")
    (row,) = attribute_rows({"articulation": {"target": [1.75, 2.35], "measured": 2.41}})
    assert row["measured"] == "2.41"


def test_the_tonic_is_a_note_and_the_estimated_tempo_is_called_one() -> None:
    rows = feature_rows({"tempo": 106.0, "tonic": 3, "valence": -0.2})
    assert [(row["name"], row["value"]) for row in rows] == [
        ("Tempo, estimated from the onsets", "106"),
        ("Tonic", "E♭"),
        ("Valence", "−0.2"),
    ]


def test_a_page_spells_a_note_in_one_way() -> None:
    """Roll, tonic and key of one clip: a clip in E♭ minor, and one in G♯ minor that was measured as A♭ minor."""
    flat, sharp = {"tonic": 3, "mode": "minor", "key": "E♭ minor"}, {"tonic": 8, "mode": "minor", "key": "A♭ minor"}
    for features, pitch, name, key in ((flat, 63, "E♭", "E♭ minor"), (sharp, 68, "G♯", "G♯ minor")):
        roll = piano_roll([[0.0, 1.0, pitch, 80, "right"]], "clip", features=features)
        assert roll["notes"][0]["title"].startswith(f"{name}4,")
        assert f"from {name}4 to {name}4" in roll["description"]
        rows = {row["name"]: row["value"] for row in feature_rows(features)}
        assert (rows["Tonic"], rows["Key"]) == (name, key)


def test_download_names_tell_nothing_but_the_hash() -> None:
    assert neutral_name("clips/ab/abcdef0123456789.mp3") == "clip-abcdef01.mp3"


def test_networks_are_named_with_version_and_hash() -> None:
    models = {"composer": {"name": "muse", "version": "1.0", "sha256": "66cf357b9f8631fc"}, "mapping": "paper"}
    assert model_rows(models) == [
        {"name": "Network or table of the composer", "value": "muse 1.0", "hash": "66cf357b9f86"},
        {"name": "Mapping", "value": "paper", "hash": ""},
    ]


def test_a_clip_without_networks_names_none() -> None:
    assert model_rows("") == []


def test_candidates_stand_in_a_table_with_the_chosen_one_marked() -> None:
    table = candidate_table({"chosen": 1, "candidates": [{"total": 0.5}, {"total": 0.75, "copied": 0}]})
    assert table["names"] == ["Total", "Copied"]
    assert [(row["chosen"], row["values"]) for row in table["rows"]] == [(False, ["0.5", "–"]), (True, ["0.75", "0"])]
