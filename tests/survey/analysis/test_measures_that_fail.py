"""A measure that is declared wrongly or fails at run time: one sentence that names it, and everything else stands."""

import json
import logging
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import pytest

from survey.analysis import analyse, effective_answers, read_long, read_out, read_report, write_report
from survey.analysis.measures import LensCue, LensPlot, Measure, Plot, Table, read_measures, register
from survey.analysis.measures.declared import PLOTS_OF_EVERY_REPORT, TABLES_OF_EVERY_REPORT, problems_of
from survey.analysis.measures.measure import Need
from survey.analysis.measures.shown import SHARES, Row, Scale
from survey.figures.catalogue import FIGURES
from survey.figures.document import StudyFacts, report_blocks
from survey.figures.html_report import to_html


@dataclass(frozen=True, slots=True)
class Haste:
    participants: Annotated[int, "people with answers"]
    estimate: Annotated[float | None, "quick less slow"]
    interval: Annotated[tuple[float, float] | None, "for new people"] = None


GOOD = Haste(3, 0.25, (0.125, 0.5))
HASTE = Measure("haste", "quick and slow halves", Haste, lambda asked: GOOD)
TABLE = Table("haste", "Haste", ["", "Value"], [["all", "0.25"]])


def boom(*_):
    raise RuntimeError("boom in\nhere")


def plot(*rows, scale=SHARES, name="hasty"):
    return {
        "plots": lambda found: [Plot(name, "Haste", rows, scale, "x", "why", "It is quick.")],
        "plot_names": ("hasty",),
    }


def lens(*cues):
    return {
        "plots": lambda found: [LensPlot("hasty", "Haste", "fear", cues, "", "", "why", "It is quick.")],
        "plot_names": ("hasty",),
    }


def table(*rows, header=("", "Value")):
    return {"tables": lambda found: [Table("haste", "Haste", list(header), list(rows))]}


def test_the_examples_of_this_file_are_right_without_their_faults():
    assert problems_of(HASTE) == problems_of(replace(HASTE, **plot(), **table())) == []


DECLARED = {
    "name": (
        {"name": "Has te!"},
        "name is 'Has te!': use up to 50 small letters, digits and underscores, a letter first; it is a key of"
        " report.json.",
    ),
    "no name": ({"name": ""}, "name is '': use up to 50"),
    "says": ({"says": " "}, "says is empty: write what the measure is"),
    "compute": ({"compute": None}, "compute is None: give a function"),
    "tables": ({"tables": [TABLE]}, "tables is [Table("),
    "group": ({"group": "said"}, "group is 'said': give one of Group.RECOGNITION, "),
    "place": ({"place": "a"}, "place is 'a': give a whole number."),
    "needs": ({"needs": Need("x", boom)}, "needs is Need("),
    "need": ({"needs": (Need("", boom),)}, "needs has one without words"),
    "plots alone": ({"plots": boom}, "plots and plot_names go together"),
    "names alone": ({"plot_names": ("ghost",)}, "plots and plot_names go together"),
    "plot of every report": ({"plots": boom, "plot_names": ("map",)}, "plot_names has 'map', which is a figure of"),
    "plot as a text": ({"plots": boom, "plot_names": "hasty"}, "plot_names is 'hasty': give a tuple of texts."),
    "address": ({"plots": boom, "plot_names": ("a/b",)}, "plot_names has 'a/b': use small letters"),
    "result": ({"result": float}, "result is <class 'float'>: give a frozen dataclass."),
}


@pytest.mark.parametrize("case", DECLARED)
def test_a_wrong_declaration_is_said_with_its_field(case):
    given, said = DECLARED[case]
    (problem,) = problems_of(replace(HASTE, **given))
    assert problem.startswith(said)


@pytest.mark.parametrize(
    ("hint", "written"),
    [
        (Annotated[set[str], "words"], "set[str]"),
        (Annotated[float | str | None, "either"], "float | str | None"),
        (Annotated[tuple[int, int], "a pair"], "tuple[int, int]"),
        (Annotated[np.ndarray, "numbers"], "ndarray"),
        (Annotated[dict[int, str], "by number"], "dict[int, str]"),
    ],
)
def test_a_type_that_no_outlet_knows_is_refused_with_its_field(hint, written):
    shape = type("Odd", (), {"__annotations__": {"x": hint}})
    (problem,) = problems_of(replace(HASTE, result=dataclass(shape)))
    assert problem.startswith(f"result Odd.x is {written}: use int, float, str, bool, a dataclass, tuple[type, ...],")


