"""When the notes of a score sound in the clip: beats of the page laid beside the seconds of the performance.

A performance breathes, and a score merges, cuts and rounds what was played; so notes are paired pitch by pitch, and
what has no partner stands where its neighbours put it. Times are those of the player: seconds of the sound file.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from generation.music.length import LEAD_IN_SECONDS

NO_PARTNER_SECONDS: Final = 0.6
"""A note whose pitch sounds only this far from where it is expected has no partner."""
ROUNDS: Final = 3
Pairs = dict[int, float]


@dataclass(frozen=True, slots=True)
class Timing:
    """Start and end of every note of the score, and the start of every bar, in seconds of the clip."""

    notes: list[tuple[float, float]]
    bars: list[float]


class _Clock:
    """Quarters to seconds through known points; straight lines between them and, at their mean pace, beyond."""

    def __init__(self, points: Iterable[tuple[float, float]]) -> None:
        chain = _longest_rise(sorted(points))
        self.quarters = [quarter for quarter, _ in chain]
        self.seconds = [second for _, second in chain]
        span = self.quarters[-1] - self.quarters[0]
        self.pace = (self.seconds[-1] - self.seconds[0]) / span if span else 0.5

    def at(self, quarter: float) -> float:
        after = bisect_right(self.quarters, quarter)
        if after == 0:
            return self.seconds[0] + (quarter - self.quarters[0]) * self.pace
        if after == len(self.quarters):
            return self.seconds[-1] + (quarter - self.quarters[-1]) * self.pace
        left, right = self.quarters[after - 1], self.quarters[after]
        share = (quarter - left) / (right - left)
        return self.seconds[after - 1] + share * (self.seconds[after] - self.seconds[after - 1])


def _longest_rise(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """As many of `points` as can stand together with seconds that rise: one that is far off takes no other along."""
    ends: list[float] = []
    last: list[int] = []
    before: list[int] = []
    for index, (_, second) in enumerate(points):
        length = bisect_left(ends, second)
        before.append(last[length - 1] if length else -1)
        ends[length:] = [second, *ends[length + 1 :]]
        last[length:] = [index, *last[length + 1 :]]
    chain = []
    index = last[-1]
    while index >= 0:
        chain.append(points[index])
        index = before[index]
    return chain[::-1]


def time_notes(notes: Sequence[Sequence[Any]], bars: Sequence[float], rows: Sequence[Sequence[Any]]) -> Timing | None:
    """Lay the notes of a `Sheet` beside `PairVersion.notes`; None where either has none that can be read."""
    played = _read(rows)
    struck = {index: (float(note[0]), int(note[2])) for index, note in enumerate(notes) if note[3]}
    if not played or not struck:
        return None
    begin = min(second for seconds in played.values() for second in seconds) - LEAD_IN_SECONDS
    pairs = _first_pairs(struck, played)
    for _ in range(ROUNDS):
        pairs = _pair(struck, played, _clock(struck, pairs))
        if not pairs:
            return None
    clock = _clock(struck, pairs)
    timed = []
    for index, note in enumerate(notes):
        start = pairs.get(index, clock.at(float(note[0])))
        end = max(clock.at(float(note[1])), start)
        timed.append((round(max(start - begin, 0.0), 3), round(max(end - begin, 0.0), 3)))
    return Timing(timed, [round(max(clock.at(bar) - begin, 0.0), 3) for bar in bars])


def _read(rows: Sequence[Sequence[Any]]) -> dict[int, list[float]]:
    """Onsets of each pitch, in order; rows that are none (old ones were not checked) are left out."""
    found: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        try:
            found[int(row[2])].append(float(row[0]))
        except (TypeError, ValueError, IndexError, OverflowError):
            continue
    return {pitch: sorted(onsets) for pitch, onsets in found.items()}


def _by_pitch(struck: Mapping[int, tuple[float, int]]) -> dict[int, list[int]]:
    """The notes of each pitch in the order of the score."""
    found: dict[int, list[int]] = defaultdict(list)
    for index in sorted(struck, key=lambda one: struck[one][0]):
        found[struck[index][1]].append(index)
    return found


def _first_pairs(struck: Mapping[int, tuple[float, int]], played: Mapping[int, list[float]]) -> Pairs:
    """Pitches struck as often as written, one by one; where there are none, first and last note."""
    pairs: Pairs = {}
    for pitch, indices in _by_pitch(struck).items():
        onsets = played.get(pitch, [])
        if len(onsets) == len(indices):
            pairs.update(zip(indices, onsets, strict=True))
    if len(pairs) < 2:
        order = sorted(struck, key=lambda one: struck[one][0])
        onsets = sorted(second for seconds in played.values() for second in seconds)
        pairs = {order[0]: onsets[0], order[-1]: onsets[-1]}
    return pairs


def _clock(struck: Mapping[int, tuple[float, int]], pairs: Pairs) -> _Clock:
    """The middle of what sounds at each moment of the score."""
    moments: dict[float, list[float]] = defaultdict(list)
    for index, second in pairs.items():
        moments[struck[index][0]].append(second)
    return _Clock((quarter, median(seconds)) for quarter, seconds in moments.items())


def _pair(struck: Mapping[int, tuple[float, int]], played: Mapping[int, list[float]], clock: _Clock) -> Pairs:
    pairs: Pairs = {}
    for pitch, indices in _by_pitch(struck).items():
        expected = [clock.at(struck[index][0]) for index in indices]
        onsets = played.get(pitch, [])
        pairs.update((indices[one], onsets[other]) for one, other in _align(expected, onsets))
    return pairs


def _align(expected: Sequence[float], onsets: Sequence[float]) -> list[tuple[int, int]]:
    """Partners in order, such that all distances together are least; leaving one out costs half of the farthest."""
    skip = NO_PARTNER_SECONDS / 2
    rows, columns = len(expected), len(onsets)
    cost = [[(row + column) * skip for column in range(columns + 1)] for row in range(rows + 1)]
    for row in range(1, rows + 1):
        for column in range(1, columns + 1):
            together = cost[row - 1][column - 1] + abs(expected[row - 1] - onsets[column - 1])
            alone = min(cost[row - 1][column], cost[row][column - 1]) + skip
            cost[row][column] = min(together, alone)
    pairs, row, column = [], rows, columns
    while row and column:
        if cost[row][column] == cost[row - 1][column - 1] + abs(expected[row - 1] - onsets[column - 1]):
            row, column = row - 1, column - 1
            pairs.append((row, column))
        elif cost[row][column] == cost[row - 1][column] + skip:
            row -= 1
        else:
            column -= 1
    return pairs[::-1]
