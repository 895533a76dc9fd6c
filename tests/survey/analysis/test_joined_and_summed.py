"""Rows and columns that are no answers: trials set aside, headers of joined files, sums and percentages."""

import pandas as pd
import pytest

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
