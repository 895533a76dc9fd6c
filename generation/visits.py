"""Pieces of visitors without an account: kept for a quarter of an hour in the broker's Redis, and nowhere else.

Nothing of a visit is written to the database or among the media. What is kept goes by itself, whatever dies: a worker
that is killed while it makes a piece leaves a visit that is told to begin anew. How many pieces are asked for is
counted by address and for the whole site; few are made at the same time, so that studies get theirs, and few are kept,
so that the broker has room for what workers are told.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

import redis
from django.conf import settings

from melodymuse_site.broker import connect

KEPT_SECONDS: Final = 15 * 60
MOST_OPEN: Final = 2
"""So many pieces of visitors are waited for at the same time, on the whole site."""
MOST_KEPT: Final = 20
"""So many visits are kept, each of some 1 MB: beside them a broker of 256 MB has room for its own."""
LONGEST_SIDE: Final = 1024
"""Pixels of a visitor's picture: what its page shows, and more than the network looks at."""
IPV6_CUSTOMER: Final = 56
"""Bits of an IPv6 address that one customer of a provider is given, and can have any number of addresses below."""
PATIENCE_SECONDS: Final = 150
"""So long a piece may wait for a worker, and so long again be made: a worker is told to end after less
(`melodymuse_site.queues`), and what is not there by then will not come."""
HOUR: Final = 3600
SEED_LIMIT: Final = 2**31
QUEUED, RUNNING, READY, FAILED = "queued", "running", "ready", "failed"
UNBEGUN, LOST = "unbegun", "lost"
"""No worker took it in time; a worker did, and what it made did not come."""
FILES: Final = {"picture": "", "clip.mp3": "audio/mpeg", "clip.mid": "audio/midi"}
"""What belongs to a visit, by name, with its type; a picture has the type that the intake gave it."""
ATTEMPTS: Final = 3
"""To enter a visit among others; each takes as long as the broker is waited for, at most."""
SOON: Final = 10
"""After so many seconds a piece that is being made is there, and the next may be asked for."""


class TooManyVisits(Exception):
    """The next piece may be asked for after `seconds`; the message says why."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Busy(TooManyVisits):
    """As many pieces are waited for, or kept, as may be; whoever asks meanwhile has not asked."""


class AlreadyAsked(Exception):
    """The same was sent from the same address, and its piece, the visit `token`, is waited for: a double click."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.token = token


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor asks for; `emotion` is a slug, or empty for that of `target` or the picture's own."""

    emotion: str
    composer: str
    picture_type: str
    target: dict[str, float] | None = None
    """The point that the music is to lie at, by dimension; None where `emotion` alone says it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What is kept of a visit beside its files; `told` is what a finished piece is shown with."""

    token: str
    status: str
    seed: int
    wanted: Wanted
    told: dict[str, Any]

    @property
    def is_open(self) -> bool:
        return self.status in (QUEUED, RUNNING)


