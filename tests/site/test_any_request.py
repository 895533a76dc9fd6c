"""Nothing that anybody can send ends in an error of the server: generated requests over every address, method, role."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.site.any_request.sending import Generator
from tests.site.any_request.world import World, build_world

SITE = "melodymuse_site.urls"
REQUESTS = 5000
PARTS = 10
SHORT = 600
MOST_TOLD = 40

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:DateTimeField .* received a naive datetime:RuntimeWarning"),
]


@pytest.fixture
def world() -> Iterator[World]:
    """A small site; what it says of refused requests is not wanted thousands of times."""
    logging.disable(logging.CRITICAL)
    yield build_world()
    logging.disable(logging.NOTSET)


def run(world: World, seed: int, numbers: range) -> None:
    tally = Generator(world, seed).run(numbers)
    told = [f"{len(tally.failures)} of {len(numbers)} requests failed; the first of them:", *tally.failures[:MOST_TOLD]]
    assert not tally.failures, "\n".join(told)


@pytest.mark.database
@pytest.mark.timeout(900)
def test_some_hundred_requests_end_without_an_error_of_the_server(world: World) -> None:
    run(world, 0, range(SHORT))


@pytest.mark.long
@pytest.mark.database
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(1, PARTS + 1))
def test_five_thousand_requests_end_without_an_error_of_the_server(world: World, seed: int) -> None:
    run(world, seed, range(REQUESTS // PARTS))
