"""Songs of POP909: piano arrangements in three tracks, with beats, chords and keys as text.

Wang et al. (2020), *POP909: A Pop-Song Dataset for Music Arrangement Generation*, ISMIR. The folder holds
``midi/NNN.mid``, ``beats/NNN.txt``, ``chords/NNN.txt`` and ``keys/NNN.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import mido
import numpy as np
from numpy.typing import NDArray

from generation.networks.melody_first.codes import CHORD_QUALITIES, SILENT_CHORD

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

TRACKS: Final = ("MELODY", "BRIDGE", "PIANO")
NATURALS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
QUALITIES: Final = {
    "maj": "major",
    "min": "minor",
    "dim": "diminished",
    "aug": "augmented",
    "sus4": "suspended4",
    "sus2": "suspended2",
    "maj7": "major7",
    "7": "dominant7",
    "min7": "minor7",
    "maj6": "major",
    "min6": "minor",
    "minmaj7": "minor",
    "hdim7": "half-diminished7",
    "dim7": "diminished7",
    "sus4(b7)": "dominant7sus4",
}
DEGREES: Final = {"b3": 3, "3": 4, "b5": 6, "5": 7, "#5": 8, "6": 9, "b7": 10, "7": 11, "2": 2, "4": 5}
_CHORD = re.compile(r"^(?P<root>[A-G][b#]*):(?P<quality>[^/]+)(?:/(?P<bass>.+))?$")


@dataclass(frozen=True, slots=True)
class Span:
    """What lasts from `start` to `end` (s): a chord (root, quality, bass) or a key (tonic, 0 major 1 minor)."""

    start: float
    end: float
    value: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Song:
    """One arrangement.

    `tracks` holds rows of onset (s), pitch, duration (s), velocity by track; `beats` are times in seconds, `bars`
    marks those that begin a bar, `triple` says that bars have three beats; pitches of chords and keys are absolute.
    """

    name: str
    tracks: dict[str, FloatArray]
    beats: FloatArray
    bars: BoolArray
    triple: bool
    chords: tuple[Span, ...]
    keys: tuple[Span, ...]


def parse_pitch_class(name: str) -> int:
    """Pitch class of a note's name.

    >>> parse_pitch_class("C#"), parse_pitch_class("Bb")
    (1, 10)
    """
    return (NATURALS[name[0]] + name.count("#") - name[1:].count("b")) % 12


def parse_chord(label: str) -> tuple[int, int, int]:
    """Root (pitch class), quality (place in `CHORD_QUALITIES`) and bass (pitch class); sixths count as plain triads.

    Raises
    ------
    ValueError
        When the label is none of the set's.

    Examples
    --------
    >>> parse_chord("Bb:min7/b7"), parse_chord("N")
    ((10, 8, 8), (12, 12, 12))
    """
    if label == "N":
        return SILENT_CHORD
    match = _CHORD.match(label)
    if match is None or match["quality"] not in QUALITIES or (match["bass"] or "3") not in DEGREES:
        raise ValueError(f"{label!r} is no chord of POP909.")
    root = parse_pitch_class(match["root"])
    bass = root + DEGREES[match["bass"]] if match["bass"] else root
    return root, CHORD_QUALITIES.index(QUALITIES[match["quality"]]), bass % 12


def parse_key(label: str) -> tuple[int, int]:
    """Tonic (pitch class) and mode (0 major, 1 minor).

    >>> parse_key("Db:min")
    (1, 1)
    """
    tonic, _, mode = label.partition(":")
    if tonic[:1] not in NATURALS or mode not in ("maj", "min"):
        raise ValueError(f"{label!r} is no key of POP909.")
    return parse_pitch_class(tonic), int(mode == "min")


def find_songs(folder: Path) -> list[Path]:
    """The songs' MIDI files, sorted by number.

    Raises
    ------
    FileNotFoundError
        When `folder` is not POP909; the message says what was looked for.
    """
    found = sorted((folder / "midi").glob("*.mid"))
    if not found:
        raise FileNotFoundError(f"{folder} holds no midi/*.mid. Give POP909's folder, with midi, beats, chords, keys.")
    return found


def read_song(path: Path) -> Song:
    """Read one song: its MIDI file and the three texts beside it.

    Raises
    ------
    ValueError
        When a text is missing or cannot be read, or when there is no melody.
    """
    folder, name = path.parent.parent, path.stem
    for part in ("beats", "chords", "keys"):
        if not (folder / part / f"{name}.txt").is_file():
            raise ValueError(f"{part}/{name}.txt is missing")
    beats = np.loadtxt(folder / "beats" / f"{name}.txt", ndmin=2)
    chords = tuple(_read_spans(folder / "chords" / f"{name}.txt", parse_chord))
    keys = tuple(_read_spans(folder / "keys" / f"{name}.txt", parse_key))
    tracks = read_tracks(path)
    if "MELODY" not in tracks or len(beats) < 8:
        raise ValueError("it has no melody or fewer than 8 beats")
    triple = _is_triple(beats[:, 1] == 1)
    # The third column marks bars of four, and every other bar of three; checked against changes of chord.
    bars = beats[:, 1] == 1 if triple else beats[:, 2] == 1
    return Song(name, tracks, beats[:, 0], bars, triple, chords, keys)


def _is_triple(marked: BoolArray) -> bool:
    gaps = np.diff(np.flatnonzero(marked))
    return len(gaps) > 0 and int(np.bincount(gaps).argmax()) == 3


def _read_spans(path: Path, parse: Callable[[str], tuple[int, ...]]) -> Iterator[Span]:
    for line in path.read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) == 3:
            yield Span(float(parts[0]), float(parts[1]), parse(parts[2]))


def read_tracks(path: Path) -> dict[str, FloatArray]:
    """Rows of onset (s), pitch, duration (s), velocity of each named track, sorted by onset and pitch."""
    try:
        midi = mido.MidiFile(path)
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise ValueError("it is no MIDI file") from error
    ticks, seconds, rates = _read_tempi(midi)

    def to_seconds(tick: int) -> float:
        place = int(np.searchsorted(ticks, tick, side="right")) - 1
        return float(seconds[place] + (tick - ticks[place]) * rates[place])

    tracks = {}
    for track in midi.tracks:
        rows = [(to_seconds(on), pitch, to_seconds(off) - to_seconds(on), v) for on, off, pitch, v in _pair(track)]
        if track.name in TRACKS and rows:
            tracks[track.name] = np.array(sorted(rows), dtype=np.float64)
    return tracks


def _read_tempi(midi: mido.MidiFile) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Ticks at which the tempo changes, their seconds, and seconds per tick from there on."""
    changes = [(0, 500_000)]
    for track in midi.tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type == "set_tempo":
                changes.append((now, message.tempo))
    changes.sort(key=lambda change: change[0])
    ticks = np.array([tick for tick, _ in changes], dtype=np.float64)
    rates = np.array([tempo for _, tempo in changes]) / 1e6 / midi.ticks_per_beat
    seconds = np.concatenate([[0.0], np.cumsum(np.diff(ticks) * rates[:-1])])
    return ticks, seconds, rates


def _pair(track: mido.MidiTrack) -> Iterator[tuple[int, int, int, int]]:
    """Tick on, tick off, pitch and velocity of every note of a track."""
    now, held = 0, {}
    for message in track:
        now += message.time
        if message.type not in ("note_on", "note_off"):
            continue
        # A key struck again while it is held ends there.
        if message.note in held:
            start, velocity = held.pop(message.note)
            if now > start:
                yield start, now, message.note, velocity
        if message.type == "note_on" and message.velocity > 0:
            held[message.note] = (now, message.velocity)
