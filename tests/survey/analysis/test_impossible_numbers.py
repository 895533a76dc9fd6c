"""Numbers beside the answers that cannot be meant, or may be meant otherwise."""

import json
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from survey.analysis import analyse, as_plain, from_frame, read_long

HEADER = "participant,stimulus,intended,chosen"


def column(name, *cells):
    rows = [f'P{place},S1,joy,{("joy", "awe")[place % 2]},"{cell}"' for place, cell in enumerate(cells)]
    return read_long("\n".join([f"{HEADER},{name}", *rows, ""]))


def said(data, name):
    return [note for note in data.notes if f" {name} " in note]


@pytest.mark.parametrize(("numbers", "asked"), [(8, True), (7, False)])
@pytest.mark.parametrize("name", ["valence", "arousal"])
def test_a_scale_from_0_to_1_is_doubtful(name, numbers, asked):
    cells = [f"{place / 10}" for place in range(numbers)]
    assert len(said(column(name, *cells), name)) == asked
    assert said(column(name, *cells, "-0.1"), name) == []


@pytest.mark.parametrize("cells", [("1", "5", "9"), ("0", "50", "100"), ("-3", "0", "3")])
def test_any_other_scale_is_left_out_and_said(cells):
    data = column("valence", *cells)
    assert np.isnan(data.valence).all()
    assert "lies outside −1 to 1, so the whole column was left out" in said(data, "valence")[0]


def test_no_time_enters_nothing_and_is_counted():
    data = column("seconds", "3", "0", "-2", "5")
    assert said(data, "seconds") == [
        "The seconds '0' (line 3), '-2' (line 4): no answer takes no time, or less; left out."
    ]
    report = analyse(data, replicates=0)
    assert (report["people"]["median_seconds"], report["measures"]["times"]["n"]) == (4, 2)


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        (("4500", "3", "3"), True),
        (("3600", "3", "3"), True),
        (("3599", "3", "3"), False),
        (("300", "900", "3"), True),
        (("299", "900", "3"), False),
        (("1e9", "3", "3"), True),
    ],
)
def test_seconds_that_may_be_milliseconds_are_doubtful(cells, asked):
    assert bool(said(column("seconds", *cells), "seconds")) == asked


def test_a_point_before_three_digits_beside_decimal_commas_is_left_out():
    data = column("seconds", "1.234", "12,5", "3")
    assert data.seconds.tolist()[1:] == [12.5, 3]
    assert np.isnan(data.seconds[0])
    assert "'1.234' (line 2): a thousand, or a number with decimals?" in said(data, "seconds")[0]
    assert column("seconds", "1.234", "12.5").seconds.tolist() == [1.234, 12.5]
    assert column("seconds", "1,234", "12,5").seconds.tolist() == [1.234, 12.5]


@pytest.mark.parametrize("name", ["seconds", "confidence", "position"])
@pytest.mark.parametrize("cell", ["1e308", "-1e308", "1e30", "1.1e12"])
def test_a_number_beyond_all_that_can_be_meant_is_left_out(name, cell):
    data = column(name, cell, cell, "3", cell)
    assert f"'{cell}' (lines 2, 3 and 5): beyond what can be meant; left out." in said(data, name)[0]
    json.dumps(as_plain(analyse(data, replicates=0)), allow_nan=False)
    assert not any("beyond" in note for note in column(name, "1e12").notes)


def test_a_place_is_a_whole_number():
    data = column("position", "1", "1.5", "-3", "2")
    assert data.position.tolist() == [1, -1, -1, 2]
    assert "'1.5' (line 3), '-3' (line 4): a place is a whole number; left out." in said(data, "position")[0]


def test_a_frame_holds_what_is_no_number():
    frame = pd.DataFrame(
        {
            "participant": ["a", "b", "c"],
            "stimulus": "S",
            "intended": "joy",
            "chosen": "joy",
            "seconds": [timedelta(seconds=3), None, timedelta(seconds=4)],
            "confidence": [np.inf, 2, np.nan],
        }
    )
    data = from_frame(frame)
    assert "'0 days 00:00:03' (line 1), '0 days 00:00:04' (line 3) is no number" in said(data, "seconds")[0]
    assert said(data, "confidence") == ["The confidence 'inf' (line 1) is no number and was left out."]


def test_extremes_of_a_frame_leave_the_medians_finite():
    frame = pd.DataFrame(
        {
            "participant": ["a", "b"],
            "stimulus": "S",
            "intended": "joy",
            "chosen": "joy",
            "confidence": [1e308, 10**400],
        }
    )
    assert analyse(from_frame(frame), replicates=0)["people"]["median_confidence"] is None


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"margin": float("nan")}, "margin"),
        ({"margin": 0.0}, "margin"),
        ({"margin": 1.0}, "margin"),
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"replicates": -1}, "replicates"),
        ({"most_comparisons": -1}, "most_comparisons"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_with_a_sentence(options, name):
    with pytest.raises(ValueError, match=f"^{name} is a "):
        analyse(column("seconds", "3", "4"), **options)
