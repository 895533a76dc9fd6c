"""What a pair of hands can do on one keyboard: no key held twice by one hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from generation.music.notes import Note, PlayedNote

AnyNote = TypeVar("AnyNote", Note, PlayedNote)
_SHORTEST = 1e-6


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
    keys: dict[tuple[str, int], list[AnyNote]] = {}
    for note in sorted(notes):
        line = keys.setdefault((note.hand, note.pitch), [])
        if not line or _begin(note) - _begin(line[-1]) >= _SHORTEST:
            if line:
                line[-1] = _shorten(line[-1], _begin(note))
            line.append(note)
        else:
            line[-1] = replace(
                line[-1],
                duration=max(line[-1].duration, note.duration),
                velocity=max(line[-1].velocity, note.velocity),
            )
    return sorted(note for line in keys.values() for note in line)


def _begin(note: Note | PlayedNote) -> float:
    return note.start if isinstance(note, Note) else note.onset


def _shorten(note: AnyNote, moment: float) -> AnyNote:
    return replace(note, duration=min(note.duration, moment - _begin(note)))
