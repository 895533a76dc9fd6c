"""Scales of seven steps: the mode of a passage, and what a chord of it does to its steps.

A chord that borrows a note bends the step of the same name: the dominant of a minor key brings the raised seventh
(harmonic minor), the major subdominant the raised sixth (Dorian), the Neapolitan the lowered second (Phrygian).
After Kostka & Payne (2013), chapters 4, 21 and 22.

References
----------
Kostka, S., & Payne, D. (2013). *Tonal Harmony* (7th ed.). McGraw-Hill.
"""

from __future__ import annotations

from typing import Final, Literal

from generation.music.harmony import NATURAL_MINOR
from generation.music.keys import MAJOR_SCALE
from generation.music.notes import Mode

Colour = Literal["ionian", "aeolian", "dorian", "phrygian"]

SCALES: Final[dict[Colour, frozenset[int]]] = {
    "ionian": frozenset(MAJOR_SCALE),
    "aeolian": frozenset(NATURAL_MINOR),
    "dorian": frozenset({0, 2, 3, 5, 7, 9, 10}),
    "phrygian": frozenset({0, 1, 3, 5, 7, 8, 10}),
}
"""Semitones above the tonic."""
_STEPS: Final = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)
"""The step that each of the twelve notes above the tonic is a form of: 0…6."""


def plain_colour(mode: Mode) -> Colour:
    """The scale of a mode without a colour of its own: major, or natural minor.

    >>> plain_colour("minor")
    'aeolian'
    """
    return "ionian" if mode == "major" else "aeolian"


def bend_scale(colour: Colour, tones: frozenset[int], tonic: int = 0) -> frozenset[int]:
    """The scale of a colour on a tonic with its steps bent to hold a chord.

    Parameters
    ----------
    colour : {"ionian", "aeolian", "dorian", "phrygian"}
    tones : frozenset of int
        Pitch classes of the chord, 0…11; with none the scale stays as it is.
    tonic : int
        Pitch class of the scale's first step, counted as `tones` are.

    Returns
    -------
    frozenset of int
        Pitch classes: seven, or one more for each step that the chord has in two forms.

    Examples
    --------
    The dominant of A minor makes it harmonic:

    >>> sorted(bend_scale("aeolian", frozenset({7, 11, 2})))
    [0, 2, 3, 5, 7, 8, 11]
    >>> sorted(bend_scale("ionian", frozenset({10, 2, 5}), tonic=5))
    [0, 2, 4, 5, 7, 9, 10]
    """
    local = {(tone - tonic) % 12 for tone in tones}
    taken = {_STEPS[tone] for tone in local}
    kept = {step for step in SCALES[colour] if _STEPS[step] not in taken}
    return frozenset((step + tonic) % 12 for step in kept | local)