def count_try(address: str, asked: str = "", now: float | None = None) -> list[str]:
    """Count that somebody at `address` asks, and return what `give_back` takes; `asked` is a digest of what was sent.

    Raises AlreadyAsked and Busy, with nothing counted; TooManyVisits; RedisError where the broker is away.
    Of an address a keyed hash is kept that is another one every hour; of IPv6 the network that one customer has counts.
    """
    moment = time.time() if now is None else now
    hour, left = int(moment // HOUR), max(1, round(HOUR - moment % HOUR))
    limits = (
        (f"from:{_hash_of(address, hour)}", settings.PUBLIC_CREATE_EACH, "You have asked {} within this hour"),
        (f"hour:{hour}", settings.PUBLIC_CREATE_ALL, "Visitors have asked {} within this hour, as often as they may"),
    )
    with _client() as client:
        _require_room(client, address, asked, moment)
        for name, most, words in limits:
            with client.pipeline() as counting:
                counting.incr(_key(name))
                counting.expire(_key(name), HOUR)
                number = counting.execute()[0]
            if number > most:
                minutes = _in_minutes(left)
                raise TooManyVisits(f"{words.format(_count(most, 'time'))}; the next may come in {minutes}.", left)
    return [name for name, _, _ in limits]


def _require_room(client: redis.Redis, address: str, asked: str, now: float) -> None:
    """Raises AlreadyAsked or Busy while a piece of the address is waited for; Busy for the sake of others."""
    found = client.get(_at_key(address))
    digest, _, token = found.decode().partition(":") if found else ("", "", "")
    if token and (visit := find(token)) is not None and visit.is_open:
        if digest == asked:
            raise AlreadyAsked(token)
        raise Busy("A piece for your address is being made; ask again in some seconds.", SOON)
    if client.zcount(_key("open"), now - PATIENCE_SECONDS, "+inf") >= MOST_OPEN:
        raise Busy("Pieces of other visitors are being made; ask again in some seconds.", SOON)
    if client.zcount(_key("kept"), now, "+inf") >= MOST_KEPT:
        ((_, gone_at),) = client.zrangebyscore(_key("kept"), now, "+inf", start=0, num=1, withscores=True)
        left = max(1, round(gone_at - now))
        kept = f"The {MOST_KEPT} latest pieces of visitors are kept, as many as there is room for"
        raise Busy(f"{kept}; the next may come in {_in_minutes(left)}.", left)


def give_back(counted: list[str]) -> None:
    """What `count_try` counted led to nothing, by no fault of whoever asked."""
    with _client() as client, client.pipeline() as counting:
        for name in counted:
            counting.decr(_key(name))
            counting.expire(_key(name), HOUR)
        counting.execute()


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _in_minutes(seconds: int) -> str:
    return _count(max(1, round(seconds / 60)), "minute")


def begin(wanted: Wanted, picture: bytes, *, address: str, asked: str) -> Visit:
    """Keep a picture and what is wanted, in one transaction: all of it, with a place among the waiting, or nothing.

    `asked` is a digest of what was sent from `address`. Raises AlreadyAsked, Busy; RedisError where the broker is away
    or has no room.
    """
    visit = Visit(secrets.token_urlsafe(24), QUEUED, secrets.randbelow(SEED_LIMIT), wanted, {})
    now = time.time()
    facts = json.dumps({"seed": visit.seed, **asdict(wanted)})

    def enter(entering: redis.client.Pipeline) -> None:
        entering.watch(_at_key(address), _key("open"), _key("kept"))
        _require_room(entering, address, asked, now)
        entering.multi()
        key = _visit_key(visit.token)
        entering.hset(key, mapping={"status": QUEUED, "since": now, "facts": facts, "picture": picture})
        entering.expire(key, KEPT_SECONDS)
        entering.set(_at_key(address), f"{asked}:{visit.token}", ex=2 * PATIENCE_SECONDS)
        entering.zremrangebyscore(_key("open"), "-inf", now - PATIENCE_SECONDS)
        entering.zadd(_key("open"), {visit.token: now})
        entering.expire(_key("open"), HOUR)
        entering.zremrangebyscore(_key("kept"), "-inf", now)
        entering.zadd(_key("kept"), {visit.token: now + KEPT_SECONDS})
        entering.expire(_key("kept"), HOUR)
        entering.execute()

    with _client() as client, client.pipeline() as entering:
        try:
            _attempt(enter, entering)
        except AlreadyAsked as error:
            if error.token != visit.token:  # else the answer to the last attempt was lost alone
                raise
        except redis.RedisError:  # an answer that did not come may be one to what was done
            with suppress(redis.RedisError):
                drop(visit.token)
            raise
    return visit


def _attempt(enter: Callable[[redis.client.Pipeline], None], pipeline: redis.client.Pipeline) -> None:
    """`enter`, once more where others came between, or the broker was silent: that is told by the same error."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            enter(pipeline)
        except redis.WatchError:
            if attempt == ATTEMPTS:
                raise
        else:
            return


def find(token: str) -> Visit | None:
    """A visit that is still kept. RedisError where the broker is away."""
    with _client() as client:
        status, since, facts, told = client.hmget(_visit_key(token), ["status", "since", "facts", "told"])
    if not (status and facts and since):
        return None
    standing = status.decode()
    if standing in (QUEUED, RUNNING) and time.time() - float(since) > PATIENCE_SECONDS:
        standing = UNBEGUN if standing == QUEUED else LOST
    known = json.loads(facts)
    return Visit(token, standing, known.pop("seed"), Wanted(**known), json.loads(told) if told else {})


def read_file(token: str, name: str) -> bytes | None:
    """A file of a visit, by its name in `FILES`."""
    with _client() as client:
        data = client.hget(_visit_key(token), name)
    return bytes(data) if data else None


def claim(token: str) -> tuple[Visit, bytes] | None:
    """Take a visit to be made, with its picture; None where it is gone or another worker has it."""
    visit = find(token)
    if visit is None or visit.status != QUEUED:
        return None
    with _client() as client:
        with client.pipeline() as claiming:
            claiming.hsetnx(_visit_key(token), "claimed", 1)
            # Also where it went in this moment, and was made anew by that.
            claiming.expire(_visit_key(token), KEPT_SECONDS)
            claiming.hget(_visit_key(token), "picture")
            is_mine, _, picture = claiming.execute()
        if not is_mine or not picture:
            return None
        now = time.time()
        with client.pipeline() as starting:
            starting.hset(_visit_key(token), mapping={"status": RUNNING, "since": now})
            starting.zadd(_key("open"), {token: now})
            starting.expire(_key("open"), HOUR)
            starting.zadd(_key("kept"), {token: now + KEPT_SECONDS}, xx=True)
            starting.execute()
    return visit, bytes(picture)


def finish(token: str, *, mp3: bytes, midi: bytes, told: dict[str, Any]) -> None:
    """Keep a finished piece for as long as a picture is kept, from now on."""
    _end(token, {"status": READY, "clip.mp3": mp3, "clip.mid": midi, "told": json.dumps(told)})


def fail(token: str) -> None:
    """The piece will not come."""
    _end(token, {"status": FAILED})


def drop(token: str) -> None:
    """Keep nothing of a visit: nobody was told to make it."""
    with _client() as client, client.pipeline() as dropping:
        dropping.delete(_visit_key(token))
        dropping.zrem(_key("open"), token)
        dropping.zrem(_key("kept"), token)
        dropping.execute()


def _end(token: str, facts: dict[str, Any]) -> None:
    with _client() as client, client.pipeline() as ending:
        ending.hset(_visit_key(token), mapping=facts)
        ending.expire(_visit_key(token), KEPT_SECONDS)
        ending.zrem(_key("open"), token)
        ending.zadd(_key("kept"), {token: time.time() + KEPT_SECONDS}, xx=True)
        ending.execute()


def _hash_of(address: str, salt: object) -> str:
    """A keyed hash of what is counted as one visitor."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{salt}:{_network(address)}".encode(), hashlib.sha256).hexdigest()


def _network(address: str) -> str:
    """What is counted as one visitor: an IPv4 address, or the bits of an IPv6 address that a customer is given."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return str(ip_network(f"{found}/{IPV6_CUSTOMER}", strict=False))
        found = found.ipv4_mapped
    return str(found)


def _client() -> redis.Redis:
    return connect(settings.CELERY_BROKER_URL)


def _key(name: str) -> str:
    return f"{settings.CELERY_TASK_DEFAULT_QUEUE}.visits:{name}"


def _at_key(address: str) -> str:
    return _key(f"at:{_hash_of(address, 'at')}")


def _visit_key(token: str) -> str:
    """Apart from the counters: a token comes from an address, and may be any word."""
    return _key(f"visit:{token}")
