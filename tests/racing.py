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


def race(first: Ask, second: Ask, world: Any) -> Counter[str]:
    """Start both, ten times each: "done", "refused" with a sentence, or the name of an error."""
    barrier = Barrier(THREADS)

    def run(number: int) -> str:
        barrier.wait()
        try:
            (first, second)[number % 2](world, number)
        except ActionRefused:
            return "refused"
        except Exception as error:  # noqa: BLE001  (whatever it is, it is counted)
            return f"{type(error).__name__}: {error}"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(run, range(THREADS)))
