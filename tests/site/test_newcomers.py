"""Who may come in while a web process has as much to do as it has threads."""

import socket
from collections import deque
from types import SimpleNamespace

import pytest
from waitress.adjustments import Adjustments

from melodymuse_site.serving import Map, open_door

THREADS = 2


@pytest.fixture
def door():
    listener = socket.create_server(("127.0.0.1", 0))
    dispatcher = SimpleNamespace(queue=deque())
    opened = open_door(lambda environ, start: [], listener, Map(), dispatcher, Adjustments(threads=THREADS))
    yield opened
    opened.close()


def come(door):
    """Somebody connects and is let in."""
    visitor = socket.create_connection(door.socket.getsockname())
    door.handle_accept()
    return visitor


def test_a_free_process_lets_in_whoever_comes(door):
    door.task_dispatcher.queue.append("waiting")
    with come(door), come(door):
        assert door.readable()


def test_a_busy_process_lets_one_in_for_each_that_it_answers(door):
    door.task_dispatcher.queue.extend(["waiting"] * THREADS)
    with come(door) as visitor:
        (channel,) = door.active_channels.values()
        # Nobody was answered since: a process whose threads are stuck takes nobody away from a free one.
        assert not door.readable()
        channel.requests = [SimpleNamespace(completed=True, error=None, close=lambda: None)]
        channel.task_class = lambda *_: SimpleNamespace(service=lambda: None, close_on_finish=False)
        channel.service()
        assert door.readable()
        with come(door):
            assert not door.readable()
        assert visitor.fileno() > 0
