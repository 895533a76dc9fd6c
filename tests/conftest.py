"""What every test run says at its end: which real services took part."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings

from tests.settings import CALLERS_REDIS_URL

# Speed is not what the tests measure: a busy machine is no reason to fail.
hypothesis.settings.register_profile(
    "melodymuse", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("melodymuse")


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Rolled-back rows give their keys to the next test: what was cached about them must not stay."""
    from django.core.cache import cache

    cache.clear()


def _redis() -> str:
    if not CALLERS_REDIS_URL:
        return "not tested: REDIS_URL is not set"
    import redis

    try:
        with redis.Redis.from_url(CALLERS_REDIS_URL, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError:
        return "not tested: nothing answers at REDIS_URL"
    return "tested"


def _database() -> str:
    return "PostgreSQL" if "postgresql" in settings.DATABASES["default"]["ENGINE"] else "SQLite"


def _browser() -> str:
    return "tested" if shutil.which("chromium") else "not tested: Chromium is not installed"


def _fluidsynth() -> str:
    return "tested" if shutil.which("fluidsynth") else "not tested: FluidSynth is not installed"


def _shared_data() -> str:
    folder = Path(settings.BASE_DIR).parent / "shared" / "data"
    return "tested" if folder.is_dir() else "not tested: the data sets are not on this machine"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return
    terminalreporter.section("services")
    for name, state in (
        ("database of this run", _database()),
        ("Redis", _redis()),
        ("Chromium", _browser()),
        ("FluidSynth", _fluidsynth()),
        ("real data sets", _shared_data()),
    ):
        terminalreporter.line(f"{name}: {state}")
