"""Whole sites of their own for tests of backups: a data folder, a database, commands in real processes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.databases import drop_database, on_server
from tests.settings import CALLERS_DATABASE_URL

ROOT = Path(__file__).resolve().parents[2]
DUMP = """
import hashlib, json
from melodymuse_site.backup import rows
found = {}
for model in rows.there("default", rows.kept_models()):
    names = [field.attname for field in model._meta.concrete_fields]
    lines = model._base_manager.order_by("pk").values_list(*names)
    found[model._meta.label] = [json.dumps([str(v) if not isinstance(v, dict | list) else v for v in line],
                                sort_keys=True) for line in lines]
print(json.dumps(found))
"""
STUDY = """
from tests.survey.factories import make_study
print(make_study(clips_per_participant=4).slug)
"""
# Joins and answers without end; a line is printed when the answer is stored, as a page would be shown.
WRITER = """
import sys
from tests.survey.participating import Listener
from survey.models import Response
number = 0
while True:
    listener = Listener("a-study").begin()
    while listener.address.endswith("/clip/"):
        values = listener.form()[1]
        listener.send()
        print(values["trial"], flush=True)
"""


@dataclass
class Site:
    """One site: where its data lie and which database it has (empty: SQLite in the folder)."""

    folder: Path
    database: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "OMP_NUM_THREADS") if name in os.environ}
        found = {"DATA_DIR": str(self.folder), "PYTHONPATH": str(ROOT), "DATABASE_URL": self.database}
        return kept | found | {"ALLOWED_HOSTS": "testserver", "DEBUG": "1"} | self.extra

    def begin(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, start_new_session=True, **options
        )

    def manage(self, *arguments: str, rc: int = 0) -> str:
        process = self.begin(*arguments)
        output, errors = process.communicate(timeout=900)
        assert process.returncode == rc, (output + errors)[-4000:]
        return output + errors

    def shell(self, code: str) -> str:
        return self.manage("shell", "-v0", "-c", code).strip()

    def begin_shell(self, code: str, **options: Any) -> subprocess.Popen[str]:
        return self.begin("shell", "-v0", "-c", code, **options)

    def rows(self) -> dict[str, list[str]]:
        """Every row of every table that a backup keeps, in an order and form that is the same on each engine."""
        return dict(json.loads(self.shell(DUMP).splitlines()[-1]))

    def media(self) -> dict[str, bytes]:
        root = self.folder / "media"
        return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}

    def copy(self, folder: Path) -> Site:
        """Another site with the same content."""
        shutil.copytree(self.folder, folder)
        return Site(folder, copy_database(self.database) if self.database else "", dict(self.extra))


def make_database(template: str = "") -> str:
    """A new database on the server of DATABASE_URL; its address."""
    name = f"melodymuse_test_{uuid.uuid4().hex[:12]}"
    on_server(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    return CALLERS_DATABASE_URL.rpartition("/")[0] + f"/{name}"


def copy_database(address: str) -> str:
    return make_database(address.rpartition("/")[2])


@contextlib.contextmanager
def databases_removed() -> Iterator[list[str]]:
    """Addresses put into the list are dropped at the end."""
    made: list[str] = []
    yield made
    for address in filter(None, made):
        drop_database(address.rpartition("/")[2])
