"""What a composer gave, looked at once when it comes back: what is stored, played, drawn and exported can rely on it.

Every sentence begins with the field it is about; `generation.networks.composers.compose` puts the composer before it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from numbers import Integral, Real
from typing import Any, Final

import numpy as np

from generation.music.length import CLIP_SECONDS, LAST_CHORD_SECONDS
from generation.music.notes import HIGHEST_KEY, LOWEST_KEY, Note, Pedal, Performance, Piece, PlayedNote, play_straight
from generation.networks.composers.declaring import Composition

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
LARGEST: Final = 2**63 - 1
DEEPEST: Final = 20
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates: no database stores them, no file can be written with them."""


class CompositionRefused(ValueError):
    """What a composer gave cannot become a clip; the message names the field and says what to do."""


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
    generation.networks.composers.checking.CompositionRefused: attributes['drops'] is nan: give a finite number or None.
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


def clean(text: str) -> str:
    """`text` without the characters that no database stores.

    >>> clean("warm\\x00th")
    'warmth'
    """
    return UNSTORABLE.sub("", text)


def _check_piece(piece: Any) -> Piece:
    if not isinstance(piece, Piece):
        raise CompositionRefused(f"piece is of type {type(piece).__name__}: give a Piece (generation.music.notes).")
    tempo = _number(piece.tempo, "piece.tempo", *TEMPI, "quarter notes per minute")
    tonic = _whole(piece.tonic, "piece.tonic", 0, 11, "0 is C, 11 is B")
    beats = _whole(piece.beats_per_bar, "piece.beats_per_bar", 1, MOST_BEATS)
    if piece.mode not in ("major", "minor"):
        raise CompositionRefused(f"piece.mode is {_show(piece.mode)}: give 'major' or 'minor', whichever is nearer.")
    latest = LONGEST_SECONDS * tempo / 60.0
    notes = []
    for number, note in enumerate(_notes(piece.notes, Note, "piece.notes")):
        of = f"piece.notes[{number}]"
        start = _number(note.start, f"{of}.start", 0.0, latest, "quarter notes, within the clip at this tempo")
        longest = latest - start
        duration = _length(note.duration, f"{of}.duration", longest, "quarter notes, within the clip at this tempo")
        notes.append(Note(start, _pitch(note, of), duration, _velocity(note, of), _hand(note, of)))
    notes.sort()
    if notes[0].start >= beats:
        raise CompositionRefused(
            f"piece.notes begin at {notes[0].start:g} quarter notes: let the first note begin in the first bar."
        )
    return Piece(tuple(notes), tempo, tonic, piece.mode, beats)


def _check_performance(performance: Any, piece: Piece) -> Performance:
    if not isinstance(performance, Performance):
        kind = type(performance).__name__
        raise CompositionRefused(f"performance is of type {kind}: give a Performance (generation.music.notes) or None.")
    notes = []
    for number, note in enumerate(_notes(performance.notes, PlayedNote, "performance.notes")):
        of = f"performance.notes[{number}]"
        onset = _number(note.onset, f"{of}.onset", 0.0, LONGEST_SECONDS, "seconds")
        duration = _length(note.duration, f"{of}.duration", LONGEST_SECONDS - onset, "seconds")
        notes.append(PlayedNote(onset, _pitch(note, of), duration, _velocity(note, of), _hand(note, of)))
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
    for number, pedal in enumerate(_items(pedals, Pedal, "performance.pedals")):
        of = f"performance.pedals[{number}]"
        down = _number(pedal.down, f"{of}.down", 0.0, LONGEST_SECONDS, "seconds")
        checked.append(Pedal(down, _number(pedal.up, f"{of}.up", down, LONGEST_SECONDS, "seconds, not before down")))
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
    found = _items(notes, kind, field)
    if not found:
        raise CompositionRefused(f"{field} is empty: a clip needs notes.")
    if len(found) > MOST_NOTES:
        raise CompositionRefused(f"{field} has {len(found)} notes: give at most {MOST_NOTES}.")
    return found


def _items(items: Any, kind: type, field: str) -> list[Any]:
    if not isinstance(items, list | tuple):
        raise CompositionRefused(f"{field} is of type {type(items).__name__}: give a tuple of {kind.__name__}.")
    for number, item in enumerate(items):
        if not isinstance(item, kind):
            raise CompositionRefused(f"{field}[{number}] is of type {type(item).__name__}: give a {kind.__name__}.")
    return list(items)


def _pitch(note: Any, of: str) -> int:
    return _whole(note.pitch, f"{of}.pitch", LOWEST_KEY, HIGHEST_KEY, "the keys of a piano")


def _velocity(note: Any, of: str) -> int:
    return _whole(note.velocity, f"{of}.velocity", 1, 127)


def _hand(note: Any, of: str) -> Any:
    if note.hand not in ("right", "left"):
        raise CompositionRefused(f"{of}.hand is {_show(note.hand)}: give 'right' or 'left'.")
    return note.hand


def _whole(value: Any, field: str, low: int, high: int, told: str = "") -> int:
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        note = f" ({told})" if told else ""
        raise CompositionRefused(f"{field} is {_show(value)}: give a whole number from {low} to {high}{note}.")
    return int(value)


def _number(value: Any, field: str, low: float, high: float, told: str) -> float:
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not low <= value <= high:  # NaN is in no range
        raise CompositionRefused(f"{field} is {_show(value)}: give a number from {low:g} to {high:g} ({told}).")
    return float(value)


def _length(value: Any, field: str, longest: float, told: str) -> float:
    length = _number(value, field, 0.0, longest, told)
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
            raise CompositionRefused(f"{field} is {_show(value)}: give a finite number or None.")
        return int(value) if isinstance(value, int) else float(value)
    if depth == DEEPEST:
        raise CompositionRefused(f"{field} lies {DEEPEST} levels deep: give something flatter.")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise CompositionRefused(f"{field} has the key {_show(key)}: give texts as keys.")
        return {clean(key): _plain(item, f"{field}[{_show(key)}]", depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{field}[{number}]", depth + 1) for number, item in enumerate(value)]
    raise CompositionRefused(
        f"{field} is of type {type(value).__name__}: give texts, numbers, True, False, None, lists and dicts alone."
    )


def _show(value: Any) -> str:
    """A value as a sentence can have it: short, and without characters that cannot be stored."""
    if isinstance(value, int) and abs(value) > LARGEST:  # Python writes no whole number of more than 4300 digits
        return "a number beyond 2 to the power of 63"
    shown = clean(str(value) if isinstance(value, Real) else repr(value))
    return shown if len(shown) <= 60 else f"{shown[:57]}…"
