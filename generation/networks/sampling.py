"""Sampling from the composer network: many candidates in one pass, each within its own plan.

The network draws every note; the plan bounds it. The chords are given to it, notes outside the scale are
made unlikely unless the attributes want them, what two hands cannot strike is impossible, no bar stays
empty, and a bar that returns is played to the network again (so that what follows fits) with a few notes
and all velocities drawn anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from generation.music.chords import HALF_BAR
from generation.music.quantising import PER_BAR
from generation.networks.bounds import NEVER, ChordBias, Draft, Plan, bias_scale, bind, can_add, forbid, rub
from generation.networks.composer import ComposerNetwork, State
from generation.networks.events import ADVANCES

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

MOST_TOGETHER: Final = 8
LONGEST_SILENCE: Final = 12
"""Sixteenths without an onset: three beats."""
MOST_NOTES: Final = 700
TAIL: Final = 5.5
"""Codes less likely than the likeliest by more than this (in nats) are not drawn."""
VARIATION: Final = 0.12
"""Share of inner melody notes drawn anew when a bar returns."""


def sample(
    network: ComposerNetwork, plans: Sequence[Plan], random: np.random.Generator, temperature: float = 0.95
) -> list[Draft]:
    """Draw one draft per plan, all in one batch.

    On one thread: the products are so small that on a busy machine a second thread costs seven times the
    processor time (measured: 1.8 s against 0.24 s for eight candidates).
    """
    with threadpool_limits(1, user_api="blas"):
        candidates = _Candidates(network, plans, random, temperature)
        while candidates.working():
            candidates.write_notes()
    return candidates.drafts


class _Candidates:
    """The candidates being written, in step: one note each per turn."""

    def __init__(
        self, network: ComposerNetwork, plans: Sequence[Plan], random: np.random.Generator, temperature: float
    ) -> None:
        count = len(plans)
        self.network, self.plans, self.random, self.temperature = network, plans, random, temperature
        self.drafts = [Draft() for _ in plans]
        # One candidate is one row of every array; lists hold what differs in length.
        self.state: State = network.begin(np.stack([plan.conditions[0] for plan in plans]))
        self.previous = {
            name: np.zeros(count, np.int64)
            for name in ("advances", "pitches", "durations", "velocities", "positions", "chords", "next_chords")
        }
        # Sixteenths from the first bar line; the bar each candidate is in; where its last bar begins.
        self.now = np.zeros(count, np.int64)
        self.bars = np.zeros(count, np.int64)
        self.ends = np.array([(plan.form.bars - 1) * PER_BAR for plan in plans])
        self.done = np.zeros(count, bool)
        # Notes (indices of the draft) that a returning bar still has to repeat; codes struck at this moment, and at the
        # last.
        self.queues: list[list[int]] = [[] for _ in plans]
        self.struck: list[list[int]] = [[] for _ in plans]
        self.before: list[list[int]] = [[] for _ in plans]
        self.scale_bias = np.stack([bias_scale(plan) for plan in plans])
        self.chord_bias = ChordBias(plans)

    def working(self) -> bool:
        """Whether any candidate is unfinished."""
        return not bool(self.done.all()) and len(max(self.drafts, key=len)) < MOST_NOTES

    def write_notes(self) -> None:
        """Write the next note of every candidate."""
        self.network.step(self.state, self.previous)
        first = all(len(draft) == 0 for draft in self.drafts)
        advances = np.zeros(len(self.plans), np.int64) if first else self._draw_advances()
        known = {"advances": advances, "positions": self.now % PER_BAR}
        known["chords"], known["next_chords"] = self._chords()
        copied = np.array([queue[0] if queue else -1 for queue in self.queues])
        known["pitches"] = self._draw_pitches(known, copied)
        known["durations"] = self._draw_durations(known, copied)
        velocities = self._draw("velocities", self.network.logits("velocities", self.state, known))
        self._take(known, velocities, copied)

    def _draw_advances(self) -> Ints:
        logits = self.network.logits("advances", self.state, {})
        for row, (draft, now) in enumerate(zip(self.drafts, self.now, strict=True)):
            struck = self.struck[row]
            if len(struck) >= MOST_TOGETHER or not can_add(struck):
                # An advance of 0 strikes another key at the same moment.
                logits[row, 0] = NEVER
            bar_end = (int(now) // PER_BAR + 1) * PER_BAR
            # No bar stays empty: at the latest a quarter into the next one something is struck.
            logits[row, min(LONGEST_SILENCE, bar_end + 4 - int(now)) + 1 :] = NEVER
            if self.queues[row]:
                logits[row] = NEVER
                # A returning bar: the one advance that leads to its next note.
                logits[row, draft.starts[self.queues[row][0]] % PER_BAR - int(now) % PER_BAR] = 0.0
        advances = self._draw("advances", logits)
        for row in range(len(self.plans)):
            advances[row] = self._enter(row, int(advances[row]))
        return advances

    def _enter(self, row: int, advance: int) -> int:
        """Move one candidate on; at a bar that returns, queue the earlier bar's notes."""
        if self.done[row]:
            return 0
        now, then = int(self.now[row]), int(self.now[row]) + advance
        if advance:
            self.before[row], self.struck[row] = self.struck[row], []
        if then >= self.ends[row]:
            self.done[row] = True
            return min(advance, ADVANCES - 1)
        bar = then // PER_BAR
        if bar != now // PER_BAR:
            source = self.plans[row].form.sources[bar]
            queue = self.drafts[row].in_bar(source) if source is not None else []
            if queue:
                self.queues[row] = queue
                then = bar * PER_BAR + self.drafts[row].starts[queue[0]] % PER_BAR
                advance = then - now
            self._change_mood(row, bar)
        self.now[row] = then
        return min(advance, ADVANCES - 1)

    def _change_mood(self, row: int, bar: int) -> None:
        self.bars[row] = bar
        conditions = np.stack(
            [
                plan.conditions[min(int(b), len(plan.conditions) - 1)]
                for plan, b in zip(self.plans, self.bars, strict=True)
            ]
        )
        self.network.set_mood(self.state, conditions)

    def _chords(self) -> tuple[Ints, Ints]:
        halves = self.now // HALF_BAR
        chords = [plan.form.chords for plan in self.plans]
        here = np.array([c[min(int(h), len(c) - 1)] for c, h in zip(chords, halves, strict=True)])
        following = np.array([c[min(int(h) + 1, len(c) - 1)] for c, h in zip(chords, halves, strict=True)])
        return here, following

    def _draw_pitches(self, known: dict[str, Ints], copied: Ints) -> Ints:
        logits = self.network.logits("pitches", self.state, known)
        logits = logits + self.scale_bias + self.chord_bias.at(self.now, known["advances"])
        for row, struck in enumerate(self.struck):
            if self.plans[row].friction:
                rub(logits[row], struck or self.before[row], self.plans[row].friction)
            forbid(logits[row], struck, self.plans[row].shift)
            if copied[row] >= 0:
                bind(logits[row], self.drafts[row], copied[row], struck, self.random.random() < VARIATION)
        return self._draw("pitches", logits)

    def _draw_durations(self, known: dict[str, Ints], copied: Ints) -> Ints:
        durations = self._draw("durations", self.network.logits("durations", self.state, known))
        for row, index in enumerate(copied):
            if index >= 0:
                durations[row] = self.drafts[row].durations[index]
        return durations

    def _draw(self, head: str, logits: Floats) -> Ints:
        heat = self.temperature if head != "advances" else min(self.temperature, 0.9)
        # The tail is cut before the heat: together its many unlikely codes would be drawn too often.
        kept = np.where(logits < logits.max(axis=1, keepdims=True) - TAIL, NEVER, logits / heat)
        noise = self.random.gumbel(size=kept.shape)
        # Gumbel's trick: the largest of logits with Gumbel noise is a draw from their softmax, for all rows in one
        # call.
        return np.asarray((kept + noise).argmax(axis=1), dtype=np.int64)

    def _take(self, known: dict[str, Ints], velocities: Ints, copied: Ints) -> None:
        for row, draft in enumerate(self.drafts):
            if self.done[row]:
                continue
            draft.starts.append(int(self.now[row]))
            draft.pitches.append(int(known["pitches"][row]))
            draft.durations.append(int(known["durations"][row]))
            draft.velocities.append(int(velocities[row]))
            self.struck[row].append(int(known["pitches"][row]))
            if copied[row] >= 0:
                self.queues[row].pop(0)
            else:
                draft.free += 1
        self.previous = {
            name: known[name] + 1 for name in ("advances", "pitches", "durations", "positions", "chords", "next_chords")
        }
        self.previous["velocities"] = velocities + 1
