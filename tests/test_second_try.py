"""What starts real processes is tried a second time, and nothing else is: numbers that differ are wrong."""

from __future__ import annotations

import pytest


def tries_again(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("flaky") is not None


def test_a_number_is_compared_once(request: pytest.FixtureRequest) -> None:
    assert not tries_again(request)


@pytest.mark.slow
@pytest.mark.database
def test_neither_slow_nor_database_is_a_reason(request: pytest.FixtureRequest) -> None:
    assert not tries_again(request)


@pytest.mark.browser
def test_a_browser_is_tried_a_second_time(request: pytest.FixtureRequest) -> None:
    assert tries_again(request)


@pytest.mark.service
def test_a_process_is_tried_a_second_time_and_told_in_the_summary(request: pytest.FixtureRequest) -> None:
    assert tries_again(request)
    assert "R" in request.config.option.reportchars
