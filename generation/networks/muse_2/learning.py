"""How learned shifts of targets move the cues of Muse 2."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from generation.music.attributes import KINDS
from generation.networks.muse_2.intentions import MAJORNESS, READ_AS_IS, Cues

NOT_FOLLOWED: Final = ("harmonic_variety", "repetition")
"""What neither network nor playing is asked for: chords and the form decide it. The density of the accompaniment is
that of all notes without the melody's, and moves with both."""
CHANCE_OF_MAJOR: Final = (0.02, 0.98)
"""Between these, as where a picture moves it: no emotion is ever sure of its mode."""
CHROMATIC: Final = (0.005, 0.5)
"""Shares of notes outside the scale between which their odds are compared; judgement, real clips have .03 ± .06."""


def move_by_learned(cues: Cues, shifts: Mapping[str, float]) -> dict[str, float]:
    """The cues with the targets of attributes moved.

    Attributes that are cues move by their shift. Both tempi are scaled, so that their middle moves by it. The chance of
    major moves so that the mean majorness asked for does: major asks for `MAJORNESS`, minor for as much below 0.
    Where more or fewer notes outside the scale are wanted, what the networks are told of them moves with the logarithm
    of their odds, which is what a number of nats does to a probability.

    Parameters
    ----------
    cues : mapping of str to float
        Those of a place (`find_cues`).
    shifts : mapping of str to float
        By attribute (`LearnedTargets.shift_at`), in the attribute's unit; what is left out does not move.

    Returns
    -------
    dict of str to float
        Attributes within their ranges; the same cues where every shift is 0.

    Examples
    --------
    >>> from generation.networks.muse_2.intentions import find_cues
    >>> sad = find_cues((-0.7, -0.55, -0.65))
    >>> moved = move_by_learned(sad, {"tempo": -12.4, "majorness": 0.1})
    >>> [round(moved[name], 2) for name in ("tempo_low", "tempo_high", "major")]
    [43.2, 56.0, 0.3]
    >>> move_by_learned(sad, {"tempo": 0.0}) == sad
    True
    """
    moved = dict(cues)
    for kind in KINDS:
        if kind.name in READ_AS_IS and (shift := shifts.get(kind.name, 0.0)):
            moved[kind.name] = min(max(cues[kind.name] + shift, kind.minimum), kind.maximum)
    if tempo := shifts.get("tempo", 0.0):
        middle = (cues["tempo_low"] + cues["tempo_high"]) / 2.0
        slowest, fastest = next((kind.minimum, kind.maximum) for kind in KINDS if kind.name == "tempo")
        factor = min(max(middle + tempo, slowest), fastest) / middle
        moved |= {bound: cues[bound] * factor for bound in ("tempo_low", "tempo_high")}
    if majorness := shifts.get("majorness", 0.0):
        low, high = CHANCE_OF_MAJOR
        moved["major"] = min(max(cues["major"] + majorness / (2.0 * MAJORNESS), low), high)
    if moved["chromaticism"] != cues["chromaticism"]:
        moved["outside_notes"] += _log_odds(moved["chromaticism"]) - _log_odds(cues["chromaticism"])
    return moved


def _log_odds(share: float) -> float:
    kept = min(max(share, CHROMATIC[0]), CHROMATIC[1])
    return math.log(kept / (1.0 - kept))
