"""Intervals of ratings, confidence and times hold the truth about as often as they claim, and the table lists them."""

from collections import defaultdict

import numpy as np
import pytest

from tests.survey.analysis.coverage import DOCUMENT, SIZES
from tests.survey.analysis.coverage_affect import INTERVALS, of_one_study

STUDIES = 200
"""Standard error of a coverage of .95: .015."""
FALLS_SHORT = {"gamma": 0.84}
"""γ of few answers is often exactly 1: .88 with 12 people and 8 clips, as docs/analysis.md says."""


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("people", "clips"), SIZES)
def test_intervals_of_what_is_said_beside_the_choice_cover(people, clips):
    generator, found = np.random.default_rng((11, people, clips)), defaultdict(list)
    for _ in range(STUDIES):
        for name, said in of_one_study(generator, people, clips).items():
            found[name] += said
    covered = {name: np.mean(said) for name, said in found.items()}
    assert {name: share for name, share in covered.items() if share < FALLS_SHORT.get(name, 0.9)} == {}


def test_the_documented_table_has_every_interval():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [label for label in INTERVALS.values() if f"| {label} |" not in text] == []
