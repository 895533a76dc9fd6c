"""What a pair of hands can do on one keyboard: no key held twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Final, TypeVar

from generation.music.notes import Note, PlayedNote

AnyNote = TypeVar("AnyNote", Note, PlayedNote)
_AT_ONCE: Final = 1e-6
_AT_ONCE_BY_BOTH_HANDS: Final = 0.005
"""Nobody hears which of two hands struck a key 5 ms (or thousandths of a quarter) before the other."""
_GAP: Final = 0.001
"""What lies between a release by one hand and a strike by the other, so that no order of tracks turns them round."""


def release_repeated_keys(notes: Iterable[AnyNote]) -> list[AnyNote]:
    """Return `notes` without overlaps of one key in one hand, sorted as given types sort.

    A key struck again while held is released at that moment. Notes struck at the same moment on the
    same key become one, with the greatest velocity and duration of them.

    Examples
    --------
    >>> held = [Note(0.0, 60, 4.0, 64, "right"), Note(1.0, 60, 1.0, 70, "right")]
    >>> [(note.start, note.duration) for note in release_repeated_keys(held)]
    [(0.0, 1.0), (1.0, 1.0)]
    """
    keys: dict[Hashable, list[AnyNote]] = {}
    for note in sorted(notes):
        line = keys.setdefault((note.hand, note.pitch), [])
        if line and _begin(note) - _begin(line[-1]) < _AT_ONCE:
            line[-1] = _merge(line[-1], note)
        else:
            if line:
                line[-1] = _release_by(line[-1], _begin(note))
            line.append(note)
    return sorted(note for line in keys.values() for note in line)


def share_keyboard(notes: Iterable[AnyNote]) -> list[AnyNote]:
    """Return `notes` as both hands can play them on one keyboard (one MIDI channel), sorted as given types sort.

    As `release_repeated_keys`, across hands too: a key that one hand takes over from the other is released a
    thousandth of a second (of a quarter, in a score) before, and what both strike within five thousandths is one
    note, of the hand that is first.

    Examples
    --------
    >>> held = [Note(0.0, 60, 4.0, 64, "left"), Note(1.0, 60, 1.0, 70, "right")]
    >>> [(note.start, note.duration, note.hand) for note in share_keyboard(held)]
    [(0.0, 0.999, 'left'), (1.0, 1.0, 'right')]
    """
    keys: dict[int, list[AnyNote]] = {}
    for note in release_repeated_keys(notes):
        line = keys.setdefault(note.pitch, [])
        other_hand = bool(line) and line[-1].hand != note.hand
        if other_hand and _begin(note) - _begin(line[-1]) < _AT_ONCE_BY_BOTH_HANDS:
            line[-1] = _merge(line[-1], note)
        else:
            if line:
                line[-1] = _release_by(line[-1], _begin(note) - _GAP * other_hand)
            line.append(note)
    return sorted(note for line in keys.values() for note in line)


def _begin(note: Note | PlayedNote) -> float:
    return note.start if isinstance(note, Note) else note.onset


def _merge(first: AnyNote, second: AnyNote) -> AnyNote:
    return replace(first, duration=max(first.duration, second.duration), velocity=max(first.velocity, second.velocity))


def _release_by(note: AnyNote, moment: float) -> AnyNote:
    return replace(note, duration=min(note.duration, moment - _begin(note)))
