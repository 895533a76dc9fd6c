"""Many participants at once over HTTP, as lean as a client can be: it shares the cores with the server."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Sequence
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

    async def answer_all(self, measured: Measured, think: float, *, with_media: bool, with_script: bool) -> None:
        """Answer clip after clip until there is none."""
        while match := TRIAL.search(self.page):
            token = match.group(1).decode()
            if with_media:
                started = time.perf_counter()
                await self.request("GET", _found(SOURCE, self.page), extra={"Range": "bytes=0-"})
                measured.media.append(time.perf_counter() - started)
            await self.pause(think)
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
            await (self.tell if with_script else self.send)(f"/study/{self.slug}/clip/", values)
            measured.answers.append(time.perf_counter() - started)
            measured.acknowledged.append(token)

    async def send(self, address: str, values: dict[str, str]) -> None:
        """Answer as a browser without a script does: by a form, and the next page is asked for."""
        await self.follow("POST", address, values)

    async def tell(self, address: str, values: dict[str, str]) -> None:
        """Answer as the page's script does: the reply brings the next page, or says where it is."""
        status, _ = await self.request("POST", address, values, {"Accept": "application/json"})
        if status != 200:
            raise Unexpected(f"POST {address}: status {status}")
        told = json.loads(self.page)
        if "page" in told:
            self.page = told["page"].encode()
        else:
            await self.follow("GET", told["next"])

    async def pause(self, think: float) -> None:
        """Think for `think` seconds on average; 0 is not at all."""
        if think:
            await asyncio.sleep(random.expovariate(1 / think))

    async def follow(self, method: str, address: str, values: dict[str, str] | None = None) -> str:
        """Send, follow where it leads, and return the address of the page at the end."""
        reached = address
        status, location = await self.request(method, address, values)
        while status in {301, 302, 303, 307}:
            reached = location
            status, location = await self.request("GET", location)
        if status != 200:
            raise Unexpected(f"{method} {address}: status {status}")
        return reached

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
        status, length, location, closes, chunked = int(head[0].split(" ", 2)[1]), 0, "", False, False
        for line in head[1:]:
            name, _, value = line.partition(": ")
            match name.lower():
                case "content-length":
                    length = int(value)
                case "connection":
                    closes = value.lower() == "close"
                case "transfer-encoding":
                    chunked = value.lower() == "chunked"
                case "location":
                    location = value
                case "set-cookie":
                    key, _, rest = value.partition("=")
                    self.cookies[key] = rest.split(";", 1)[0]
        data = await (self._read_chunks() if chunked else self.reader.readexactly(length))
        if closes:
            self.close()
        if status == 200:
            self.page = data
        return status, location

    async def _read_chunks(self) -> bytes:
        assert self.reader is not None
        data = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            data += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readuntil(b"\r\n")
        return data

    def close(self) -> None:
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None


def _found(pattern: re.Pattern[bytes], page: bytes) -> str:
    match = pattern.search(page)
    if match is None:
        raise Unexpected(f"{pattern.pattern!r} is not on the page.")
    return match.group(1).decode()


async def join_all(people: Sequence[Person], at_once: int) -> None:
    """Bring everybody's first clip to the screen, `at_once` of them at a time."""
    seats = asyncio.Semaphore(at_once)

    async def join(person: Person) -> None:
        async with seats:
            await person.join()
            if len(people) > at_once:
                person.close()

    await asyncio.gather(*(join(person) for person in people))


async def answer_all(
    people: Sequence[Person], at_once: int, think: float, *, with_media: bool, with_script: bool
) -> Measured:
    """Everybody answers all their clips, `at_once` of them at a time."""
    measured = Measured()
    seats = asyncio.Semaphore(at_once)

    async def take(person: Person) -> None:
        async with seats:
            try:
                await person.answer_all(measured, think, with_media=with_media, with_script=with_script)
            except (Unexpected, OSError, asyncio.IncompleteReadError) as error:
                measured.errors.append(repr(error))
            finally:
                person.close()

    await asyncio.gather(*(take(person) for person in people))
    return measured
