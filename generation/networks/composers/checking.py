"""What a composer gave, looked at once when it comes back: what is stored, played, drawn and exported can rely on it.

Every sentence begins with the field it is about; `generation.networks.composers.compose` puts the composer before it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from generation.music.length import CLIP_SECONDS, LAST_CHORD_SECONDS
from generation.music.notes import HIGHEST_KEY, LOWEST_KEY, Note, Pedal, Performance, Piece, PlayedNote, play_straight
from generation.networks.composers.declaring import Composition
from generation.networks.composers.marks import check_marks
from generation.networks.composers.values import (
    LARGEST,
    CompositionRefused,
    check_hand,
    check_items,
    check_number,
    check_whole,
    clean,
    show,
)

__all__ = ["CompositionRefused", "check_composition"]

TEMPI: Final = (10.0, 400.0)
"""Quarter notes per minute."""
MOST_BEATS: Final = 16
MOST_NOTES: Final = 5000
LONGEST_SECONDS: Final = 2 * CLIP_SECONDS
"""Until when a key or the pedal may be held; the clip has faded out long before."""
LEEWAY_SECONDS: Final = 1.0
"""A last chord that is spread, or played freely, may lie so far outside its window: `muse` does by some 0.3 s."""
MOST_CHARACTERS: Final = 200_000
"""Of one of the mappings, written as JSON."""
DEEPEST: Final = 20


def check_composition(given: Composition) -> Composition:
    """Return the composition as it is stored and played.

    Notes are sorted, numbers of NumPy become Python's own, tuples in the mappings become lists, and characters that
    no database stores leave their texts.

    Raises
    ------
    CompositionRefused
        With the first thing that cannot be used.

    Examples
    --------
    >>> notes = (Note(23.5, 48, 3.0, 60, "left"), Note(0.0, 60, 23.5, 60, "right"))
    >>> piece = Piece(notes, tempo=60.0, tonic=0, mode="major")
    >>> checked = check_composition(Composition(piece, None, {"drops": (1, 2)}, {}, {}))
    >>> [note.start for note in checked.piece.notes], checked.attributes
    ([0.0, 23.5], {'drops': [1, 2]})
    >>> check_composition(Composition(piece, None, {"drops": float("nan")}, {}, {}))
    Traceback (most recent call last):
    ...
    generation.networks.composers.values.CompositionRefused: attributes['drops'] is nan: give a finite number or None.
    """
    piece = _check_piece(given.piece)
    performance = None if given.performance is None else _check_performance(given.performance, piece)
    _check_length(performance or play_straight(piece), "piece" if performance is None else "performance")
    names = ("attributes", "scores", "models", "picture")
    return replace(
        given,
        piece=piece,
        performance=performance,
        **{name: _check_mapping(getattr(given, name), name) for name in names},
    )


def _check_piece(piece: Any) -> Piece:
    if not isinstance(piece, Piece):
        raise CompositionRefused(f"piece is of type {type(piece).__name__}: give a Piece (generation.music.notes).")
    tempo = check_number(piece.tempo, "piece.tempo", *TEMPI, "quarter notes per minute")
    tonic = check_whole(piece.tonic, "piece.tonic", 0, 11, "0 is C, 11 is B")
    beats = check_whole(piece.beats_per_bar, "piece.beats_per_bar", 1, MOST_BEATS)
    if piece.mode not in ("major", "minor"):
        raise CompositionRefused(f"piece.mode is {show(piece.mode)}: give 'major' or 'minor', whichever is nearer.")
    latest = LONGEST_SECONDS * tempo / 60.0
    notes = []
    for number, note in enumerate(_notes(piece.notes, Note, "piece.notes")):
        of = f"piece.notes[{number}]"
        start = check_number(note.start, f"{of}.start", 0.0, latest, "quarter notes, within the clip at this tempo")
        longest = latest - start
        duration = _length(note.duration, f"{of}.duration", longest, "quarter notes, within the clip at this tempo")
        notes.append(Note(start, _pitch(note, of), duration, _velocity(note, of), check_hand(note.hand, f"{of}.hand")))
    notes.sort()
    whole_bars = Piece(tuple(notes), tempo, tonic, piece.mode, beats, _flag(piece.compound, "piece.compound"))
    upbeat = check_number(piece.upbeat, "piece.upbeat", 0.0, whole_bars.bar, "quarter notes, less than a bar")
    if upbeat == whole_bars.bar:
        raise CompositionRefused(f"piece.upbeat is {upbeat:g}, a whole bar: give less, or 0 where there is none.")
    if notes[0].start >= (upbeat or whole_bars.bar):
        place = "upbeat" if upbeat else "first bar"
        raise CompositionRefused(
            f"piece.notes begin at {notes[0].start:g} quarter notes: let the first note begin in the {place}."
        )
    return replace(whole_bars, upbeat=upbeat, marks=check_marks(piece.marks, notes))


def _flag(value: Any, field: str) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise CompositionRefused(f"{field} is {show(value)}: give True or False.")
    return bool(value)


def _check_performance(performance: Any, piece: Piece) -> Performance:
    if not isinstance(performance, Performance):
        kind = type(performance).__name__
        raise CompositionRefused(f"performance is of type {kind}: give a Performance (generation.music.notes) or None.")
    notes = []
    for number, note in enumerate(_notes(performance.notes, PlayedNote, "performance.notes")):
        of = f"performance.notes[{number}]"
        onset = check_number(note.onset, f"{of}.onset", 0.0, LONGEST_SECONDS, "seconds")
        duration = _length(note.duration, f"{of}.duration", LONGEST_SECONDS - onset, "seconds")
        notes.append(
            PlayedNote(onset, _pitch(note, of), duration, _velocity(note, of), check_hand(note.hand, f"{of}.hand"))
        )
    # Not how often: a key that both hands strike at once is written twice and played once.
    written, played = ({note.pitch for note in given} for given in (piece.notes, notes))
    if written != played:
        pitch = min(written ^ played)
        told = "written, but never played" if pitch in written else "played, but not written"
        raise CompositionRefused(
            f"performance.notes are others than piece.notes: the pitch {pitch} is {told}. Play what is written, and "
            "nothing else."
        )
    return Performance(tuple(sorted(notes)), tuple(sorted(_pedals(performance.pedals), key=lambda pedal: pedal.down)))


def _pedals(pedals: Any) -> list[Pedal]:
    checked = []
    for number, pedal in enumerate(check_items(pedals, Pedal, "performance.pedals")):
        of = f"performance.pedals[{number}]"
        down = check_number(pedal.down, f"{of}.down", 0.0, LONGEST_SECONDS, "seconds")
        checked.append(
            Pedal(down, check_number(pedal.up, f"{of}.up", down, LONGEST_SECONDS, "seconds, not before down"))
        )
    return checked


def _check_length(played: Performance, field: str) -> None:
    """The last chord falls where all last chords do: when it falls would tell one composer from another."""
    onsets = [note.onset for note in played.notes]
    last = max(onsets) - min(onsets)
    low, high = LAST_CHORD_SECONDS
    if not low - LEEWAY_SECONDS <= last <= high + LEEWAY_SECONDS:
        raise CompositionRefused(
            f"{field}.notes: the last chord is struck {last:.2f} s after the first note. Strike it between {low} and "
            f"{high} s, as all composers do, so that its moment tells nobody who composed: change bars or tempo."
        )


def _notes(notes: Any, kind: type, field: str) -> list[Any]:
    found = check_items(notes, kind, field)
    if not found:
        raise CompositionRefused(f"{field} is empty: a clip needs notes.")
    if len(found) > MOST_NOTES:
        raise CompositionRefused(f"{field} has {len(found)} notes: give at most {MOST_NOTES}.")
    return found


def _pitch(note: Any, of: str) -> int:
    return check_whole(note.pitch, f"{of}.pitch", LOWEST_KEY, HIGHEST_KEY, "the keys of a piano")


def _velocity(note: Any, of: str) -> int:
    return check_whole(note.velocity, f"{of}.velocity", 1, 127)


def _length(value: Any, field: str, longest: float, told: str) -> float:
    length = check_number(value, field, 0.0, longest, told)
    if not length:
        raise CompositionRefused(f"{field} is 0: a note must last.")
    return length


def _check_mapping(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise CompositionRefused(
            f"{field} is of type {type(value).__name__}: give a dict, empty where there is nothing."
        )
    plain: dict[str, Any] = _plain(value, field, 0)
    size = len(json.dumps(plain))
    if size > MOST_CHARACTERS:
        raise CompositionRefused(f"{field} has {size} characters as JSON: give at most {MOST_CHARACTERS}.")
    return plain


def _plain(value: Any, field: str, depth: int) -> Any:
    """`value` as JSON has it: texts that can be stored, finite numbers, lists, mappings with texts as keys."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float):
        if not math.isfinite(value) if isinstance(value, float) else abs(value) > LARGEST:
            raise CompositionRefused(f"{field} is {show(value)}: give a finite number or None.")
        return int(value) if isinstance(value, int) else float(value)
    if depth == DEEPEST:
        raise CompositionRefused(f"{field} lies {DEEPEST} levels deep: give something flatter.")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise CompositionRefused(f"{field} has the key {show(key)}: give texts as keys.")
        return {clean(key): _plain(item, f"{field}[{show(key)}]", depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{field}[{number}]", depth + 1) for number, item in enumerate(value)]
    raise CompositionRefused(
        f"{field} is of type {type(value).__name__}: give texts, numbers, True, False, None, lists and dicts alone."
    )