def test_a_field_without_a_meaning_is_refused():
    shape = dataclass(type("Odd", (), {"__annotations__": {"x": float, "y": Annotated[int, ""]}}))
    said = 'result Odd.{} has no meaning: write Annotated[type, "what it is"].'
    assert problems_of(replace(HASTE, result=shape)) == [said.format("x"), said.format("y")]


def test_names_of_figures_that_a_measure_may_not_take_are_those_of_the_catalogue():
    assert frozenset(FIGURES) == PLOTS_OF_EVERY_REPORT


def test_names_of_tables_that_a_measure_may_not_take_are_those_of_every_report():
    report = analyse(long_table(), replicates=0)
    own = {table.name for table in read_measures(report).tables}
    names = {block.name for block in report_blocks(report, StudyFacts(title="x")) if isinstance(block, Table)}
    assert {"accuracy", "emotions", "provenance"} <= names - own <= TABLES_OF_EVERY_REPORT


@pytest.fixture
def declare(monkeypatch):
    """Put a declaration in the place of one of the register's, and collect again."""

    def collect(measure):
        monkeypatch.setattr(effective_answers, "MEASURE", measure)
        register.find_measures.cache_clear()

    yield collect
    register.find_measures.cache_clear()


def long_table():
    rows = "".join(f"P{p},S{s},{'gj'[s % 2]},{'gj'[(p * s) % 2]}\n" for p in range(4) for s in range(6))
    return read_long("participant,stimulus,intended,chosen\n" + rows)


def outlets(report):
    """Terminal, page and JSON, in which nothing may fail."""
    page = to_html(report_blocks(report, StudyFacts(title="x")))
    return read_out(report), page, write_report(report).decode()


RUN = {
    "compute": ({"compute": boom}, "RuntimeError: boom in here."),
    "need": ({"needs": (Need("x", boom),)}, "RuntimeError: boom in here."),
    "tables": ({"tables": boom}, "RuntimeError: boom in here."),
    "plots": ({"plots": boom, "plot_names": ("hasty",)}, "RuntimeError: boom in here."),
    "sentences": ({"sentences": boom}, "RuntimeError: boom in here."),
    "headline": ({"headline": boom}, "RuntimeError: boom in here."),
    "a float": ({"compute": lambda asked: 0.5}, "haste: compute returned a float, and should return Haste or None."),
    "a dict": ({"compute": lambda asked: {"n": 1}}, "haste: compute returned a dict, and should return Haste or None."),
    "NaN": (
        {"compute": lambda asked: replace(GOOD, estimate=float("nan"))},
        "haste.estimate is not a finite number: what is not defined is None, with a reason.",
    ),
    "a type": (
        {"compute": lambda asked: replace(GOOD, participants=3.0)},
        "Expected `int`, got `float` - at `haste.participants`: give what Haste declares.",
    ),
    "a set": ({"compute": lambda asked: replace(GOOD, estimate={1})}, "Expected `float | null`, got `array`"),
    "an object": (
        {"compute": lambda asked: replace(GOOD, estimate=object())},
        "haste cannot be written as JSON: it holds the type object.",
    ),
    "reversed": (
        {"compute": lambda asked: replace(GOOD, interval=(0.9, 0.1))},
        "haste.interval goes from 0.9 down to 0.1: give the low end first.",
    ),
    "a text": ({"sentences": lambda found: "one"}, "sentences returned a str, and should return a list of str."),
    "no list": ({"tables": lambda found: TABLE}, "tables returned a Table, and should return a list of Table."),
    "short row": (table(["x"]), "table 'haste', row 1 has 1 cells, and its header has 2."),
    "table of another": (
        {"tables": lambda found: [replace(TABLE, name="leaving-out")]},
        "table 'leaving-out' is a table of the measure leaving_out too: give each a name of its own.",
    ),
    "table of every report": (
        {"tables": lambda found: [replace(TABLE, name="people")]},
        "table 'people' is a table of every report too: give each a name of its own.",
    ),
    "a number": (table(["x", 3.5]), "table 'haste', row 1 has the cell 3.5: write every cell as a text"),
    "no header": (table(header=()), "table 'haste' needs a header, a list of texts."),
    "unnamed": (plot(name="hasta"), "plots returned 'hasta', which plot_names does not name"),
    "NaN in a plot": (plot(Row("a", float("nan"))), "plot 'hasty', row 1 has something that is no finite number"),
    "flat axis": (plot(Row("a", 0.5), scale=Scale(1.0, 1.0, ())), "plot 'hasty' has an axis from 1.0 to 1.0"),
    "NaN in a lens": (
        lens(LensCue("pedal", "Pedal", 0.1, (float("nan"), 0.2), None, None, "agree")),
        "plot 'hasty', row 1 has something that is no finite number",
    ),
    "no cue": (lens(Row("a", 0.5)), "plot 'hasty', row 1 is a Row, and should be a LensCue."),
    "standing": (
        lens(LensCue("pedal", "Pedal", 0.1, None, None, None, "alike")),
        "plot 'hasty', cue 'pedal' has the standing 'alike': one of agree, disagree, composer_only, listeners_only,",
    ),
}


