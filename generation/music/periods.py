"""The form of a piece as a musician hears it: periods and small ternary forms in four metres.

A phrase ends with a cadence: half, full or plagal. What returns (a motive, a bar, a phrase) says how: as it was,
in sequence, upside down, or in its rhythm alone. After Caplin (1998), chapters 3, 4 and 6: the period of antecedent and
consequent, and the small ternary, whose contrasting middle stands on the dominant.

References
----------
Caplin, W. E. (1998). *Classical Form*. Oxford University Press.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.music.chords import chord_pitch_classes
from generation.music.harmony import read_numeral
from generation.music.notes import Mode
from generation.music.phrase_harmony import choose_colour, fill_phrases, lead_bass
from generation.music.planned_form import METRES, Cadence, Manners, Phrase, PlannedForm
from generation.music.returns import plan_figures, plan_returns
from generation.music.scales import bend_scale, plain_colour

Shape = tuple[tuple[str, int], ...]
PERIODS: Final[dict[int, Shape]] = {
    6: (("A", 3), ("A", 3)),
    7: (("A", 4), ("A", 3)),
    8: (("A", 4), ("A", 4)),
    9: (("A", 4), ("A", 5)),
    10: (("A", 4), ("A", 6)),
}
TERNARIES: Final[dict[int, Shape]] = {
    6: (("A", 2), ("B", 2), ("A", 2)),
    7: (("A", 2), ("B", 2), ("A", 3)),
    8: (("A", 2), ("B", 2), ("A", 4)),
    9: (("A", 3), ("B", 3), ("A", 3)),
    10: (("A", 3), ("B", 3), ("A", 4)),
    11: (("A", 4), ("B", 3), ("A", 4)),
    12: (("A", 4), ("B", 4), ("A", 4)),
    13: (("A", 4), ("B", 4), ("A", 5)),
    14: (("A", 4), ("B", 4), ("A", 6)),
    16: (("A", 4), ("A", 4), ("B", 4), ("A", 4)),
}
"""Phrases by the number of bars, the bar of the last chord included. As all clips last as long, few bars are slow ones:
two of six to eight bars are as long as four of sixteen, and make a phrase (Caplin 1998, page 35: a real measure is
half a notated one in slow tempi)."""
SHAPES: Final = tuple(sorted({*PERIODS, *TERNARIES}))
"""Numbers of bars that there is a form of."""
REGULAR: Final = (8, 12, 16)


def plan_period(
    metre: str,
    bars: int,
    mode: Mode,
    place: tuple[float, float, float],
    manners: Manners,
    random: np.random.Generator,
) -> PlannedForm:
    """Draw a form of `bars` bars (one of `SHAPES`).

    Parameters
    ----------
    metre : str
        A key of `METRES`.
    bars : int
        The bar of the last chord included.
    mode : {"major", "minor"}
    place : tuple of float
        Valence, arousal and dominance, for the choice of progressions.
    manners : Manners
    random : numpy.random.Generator

    Raises
    ------
    KeyError
        When there is no form of so many bars, or no such metre.

    Examples
    --------
    >>> form = plan_period("3/4", 8, "major", (0.6, -0.4, 0.5), Manners(), np.random.default_rng(1))
    >>> [(phrase.letter, phrase.bars, phrase.cadence) for phrase in form.phrases]
    [('A', 4, 'half'), ('A', 4, 'full')]
    >>> len(form.chords), form.bar
    (24, 3.0)
    """
    phrases = _lay_phrases(bars, manners, random)
    beats = METRES[metre][0]
    colour = choose_colour(mode, manners, random)
    chords, keys = fill_phrases(phrases, mode, place, manners, beats, random)
    if random.random() < manners.unresolved:
        chords[-beats:] = [read_numeral("iid" if random.random() < 0.5 else "viid", "minor")] * beats
    basses = lead_bass(chords, phrases, beats, manners, random)
    scales = [
        bend_scale(colour if key_mode == mode else plain_colour(key_mode), chord_pitch_classes(chord), shift)
        for chord, (shift, key_mode) in zip(chords, keys, strict=True)
    ]
    # Never on the last chord, which has a bar of its own.
    climax = min(phrases[-1].start + 1 if len(phrases) < 4 else phrases[2].start + 2, bars - 2)
    return PlannedForm(
        metre,
        mode,
        phrases,
        tuple(chords),
        tuple(basses),
        tuple(scales),
        tuple(plan_returns(phrases, random)),
        tuple(plan_figures(chords, basses, beats, manners.ostinato, random)),
        climax,
        bool(random.random() < manners.upbeat),
    )


def _lay_phrases(bars: int, manners: Manners, random: np.random.Generator) -> tuple[Phrase, ...]:
    contrasts = bars not in PERIODS or (bars in TERNARIES and random.random() < manners.contrast)
    shape = (TERNARIES if contrasts else PERIODS)[bars]
    phrases, start = [], 0
    for number, (letter, length) in enumerate(shape):
        last = number == len(shape) - 1
        cadence: Cadence = "half"
        if last:
            cadence = "plagal" if random.random() < manners.plagal else "full"
        elif letter == "A" and number == 0 and len(shape) == 4:
            cadence = "open"
        phrases.append(Phrase(letter, start, length, cadence))
        start += length
    return tuple(phrases)
