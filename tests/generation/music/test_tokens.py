"""Event tokens: the round trip is exact, pitch is relative to the key, bad grammar is refused."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.music import tokens
from generation.music.notes import Note, Piece
from generation.music.tokens import (
    METRES,
    VOCABULARY,
    decode,
    decode_chords,
    encode,
    is_quantised,
    quantise_piece,
)

sixteenths = st.integers(0, 255).map(lambda n: n / 4)
notes = st.builds(
    Note,
    sixteenths,
    st.integers(21, 108),
    st.integers(1, 64).map(lambda n: n / 4),
    st.integers(1, 127),
    st.sampled_from(["right", "left"]),
)
pieces = st.builds(
    Piece,
    st.lists(notes, max_size=40).map(lambda found: tuple(sorted(found))),
    st.integers(20, 300).map(float),
    st.integers(0, 11),
    st.sampled_from(["major", "minor"]),
    st.sampled_from(METRES),
)


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(tokens).failed == 0


@settings(max_examples=150, deadline=None)
@given(pieces)
def test_a_quantised_piece_comes_back_exactly(piece: Piece) -> None:
    assert is_quantised(piece)
    assert decode(encode(piece)) == piece


@settings(max_examples=50, deadline=None)
@given(pieces, st.lists(st.integers(0, 96), max_size=12))
def test_chords_travel_with_the_notes_and_change_none(piece: Piece, chords: list[int]) -> None:
    written = encode(piece, chords)
    assert decode(written) == piece
    assert decode_chords(written) == chords


@settings(max_examples=50, deadline=None)
@given(pieces, st.floats(-0.1, 0.1))
def test_quantising_moves_every_piece_onto_the_grid(piece: Piece, error: float) -> None:
    loose = Piece(
        tuple(Note(max(n.start + error, 0), n.pitch, n.duration, n.velocity, n.hand) for n in piece.notes),
        piece.tempo + error,
        piece.tonic,
        piece.mode,
        piece.beats_per_bar,
    )
    assert is_quantised(quantise_piece(loose))


@given(st.integers(0, 5))
@settings(max_examples=10, deadline=None)
def test_a_tune_has_the_same_degrees_in_every_key(steps: int) -> None:
    def words(shift: int) -> list[str]:
        line = (Note(i / 2, 60 + shift + p, 0.5, 64, "right") for i, p in enumerate((0, 4, 7, 12)))
        return [VOCABULARY[t] for t in encode(Piece(tuple(line), 100.0, shift, "major"))][4:]

    assert words(steps) == words(0)


def test_minor_and_major_thirds_are_different_words() -> None:
    def third(pitch: int) -> str:
        piece = Piece((Note(0.0, pitch, 1.0, 64, "right"),), 100.0, 0, "major")
        return VOCABULARY[encode(piece)[7]]

    assert third(63) == "degree 3 octave 4"
    assert third(64) == "degree 4 octave 4"


def test_a_piece_off_the_grid_is_refused_with_advice() -> None:
    piece = Piece((Note(0.1, 60, 1.0, 64, "right"),), 120.0, 0, "major")
    with pytest.raises(ValueError, match="use quantise_piece first"):
        encode(piece)


def test_tokens_that_break_the_grammar_are_refused_by_place() -> None:
    written = encode(Piece((Note(0.0, 60, 1.0, 64, "right"),), 120.0, 0, "major"))
    with pytest.raises(ValueError, match="Token 7 is 'duration 4' where 'degree' should stand"):
        decode([*written[:7], written[8]])
    with pytest.raises(ValueError, match="The tokens end where 'velocity' should follow"):
        decode(written[:-1])
    with pytest.raises(ValueError, match="lies in no bar"):
        decode([*written[:4], *written[6:]])
    with pytest.raises(ValueError, match="Tokens must lie in"):
        decode([-1])
