"""What bounds the sampler: the plan of a candidate, its draft, and which notes are possible or likely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes.measuring import ROUGHNESS
from generation.music.chords import HALF_BAR, chord_pitch_classes, chord_root
from generation.music.form import Form
from generation.music.keys import weigh_leaning
from generation.music.notes import Mode
from generation.music.quantising import PER_BAR
from generation.networks.events import LOWEST_RELATIVE, PITCHES

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NEVER: Final = np.float32(-1e9)
HAND_SPAN: Final = 14
"""Semitones one hand strikes at once: a ninth; judgement, large hands reach a tenth."""
CHORD_TONE: Final = 0.3
"""Nats a chord note gains everywhere."""
ROOT_IN_BASS: Final = 1.2
STRANGE_IN_BASS: Final = -3.0
"""Nats for the root, and for a note outside the chord, in the bass where a chord begins."""
BASS_BELOW: Final = 53
LOWEST_KEY, HIGHEST_KEY = 28, 100
"""Keys used; EMOPIA's clips seldom leave them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one candidate is to be.

    `conditions` has one row per bar (unscaled, see `events.CONDITION_NAMES`); `scale` are pitch classes
    above the tonic; `strictness` is how many nats a note outside scale and chord costs. `leaning` is how many nats
    the notes gain that speak most for major against its relative minor (below 0: for minor), `friction` how many the
    roughest intervals gain (below 0: lose).
    """

    form: Form
    shift: int
    scale: frozenset[int]
    strictness: float
    conditions: NDArray[np.float64]
    mode: Mode = "major"
    leaning: float = 0.0
    friction: float = 0.0


@dataclass(slots=True)
class Draft:
    """Notes of one candidate as network codes, with starts in sixteenths, up to the ending's bar."""

    starts: list[int] = field(default_factory=list)
    pitches: list[int] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)
    velocities: list[int] = field(default_factory=list)
    free: int = 0
    """Notes the network drew itself; the rest were repeated from an earlier bar."""

    def __len__(self) -> int:
        return len(self.starts)

    def in_bar(self, bar: int) -> list[int]:
        """Indices of the notes of a bar."""
        low, high = bar * PER_BAR, (bar + 1) * PER_BAR
        return [index for index, start in enumerate(self.starts) if low <= start < high]


# Step i is i − 98 semitones; `rub` cuts the 99 steps from a sounding key to every key out of it.
_STEPS: Final = np.abs(np.arange(1 - PITCHES, PITCHES))
_ROUGHNESS: Final = np.where(_STEPS > 24, 0.0, ROUGHNESS[_STEPS % 12] - ROUGHNESS.mean()).astype(np.float32)
"""Roughness of every step from −98 to 98 semitones, centred; none beyond two octaves."""


@lru_cache(maxsize=512)
def _mark(classes: frozenset[int]) -> NDArray[np.bool_]:
    """Which pitch codes belong to these pitch classes above the tonic."""
    return np.array([(code + LOWEST_RELATIVE) % 12 in classes for code in range(PITCHES)])


def bias_scale(plan: Plan) -> Floats:
    """What each pitch code costs for lying outside the scale, and gains or costs by how the plan leans."""
    costs = np.where(_mark(plan.scale), 0.0, -plan.strictness)
    if plan.leaning:
        classes = (np.arange(PITCHES) + LOWEST_RELATIVE) % 12
        costs = costs + np.where(_mark(plan.scale), plan.leaning * weigh_leaning(plan.mode)[classes], 0.0)
    return costs.astype(np.float32)


def rub(logits: Floats, sounding: Sequence[int], friction: float) -> None:
    """Favour (or, with `friction` below 0, avoid) keys that are rough with keys that sound."""
    for code in sounding:
        logits += np.float32(friction) * _ROUGHNESS[PITCHES - 1 - code : 2 * PITCHES - 1 - code]


class ChordBias:
    """Chord notes outside the scale are free; a new chord wants its root in the bass."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._halves = [len(plan.form.chords) for plan in plans]
        longest = max(self._halves)
        shape = (len(plans), longest, PITCHES)
        self._tables, self._basses = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        for row, plan in enumerate(plans):
            for half, chord in enumerate(plan.form.chords):
                self._tables[row, half] = _bias_chord(plan, chord)
                self._basses[row, half] = _bias_bass(plan, chord)

    def at(self, now: Ints, advances: Ints) -> Floats:
        """Biases of the pitches at `now`, shape (clips, pitches)."""
        rows = np.arange(len(now))
        halves = np.minimum(now // HALF_BAR, np.array(self._halves) - 1)
        # Only the first (lowest) note at the start of a half bar is its bass.
        fresh = (now % HALF_BAR == 0) & ((advances > 0) | (now == 0))
        found: Floats = self._tables[rows, halves] + self._basses[rows, halves] * fresh[:, None]
        return found


def _bias_chord(plan: Plan, chord: int) -> Floats:
    tones = _mark(chord_pitch_classes(chord))
    free = np.where(tones & ~_mark(plan.scale), plan.strictness, 0.0)
    return (free + np.where(tones, CHORD_TONE, 0.0)).astype(np.float32)


def _bias_bass(plan: Plan, chord: int) -> Floats:
    low = np.arange(PITCHES) + LOWEST_RELATIVE + plan.shift < BASS_BELOW
    root, tones = _mark(frozenset({chord_root(chord)})), _mark(chord_pitch_classes(chord))
    return np.where(low & root, ROOT_IN_BASS, np.where(low & ~tones, STRANGE_IN_BASS, 0.0)).astype(np.float32)


def can_add(struck: list[int]) -> bool:
    """Whether a higher key can still be struck together with `struck` (ascending codes)."""
    if not struck:
        return True
    # The left hand takes what it reaches from the lowest key, the right hand the rest, five fingers each.
    left = [p for p in struck if p <= struck[0] + HAND_SPAN]
    right = [p for p in struck if p > struck[0] + HAND_SPAN]
    if len(left) > 5:
        right = left[5:] + right
    return len(right) < 5 and struck[-1] + 1 < PITCHES and (not right or struck[-1] < right[0] + HAND_SPAN)


def forbid(logits: Floats, struck: list[int], shift: int) -> None:
    """Leave only keys that two hands can strike above what is struck already."""
    low, high = LOWEST_KEY - LOWEST_RELATIVE - shift, HIGHEST_KEY - LOWEST_RELATIVE - shift
    if struck:
        low = struck[-1] + 1
        right = [p for p in struck if p > struck[0] + HAND_SPAN]
        if right:
            high = min(high, right[0] + HAND_SPAN)
    high = max(high, low)
    logits[:low] = NEVER
    logits[high + 1 :] = NEVER


def bind(logits: Floats, draft: Draft, index: int, struck: list[int], vary: bool) -> None:
    """Hold a returning note to its pitch, or (`vary`) to its neighbourhood where it is a melody note."""
    pitch = draft.pitches[index]
    together = [p for i, p in enumerate(draft.pitches) if draft.starts[i] == draft.starts[index]]
    # Melody notes off the chords' starts: a variation that keeps harmony and shape.
    if vary and pitch == max(together) and len(together) < 3 and draft.starts[index] % HALF_BAR != 0:
        low = max(pitch - 4, (struck[-1] + 1) if struck else 0)
        logits[:low] = NEVER
        logits[pitch + 5 :] = NEVER
        return
    kept = max(pitch, struck[-1] + 1) if struck else pitch
    logits[:] = NEVER
    logits[min(kept, PITCHES - 1)] = 0.0
