"""How loud a clip is played where loudness follows what the music is meant to express, and files that are so loud."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from generation.emotions import get_emotion
from generation.mp3 import walk_site_frames

TELLS: Final = (
    "Clips were louder or softer by the arousal that was meant: loudness alone may tell part of the emotion, so that"
    " somebody who hears nothing else can do better than chance and guessing as they are given here, and hit rates are"
    " not comparable with those of a study whose clips are equally loud."
)
"""What is to be said beside every result of a study whose loudness follows the intention."""
MOST_LU: Final = 4.0
"""How much louder or softer than the common level a clip of arousal 1 or −1 is wanted."""
STEP_DB: Final = 20 * math.log10(2) / 4
"""1.505 dB, by which the level of an MP3 can be changed without encoding it again."""
MOST_STEPS: Final = math.floor(MOST_LU / STEP_DB)
CEILING_DBTP: Final = -1.0
"""Highest true peak of a clip."""
# Bits of a stereo frame: header 32, then 9 + 3 + 8 of side information, then 59 for each granule of each channel, in
# which `global_gain` follows 12 bits of length and 9 of big values.
_GAIN_BITS: Final = tuple(32 + 20 + 59 * part + 21 for part in range(4))


def arousal_meant(models: Mapping[str, Any], emotion: str) -> float:
    """Arousal (−1…1) of what a clip's music was composed for, which in a control is not what its pair is called.

    `models` is of the clip's provenance, `emotion` the slug of its pair. Neutral music was composed for no emotion: 0,
    the common level. Shuffled music names whose emotion it plays.

    Examples
    --------
    >>> arousal_meant({"control": "neutral"}, "anger")
    0.0
    >>> arousal_meant({"control": "shuffled", "composed_for": "sadness"}, "anger") == arousal_meant({}, "sadness") < 0
    True
    """
    if models.get("control") == "neutral":
        return 0.0
    return get_emotion(models.get("composed_for", emotion)).arousal


def steps_wanted(arousal: float) -> int:
    """Return by how many steps a clip is wanted louder, whatever its peaks: `MOST_LU` × arousal, to the nearest.

    Examples
    --------
    >>> steps_wanted(0.75), steps_wanted(-0.55), steps_wanted(1.0)
    (2, -1, 2)
    """
    return max(-MOST_STEPS, min(MOST_STEPS, round(MOST_LU * arousal / STEP_DB)))


def steps_of(arousal: float, true_peak_dbtp: float | None) -> int:
    """Return by how many steps of `STEP_DB` a clip is played louder (softer where negative).

    The arousal of the intended emotion (−1…1) times `MOST_LU`, to the nearest step, at most `MOST_STEPS` either way;
    fewer where the clip's true peak would pass `CEILING_DBTP`. A peak that is not known lets nothing be louder.

    Examples
    --------
    >>> steps_of(0.75, -8.0), steps_of(0.75, -3.5), steps_of(-0.55, -8.0), steps_of(0.0, None)
    (2, 1, -1, 0)
    """
    wanted = steps_wanted(arousal)
    if wanted <= 0:
        return wanted
    room = 0 if true_peak_dbtp is None else math.floor((CEILING_DBTP - true_peak_dbtp) / STEP_DB)
    return max(0, min(wanted, room))


def change_level(mp3: bytes, steps: int) -> bytes:
    """Return the clip louder by `steps` of `STEP_DB`: of the same size, and nothing in it encoded again.

    Every granule of an MP3 states by which power of 2^¼ its samples are multiplied; that number alone is changed. At
    its ends (0 and 255: silence, or more than any clip has) it stays within its eight bits.

    Parameters
    ----------
    mp3 : bytes
        A clip as the site makes them: stereo, 128 kbit/s, 44.1 kHz, without a tag.
    steps : int
        Negative: softer.

    Raises
    ------
    ValueError
        Where a frame is of another form or not whole; the message says which and what stands there.

    References
    ----------
    ISO/IEC 11172-3 (1993), 2.4.1.7 and 2.4.3.4.7.1.

    Examples
    --------
    >>> frame = bytes([0xFF, 0xFB, 0x90, 0x44]) + bytes(413)
    >>> change_level(frame, 2)[9] - frame[9], len(change_level(frame, 2))
    (1, 417)
    """
    changed = bytearray(mp3)
    for place, _ in walk_site_frames(mp3):
        for bit in _GAIN_BITS:
            _add_to_byte(changed, 8 * place + bit, steps)
    return bytes(changed)


def _add_to_byte(data: bytearray, bit: int, number: int) -> None:
    """Add `number` to the eight bits that begin at `bit`, within 0…255."""
    first, shift = bit // 8, 8 - bit % 8
    both = int.from_bytes(data[first : first + 2], "big")
    value = max(0, min(255, (both >> shift & 0xFF) + number))
    data[first : first + 2] = (both & ~(0xFF << shift) | value << shift).to_bytes(2, "big")
