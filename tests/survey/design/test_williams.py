"""Williams designs against their definition and a published example."""

import random
from collections import Counter
from itertools import pairwise

import pytest

from survey.design.williams import draw_row, number_of_rows, williams_row


def square(n):
    return [williams_row(n, row) for row in range(number_of_rows(n))]


def test_the_published_example_of_four_treatments():
    # Williams (1949); as printed in textbooks of cross-over trials: rows are people, columns periods.
    assert [[place + 1 for place in row] for row in square(4)] == [
        [1, 2, 4, 3],
        [2, 3, 1, 4],
        [3, 4, 2, 1],
        [4, 1, 3, 2],
    ]


@pytest.mark.parametrize("n", [*range(1, 14), 24, 25])
def test_everything_stands_at_every_place_and_follows_everything_else_equally_often(n):
    rows = square(n)
    squares = 2 if n % 2 and n > 1 else 1
    assert len(rows) == squares * n
    assert all(sorted(row) == list(range(n)) for row in rows)
    for place in range(n):
        assert Counter(row[place] for row in rows) == Counter(dict.fromkeys(range(n), squares))
    follows = Counter(pair for row in rows for pair in pairwise(row))
    assert follows == Counter({(a, b): squares for a in range(n) for b in range(n) if a != b})


def test_the_row_with_the_fewest_people_is_next_so_that_rows_fill_up_evenly():
    people = Counter()
    for _ in range(26):
        people[draw_row(5, people, random.Random(len(people)))] += 1
    assert sorted(people.values()) == [2, 2, 2, 2, *[3] * 6]


def test_there_is_no_square_of_nothing():
    with pytest.raises(ValueError, match="at least one treatment"):
        number_of_rows(0)
