"""Files that browsers play: MP3, and FLAC as the second format. Neither carries metadata.

The choice of FLAC is reasoned in docs/decisions/sound.md.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

import lameenc
import numpy as np
import soundfile
from numpy.typing import NDArray

from generation.music.sound.samples import Sound

MP3_KBITS: Final = 128
MP3_QUALITY: Final = 3
MP3_OWN_GAIN: Final = 0.95
"""LAME turns 128 kbit/s down by this factor unasked; it is undone, so that both formats are equally loud."""
SECOND_EXTENSION: Final = ".flac"
SECOND_MEDIA_TYPE: Final = "audio/flac"
_STREAMINFO: Final = 0
_LAST_BLOCK: Final = 0x80


def _to_int16(sound: Sound, gain: float = 1.0) -> NDArray[np.int16]:
    return np.asarray(np.rint(np.clip(sound.samples * gain, -1.0, 1.0) * 32767.0), dtype="<i2")


def encode_mp3(sound: Sound) -> bytes:
    """Stereo MP3 at a constant 128 kbit/s without any tag: about 0.48 MB for 30 s.

    The same sound gives the same bytes. A decoder adds 25 ms (1,105 samples) of silence at the start.
    """
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(MP3_KBITS)
    encoder.set_in_sample_rate(sound.sample_rate)
    encoder.set_channels(2)
    encoder.set_quality(MP3_QUALITY)
    return bytes(encoder.encode(_to_int16(sound, 1.0 / MP3_OWN_GAIN).tobytes()) + encoder.flush())


def encode_second(sound: Sound) -> bytes:
    """Stereo FLAC, 16 bits, with its stream header as the only metadata; the same sound, the same bytes."""
    stream = BytesIO()
    soundfile.write(stream, _to_int16(sound), sound.sample_rate, format="FLAC", subtype="PCM_16")
    return _without_comments(stream.getvalue())


def _without_comments(flac: bytes) -> bytes:
    """Keep STREAMINFO alone of the metadata blocks (RFC 9639, section 8): no vendor string, no padding."""
    position, last = 4, False
    header = b""
    while not last:
        kind, size = flac[position], int.from_bytes(flac[position + 1 : position + 4])
        last = bool(kind & _LAST_BLOCK)
        if kind & ~_LAST_BLOCK == _STREAMINFO:
            body = flac[position + 1 : position + 4 + size]
            header = bytes([_STREAMINFO | _LAST_BLOCK]) + body
        position += 4 + size
    return flac[:4] + header + flac[position:]


def decode(audio: bytes) -> Sound:
    """Samples of an MP3 or FLAC file, as a browser would hear them."""
    samples, sample_rate = soundfile.read(BytesIO(audio), dtype="float32", always_2d=True)
    return Sound(samples, sample_rate)
