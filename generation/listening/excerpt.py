"""The part of a clip that is heard: its first 20 seconds, so that no ending tells how the clip came about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from generation.mp3 import SAMPLES_PER_FRAME, walk_site_frames

EXCERPT_SECONDS: Final = 20.0
"""Before any composed clip strikes its last chord (22.5 s) and any imported one begins to be faded out (24 s)."""
SAMPLE_RATE: Final = 44_100
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
        Where a frame is of another form or not whole.

    Examples
    --------
    >>> frame = bytes([0xFF, 0xFB, 0x90, 0x44]) + bytes(413)
    >>> len(first_seconds(frame * 9, 0.1)) // len(frame)
    4
    """
    frames = -(-round(seconds * SAMPLE_RATE) // SAMPLES_PER_FRAME)
    end = 0
    for place, size in walk_site_frames(mp3, most=frames):
        end = place + size
    return mp3[:end]
