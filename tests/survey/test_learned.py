"""How many people answers are of, where some answered more often than others."""

from __future__ import annotations

import numpy as np
import pytest

from survey.findings.learned import FEWEST_EVEN, NothingToLearn, count_even, refuse_uneven


def test_people_count_as_many_as_would_tell_as_much_if_they_answered_equally_often():
    assert count_even(np.zeros(0, np.int64)) == 0.0
    assert count_even(np.repeat(np.arange(10), 16)) == 10.0
    assert count_even(np.repeat([3, 7], 5)) == 2.0
    assert count_even(np.repeat(np.arange(3), [1, 2, 3])) == pytest.approx(36 / 14)


def test_ten_people_of_whom_one_left_in_the_middle_are_enough_and_two_who_hardly_began_are_too_many():
    assert FEWEST_EVEN == 9.5
    refuse_uneven(np.repeat(np.arange(10), [16] * 9 + [8]))
    refuse_uneven(np.repeat(np.arange(12), [16] * 10 + [1, 1]))
    with pytest.raises(NothingToLearn, match=r"as much as 9\.1 who answered equally often, and .* at least 9\.5\."):
        refuse_uneven(np.repeat(np.arange(10), [16] * 9 + [1]))
