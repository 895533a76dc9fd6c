"""Migrations and three restarts while people answer: nobody meets an error, no answer is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from survey.simulation.visitor import Timings, VisitFailed, Visitor
from tests.databases import drop_database
from tests.deploy.listening_socket import HeldSocket
from tests.deploy.taking_part import take_part
from tests.settings import CALLERS_DATABASE_URL
from tests.site.sites import make_database
from tests.site.test_start import ROOT, variables

PEOPLE = 8
LOCK = "-c lock_timeout=2s"
SETTINGS = "from melodymuse_site.settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, 'upgrading']\n"
EXPAND = """
from django.db import migrations

class Migration(migrations.Migration):
    atomic = False
    dependencies = [("survey", "{last}")]
    operations = [
        migrations.RunSQL("ALTER TABLE survey_response ADD COLUMN mood smallint NULL"),
        migrations.RunSQL(
            "ALTER TABLE survey_response ADD CONSTRAINT mood_is_small CHECK (mood < 10) NOT VALID"
        ),
        migrations.RunSQL("CREATE INDEX CONCURRENTLY response_mood ON survey_response (mood)"),
    ]
"""
FILL = """
from django.db import connection, migrations

def fill(apps, schema_editor):
    with connection.cursor() as cursor:
        changed = 1
        while changed:
            cursor.execute(
                "UPDATE survey_response SET mood = 5 WHERE id IN "
                "(SELECT id FROM survey_response WHERE mood IS NULL ORDER BY id LIMIT 50)"
            )
            changed = cursor.rowcount

class Migration(migrations.Migration):
    atomic = False
    dependencies = [("upgrading", "0001_expand")]
    operations = [
        migrations.RunPython(fill),
        migrations.RunSQL("ALTER TABLE survey_response VALIDATE CONSTRAINT mood_is_small"),
    ]
"""
CONTRACT = """
from django.db import migrations

class Migration(migrations.Migration):
    atomic = False
    dependencies = [("upgrading", "0002_fill")]
    operations = [migrations.RunSQL("ALTER TABLE survey_response DROP COLUMN mood")]
"""
STUDY = "from tests.survey.factories import make_study; print(make_study(clips_per_participant=8).slug)"

pytestmark = [
    pytest.mark.service,
    pytest.mark.long,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        not CALLERS_DATABASE_URL.startswith("postgres"), reason="DATABASE_URL names no PostgreSQL server"
    ),
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A site on a PostgreSQL database of its own, with one more app whose migrations are the upgrade."""
    database = make_database()
    code = tmp_path / "code"
    last = sorted(file.stem for file in (ROOT / "survey" / "migrations").glob("0*.py"))[-1]
    (code / "upgrading" / "migrations").mkdir(parents=True)
    for name in ("upgrading/__init__.py", "upgrading/migrations/__init__.py"):
        (code / name).touch()
    (code / "upgraded_settings.py").write_text(SETTINGS)
    parts = {"0001_expand": EXPAND.format(last=last), "0002_fill": FILL, "0003_contract": CONTRACT}
    for name, text in parts.items():
        (code / "upgrading" / "migrations" / f"{name}.py").write_text(text)
    environment = variables(
        tmp_path / "data", DATABASE_URL=database, DEBUG="1", WEB_PROCESSES="2", PYTHONPATH=f"{ROOT}:{code}"
    )
    (tmp_path / "data").mkdir()
    server = HeldSocket(environment)
    try:
        manage(environment, "migrate", "--verbosity", "0")
        slug = manage(environment, "shell", "--verbosity", "0", "-c", STUDY).split()[-1]
        server.start()
        server.wait()
        yield SimpleNamespace(server=server, environment=environment, slug=slug, database=database)
    finally:
        server.close()
        drop_database(database.rpartition("/")[2])


def manage(environment: dict[str, str], *arguments: str, rc: int = 0) -> str:
    command = [sys.executable, "manage.py", *arguments]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert result.returncode == rc, result.stdout + result.stderr
    return result.stdout + result.stderr


