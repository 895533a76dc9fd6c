"""A piece knows its metre, and neither it nor its marks can be written down impossibly."""

from __future__ import annotations

import doctest
import math
from typing import Any

import pytest

from generation.music import notes
from generation.music.notes import Marks, Piece


def piece(**metre: Any) -> Piece:
    return Piece((), 60.0, 0, "major", **metre)


def test_the_examples_hold() -> None:
    assert doctest.testmod(notes).failed == 0


@pytest.mark.parametrize(
    ("metre", "name", "bar", "beat"),
    [
        ({}, "4/4", 4.0, 1.0),
        ({"beats_per_bar": 3}, "3/4", 3.0, 1.0),
        ({"beats_per_bar": 2, "compound": True}, "6/8", 3.0, 1.5),
        ({"beats_per_bar": 4, "compound": True}, "12/8", 6.0, 1.5),
    ],
)
def test_bars_and_beats_are_counted_in_quarters(metre: dict[str, Any], name: str, bar: float, beat: float) -> None:
    assert (piece(**metre).metre, piece(**metre).bar, piece(**metre).beat) == (name, bar, beat)


@pytest.mark.parametrize("upbeat", [-0.5, 3.0, math.nan, math.inf])
def test_an_upbeat_is_shorter_than_a_bar(upbeat: float) -> None:
    assert piece(beats_per_bar=3, upbeat=2.99).upbeat == 2.99
    with pytest.raises(ValueError, match="is not shorter than a bar of 3"):
        piece(beats_per_bar=3, upbeat=upbeat)


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ({"dynamics": ((-1.0, "p"),)}, "A mark cannot stand at -1.0 quarters, before the piece."),
        ({"tempi": ((math.nan, "rit."),)}, "A mark cannot stand at nan quarters"),
        ({"staccato": ((-0.1, "left"),)}, "A mark cannot stand at -0.1 quarters"),
        ({"pedals": ((2.0, 2.0),)}, "A mark from 2.0 quarters cannot end at 2.0."),
        ({"slurs": ((2.0, math.nan, "left"),)}, "A mark from 2.0 quarters cannot end at nan."),
        ({"dynamics": ((0.0, "loud"),)}, "'loud' is no dynamic: it is one of ppp, pp, p, mp, mf, f, ff, fff."),
        (
            {"tempi": ((0.0, "triste"),)},
            "'triste' is no word of tempo: it is one of rit., poco rit., molto rit., rall.",
        ),
        ({"hairpins": ((0.0, 1.0, "up"),)}, "A hairpin is a crescendo or a diminuendo, not 'up'."),
    ],
)
def test_a_mark_that_cannot_be_written_is_refused(marks: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        Marks(**marks)
    assert told in str(refused.value)


def test_marks_are_false_where_nothing_is_marked() -> None:
    assert not piece().marks
    assert Marks(staccato=((0.0, "left"),))
