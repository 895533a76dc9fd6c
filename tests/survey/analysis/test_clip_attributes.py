"""Attributes of clips beside ratings: from memory and from tables."""

from __future__ import annotations

import json

import numpy as np
import pytest

from survey.analysis import RatingsRefused, read_attributes
from survey.analysis.ratings.attributes import gather_attributes, measured_of


def test_a_column_per_attribute_is_read_and_other_columns_are_left():
    found = read_attributes("stimulus;title;tempo;pedal\nS1;Dawn;72,5;0.5\nS2;Dusk;;0.25\n".replace("72,5", "72.5"))
    assert found.names == ("pedal", "tempo")
    np.testing.assert_array_equal(found.of(["S2", "S1"]), [[0.25, np.nan], [0.5, 72.5]])


def test_a_column_of_an_export_is_read():
    told = json.dumps({"tempo": {"target": [60, 70], "measured": 66.0}, "mode": {"measured": "major"}})
    cell = '"' + told.replace('"', '""') + '"'
    found = read_attributes(f"stimulus,attributes,loudness_lufs\nS1,{cell},-23\nS2,,-23\nS3,{{}},-23\n")
    assert found.names == ("tempo",)
    np.testing.assert_array_equal(found.values, [[66.0], [np.nan], [np.nan]])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("clip,tempo\nS1,72\n", "there is no column 'stimulus'"),
        ("stimulus,tempo\nS1,72\nS2,80\nS1,90\n", "line 4: stimulus 'S1' stands in line 2 already"),
        ("stimulus,attributes\nS1,{tempo\n", "line 2: the attributes are no JSON"),
        (f"stimulus,attributes\nS1,{'1' * 5000}\n", "line 2: the attributes are no JSON"),
        (f"stimulus,attributes\nS1,{'[' * 100000}\n", "line 2: the attributes are no JSON"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(table, said):
    with pytest.raises(RatingsRefused, match="(?i)" + said.replace("'", ".")):
        read_attributes(table)


@pytest.mark.parametrize("cell", ["inf", "-inf", "fast", "1e999"])
def test_a_column_with_anything_but_finite_numbers_is_no_attribute(cell):
    assert read_attributes(f"stimulus,tempo,pedal\nS1,72,0.5\nS2,{cell},0.25\n").names == ("pedal",)


def test_a_table_without_numbers_has_no_attributes():
    assert read_attributes("stimulus,title\nS1,Dawn\n") is None


@pytest.mark.parametrize("value", [None, "fast", float("nan"), float("inf"), [1.0], True, 10**400])
def test_what_is_no_finite_number_was_not_measured(value):
    assert measured_of({"tempo": {"measured": value}, "pedal": {"measured": 1}}) == {"pedal": 1.0}


def test_nothing_measured_is_no_table():
    assert gather_attributes({"S1": {}, "S2": {}}) is None


@pytest.mark.parametrize("cell", ["", "NA", "nan", "null", "N/A", "."])
def test_words_for_missing_are_missing(cell):
    found = read_attributes(f"stimulus,tempo\nS1,72\nS2,{cell}\n")
    np.testing.assert_array_equal(found.values, [[72.0], [np.nan]])


def test_a_comma_may_stand_for_the_point_and_plain_numbers_in_json_are_read():
    assert read_attributes("stimulus;tempo\nS1;72,5\n").values.tolist() == [[72.5]]
    assert measured_of({"tempo": 72}) == {"tempo": 72.0}
