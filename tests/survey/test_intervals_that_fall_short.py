"""What is printed beside intervals that hold the truth less often than they claim."""

import numpy as np
import pytest

from generation.emotions import SLUGS
from survey.analysis import analyse
from survey.figures.tables import KAPPA_FALLS_SHORT, TWO_CLIPS_FALL_SHORT, category_table
from tests.survey.analysis.coverage_agreement import STRENGTHS, drawn
from tests.survey.analysis.made import ratings_of


def report_of_clips(clips, people=12):
    emotion = np.arange(clips) % 8
    chosen = drawn(np.random.default_rng(1), people, emotion, STRENGTHS["middle"])[2]
    return analyse(ratings_of(people, emotion, SLUGS, chosen=chosen), replicates=0)


@pytest.mark.parametrize(
    ("clips", "notes"),
    [
        (8, [KAPPA_FALLS_SHORT]),
        (9, [KAPPA_FALLS_SHORT, TWO_CLIPS_FALL_SHORT]),
        (16, [KAPPA_FALLS_SHORT, TWO_CLIPS_FALL_SHORT]),
        (24, [KAPPA_FALLS_SHORT]),
    ],
)
def test_the_table_of_answers_says_how_often_its_intervals_hold(clips, notes):
    table = category_table(report_of_clips(clips))
    assert table.notes == notes
    assert "96 % with 12 people, in 90 % with 100" in KAPPA_FALLS_SHORT


def test_without_intervals_of_kappa_nothing_is_said_of_them():
    table = category_table(report_of_clips(8, people=1))
    assert table.notes == []
