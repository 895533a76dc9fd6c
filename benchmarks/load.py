"""Many participants at once over HTTP, as lean as a client can be: it shares the cores with the server."""

from __future__ import annotations

import asyncio
import random
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from survey.design.tones import SECONDS
from survey.simulation.hearing import count_tones, find_check

TICKET = re.compile(rb'name="ticket" value="([^"]+)"')
TRIAL = re.compile(rb'name="trial" value="([^"]+)"')
CHOSEN = re.compile(rb'name="chosen" value="([^"]+)"')
NUMBER = re.compile(rb'name="number" value="([^"]+)"')
SOURCE = re.compile(rb'<source src="([^"]+)"')
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Unexpected(RuntimeError):
    """The server answered something a participant cannot go on with."""


@dataclass(slots=True)
class Measured:
    """What the participants saw: seconds from an answer to the next page, acknowledged trials, failures."""

    answers: list[float] = field(default_factory=list)
    media: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Person:
    """One participant with one kept connection and their cookies."""

    port: int
    slug: str
    page: bytes = b""
    cookies: dict[str, str] = field(default_factory=dict)
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def join(self) -> None:
        """Consent and sound check; ends on the first clip."""
        await self.follow("GET", f"/study/{self.slug}/")
        ticket = _found(TICKET, self.page)
        await self.follow("POST", f"/study/{self.slug}/", {"consent": "yes", "ticket": ticket, "language": "en"})
        await self.check_sound()

    async def check_sound(self) -> None:
        """Fetch the sound, wait as long as it lasts, and say how many tones it has."""
        number = _found(NUMBER, self.page)
        await self.request("GET", find_check(self.page.decode()))
        values = {"number": number, "tones": str(count_tones(self.page)), "played": ""}
        await asyncio.sleep(SECONDS)
        await self.follow("POST", f"/study/{self.slug}/sound/", values)

    async def answer_all(self, measured: Measured, think: float, *, with_media: bool) -> None:
        """Answer clip after clip until there is none."""
        while match := TRIAL.search(self.page):
            token = match.group(1).decode()
            if with_media:
                started = time.perf_counter()
                await self.request("GET", _found(SOURCE, self.page), extra={"Range": "bytes=0-"})
                measured.media.append(time.perf_counter() - started)
            if think:
                await asyncio.sleep(random.expovariate(1 / think))
            values = {
                "trial": token,
                "chosen": random.choice(CHOSEN.findall(self.page)).decode(),
                "confidence": "3",
                "played_seconds": "20",
                "plays": "1",
                "hidden_seconds": "0",
                "first_choice_seconds": "4.2",
            }
            started = time.perf_counter()
            await self.follow("POST", f"/study/{self.slug}/clip/", values)
            measured.answers.append(time.perf_counter() - started)
            measured.acknowledged.append(token)

    async def follow(self, method: str, address: str, values: dict[str, str] | None = None) -> None:
        status, location = await self.request(method, address, values)
        while status in {301, 302, 303}:
            status, location = await self.request("GET", location)
        if status != 200:
            raise Unexpected(f"{method} {address}: status {status}")

    async def request(
        self, method: str, address: str, values: dict[str, str] | None = None, extra: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """One request on the kept connection, once more on a fresh one where the server has closed it."""
        body = urlencode(values).encode() if values is not None else b""
        headers = {"Host": f"127.0.0.1:{self.port}", **(FORM if values is not None else {}), **(extra or {})}
        headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers["Content-Length"] = str(len(body))
        head = f"{method} {address} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        message = head.encode() + b"\r\n" + body
        try:
            return await self._exchange(message)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return await self._exchange(message)

    async def _exchange(self, message: bytes) -> tuple[int, str]:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        assert self.reader is not None
        self.writer.write(message)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status, length, location, closes = int(head[0].split(" ", 2)[1]), 0, "", False
        for line in head[1:]:
            name, _, value = line.partition(": ")
            match name.lower():
                case "content-length":
                    length = int(value)
                case "connection":
                    closes = value.lower() == "close"
                case "location":
                    location = value
                case "set-cookie":
                    key, _, rest = value.partition("=")
                    self.cookies[key] = rest.split(";", 1)[0]
        data = await self.reader.readexactly(length)
        if closes:
            self.close()
        if status == 200:
            self.page = data
        return status, location

    def close(self) -> None:
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None


def _found(pattern: re.Pattern[bytes], page: bytes) -> str:
    match = pattern.search(page)
    if match is None:
        raise Unexpected(f"{pattern.pattern!r} is not on the page.")
    return match.group(1).decode()


async def join_all(port: int, slug: str, number: int, at_once: int) -> list[Person]:
    """`number` people who have their first clip on the screen."""
    people = [Person(port, slug) for _ in range(number)]
    seats = asyncio.Semaphore(at_once)

    async def join(person: Person) -> None:
        async with seats:
            await person.join()
            if number > at_once:
                person.close()

    await asyncio.gather(*(join(person) for person in people))
    return people


async def answer_all(people: list[Person], at_once: int, think: float, *, with_media: bool) -> Measured:
    """Everybody answers all their clips, `at_once` of them at a time."""
    measured = Measured()
    seats = asyncio.Semaphore(at_once)

    async def take(person: Person) -> None:
        async with seats:
            try:
                await person.answer_all(measured, think, with_media=with_media)
            except (Unexpected, OSError, asyncio.IncompleteReadError) as error:
                measured.errors.append(repr(error))
            finally:
                person.close()

    await asyncio.gather(*(take(person) for person in people))
    return measured
