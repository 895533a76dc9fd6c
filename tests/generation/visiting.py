"""Visitors without an account, at a broker of their own: what they send, and what is kept and counted of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from generation import visits
from generation.images.intake import take_in
from tests.generation.brokers import own_broker
from tests.generation.factories import picture_bytes

ADDRESSES = (f"198.51.100.{number}" for number in itertools.cycle(range(1, 255)))


@pytest.fixture
def kept(tmp_path: Path, settings: Any) -> Iterator[redis.Redis]:
    settings.PUBLIC_CREATE = True
    settings.MEDIA_ROOT = tmp_path / "media"
    with own_broker(tmp_path / "broker", settings) as client:
        yield client


def send(client: Client | None = None, data: bytes | None = None, wanted: str = "", **more: Any) -> Any:
    file = SimpleUploadedFile("mine.png", picture_bytes() if data is None else data)
    sent = {"file": file, "wanted": wanted, "composer": "paper"}
    return (client or Client()).post(reverse("create"), sent, **more)


def send_from_elsewhere() -> Any:
    return send(REMOTE_ADDR=next(ADDRESSES))


def token_of(response: Any) -> str:
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"]).rstrip("/").rpartition("/")[2]


def begin() -> visits.Visit:
    """Of somebody at an address of their own."""
    wanted = visits.Wanted("awe", "paper", "image/png")
    return visits.begin(wanted, take_in(picture_bytes()).data, address=next(ADDRESSES), asked="this")


def counted(kept: redis.Redis) -> list[int]:
    names = [name for kind in ("from", "hour") for name in kept.scan_iter(f"melodymuse.visits:{kind}:*")]
    return [int(kept.get(name) or 0) for name in names]
