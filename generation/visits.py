"""Pieces of visitors without an account: kept for a quarter of an hour in the broker's Redis, and nowhere else.

Nothing of a visit is written to the database or among the media. What is kept goes by itself, whatever dies: a worker
that is killed while it makes a piece leaves a visit that is told to begin anew. How many pieces are asked for is
counted by address and for the whole site, and few are made at the same time, so that studies get theirs.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

import redis
from django.conf import settings

from melodymuse_site.broker import connect

KEPT_SECONDS: Final = 15 * 60
MOST_OPEN: Final = 2
"""So many pieces of visitors are waited for at the same time, on the whole site."""
PATIENCE_SECONDS: Final = 150
"""So long a piece may wait for a worker, and so long again be made: a worker is told to end after less
(`melodymuse_site.queues`), and what is not there by then will not come."""
HOUR: Final = 3600
SEED_LIMIT: Final = 2**31
QUEUED, RUNNING, READY, FAILED, LOST = "queued", "running", "ready", "failed", "lost"
FILES: Final = {"picture": "", "clip.mp3": "audio/mpeg", "clip.mid": "audio/midi"}
"""What belongs to a visit, by name, with its type; a picture has the type that the intake gave it."""
SOON: Final = 10
"""After so many seconds a piece that is being made is there, and the next may be asked for."""


class TooManyVisits(Exception):
    """The next piece may be asked for after `seconds`; the message says why."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Busy(TooManyVisits):
    """As many pieces are waited for as may be; whoever asks meanwhile has not asked."""

    def __init__(self) -> None:
        super().__init__("Pieces of other visitors are being made; ask again in some seconds.", SOON)


@dataclass(frozen=True, slots=True)
class Visit:
    """What is kept of a visit beside its files; `told` is what a finished piece is shown with."""

    token: str
    status: str
    emotion: str
    composer: str
    seed: int
    picture_type: str
    told: dict[str, Any]
    target: dict[str, float] | None = None
    """The point that the music is to lie at, by dimension; None where `emotion` alone says it."""

    @property
    def is_open(self) -> bool:
        return self.status in (QUEUED, RUNNING)


def count_try(address: str, now: float | None = None) -> list[str]:
    """Count that somebody at `address` asks, and return what `give_back` takes.

    Raises Busy, with nothing counted; TooManyVisits; RedisError where the broker is away.
    Of an address a keyed hash is kept that is another one every hour; of IPv6 the network that one customer has counts.
    """
    moment = time.time() if now is None else now
    hour, left = int(moment // HOUR), max(1, round(HOUR - moment % HOUR))
    own = hmac.new(settings.SECRET_KEY.encode(), f"{hour}:{_network(address)}".encode(), hashlib.sha256).hexdigest()
    limits = (
        (f"from:{own}", settings.PUBLIC_CREATE_EACH, "You have asked {} within this hour"),
        (f"hour:{hour}", settings.PUBLIC_CREATE_ALL, "Visitors have asked {} within this hour, as often as they may"),
    )
    with _client() as client:
        if client.zcount(_key("open"), moment - PATIENCE_SECONDS, "+inf") >= MOST_OPEN:
            raise Busy
        for name, most, words in limits:
            with client.pipeline() as counting:
                counting.incr(_key(name))
                counting.expire(_key(name), HOUR)
                number = counting.execute()[0]
            if number > most:
                minutes = _count(max(1, round(left / 60)), "minute")
                raise TooManyVisits(f"{words.format(_count(most, 'time'))}; the next may come in {minutes}.", left)
    return [name for name, _, _ in limits]


def give_back(counted: list[str]) -> None:
    """What `count_try` counted led to nothing, by no fault of whoever asked."""
    with _client() as client, client.pipeline() as counting:
        for name in counted:
            counting.decr(_key(name))
            counting.expire(_key(name), HOUR)
        counting.execute()


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def begin(
    *, picture: bytes, picture_type: str, emotion: str, composer: str, target: dict[str, float] | None = None
) -> Visit:
    """Keep a picture and what is asked for; `emotion` is a slug, or empty for that of `target` or the picture's own.

    Raises Busy while others wait, RedisError where the broker is away.
    """
    seed = secrets.randbelow(SEED_LIMIT)
    visit = Visit(secrets.token_urlsafe(24), QUEUED, emotion, composer, seed, picture_type, {}, target)
    now = time.time()
    facts: dict[str, Any] = {"emotion": emotion, "composer": composer, "seed": seed, "picture_type": picture_type}
    if target:
        facts["target"] = target
    with _client() as client:
        # What is kept comes first: a broker that has no room for it refuses here, and no place is taken by then.
        with client.pipeline() as keeping:
            keeping.hset(
                _visit_key(visit.token),
                mapping={"status": QUEUED, "since": now, "facts": json.dumps(facts), "picture": picture},
            )
            keeping.expire(_visit_key(visit.token), KEPT_SECONDS)
            keeping.execute()
        with client.pipeline() as entering:
            entering.zremrangebyscore(_key("open"), "-inf", now - PATIENCE_SECONDS)
            entering.zadd(_key("open"), {visit.token: now})
            entering.expire(_key("open"), HOUR)
            entering.zcard(_key("open"))
            waiting = entering.execute()[-1]
        if waiting > MOST_OPEN:
            drop(visit.token)
            raise Busy
    return visit


def find(token: str) -> Visit | None:
    """A visit that is still kept. RedisError where the broker is away."""
    with _client() as client:
        status, since, facts, told = client.hmget(_visit_key(token), ["status", "since", "facts", "told"])
    if not (status and facts and since):
        return None
    standing = status.decode()
    if standing in (QUEUED, RUNNING) and time.time() - float(since) > PATIENCE_SECONDS:
        standing = LOST
    return Visit(token=token, status=standing, told=json.loads(told) if told else {}, **json.loads(facts))


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
        dropping.execute()


def _end(token: str, facts: dict[str, Any]) -> None:
    with _client() as client, client.pipeline() as ending:
        ending.hset(_visit_key(token), mapping=facts)
        ending.expire(_visit_key(token), KEPT_SECONDS)
        ending.zrem(_key("open"), token)
        ending.execute()


def _network(address: str) -> str:
    """What is counted as one visitor: an IPv4 address, or the 64 bits of an IPv6 address that a customer gets."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return str(ip_network(f"{found}/64", strict=False))
        found = found.ipv4_mapped
    return str(found)


def _client() -> redis.Redis:
    return connect(settings.CELERY_BROKER_URL)


def _key(name: str) -> str:
    return f"{settings.CELERY_TASK_DEFAULT_QUEUE}.visits:{name}"


def _visit_key(token: str) -> str:
    """Apart from the counters: a token comes from an address, and may be any word."""
    return _key(f"visit:{token}")