class Crowd:
    """People who come and answer until they are told that it is enough; nothing is tried a second time."""

    def __init__(self, url: str, slug: str) -> None:
        self.url, self.slug = url, slug
        self.enough = threading.Event()
        self.acknowledged: list[str] = []
        self.errors: list[str] = []
        self.timings = Timings()
        self.threads = [threading.Thread(target=self._keep_coming) for _ in range(PEOPLE)]

    def __enter__(self) -> Crowd:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        for thread in self.threads:
            thread.join(300)

    def answers_more(self, number: int) -> None:
        """Wait until so many more answers were acknowledged."""
        before, deadline = len(self.acknowledged), time.monotonic() + 300
        while len(self.acknowledged) < before + number:
            assert time.monotonic() < deadline, self.errors
            time.sleep(0.05)

    def _keep_coming(self) -> None:
        while not self.enough.is_set():
            try:
                self._take_part()
            except VisitFailed as error:
                self.errors.append(str(error))

    def _take_part(self) -> None:
        visitor = Visitor(self.url, self.timings)
        for trial in take_part(visitor, self.slug):
            self.acknowledged.append(trial)
        visitor.close()


def test_answers_go_on_through_a_migration_and_restarts(site: SimpleNamespace, record_property) -> None:
    upgraded = site.environment | {"DJANGO_SETTINGS_MODULE": "upgraded_settings"}
    with Crowd(site.server.url, site.slug) as crowd:
        crowd.answers_more(20)
        # Expand: the running code does not know the column. The locks are asked for briefly.
        manage(upgraded | {"PGOPTIONS": LOCK}, "migrate", "upgrading", "0001", "--verbosity", "0")
        crowd.answers_more(20)
        seconds = [site.server.restart(DJANGO_SETTINGS_MODULE="upgraded_settings")]
        crowd.answers_more(20)
        manage(upgraded | {"PGOPTIONS": LOCK}, "migrate", "upgrading", "0002", "--verbosity", "0")
        crowd.answers_more(20)
        seconds.append(site.server.restart())
        crowd.answers_more(20)
        manage(upgraded | {"PGOPTIONS": LOCK}, "migrate", "upgrading", "0003", "--verbosity", "0")
        crowd.answers_more(20)
        seconds.append(site.server.restart())
        crowd.answers_more(20)
    assert crowd.errors == []
    with psycopg.connect(site.database) as database:
        found = database.execute(
            "SELECT t.token FROM survey_response r JOIN survey_trial t ON t.id = r.trial_id"
        ).fetchall()
    stored = Counter(str(token) for (token,) in found)
    assert [token for token in crowd.acknowledged if stored[token] != 1] == []
    assert sum(stored.values()) == len(crowd.acknowledged) >= 140
    slowest = max(crowd.timings.answers)
    print(f"\n{len(crowd.acknowledged)} answers, restarts {seconds}, slowest answer {slowest:.1f} s")


def test_a_migration_behind_a_long_reader_gives_up_and_holds_nobody_up(site: SimpleNamespace) -> None:
    """Without the time limit it would wait for the reader, and every answer behind it."""
    upgraded = site.environment | {"DJANGO_SETTINGS_MODULE": "upgraded_settings"}
    with Crowd(site.server.url, site.slug) as crowd, psycopg.connect(site.database) as reader:
        crowd.answers_more(10)
        reader.execute("SELECT count(*) FROM survey_response")
        said = manage(upgraded | {"PGOPTIONS": LOCK}, "migrate", "upgrading", "0001", "--verbosity", "0", rc=1)
        assert "lock timeout" in said
        crowd.answers_more(10)
        reader.rollback()
        manage(upgraded | {"PGOPTIONS": LOCK}, "migrate", "upgrading", "0001", "--verbosity", "0")
        crowd.answers_more(10)
    assert crowd.errors == []
    assert max(crowd.timings.answers) < 60


def test_a_test_of_lost_answers_would_see_one(site: SimpleNamespace) -> None:
    """A server that is killed instead of restarted turns people away: the crowd says so."""
    with Crowd(site.server.url, site.slug) as crowd:
        crowd.answers_more(10)
        assert site.server.process is not None
        site.server.listener.close()
        os.killpg(site.server.process.pid, 9)
        time.sleep(2)
        crowd.enough.set()
    assert crowd.errors
