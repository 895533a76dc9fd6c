"""Drawing notes from both stages: many candidates in one pass, each in its own frame.

The frame gives metre, bars and chords, the conditions what it should be like;
what keys can be struck is bounded, all else is the networks'. A plan may have a guide: what its form gives and favours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from generation.networks.melody_first.codes import (
    ADVANCES,
    DURATION_TICKS,
    END,
    LOWEST_RELATIVE,
    NONE,
    PITCHES,
    TICKS,
    strong_ticks,
)
from generation.networks.melody_first.guiding import CLASSES, Guide, Script, weigh_pitches
from generation.networks.melody_first.knowledge import BEFORE, INPUTS, MELODY, PLACE, Frame, Line, find_changes
from generation.networks.melody_first.notes import Notes, one_at_a_time
from generation.networks.melody_first.transformer import StageNetwork

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NEVER: Final = np.float32(-1e9)
TAIL: Final = 5.5
"""Codes less likely than the likeliest by more than this (in nats) are not drawn."""
TEMPERATURE: Final = 0.95
LOWEST_KEY, HIGHEST_KEY = 28, 100
MOST_TOGETHER: Final = 6
MOST_NOTES: Final = 480


@dataclass(frozen=True, slots=True)
class Plan:
    """What one candidate is to be.

    `shift` are the semitones from C to the tonic (`generation.networks.events.tonic_shift`). `melody` and
    `accompaniment` are the conditions of the stages (`knowledge.CONDITIONS`, unscaled, NaN where open): one row, or
    one row per bar, the upbeat's bar first. With a `guide` both hands end before the last bar, but for one note of the
    melody.
    """

    frame: Frame
    shift: int
    melody: NDArray[np.float64]
    accompaniment: NDArray[np.float64]
    guide: Guide | None = None


@dataclass(slots=True)
class _Row:
    """The notes of one candidate so far, as codes, and the keys struck at this moment."""

    starts: list[int] = field(default_factory=list)
    pitches: list[int] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)
    velocities: list[int] = field(default_factory=list)
    struck: list[int] = field(default_factory=list)


def compose_notes(
    melody: StageNetwork,
    accompaniment: StageNetwork,
    plans: Sequence[Plan],
    random: np.random.Generator,
    temperature: float = TEMPERATURE,
) -> list[tuple[Notes, Notes]]:
    """Draw melody and accompaniment of every plan; starts and durations in ticks, MIDI pitches, velocity codes.

    On one thread: the products are too small to share.
    """
    with threadpool_limits(1, user_api="blas"):
        tunes = sample_melodies(melody, plans, random, temperature)
        below = sample_accompaniments(accompaniment, plans, tunes, random, temperature)
    return [
        (_sounding(tune, plan.shift), _sounding(notes, plan.shift))
        for plan, tune, notes in zip(plans, tunes, below, strict=True)
    ]


def _sounding(notes: Notes, shift: int) -> Notes:
    return Notes(notes.starts, notes.pitches + LOWEST_RELATIVE + shift, notes.durations, notes.velocities)


def sample_melodies(
    network: StageNetwork, plans: Sequence[Plan], random: np.random.Generator, temperature: float = TEMPERATURE
) -> list[Notes]:
    """Draw one melody per plan: starts and durations in ticks, pitch and velocity codes."""
    drawn = _Drawing(network, plans, [None] * len(plans), random, temperature).run()
    return [one_at_a_time(notes) for notes in drawn]


def sample_accompaniments(
    network: StageNetwork,
    plans: Sequence[Plan],
    melodies: Sequence[Notes],
    random: np.random.Generator,
    temperature: float = TEMPERATURE,
) -> list[Notes]:
    """Draw one accompaniment per plan and its melody, as `sample_melodies` gives them."""
    lines = [Line(notes.starts, notes.pitches, notes.durations) for notes in melodies]
    return _Drawing(network, plans, lines, random, temperature).run()


class _Drawing:
    """Candidates being written in step: one note each per turn."""

    def __init__(
        self,
        network: StageNetwork,
        plans: Sequence[Plan],
        lines: Sequence[Line | None],
        random: np.random.Generator,
        temperature: float,
    ) -> None:
        count = len(plans)
        self.network, self.plans, self.lines = network, plans, lines
        self.random, self.temperature = random, temperature
        self.rows = [_Row() for _ in plans]
        self.now = np.zeros(count, np.int64)
        self.done = np.zeros(count, bool)
        self.changes = [find_changes(plan.frame.chords) * TICKS for plan in plans]
        self.scripts = [None if plan.guide is None else Script(plan.guide, plan.frame, network.stage) for plan in plans]
        self.ends = np.array([self._find_end(index) for index in range(count)])
        self.known = _look_ahead(network.stage, plans, lines)
        self.before = np.zeros((count, len(BEFORE)), np.int64)
        self.bars = np.zeros(count, np.int64)
        self.state = network.begin(self._conditions())

    def _find_end(self, index: int) -> int:
        """A guided accompaniment leaves the last bar to the last chord."""
        plan = self.plans[index]
        leaves_last = plan.guide is not None and self.lines[index] is not None
        return plan.frame.end - plan.frame.bar * leaves_last

    def _conditions(self) -> NDArray[np.float64]:
        rows = []
        for plan, bar in zip(self.plans, self.bars, strict=True):
            table = np.atleast_2d(getattr(plan, self.network.stage))
            rows.append(table[min(int(bar), len(table) - 1)])
        return np.stack(rows)

    def run(self) -> list[Notes]:
        """Write until every candidate has come to its end."""
        everyone = np.arange(len(self.plans))
        for number in range(MOST_NOTES):
            inputs = np.concatenate([self.before, self.known[everyone, self.now]], axis=1)
            self.network.step(self.state, inputs, self.now)
            known: dict[str, Ints] = {name: np.zeros(len(self.plans), np.int64) for name in ("pitches", "durations")}
            known["velocities"] = known["durations"]
            if number > 0:
                known = self._draw_note()
            self._advance(self._draw_advances(known), known, first=number == 0)
            if self.done.all():
                break
        return [
            Notes(
                np.array(row.starts, np.int64),
                np.array(row.pitches, np.int64),
                DURATION_TICKS[np.array(row.durations, np.int64)],
                np.array(row.velocities, np.int64),
            )
            for row in self.rows
        ]

    def _draw_note(self) -> dict[str, Ints]:
        pitches = self.network.logits("pitches", self.state, {})
        for index, (row, plan) in enumerate(zip(self.rows, self.plans, strict=True)):
            low, high = LOWEST_KEY - LOWEST_RELATIVE - plan.shift, HIGHEST_KEY - LOWEST_RELATIVE - plan.shift
            if row.struck:
                low = min(row.struck[-1] + 1, PITCHES - 1)
            pitches[index, :low] = NEVER
            pitches[index, max(high, low) + 1 :] = NEVER
            pitches[index, self._taken(index)] = NEVER
            if plan.guide is not None:
                self._guide_pitch(index, pitches[index])
        given = [
            script.take(int(now)) if script is not None and not done else None
            for script, now, done in zip(self.scripts, self.now, self.done, strict=True)
        ]
        known = {"pitches": self._draw(pitches)}
        for index, note in enumerate(given):
            if note is not None and note.pitch is not None and pitches[index, note.pitch] > NEVER / 2:
                known["pitches"][index] = note.pitch
        known["durations"] = self._draw(self.network.logits("durations", self.state, known))
        for index, note in enumerate(given):
            if note is not None:
                known["durations"][index] = note.duration
        known["velocities"] = self._draw(self.network.logits("velocities", self.state, known))
        for index, row in enumerate(self.rows):
            if not self.done[index]:
                row.starts.append(int(self.now[index]))
                row.struck.append(int(known["pitches"][index]))
                for name in ("pitches", "durations", "velocities"):
                    getattr(row, name).append(int(known[name][index]))
        return known

    def _guide_pitch(self, index: int, logits: Floats) -> None:
        """Add the taste of the plan's guide to the logits of one candidate; the last note is a note of its chord."""
        plan, row, now, script = self.plans[index], self.rows[index], int(self.now[index]), self.scripts[index]
        if plan.guide is None or script is None:
            return
        strong = now % plan.frame.bar in strong_ticks(plan.frame.metre)
        tones, scale = script.tones_at(now), plan.guide.scale_at(now)
        if self.lines[index] is not None:
            logits += weigh_pitches(
                plan.guide.accompaniment,
                plan.guide,
                tones,
                strong=strong,
                before=None,
                sounding=(heard := self._sounding_at(index)),
                scale=scale,
            )
            self._require_bass(index, logits, heard)
            return
        before = row.pitches[-1] if row.pitches else None
        logits += weigh_pitches(
            plan.guide.melody, plan.guide, tones, strong=strong, before=before, sounding=(), scale=scale
        )
        if now >= plan.frame.end - plan.frame.bar:
            logits[~np.isin(CLASSES, list(plan.guide.last))] = NEVER

    def _require_bass(self, index: int, logits: Floats, heard: Sequence[int]) -> None:
        """The lowest key of a new chord is its bass, below what is `heard` of the melody where there is such a key."""
        bass = self._new_bass(index)
        if bass is None:
            return
        allowed = (bass == CLASSES) & (logits > NEVER / 2)
        below = allowed & (np.arange(PITCHES) < min(heard, default=PITCHES))
        logits[~(below if below.any() else allowed)] = NEVER

    def _new_bass(self, index: int) -> int | None:
        """Class of the bass where chord or bass change at this moment and no key is struck yet."""
        row, now, chords = self.rows[index], int(self.now[index]), self.plans[index].frame.chords
        beat = now // TICKS
        if row.struck or now % TICKS or beat >= len(chords) or chords[beat, 2] == NONE:
            return None
        return int(chords[beat, 2]) if beat == 0 or (chords[beat] != chords[beat - 1]).any() else None

    def _sounding_at(self, index: int) -> list[int]:
        """Pitch codes of the melody's note that sounds now, and of the keys struck at this moment."""
        line, now = self.lines[index], self.now[index]
        heard = list(self.rows[index].struck)
        if line is not None:
            place = int(np.searchsorted(line.starts, now, side="right")) - 1
            if place >= 0 and now < line.starts[place] + line.durations[place]:
                heard.append(int(line.pitches[place]))
        return heard

    def _taken(self, index: int) -> list[int]:
        """The key that the melody strikes at this moment."""
        line = self.lines[index]
        if line is None:
            return []
        place = int(np.searchsorted(line.starts, self.now[index]))
        return [int(line.pitches[place])] if place < len(line.starts) and line.starts[place] == self.now[index] else []

    def _draw_advances(self, known: dict[str, Ints]) -> Ints:
        logits = self.network.logits("advances", self.state, known)
        for index, (row, plan) in enumerate(zip(self.rows, self.plans, strict=True)):
            frame, now = plan.frame, int(self.now[index])
            if self.lines[index] is None or len(row.struck) >= MOST_TOGETHER or not row.starts:
                # A melody has one note at a time, and the start has none to strike another with.
                logits[index, 0] = NEVER
            if self.lines[index] is not None:
                # An accompaniment begins with the first bar, and lasts until the last; no bar of it stays empty.
                if not row.starts:
                    logits[index, : frame.bar] = NEVER
                if now < frame.end - frame.bar:
                    logits[index, END] = NEVER
                    logits[index, 2 * frame.bar - now % frame.bar :] = NEVER
            if plan.guide is not None:
                self._guide_advance(index, logits[index])
        drawn = self._draw(logits)
        for index, script in enumerate(self.scripts):
            if script is not None and not self.done[index]:
                drawn[index] = self._follow(script, index, int(drawn[index]))
        return drawn

    def _guide_advance(self, index: int, logits: Floats) -> None:
        """No note of a melody begins where its form breathes, and none of either hand within a bar that is given."""
        plan, script, now = self.plans[index], self.scripts[index], int(self.now[index])
        if plan.guide is None or script is None:
            return
        logits[: max(script.given_until - now, 0)] = NEVER
        if self.lines[index] is not None:
            if not self.rows[index].starts:
                logits[plan.frame.bar + 1 :] = NEVER
            return
        logits[END] = NEVER
        if not self.rows[index].starts and plan.guide.begins is not None:
            low, high = plan.guide.begins
            logits[:low] = NEVER
            logits[high:] = NEVER
        if plan.guide.closed is not None:
            closed = plan.guide.closed[now : now + END]
            logits[: len(closed)][closed] = NEVER

    def _follow(self, script: Script, index: int, advance: int) -> int:
        """The advance to the next note that the form gives, or the one drawn."""
        row, now = self.rows[index], int(self.now[index])
        then = self.plans[index].frame.end if advance == END else now + advance
        if row.starts and row.starts[-1] >= self.plans[index].frame.end - self.plans[index].frame.bar:
            return END
        change = self._next_change(index)
        start = script.next_start(now, min(then, change), row.starts, row.pitches, row.durations)
        return min(min(start, change) - now, END - 1)

    def _next_change(self, index: int) -> int:
        """The tick of the next chord or bass, which the accompaniment strikes; the end where there is none to come."""
        plan, now = self.plans[index], int(self.now[index])
        if self.lines[index] is None:
            return plan.frame.end
        return int(self.changes[index][min(now // TICKS, len(self.changes[index]) - 1)])

    def _advance(self, advances: Ints, known: dict[str, Ints], *, first: bool) -> None:
        """Move every candidate to its next note."""
        then = self.now + np.where(advances == END, ADVANCES, advances)
        self.done |= (advances == END) | (then >= self.ends)
        for index in np.flatnonzero((advances > 0) & ~self.done):
            self.rows[index].struck = []
        self.now = np.where(self.done, self.now, then)
        if not first:
            self.before[:, 1:] = np.stack([known[n] for n in ("pitches", "durations", "velocities")], axis=1) + 1
        self.before[:, 0] = np.minimum(advances, ADVANCES - 1) + 1
        bars = self.now // np.array([plan.frame.bar for plan in self.plans])
        if (bars != self.bars).any():
            self.bars = bars
            self.network.set_mood(self.state, self._conditions())

    def _draw(self, logits: Floats) -> Ints:
        # The tail is cut before the heat: together its many unlikely codes would be drawn too often.
        kept = np.where(logits < logits.max(axis=1, keepdims=True) - TAIL, NEVER, logits / self.temperature)
        # The largest of logits with Gumbel noise is a draw from their softmax, for all rows in one call.
        return np.asarray((kept + self.random.gumbel(size=kept.shape)).argmax(axis=1), dtype=np.int64)


def _look_ahead(stage: str, plans: Sequence[Plan], lines: Sequence[Line | None]) -> Ints:
    """What is known at every tick of every candidate, shape (candidates, ticks, inputs but those of `BEFORE`)."""
    names = [name for name in INPUTS[stage] if name not in BEFORE]
    found = np.zeros((len(plans), max(plan.frame.end for plan in plans), len(names)), np.int64)
    for index, (plan, line) in enumerate(zip(plans, lines, strict=True)):
        ticks = np.arange(plan.frame.end)
        seen = plan.frame.look(ticks)
        if line is not None:
            seen |= line.look(ticks)
        for column, name in enumerate(names):
            found[index, : plan.frame.end, column] = seen[name]
    return found


if set(INPUTS["accompaniment"]) != {*BEFORE, *PLACE, *MELODY}:
    raise TypeError("The accompaniment reads other inputs than are looked up.")
