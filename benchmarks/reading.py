"""How each statement of pages and exports is planned, of a study beside many others (`benchmarks/reading_database.py`).

    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.reading [--studies 50] [--people 14400]

PostgreSQL alone, in a database of its own. With the sizes given here there are 5,000,000 answers: some minutes, 5 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.monitor import ROOT, new_database
from benchmarks.reading_database import BIG

RUNS = 5
TRIALS = 8
FEW = ("places_by_lease", "open_by_stimulus", "sounds_that_failed")
"""Indexes of what is on screens now, was left open or failed alone: few rows of many."""
SLOW = ("results cold", "results csv", "export", "rows of an export")
TOKEN = "only-of-this-benchmark"


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement as it was sent; `named` where rows come through a cursor, which is planned in another way."""

    sql: str
    values: Any
    named: bool


@contextmanager
def listen(asked: list[Asked]) -> Iterator[None]:
    """Note every statement that reads or changes rows."""
    from django.db import connection

    def note(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            name = getattr(context["cursor"].cursor, "name", "")
            asked.append(Asked(sql, values, bool(name)))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(note):
        yield


def explain(one: Asked) -> list[dict[str, Any]]:
    """The nodes of its plan; a message of several statements has those of all."""
    import psycopg
    from django.db import connection

    nodes: list[dict[str, Any]] = []
    values = list(one.values or ())
    with connection.cursor() as cursor:
        for part in one.sql.split("; "):
            here, values = values[: part.count("%s")], values[part.count("%s") :]
            bound = psycopg.ClientCursor(connection.connection).mogrify(part, here)
            declared = "DECLARE looked_at CURSOR FOR " if one.named else ""
            cursor.execute(f"EXPLAIN (FORMAT JSON) {declared}{bound}")
            (told,) = cursor.fetchone()
            waiting = [(json.loads(told) if isinstance(told, str) else told)[0]["Plan"]]
            while waiting:
                nodes.append(node := waiting.pop())
                waiting.extend(node.get("Plans", ()))
    return nodes


def reads_all(node: dict[str, Any]) -> bool:
    """Whether it goes through a table of all studies: by its rows, or by an index without a condition."""
    if node.get("Relation Name") not in BIG:
        return False
    if node["Node Type"] in ("Index Scan", "Index Only Scan"):
        return "Index Cond" not in node and node["Index Name"] not in FEW
    return node["Node Type"] == "Seq Scan"


def reading(study: Any, folder: Path) -> dict[str, Callable[[], object]]:
    """Everything that reads answers: pages, exports, an answer and what counts and tidies."""
    from django.conf import settings
    from django.test import Client

    from survey.exports.pack import count_rows, write_pack
    from survey.models import KeptReport

    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_SSL_REDIRECT = False
    settings.METRICS_TOKEN = TOKEN
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    client = Client()
    client.force_login(study.owner)

    def page(address: str, **posted: str) -> Callable[[], object]:
        def ask() -> None:
            headers = {"authorization": f"Bearer {TOKEN}"}
            response = client.post(address, posted) if posted else client.get(address, headers=headers)
            assert response.status_code == 200, (address, response.status_code)
            b"".join(response)

        return ask

    def cold() -> None:
        KeptReport.objects.all().delete()
        page(f"/results/{study.slug}/")()

    return {
        "studies": page("/studies/"),
        "study": page(f"/studies/{study.slug}/"),
        "close": page(f"/studies/{study.slug}/close/"),
        "monitor": page(f"/studies/{study.slug}/monitor/"),
        "people": page(f"/studies/{study.slug}/people/"),
        "people left out": page(f"/studies/{study.slug}/people/?verdict=excluded&outcome=complete&page=3"),
        "recruiting": page(f"/studies/{study.slug}/recruiting/"),
        "recruited": page(f"/studies/{study.slug}/recruiting/table.csv", ids="", per_gold="0.1"),
        "results cold": cold,
        "results warm": page(f"/results/{study.slug}/"),
        "results csv": page(f"/results/{study.slug}/responses.csv"),
        "export": lambda: write_pack(study, folder / "pack.zip"),
        "rows of an export": lambda: count_rows(study),
        "metrics": page("/metrics"),
        "status": page("/status/"),
        "answer": lambda: answer(study),
    }


def judge(ask: Callable[[], object]) -> dict[str, Any]:
    """How many statements `ask` sends, and what in their plans goes through a table of all studies."""
    asked: list[Asked] = []
    with listen(asked):
        ask()
    whole = [(node, one.sql) for one in asked for node in explain(one) if reads_all(node)]
    named = [[node["Node Type"], node["Relation Name"], node.get("Index Name", ""), sql] for node, sql in whole]
    return {"statements": len(asked), "read all": named}


def answer(study: Any) -> None:
    """Somebody comes, answers two clips and withdraws; nothing of it stays."""
    from django.db import transaction

    from survey import actions
    from survey.actions.answering import Answer
    from survey.models.participation import make_token

    with transaction.atomic():
        person = actions.join(study=study, token=make_token(), language="en")
        for _ in range(2):
            trial = actions.give_trial(participant=person)
            assert trial is not None
            actions.record_answer(study=study, token=trial.token, answer=Answer(chosen="fear", confidence=3))
        actions.withdraw(participant=person, by=None)
        transaction.set_rollback(True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=50)
    parser.add_argument("--people", type=int, default=14_400)
    parser.add_argument("--plans", action="store_true", help="tell how statements are planned, and measure nothing")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.studies, chosen.people, plans=chosen.plans)
        return
    print(describe_machine(), flush=True)
    with tempfile.TemporaryDirectory() as folder, new_database(os.environ["DATABASE_URL"]) as url:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DATA_DIR": folder,
            "CACHE_URL": "",
            "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
            "DEBUG": "0",
        }
        sizes = ["--studies", str(chosen.studies), "--people", str(chosen.people), "--measure"]
        sizes += ["--plans"] if chosen.plans else []
        command = [sys.executable, "-m", "benchmarks.reading", *sizes]
        raise SystemExit(subprocess.run(command, env=environment, cwd=ROOT).returncode)


def measure(studies: int, people: int, *, plans: bool) -> None:
    """Print the median seconds of each page, of an early study and of one that ran beside others; or the plans."""
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.reading_database import fill_by_sql
    from survey.models import Response

    call_command("migrate", verbosity=0)
    made = fill_by_sql(studies=studies, people=people, trials=TRIALS)
    print(f"{Response.objects.count():,} answers in {studies} studies")
    for study in (made[0], made[-1]):
        for name, ask in reading(study, Path(os.environ["DATA_DIR"])).items():
            if plans:
                print(json.dumps({"study": study.slug, "page": name, **judge(ask)}))
                continue
            taken = []
            for _ in range(1 if name in SLOW else RUNS):
                start = time.perf_counter()
                ask()
                taken.append(time.perf_counter() - start)
            print(f"{study.slug}, {name}: {statistics.median(taken):.3f} s")


if __name__ == "__main__":
    main()
