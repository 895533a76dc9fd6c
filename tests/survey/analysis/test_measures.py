"""The register of measures: what is in it is in every outlet, and what is not typed or finite is refused."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
import numpy as np
import pytest

from survey.analysis import (
    analyse,
    as_plain,
    effective_answers,
    measures,
    read_long,
    read_out,
    read_report,
    write_report,
)
from survey.analysis.detection.measure import UNNAMED
from survey.analysis.measures import Asked, Measure, Plot, Table, measure_all, register
from survey.analysis.measures.needs import CONFIDENCE, INTENTIONS, SECONDS
from survey.analysis.measures.shown import SHARES, Row
from survey.analysis.measures.units import SHARE, Unit
from survey.figures import Figure, figure_of, figures_of
from survey.figures.document import Paragraph, StudyFacts, report_blocks
from survey.figures.html_report import write_report_page
from survey.figures.paragraphs import results_paragraphs


def long_table(people=6, clips=8):
    rows = "".join(
        f"P{p},S{s},{('grief', 'joy')[s % 2]},{('grief', 'joy')[(p * s) % 2]}\n"
        for p in range(people)
        for s in range(clips)
    )
    return read_long("participant,stimulus,intended,chosen\n" + rows, choices=["joy", "grief"])


@dataclass(frozen=True, slots=True)
class Loudest:
    value: Annotated[float | None, "a number"]
    ends: Annotated[tuple[float, float], "of it"]


LOUDEST = Measure(
    "loudest",
    "a measure of this test",
    Loudest,
    lambda asked: Loudest(float(len(asked.primary)), (0.25, 0.75)),
    tables=lambda found: [Table("loudest", "Loudest of all", ["", "Value"], [["only row", f"{found.value:.0f} dB"]])],
    plots=lambda found: [
        Plot("loudest-plot", "Plot of the loudest", [Row("here", 0.5, found.ends)], SHARES, "x", "why", "It is loud.")
    ],
    sentences=lambda found: [f"The loudest has {found.value:.0f} dB.", "It is one paragraph."],
    plot_names=("loudest-plot",),
)


def test_one_entry_in_the_register_is_shown_as_it_declares(monkeypatch):
    known = register.all_measures()
    monkeypatch.setattr(register, "all_measures", lambda: (*known, LOUDEST))
    report = analyse(long_table(), replicates=0)
    assert report["measures"]["loudest"] == {"value": 48.0, "ends": [0.25, 0.75]}
    page, terminal = write_report_page(report, "x"), read_out(report)
    for outlet in (page, terminal):
        assert {text for text in ("Loudest of all", "48 dB", "The loudest has 48 dB.") if text not in outlet} == set()
    assert results_paragraphs(report)[-1] == "The loudest has 48 dB. It is one paragraph."
    assert "Plot of the loudest" in page
    assert "It is loud." in page
    assert figure_of(report, "loudest-plot").rows == [("here", None, 0.5, 0.25, 0.75, None, None, None)]
    assert [figure.name for figure in figures_of(report)][-1] == "loudest-plot"


def test_every_measure_of_the_register_is_in_the_blocks_that_the_documents_are_made_from():
    report = analyse(long_table(), replicates=0)
    assert set(report["measures"]) == {measure.name for measure in measures.all_measures()}
    names = {block.name for block in report_blocks(report, StudyFacts(title="x")) if isinstance(block, Table)}
    assert {table.name for table in measures.read_measures(report).tables} <= names


def test_no_outlet_reads_plain_data(monkeypatch):
    report, read = analyse(long_table(), replicates=0), []
    plain = Measure.read
    monkeypatch.setattr(Measure, "read", lambda self, data: read.append(self.name) or plain(self, data))
    assert len(read_out(report)) > 1000
    assert len(list(report_blocks(report, StudyFacts(title="x")))) > 20
    assert figure_of(report, "loudness") is None
    assert read == []
    read_report(write_report(report))
    assert sorted(read) == sorted(name for name, found in report.measures.items() if found is not None)


def test_what_every_measure_says_is_one_paragraph_of_its_own_in_every_outlet():
    report = analyse(long_table(), replicates=0)
    said = measures.read_measures(report).paragraphs
    blocks = [block.text for block in report_blocks(report, StudyFacts(title="x")) if isinstance(block, Paragraph)]
    assert len(said) > 1
    assert set(said) <= set(results_paragraphs(report)) & set(blocks) & set(read_out(report).split("\n\n"))


def test_what_a_study_does_not_have_is_in_no_outlet(monkeypatch):
    none = Measure("none", "never there", Loudest, lambda asked: None, LOUDEST.tables)
    monkeypatch.setattr(register, "all_measures", lambda: (none,))
    report = analyse(long_table(), replicates=0)
    assert report["measures"] == {"none": None}
    assert "Loudest" not in read_out(report)


def test_what_a_measure_needs_and_a_study_has_not_is_not_computed():
    data, computed = long_table(), []
    asked = Asked(data, data, data, "", 0, 0)
    for need, times in ((INTENTIONS, 1), (SECONDS, 0), (CONFIDENCE, 0)):
        computed.clear()
        Measure("loudest", "", Loudest, computed.append, needs=(need,)).measure(asked)
        assert len(computed) == times, need.says


@pytest.fixture
def declare(monkeypatch):
    """Put a declaration in the place of one of the register's, and collect again."""

    def collect(measure):
        monkeypatch.setattr(effective_answers, "MEASURE", measure)
        register.find_measures.cache_clear()
        return register.find_measures()

    yield collect
    register.find_measures.cache_clear()


