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
MP3_QUALITY: Final = 7
"""LAME's scale, 0 to 9. From 7 on it shapes no noise: half the time, and less noise in all that was measured."""
MP3_OWN_GAIN: Final = 0.95
"""LAME turns 128 kbit/s down by this factor unasked; it is undone, so that both formats are equally loud."""
SECOND_EXTENSION: Final = ".flac"
SECOND_MEDIA_TYPE: Final = "audio/flac"
SECOND_BYTES: Final = 3 * 2**20
"""Size of every FLAC: piano takes 1.2 to 2 MB of it, the rest are zeros behind it; docs/decisions/one-length.md."""
MOST_BITS_LEFT_OUT: Final = 10
_STREAMINFO: Final = 0
_LAST_BLOCK: Final = 0x80
_BLOCK_HEADER: Final = 4
_FRAME_SIZES: Final = slice(4, 10)
"""Where STREAMINFO holds the smallest and largest frame; zero means unknown (RFC 9639, section 8.2)."""


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
    """Stereo FLAC, 16 bits, of exactly `SECOND_BYTES`; the same sound, the same bytes.

    The fill stands behind the last frame, where decoders stop (STREAMINFO tells them the number of samples): a block of
    padding would state in the first bytes of the file how far the music shrank, and so what it is like.

    Lossless, but for noise that would not fit: there the lowest bits are left out, as few as do.

    Raises
    ------
    ValueError
        When the sound is so long that it does not fit all the same; one of the common length always does.
    """
    samples = _to_int16(sound)
    for bits in range(MOST_BITS_LEFT_OUT + 1):
        # FLAC stores the zero bits that all samples of a frame end with once, so that leaving bits out saves their
        # size.
        frames = _code_flac(samples >> bits << bits, sound.sample_rate)
        if (missing := SECOND_BYTES - sum(map(len, frames))) >= 0:
            return b"".join(frames) + bytes(missing)
    raise ValueError(f"A sound of {sound.seconds:.0f} seconds does not fit into {SECOND_BYTES} bytes of FLAC.")


def _code_flac(samples: NDArray[np.int16], sample_rate: int) -> tuple[bytes, bytes]:
    """The header, the same for every clip but for the checksum of the samples; and the audio.

    Of the metadata STREAMINFO alone is kept (RFC 9639, section 8): no vendor string. Its frame sizes are made
    unknown: they would tell a quiet sound from a busy one.
    """
    stream = BytesIO()
    soundfile.write(stream, samples, sample_rate, format="FLAC", subtype="PCM_16")
    flac = stream.getvalue()
    position, last = 4, False
    header = b""
    while not last:
        kind, size = flac[position], int.from_bytes(flac[position + 1 : position + 4])
        last = bool(kind & _LAST_BLOCK)
        if kind & ~_LAST_BLOCK == _STREAMINFO:
            body = bytearray(flac[position + 4 : position + 4 + size])
            body[_FRAME_SIZES] = bytes(6)
            header = bytes([_STREAMINFO | _LAST_BLOCK]) + flac[position + 1 : position + 4] + bytes(body)
        position += _BLOCK_HEADER + size
    return flac[:4] + header, flac[position:]


def decode(audio: bytes) -> Sound:
    """Samples of an MP3 or FLAC file, as a browser would hear them."""
    samples, sample_rate = soundfile.read(BytesIO(audio), dtype="float32", always_2d=True)
    return Sound(samples, sample_rate)
