"""The table of coverage and error rates in docs/analysis.md: its bounds, and that it lists what is measured."""

import pytest

from tests.survey.analysis import coverage_mixed
from tests.survey.analysis.coverage import DOCUMENT, INTERVALS, SIZES, TESTS, measure

STUDIES = 300
"""Standard error of a coverage of .95: .013."""


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("people", "clips"), SIZES)
def test_intervals_cover_and_tests_keep_their_level(people, clips):
    found = measure(people, clips, STUDIES, seed=7)
    for name in INTERVALS:
        if name in found:
            assert 0.91 <= found[name] <= 1.0, (name, found[name])
    for name in TESTS:
        if name in found:
            assert found[name] <= 0.09, (name, found[name])


def test_the_documented_table_has_every_interval_and_test():
    text = DOCUMENT.read_text(encoding="utf-8")
    mixed = (*coverage_mixed.INTERVALS.values(), *coverage_mixed.TESTS.values())
    for label in (*INTERVALS.values(), *TESTS.values(), *mixed):
        assert f"| {label} |" in text


MIXED_STUDIES = 150
"""Standard error of a coverage of .95: .018."""


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("people", "clips"), coverage_mixed.SIZES)
def test_the_mixed_model_covers_and_keeps_its_level(people, clips):
    found = coverage_mixed.measure(people, clips, MIXED_STUDIES, seed=7)
    reported = [name for name in coverage_mixed.INTERVALS if name in found and not name.startswith("plain")]
    assert {"marginal", "people"} <= set(reported)
    for name in reported:
        assert found[name] >= 0.88, (name, found[name])
    for name in coverage_mixed.TESTS:
        assert found.get(name, 0.0) <= 0.1, (name, found[name])