def test_of_two_measures_of_one_name_the_later_file_is_left_out_and_both_are_named(declare):
    found = declare(Measure("times", "another", Loudest, lambda asked: None))
    assert found.problems == (
        "survey/analysis/effective_answers.py: MEASURE.name is 'times', which survey/analysis/affect/times.py has too:"
        " give each measure a name of its own.",
    )
    assert [measure.says for measure in found.measures if measure.name == "times"] == [
        "response times of right and wrong answers"
    ]


def test_a_measure_that_declares_nothing_is_shown_by_its_fields_units_and_reasons():
    @dataclass
    class Side:
        estimate: Annotated[float | None, "mean"]
        interval: Annotated[tuple[float, float] | None, "of it"] = None
        reason: Annotated[str | None, "why something is `null`"] = None

    @dataclass
    class Both:
        n: Annotated[int, "answers"]
        rate: Annotated[float, "share of joy", SHARE]
        rate_interval: Annotated[tuple[float, float], "of it"]
        slow: Annotated[Side, "seconds of slow people", Unit("s", digits=1)]
        by: Annotated[dict[str, Side], "each emotion"]
        order: Annotated[tuple[str, ...], "answers in order"]

    sides = {"joy": Side(0.5, (0.25, 0.75)), "awe": Side(None, reason="not defined: nobody")}
    found = Both(4, 0.25, (0.125, 0.5), Side(2.0, (1.0, 3.0)), sides, ("joy", "awe"))
    measure = Measure("both", "both sides", Both, lambda asked: found)
    (table,) = measure.tables_of(found)
    assert (table.title, table.header) == ("Both sides", ["", "Value", "95 % interval", "Note"])
    assert table.rows == [
        ["Answers", "4", "", ""],
        ["Share of joy", "25.0 %", "12.5 to 50.0 %", ""],
        ["Seconds of slow people", "2.0 s", "1.0 to 3.0 s", ""],
        ["Each emotion: joy", "0.500", "0.250 to 0.750", ""],
        ["Each emotion: awe", "–", "", "not defined: nobody"],
        ["Answers in order", "joy, awe", "", ""],
    ]
    assert measure.sentences_of(found) == ["Share of joy: 25.0 % (95 % interval 12.5 to 50.0 %)."]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused_with_its_path(bad):
    measure = Measure("loudest", "", Loudest, lambda asked: Loudest(0.0, (0.0, bad)))
    data = long_table()
    with pytest.raises(ValueError, match=r"^loudest\.ends\[1\] is not a finite number"):
        measure.measure(Asked(data, data, data, "", 0, 0))


def test_data_of_another_shape_are_refused():
    with pytest.raises(msgspec.ValidationError):
        LOUDEST.read({"value": "loud", "ends": [0, 1]})


