"""Names that a program, a spreadsheet or somebody's hand changed; columns and raters that may be others."""

from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest
from django.conf import settings

from survey.analysis import Rating, analyse, from_frame, read_long, read_out, read_wide
from survey.analysis.wording import table

HEADER = "participant,stimulus,intended,chosen"


@pytest.mark.parametrize("name", ["1-Jan", "Jan 01", "Jan-21", "01. Mrz", "3-Feb-2024", "2024-01-05 00:00:00"])
@pytest.mark.parametrize("row", ["{},S,joy,joy", "P,{},joy,joy"])
def test_identifiers_that_became_dates_are_doubtful(name, row):
    data = read_long(f"{HEADER}\n{row.format(name)}\n")
    what = "participant" if row.startswith("{") else "stimulus"
    assert any(note.startswith(f"{what} '{name}' (line 2) looks like an identifier") for note in data.notes)


@pytest.mark.parametrize("name", ["S1", "May", "clip 1", "jan", "marimba 3", "2024"])
def test_other_names_are_no_dates(name):
    assert not any("date" in note for note in read_long(f"{HEADER}\nP,{name},joy,joy\n").notes)


@pytest.mark.parametrize("field", [*range(5), 5])
def test_no_line_of_a_report_is_as_long_as_a_cell_may_be(field):
    cells = ["P1", "S1", "joy", "joy", "sunny", "main"]
    cells[field] = "x" * 10_000
    rows = [",".join(cells), ",".join(["P2", *cells[1:]]), "P3,S2,awe,awe,dull,main"]
    text = read_out(analyse(read_long("\n".join([f"{HEADER},word,kind", *rows, ""])), replicates=0))
    assert max(map(len, text.splitlines())) < 3000


def test_of_two_columns_that_differ_in_case_the_one_taken_is_named():
    text = f"{HEADER},Chosen\nP,S,joy,joy,awe\n"
    said = "the column 'chosen' was taken as chosen, and not 'Chosen'; say otherwise with --column."
    data = read_long(text)
    assert f"line 1: {said}" in data.notes
    assert data.hits.all()
    named = read_long(text, columns={"chosen": "Chosen"}, choices=["joy", "awe"])
    assert not any("was taken as" in note for note in named.notes)
    frame = pd.DataFrame([["P", "S", "joy", "joy", "awe"]], columns=[*HEADER.split(","), "Chosen"])
    assert said in from_frame(frame).notes


def test_of_two_names_of_one_column_the_one_taken_is_named():
    data = read_long(f"{HEADER},age,age_band\nP,S,joy,joy,30,30-39\n")
    assert any("'age' was taken as age, and not 'age_band'" in note for note in data.notes)


@pytest.mark.parametrize(
    "name", ["loudness", "valence", "arousal", "correct", "tempo_bpm", "Tempo (bpm)", "confidence", "quality"]
)
def test_what_is_measured_of_clips_is_no_rater(name):
    found = read_wide(f"clip,{name},A,B,C\n1,1,1,1,2\n2,2,2,1,1\n3,1,2,1,1\n")
    assert found.raters == ("A", "B", "C")
    assert any(f"{name!r} was left out" in note for note in found.notes)


def test_every_rater_taken_is_named_unless_somebody_named_them():
    header = ",".join(["clip", *(f"R{place}" for place in range(30))])
    text = "\n".join([header, *(",".join([str(row), *"12" * 15]) for row in range(3)), ""])
    note = next(note for note in read_wide(text).notes if "taken as raters" in note)
    assert note.startswith("line 1: 30 columns were taken as raters: 'R0', 'R1'")
    assert all(f"'R{place}'" in note for place in range(30))
    assert not any("taken as raters" in note for note in read_wide(text, raters=["R0", "R1"]).notes)


@pytest.mark.parametrize("name", [item.name for item in fields(Rating)])
def test_every_column_of_a_rating_is_documented(name):
    text = Path(settings.BASE_DIR, "docs", "analysis.md").read_text(encoding="utf-8")
    columns = text.split("### Columns of a long table")[1].split("\n##")[0]
    assert f"`{name}`" in columns


def test_a_cell_of_a_table_is_cut_where_no_sentence_is_as_long():
    lines = table(["clip", "reason"], [["a", "x" * 1000], ["b", "y" * 1001]]).splitlines()
    assert lines[2].endswith("x" * 1000)
    assert lines[3].endswith(" " + "y" * 999 + "…")
