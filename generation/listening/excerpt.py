"""The part of a clip that is heard: its first 20 seconds, so that no ending tells how the clip came about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

EXCERPT_SECONDS: Final = 20.0
"""Before any composed clip strikes its last chord (22.5 s) and any imported one begins to be faded out (24 s)."""
SAMPLE_RATE: Final = 44_100
SAMPLES_PER_FRAME: Final = 1152
BYTES_PER_FRAME: Final = 417
"""At 128 kbit/s; a frame whose padding bit is set has one more."""
FORM: Final = (0xFF, 0xFB, 0x90)
"""MPEG-1 layer III without a check sum, 128 kbit/s, 44.1 kHz: what every clip of the site is."""
PADDING_BIT: Final = 0x02


SOFTEST_HEARD: Final = 3
"""Velocity (MIDI, 1…127) below which a stroke is not counted as one that is heard."""


def plays_throughout(notes: Iterable[Sequence[float]], seconds: float = EXCERPT_SECONDS) -> bool:
    """Whether music goes on for the whole excerpt and beyond it, so that no ending and no gap tells a clip.

    A key is still held, or its string dies away, where the music has ended long before; so the last *stroke* counts,
    and that every whole second before it has a note in it.

    Parameters
    ----------
    notes : iterable of sequence
        Rows of onset (s), duration (s), pitch (MIDI), velocity (1…127) and more, in any order. Softer ones than
        `SOFTEST_HEARD` do not count.
    seconds : float
        Length of the excerpt.

    Examples
    --------
    >>> steady = [(0.5 * beat, 0.5, 60, 64) for beat in range(41)]
    >>> plays_throughout(steady), plays_throughout(steady[:40]), plays_throughout(steady[:9] + steady[12:])
    (True, False, False)
    """
    spans = [(row[0], row[0] + row[1]) for row in notes if row[3] >= SOFTEST_HEARD]
    if not any(onset >= seconds for onset, _ in spans):
        return False
    return all(any(onset < second + 1 and end > second for onset, end in spans) for second in range(int(seconds)))


def first_seconds(mp3: bytes, seconds: float = EXCERPT_SECONDS) -> bytes:
    """Return the whole frames of a clip that cover its first `seconds`.

    Nothing is decoded: MP3 at a constant rate can be cut between frames, which refer to earlier ones only. The same
    number of frames has the same number of bytes in every clip, because the encoder pads them in one rhythm.

    Parameters
    ----------
    mp3 : bytes
        A clip as the site makes them: stereo, 128 kbit/s, 44.1 kHz, no tag.
    seconds : float
        A clip that is shorter comes back whole.

    Raises
    ------
    ValueError
        Where a frame is of another form.

    References
    ----------
    ISO/IEC 11172-3 (1993), 2.4.1.3 and 2.4.3.1.

    Examples
    --------
    >>> frame = bytes([0xFF, 0xFB, 0x90, 0x44]) + bytes(413)
    >>> len(first_seconds(frame * 9, 0.1)) // len(frame)
    4
    """
    frames = -(-round(seconds * SAMPLE_RATE) // SAMPLES_PER_FRAME)
    place = 0
    for _ in range(frames):
        head = mp3[place : place + 3]
        if not head:
            break
        if len(head) < 3 or (head[0], head[1], head[2] & ~PADDING_BIT) != FORM:
            raise ValueError(f"The clip has no frame of the site's form at byte {place}.")
        place += BYTES_PER_FRAME + bool(head[2] & PADDING_BIT)
    return mp3[:place]
