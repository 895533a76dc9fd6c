"""Nothing that anybody can send ends in an error of the server: generated requests over every address, method, role.

A failure names its seed and number; `Generator(build_world(), seed).run(range(number, number + 1))` sends it alone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.site.any_request.addresses import every_address
from tests.site.any_request.broken import FRAGILE
from tests.site.any_request.sending import METHODS, Generator
from tests.site.any_request.world import ROLES, World, build_world

SITE = "melodymuse_site.urls"
BROKEN = "tests.site.any_request.broken"
REQUESTS = 5000
PARTS = 10
SHORT = 600
MOST_TOLD = 40

pytestmark = [
    pytest.mark.django_db,
    # Days without a time zone in a filter of the administration: Django takes them for days of the site.
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
    told = [f"{len(tally.failures)} of {len(numbers)} requests failed; the first:", *tally.failures[:MOST_TOLD]]
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


def test_a_few_hundred_requests_reach_every_address_with_every_method_and_role(world: World) -> None:
    generator = Generator(world, 0)
    made = [generator.make(number) for number in range(SHORT)]
    assert {address for _, address in made} == set(every_address(SITE))
    assert {asked.method for asked, _ in made} == set(METHODS)
    assert {asked.role for asked, _ in made} == set(ROLES)


def test_the_addresses_are_those_of_the_resolver_django_s_own_too() -> None:
    templates = {address.template for address in every_address(SITE)}
    assert {"/", "/media/%(name)s", "/studies/%(slug)s/people/%(public_id)s/exclude/"} <= templates
    assert {"/admin/survey/study/%(object_id)s/change/", "/accounts/login/", "/i18n/setlang/"} <= templates


def test_a_seed_and_a_number_give_the_same_request_again(world: World) -> None:
    first, again, other = Generator(world, 3), Generator(world, 3), Generator(world, 4)
    numbers = range(90, 60, -1)
    # Bodies aside: forms hold tokens that a page draws anew.
    assert [_head(again, number) for number in numbers] == [_head(first, number) for number in reversed(numbers)][::-1]
    assert _head(other, 60) != _head(first, 60)


def _head(generator: Generator, number: int) -> object:
    asked, address = generator.make(number)
    return asked.role, asked.method, asked.path, asked.query, asked.headers, address


def test_a_view_that_is_broken_is_found_and_told_with_what_repeats_it(world: World, settings: object) -> None:
    settings.ROOT_URLCONF = BROKEN  # type: ignore[attr-defined]
    generator = Generator(world, 5, urlconf=BROKEN)
    numbers = [number for number in range(REQUESTS) if generator.address_at(number).template == FRAGILE]
    failures = {number: generator.run(range(number, number + 1)).failures for number in numbers[:10]}
    found = {number: told[0] for number, told in failures.items() if told}
    assert len(found) > 3  # the others are refused before they reach the view
    for number, told in found.items():
        assert told.startswith(f"seed 5, request {number}: ")
        assert FRAGILE in told
        assert "ZeroDivisionError" in told
