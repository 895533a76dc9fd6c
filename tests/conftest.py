"""The databases that tests run on, and what every test run says at its end: which real services took part."""

from __future__ import annotations

import os
import random
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.test import TransactionTestCase

from tests import databases
from tests.chromium import CHROMIUM, chromium  # noqa: F401 - the fixture that all tests share
from tests.settings import CALLERS_REDIS_URL

# Speed is not what the tests measure: a busy machine is no reason to fail. The same examples in every run, so that what
# fails is what was changed; `--hypothesis-profile=explore` tries others (docs/decisions/tests-in-minutes.md).
hypothesis.settings.register_profile("explore", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("melodymuse", hypothesis.settings.get_profile("explore"), derandomize=True)
hypothesis.settings.load_profile("melodymuse")


# Real processes race with the machine's pace (docs/decisions/tests-in-minutes.md). Each second try is told in the
# summary. What hung once is not tried again: pytest-timeout watches over both tries together.
A_SECOND_TRY = pytest.mark.flaky(reruns=1, rerun_except="from pytest-timeout")


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Rolled-back rows give their keys to the next test: what was cached about them must not stay."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _same_draws(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Conditions, orders of clips, and seeds of trial runs are drawn alike in every run of a test, by its name."""
    from survey.actions import giving, joining

    draws = random.Random(request.node.nodeid)
    for module in (giving, joining):
        monkeypatch.setattr(module, "_random", draws)
    monkeypatch.setattr(secrets, "randbits", draws.getrandbits)
    monkeypatch.setattr(secrets, "randbelow", draws.randrange)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A second try where processes are started, and files with long tests first.

    With one of them begun at the end, all other processes wait for its process.
    """
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("service"):
            item.add_marker(A_SECOND_TRY)
    if not hasattr(config, "workerinput"):
        return
    long_files = {item.path for item in items if any(map(item.get_closest_marker, ("slow", "service", "browser")))}
    items.sort(key=lambda item: item.path not in long_files)


@pytest.fixture(scope="session")
def shared_by_workers(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder that all processes of this run see."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def migrated_file(
    shared_by_workers: Path, django_test_environment: None, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Path:
    """A migrated SQLite database, to be copied (`databases.copy_file`): for the sites that tests start, too."""
    cache = getattr(request.config, "cache", None)
    with django_db_blocker.unblock():
        return databases.migrated_file(Path(cache.mkdir("databases")) if cache else shared_by_workers)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_modify_db_settings: None, shared_by_workers: Path, django_db_blocker: Any
) -> Iterator[None]:
    """In the place of pytest-django's: no process migrates a database that another has migrated before."""
    with django_db_blocker.unblock():
        database: databases.SqliteFile | databases.PostgresqlDatabase
        if databases.is_postgresql():
            database = databases.PostgresqlDatabase(shared_by_workers)
        else:
            database = databases.SqliteFile(request.getfixturevalue("migrated_file"))
        database.make()
    with pytest.MonkeyPatch.context() as patch:
        # Django empties all tables, asks for the names of all permissions, and makes what is missing: half a second.
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: database.restore())
        yield
    with django_db_blocker.unblock():
        database.remove()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The template of PostgreSQL goes when the last process has ended."""
    if databases.is_postgresql() and not hasattr(session.config, "workerinput"):
        databases.drop_database(databases.template_name())


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
    return f"tested with {Path(CHROMIUM).name}" if CHROMIUM else "not tested: Chromium is not installed"


def _fluidsynth() -> str:
    return "tested" if shutil.which("fluidsynth") else "not tested: FluidSynth is not installed"


def _installed(program: str) -> str:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    return "tested" if shutil.which(program, path=path) else "not tested: it is not installed"


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
        ("nginx", _installed("nginx")),
        ("systemd", _installed("systemd-analyze")),
        ("real data sets", _shared_data()),
    ):
        terminalreporter.line(f"{name}: {state}")
