"""What is kept is never needed: whatever goes wrong counts as not kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import caches
from django.db import InterfaceError, OperationalError, connection

from melodymuse_site import keeping


def test_redis_is_left_alone_for_as_long_as_the_decision_says() -> None:
    assert keeping.AWAY_SECONDS == 10


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_connection_that_was_closed_keeps_nothing_and_ends_nothing(error: type[Exception]) -> None:
    cache = caches["reports"]
    assert isinstance(cache, keeping.InDatabase)

    def closed(*_: Any) -> Any:
        raise error("connection already closed")

    with connection.execute_wrapper(closed):
        cache.set("a", b"1")
        assert not cache.add("b", b"1")
        assert (cache.get("a", b"nothing"), cache.delete("a")) == (b"nothing", False)
    assert cache.add("b", b"1")
