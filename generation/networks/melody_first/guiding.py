"""What a form asks of the notes while they are drawn: bars that return, breaths, the last note, and a taste in pitches.

The networks hear what is given to them as if they had written it, so that what follows fits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.planned_form import Return
from generation.networks.melody_first.codes import (
    LONGEST_ADVANCE,
    LOWEST_RELATIVE,
    PITCHES,
    TICKS,
    chord_tones,
    duration_code,
)
from generation.networks.melody_first.knowledge import Frame

Floats = NDArray[np.float32]

CODES: Final = np.arange(PITCHES)
CLASSES: Final = (CODES + LOWEST_RELATIVE) % 12
"""Semitones above the tonic of every pitch code, octaves left out."""
FURTHEST_SEQUENCE: Final = 4
"""Steps of the scale by which a motive may be moved."""
LEADING_TONE: Final = 11
AGAINST_LEADING_TONE: Final = -3.0
"""Nats against the natural seventh while a chord holds the raised one; judgement."""
RUBS: Final = (1, 11, 13)
"""Semitones between keys that rub: minor second, major seventh, minor ninth."""


@dataclass(frozen=True, slots=True)
class Taste:
    """Nats added to the likelihood of pitches: above 0 favours.

    `chord` for notes of the chord on strong beats, `outside` for notes outside scale and chord, `leap` for moves beyond
    five semitones, `semitone` for moves by one, `fall` for moves downwards, `rub` for minor seconds, sevenths and
    ninths with what is struck or sounds at that moment.
    """

    chord: float = 0.0
    outside: float = 0.0
    leap: float = 0.0
    semitone: float = 0.0
    fall: float = 0.0
    rub: float = 0.0


@dataclass(frozen=True, slots=True)
class Guide:
    """What the form asks of one candidate.

    `scale` are semitones above the tonic, `scales` those of every beat, the upbeat's bar first, where they differ from
    it; where chord or bass change, the accompaniment strikes the frame's bass lowest. `returns` of the melody and
    `figures` of the accompaniment count bars from the first full one; `begins` are the ticks between which the melody's
    first note is struck; `closed` (ticks,) is where it may begin no note; `last` the pitch classes of its last note,
    which is struck with the last bar.
    """

    scale: frozenset[int]
    melody: Taste = field(default_factory=Taste)
    accompaniment: Taste = field(default_factory=Taste)
    returns: tuple[Return, ...] = ()
    figures: tuple[Return, ...] = ()
    begins: tuple[int, int] | None = None
    closed: NDArray[np.bool_] | None = None
    last: frozenset[int] = frozenset({0, 4, 7})
    scales: tuple[frozenset[int], ...] = ()

    def scale_at(self, tick: int) -> frozenset[int]:
        """The scale of the beat in which a tick lies."""
        return self.scales[min(tick // TICKS, len(self.scales) - 1)] if self.scales else self.scale


@dataclass(frozen=True, slots=True)
class Given:
    """A note that is given: its start in ticks, its duration as a code, and its pitch as a code or None."""

    start: int
    duration: int
    pitch: int | None


class Script:
    """The notes of one hand that its form gives, found when the bar they take up has been written.

    A melody ends with a note on the last bar; an accompaniment leaves that bar to the last chord.
    """

    def __init__(self, guide: Guide, frame: Frame, stage: str) -> None:
        self.guide, self.frame = guide, frame
        returns = guide.returns if stage == "melody" else guide.figures
        self.returns = deque(sorted(returns, key=lambda back: back.bar))
        self.queue: deque[Given] = deque()
        self.given_until = 0
        self.closed = stage != "melody"

    def take(self, now: int) -> Given | None:
        """The note that is given for this moment, if there is one."""
        return self.queue.popleft() if self.queue and self.queue[0].start == now else None

    def next_start(
        self, now: int, then: int, starts: Sequence[int], pitches: Sequence[int], lengths: Sequence[int]
    ) -> int:
        """When the next note begins: as drawn (`then`), or as the form gives it.

        `starts` (ticks), `pitches` (codes) and `lengths` (duration codes) are the notes so far.
        """
        bar = self.frame.bar
        while not self.queue:
            while self.returns and (self.returns[0].bar + 1) * bar <= now:
                self.returns.popleft()
            last_bar = self.frame.bars * bar
            if self.returns and then >= (self.returns[0].bar + 1) * bar:
                back = self.returns.popleft()
                self.queue.extend(self._take_up(back, starts, pitches, lengths))
                if self.queue:
                    self.given_until = (back.bar + 2) * bar
                else:  # the bar taken up begins no note: neither does this one
                    then = max(then, min((back.bar + 2) * bar, last_bar))
            elif then >= last_bar and not self.closed:
                self.closed = True
                self.queue.append(Given(last_bar, int(duration_code(bar)), None))
            else:
                return then
        return min(self.queue[0].start, now + LONGEST_ADVANCE)

    def _take_up(
        self, back: Return, starts: Sequence[int], pitches: Sequence[int], lengths: Sequence[int]
    ) -> list[Given]:
        bar = self.frame.bar
        low = (back.source + 1) * bar
        notes = [
            (start - low, pitch, length)
            for start, pitch, length in zip(starts, pitches, lengths, strict=True)
            if low <= start < low + bar
        ]
        begin = (back.bar + 1) * bar
        tune: list[int | None] = [pitch for _, pitch, _ in notes]
        if back.manner == "rhythm":
            tune = [None] * len(notes)
        elif back.manner == "sequence":
            tune = [*self._sequence([pitch for _, pitch, _ in notes], [begin + start for start, _, _ in notes])]
        elif back.manner == "inversion":
            tune = [*turn_over([pitch for _, pitch, _ in notes], self.guide.scale_at(begin))]
        # A motive that leaves the range of the codes keeps its rhythm alone.
        return [
            Given(begin + start, length, pitch if pitch is not None and 0 <= pitch < PITCHES else None)
            for (start, _, length), pitch in zip(notes, tune, strict=True)
        ]

    def _sequence(self, tune: list[int], starts: list[int]) -> list[int]:
        """The motive moved by the steps that bring most of its notes into the chord; of two as good the shorter way."""
        scale = self.guide.scale_at(starts[0]) if starts else self.guide.scale

        def fit(steps: int) -> tuple[float, int]:
            moved = move_by_steps(tune, steps, scale)
            inside = sum(
                CLASSES[pitch] in self.tones_at(start)
                for pitch, start in zip(moved, starts, strict=True)
                if 0 <= pitch < PITCHES
            )
            return inside, -abs(steps)

        choices = [steps for steps in range(-FURTHEST_SEQUENCE, FURTHEST_SEQUENCE + 1) if steps]
        return move_by_steps(tune, max(choices, key=fit), scale)

    def tones_at(self, tick: int) -> frozenset[int]:
        """Pitch classes above the tonic of the chord at a tick."""
        root, quality, _ = self.frame.chords[min(tick // TICKS, len(self.frame.chords) - 1)].tolist()
        return chord_tones(root, quality)


def _degree(pitch: int, scale: Sequence[int]) -> tuple[int, int]:
    """Step of the scale (octaves counted on) at or below a pitch code, and semitones above it."""
    octave, within = divmod(pitch + LOWEST_RELATIVE, 12)
    if within < scale[0]:  # the tonic is bent away: the step below is in the octave below
        octave, within = octave - 1, within + 12
    place = max(index for index, step in enumerate(scale) if step <= within)
    return octave * len(scale) + place, within - scale[place]


def _pitch(degree: int, altered: int, scale: Sequence[int]) -> int:
    octave, place = divmod(degree, len(scale))
    return octave * 12 + scale[place] + altered - LOWEST_RELATIVE


def seven_steps(scale: frozenset[int]) -> list[int]:
    """A scale of seven steps: of two sevenths the natural one."""
    return sorted(scale - {11} if {10, 11} <= scale else scale)


def move_by_steps(tune: Sequence[int], steps: int, scale: frozenset[int]) -> list[int]:
    """Pitch codes moved by steps of the scale; altered notes stay altered.

    >>> [code + LOWEST_RELATIVE for code in move_by_steps([45, 47, 49], 1, frozenset({0, 2, 4, 5, 7, 9, 11}))]
    [62, 64, 65]
    """
    ordered = seven_steps(scale)
    moved = []
    for pitch in tune:
        degree, altered = _degree(pitch, ordered)
        moved.append(_pitch(degree + steps, altered, ordered))
    return moved


def turn_over(tune: Sequence[int], scale: frozenset[int]) -> list[int]:
    """Pitch codes with every move turned round by steps of the scale, from the first note.

    >>> [code + LOWEST_RELATIVE for code in turn_over([45, 47, 49], frozenset({0, 2, 4, 5, 7, 9, 11}))]
    [60, 59, 57]
    """
    if not tune:
        return []
    ordered = seven_steps(scale)
    first, _ = _degree(tune[0], ordered)
    turned = []
    for pitch in tune:
        degree, altered = _degree(pitch, ordered)
        turned.append(_pitch(2 * first - degree, altered, ordered))
    return turned


def weigh_pitches(
    taste: Taste,
    guide: Guide,
    tones: frozenset[int],
    *,
    strong: bool,
    before: int | None,
    sounding: Sequence[int],
    scale: frozenset[int] | None = None,
) -> Floats:
    """Nats added to every pitch code, shape (pitches,).

    Parameters
    ----------
    tones : frozenset of int
        Pitch classes of the chord above the tonic.
    strong : bool
        Whether the note falls on a strong beat.
    before : int or None
        Pitch code of the note before, in a melody.
    sounding : sequence of int
        Pitch codes that are struck or sound at the same time.
    scale : frozenset of int or None
        The scale at this moment, that of the guide if not given.

    Examples
    --------
    >>> guide = Guide(frozenset({0, 2, 4, 5, 7, 9, 11}))
    >>> nats = weigh_pitches(Taste(outside=-2.0), guide, frozenset({0, 4, 7}), strong=True, before=None, sounding=())
    >>> float(nats[46]), float(nats[45])
    (-2.0, 0.0)
    """
    inside = np.isin(CLASSES, list(tones)) if tones else np.ones(PITCHES, bool)
    nats = np.zeros(PITCHES)
    if strong:
        nats += taste.chord * inside
    nats += taste.outside * ~(inside | np.isin(CLASSES, list(guide.scale if scale is None else scale)))
    if LEADING_TONE in tones:
        nats += AGAINST_LEADING_TONE * (CLASSES == LEADING_TONE - 1)
    if before is not None:
        moves = np.abs(CODES - before)
        nats += taste.leap * (moves > 5) + taste.semitone * (moves == 1) + taste.fall * (before > CODES)
    if taste.rub:
        for other in sounding:
            nats += taste.rub * np.isin(np.abs(CODES - other), RUBS)
    return nats.astype(np.float32)
