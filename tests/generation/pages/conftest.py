"""People and media of the page tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.generation.factories import make_researcher


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def stranger() -> Client:
    return Client()


@pytest.fixture
def visitor(db: None) -> Client:
    """Logged in, without rights."""
    client = Client()
    client.force_login(get_user_model().objects.create_user("vera"))
    return client


@pytest.fixture
def researcher(db: None) -> Client:
    client = Client()
    client.force_login(make_researcher())
    return client
