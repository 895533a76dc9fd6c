"""What lies in deploy/ beside units and nginx: names of settings, containers, PostgreSQL, rotation of logs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from generation.actions import LARGEST_ARCHIVE
from melodymuse_site import queues
from melodymuse_site.environment import Environment
from tests.settings import CALLERS_DATABASE_URL
from tests.test_documentation import settings_read_from_the_environment

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
ROOM_FOR_THE_PARENT = 500 * 2**20
LINE = re.compile(r"^#?([A-Z][A-Z0-9_]+)=(\S*)$", re.MULTILINE)


def env_example() -> dict[str, str]:
    return dict(LINE.findall((DEPLOY / "muse.env.example").read_text(encoding="utf-8")))


def test_the_example_names_every_setting_and_no_other() -> None:
    named = {name.removesuffix("_FILE") for name in env_example()}
    assert named == set(settings_read_from_the_environment()) | {"DATABASE_URL"}


def test_the_example_says_the_defaults_of_what_it_leaves_out() -> None:
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for line in (DEPLOY / "muse.env.example").read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"#([A-Z][A-Z0-9_]+)=(\d+)", line)
        if match:
            row = next(row for row in told.splitlines() if row.startswith(f"| `{match[1]}` |"))
            assert row.split("|")[2].strip().startswith(match[2]), line


def test_a_shell_and_a_container_read_the_example_alike() -> None:
    file = DEPLOY / "muse.env.example"
    plain = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    script = f"set -a; unset DATABASE_URL; . {file}; env"
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line for line in plain if line not in said] == []
    assert any(line.startswith("DATABASE_URL=postgres://") for line in plain)


def test_the_address_for_pgbouncer_switches_cursors_off() -> None:
    text = (DEPLOY / "muse.env.example").read_text(encoding="utf-8")
    (address,) = re.findall(r"Through pgbouncer: (\S+)", text)
    config = Environment({"DATABASE_URL": address}).database(Path("/nowhere"))
    assert (config["DISABLE_SERVER_SIDE_CURSORS"], config["PORT"]) == (True, 6432)
    assert "DISABLE_SERVER_SIDE_CURSORS" not in (config.get("OPTIONS") or {})


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed (it comes with requirements-docs.txt)")
    loaded = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_every_process_has_a_container_that_may_do_little(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services.keys() == {"database", "broker", "migrate", "web", "worker", "long", "beat", "front"}
    served: list[str] = []
    for name in ("migrate", "web", "worker", "long", "beat"):
        assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"])
        command = services[name]["command"]
        served += command[command.index("--queues") + 1].split(",") if "--queues" in command else []
        assert name == "migrate" or services[name]["mem_limit"]
    assert served == [*queues.quick_queues("melodymuse"), *queues.long_queues("melodymuse")]  # the order is a priority


def test_the_containers_know_every_volume_secret_and_setting_that_they_name(compose: dict[str, Any]) -> None:
    known = set(settings_read_from_the_environment()) | {"DATABASE_URL"}
    for name, service in compose["services"].items():
        named = [volume.partition(":")[0] for volume in service.get("volumes", [])]
        assert {volume for volume in named if not volume.startswith(".")} <= compose["volumes"].keys()
        assert set(service.get("secrets", [])) <= compose["secrets"].keys()
        if name not in ("database", "broker", "front"):
            assert {setting.removesuffix("_FILE") for setting in service["environment"]} <= known


def test_the_image_copies_what_the_site_needs_and_what_may_be_copied() -> None:
    text = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    copied = {name for line in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE) for name in line.split()}
    allowed = (DEPLOY / "container" / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied == {line[1:] for line in allowed if line.startswith("!")}
    assert copied >= {"generation", "survey", "melodymuse_site", "templates", "manage.py", "requirements.txt"}
    assert [name for name in copied if not (ROOT / name).exists()] == []


@pytest.mark.skipif(not CALLERS_DATABASE_URL.startswith("postgres"), reason="DATABASE_URL names no PostgreSQL server")
def test_postgresql_knows_every_setting_that_it_is_given() -> None:
    text = (DEPLOY / "postgresql" / "muse.conf").read_text(encoding="utf-8")
    given = dict(re.findall(r"^(\w+) = (\S+)$", text, re.MULTILINE))
    assert len(given) > 15
    with psycopg.connect(CALLERS_DATABASE_URL) as server:
        for name, value in given.items():
            found = server.execute(
                "SELECT vartype, min_val, max_val FROM pg_settings WHERE name = %s", [name]
            ).fetchone()
            assert found is not None, name
            kind, least, most = found
            number = re.match(r"[\d.]+", value)
            assert kind in ("integer", "real") or (kind, value) == ("bool", "on") or kind == "enum", name
            assert kind not in ("integer", "real") or number, name
            if kind == "real" and number:
                assert float(least) <= float(number[0]) <= float(most), name


@pytest.mark.skipif(shutil.which("logrotate") is None, reason="logrotate is not installed")
def test_logrotate_turns_the_logs_that_nginx_writes(tmp_path: Path) -> None:
    rules = (DEPLOY / "logrotate" / "muse").read_text(encoding="utf-8").replace("/var/log/nginx/", f"{tmp_path}/")
    (tmp_path / "rules").write_text(rules)
    (tmp_path / "rules").chmod(0o644)
    (tmp_path / "muse-access.log").write_text("a line\n")
    for _ in range(2):
        command = ["logrotate", "--force", "--state", str(tmp_path / "state"), str(tmp_path / "rules")]
        result = subprocess.run(command, capture_output=True, text=True)
        assert (result.returncode, result.stderr) == (0, "")
        (tmp_path / "muse-access.log").write_text("another line\n")
    assert (tmp_path / "muse-access.log.1").read_text() == "another line\n"
    assert (tmp_path / "muse-access.log.2.gz").exists()
    nginx = (DEPLOY / "nginx" / "muse.conf").read_text(encoding="utf-8")
    assert set(re.findall(r"/var/log/nginx/(\S+)\.log", nginx)) == {"muse-access", "muse-error"}


def test_limits_of_nginx_are_those_that_the_documentation_tells() -> None:
    conf = (DEPLOY / "nginx" / "muse.conf").read_text(encoding="utf-8")
    told = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    (connections,) = re.findall(r"limit_conn muse_address (\d+);", conf)
    assert f"{connections} connections from one address" in told
    most = [int(megabytes) * 2**20 for megabytes in re.findall(r"client_max_body_size +(\d+)m;", conf)]
    assert max(most) > LARGEST_ARCHIVE, "A form is larger than the file in it."


def test_the_children_of_a_worker_are_replaced_before_its_memory_ends(compose: dict[str, Any]) -> None:
    """Beyond its limit all of a worker is killed; a child that grew is replaced only when its task is done."""
    child = 1024 * settings.CELERY_WORKER_MAX_MEMORY_PER_CHILD
    found = []
    for name in ("worker", "long"):
        command, limit = compose["services"][name]["command"], compose["services"][name]["mem_limit"]
        found.append((command[command.index("--concurrency") + 1], limit.removesuffix("g")))
    for name in ("muse-worker@.service", "muse-long@.service"):
        unit = (DEPLOY / "systemd" / name).read_text(encoding="utf-8")
        found += re.findall(r"--concurrency (\d+) .*^MemoryMax=(\d+)G$", unit, re.MULTILINE | re.DOTALL)
    assert len(found) == 4
    for children, limit in found:
        assert int(children) * child + ROOM_FOR_THE_PARENT < int(limit) * 2**30
