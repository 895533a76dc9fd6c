"""Two hands: which plays a note, and how long a hand can hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from generation.music.notes import Note

SPAN: Final = 14
"""Semitones a hand reaches (a ninth); judgement."""
FINGERS: Final = 5
LEFT_HOME, RIGHT_HOME = 47.0, 69.0
HOME_PULL: Final = 0.35
"""How strongly a hand drifts back to its home; judgement."""


def assign_hands(notes: Sequence[Note], span: int = SPAN) -> list[Note]:
    """Give each note to a hand, onset by onset, so that each hand's notes lie within its reach of `span` semitones.

    The split of each onset that moves the two hands least (from where they were and from their homes)
    wins. Notes come back sorted; where no split is playable the widest hand keeps its notes.

    Examples
    --------
    >>> low, high = Note(0.0, 40, 1.0, 64, "right"), Note(0.0, 76, 1.0, 64, "left")
    >>> [note.hand for note in assign_hands([high, low])]
    ['left', 'right']
    """
    left, right = LEFT_HOME, RIGHT_HOME
    placed: list[Note] = []
    for _, together in groupby(sorted(notes), key=lambda note: note.start):
        group = sorted(together, key=lambda note: note.pitch)
        pitches = [note.pitch for note in group]
        split = min(range(len(group) + 1), key=lambda k: _cost(pitches, k, left, right, span))
        left, right = _move(pitches[:split], left, LEFT_HOME), _move(pitches[split:], right, RIGHT_HOME)
        placed += [replace(note, hand="left") for note in group[:split]]
        placed += [replace(note, hand="right") for note in group[split:]]
    return sorted(placed)


def _cost(pitches: list[int], split: int, left: float, right: float, span: int) -> float:
    cost = 0.0
    for part, place, home in ((pitches[:split], left, LEFT_HOME), (pitches[split:], right, RIGHT_HOME)):
        if not part:
            continue
        middle = (part[0] + part[-1]) / 2
        cost += abs(middle - place) + HOME_PULL * abs(middle - home)
        # Far more than any move costs: an unplayable grip is taken only where every split has one.
        cost += 100.0 * max(0, part[-1] - part[0] - span) + 40.0 * max(0, len(part) - FINGERS)
    return cost


def _move(part: list[int], place: float, home: float) -> float:
    if not part:
        # An idle hand drifts a tenth of the way home at every onset.
        return place + 0.1 * (home - place)
    return (part[0] + part[-1]) / 2


def bring_into_reach(notes: Sequence[Note], span: int) -> list[Note]:
    """Revoice what a hand cannot grip, where one onset spans more than `span` semitones or more keys than fingers.

    `span` is 11 at least: keys move by octaves.

    The melody above and the bass below stay. A key out of reach moves by octaves towards them; where its key is taken
    then, the chord has that note already and it is left out, as are the inner keys beyond five.

    Examples
    --------
    >>> wide = [Note(0.0, pitch, 1.0, 64, "right") for pitch in (60, 64, 79)]
    >>> [note.pitch for note in bring_into_reach(wide, 12)]
    [72, 76, 79]
    """
    kept: list[Note] = []
    for (_, hand), together in groupby(sorted(notes, key=lambda n: (n.start, n.hand)), key=lambda n: (n.start, n.hand)):
        grip = sorted(together, key=lambda note: note.pitch, reverse=hand == "right")
        outer, inwards = grip[0].pitch, -12 if hand == "left" else 12
        gripped: dict[int, Note] = {}
        for note in grip:
            pitch = note.pitch
            while abs(pitch - outer) > span:
                pitch += inwards
            if len(gripped) < FINGERS:
                gripped.setdefault(pitch, replace(note, pitch=pitch))
        kept += gripped.values()
    return sorted(kept)


def release_keys(notes: Sequence[Note], span: int = SPAN) -> list[Note]:
    """Shorten notes that their hand cannot hold: same key struck again, or a new note out of reach.

    A note is never made shorter than the time to the next onset of its hand.

    Examples
    --------
    >>> held = [Note(0.0, 40, 4.0, 64, "left"), Note(1.0, 60, 1.0, 64, "left")]
    >>> [note.duration for note in release_keys(held)]
    [1.0, 1.0]
    """
    released: list[Note] = []
    for hand in ("left", "right"):
        line = sorted(note for note in notes if note.hand == hand)
        for index, note in enumerate(line):
            end = note.end
            for later in line[index + 1 :]:
                if later.start >= end:
                    break
                if later.start > note.start and (later.pitch == note.pitch or abs(later.pitch - note.pitch) > span):
                    end = later.start
                    break
            released.append(replace(note, duration=end - note.start))
    return sorted(_free_fingers(released))


def _free_fingers(notes: list[Note]) -> list[Note]:
    """Let go of the oldest keys where a hand would hold more than it has fingers."""
    freed: list[Note] = []
    for hand in ("left", "right"):
        held: list[Note] = []
        for note in sorted(note for note in notes if note.hand == hand):
            sounding = [other for other in held if other.end > note.start]
            finished = [other for other in held if other.end <= note.start]
            while len(sounding) >= FINGERS and sounding[0].start < note.start:
                oldest = sounding.pop(0)
                finished.append(replace(oldest, duration=note.start - oldest.start))
            freed += finished
            held = [*sounding, note]
        freed += held
    return freed


def part_collisions(notes: Sequence[Note]) -> list[Note]:
    """End each note where its key is struck again by any hand; of two struck together the longer stays."""
    kept: list[Note] = []
    for _, same in groupby(sorted(notes, key=lambda n: (n.pitch, n.start)), key=lambda n: n.pitch):
        line: list[Note] = []
        for note in same:
            if line and note.start <= line[-1].start + 1e-9:
                line[-1] = max(line[-1], note, key=lambda n: n.duration)
            elif line and note.start < line[-1].end:
                line[-1] = replace(line[-1], duration=note.start - line[-1].start)
                line.append(note)
            else:
                line.append(note)
        kept += line
    return sorted(kept)
