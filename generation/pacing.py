"""How many clips a run makes and how long that takes, reckoned from clips that were made before. No Django."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median


@dataclass(frozen=True, slots=True)
class Made:
    """A finished clip: whose it is, and when a worker began and ended it."""

    composer: str
    started: datetime
    finished: datetime


def most_at_once(made: Iterable[Made]) -> int:
    """How many clips were being made at the same moment, at most; 0 without clips.

    Examples
    --------
    >>> clock = lambda second: datetime(2026, 1, 1, 0, 0, second)
    >>> most_at_once([Made("a", clock(0), clock(9)), Made("a", clock(3), clock(5)), Made("a", clock(5), clock(7))])
    2
    """
    moments = [moment for one in made for moment in ((one.started, 1), (one.finished, -1))]
    most = now = 0
    for _, step in sorted(moments):  # of one moment the ends come first: what follows another is not beside it
        now += step
        most = max(most, now)
    return most


def reckon_seconds(wanted: Mapping[str, int], made: Sequence[Made]) -> float | None:
    """Seconds until so many clips of each composer are there.

    Each takes the median of its composer's clips in `made`, as many at once as ever were in `made`; never less than
    the slowest clip takes. None where a composer has no clip in `made`.

    Examples
    --------
    >>> clock = lambda second: datetime(2026, 1, 1, 0, 0, second)
    >>> two_workers = [Made("a", clock(0), clock(4)), Made("a", clock(0), clock(4)), Made("b", clock(4), clock(14))]
    >>> reckon_seconds({"a": 6, "b": 1}, two_workers)
    17.0
    >>> reckon_seconds({"b": 1}, two_workers), reckon_seconds({"c": 1}, two_workers)
    (10.0, None)
    """
    taken: dict[str, list[float]] = defaultdict(list)
    for one in made:
        taken[one.composer].append(max((one.finished - one.started).total_seconds(), 0.0))
    asked = {composer: number for composer, number in wanted.items() if number > 0}
    if any(composer not in taken for composer in asked):
        return None
    each = {composer: median(taken[composer]) for composer in asked}
    work = sum(number * each[composer] for composer, number in asked.items())
    return max([work / max(most_at_once(made), 1), *each.values()])


def say_seconds(seconds: float) -> str:
    """A length of time as people say it.

    Examples
    --------
    >>> [say_seconds(seconds) for seconds in (3, 59, 91, 5399, 5400, 180_000)]
    ['about 5 seconds', 'about 60 seconds', 'about 2 minutes', 'about 90 minutes', 'about 2 hours', 'about 2 days']
    """
    if seconds <= 60:
        return f"about {max(5 * math.ceil(seconds / 5), 5)} seconds"
    if seconds < 90 * 60:
        return f"about {math.ceil(seconds / 60)} minutes"
    if seconds < 36 * 3600:
        return f"about {round(seconds / 3600)} hours"
    return f"about {round(seconds / 86400)} days"


def say_clips(pictures: int, composers: int, each: int) -> str:
    """How many clips these are, and of what.

    Examples
    --------
    >>> say_clips(3, 2, 2)
    '12 clips: 3 pictures × 2 composers × 2 clips each.'
    >>> say_clips(1, 1, 1)
    '1 clip: 1 picture × 1 composer × 1 clip each.'
    """
    number = _count(pictures * composers * each, "clip")
    return f"{number}: {_count(pictures, 'picture')} × {_count(composers, 'composer')} × {_count(each, 'clip')} each."


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
