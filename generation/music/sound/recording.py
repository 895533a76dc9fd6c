"""From MIDI bytes to the two finished audio files, their loudness measured after coding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generation.music.length import CLIP_SECONDS
from generation.music.sound.encoding import decode, encode_mp3, encode_second
from generation.music.sound.ends import bring_to_length
from generation.music.sound.loudness import (
    CEILING_DBTP,
    TARGET_LUFS,
    CannotLevel,
    Loudness,
    level,
    measure_loudness,
)
from generation.music.sound.renderers import render
from generation.music.sound.samples import Origin, Sound

CODING_TOLERANCE_LU: Final = 0.3
"""Asked of the decoded MP3; the promise to listeners is 0.5."""
CODING_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished clip: MP3 and FLAC bytes, the loudness a listener gets, its length, and what made it.

    `faded` says that the sound went on beyond the common length and was faded out.
    """

    mp3: bytes
    second: bytes
    loudness: Loudness
    seconds: float
    origin: Origin | None
    faded: bool = False


def finish(sound: Sound, target_lufs: float = TARGET_LUFS, ceiling_dbtp: float = CEILING_DBTP) -> Recording:
    """Bring to the common length, level and encode; measure the decoded MP3 until *it* meets target and ceiling.

    This is the one way to a clip's files, so that length and size are the same for every clip. MP3 coding shifts
    peaks by up to a decibel, so the ceiling must be checked after it.

    Raises
    ------
    CannotLevel
        When the sound is silent, too short, or cannot be brought to the target.
    """
    target, ceiling = target_lufs, ceiling_dbtp
    whole = bring_to_length(sound)
    for _ in range(CODING_ROUNDS):
        levelled, reached = level(whole, target, ceiling)
        mp3 = encode_mp3(levelled)
        heard = measure_loudness(decode(mp3))
        over = heard.true_peak_dbtp - ceiling_dbtp
        off = heard.integrated_lufs - target_lufs
        if over <= 0.0 and abs(off) <= CODING_TOLERANCE_LU:
            measured = Loudness(heard.integrated_lufs, heard.true_peak_dbtp, reached.gain_db)
            return Recording(
                mp3, encode_second(levelled), measured, levelled.seconds, sound.origin, sound.seconds > CLIP_SECONDS
            )
        ceiling -= over + 0.1 if over > 0.0 else 0.0
        # Half the way: FLAC hears the change too, and both are to stay within the promise.
        target -= off / 2 if abs(off) > CODING_TOLERANCE_LU else 0.0
    raise CannotLevel(
        f"After MP3 coding the clip has {heard.integrated_lufs:.1f} LUFS and {heard.true_peak_dbtp:.1f} dBTP."
    )


def record(
    midi: bytes,
    *,
    renderer: str = "auto",
    soundfont: Path | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> Recording:
    """Play a MIDI file and finish the recording.

    Parameters
    ----------
    midi : bytes
    renderer, soundfont
        As for `render`.
    progress : callable
        Told ``"rendering"`` and ``"encoding"`` when these steps begin.
    """
    progress("rendering")
    sound = render(midi, renderer=renderer, soundfont=soundfont)
    progress("encoding")
    return finish(sound)
