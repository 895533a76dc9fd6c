"""One browser: cookies, redirects, timing; plain HTTP on one kept connection."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

MOST_REDIRECTS = 10
TIMEOUT = 60.0


class VisitFailed(RuntimeError):
    """A request that had no usable answer."""


@dataclass(slots=True)
class Timings:
    """Seconds of requests, by what they were for; and what went wrong."""

    pages: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    media: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Visitor:
    """Fetches pages and sends forms of one site."""

    def __init__(self, base: str, timings: Timings) -> None:
        parts = urlsplit(base)
        self._base = base
        self._timings = timings
        self._secure = parts.scheme == "https"
        self._host = parts.netloc
        self._cookies: dict[str, tuple[str, str]] = {}
        self._connection: http.client.HTTPConnection | None = None
        self.address = base
        self.html = ""

    def open(self, address: str) -> None:
        started = time.perf_counter()
        self._follow("GET", address, None)
        self._timings.pages.append(time.perf_counter() - started)

    def send(self, address: str, values: dict[str, str], *, is_answer: bool = False) -> None:
        """POST a form and read the page it leads to: one answer's time is from the POST to that page."""
        started = time.perf_counter()
        self._follow("POST", urljoin(self.address, address), values)
        taken = time.perf_counter() - started
        (self._timings.answers if is_answer else self._timings.pages).append(taken)

    def fetch(self, address: str) -> None:
        """A clip or a picture, the first bytes of it as a player asks for them."""
        started = time.perf_counter()
        self._request("GET", urljoin(self.address, address), None, {"Range": "bytes=0-65535"})
        self._timings.media.append(time.perf_counter() - started)

    def download(self, address: str) -> bytes:
        """The whole of a sound."""
        return self._request("GET", urljoin(self.address, address), None, {})[2]

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def clone(self) -> Visitor:
        """Another tab of the same browser."""
        tab = Visitor(self._base, self._timings)
        tab._cookies = self._cookies
        tab.address, tab.html = self.address, self.html
        return tab

    def _follow(self, method: str, address: str, values: dict[str, str] | None) -> None:
        for _ in range(MOST_REDIRECTS):
            status, location, body = self._request(method, urljoin(self._base, address), values, {})
            if status in {301, 302, 303, 307, 308} and location:
                method, values, address = "GET", None, urljoin(urljoin(self._base, address), location)
                continue
            self.address, self.html = urljoin(self._base, address), body.decode("utf-8", "replace")
            if status >= 400:
                raise VisitFailed(f"{method} {urlsplit(self.address).path}: status {status}")
            return
        raise VisitFailed(f"{address}: too many redirects")

    def _request(
        self, method: str, address: str, values: dict[str, str] | None, extra: dict[str, str]
    ) -> tuple[int, str, bytes]:
        parts = urlsplit(address)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        body = urlencode(values).encode() if values is not None else None
        headers = {"User-Agent": "MelodyMuse simulate", "Cookie": self._cookie_for(parts.path), **extra}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": self.address}
        for attempt in (1, 2):
            try:
                connection = self._connect()
                connection.request(method, target, body, headers)
                response = connection.getresponse()
                data = response.read()
                break
            except (http.client.HTTPException, OSError) as error:
                # A kept connection may have been closed by the server; a repeated form gives the same result.
                self.close()
                if attempt == 2:
                    raise VisitFailed(f"{method} {parts.path}: {error!r}") from error
        self._keep_cookies(response)
        return response.status, response.headers.get("Location", ""), data

    def _connect(self) -> http.client.HTTPConnection:
        if self._connection is None:
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            self._connection = kind(self._host, timeout=TIMEOUT)
        return self._connection

    def _cookie_for(self, path: str) -> str:
        fitting = [(name, value) for name, (value, scope) in self._cookies.items() if path.startswith(scope)]
        return "; ".join(f"{name}={value}" for name, value in fitting)

    def _keep_cookies(self, response: http.client.HTTPResponse) -> None:
        for header in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(header).items():
                self._cookies[name] = (morsel.value, morsel["path"] or "/")
