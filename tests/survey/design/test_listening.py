"""What can have been heard; the thresholds are numbers that studies rest on."""

import pytest

from survey.design.listening import CLOCK_TOLERANCE, earliest_end, heard_enough, is_doubtful, time_enough


@pytest.mark.parametrize(
    ("duration", "needed"),
    [(1.0, 0.5), (4.0, 3.5), (10.0, 9.5), (20.0, 19.0), (100.0, 95.0)],
)
def test_of_a_long_sound_95_percent_are_needed_of_a_short_one_all_but_half_a_second(duration, needed):
    assert heard_enough(duration, needed)
    assert not heard_enough(duration, needed - 0.001)


def test_without_a_sound_or_a_measure_nothing_is_held_against_anybody():
    assert heard_enough(None, 0.0)
    assert heard_enough(20.0, None)
    assert time_enough(None, 0.0)


def test_the_clocks_may_differ_by_half_a_second():
    assert CLOCK_TOLERANCE == 0.5
    assert (time_enough(20.0, 18.5), time_enough(20.0, 18.499)) == (True, False)
    assert (is_doubtful(20.0, 19.5), is_doubtful(20.0, 19.499)) == (False, True)


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        ([], float("-inf")),
        ([0.0], 4.0),
        ([0.0, 0.0, 0.0], 12.0),
        ([3.0, 0.0], 8.0),
        ([0.0, 10.0], 14.0),
        ([0.0, 1.0, 50.0, 51.0], 58.0),
    ],
)
def test_sounds_are_heard_one_after_the_other(sent, end):
    assert earliest_end(sent, 4.0) == end
