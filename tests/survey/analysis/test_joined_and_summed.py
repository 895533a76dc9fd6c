"""Rows and columns that are no answers: trials set aside, headers of joined files, sums and percentages."""

import pandas as pd
import pytest
from msgspec.structs import replace

from survey.analysis import RatingsRefused, analyse, from_frame, read_counts, read_long

HEADER = "participant,stimulus,intended,chosen"


def long_table(column, value_of):
    rows = [f"P{p},S{s},{('joy', 'sad')[s % 2]},joy,{value_of(p, s)}" for p in range(4) for s in range(4)]
    return "\n".join([f"{HEADER},{column}", *rows, ""])


def refused(call):
    with pytest.raises(RatingsRefused) as error:
        call()
    return str(error.value)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("practice", "8 rows are practice trials (lines 2, 4, 6 and 5 more): they count nowhere."),
        ("Practice", "8 rows are practice trials (lines 2, 4, 6 and 5 more): they count nowhere."),
        ("gold", "8 rows are gold trials (lines 2, 4, 6 and 5 more): they count for the reliability of people alone."),
        (
            "repeat",
            "8 rows are repeat trials (lines 2, 4, 6 and 5 more): they count for the reliability of people alone.",
        ),
    ],
)
def test_rows_that_are_no_main_trials_are_counted_in_a_note(kind, said):
    report = analyse(read_long(long_table("kind", lambda p, s: "main" if s % 2 else kind)), replicates=0)
    assert (report["n"]["responses"], said in report["notes"]) == (8, True)


def test_practice_counts_nowhere():
    rows = [f"P{p},S{s},joy,joy,main,2" for p in range(3) for s in range(3)]
    practice = ["P0,S7,joy,,practice,", "P9,S0,joy,sad,practice,99", "P0,S8,joy,sad,practice,99"]
    header = f"{HEADER},kind,seconds"
    without, beside = (
        analyse(read_long("\n".join([header, *some, ""]), choices=["joy", "sad"]), replicates=0)
        for some in (rows, rows + practice)
    )
    assert beside.notes == ["3 rows are practice trials (lines 11, 12 and 13): they count nowhere."]
    assert without.notes == []
    assert replace(beside, notes=[]) == without


def test_nobody_is_included_in_some_rows_only():
    text = long_table("included", lambda p, s: "nein" if (p, s) in ((0, 1), (0, 3), (2, 0)) else "ja")
    report = analyse(read_long(text), replicates=0)
    assert (report["people"]["included"], report["people"]["excluded"]) == (2, 2)
    assert [note for note in report["notes"] if note.startswith("included")] == [
        "included is both yes and no for 'P0', 'P2' (lines 3, 5 and 10 say no): a person is included or not, so all"
        " their answers count as not included."
    ]
    whole = analyse(read_long(long_table("included", lambda p, s: "ja" if p else "nein")), replicates=0)
    assert not any(note.startswith("included") for note in whole["notes"])


@pytest.mark.parametrize(
    "again",
    [HEADER, HEADER.upper(), "stimulus,participant,intended,chosen", " participant ,stimulus,intended,\ufeffchosen"],
)
def test_the_header_of_a_joined_file_is_no_answer(again):
    text = f"{HEADER}\nP1,S1,joy,joy\n{again}\nP2,S1,joy,joy\n"
    assert "line 3: this row repeats the header" in refused(lambda: read_long(text))
    frame = pd.DataFrame([row.split(",") for row in text.splitlines()[1:]], columns=HEADER.split(","))
    assert "line 2: this row repeats the header" in refused(lambda: from_frame(frame))


def test_the_header_of_a_joined_table_of_counts_is_no_item():
    text = "item,joy,sad\na,1,2\nitem,joy,sad\nb,2,1\n"
    assert "line 3: this row repeats the header" in refused(lambda: read_counts(text))


@pytest.mark.parametrize("name", ["total", "Total", "SUM", "Summe", "n", "Toplam", "Σ"])
def test_a_column_of_totals_is_no_choice(name):
    text = f"item,joy,sad,{name}\na,3,6,9\nb,5,4,9\n"
    assert f"line 1: the column {name!r} is the sum of the others" in refused(lambda: read_counts(text))


def test_a_choice_that_is_called_total_and_is_no_sum_stays():
    assert read_counts("item,joy,sad,total\na,3,6,9\nb,5,4,8\n").choices == ("joy", "sad", "total")
    declared = read_counts("item,joy,sad,total\na,3,6,9\nb,5,4,9\n", choices=["joy", "sad", "total"])
    assert declared.counts.sum() == 36
    assert any("in every row 'total' is the sum" in note for note in declared.notes)


def test_a_row_of_totals_is_no_item():
    text = "item,joy,sad\na,3,6\nb,5,4\nTotal,8,10\n"
    assert "line 4: the row 'Total' is the sum of the others" in refused(lambda: read_counts(text))
    assert len(read_counts(text.replace("8,10", "8,11")).items) == 3


def test_both_totals_are_named_at_once():
    said = refused(lambda: read_counts("item,joy,sad,total\na,3,6,9\nb,5,4,9\nTotal,8,10,18\n"))
    assert "line 1: the column 'total'" in said
    assert "line 4: the row 'Total'" in said


def test_a_sum_by_another_name_is_doubtful_where_it_is_no_coincidence():
    rows = ["item,joy,sad,others", "a,3,6,9", "b,5,4,9", "c,1,1,2"]
    assert any("line 1: in every row 'others' is the sum" in note for note in read_counts(rows).notes)
    assert not any("is the sum" in note for note in read_counts(rows[:3]).notes)
    across = ["item,joy,sad,awe", "a,3,6,1", "b,5,4,0", "c,8,10,1"]
    assert any("line 4: the row 'c' is the sum" in note for note in read_counts(across).notes)
    assert not any("is the sum" in note for note in read_counts([row.rsplit(",", 1)[0] for row in across]).notes)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("33,67", "50,50", "20,80"), "Every row sums to 100 (lines 2, 3 and 4)"),
        (("33,66", "50,50"), "Every row sums to about 100 (lines 2 and 3)"),
        (("33,65", "50,50"), None),
        (("33,66", "50,49"), None),
    ],
)
def test_percentages_are_doubtful(rows, said):
    found = read_counts("item,joy,sad\n" + "".join(f"{place},{row}\n" for place, row in enumerate(rows)))
    assert [note.split(":")[0] for note in found.notes if "percentages" in note] == ([said] if said else [])
