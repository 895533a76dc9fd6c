"""Recordings of other systems as sound to finish: read, made stereo at 44.1 kHz, silence cut at both ends."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from math import gcd
from typing import Final

import numpy as np
import soundfile
from scipy.signal import resample_poly

from generation.accepted import SOUND_WORDS, SOUNDS
from generation.music.length import LEAD_IN_SECONDS
from generation.music.sound.containers import UnusableRecording, check_whole
from generation.music.sound.ends import BLOCK_SECONDS, TAIL_FLOOR_DB, trim_and_fade
from generation.music.sound.samples import SAMPLE_RATE, Samples, Sound, amplitude

SHORTEST_CLIP_SECONDS: Final = 1.0
LONGEST_CLIP_SECONDS: Final = 180.0
LOWEST_RATE: Final = 22_050
HIGHEST_RATE: Final = 96_000
LARGEST_RECORDING: Final = 150 * 1024 * 1024
"""Bytes of a file that is looked at: three minutes of 96 kHz stereo in 32 bits have 138 MB."""


@dataclass(frozen=True, slots=True)
class ImportedAudio:
    """A recording as sound of our own kind, and what its file was."""

    sound: Sound
    format: str
    sample_rate: int
    channels: int
    seconds: float


def read_recording(data: bytes) -> ImportedAudio:
    """Read a recording of one or two channels in any of `generation.accepted.SOUNDS`.

    Whatever it was, the result has the form of a clip made here: stereo, 44.1 kHz, the first sound 10 ms after
    the start, the tail cut at −62 dB and faded. So neither form nor silence tells which system made it.

    Raises
    ------
    UnusableRecording
        When the bytes are no such recording, or one outside the limits.
    """
    if len(data) > LARGEST_RECORDING:
        raise UnusableRecording(
            f"The file has {len(data) / 2**20:.0f} MB, more than the {LARGEST_RECORDING / 2**20:.0f} MB allowed."
        )
    try:
        with soundfile.SoundFile(BytesIO(check_whole(data))) as file:
            _check_form(file)
            wanted = int((LONGEST_CLIP_SECONDS + 1) * file.samplerate)
            promised = min(int(file.frames), wanted)
            samples = file.read(wanted, dtype="float32", always_2d=True)
            kind, rate, channels = str(file.format), int(file.samplerate), int(file.channels)
    except UnusableRecording:
        raise
    except (soundfile.SoundFileError, OSError, ValueError, TypeError, OverflowError) as error:
        raise UnusableRecording(
            f"The file is damaged or no recording that can be read; send {SOUND_WORDS} as a sound editor saves it."
        ) from error
    if len(samples) < promised:
        raise UnusableRecording(
            f"The recording promises {promised / rate:.1f} seconds and only {len(samples) / rate:.1f} can be read; "
            "it is damaged or was cut off on its way: send it again."
        )
    seconds = len(samples) / rate
    if not np.isfinite(samples).all():
        raise UnusableRecording("The recording holds values that are not numbers.")
    sound = trim_and_fade(Sound(_cut_start(_resample(_make_stereo(samples), rate))))
    check_length(sound.seconds)
    return ImportedAudio(sound, kind, rate, channels, round(seconds, 3))


def check_not_too_long(seconds: float) -> None:
    """Refuse what is too long for a clip."""
    if seconds > LONGEST_CLIP_SECONDS:
        raise UnusableRecording(f"The clip lasts longer than the {LONGEST_CLIP_SECONDS:.0f} seconds allowed.")


def check_length(seconds: float) -> None:
    """Refuse what is too short or too long for a clip, silence at its ends not counted."""
    check_not_too_long(seconds)
    if seconds < SHORTEST_CLIP_SECONDS:
        raise UnusableRecording(
            f"Without the silence at its ends the clip lasts {seconds:.2f} seconds; "
            f"at least {SHORTEST_CLIP_SECONDS:.0f} second is needed."
        )


def _check_form(file: soundfile.SoundFile) -> None:
    if file.format not in SOUNDS:
        raise UnusableRecording(f"{file.format} files are not taken; send {SOUND_WORDS}.")
    if file.channels > 2:
        raise UnusableRecording(f"The recording has {file.channels} channels; send one or two.")
    if not LOWEST_RATE <= file.samplerate <= HIGHEST_RATE:
        raise UnusableRecording(
            f"The recording has {file.samplerate} samples per second; {LOWEST_RATE} to {HIGHEST_RATE} are taken."
        )


def _make_stereo(samples: Samples) -> Samples:
    return np.repeat(samples, 2, axis=1) if samples.shape[1] == 1 else samples


def _resample(samples: Samples, rate: int) -> Samples:
    if rate == SAMPLE_RATE:
        return samples
    # Polyphase: up by one whole number and down by another, with the filter against aliases in between.
    common = gcd(SAMPLE_RATE, rate)
    return np.asarray(resample_poly(samples, SAMPLE_RATE // common, rate // common, axis=0), dtype=np.float32)


def _cut_start(samples: Samples) -> Samples:
    """Begin `LEAD_IN_SECONDS` before the first block above the floor; `trim_and_fade` sees to the end."""
    block = round(BLOCK_SECONDS * SAMPLE_RATE)
    whole = len(samples) // block * block
    if whole == 0:
        return samples
    peaks = np.abs(samples[:whole]).reshape(-1, block * 2).max(axis=1)
    if not peaks.any():
        raise UnusableRecording("The clip is silent.")
    first = int(np.argmax(peaks >= peaks.max() * amplitude(TAIL_FLOOR_DB))) * block
    loud = np.abs(samples[first:]).max(axis=1) >= peaks.max() * amplitude(TAIL_FLOOR_DB)
    onset = first + int(np.argmax(loud))
    return samples[max(onset - round(LEAD_IN_SECONDS * SAMPLE_RATE), 0) :]
