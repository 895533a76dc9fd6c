"""Tables as other programs leave them: read rightly, refused, or said to be doubtful, with the line."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from django.conf import settings

from survey.analysis import (
    RatingsRefused,
    analyse,
    analyse_table,
    from_frame,
    read_counts,
    read_long,
    read_out,
    read_wide,
)
from survey.analysis.ratings.truths import truth_of

HEADER = "participant,stimulus,intended,chosen\n"


def table(*rows, header=HEADER):
    return header + "".join(f"{row}\n" for row in rows)


def share(text, **options):
    return analyse(read_long(text, **options), replicates=0)["accuracy"]["estimate"]


def refused(call):
    with pytest.raises(RatingsRefused) as error:
        call()
    return str(error.value)


CODES = {
    "chosen as decimals": (("1", "2"), ("1.0", "2.0")),
    "intended as decimals": (("1.0", "2.0"), ("1", "2")),
    "a mixed column": (("1", "2.0"), ("1.0", "2")),
    "decimal commas": (("1", "2"), ('"1,0"', '"2,00"')),
    "leading zeros lost": (("01", "02"), ("1", "2")),
    "scientific": (("100000", "2"), ("1e+05", "2")),
    "composed and decomposed": (("Ärger", "Überraschung"), ("A\u0308rger", "U\u0308berraschung")),
    "non-breaking space": (("very sad", "fear"), ("very\u00a0sad", "fear\u00a0")),
    "zero width": (("fear", "awe"), ("\u200bfear", "a\u200bwe\ufeff")),
    "two blanks": (("very sad", "fear"), ("very  sad", " fear ")),
}


@pytest.mark.parametrize("name", CODES)
def test_one_answer_in_two_spellings_is_one_answer(name):
    (a, b), (c, d) = CODES[name]
    assert share(table(f"P1,S1,{a},{c}", f"P1,S2,{b},{d}", f"P2,S1,{a},{c}", f"P2,S2,{b},{d}")) == 1.0


def test_declared_choices_are_compared_as_codes_too():
    data = read_long(table("P1,S1,1.0,1", "P1,S2,2.0,3"), choices=["1", "2.0", "3"])
    assert (data.choices, data.hits.tolist()) == (("1", "2.0", "3"), [True, False])
    assert "'1.0' is the same as '1' (line 2)" in data.notes[0]


def test_choices_that_are_one_code_are_declared_twice():
    assert "The choice '1.0' is declared twice." in refused(lambda: read_long(HEADER, choices=["1", "1.0"]))


def test_identifiers_that_became_decimals_are_one_person_and_versions_stay_apart():
    assert read_long(table("1,S1,fear,fear", "1.0,S2,awe,awe")).participants == ("1",)
    assert read_long(table("P,1.0,fear,fear", "P,1.1,awe,awe", "P,1,fear,fear")).stimuli == ("1.0", "1.1", "1")
    assert "answered 'S1' already on line 2" in refused(lambda: read_long(table("1,S1,fear,fear", "1.0,S1,fear,awe")))


def test_names_of_columns_are_evened_out():
    assert share("\u00a0participant,stimulus\u200b,intended ,chosen\nP1,S1,fear,fear\n") == 1.0


NO = "FALSE False F no N 0 0.0 0,0 FALSCH falsch nein Nein faux non NON falso hayır HAYIR Hayır hayir yanlış não nej"
YES = "TRUE True t yes Y 1 1.0 WAHR ja vrai oui verdadero sí evet doğru sim"


def test_no_and_yes_are_understood_in_many_words():
    assert {truth_of(word) for word in NO.split()} == {False}
    assert {truth_of(word) for word in YES.split()} == {True}


@pytest.mark.parametrize("word", ["maybe", "2", "-1", "d", "", "0.5"])
def test_another_word_never_counts_as_included(word):
    text = table(f"P1,S1,fear,fear,{word}", header=HEADER.strip() + ",included\n")
    assert "line 2: included is" in refused(lambda: read_long(text))


@pytest.mark.parametrize("word", ["NA", "NaN", "nan", "null", "#N/A", "<NA>", "#NV", ".", "-", "-99", "-99.0", "-999"])
def test_what_other_programs_write_for_missing_is_missing_and_said(word):
    data = read_long(table("P1,S1,fear,fear", f"P2,S1,fear,{word}"))
    assert (len(data), data.missing) == (1, 1)
    assert data.notes[0] == f"chosen: {word!r} was taken as missing (line 3); say otherwise with --missing."


def test_somebody_may_say_what_is_missing():
    text = table("P1,S1,fear,fear", "P2,S1,fear,99", "P3,S1,fear,NA")
    assert read_long(text, missing=["99"]).missing == 1
    assert read_long(text, missing=[""]).missing == 0
    assert read_long(text, choices=["fear", "99", "NA"]).missing == 0
    assert "choose one" in refused(lambda: read_long(text, choices=["fear", "99", "NA"], missing=["NA"]))


def test_numbers_below_zero_are_answers_where_they_are_a_scale():
    assert read_wide("i,A,B\n1,-9,-8\n2,-9,-9\n").missing == 0


def test_a_participant_without_a_name_is_refused():
    assert "line 2: participant is 'NA', which means missing" in refused(lambda: read_long(table("NA,S1,fear,fear")))


def test_columns_of_facts_are_no_raters():
    text = "item,age,country,A,B,C\n1,30,DE,x,x,y\n2,31,FR,y,y,y\n3,30,DE,x,x,x\n"
    data = read_wide(text)
    assert (data.raters, int(data.counts.sum())) == (("A", "B", "C"), 9)
    assert data.notes[0].startswith("line 1: 'age', 'country' were left out")
    assert read_wide(text, raters=["A", "B"]).raters == ("A", "B")
    assert "no column 'D', which --raters names" in refused(lambda: read_wide(text, raters=["D"]))


def test_a_fact_in_numbers_among_ratings_in_numbers_is_left_out_by_its_name():
    assert read_wide("item,Block,A,B\n1,1,1,2\n2,2,2,2\n").raters == ("A", "B")


@pytest.mark.parametrize("cell", ["1.000", "1.234", '"1,000"', "1'000", "12.345.678", "1 000"])
def test_thousands_points_are_refused_with_the_line(cell):
    assert "line 2: 'a' has " in refused(lambda: read_counts(f"i,a,b\n1,{cell},2\n"))


@pytest.mark.parametrize("text", ["sep=;\ni;a;b\n1;3;1\n", '"sep=;"\ni;a;b\n1;3;1\n', "SEP=|\ni|a|b\n1|3|1\n"])
def test_the_line_that_names_the_separator_is_understood(text):
    assert read_counts(text).counts.tolist() == [[3, 1]]


def test_a_header_with_a_comma_in_a_name_keeps_its_semicolons():
    assert read_counts('i;"well, a";b\n1;3;1\n').choices == ("well, a", "b")


def test_rows_of_separators_and_emptied_columns_are_blank():
    text = "i,A,B,,\n,,,,\n1,x,y,,\n\u00a0,,,,\n,,,,,,\n"
    assert read_wide(text).counts.tolist() == [[1, 1]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_files_in_utf_16_are_read(tmp_path, encoding):
    path = tmp_path / "answers.csv"
    path.write_bytes(table("P1,S1,Ärger,Ärger").encode(encoding))
    assert share(path) == 1.0
    assert share(str(path)) == 1.0


def test_without_intentions_agreement_alone_is_measured():
    data = read_long(table("P1,S1,,fear", "P2,S1,,fear", "P1,S2,,awe", "P2,S2,,awe"))
    report = analyse(data, replicates=0)
    assert (report["emotions"], report["accuracy"]["estimate"]) == ({}, None)
    assert report["agreement"]["percent"]["estimate"] == 1.0
    assert read_out(report).startswith("Notes\n- ")


def test_clips_without_intention_count_for_agreement_and_not_for_the_hit_rate():
    text = "participant,stimulus,intended,chosen,composer\n"
    text += "P1,S1,fear,fear,a\nP2,S1,fear,fear,a\nP1,S2,,awe,a\nP2,S2,,awe,b\nP1,S3,awe,fear,b\nP2,S3,awe,awe,b\n"
    report = analyse(read_long(text), replicates=0)
    assert (report["accuracy"]["estimate"], report["n"]["responses"]) == (0.75, 6)
    assert [rater["hit_rate"] for rater in report["raters"]] == [0.5, 1.0]
    assert [level["accuracy"]["estimate"] for level in report["composers"].values()] == [1.0, 0.5]


def test_neutral_clips_change_no_chance():
    rows = [
        f"P{p},S{s},{e},{e if e != 'neutral' else 'joy'}"
        for p in range(3)
        for s, e in enumerate(["joy", "grief", "neutral"])
    ]
    data = read_long(table(*rows))
    assert (data.choices, len(data.intended_only)) == (("grief", "joy"), 6)
    assert data.notes[0].startswith("'neutral' (lines 4, 7 and 10) is no emotion that people could choose")


def test_an_intention_that_nobody_chose_is_doubtful():
    rows = ["P1,S1,joy,joy", "P1,S2,grief,joy", "P1,S3,calm,joy", "P2,S2,grief,grief"]
    data = read_long(table(*rows))
    assert (
        "Nobody chose 'calm' (line 4), though it is intended. If people could not choose it, chance is 1/2"
        in data.notes[0]
    )
    assert read_long(table(*rows), neutral=["calm"]).k == 2
    assert "add --neutral calm" in refused(lambda: read_long(table(*rows), choices=["joy", "grief"]))


def test_columns_with_other_words_are_doubtful():
    assert read_long(table("P1,S1,joy,1", "P1,S2,grief,2")).notes[0].startswith("No answer equals any intended emotion")


def test_a_wide_table_read_as_long_and_the_reverse_say_so():
    assert "add --wide" in refused(lambda: read_long("item,A,B\n1,x,x\n2,y,x\n"))
    assert "add --counts" in refused(lambda: read_long("item,a,b\n1,3,4\n2,2,5\n"))
    assert "--column participant=NAME" in refused(lambda: read_long("who,what,aim,said\nP,S,a,a\nP,T,a,b\n"))
    assert "leave --wide and --counts out" in refused(lambda: read_wide(table("P1,S1,fear,fear")))
    assert "leave --wide and --counts out" in refused(lambda: read_counts(table("P1,S1,fear,fear")))
    assert "say --wide" in refused(lambda: read_counts("item,A,B\n1,x,x\n2,y,x\n"))
    assert "with --counts" in read_wide("item,a,b\n1,3,1\n2,0,4\n3,2,2\n").notes[0]
    assert "with --wide" in read_counts("item,A,B,C\n1,3,1,2\n2,3,4,1\n3,1,2,2\n").notes[0]


def test_identifiers_that_a_spreadsheet_turned_into_numbers_are_doubtful():
    notes = read_long(table("1.2E+11,S1,fear,fear", "007,S1,fear,fear", "7,S1,fear,fear")).notes
    assert "participant '1.2E+11' (line 2) looks like an identifier that a spreadsheet turned" in notes[0]
    assert "participant '007' (line 3) and '7' (line 4) count as two" in notes[1]


def test_unknown_kinds_of_trial_and_cells_that_hold_no_number_are_said():
    text = "kind,seconds," + HEADER + 'Gold,"3,5",P1,S1,fear,fear\nwarm,fast,P1,S2,fear,fear\n'
    data = read_long(text)
    assert (data.factors["kind"].levels, data.seconds[0]) == (("gold", "warm"), 3.5)
    assert any("kind of trial 'warm' (line 3)" in note for note in data.notes)
    assert any("seconds 'fast' (line 3) is no number" in note for note in data.notes)


def test_columns_may_be_called_otherwise_and_further_factors_be_asked_for():
    text = "subject,stimulus,intended,chosen,country,sex\n"
    text += "".join(
        f"P{p},S{s},fear,{'fear' if p % 2 else 'awe'},{'DE' if p % 2 else 'FR'},f\n" for p in range(6) for s in range(3)
    )
    data = read_long(text, columns={"participant": "subject"}, by=("country", "sex"))
    report = analyse(data, replicates=0)
    assert {name: level["accuracy"]["estimate"] for name, level in report["by"]["country"].items()} == {
        "FR": 0,
        "DE": 1,
    }
    assert report["by"]["sex"] == {}
    assert [(c["factor"], c["a"], c["b"], c["difference"]) for c in report["comparisons"]] == [
        ("country", "FR", "DE", -1)
    ]
    none = analyse(data, replicates=0, most_comparisons=0)
    assert none["comparisons"] == []
    assert none["notes"][-1].startswith("country has 2 levels, 1 pairs of them: more than 0, so none was compared")
    assert "no column 'age' to analyse by" in refused(
        lambda: read_long(text, columns={"participant": "subject"}, by=("age",))
    )


def test_a_frame_of_codes_is_read_as_its_file_is():
    frame = pd.DataFrame({"subject": [1, 2], "stimulus": ["S", "S"], "intended": [3, 3], "chosen": [3.0, np.nan]})
    data = from_frame(frame, columns={"participant": "subject"})
    assert (data.hits.tolist(), data.missing) == ([True], 1)
    with pytest.raises(TypeError, match="takes a pandas DataFrame"):
        from_frame([1, 2])


def test_a_notebook_needs_no_settings():
    code = "from survey.analysis import analyse, read_long, from_frame; import sys; sys.exit('django' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    run = subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, env=environment, check=False)
    assert run.returncode == 0


def test_without_replicates_no_page_claims_a_bootstrap():
    from survey.figures.html_report import write_report_page

    data = read_long(table(*(f"P{p},S{s},fear,{'fear' if (p + s) % 2 else 'awe'}" for p in range(4) for s in range(4))))
    with_none, with_some = (analyse(data, replicates=replicates) for replicates in (0, 50))
    assert "bootstrap" not in read_out(with_none) + write_report_page(with_none, "x")
    assert "bootstrap" in read_out(with_some)
    assert "bootstrap" in write_report_page(with_some, "x")


def test_what_is_doubtful_comes_before_the_numbers():
    from survey.figures.html_report import write_report_page

    report = analyse_table(read_wide("item,age,A,B\n1,30,x,x\n2,31,y,x\n"))
    assert read_out(report).startswith("Notes\n- line 1: 'age' was left out")
    page = write_report_page(report, "x")
    assert page.index("was left out") < page.index("Krippendorff")
