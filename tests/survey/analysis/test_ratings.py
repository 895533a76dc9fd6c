"""Reading ratings: what is understood, what is refused, and on which line."""

import numpy as np
import pandas as pd
import pytest

from generation.emotions import SLUGS
from survey.analysis.ratings import (
    Rating,
    RatingsRefused,
    collect,
    from_frame,
    read_counts,
    read_long,
    read_wide,
)

HEADER = "participant,stimulus,intended,chosen\n"


def lines(text):
    return text.splitlines(keepends=True)


def problems_of(call):
    with pytest.raises(RatingsRefused) as refused:
        call()
    return [(problem.line, problem.message) for problem in refused.value.problems]


def test_a_long_table_becomes_codes():
    data = read_long(lines(HEADER + "P1,S1,fear,fear\nP2,S1,fear,awe\nP1,S2,awe,awe\n"))
    assert (data.participants, data.stimuli, data.choices) == (("P1", "P2"), ("S1", "S2"), SLUGS)
    assert data.hits.tolist() == [True, False, True]


def test_an_empty_cell_is_a_missing_answer():
    data = read_long(lines(HEADER + "P1,S1,fear,\nP2,S2,fear,awe\n"))
    assert (len(data), data.missing, data.stimuli) == (1, 1, ("S1", "S2"))


def test_columns_may_come_in_any_order_with_others_between():
    data = read_long(lines("chosen,age,stimulus,intended,participant\nfear,30,S1,fear,P1\n"))
    assert data.hits.tolist() == [True]


