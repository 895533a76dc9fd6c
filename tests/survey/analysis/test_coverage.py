"""The table of coverage and error rates in docs/analysis.md: its bounds, and that it lists what is measured."""

import pytest

from tests.survey.analysis.coverage import DOCUMENT, INTERVALS, SIZES, TESTS, labels, measure

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
    for label in (*labels("INTERVALS").values(), *labels("TESTS").values()):
        assert f"| {label} |" in text
