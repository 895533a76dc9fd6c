"""manage.py analyse on whatever people hand it: each fault with its line and status 2, never a traceback or NaN."""

import json
import math

import pytest
from django.core.management import CommandError, call_command

HEADER = "participant,stimulus,intended,chosen\n"
GOOD = HEADER + "P1,S1,fear,fear\nP2,S1,fear,awe\nP1,S2,awe,awe\nP2,S2,awe,fear\n"
HEARD = "".join(f"P{p},S{s},fear,{{}}\n" for p in range(4) for s in range(4))


def analyse(tmp_path, content, *arguments):
    path = tmp_path / "answers.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    call_command("analyse", str(path), "--replicates", "20", *arguments)


REFUSED = {
    "empty": ("", (), ["The file is empty"]),
    "blank lines": ("\n \n\n", (), ["The file is empty"]),
    "no columns": ("participant,stimulus\nP,S\n", (), ["line 1: there is no column 'intended'", "'chosen'"]),
    "other case": (GOOD.replace("chosen", "Chosen"), (), ["line 1: there is no column 'chosen'; write 'Chosen' in"]),
    "column twice": (HEADER.strip() + ",chosen\n", (), ["line 1: the column 'chosen' comes twice."]),
    "header after blank lines": ("\n\na,b\n", (), ["line 3: there is no column 'chosen'"]),
    "lines after blank lines": ("\n" + HEADER + "\n,S1,fear,fear\n", (), ["line 4: participant is empty."]),
    "ragged": (HEADER + "P,S,fear\nP,S,fear,awe,x\n", (), ["line 2: has 3 cells", "line 3: has 5 cells"]),
    "intended missing once": (GOOD + "P3,S1,,fear\n", (), ["line 6: intended is empty; line 2 says 'fear' for 'S1'."]),
    "twice": (GOOD + "P1,S1,fear,awe\n", (), ["line 6: 'P1' answered 'S1' already on line 2"]),
    "row over two lines": (HEADER + '"P\n1",,fear,awe\n,S,fear,awe\n', (), ["line 2: stimulus", "line 4: participant"]),
    "open quote": (HEADER + '"P1,S1,fear,fear\nP2,S1,fear,fear\n', (), ["line 2: cannot be read as CSV"]),
    "open quote in the header": ('"participant,stimulus\nP,S\n', (), ["line 1: the header cannot be read as CSV"]),
    "text after a quote": (
        HEADER + '"P1"x,S1,fear,fear\n,S,fear,fear\n',
        (),
        ["line 2: cannot", "line 3: participant"],
    ),
    "enormous cell": (HEADER + "P" * 200_000 + ",S,fear,fear\n", (), ["line 2: cannot be read as CSV: field larger"]),
    "UTF-16, cut off": (GOOD.encode("utf-16")[:-1], (), ["the file is in UTF-16, which is damaged here"]),
    "Latin-1": ((GOOD + "José,S1,fear,awe\n").encode("latin-1"), (), ["line 6: byte 0xe9 is not UTF-8"]),
    "Latin-1, old Mac lines": (b"a,b\rc,d\rJos\xe9,x\r", (), ["line 3: byte 0xe9 is not UTF-8"]),
    "zero byte": (GOOD + "P\0,S1,fear,awe\n", (), ["line 6: holds a byte of value 0"]),
    "foreign answer": (GOOD, ("--choices", "fear,joy"), ["line 3: chosen 'awe' is not one", "line 4: intended 'awe'"]),
    "no choices": (GOOD, ("--choices", ""), ["The list of choices is empty"]),
    "choice without name": (GOOD, ("--choices", "fear,,awe"), ["One of the choices has no name"]),
    "choice twice": (GOOD, ("--choices", "fear,awe,fear"), ["The choice 'fear' is declared twice."]),
    "none without name": (GOOD, ("--none", " "), ['The label of "none of these" is empty']),
    "intended none": (HEADER + "P,S,skip,skip\n", ("--none", "skip"), ["line 2: intended 'skip' is the label"]),
    "wide, ragged": ("i,A,B\n1,x\n2,x,y,z\n", ("--wide",), ["line 2: has 2 cells", "line 3: has 4 cells"]),
    "wide, no raters": (
        "i\n1\n",
        ("--wide",),
        ["line 1: the first column names the item, each further column a rater"],
    ),
    "wide, item without name": ('i,A\n"1\n1",x\n,y\n', ("--wide",), ["line 4: the item (first column) is empty."]),
    "wide, rater without name": ("i,A,\n1,x,y\n", ("--wide",), ["line 1: column 3 has no name."]),
    "counts, ragged": ("i,a,b\n1,3\n2,1,3,4\n", ("--counts",), ["line 2: has 2 cells", "line 3: has 4 cells"]),
    "counts, negative": ("i,a,b\n1,3,1\n2,-1,1\n", ("--counts",), ["line 3: 'a' has '-1'; a count is a whole number"]),
    "counts, fraction": ("i,a,b\n1,1.5,1\n", ("--counts",), ["line 2: 'a' has '1.5'"]),
    "counts, enormous": (
        "i,a,b\n1,99999999999999999999,1e300\n",
        ("--counts",),
        ["line 2: 'a' has", "line 2: 'b' has"],
    ),
    "counts, no numbers": ("i,a,b\n1,inf,nan\n2,1_0,x\n", ("--counts",), ["'inf'", "'nan'", "'1_0'", "'x'"]),
    "counts, undeclared": ("i,a,b\n1,3,1\n", ("--counts", "--choices", "a"), ["line 1: the column 'b' is not one"]),
    "counts, choice twice": ("i,a,b\n1,3,1\n", ("--counts", "--choices", "a,a,b"), ["declared twice"]),
    "counts, item twice": ("i,a,b\n1,3,1\n1,1,3\n", ("--counts",), ["line 3: the item '1' was on line 2 already"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_names_every_problem_and_exits_with_2(tmp_path, name):
    content, arguments, expected = REFUSED[name]
    with pytest.raises(CommandError) as error:
        analyse(tmp_path, content, *arguments, "--json")
    assert error.value.returncode == 2
    assert [text for text in expected if text not in str(error.value)] == []


ANALYSED = {
    "header alone": (HEADER, ()),
    "all answers missing": (HEADER + "P1,S1,fear,\nP2,S1,fear,\n", ()),
    "one answer": (HEADER + "P1,S1,fear,fear\n", ()),
    "one participant": (HEADER + "P1,S1,fear,fear\nP1,S2,awe,fear\n", ()),
    "one clip": (HEADER + "P1,S1,fear,fear\nP2,S1,fear,awe\n", ()),
    "all right": (HEADER + HEARD.replace("{}", "fear"), ()),
    "all wrong": (HEADER + HEARD.replace("{}", "awe"), ()),
    "one choice": (HEADER + HEARD.replace("{}", "fear"), ("--choices", "fear")),
    "choices that never occur": (GOOD, ("--choices", "fear,awe,joy,grief")),
    "none that never occurs": (GOOD, ("--choices", "fear,awe", "--none", "skip")),
    "byte-order mark": ("\ufeff" + GOOD, ()),
    "Windows lines": (GOOD.replace("\n", "\r\n"), ()),
    "old Mac lines": (GOOD.replace("\n", "\r"), ()),
    "semicolons": (GOOD.replace(",", ";"), ()),
    "tabs": (GOOD.replace(",", "\t"), ()),
    "blanks around": (GOOD.replace(",", " , "), ()),
    "numbers that are none": ("seconds,confidence," + HEADER + "inf,nan,P,S,fear,fear\n1e999,x,P,T,fear,awe\n", ()),
    "not available": (HEADER + "P1,S1,fear,NaN\nP2,S1,fear,nan\n", ()),
    "wide, no items": ("i,A,B\n", ("--wide",)),
    "wide, no answers": ("i,A,B\n1,,\n2,,\n", ("--wide",)),
    "wide, all alike": ("i,A,B\n1,x,x\n2,x,x\n", ("--wide",)),
    "wide, one rater": ("i,A\n1,x\n2,y\n", ("--wide", "--choices", "x,y,z")),
    "counts, no items": ("i,a,b\n", ("--counts",)),
    "counts, zeros": ("i,a,b\n1,0,0\n2,,\n", ("--counts",)),
    "counts, one item": ("i,a,b\n1,3,1\n", ("--counts",)),
    "counts, one choice": ("i,a\n1,3\n2,2\n", ("--counts",)),
    "counts, written as decimals": ("i,a,b\n1,2.0,1\n2,0,1e1\n", ("--counts", "--none", "c")),
    "counts, large": ("i,a,b\n1,1000000000,1\n2,1,1000000000\n", ("--counts",)),
}
CONTRACT = ("n", "accuracy", "emotions", "agreement", "stimuli")


@pytest.mark.parametrize("name", ANALYSED)
def test_odd_input_gives_json_without_nan_and_a_reason_for_every_null(tmp_path, capsys, name):
    content, arguments = ANALYSED[name]
    analyse(tmp_path, content, *arguments, "--json")
    report = json.loads(capsys.readouterr().out, parse_constant=lambda text: pytest.fail(f"{text} in the JSON"))
    assert [place for place in nulls_without_reason({name: report[name] for name in CONTRACT}) if place] == []


@pytest.mark.parametrize("name", ANALYSED)
def test_odd_input_gives_text_and_a_page(tmp_path, capsys, name):
    content, arguments = ANALYSED[name]
    analyse(tmp_path, content, *arguments, "--html", str(tmp_path / "page.html"))
    assert "answer" in capsys.readouterr().out
    assert (tmp_path / "page.html").read_text(encoding="utf-8").endswith("</html>\n")


def nulls_without_reason(value, path=(), above=()):
    """Yield the path of every null (or number that is not finite) that no dictionary around it explains."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name != "reason":
                yield from nulls_without_reason(item, (*path, name), (*above, value))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from nulls_without_reason(item, (*path, place), above)
    elif isinstance(value, float) and not math.isfinite(value):
        yield path
    elif value is None:
        around = above[-2:]
        if not any(found.get("reason") or path[-1] in found.get("reasons", {}) for found in around):
            yield path


def test_separators_are_said(tmp_path, capsys):
    analyse(tmp_path, GOOD.replace(",", ";"), "--json")
    assert json.loads(capsys.readouterr().out)["notes"][0] == "The file was read as separated by semicolons."


def test_what_other_programs_write_for_missing_is_said(tmp_path, capsys):
    analyse(tmp_path, "i,A,B\n1,x,NA\n2,x,x\n", "--wide", "--json")
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert "'NA' was taken as missing (line 2); say otherwise with --missing." in notes


def test_counts_may_declare_none(tmp_path, capsys):
    analyse(tmp_path, "i,a,b\n1,3,1\n2,1,3\n", "--counts", "--none", "skip", "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["choices"] == ["a", "b", "skip"]
    # two clips of 3 : 1 agree in half of the pairs; three options
    assert report["agreement"]["brennan_prediger"]["estimate"] == pytest.approx((1 / 2 - 1 / 3) / (1 - 1 / 3))
