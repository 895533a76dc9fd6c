"""On SQLite the processes of a machine write by turns: nobody waits while another process goes again and again."""

import multiprocessing
import statistics
import time

import pytest
from django.db import connection

from melodymuse_site.turns import in_turn

ASKED = 25


@in_turn
def write(counted, seconds):
    """A short transaction, counted."""
    time.sleep(seconds)
    counted.value += 1


def go_on_and_on(counted, end):
    """What a process with many requests does: no pause between its transactions."""
    while not end.is_set():
        write(counted, 0.002)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL lets transactions write at once.")
@pytest.mark.django_db(transaction=True)
def test_whoever_comes_is_next_whatever_another_process_still_has_to_write():
    """Turns of a process that never pauses, between somebody's asking and their turn: its running one, and one more."""
    connection.close()  # no process may inherit one
    forked = multiprocessing.get_context("fork")
    counted, mine, end = forked.Value("i", 0), forked.Value("i", 0), forked.Event()
    busy = forked.Process(target=go_on_and_on, args=(counted, end))
    busy.start()
    try:
        passed, until = [], time.monotonic() + 60
        while not counted.value:
            assert time.monotonic() < until, "The other process did not begin."
            time.sleep(0.01)
        while len(passed) < ASKED or counted.value <= ASKED:
            assert time.monotonic() < until, "The other process was not busy."
            time.sleep(0.01)
            asked = counted.value
            write(mine, 0)
            passed.append(counted.value - asked)
    finally:
        end.set()
        busy.join(10)
    assert statistics.median(passed) <= 2
