"""oTree with the same study, for comparison: installed into its own environment, driven by the same people.

Its page asks for the same fields. What it does not do is left out of the comparison: no consent, no sound check, no
balancing (everybody's clips are drawn when the session is made), no clips by byte range.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.load import Measured, Person
from benchmarks.serving import Served

VERSION: Final = "6.0.15"
PACKAGES: Final = (f"otree=={VERSION}", "psycopg2-binary==2.9.13")
STUDY: Final = Path(__file__).resolve().parent / "otree_study"
ENVIRONMENT: Final = Path(__file__).resolve().parent.parent / ".otree"
EMOTION: Final = re.compile(rb'name="chosen"[^>]*value="([^"]+)"')


def install_otree() -> None:
    """Install oTree into `.otree` beside the project, once."""
    if (ENVIRONMENT / VERSION).exists():
        return
    print(f"Installing oTree {VERSION} into {ENVIRONMENT} …", file=sys.stderr, flush=True)
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    subprocess.run([ENVIRONMENT / "bin" / "pip", "install", "--quiet", *PACKAGES], check=True)
    (ENVIRONMENT / VERSION).touch()


@dataclass(slots=True)
class OTreePerson(Person):
    """One participant of an oTree session; `slug` is their code."""

    address: str = ""

    async def join(self) -> None:
        await self.turn("GET", f"/InitializeParticipant/{self.slug}")

    async def answer_all(self, measured: Measured, think: float, *, with_media: bool, with_script: bool) -> None:
        while emotions := EMOTION.findall(self.page):
            values = {
                "chosen": random.choice(emotions).decode(),
                "confidence": "3",
                "played_seconds": "20",
                "plays": "1",
                "hidden_seconds": "0",
                "first_choice_seconds": "4.2",
            }
            await self.pause(think)
            answered, started = self.address, time.perf_counter()
            await self.turn("POST", answered, values)
            measured.answers.append(time.perf_counter() - started)
            measured.acknowledged.append(answered)

    async def turn(self, method: str, address: str, values: dict[str, str] | None = None) -> None:
        """Send, and remember the address of the page that follows: it is where its form goes."""
        self.address = await self.follow(method, address, values)


class OTree(Served):
    """`otree prodserver` in production mode with a project of its own."""

    sends_clips = False

    def __init__(self, folder: Path, database: str, *, rounds: int) -> None:
        own = {
            "SECRET_KEY": "benchmark",
            "ROUNDS": str(rounds),
            "OTREE_PRODUCTION": "1",
            "PATH": f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }
        outside = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        super().__init__(database, {**outside, **own, **({"DATABASE_URL": database} if database else {})})
        self.folder = folder / "study"
        shutil.copytree(STUDY, self.folder)
        (self.folder / "_static").mkdir()  # without it oTree does not start
        self.run("otree", "resetdb", "--noinput")
        self.start([str(ENVIRONMENT / "bin" / "otree"), "prodserver", f"127.0.0.1:{self.port}"], self.folder, "/login")

    def run(self, *command: str) -> list[str]:
        done = subprocess.run(
            [ENVIRONMENT / "bin" / command[0], *command[1:]],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"oTree failed: {done.stderr[-2000:]}")
        return done.stdout.split()

    def open_study(self, people: int) -> list[Person]:
        return [OTreePerson(self.port, code) for code in self.run("python", "session.py", "open", str(people))]

    def count(self, acknowledged: Sequence[str]) -> tuple[int, int]:
        # A player has one row for each round, so that nothing can be there twice.
        return min(int(self.run("python", "session.py", "count")[0]), len(acknowledged)), 0
