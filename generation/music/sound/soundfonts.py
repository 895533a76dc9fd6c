"""The piano alone out of a SoundFont of many instruments, as a small SoundFont of its own.

A SoundFont is a RIFF file of tables and samples. A preset has zones that name instruments, an instrument has zones
that name samples; generators (fixed settings) and modulators (settings that follow the stroke) stand beside both. The
piano keeps all of its own, so it sounds the same; samples that an ``.sf3`` holds as Ogg Vorbis become plain numbers,
so that a synthesiser need not decode them for every clip.

References
----------
E-mu Systems (2006). *SoundFont Technical Specification*, version 2.04, sections 4 to 7. MuseScore's ``.sf3`` sets bit 4
of a sample's type for Ogg Vorbis, gives its place in bytes, and its loop in samples from its own start.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import soundfile
from numpy.typing import NDArray

Table: TypeAlias = NDArray[np.void]
"""Rows of one kind as they stand in the file, shape (n,); the last is a terminal row that only ends the one before."""

INSTRUMENT: Final = 41
SAMPLE: Final = 53
REVERB: Final = 16
"""Generators that name what a zone plays, and how much of it goes to the reverb (section 8.1.2)."""
VORBIS: Final = 0x10
ROM: Final = 0x8000
"""Samples that lie in a sound card's memory and not in the file (section 7.10)."""
MONO: Final = 1
DRUMS: Final = 128
"""Bank of percussion."""
SILENCE_AFTER: Final = 46
"""Zeros behind every sample that the specification asks for (section 6.1): interpolation reads beyond the end."""
_BAG: Final = [("generator", "<u2"), ("modulator", "<u2")]
_GENERATOR: Final = [("kind", "<u2"), ("amount", "<u2")]
_MODULATOR: Final = [("source", "<u2"), ("target", "<u2"), ("amount", "<i2"), ("by", "<u2"), ("transform", "<u2")]
_HEADER: Final = [("name", "S20"), ("preset", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("unused", "<u4", 3)]
_SAMPLE: Final = [
    *[("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop_start", "<u4"), ("loop_end", "<u4")],
    *[("rate", "<u4"), ("key", "u1"), ("cents", "i1"), ("link", "<u2"), ("type", "<u2")],
]
TABLES: Final[dict[str, np.dtype[np.void]]] = {
    "phdr": np.dtype(_HEADER),
    "pbag": np.dtype(_BAG),
    "pmod": np.dtype(_MODULATOR),
    "pgen": np.dtype(_GENERATOR),
    "inst": np.dtype([("name", "S20"), ("bag", "<u2")]),
    "ibag": np.dtype(_BAG),
    "imod": np.dtype(_MODULATOR),
    "igen": np.dtype(_GENERATOR),
    "shdr": np.dtype(_SAMPLE),
}
"""The nine tables of a SoundFont in the order in which they must stand (section 7)."""
WORDS: Final = ("IENG", "ICOP")
"""Chunks that say whose work the sounds are."""


class UnusableSoundFont(ValueError):
    """The file is no SoundFont, is damaged, or holds no piano; the message says which."""


def take_out_piano(source: Path, comment: str = "") -> bytes:
    """Preset 0 of bank 0 with all its layers, as a SoundFont (``.sf2``, 16 bits).

    Parameters
    ----------
    source : Path
        An ``.sf2`` or ``.sf3``.
    comment : str
        Written into the new file; whose work the sounds are is kept from `source`.

    Returns
    -------
    bytes
        The same file, decoded by the same library, gives the same bytes.

    Raises
    ------
    UnusableSoundFont
        When `source` is no SoundFont, is damaged, or holds no such preset.
    OSError
        When it cannot be read.

    Examples
    --------
    Of the 6 MB of a SoundFont with 136 instruments, the piano takes less than one:

    >>> from generation.music.sound.renderers import small_soundfont
    >>> piano = take_out_piano(small_soundfont())
    >>> piano[:4], piano[8:12], len(piano) < 1_000_000
    (b'RIFF', b'sfbk', True)
    """
    with _open(source) as font:
        place, size = font.chunks["smpl"]
        pieces = [_read_sample(font.data, place, size, row) for row in font.samples]
        taken = {**font.piano, "shdr": _place_samples(font.headers, font.used, pieces)}
        words = {name: font.data[start : start + size] for name, (start, size) in font.chunks.items() if name in WORDS}
    return _write(taken, pieces, {"INAM": b"Piano", **words, "ICMT": comment.encode()})


@dataclass(frozen=True, slots=True)
class _Font:
    """An open SoundFont: its bytes and chunks, the tables of its piano, all sample headers and which the piano uses."""

    data: mmap.mmap
    chunks: dict[str, tuple[int, int]]
    piano: dict[str, Table]
    headers: Table
    used: list[int]

    @property
    def samples(self) -> Table:
        """Headers of the samples that the piano uses."""
        return self.headers[self.used]


@contextmanager
def _open(source: Path) -> Iterator[_Font]:
    """The piano of a file; whatever goes wrong with what is read of it means that the file is damaged."""
    if source.stat().st_size == 0:  # nothing can be mapped of it
        raise UnusableSoundFont(f"{source.name} is empty.")
    with source.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            chunks = {name: (start, size) for name, start, size in _walk(data)}
            tables = {name: _read_table(data, *chunks[name], kind) for name, kind in TABLES.items()}
            piano, used = _select(tables)
            yield _Font(data, chunks, piano, tables["shdr"], used)
        except (KeyError, IndexError, ValueError, struct.error, soundfile.SoundFileError) as error:
            if isinstance(error, UnusableSoundFont):
                raise
            raise UnusableSoundFont(f"{source.name} is damaged or no SoundFont ({error}).") from error


def asks_for_reverb(source: Path) -> bool:
    """Whether the settings of preset 0 of bank 0 ask for any reverb.

    That it can be played is seen on the way: its samples have to lie in the file, and are not decoded.

    Raises
    ------
    UnusableSoundFont
        As `take_out_piano`: there is no piano, as in a SoundFont of drums alone (bank 128), or the file is damaged.
    OSError
        When it cannot be read.

    Examples
    --------
    >>> from generation.music.sound.renderers import small_soundfont
    >>> asks_for_reverb(small_soundfont())
    True
    """
    with _open(source) as font:
        place, size = font.chunks["smpl"]
        if place + size > len(font.data):
            raise UnusableSoundFont(f"{source.name} is damaged: it ends within its sounds.")
        if not font.used:
            raise UnusableSoundFont(f"The piano of {source.name} has no sounds.")
        for row in font.samples:
            _check_place(row, size)
    asked = [
        *(font.piano[name]["kind"] for name in ("pgen", "igen")),
        *(font.piano[name]["target"] for name in ("pmod", "imod")),
    ]
    return any(bool((kinds == REVERB).any()) for kinds in asked)


def _walk(data: mmap.mmap) -> Iterator[tuple[str, int, int]]:
    """Name, first byte and size of every chunk inside the three lists of a SoundFont."""
    if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
        raise UnusableSoundFont("The file is no SoundFont.")
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        if name == b"LIST":
            place += 12
            continue
        yield name.decode("latin-1"), place + 8, size
        place += 8 + size + size % 2


def _read_table(data: mmap.mmap, start: int, size: int, kind: np.dtype[np.void]) -> Table:
    return np.frombuffer(data[start : start + size], dtype=kind)


def _select(tables: dict[str, Table]) -> tuple[dict[str, Table], list[int]]:
    """The tables of the piano alone, its samples numbered anew; and their old numbers in that order."""
    headers = tables["phdr"]
    (found,) = np.nonzero((headers["bank"][:-1] == 0) & (headers["preset"][:-1] == 0))
    if len(found) == 0:
        raise UnusableSoundFont(f"The SoundFont holds no piano (preset 0 of bank 0), but {_say_presets(headers[:-1])}.")
    preset = int(found[0])
    zones, instruments = _cut(tables, "p", [(int(headers["bag"][preset]), int(headers["bag"][preset + 1]))], INSTRUMENT)
    bags = tables["inst"]["bag"]
    spans = [(int(bags[number]), int(bags[number + 1])) for number in instruments]
    splits, samples = _cut(tables, "i", spans, SAMPLE)
    header = headers[[preset, -1]].copy()
    header["bag"] = 0, len(zones["pbag"]) - 1
    named = tables["inst"][[*instruments, -1]].copy()
    named["bag"] = np.cumsum([0, *(stop - start for start, stop in spans)])
    return {"phdr": header, **zones, "inst": named, **splits}, samples


def _say_presets(headers: Table) -> str:
    if len(headers) == 0:
        return "no preset at all"
    if (headers["bank"] == DRUMS).all():
        return f"drums alone (bank {DRUMS})"
    first = headers[0]
    return f"{len(headers)} others, such as preset {int(first['preset'])} of bank {int(first['bank'])}, {_name(first)}"


def _cut(
    tables: dict[str, Table], level: str, spans: Sequence[tuple[int, int]], naming: int
) -> tuple[dict[str, Table], list[int]]:
    """The zones in `spans` of the presets ("p") or instruments ("i"), each with its terminal row.

    Returns the three tables, what the generator `naming` names numbered anew, and the old numbers in that order.
    """
    bags, generators, modulators = (tables[level + name] for name in ("bag", "gen", "mod"))
    rows = {"generator": generators, "modulator": modulators}
    taken: dict[str, list[Table]] = {"generator": [], "modulator": []}
    begins: list[tuple[int, int]] = []
    for zone in (zone for start, stop in spans for zone in range(start, stop)):
        begins.append((sum(map(len, taken["generator"])), sum(map(len, taken["modulator"]))))
        for name, table in rows.items():
            taken[name].append(table[int(bags[name][zone]) : int(bags[name][zone + 1])])
    begins.append((sum(map(len, taken["generator"])), sum(map(len, taken["modulator"]))))
    kept = np.concatenate([*taken["generator"], generators[-1:]])
    names = kept["kind"] == naming
    named = list(dict.fromkeys(kept["amount"][:-1][names[:-1]].tolist()))
    new = {old: number for number, old in enumerate(named)}
    kept["amount"][names] = [new[old] for old in kept["amount"][names].tolist()]
    cut = {
        f"{level}bag": np.array(begins, dtype=bags.dtype),
        f"{level}mod": np.concatenate([*taken["modulator"], modulators[-1:]]),
        f"{level}gen": kept,
    }
    return cut, named


def _read_sample(data: mmap.mmap, place: int, size: int, row: Any) -> NDArray[np.int16]:
    """One sample, shape (n,); all samples lie in the `size` bytes from `place` on.

    Raises UnusableSoundFont where its header cannot hold, or fewer numbers come out of it than its loop needs.
    """
    _check_place(row, size)
    start, end = int(row["start"]), int(row["end"])
    coded = bool(row["type"] & VORBIS)
    if coded:
        samples, _ = soundfile.read(BytesIO(data[place + start : place + end]), dtype="int16")
        piece = np.asarray(samples, dtype="<i2")
    else:
        piece = np.frombuffer(data[place + 2 * start : place + 2 * end], dtype="<i2")
    if int(row["loop_end"]) - _loop_origin(row) > len(piece):
        raise UnusableSoundFont(f"The SoundFont is damaged: sample {_name(row)} ends before its loop does.")
    return piece


def _check_place(row: Any, size: int) -> None:
    """Raise UnusableSoundFont where the header of a sample cannot hold in `size` bytes of sounds."""
    start, end = int(row["start"]), int(row["end"])
    last = end if row["type"] & VORBIS else 2 * end
    if row["type"] & ROM or row["rate"] == 0 or start > end or last > size:
        raise UnusableSoundFont(f"The SoundFont is damaged: no sound can be where sample {_name(row)} is said to be.")


def _name(row: Any) -> str:
    return bytes(row["name"]).decode("latin-1")


def _loop_origin(row: Any) -> int:
    """From where the loop's places count: an ``.sf3`` counts them from the sample's own start."""
    return 0 if row["type"] & VORBIS else int(row["start"])


def _place_samples(headers: Table, used: Sequence[int], pieces: Sequence[NDArray[np.int16]]) -> Table:
    """Headers of the samples in use, for samples that stand one behind the other."""
    placed = headers[[*used, -1]].copy()
    lengths = np.array([len(piece) for piece in pieces])
    starts = np.concatenate([[0], np.cumsum(lengths + SILENCE_AFTER)[:-1]])
    new = {old: number for number, old in enumerate(used)}
    for row, start, length in zip(placed[:-1], starts, lengths, strict=True):
        origin = _loop_origin(row)
        row["loop_start"], row["loop_end"] = (start + int(row[name]) - origin for name in ("loop_start", "loop_end"))
        row["start"], row["end"] = start, start + length
        row["type"] &= ~np.uint16(VORBIS)
        if row["link"] in new:
            row["link"] = new[row["link"]]
        else:  # its other half is not in use
            row["link"], row["type"] = 0, MONO
    return placed


def _write(tables: dict[str, Table], pieces: Sequence[NDArray[np.int16]], words: dict[str, bytes]) -> bytes:
    silence = np.zeros(SILENCE_AFTER, dtype="<i2")
    samples = b"".join(part.tobytes() for piece in pieces for part in (piece, silence))
    told = [("ifil", struct.pack("<HH", 2, 1)), ("isng", b"EMU8000\0")]
    told += [(name, _end_text(text.rstrip(b"\0"))) for name, text in words.items() if text]
    lists = {"INFO": told, "sdta": [("smpl", samples)], "pdta": [(name, tables[name].tobytes()) for name in TABLES]}
    body = b"".join(
        _chunk("LIST", name.encode() + b"".join(_chunk(*chunk) for chunk in chunks)) for name, chunks in lists.items()
    )
    return _chunk("RIFF", b"sfbk" + body)


def _end_text(text: bytes) -> bytes:
    """A text of the INFO list ends with one or two zeros, so that its size is even (section 5)."""
    return text + bytes(2 - len(text) % 2)


def _chunk(name: str, content: bytes) -> bytes:
    return name.encode() + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
