"""Two things asked for at one moment, by twenty threads on a real database; how each of them ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from melodymuse_site.turns import ActionRefused

THREADS = 20
Ask = Callable[[Any, int], Any]


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(i)` in `number` threads that start together; their results."""
    barrier = Barrier(number)

    def run(i: int) -> Any:
        barrier.wait()
        try:
            return work(i)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def race(first: Ask, second: Ask, world: Any) -> Counter[str]:
    """Start both, ten times each: "done", "refused" with a sentence, or the name of an error."""

    def run(number: int) -> str:
        try:
            (first, second)[number % 2](world, number)
        except ActionRefused:
            return "refused"
        except Exception as error:  # noqa: BLE001  (whatever it is, it is counted)
            return f"{type(error).__name__}: {error}"
        return "done"

    return Counter(at_once(THREADS, run))