def test_names_of_tables_and_plots_are_their_own():
    report = analyse(long_table(), replicates=0)
    blocks = list(report_blocks(report, StudyFacts(title="x")))
    for kind in (Table, Figure):
        names = [block.name for block in blocks if isinstance(block, kind)]
        assert len(names) == len(set(names))


def test_answers_that_do_not_hang_together_are_worth_what_they_are():
    """Half of the answers are hits, dealt so that no person and no clip has more than another but by chance."""
    draw = np.random.default_rng(3)
    rows = "".join(f"P{p},S{s},joy,{('joy', 'grief')[draw.integers(2)]}\n" for p in range(40) for s in range(40))
    data = read_long("participant,stimulus,intended,chosen\n" + rows, choices=["joy", "grief"])
    found = effective_answers.measure_effective_answers(Asked(data, data, data, "", 0, 0))
    assert found.participants.design_effect == pytest.approx(1, abs=0.35)
    assert found.participants.effective * found.participants.design_effect == pytest.approx(1600)


def test_answers_of_copies_are_worth_one_each():
    """Ten people who say the same to every clip: their answers are worth the clips."""
    rows = "".join(f"P{p},S{s},joy,{('joy', 'grief')[s % 2]}\n" for p in range(10) for s in range(8))
    data = read_long("participant,stimulus,intended,chosen\n" + rows, choices=["joy", "grief"])
    found = effective_answers.measure_effective_answers(Asked(data, data, data, "", 0, 0))
    assert found.participants_stimuli.effective == pytest.approx(7)  # 8 clips, with the factor 8 / 7 of their number
    assert found.participants_stimuli.design_effect == pytest.approx(80 / 7)
    assert found.participants.reason == "not defined: the answers show no spread"


def test_one_person_says_nothing_about_new_people():
    data = long_table(people=1)
    found = as_plain(measure_all(Asked(data, data, data, "", 0, 0)).found["effective_answers"])
    assert found["participants"] == {
        "effective": None,
        "design_effect": None,
        "reason": "not defined: one participant says nothing about new people",
    }


def yes_or_no(named=True):
    rows = f"participant,stimulus,intended,chosen,position,confidence{',asked' if named else ''}\n"
    says, names = ("yes", "no"), ("joy", "fear")
    rows += "".join(
        f"P{p},S{s},{says[((p if named else 0) + s) % 2]},{says[s // 2 % 2]},{s + 1},{1 + s % 5}"
        + (f",{names[(p + s) % 2]}\n" if named else "\n")
        for p in range(12)
        for s in range(8)
    )
    return analyse(read_long(rows, choices=["yes", "no"]), replicates=0)


@pytest.mark.parametrize("named", [True, False])
def test_what_is_about_hits_says_nothing_where_people_said_yes_or_no(named):
    measured = yes_or_no(named)["measures"]
    assert {name for name, found in measured.items() if found is not None} == {"detection"}


@pytest.mark.parametrize("named", [True, False])
def test_what_people_answered_alone_tells_that_they_said_yes_or_no(named):
    """With or without a column of the emotion named: no outlet speaks of hits, and targets and lures come first."""
    report = yes_or_no(named)
    blocks = list(report_blocks(report, StudyFacts(title="x")))
    assert next(block.name for block in blocks if isinstance(block, Table)) == "detection"
    terminal, page = read_out(report), write_report_page(report, "x")
    assert terminal.index("Targets and lures") < terminal.index("Intended (rows)")
    for said in (terminal, page):
        assert "picked the intended emotion" not in said
        assert "Hit rate per" not in said
        assert "recall" not in said
        assert "false-alarm rate" in said
    assert report["seed_study"]["reason"].startswith("not compared: its trials always named the intended emotion")
    together = report["measures"]["detection"]["together"]
    assert (together["targets"], together["lures"], together["hits"], together["false_alarms"]) == (48, 48, 24, 24)
    assert (together["reason"] == UNNAMED) == (not named)
    assert (UNNAMED in page) == (not named)


def test_where_people_chose_nobody_said_yes_or_no():
    report = analyse(long_table(), replicates=0)
    assert report["yes_or_no"] is False
    assert report["measures"]["detection"] is None
