"""docs/on-paper.md does its sums with what docs/measured.md says, and with limits that stand in files."""

from __future__ import annotations

import math
import re
from pathlib import Path

from melodymuse_site.queues import KINDS

ROOT = Path(__file__).resolve().parents[2]
PAPER = " ".join((ROOT / "docs" / "on-paper.md").read_text(encoding="utf-8").split())
MEASURED = (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")
PLAIN = " ".join(MEASURED.split())
WANTED = 100_000_000
PEOPLE, THINK = 10_000, 10


def postgresql_loads() -> list[list[str]]:
    """The rows of the loads on PostgreSQL in docs/measured.md, as cells."""
    rows = [line for line in MEASURED.splitlines() if line.startswith("| PostgreSQL: ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def limit_of_nginx() -> int:
    text = (ROOT / "deploy" / "nginx" / "muse.conf").read_text(encoding="utf-8")
    return int(re.findall(r"proxy_read_timeout +(\d+)s", text)[0])


def seconds(text: str) -> float:
    return float(re.match(r"[\d.]+", text)[0])  # type: ignore[index]


def test_what_goes_in_is_what_was_measured() -> None:
    cost = [float(row[2]) for row in postgresql_loads()]
    assert f"{min(cost)} to {max(cost)} ms of the web server's CPU" in PAPER
    assert f"| {max(int(row[7]) for row in postgresql_loads())} answers a second at most" in PAPER
    assert "take .27 s with 100,000 answers on SQLite, .34 s on PostgreSQL" in PLAIN


def test_ten_thousand_at_once() -> None:
    rate, most = PEOPLE // THINK, max(int(row[7]) for row in postgresql_loads())
    cost = max(float(row[2]) for row in postgresql_loads()) / 1000
    each = 2 / cost
    machines = math.ceil(rate / each)
    assert f"{PEOPLE:,} people {rate:,} answers a second" in PAPER
    assert f"{most} a second, or {most * THINK} people | a factor of {rate / most:.0f}" in PAPER
    assert f"{each:.0f} a second each | {machines} machines, {2 * machines} cores" in PAPER
    of_database = max(float(row[3]) for row in postgresql_loads()) / 1000
    assert f"at {1000 * of_database} ms an answer | {1 / of_database:.0f} a second and core" in PAPER
    assert f"| {math.ceil(rate * of_database)} cores, which" in PAPER
    text = (ROOT / "deploy" / "postgresql" / "muse.conf").read_text(encoding="utf-8")
    connections = int(re.findall(r"^max_connections = (\d+)", text, re.MULTILINE)[0])
    assert f"{machines} machines of 2 processes × 8 threads | {machines * 16} of {connections}" in PAPER


def test_a_hundred_million_answers() -> None:
    rows = [line for line in MEASURED.splitlines() if re.match(r"\| (99,984|999,984) \|", line)]
    small, large = (seconds(row.strip("| ").split("|")[-1].strip()) for row in rows[:2])
    first, last = 99_984, 999_984
    slope = (large - small) / (last - first)
    limit = first + (limit_of_nginx() - small) / slope
    assert f"| {round(limit / 1000)},000 answers | {(small + slope * (WANTED - first)) / 3600:.1f} h |" in PAPER
    monitor = 0.34 / 100_000
    assert (
        f"| {limit_of_nginx() / monitor / 1e6:.1f}00,000 answers | {monitor * WANTED:.0f} s |".replace(".", ",")
        in PAPER
    )
    pack, rate = re.findall(r"^\| 999,984 \|[^|]*\|[^|]*\| (\d+) s \| ([\d.]+) MB/s", MEASURED, re.MULTILINE)[0]
    each, longest = float(pack) / last, KINDS["survey.tasks.make_export"].seconds
    assert f"| {longest / each / 1e6:.1f}00,000 answers |".replace(".", ",") in PAPER
    assert f"answers | {each * WANTED / 3600:.1f} h | | size" in PAPER
    assert f"{float(pack) * float(rate) / last * WANTED / 1e3:.0f} GB" in PAPER
    assert f"{math.ceil(math.log2(WANTED))} steps" in PAPER
    assert f"where {math.ceil(math.log2(100_000))} do" in PAPER
