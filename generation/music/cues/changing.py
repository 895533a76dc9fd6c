"""Change the cues of a finished piece, and nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from generation.music.cues.articulation import hold_for
from generation.music.cues.levels import CUES, CUES_VERSION, UNCHANGED, check_levels
from generation.music.cues.matching import Played
from generation.music.cues.mode import change_mode
from generation.music.cues.register import shift_register
from generation.music.cues.tempo import change_tempo
from generation.music.cues.touch import shift_touch
from generation.music.notes import Mode, Performance, Piece, play_straight

ORDER = ("mode", "register", "touch", "articulation", "tempo")
"""Keys first and time last: articulation is a share of written time, which another tempo keeps."""


def change(piece: Piece, performance: Performance | None, cue: str, level: str) -> Played:
    """The piece with one cue brought to a level.

    Parameters
    ----------
    piece : Piece
    performance : Performance or None
        How it is played; None: exactly as written.
    cue : str
        A name in `levels.CUES`.
    level : str
        A name among the cue's levels.

    Returns
    -------
    Played
        Score and performance, both changed.

    Raises
    ------
    ValueError
        For an unknown cue or level, and a piece too short for another tempo.

    Examples
    --------
    >>> from generation.music.notes import Note
    >>> piece = Piece((Note(0.0, 60, 1.0, 64, "right"), Note(1.0, 64, 1.0, 64, "right")), 60.0, 0, "major")
    >>> [note.pitch for note in change(piece, None, "mode", "minor").performance.notes]
    [60, 63]
    """
    check_levels({cue: level})
    given = Played(piece, performance or play_straight(piece))
    value = CUES[cue].find(level).value
    if level == UNCHANGED:
        return given
    if cue == "tempo":
        return change_tempo(given, value)
    if cue == "mode":
        return change_mode(given, cast(Mode, level))
    if cue == "register":
        return shift_register(given, int(value))
    if cue == "touch":
        return shift_touch(given, int(value))
    return hold_for(given, value)


def change_all(piece: Piece, performance: Performance | None, levels: Mapping[str, str]) -> Played:
    """The piece with several cues brought to their levels, in `ORDER`; cues not named stay as composed.

    Raises ValueError as `change` does.
    """
    checked = check_levels(levels)
    played = Played(piece, performance or play_straight(piece))
    for cue in ORDER:
        if cue in checked:
            played = change(*played, cue, checked[cue])
    return played


def tell_change(base: Piece, changed: Piece, levels: Mapping[str, str]) -> dict[str, Any]:
    """What a variant's provenance says: the rules' version, the levels, their values, and the tempo's factor reached.

    Examples
    --------
    >>> slow = Piece((), 69.0, 0, "minor")
    >>> tell_change(Piece((), 100.0, 0, "minor"), slow, {"tempo": "slow"})["tempo_reached"]
    0.69
    """
    checked = check_levels(levels)
    return {
        "version": CUES_VERSION,
        "levels": checked,
        "values": {cue: CUES[cue].find(level).value for cue, level in checked.items()},
        "tempo_reached": round(changed.tempo / base.tempo, 4),
    }
