"""Through pgbouncer, with the file of deploy/ and two connections for all: people answer, and an export is whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import psycopg
import pytest

from survey.simulation.visitor import Timings, Visitor
from tests.databases import drop_database
from tests.deploy.fronts import change
from tests.deploy.listening_socket import HeldSocket
from tests.deploy.taking_part import take_part
from tests.settings import CALLERS_DATABASE_URL
from tests.site.sites import make_database
from tests.site.test_start import ROOT, free_port, variables

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PEOPLE = 6
STUDY = "from tests.survey.factories import make_study; print(make_study(clips_per_participant=4).slug)"

pytestmark = [
    pytest.mark.service,
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed (Debian: apt install pgbouncer)"),
    pytest.mark.skipif(
        not CALLERS_DATABASE_URL.startswith("postgres"), reason="DATABASE_URL names no PostgreSQL server"
    ),
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A web server that knows PostgreSQL only through pgbouncer."""
    database, port = make_database(), free_port()
    parts, name = urlsplit(database), database.rpartition("/")[2]
    folder = Path(tempfile.mkdtemp(prefix="melodymuse-pgbouncer-"))  # where another user may read
    text = change(
        (ROOT / "deploy" / "pgbouncer" / "pgbouncer.ini").read_text(encoding="utf-8"),
        ("muse = host=127.0.0.1 port=5432 dbname=muse", f"* = host={parts.hostname} port={parts.port or 5432}"),
        ("listen_port = 6432", f"listen_port = {port}"),
        ("unix_socket_dir = /run/postgresql", "unix_socket_dir ="),
        ("auth_type = scram-sha-256", "auth_type = trust"),
        ("/etc/pgbouncer/userlist.txt", str(folder / "users.txt")),
        ("default_pool_size = 20", "default_pool_size = 2"),
        ("reserve_pool_size = 5", "reserve_pool_size = 0"),
    )
    (folder / "pgbouncer.ini").write_text(text)
    (folder / "users.txt").write_text(f'"{parts.username}" "{parts.password or ""}"\n')
    direct = variables(tmp_path / "data", DATABASE_URL=database, DEBUG="1", WEB_PROCESSES="2", PYTHONPATH=str(ROOT))
    address = f"postgres://{parts.username}:{parts.password or ''}@127.0.0.1:{port}/{name}"
    through = direct | {"DATABASE_URL": f"{address}?DISABLE_SERVER_SIDE_CURSORS=True"}
    (tmp_path / "data").mkdir()
    assert PGBOUNCER is not None
    # It refuses to run as root, and needs nothing but to read two files.
    user = {"user": "nobody", "extra_groups": []} if os.getuid() == 0 else {}
    if os.getuid() == 0:
        for place in (folder, *folder.iterdir()):
            place.chmod(0o755)
            shutil.chown(place, "nobody")
    with (tmp_path / "said.txt").open("w") as said:
        command = [PGBOUNCER, str(folder / "pgbouncer.ini")]
        process = subprocess.Popen(command, stdout=said, stderr=said, **user)  # type: ignore[call-overload]
    server = HeldSocket(through)
    try:
        manage(direct, "migrate", "--verbosity", "0")
        slug = manage(direct, "shell", "--verbosity", "0", "-c", STUDY).split()[-1]
        assert process.poll() is None, (tmp_path / "said.txt").read_text()
        server.start()
        server.wait()
        yield SimpleNamespace(server=server, direct=direct, through=through, slug=slug, database=database)
    finally:
        server.close()
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)
        drop_database(name)


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_people_answer_and_an_export_is_whole(site: SimpleNamespace, tmp_path: Path) -> None:
    given: list[str] = []

    def come() -> None:
        visitor = Visitor(site.server.url, Timings())
        given.extend(take_part(visitor, site.slug))
        visitor.close()

    people = [threading.Thread(target=come) for _ in range(PEOPLE)]
    for person in people:
        person.start()
    held = set()
    while any(person.is_alive() for person in people):
        with psycopg.connect(CALLERS_DATABASE_URL) as server:
            question = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            held.add(server.execute(question, [site.database.rpartition("/")[2]]).fetchone()[0])  # type: ignore[index]
        time.sleep(0.2)
    assert max(held) <= 2
    with psycopg.connect(site.database) as database:
        stored = database.execute("SELECT t.token FROM survey_response r JOIN survey_trial t ON t.id = r.trial_id")
        assert sorted(str(token) for (token,) in stored) == sorted(given)
    assert len(given) == PEOPLE * 4
    packs = []
    for name, environment in (("direct", site.direct), ("through", site.through)):
        manage(environment, "export", site.slug, "--out", str(tmp_path / f"{name}.zip"))
        with zipfile.ZipFile(tmp_path / f"{name}.zip") as pack:
            tables = [file for file in pack.namelist() if file.endswith(".csv")]
            packs.append({file: pack.read(file) for file in tables})
    assert packs[0] == packs[1]
    assert any(text.count(b"\n") >= PEOPLE * 4 for text in packs[1].values())
