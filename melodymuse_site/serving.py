"""The web server's worker: gunicorn's processes around waitress's buffers, so that nobody slow holds a thread.

Gunicorn starts, watches and renews the processes. Inside each, waitress's main loop reads whole requests and sends
whole answers; a thread is taken only while Django works. A request that trickles in and a clip that is fetched at
ten bytes a second cost a file descriptor, and end when they are too slow (`LIMITS`).
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import BaseWSGIServer, TcpWSGIServer, UnixWSGIServer
from waitress.task import ThreadedTaskDispatcher

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
LARGEST_HEADER = 64 * 1024
LARGEST_BODY = 1024**3
MOST_BUFFERED = 256 * 1024 * 1024
"""An answer that is made piece by piece may run so far ahead of its reader (on disk beyond a megabyte)."""
AT_ONCE = 128 * 1024
"""So much of an answer is read to be sent at a time: the system's own buffer may be megabytes, nearly all in vain."""
FLUSH_SECONDS = 3
FILES_BESIDES = 256
"""Files a process may need besides those of its connections: database, media, what Django spools."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How slow a visitor may be."""

    header_seconds: float = 20
    idle_seconds: float = 60
    grace_seconds: float = 30
    bytes_per_second: float = 1000


LIMITS = Limits()


class Map(dict[int, Any]):
    """What waits for a socket, by its file, as waitress keeps it; and which of them have changed what they wait for.

    Waitress asks every connection at every turn what it waits for. Here only doors and triggers are, and those that
    something happened to; the system keeps the rest, so that a thousand idle connections cost an answer nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.changed: deque[Any] = deque()
        self.asked_always: dict[int, Any] = {}
        self.epoll = select.epoll() if hasattr(select, "epoll") else None
        self.known: dict[int, int] = {}

    def turn(self, seconds: float) -> None:
        """Wait for something to happen, and let whom it happens to react."""
        if self.epoll is None:
            wasyncore.loop(timeout=seconds, map=self, use_poll=True, count=1)
            return
        for one in list(self.asked_always.values()):
            self._ask(one)
        while self.changed:
            self._ask(self.changed.popleft())
        for number, flags in self.epoll.poll(seconds):
            one = self.get(number)
            if one is not None:
                wasyncore.readwrite(one, flags)
                self.changed.append(one)

    def _ask(self, one: Any) -> None:
        number = one._fileno
        if number is None or self.get(number) is not one:
            return
        flags = (select.POLLIN | select.POLLPRI if one.readable() else 0) | (
            select.POLLOUT if one.writable() and not one.accepting else 0
        )
        if not flags:
            self._forget(number)
        elif number not in self.known:
            self.epoll.register(number, flags)
            self.known[number] = flags
        elif self.known[number] != flags:
            self.epoll.modify(number, flags)
            self.known[number] = flags

    def _forget(self, number: int) -> None:
        if self.known.pop(number, None) is not None:
            with contextlib.suppress(OSError):  # closed already: the system has forgotten it
                self.epoll.unregister(number)

    def __setitem__(self, number: int, one: Any) -> None:
        super().__setitem__(number, one)
        if not isinstance(one, Channel):
            self.asked_always[number] = one

    def __delitem__(self, number: int) -> None:
        super().__delitem__(number)
        self.asked_always.pop(number, None)
        self._forget(number)


class Parser(HTTPRequestParser):
    """Waitress's, for whom an address that is none is no request, wherever in it that shows."""

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise ParsingError("The address of the request is none.") from error


class Channel(HTTPChannel):
    """One connection, which knows since when its visitor has kept us waiting, and what has come of it."""

    parser_class = Parser
    since: float = 0.0
    moved = 0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sendbuf_len = min(self.sendbuf_len, AT_ONCE)

    def add_channel(self, map: Any = None) -> None:
        super().add_channel(map)
        self._map.changed.append(self)

    def write_soon(self, data: Any) -> int:
        written = int(super().write_soon(data))
        if self.total_outbufs_len:
            self._wake()
        return written

    def _wake(self) -> None:
        """Have the main loop look at this connection, from another thread."""
        self._map.changed.append(self)
        self.server.pull_trigger()

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self._wait_anew()
        self.moved += len(data)
        return bool(super().received(data))

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent = int(super().send(data, do_close) or 0)
        self.moved += sent
        return sent

    def service(self) -> None:
        try:
            super().service()
        finally:
            self.server.has_answered = True
            self._wait_anew()
            self._wake()

    def _wait_anew(self) -> None:
        self.since, self.moved = time.time(), 0

    def is_idle(self) -> bool:
        """Whether an answer was sent here and nothing has come since."""
        return bool(self.since and not self.requests and not self.total_outbufs_len and self.request is None)

    def is_too_slow(self, now: float, limits: Limits = LIMITS) -> bool:
        """Whether the visitor is: while Django works, nobody waits for them."""
        if self.requests:
            return False
        waited = now - (self.since or self.creation_time)
        if self.total_outbufs_len or (self.request is not None and self.request.headers_finished):
            return waited > limits.grace_seconds and self.moved < waited * limits.bytes_per_second
        return waited > (limits.idle_seconds if self.request is None else limits.header_seconds)


