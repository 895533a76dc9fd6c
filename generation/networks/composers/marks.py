"""The marks of a piece, looked at one by one: each within the piece, each slur and dot on notes that are there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeVar

from generation.music.notes import DYNAMICS, TEMPO_WORDS, Hand, Marks, Note
from generation.networks.composers.values import CompositionRefused, check_hand, check_items, check_number, show

NEAR_QUARTERS: Final = 0.001
"""How far a slur or a dot may stand from its note: sums of thirds are not always the same number."""
MOST_MARKS: Final = 1000
"""Of one kind."""
SWELLS: Final = ("crescendo", "diminuendo")

Row = TypeVar("Row", bound=tuple[Any, ...])


def check_marks(marks: Any, notes: Sequence[Note]) -> Marks:
    """Return the marks as they are written: sorted, each once, slurs and dots at the very start of their notes.

    Parameters
    ----------
    marks : Marks
        As a composer gave them.
    notes : sequence of Note
        Those of the piece, at least one.

    Raises
    ------
    CompositionRefused
        With the first mark that cannot be written: of another type, outside the piece, ending before it begins, on no
        note, unknown, or a hairpin or pedal within another.

    Examples
    --------
    >>> notes = [Note(0.0, 60, 1.0, 64, "right"), Note(1 / 3, 62, 1.0, 64, "right")]
    >>> check_marks(Marks(slurs=((0.0, 0.3333, "right"),)), notes).slurs
    ((0.0, 0.3333333333333333, 'right'),)
    """
    if not isinstance(marks, Marks):
        raise CompositionRefused(f"piece.marks is of type {type(marks).__name__}: give Marks (generation.music.notes).")
    score = _Score(notes)
    checked = Marks(
        dynamics=_check_rows(marks.dynamics, "dynamics", 2, score.check_dynamic),
        hairpins=_check_rows(marks.hairpins, "hairpins", 3, score.check_hairpin),
        slurs=_check_rows(marks.slurs, "slurs", 3, score.check_slur),
        pedals=_check_rows(marks.pedals, "pedals", 2, score.check_span),
        staccato=_check_rows(marks.staccato, "staccato", 2, score.check_dot),
        tempi=_check_rows(marks.tempi, "tempi", 2, score.check_words),
    )
    _check_apart(checked.hairpins, "hairpins")
    _check_apart(checked.pedals, "pedals")
    return checked


def _check_rows(rows: Any, kind: str, size: int, check: Callable[[Any, str], Row]) -> tuple[Row, ...]:
    found = check_items(rows, tuple, f"piece.marks.{kind}")
    if len(found) > MOST_MARKS:
        raise CompositionRefused(f"piece.marks.{kind} has {len(found)} marks: give at most {MOST_MARKS}.")
    checked = set()
    for number, row in enumerate(found):
        of = f"piece.marks.{kind}[{number}]"
        if len(row) != size:
            raise CompositionRefused(f"{of} has {len(row)} values: give {size}.")
        checked.add(check(row, of))
    return tuple(sorted(checked))


def _check_apart(spans: Sequence[tuple[Any, ...]], kind: str) -> None:
    """One pedal, one hairpin at a time; the next may begin where the last one ends."""
    for earlier, later in pairwise(spans):
        if later[0] < earlier[1]:
            raise CompositionRefused(
                f"piece.marks.{kind}: one begins at {later[0]:g}, before that from {earlier[0]:g} ends at "
                f"{earlier[1]:g}: end it there, or leave one out."
            )


@dataclass(frozen=True, slots=True)
class _Score:
    """What marks stand in: notes of both hands, in quarters. The checks take a row and the name of its field."""

    notes: Sequence[Note]

    def check_dynamic(self, row: Any, of: str) -> tuple[float, str]:
        if not isinstance(row[1], str) or row[1] not in DYNAMICS:
            raise CompositionRefused(f"{of}[1] is {show(row[1])}: give one of {', '.join(DYNAMICS)}.")
        return self._moment(row[0], f"{of}[0]"), row[1]

    def check_hairpin(self, row: Any, of: str) -> tuple[float, float, Any]:
        if not isinstance(row[2], str) or row[2] not in SWELLS:
            raise CompositionRefused(f"{of}[2] is {show(row[2])}: give 'crescendo' or 'diminuendo'.")
        return (*self.check_span(row, of), row[2])

    def check_slur(self, row: Any, of: str) -> tuple[float, float, Hand]:
        hand = check_hand(row[2], f"{of}[2]")
        start, end = self.check_span(row, of)
        return self._note(start, hand, f"{of}[0]"), self._note(end, hand, f"{of}[1]"), hand

    def check_dot(self, row: Any, of: str) -> tuple[float, Hand]:
        hand = check_hand(row[1], f"{of}[1]")
        return self._note(row[0], hand, f"{of}[0]"), hand

    def check_words(self, row: Any, of: str) -> tuple[float, str]:
        if not isinstance(row[1], str) or row[1] not in TEMPO_WORDS:
            raise CompositionRefused(f"{of}[1] is {show(row[1])}: give one of {', '.join(TEMPO_WORDS)}.")
        return self._moment(row[0], f"{of}[0]"), row[1]

    def check_span(self, row: Any, of: str) -> tuple[float, float]:
        start, end = self._moment(row[0], f"{of}[0]"), self._moment(row[1], f"{of}[1]")
        if not end > start + NEAR_QUARTERS:
            raise CompositionRefused(f"{of} begins at {start:g} and ends at {end:g}: let it end later.")
        return start, end

    def _moment(self, value: Any, field: str) -> float:
        last = max(note.end for note in self.notes)
        return min(check_number(value, field, 0.0, last + NEAR_QUARTERS, "quarter notes, within the piece"), last)

    def _note(self, value: Any, hand: Hand, field: str) -> float:
        moment = self._moment(value, field)
        starts = [note.start for note in self.notes if note.hand == hand]
        nearest = min(starts, key=lambda start: abs(start - moment), default=math.inf)
        if abs(nearest - moment) > NEAR_QUARTERS:
            raise CompositionRefused(
                f"{field} is {moment:g}, where the {hand} hand strikes nothing: let it stand at a note of this hand."
            )
        return nearest