def test_a_file_with_byte_order_mark_and_windows_lines_reads_the_same(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(("\ufeff" + HEADER + "P1,S1,fear,fear\n").replace("\n", "\r\n").encode())
    assert len(read_long(path)) == 1


def test_quoted_cells_may_hold_commas_and_line_ends():
    data = read_long(lines(HEADER + '"P,1","S\n1",fear,fear\nP2,"S\n1",fear,awe\n'))
    assert (data.participants, data.stimuli) == (("P,1", "P2"), ("S\n1",))


def test_semicolons_are_understood_and_noted():
    data = read_long(lines((HEADER + "P1,S1,fear,fear\n").replace(",", ";")))
    assert data.notes[0] == "The file was read as separated by semicolons."


def test_every_problem_is_listed_with_its_line():
    table = HEADER + "P1,S1,fear,fear\n,S1,fear,fear\nP2,,fear,fear\nP3,S1,,fear\nP4,S1,fear\nP5,S1,fear,Fear\n"
    found = problems_of(lambda: read_long(lines(table), choices=["fear", "awe"]))
    assert found == [
        (3, "participant is empty."),
        (4, "stimulus is empty."),
        (5, "intended is empty; line 2 says 'fear' for 'S1'."),
        (6, "has 3 cells; the header has 4."),
        (7, "chosen 'Fear' is not one of the choices (fear, awe); did you mean 'fear'?"),
    ]


def test_doubled_rows_are_refused_and_the_first_is_named():
    table = HEADER + "P1,S1,fear,fear\nP1,S2,awe,awe\nP1,S1,fear,awe\n"
    [(line, message)] = problems_of(lambda: read_long(lines(table)))
    assert (line, "'P1' answered 'S1' already on line 2" in message) == (4, True)


def test_the_same_clip_in_two_conditions_is_no_doubled_row():
    table = "participant,stimulus,intended,chosen,cell\nP1,S1,fear,fear,a\nP1,S1,fear,awe,b\n"
    data = read_long(lines(table), condition="cell")
    assert data.counts().sum(axis=1).tolist() == [1, 1]


def test_one_clip_has_one_intended_emotion():
    [(line, message)] = problems_of(lambda: read_long(lines(HEADER + "P1,S1,fear,fear\nP2,S1,awe,awe\n")))
    assert (line, "on line 2; one clip has one intended emotion" in message) == (3, True)


def test_missing_columns_are_named():
    assert problems_of(lambda: read_long(["participant,stimulus,chosen\n", "P1,S1,fear\n"])) == [
        (1, "there is no column 'intended'; the header has participant, stimulus, chosen.")
    ]


def test_an_unknown_condition_column_is_named():
    [(_, message)] = problems_of(lambda: read_long(lines(HEADER), condition="cell"))
    assert message == "there is no column 'cell', which --condition names."


@pytest.mark.parametrize(
    ("content", "start"), [(b"", "The file is empty"), (b"\xff\xfea", "the file is in UTF-16, which is damaged here")]
)
def test_unreadable_files_get_a_sentence(tmp_path, content, start):
    path = tmp_path / "answers.csv"
    path.write_bytes(content)
    [(_, message)] = problems_of(lambda: read_long(path))
    assert message.startswith(start)


def test_a_file_in_another_encoding_names_the_line(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(HEADER.encode() + b"P1,S1,fear,fear\nJos\xe9,S1,fear,fear\n")
    assert problems_of(lambda: read_long(path)) == [(3, "byte 0xe9 is not UTF-8; save the file as CSV in UTF-8.")]


def test_a_missing_file_gets_a_sentence(tmp_path):
    [(_, message)] = problems_of(lambda: read_long(tmp_path / "absent.csv"))
    assert message.startswith("There is no file")


def test_declared_none_is_the_last_choice():
    data = read_long(lines(HEADER + "P1,S1,a,x\n"), choices=["a", "b"], none="x")
    assert (data.choices, data.emotions, data.none_code) == (("a", "b", "x"), ("a", "b"), 2)


def test_an_undeclared_none_is_noticed_and_noted():
    data = read_long(lines(HEADER + "P1,S1,fear,none\n"))
    assert (data.none, data.choices) == ("none", (*SLUGS, "none"))
    assert "--none" in data.notes[0]


def test_an_unknown_answer_may_be_none():
    [(_, message)] = problems_of(lambda: read_long(lines(HEADER + "P1,S1,a,skip\n"), choices=["a", "b"]))
    assert message.endswith('if it means "none of these", add --none skip.')


def test_answers_that_differ_in_case_stay_different_and_are_noted():
    data = read_long(lines(HEADER + "P1,S1,Happy,happy\n"))
    assert data.choices == ("Happy", "happy")
    [note] = [note for note in data.notes if "upper and lower case" in note]
    assert note.endswith("'Happy' (line 2) and 'happy' (line 2).")


def test_declaring_a_choice_twice_is_refused():
    assert problems_of(lambda: read_long(lines(HEADER), choices=["a", "b", "a"])) == [
        (0, "The choice 'a' is declared twice.")
    ]


def test_wide_tables_leave_empty_cells_out():
    table = read_wide(["item,A,B,C", "1,x,x,", "2,y,x,y"])
    assert table.counts.tolist() == [[2, 0], [1, 2]]
    assert (table.missing, table.raters) == (1, ("A", "B", "C"))


def test_wide_tables_name_items_that_come_twice_and_unknown_answers():
    found = problems_of(lambda: read_wide(["item,A", "1,x", "1,z"], choices=["x", "y"]))
    assert found == [
        (3, "'A' answered 'z', which is not one of the choices (x, y)."),
        (3, "the item '1' was on line 2 already; the first column must name the item."),
    ]


def test_counts_tables_take_the_header_as_the_declared_choices():
    table = read_counts(["item,a,b,c", "1,2,,1", "2,0,3,0"])
    assert (table.choices, table.counts.tolist()) == (("a", "b", "c"), [[2, 0, 1], [0, 3, 0]])


def test_counts_tables_may_declare_more_choices():
    assert read_counts(["item,b", "1,2"], choices=["a", "b"]).counts.tolist() == [[0, 2]]


@pytest.mark.parametrize("cell", ["-1", "1.5", "many"])
def test_counts_are_whole_numbers(cell):
    assert problems_of(lambda: read_counts(["item,a,b", f"1,2,{cell}"])) == [
        (2, f"'b' has {cell!r}; a count is a whole number from 0 to 1,000,000,000.")
    ]


def test_a_data_frame_reads_as_single_ratings_do():
    rows = [Rating("1", "S1", "", "fear", "fear"), Rating("2", "S1", "", "fear", None)]
    frame = pd.DataFrame({"participant": [1, 2], "stimulus": "S1", "intended": "fear", "chosen": ["fear", np.nan]})
    a, b = collect(rows), from_frame(frame)
    assert (a.participants, a.missing, a.chosen.tolist()) == (b.participants, b.missing, b.chosen.tolist())


def test_a_frame_without_a_column_is_refused():
    with pytest.raises(RatingsRefused, match="no column 'chosen'"):
        from_frame(pd.DataFrame({"participant": [], "stimulus": [], "intended": []}))


def test_compacting_forgets_people_and_clips_that_only_others_have():
    rows = [Rating("P1", "S1", "", "fear", "fear"), Rating("P2", "S2", "", "awe", "awe", kind="gold")]
    data = collect([*rows, Rating("P3", "S3", "", "awe", None)])
    kept = data.compact(np.array([True, False]))
    assert (kept.participants, kept.stimuli) == (("P1", "P3"), ("S1", "S3"))
