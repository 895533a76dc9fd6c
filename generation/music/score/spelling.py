"""How a key on the keyboard is written in a key of music: F sharp or G flat."""

from __future__ import annotations

from generation.music.notes import Mode

_LETTERS = "FCGDAEB"
_MAJOR_SHARPS = (0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5)
"""Sharps (positive) or flats (negative) of the major key on each pitch class, C first."""


def count_sharps(tonic: int, mode: Mode) -> int:
    """Return the sharps (negative: flats) in the signature of a key, −6…6.

    The black key between F and G is F sharp major but E flat minor's relative is G flat.

    Examples
    --------
    >>> count_sharps(2, "major"), count_sharps(0, "minor"), count_sharps(9, "minor")
    (2, -3, 0)
    """
    if mode == "minor":
        sharps = _MAJOR_SHARPS[(tonic + 3) % 12]
        return -6 if sharps == 6 else sharps
    return _MAJOR_SHARPS[tonic % 12]


def spell_pitch(pitch: int, tonic: int, mode: Mode) -> str:
    """Return the name of MIDI key `pitch` in music21's spelling (``-`` is flat), e.g. ``"B-3"``.

    The twelve names lie together on the line of fifths around the key: in major from the flat second to
    the sharp fourth, in minor from the flat second to the sharp fourth of its tonic (so that the leading
    note is a sharpened seventh).

    Examples
    --------
    >>> spell_pitch(66, 7, "major"), spell_pitch(63, 0, "minor"), spell_pitch(68, 9, "minor")
    ('F#4', 'E-4', 'G#4')
    """
    sharps = count_sharps(tonic, mode)
    lowest = sharps - 5 if mode == "major" else sharps - 2
    fifth = lowest + ((pitch % 12) * 7 - lowest) % 12
    letter = _LETTERS[(fifth + 1) % 7]
    alteration = (fifth + 1) // 7
    octave = (pitch - alteration) // 12 - 1
    return f"{letter}{'#' * alteration}{'-' * -alteration}{octave}"