@pytest.mark.parametrize("case", RUN)
def test_a_measure_that_fails_is_left_out_of_every_outlet_and_said(declare, caplog, case):
    given, said = RUN[case]
    declare(replace(HASTE, **{"needs": (), **given}))
    with caplog.at_level(logging.ERROR):
        report = analyse(long_table(), replicates=0)
    note = report.notes[0]
    assert note.startswith("The measure haste (")
    assert said in note
    assert report.measures["haste"] is None
    assert report.measures["leaving_out"] is not None
    terminal, page, plain = outlets(report)
    assert note in terminal
    assert note in json.loads(plain)["notes"]
    assert "The measure haste (" in page
    assert "Traceback" in caplog.text


def test_numbers_of_numpy_are_numbers(declare):
    found = Haste(np.int64(3), np.float64(0.25), np.array([0.125, 0.5]))
    declare(replace(HASTE, compute=lambda asked: found, needs=()))
    report = analyse(long_table(), replicates=0)
    assert report.measures["haste"] == GOOD
    assert type(report.measures["haste"].participants) is int
    assert read_report(write_report(report)).measures["haste"] == GOOD


def test_a_measure_that_is_declared_wrongly_is_left_out_and_said_in_the_report(declare):
    declare(replace(HASTE, says=""))
    report = analyse(long_table(), replicates=0)
    assert report.notes[0] == (
        "A measure is left out. survey/analysis/effective_answers.py: MEASURE.says is empty: write what the measure is,"
        " for the head of its table."
    )
    assert "haste" not in report.measures
    assert len(outlets(report)[0]) > 1000


def test_a_file_that_cannot_be_imported_is_said_and_the_others_stand(monkeypatch, tmp_path):
    import survey.analysis.measures as folder

    (tmp_path / "torn.py").write_text("MEASURE = Measure(", encoding="utf-8")
    (tmp_path / "odd.py").write_text("MEASURE = 3", encoding="utf-8")
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    register.find_measures.cache_clear()
    odd, torn = sorted(register.find_measures().problems)
    assert odd == "survey/analysis/measures/odd.py: MEASURE is 3: write MEASURE = Measure(…)."
    assert torn.startswith("survey/analysis/measures/torn.py cannot be imported: SyntaxError: ")
    assert len(register.all_measures()) > 10
    register.find_measures.cache_clear()


def test_a_report_whose_measure_fails_only_later_is_shown_without_it(declare):
    declare(HASTE)
    report = analyse(long_table(), replicates=0)
    declare(replace(HASTE, tables=boom))
    assert "haste" not in {one.measure.name for one in read_measures(report).shown}
    assert len(outlets(report)[0]) > 1000


def test_the_end_of_a_tasks_time_is_no_fault_of_a_measure():
    end = type("SoftTimeLimitExceeded", (Exception,), {})()
    with pytest.raises(type(end)):
        register.say_failed(HASTE, end)


def test_the_check_says_it(declare):
    from survey.checks import check_measures

    assert check_measures() == []
    declare(replace(HASTE, place="a"))
    (found,) = check_measures()
    assert found.id == "survey.E001"
    assert found.msg == "survey/analysis/effective_answers.py: MEASURE.place is 'a': give a whole number."
