"""The sound check: equal tones at clip loudness, whose number only somebody who hears them can tell."""

from __future__ import annotations

from typing import Final

import numpy as np

from survey.design.headphones import Sound

RATE: Final = 16_000
"""Samples per second: the file is small on a slow line."""
COUNTS: Final = (3, 4, 5, 6, 7)
"""How many tones there can be."""
PLACES: Final = 8
"""Places of a tone; the others stay silent, so that length and size of the file tell nothing."""
_PLACE_SECONDS: Final = 0.5
SECONDS: Final = PLACES * _PLACE_SECONDS
"""Length of the sound, whatever the number of tones."""
_TONE_SECONDS: Final = 0.35
_FADE_SECONDS: Final = 0.02
_HERTZ: Final = 440.0
_PARTIALS: Final = (1.0, 0.4, 0.15)
_DECAY_PER_SECOND: Final = 4.0
_LEVEL: Final = 0.1617


def places_of(count: int, seed: int) -> frozenset[int]:
    """Return the places of the tones, each one of 0 … `PLACES` − 1: two sounds are the same where these are.

    Parameters
    ----------
    count : {3, 4, 5, 6, 7}
        How many tones.
    seed : int
        Draws their places. With an odd one the first place has a tone, with an even one it is silent: two sounds whose
        seeds differ in that are never the same.

    Raises
    ------
    ValueError
        Where `count` is none of `COUNTS`.

    Examples
    --------
    >>> len(places_of(5, seed=1)), 0 in places_of(5, seed=1), 0 in places_of(5, seed=2)
    (5, True, False)
    """
    if count not in COUNTS:
        raise ValueError(f"There are {count} tones; there must be one of {COUNTS}.")
    begins = seed % 2
    # Without replacement: no two tones in one place, so that their number can be counted.
    others = np.random.default_rng(seed).choice(PLACES - 1, size=count - begins, replace=False) + 1
    return frozenset([*others.tolist(), 0] if begins else others.tolist())


def make_tones(count: int, seed: int) -> Sound:
    """Return equal tones with silence between some of them.

    One pitch, no melody, no chord, no major or minor: it says nothing about any emotion. On two channels the
    loudness is that of the clips (−23 LUFS, ITU-R BS.1770), so that the volume set here fits them.

    Parameters
    ----------
    count : {3, 4, 5, 6, 7}
        How many tones.
    seed : int
        Draws their places.

    Returns
    -------
    ndarray, shape (samples, 1)
        Amplitudes within −1…1 at `RATE`; always `SECONDS` long.

    Raises
    ------
    ValueError
        Where `count` is none of `COUNTS`.

    Examples
    --------
    >>> sound = make_tones(5, seed=1)
    >>> sound.shape, bool(abs(sound).max() < 1)
    ((64000, 1), True)
    """
    sound = np.zeros((int(RATE * SECONDS), 1))
    tone = _tone()
    for place in places_of(count, seed):
        start = int(place * _PLACE_SECONDS * RATE)
        sound[start : start + len(tone), 0] = tone
    return sound


def _tone() -> Sound:
    times = np.arange(int(RATE * _TONE_SECONDS)) / RATE
    waves = (share * np.sin(2 * np.pi * _HERTZ * (n + 1) * times) for n, share in enumerate(_PARTIALS))
    tone = np.sum(list(waves), axis=0) * np.exp(-_DECAY_PER_SECOND * times)
    fade = int(RATE * _FADE_SECONDS)
    ramp = np.sin(np.linspace(0, np.pi / 2, fade)) ** 2
    tone[:fade] *= ramp
    tone[-fade:] *= ramp[::-1]
    return np.asarray(_LEVEL * tone, dtype=np.float64)
