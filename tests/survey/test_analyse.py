"""manage.py analyse, as people call it."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.survey.analysis.published import KRIPPENDORFF_2011

TABLE = """participant,stimulus,intended,chosen,cell
P1,S1,fear,fear,a
P1,S2,awe,none,b
P2,S1,fear,anger,a
P2,S2,awe,awe,b
P3,S1,fear,fear,a
P3,S2,awe,,b
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def analyse_json(capsys, *arguments):
    call_command("analyse", *map(str, arguments), "--json")
    return json.loads(capsys.readouterr().out)


def test_json_of_a_small_study(table, capsys):
    report = analyse_json(capsys, table, "--none", "none", "--replicates", "50")
    assert report["n"] == {"responses": 5, "participants": 3, "stimuli": 2, "missing": 1}
    assert (report["accuracy"]["estimate"], report["accuracy"]["chance"]) == (0.6, 1 / 9)
    assert report["stimuli"][0]["modes"] == ["fear"]


def test_declared_choices_set_chance(table, capsys):
    report = analyse_json(capsys, table, "--choices", "fear,awe,anger", "--none", "none", "--replicates", "0")
    assert (report["choices"], report["accuracy"]["chance"]) == (["fear", "awe", "anger", "none"], 0.25)


def test_a_condition_column_gives_cells_that_are_never_pooled(table, capsys):
    report = analyse_json(capsys, table, "--condition", "cell", "--replicates", "0")
    hits = {name: (cell["accuracy"]["hits"], cell["accuracy"]["n"]) for name, cell in report["conditions"].items()}
    assert hits == {"a": (2, 3), "b": (1, 2)}
    assert (report["cell"], report["accuracy"]["hits"], report["n"]["responses"]) == ("a", 2, 3)
    assert report["comparisons"][0]["reason"] == "not defined: a and b have no emotion in common"


def test_options_rename_columns_name_what_is_missing_and_ask_for_factors(table, capsys):
    table.write_text(TABLE.replace("participant", "subject").replace("anger", "99"), encoding="utf-8")
    options = (
        "--column",
        "participant=subject",
        "--missing",
        "99",
        "--by",
        "cell",
        "--margin",
        "0.2",
        "--replicates",
        "0",
    )
    report = analyse_json(capsys, table, *options)
    assert (report["n"]["missing"], list(report["by"]["cell"])) == (2, ["a", "b"])
    assert [(found["factor"], found["margin"]) for found in report["comparisons"]] == [("cell", 0.2)]
    call_command("analyse", str(table), *options, "--most-comparisons", "0")
    assert capsys.readouterr().out.startswith("Notes\n- chosen: '99' was taken as missing (line 4)")


def test_the_same_seed_gives_the_same_bytes(table, capsys):
    first = analyse_json(capsys, table, "--seed", "5", "--replicates", "100")
    assert first == analyse_json(capsys, table, "--seed", "5", "--replicates", "100")


def test_wide_tables(tmp_path, capsys):
    path = tmp_path / "wide.csv"
    path.write_text(KRIPPENDORFF_2011, encoding="utf-8")
    report = analyse_json(capsys, path, "--wide")
    assert round(report["agreement"]["krippendorff_alpha"]["estimate"], 3) == 0.743


def test_text_reads_in_plain_words(table, capsys):
    call_command("analyse", str(table), "--replicates", "10")
    text = capsys.readouterr().out
    assert "Listeners picked the intended emotion in 60 % of trials" in text
    assert "1 missing answer left out." in text


def test_bad_input_lists_every_line_and_exits_with_2(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("participant,stimulus,intended,chosen\n,S1,fear,fear\nP1,S1,fear\n", encoding="utf-8")
    with pytest.raises(CommandError) as error:
        call_command("analyse", str(path))
    assert error.value.returncode == 2
    assert "line 2: participant is empty." in str(error.value)
    assert "line 3: has 3 cells; the header has 4." in str(error.value)


IMPOSSIBLE = [
    ("--replicates", "-1"),
    ("--seed", "-1"),
    ("--most-comparisons", "-1"),
    ("--margin", "10"),
    ("--margin", "0"),
    ("--counts", "--condition", "x"),
    ("--wide", "--by", "cell"),
    ("--wide", "--margin", "0.1"),
    ("--counts", "--missing", "x"),
    ("--raters", "A"),
    ("--column", "participant"),
    ("--column", "somebody=participant"),
    ("--column", "participant=nobody"),
    ("--by", "nothing"),
    ("--by", "stimulus"),
]


@pytest.mark.parametrize("arguments", IMPOSSIBLE)
def test_impossible_options_exit_with_2(table, arguments):
    with pytest.raises(CommandError) as error:
        call_command("analyse", str(table), *arguments)
    assert error.value.returncode == 2


def test_no_database_is_needed(table):
    """The address answers nobody; the command must not ask."""
    environment = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    run = subprocess.run(
        [sys.executable, "manage.py", "analyse", str(table), "--json", "--replicates", "0"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, json.loads(run.stdout)["n"]["responses"]) == (0, 5)
