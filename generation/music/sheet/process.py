"""Asking the engraving process: one score, a clock, and a sentence for whatever goes wrong."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

from generation.music.sheet.layouts import ANSWER_BYTES, ENGRAVING, MISSING_EXIT, PAPER, UNREADABLE_EXIT

logger = logging.getLogger(__name__)
LARGEST_BYTES: Final = 4_000_000
"""Of a MusicXML file; a clip's has about 100 kB."""
LIMIT_SECONDS: Final = 20
"""On a busy machine; of it the process may compute for half."""
QUEUE_SECONDS: Final = 2
"""A thread that answers pages waits so long for a slot. Together with the limit above it is held for 22 s at most."""
AT_ONCE: Final = 2
"""So many scores one process of ours has engraved at the same time: each takes a core, and memory of its own."""
ROOT: Final = Path(__file__).resolve().parents[3]
MISSING: Final = "Scores cannot be drawn on this site at the moment."
ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
"""Every thread reserves addresses, and those are limited: so they do not grow with the cores of the machine."""
_slots: Final = BoundedSemaphore(AT_ONCE)
_LAST_LINES: Final = 5
_OUT_OF_ADDRESSES: Final = re.compile("cannot allocate memory|bad_alloc|^MemoryError", re.MULTILINE)
"""Said where a score needs more than the process allows itself; a full machine kills without a word."""


class EngravingFailed(Exception):
    """One sentence that says why a score cannot be drawn; `lasting` where another try would tell the same."""

    def __init__(self, sentence: str, *, lasting: bool = True) -> None:
        super().__init__(sentence)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class Sheet:
    """A drawing of a score, and what is known of its notes."""

    width: float
    height: float
    body: str
    """What stands within the `svg` element."""
    notes: list[list[Any]]
    """[start, end (quarters), MIDI pitch, struck and not tied over, bar, staff, name], in the order of `data-note`."""
    bars: list[float]
    """Where each bar begins, in quarters."""
    numbers: list[str]
    """What each bar is called; an upbeat is 0."""
    warnings: list[str]
    """What Verovio complained about."""


def engraver_name() -> str:
    """What drew it: part of the name under which a drawing is kept; EngravingFailed where there is no engraver."""
    try:
        return f"verovio {version('verovio')}, engraving {ENGRAVING}"
    except PackageNotFoundError:
        logger.warning("Scores cannot be drawn: the package verovio is not installed.")
        raise EngravingFailed(MISSING, lasting=False) from None


@contextmanager
def slot() -> Iterator[None]:
    """One of the few places for an engraving process; EngravingFailed where none becomes free soon."""
    if not _slots.acquire(timeout=QUEUE_SECONDS):
        raise EngravingFailed("Many scores are being drawn at the moment; try again in a minute.", lasting=False)
    try:
        yield
    finally:
        _slots.release()


def engrave(musicxml: bytes) -> dict[str, Sheet]:
    """Draw a score for each width of screens; EngravingFailed where that takes too long or nothing comes of it.

    Who answers pages holds a `slot` for it.
    """
    told, warnings = _ask({"for": "screens"}, musicxml)
    return {layout: Sheet(**drawing, warnings=warnings) for layout, drawing in told.items()}


def print_pdf(musicxml: bytes, *, title: str, subtitle: str) -> bytes:
    """The score on A4 under its title, as PDF of lines and text; EngravingFailed as above."""
    told, _ = _ask({"for": PAPER, "title": title, "subtitle": subtitle}, musicxml)
    return base64.b64decode(told["pdf"])


def _ask(request: dict[str, Any], musicxml: bytes) -> tuple[dict[str, Any], list[str]]:
    if len(musicxml) > LARGEST_BYTES:
        raise EngravingFailed(f"The score is larger than {LARGEST_BYTES // 1_000_000} MB, too large to be drawn.")
    try:
        text = musicxml.decode("utf-8")
    except UnicodeDecodeError:
        raise EngravingFailed("The score is no MusicXML in UTF-8.") from None
    return _run(json.dumps({**request, "musicxml": text}).encode())


def _run(request: bytes) -> tuple[dict[str, Any], list[str]]:
    # Files and not pipes: a score that makes Verovio complain for ever fills a bounded file, and no memory of ours.
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        asked.write(request)
        asked.seek(0)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "generation.music.sheet.engraver"],
                stdin=asked,
                stdout=said,
                stderr=complained,
                timeout=LIMIT_SECONDS,
                env=_environment(),
                cwd=ROOT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            logger.warning("Drawing a score was given up after %d seconds.", LIMIT_SECONDS)
            raise EngravingFailed("Drawing the score took too long; it was given up.", lasting=False) from None
        complained.seek(0)
        lines = complained.read(100_000).decode("utf-8", "replace")
        said.seek(0)
        written = said.read(ANSWER_BYTES)
        if done.returncode or not written:
            raise _failure(done.returncode, lines)
        return json.loads(written), re.findall(r"^\[(?:Warning|Error)\] (.*)$", lines, re.MULTILINE)


def _failure(code: int, lines: str) -> EngravingFailed:
    """Why there is no drawing. Only what the score itself did is lasting: a full machine kills, too."""
    logger.warning("Drawing a score ended with %d: %s", code, " / ".join(lines.splitlines()[-_LAST_LINES:]))
    if code == UNREADABLE_EXIT:
        return EngravingFailed("The score is no MusicXML that can be read.")
    if code == MISSING_EXIT:
        return EngravingFailed(MISSING, lasting=False)
    own = code == -signal.SIGXCPU or bool(_OUT_OF_ADDRESSES.search(lines))
    return EngravingFailed("The score cannot be drawn: too long, or broken.", lasting=own)


def _environment() -> dict[str, str]:
    """Of all that this process knows, secrets among it, only where programs and packages lie."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "HOME") if name in os.environ}
    packages = [str(ROOT), *(path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path)]
    return {**kept, "PYTHONPATH": os.pathsep.join(packages), "PYTHONUTF8": "1", **ONE_THREAD}
