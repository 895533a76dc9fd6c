"""Every interval and p value that a report prints has a row in the coverage tables, or is named with a reason."""

import pytest

from survey.analysis import as_plain
from survey.findings import report_of
from tests.survey.analysis import coverage_mixed
from tests.survey.analysis.coverage import labels
from tests.survey.analysis.printed import EXCEPTIONS, FIELDS, PATHS, declared, printed, rows_of
from tests.survey.rich_study import make_rich_study, make_yes_no_study

KNOWN = {
    *labels("INTERVALS"),
    *labels("TESTS"),
    *(f"mixed:{name}" for name in (*coverage_mixed.INTERVALS, *coverage_mixed.TESTS)),
}


@pytest.mark.django_db
@pytest.mark.parametrize("make", [make_rich_study, make_yes_no_study])
def test_whatever_a_report_prints_is_covered_or_named(make):
    paths = list(printed(as_plain(report_of(make()))))
    assert len(paths) > 100
    assert [path for path in paths if rows_of(path) is None] == []


def test_whatever_a_measure_may_print_is_covered_or_named():
    fields = list(declared())
    assert [field for field in fields if rows_of(field) is None] == []
    assert set(FIELDS) <= set(fields)


def test_every_row_named_is_a_row_and_every_row_is_named():
    named = {row for rows in (*PATHS.values(), *FIELDS.values()) for row in rows}
    assert named - KNOWN == set()
    beside = {"weak krippendorff_alpha, both", "weak gwet_ac1, both"}  # of another world: the same interval
    assert {row for row in KNOWN - named - beside if not row.startswith("mixed:plain")} == set()


def test_an_interval_or_p_value_that_nobody_thought_of_is_found():
    report = {"accuracy": {"wilson": [0.1, 0.2], "new": [0.1, 0.2], "p_new": 0.3, "n": [1, 2, 3], "ok": [True, False]}}
    assert list(printed(report)) == ["accuracy.wilson", "accuracy.new", "accuracy.p_new"]
    assert [rows_of(path) for path in printed(report)] == [[], None, None]
    assert rows_of("conditions.Music only.emotions.awe.recall.participants") == ["emotion, these"]
    assert all(len(reason) > 20 for reason in EXCEPTIONS.values())
