"""Whether a sound file holds what its header says, asked of the file itself before anything is decoded.

Decoders play what is left of a file that was cut off on its way, or the part that a wrong header names, and say
nothing; so half a piece would become a clip. Each format is held to its own rules: what it lets a header leave open
(a streamed WAV, a FLAC or Ogg of unknown length) is no promise, and is taken to its end. Not to be noticed is an MP3
without an index that was cut exactly between two frames.

References
----------
RFC 9639 (FLAC); RFC 3533 (Ogg); Microsoft & IBM (1991), Multimedia Programming Interface (WAV); Apple (1989), AIFF;
MP3 frames: see `generation.mp3`.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final, Literal

from generation.mp3 import frame_size

STREAMED: Final = 0x7FFF0000
"""Sizes from here up are what writers put who cannot know (0xFFFFFFFF, SoX: 0x7FFFF000): no promise."""
_PCM_TAGS: Final = frozenset({1, 3, 0xFFFE})
_SAMPLE_BY_SAMPLE: Final = _PCM_TAGS | {6, 7}
"""Kinds of WAV that have a fixed number of bytes a sample: PCM, float, the extensible form of both, A-law, µ-law."""
_TRAILERS: Final = frozenset({b"LIST", b"id3 ", b"ID3 ", b"cue ", b"bext", b"smpl", b"fact", b"PEAK", b"JUNK", b"iXML"})
"""Chunks that may stand behind the sound and be cut off without harm to it."""
_UNCOMPRESSED: Final = frozenset({b"NONE", b"sowt", b"twos", b"in24", b"in32", b"fl32", b"FL32", b"fl64", b"FL64"})
_FLAC_FRAME: Final = re.compile(rb"\xff[\xf8\xf9]", re.DOTALL)
_LARGEST_FLAC_FRAME: Final = 1024 * 1024


class UnusableRecording(ValueError):
    """A file that cannot become a clip; the message is one sentence for the person who sent it."""


class _CutOff(UnusableRecording):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The recording was cut off on its way ({reason}); send the whole file again.")


class _Damaged(UnusableRecording):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The recording is damaged ({reason}); send the whole file again, or save it anew.")


class _Contradicts(UnusableRecording):
    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The file contradicts itself ({reason}); save the recording anew in a sound editor and send that."
        )


def check_whole(data: bytes) -> bytes:
    """Refuse a recording that is not what its header says; return what is to be decoded.

    Parameters
    ----------
    data : bytes
        The file. Of formats not known here nothing is said.

    Returns
    -------
    bytes
        `data` itself; but a FLAC or MP3 that does not state its length is given the length found, because
        libsndfile cannot read the one and stops the other where it guesses the end to be.

    Raises
    ------
    UnusableRecording
        When the file ends early, or holds more or less than its header says.

    Examples
    --------
    >>> check_whole(b"RIFF\\x2c\\x00\\x00\\x00WAVEdata\\x08\\x00\\x00\\x00\\x01\\x02")
    Traceback (most recent call last):
    ...
    generation.music.sound.containers.UnusableRecording: The recording was cut off ...
    """
    start = _skip_id3(data)
    kind = data[start : start + 4]
    if kind in (b"RIFF", b"RIFX") and data[start + 8 : start + 12] == b"WAVE":
        _check_wav(data[start:], "little" if kind == b"RIFF" else "big")
    elif kind == b"FORM" and data[start + 8 : start + 12] in (b"AIFF", b"AIFC"):
        _check_aiff(data[start:])
    elif kind == b"OggS":
        _check_ogg(data[start:])
    elif kind == b"fLaC":
        return _check_flac(data[start:])
    elif data[start : start + 1] == b"\xff" and frame_size(data, start):
        return _check_mp3(data, start)
    return data


def _skip_id3(data: bytes) -> int:
    """Where a tag at the start of the file ends."""
    place = 0
    while data[place : place + 3] == b"ID3" and len(data) >= place + 10:
        size = 0
        for byte in data[place + 6 : place + 10]:
            size = size << 7 | byte & 0x7F
        place += 10 + size + (10 if data[place + 5] & 0x10 else 0)
    return place


def _chunks(data: bytes, order: Literal["little", "big"], place: int = 12) -> Iterator[tuple[bytes, int, int]]:
    """(kind, where its content begins, size as stated) of every chunk; the last may be longer than the file."""
    while place + 8 <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8], order)
        yield data[place : place + 4], place + 8, size
        place += 8 + size + size % 2


def _check_wav(data: bytes, order: Literal["little", "big"]) -> None:
    frame = 1
    for kind, place, size in _chunks(data, order):
        left = len(data) - place
        if kind == b"fmt " and min(size, left) >= 16:
            frame = _wav_frame(data[place : place + 16], order)
        elif kind == b"data":
            if size >= STREAMED:
                return
            if size == 0 and left:
                raise _Contradicts("its header was never finished and names no sound")
            if size - left >= frame:
                raise _CutOff(f"its header promises {size} bytes of sound and it holds {left}")
            if not _is_trailer(data, place + size + size % 2, order):
                raise _Contradicts("it holds more than its header says")
            return
    raise _CutOff("there is no sound behind its header")


def _wav_frame(form: bytes, order: Literal["little", "big"]) -> int:
    """Bytes of one sample of all channels."""
    tag, channels, rate, byte_rate, frame, bits = struct.unpack(("<" if order == "little" else ">") + "HHIIHH", form)
    if tag in _PCM_TAGS and frame != channels * ((bits + 7) // 8):
        raise _Contradicts(f"{channels} channels of {bits} bits are not {frame} bytes")
    if tag in _SAMPLE_BY_SAMPLE and byte_rate != rate * frame:
        raise _Contradicts(f"{rate} samples a second of {frame} bytes are not {byte_rate} bytes a second")
    return int(frame) if tag in _PCM_TAGS else 1


def _is_trailer(data: bytes, place: int, order: Literal["little", "big"]) -> bool:
    """Whether what follows the sound is something that may: chunks, a tag, padding."""
    while len(data) - place >= 8 and any(data[place:]) and data[place : place + 3] != b"TAG":
        kind, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], order)
        if kind in (b"data", b"RIFF", b"RIFX") or not all(0x20 <= byte < 0x7F for byte in kind):
            return False
        place += 8 + size + size % 2
        if place > len(data) + 1:
            return kind in _TRAILERS
    return True


def _check_aiff(data: bytes) -> None:
    frames = frame = None
    for kind, place, size in _chunks(data, "big"):
        left = len(data) - place
        if kind == b"COMM" and min(size, left) >= 18:
            channels, frames, bits = struct.unpack(">HIH", data[place : place + 8])
            packing = data[place + 18 : place + 22] if data[8:12] == b"AIFC" else b"NONE"
            frame = channels * ((bits + 7) // 8) if packing in _UNCOMPRESSED else None
        elif kind == b"SSND":
            if size >= STREAMED:
                return
            if size > left:
                raise _CutOff(f"its header promises {size} bytes of sound and it holds {left}")
            sound = size - 8 - int.from_bytes(data[place : place + 4], "big")
            if frames is not None and frame and not 0 <= sound - frames * frame < frame:
                raise _Contradicts(f"its header promises {frames} samples and it holds {sound // frame}")
            return
    raise _CutOff("there is no sound behind its header")


def _check_ogg(data: bytes) -> None:
    place, streams, ended, numbers, reached = 0, set[int](), set[int](), dict[int, int](), dict[int, int]()
    while data[place : place + 4] == b"OggS":
        if len(data) < place + 27:
            raise _CutOff("its last page is not whole")
        flags, serial, number = data[place + 5], *struct.unpack("<II", data[place + 14 : place + 22])
        sizes = data[place + 27 : place + 27 + data[place + 26]]
        end = place + 27 + data[place + 26] + sum(sizes)
        if end > len(data):
            raise _CutOff("its last page is not whole")
        if serial in numbers and number != numbers[serial] + 1:
            raise _CutOff(f"page {numbers[serial] + 1} is missing")
        page = data[place:end]
        if _crc32(page[:22] + bytes(4) + page[26:]) != int.from_bytes(page[22:26], "little"):
            raise _Damaged(f"the check sum of page {number} does not fit")
        granule = int.from_bytes(page[6:14], "little", signed=True)  # -1 where no packet ends
        if granule >= 0 and granule < reached.get(serial, 0):
            raise _Contradicts(f"page {number} says that the sound is shorter than it was before")
        numbers[serial], reached[serial] = number, max(granule, reached.get(serial, 0))
        streams.add(serial)
        if flags & 4:
            ended.add(serial)
        place = end
    if ended != streams:
        raise _CutOff("the page that ends it is missing")
    if len(streams) > 1:
        raise _Contradicts("it holds several recordings")
    if any(data[place:]) and data[place : place + 3] != b"TAG":
        raise _Contradicts("something else follows its end")


def _check_mp3(data: bytes, start: int) -> bytes:
    place, frames = start, 0
    while size := frame_size(data, place):
        if place + size > len(data):
            raise _CutOff("its last frame is not whole")
        place, frames = place + size, frames + 1
    if not _may_follow_mp3(data[place:]):
        raise _Damaged(f"behind {frames} frames comes something that is no sound")
    promised = _mp3_promise(data[start : start + frame_size(data, start)])
    if promised is None:
        is_layer_three = data[start + 1] >> 1 & 3 == 1
        return _make_index(data[start : start + 4], frames) + data[start:] if is_layer_three else data
    if frames - 1 < promised - 1:  # the index is a frame itself; some writers count it
        raise _CutOff(f"its header promises {promised} frames and it holds {frames - 1}")
    if frames - 1 > promised + 1:
        raise _Contradicts(f"its header promises {promised} frames and it holds {frames - 1}")
    return data


def _may_follow_mp3(rest: bytes) -> bool:
    """Whether nothing, padding or tags follow the last frame."""
    while rest := rest.lstrip(b"\x00"):
        if rest[:3] == b"TAG" and len(rest) >= 128:
            rest = rest[128:]
        elif rest[:4] == b"TAG+" and len(rest) >= 227:
            rest = rest[227:]
        elif rest[:8] == b"APETAGEX" and len(rest) >= 32:
            # a header counts its own 32 bytes beyond what it states; a footer alone has its items before it
            rest = rest[32 + int.from_bytes(rest[12:16], "little") * bool(rest[23] & 0x20) :]
        elif rest[:11] == b"LYRICSBEGIN" and (end := max(rest.find(b"LYRICS200"), rest.find(b"LYRICSEND"))) > 0:
            rest = rest[end + 9 :]
        elif rest[:3] == b"ID3" and len(rest) >= 10:
            rest = rest[_skip_id3(rest) :]
        else:
            return False
    return True


def _make_index(head: bytes, frames: int) -> bytes:
    """A frame of the kind that begins with `head`, silent, that states how many frames follow."""
    # without check sum, and at a bitrate at which the index has room in every layer and rate
    head = bytes((head[0], head[1] | 1, head[2] & 0x0F | 0x80, head[3]))
    mono, newer = head[3] >> 6 == 3, head[1] >> 3 & 3 == 3
    side = {(False, True): 32, (True, True): 17, (False, False): 17, (True, False): 9}[mono, newer]
    size = frame_size(head, 0)
    return (head + bytes(side) + b"Info" + struct.pack(">II", 1, frames)).ljust(size, b"\x00")


def _mp3_promise(frame: bytes) -> int | None:
    """The number of frames that an index in the first frame states."""
    for mark in (b"Xing", b"Info"):
        place = frame.find(mark, 4, 48)
        if place > 0 and len(frame) >= place + 12 and frame[place + 7] & 1:
            return int.from_bytes(frame[place + 8 : place + 12], "big") or None
    if frame[36:40] == b"VBRI" and len(frame) >= 54:
        return int.from_bytes(frame[50:54], "big") or None
    return None


def _check_flac(data: bytes) -> bytes:
    if len(data) < 42:
        raise _CutOff("there is no sound behind its header")
    promised = int.from_bytes(data[18:26], "big") & 0xF_FFFF_FFFF
    held = _count_flac(data)
    if promised == 0:
        patched = bytearray(data)
        patched[18:26] = (int.from_bytes(data[18:26], "big") | held).to_bytes(8, "big")
        return bytes(patched)
    if held < promised:
        raise _CutOff(f"its header promises {promised} samples and it holds {held}")
    if held > promised:
        raise _Contradicts(f"its header promises {promised} samples and it holds {held}")
    return data


def _count_flac(data: bytes) -> int:
    """Samples up to the end of the last frame, which has to be whole, and reached frame by frame."""
    end = len(data) - 128 if data[-128:-125] == b"TAG" else len(data)
    end = len(data[:end].rstrip(b"\x00")) if not any(data[end - 64 : end]) else end
    place = end
    while (place := data.rfind(b"\xff", max(end - _LARGEST_FLAC_FRAME, 42), place)) >= 0:
        if _FLAC_FRAME.match(data, place) and (span := _flac_span(data, place)) and not _crc16(data[place:end]):
            _check_flac_frames(data, place)
            return span[1]
    raise _CutOff("its last frame is not whole")


def _check_flac_frames(data: bytes, last: int) -> None:
    """That frames lead from the first sample to the frame at `last` without a gap, and that no second file begins."""
    reached, found = 0, -1
    for match in _FLAC_FRAME.finditer(data, _skip_flac_metadata(data)):
        span = _flac_span(data, match.start())
        if span is not None and span[0] == reached:
            found, reached = match.start(), span[1]
    if found != last:
        raise _Damaged("its frames do not follow each other, or other sound stands behind its end")


def _skip_flac_metadata(data: bytes) -> int:
    place, is_last = 4, False
    while not is_last and place + 4 <= len(data):
        is_last = bool(data[place] & 0x80)
        place += 4 + int.from_bytes(data[place + 1 : place + 4], "big")
    return place


def _flac_span(data: bytes, place: int) -> tuple[int, int] | None:
    """First sample, and the one behind the last, of the frame whose header stands at `place`; None where none does."""
    head = data[place : place + 16]
    if len(head) < 16 or head[2] >> 4 == 0 or head[3] & 1:
        return None
    extra = 0  # bytes of the number beyond its first
    while extra < 7 and head[4] & 0x80 and head[4] << extra & 0x40:
        extra += 1
    number = head[4] & (0x7F if not extra else 0x3F >> extra)
    for byte in head[5 : 5 + extra]:
        number = number << 6 | byte & 0x3F
    end, code = 5 + extra, head[2] >> 4
    if code in (6, 7):
        size = int.from_bytes(head[end : end + code - 5], "big") + 1
        end += code - 5
    else:
        size = 192 if code == 1 else 576 << (code - 2) if code <= 5 else 256 << (code - 8)
    end += {12: 1, 13: 2, 14: 2}.get(head[2] & 0x0F, 0)
    if end >= len(head) or _crc8(head[:end]) != head[end]:
        return None
    first = number if head[1] & 1 else number * int.from_bytes(data[10:12], "big")
    return first, first + size


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 0x07 if value & 0x80 else value << 1) & 0xFF
    return value


def _make_crc16_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        value <<= 8
        for _ in range(8):
            value = (value << 1 ^ 0x8005 if value & 0x8000 else value << 1) & 0xFFFF
        table.append(value)
    return tuple(table)


_CRC16: Final = _make_crc16_table()
_TURNED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _crc32(data: bytes) -> int:
    """Check sum of an Ogg page whose own field is zeros: zlib's with bits turned round."""
    value = zlib.crc32(data.translate(_TURNED), 0xFFFF_FFFF) ^ 0xFFFF_FFFF
    return int(f"{value:032b}"[::-1], 2)


def _crc16(data: bytes) -> int:
    """Check sum of a FLAC frame; 0 where the frame's own stands behind it."""
    value = 0
    for byte in data:
        value = value << 8 & 0xFFFF ^ _CRC16[value >> 8 ^ byte]
    return value