class Door:
    """What both kinds of listening sockets do besides: fair queues, and an end to slow visits."""

    channel_class = Channel
    has_answered = False
    """Whether somebody was answered since the last one came in."""

    def readable(self: Any) -> bool:
        """Whether the next one may come in.

        While as many wait inside as threads work, one may for each that is answered: whichever process is free takes
        whoever stands outside, two busy ones share them, one whose threads are stuck takes nobody, and nobody stands
        there until those inside are done, who come again and again.
        """
        open_for_all = super().readable()  # type: ignore[misc]
        if self.accepting and self.in_connection_overflow:
            self.send_somebody_away()
        is_free = len(self.task_dispatcher.queue) < self.adj.threads
        return bool(open_for_all) and (is_free or self.has_answered)

    def handle_accept(self: Any) -> None:
        self.has_answered = False
        super().handle_accept()  # type: ignore[misc]

    def send_somebody_away(self: Any) -> None:
        """Where every place is taken, whoever has kept us waiting longest makes room."""
        waiting = [channel for channel in self.active_channels.values() if not channel.requests]
        if waiting:
            min(waiting, key=lambda channel: channel.since or channel.creation_time).handle_close()

    def maintenance(self: Any, now: float) -> None:
        for channel in list(self.active_channels.values()):
            if channel.is_too_slow(now):
                channel.handle_close()  # at once: to somebody who reads nothing, nothing can be flushed


class TcpDoor(Door, TcpWSGIServer):
    """At an address and port."""


class UnixDoor(Door, UnixWSGIServer):
    """At a Unix socket."""


def tidied(application: WsgiApplication) -> WsgiApplication:
    """What waitress leaves to the application and Django to the server: no body after HEAD, no space before values."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [(name, value.strip(" ")) for name, value in headers], exc_info)

        body = application(environ, start)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        if hasattr(body, "close"):
            body.close()
        return []

    return answer


class BufferedWorker(Worker):  # type: ignore[misc]
    """A gunicorn worker whose threads only ever run Django."""

    def init_process(self) -> None:
        self.map = Map()
        super().init_process()

    def handle_exit(self, sig: int, frame: Any) -> None:
        self.alive = False
        for door in self._doors():
            door.pull_trigger()

    def run(self) -> None:
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(self.cfg.threads)
        adjustments = Adjustments(
            threads=self.cfg.threads,
            connection_limit=_places(self.cfg.worker_connections),
            cleanup_interval=1,
            recv_bytes=64 * 1024,
            max_request_header_size=LARGEST_HEADER,
            max_request_body_size=LARGEST_BODY,
            outbuf_high_watermark=MOST_BUFFERED,
            clear_untrusted_proxy_headers=False,  # Django decides whom to trust (BEHIND_PROXY)
            log_socket_errors=False,
            ident="",
            backlog=self.cfg.backlog,
        )
        application = tidied(self._counted(self.wsgi))
        for listener in self.sockets:
            open_door(application, listener.sock, self.map, dispatcher, adjustments)
        while self.alive and self.is_parent_alive():
            self._turn()
        self._drain()
        dispatcher.shutdown(timeout=1)

    def is_parent_alive(self) -> bool:
        return bool(self.ppid == os.getppid())

    def _counted(self, application: WsgiApplication) -> WsgiApplication:
        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            self.nr += 1
            if self.nr >= self.max_requests:
                self.alive = False
            return application(environ, start_response)

        return answer

    def _doors(self) -> list[BaseWSGIServer]:
        return [one for one in self.map.values() if isinstance(one, Door)]

    def _turn(self) -> None:
        self.notify()
        self.map.turn(1.0)

    def _drain(self) -> None:
        """Finish what has begun: Django's work within the graceful time, readers within a few seconds.

        Whoever was let in and has said nothing yet is on the way with a request, and is waited for as long.
        """
        begun = time.monotonic()
        for door in self._doors():
            door.accepting = False
        self.map.turn(0)  # what has arrived already is read before anybody counts as idle
        while time.monotonic() - begun < self.cfg.graceful_timeout:
            channels = [one for one in self.map.values() if isinstance(one, Channel)]
            working = any(channel.requests for channel in channels)
            if time.monotonic() - begun > FLUSH_SECONDS and not working:
                return
            for channel in channels:
                if channel.is_idle():
                    channel.handle_close()
            if not channels:
                return
            self._turn()


def open_door(
    application: WsgiApplication,
    sock: Any,
    where: Map,
    dispatcher: ThreadedTaskDispatcher,
    adjustments: Adjustments,
) -> Door:
    """Let waitress answer at a socket that gunicorn holds."""
    kind = UnixDoor if sock.family == socket.AF_UNIX else TcpDoor
    sockinfo = (sock.family, sock.type, sock.proto, sock.getsockname())
    door: Door = kind(
        application,
        where,
        True,
        sock,
        dispatcher=dispatcher,
        adj=adjustments,
        bind_socket=False,
        sockinfo=sockinfo,
    )
    return door


def _places(wanted: int) -> int:
    """How many connections this process may hold: each is a file, and may have two more for what is buffered."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = FILES_BESIDES + 3 * wanted
    if soft < files:
        soft = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(min(wanted, (soft - FILES_BESIDES) // 3), 10)
