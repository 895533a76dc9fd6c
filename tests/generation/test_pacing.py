"""How many clips a run makes and how long that takes."""

from __future__ import annotations

import doctest
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation import pacing, queries
from generation.forms import RunSizeForm
from generation.pacing import Made, most_at_once, reckon_seconds
from tests.generation.factories import make_picture, make_run
from tests.generation.finished import finish_version

START = datetime(2026, 1, 1)


def made(composer: str, start: float, seconds: float) -> Made:
    begun = START + timedelta(seconds=start)
    return Made(composer, begun, begun + timedelta(seconds=seconds))


def test_examples() -> None:
    assert doctest.testmod(pacing).failed == 0


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=12))
def test_at_most_so_many_spans_cover_any_second(spans: list[tuple[int, int]]) -> None:
    """Counted second by second, which shares nothing with sorting ends and beginnings."""
    covered = [sum(start <= second < start + length for start, length in spans) for second in range(61)]
    assert most_at_once(made("a", *span) for span in spans) == max(covered, default=0)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_workers_that_go_on_as_before_take_as_long_as_was_reckoned(workers: int) -> None:
    """Simulated: so many workers, each at its next clip as soon as the last is done."""
    before = [made("a", 3.0 * (i // workers), 3.0) for i in range(4 * workers)]
    free = [0.0] * workers
    for _ in range(24):
        worker = min(range(workers), key=free.__getitem__)
        free[worker] += 3.0
    assert reckon_seconds({"a": 24}, before) == max(free)


def test_nothing_is_reckoned_for_a_composer_nobody_has_waited_for() -> None:
    assert reckon_seconds({"a": 1, "b": 1}, [made("a", 0, 3)]) is None
    assert reckon_seconds({"a": 1, "b": 0}, [made("a", 0, 3)]) == 3.0
    assert reckon_seconds({"a": 1}, [made("a", 0, -5)]) == 0.0  # a clock that was set back


@pytest.fixture
def pictured(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_the_page_says_how_many_clips_and_what_nobody_knows(pictured: None) -> None:
    words = RunSizeForm({"composer": ["paper", "muse"], "seeds_per_picture": "2"}).describe_size(3)
    assert words == (
        "12 clips: 3 pictures × 2 composers × 2 clips each. "
        "How long that takes nobody knows yet: no clip of muse, paper has been made here."
    )


def test_the_page_says_how_long_it_takes_and_what_comes_first(pictured: None) -> None:
    finish_version(make_run([make_picture(1)]).versions.get())
    size = RunSizeForm({"composer": ["paper"], "seeds_per_picture": "1"})
    assert size.describe_size(1).endswith("At the pace of the latest clips that takes about 5 seconds.")
    make_run([make_picture(2)], seeds=2)
    assert size.describe_size(1).endswith("about 5 seconds, with 2 that come first.")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"composer": [], "seeds_per_picture": "1"}, "Choose at least one composer."),
        ({"composer": ["paper"], "seeds_per_picture": "0"}, "greater than or equal to 1"),
        ({"composer": ["paper"], "seeds_per_picture": "x"}, "Enter a whole number"),
        ({"composer": ["bach"], "seeds_per_picture": "1"}, "not one of the available choices"),
        ({"composer": ["paper"], "seeds_per_picture": "50"}, "more than the 2,000 that one run may make"),
    ],
)
def test_what_cannot_be_started_is_said_before(pictured: None, sent: Any, words: str) -> None:
    assert words in RunSizeForm(sent).describe_size(41)


def test_large_runs_come_before_a_large_one_alone(pictured: None) -> None:
    make_run([make_picture(1)], seeds=queries.MOST_AWAITED + 1)
    make_run([make_picture(2)], seeds=2)
    assert queries.clips_before(1) == {"paper": 2}
    assert queries.clips_before(queries.MOST_AWAITED + 1) == {"paper": queries.MOST_AWAITED + 3}


def test_first_takes_say_nothing_of_how_long_the_best_of_several_takes(pictured: None) -> None:
    run = make_run([make_picture(1)])
    type(run).objects.filter(pk=run.pk).update(options={"sketch": True, "candidates": 1})
    finish_version(run.versions.get())
    assert queries.made_lately(["paper"]) == []
    finish_version(make_run([make_picture(2)]).versions.get())
    assert [one.composer for one in queries.made_lately(["paper", "muse"])] == ["paper"]
