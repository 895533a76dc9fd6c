"""What `make test` and `make test-quick` run, and the databases that they run on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

from generation.models import Emotion
from tests.survey.factories import make_study

ROOT = Path(__file__).resolve().parents[1]
FILES = ("tests/site/test_turns.py", "tests/site/test_nudges.py", "tests/browser/test_layout.py")


def collected(*arguments: str) -> set[str]:
    """Those of three files from which tests would be run."""
    variables = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
        "PYTHON": sys.executable
    }
    command = ["sh", "tests/run.sh", *arguments, "--collect-only", "-p", "no:cacheprovider", *FILES]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
    return {file for file in FILES if f"{file}::" in done.stdout}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_quick_run_leaves_servers_and_browsers_out_and_the_whole_one_nothing() -> None:
    assert collected("quick") == {"tests/site/test_turns.py"}
    assert collected() == set(FILES)


def test_continuous_integration_runs_every_test() -> None:
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make test"
    assert '-m "not long"' in (ROOT / "tests" / "run.sh").read_text()


def every_row() -> dict[str, list[tuple[object, ...]]]:
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(cursor.fetchall(), key=str)
    return found


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_after_a_test_that_commits_the_database_is_as_the_migrations_left_it() -> None:
    call_command("migrate", check_unapplied=True, verbosity=0)
    before = every_row()
    assert len(before["generation_emotion"]) == 8
    assert len(before["auth_permission"]) > 50
    make_study()
    Emotion.objects.filter(slug="awe").update(label="Wonder")
    assert every_row() != before
    TransactionTestCase("run")._fixture_teardown()
    assert every_row() == before
