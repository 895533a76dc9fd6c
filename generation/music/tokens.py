"""Event tokens: a score as words, after REMI (Huang & Yang 2020), with pitch relative to the key.

A piece begins with its metre, tonic, mode and tempo; then follow bars; in a bar, chords and notes at
positions in sixteenths. A note is four words: hand, degree (semitones above the tonic with the octave),
duration in sixteenths, velocity. Because pitch is counted from the tonic, a tune looks the same in every
key, and major and minor look different. `encode` then `decode` gives back exactly the same piece when it
is quantised (`is_quantised`).

References
----------
Huang, Y.-S. & Yang, Y.-H. (2020). Pop Music Transformer: beat-based modeling and generation of expressive
pop piano compositions. *ACM Multimedia*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from generation.music.chords import CHORD_COUNT, HALF_BAR
from generation.music.notes import HIGHEST_KEY, LOWEST_KEY, Hand, Mode, Note, Piece
from generation.music.quantising import LONGEST, PER_BEAT

SLOWEST, FASTEST = 20, 300
"""Whole beats per minute that have a token."""
METRES: Final = (2, 3, 4, 5, 6)
MOST_POSITIONS: Final = max(METRES) * PER_BEAT
LOWEST_OCTAVE, HIGHEST_OCTAVE = 0, 8
"""Octaves counted from the tonic at or below MIDI 12: octave 0 holds MIDI 12…34, octave 8 up to 118."""


def _write_vocabulary() -> Iterator[str]:
    yield from (f"metre {beats}" for beats in METRES)
    yield from (f"tonic {tonic}" for tonic in range(12))
    yield from ("mode major", "mode minor")
    yield from (f"tempo {tempo}" for tempo in range(SLOWEST, FASTEST + 1))
    yield "bar"
    yield from (f"position {position}" for position in range(MOST_POSITIONS))
    yield from (f"chord {chord}" for chord in range(CHORD_COUNT))
    yield from ("hand right", "hand left")
    octaves = range(LOWEST_OCTAVE, HIGHEST_OCTAVE + 1)
    yield from (f"degree {degree} octave {octave}" for octave in octaves for degree in range(12))
    yield from (f"duration {duration}" for duration in range(1, LONGEST + 1))
    yield from (f"velocity {velocity}" for velocity in range(1, 128))


VOCABULARY: Final = tuple(_write_vocabulary())
"""All words; a token is the index of its word."""


@lru_cache(maxsize=1)
def _index() -> dict[str, int]:
    return {word: index for index, word in enumerate(VOCABULARY)}


def is_quantised(piece: Piece) -> bool:
    """Whether `encode` can write `piece` without loss.

    True when starts and durations lie on sixteenths, no note is longer than 64 sixteenths, the tempo is a
    whole number within 20…300, the metre has 2 to 6 beats, and notes are sorted.

    Examples
    --------
    >>> is_quantised(Piece((Note(0.1, 60, 1.0, 64, "right"),), 120.0, 0, "major"))
    False
    """
    return (
        piece.tempo == round(piece.tempo)
        and SLOWEST <= piece.tempo <= FASTEST
        and piece.beats_per_bar in METRES
        and 0 <= piece.tonic < 12
        and list(piece.notes) == sorted(piece.notes)
        and all(_on_grid(note) for note in piece.notes)
    )


def _on_grid(note: Note) -> bool:
    start, duration = note.start * PER_BEAT, note.duration * PER_BEAT
    return start == round(start) and duration == round(duration) and 1 <= duration <= LONGEST


def quantise_piece(piece: Piece) -> Piece:
    """The nearest piece that `encode` can write without loss (starts and durations rounded, notes sorted)."""
    notes = sorted(
        Note(
            round(note.start * PER_BEAT) / PER_BEAT,
            note.pitch,
            min(max(round(note.duration * PER_BEAT), 1), LONGEST) / PER_BEAT,
            note.velocity,
            note.hand,
        )
        for note in piece.notes
    )
    tempo = float(min(max(round(piece.tempo), SLOWEST), FASTEST))
    metre = min(METRES, key=lambda beats: abs(beats - piece.beats_per_bar))
    return Piece(tuple(notes), tempo, piece.tonic % 12, piece.mode, metre)


def encode(piece: Piece, chords: Sequence[int] = ()) -> list[int]:
    """Write a quantised piece as tokens.

    Parameters
    ----------
    piece : Piece
        Must satisfy `is_quantised`; see `quantise_piece`.
    chords : sequence of int
        Chord numbers (`generation.music.chords`), one per two beats; may be empty.

    Returns
    -------
    list of int
        Indices into `VOCABULARY`.

    Raises
    ------
    ValueError
        When the piece is not quantised.

    Examples
    --------
    >>> piece = Piece((Note(0.0, 64, 1.0, 70, "right"),), 120.0, 0, "major")
    >>> [VOCABULARY[token] for token in encode(piece)][4:]
    ['bar', 'position 0', 'hand right', 'degree 4 octave 4', 'duration 4', 'velocity 70']
    """
    if not is_quantised(piece):
        raise ValueError("Only a quantised piece can be written as tokens; use quantise_piece first.")
    words = [
        f"metre {piece.beats_per_bar}",
        f"tonic {piece.tonic}",
        f"mode {piece.mode}",
        f"tempo {piece.tempo:.0f}",
    ]
    words += _write_bars(piece, chords)
    index = _index()
    return [index[word] for word in words]


def _write_bars(piece: Piece, chords: Sequence[int]) -> Iterator[str]:
    span = piece.beats_per_bar * PER_BEAT
    events: list[tuple[int, int, list[str]]] = [
        (half * HALF_BAR, 0, [f"chord {chord}"]) for half, chord in enumerate(chords)
    ]
    events += [(round(note.start * PER_BEAT), 1, _spell(note, piece.tonic)) for note in piece.notes]
    events.sort(key=lambda event: event[:2])
    bar, place = -1, -1
    for start, _, words in events:
        for _ in range(start // span - bar):
            yield "bar"
            place = -1
        bar = start // span
        if start % span != place:
            place = start % span
            yield f"position {place}"
        yield from words


def _spell(note: Note, tonic: int) -> list[str]:
    octave, degree = divmod(note.pitch - _home(tonic), 12)
    return [
        f"hand {note.hand}",
        f"degree {degree} octave {octave}",
        f"duration {round(note.duration * PER_BEAT)}",
        f"velocity {note.velocity}",
    ]


def _home(tonic: int) -> int:
    """The tonic that begins octave 0: within 12…21, so that every key of the piano has an octave."""
    return 12 + tonic if tonic <= LOWEST_KEY - 12 else tonic


def decode(tokens: Sequence[int]) -> Piece:
    """Read a piece from tokens.

    Notes come back sorted. Chords are skipped; see `decode_chords`.

    Raises
    ------
    ValueError
        When the tokens do not follow the grammar; the message names the place.

    Examples
    --------
    >>> piece = Piece((Note(0.5, 57, 2.0, 70, "left"),), 90.0, 9, "minor", 3)
    >>> decode(encode(piece)) == piece
    True
    """
    reader = _Reader(tokens)
    beats, tonic = reader.number("metre"), reader.number("tonic")
    mode: Mode = "minor" if reader.take("mode") == "minor" else "major"
    tempo = float(reader.number("tempo"))
    notes = sorted(_read_notes(reader, beats * PER_BEAT, tonic))
    return Piece(tuple(notes), tempo, tonic, mode, beats)


def _read_notes(reader: _Reader, span: int, tonic: int) -> Iterator[Note]:
    bar, place = -1, 0
    while not reader.finished:
        kind = reader.kind
        if kind == "bar":
            reader.take("bar")
            bar, place = bar + 1, 0
        elif kind == "position":
            place = reader.number("position")
        elif kind == "chord":
            reader.take("chord")
        else:
            hand: Hand = "left" if reader.take("hand") == "left" else "right"
            degree, _, octave = reader.take("degree").split()
            duration, velocity = reader.number("duration"), reader.number("velocity")
            if bar < 0 or place >= span:
                raise ValueError(f"Token {reader.place}: the note lies in no bar of {span} sixteenths.")
            pitch = _home(tonic) + 12 * int(octave) + int(degree)
            if not LOWEST_KEY <= pitch <= HIGHEST_KEY:
                raise ValueError(f"Token {reader.place}: pitch {pitch} is not on the piano.")
            yield Note((bar * span + place) / PER_BEAT, pitch, duration / PER_BEAT, velocity, hand)


def decode_chords(tokens: Sequence[int]) -> list[int]:
    """The chord numbers among `tokens`, in order."""
    words = (VOCABULARY[token] for token in tokens)
    return [int(word.split()[1]) for word in words if word.startswith("chord ")]


class _Reader:
    """Reads words one by one and says where something else than expected stands."""

    def __init__(self, tokens: Sequence[int]) -> None:
        if any(not 0 <= token < len(VOCABULARY) for token in tokens):
            raise ValueError(f"Tokens must lie in 0…{len(VOCABULARY) - 1}.")
        self._words = [VOCABULARY[token] for token in tokens]
        self.place = 0

    @property
    def finished(self) -> bool:
        return self.place >= len(self._words)

    @property
    def kind(self) -> str:
        return self._words[self.place].split(maxsplit=1)[0]

    def take(self, kind: str) -> str:
        if self.finished:
            raise ValueError(f"The tokens end where {kind!r} should follow.")
        found, _, value = self._words[self.place].partition(" ")
        if found != kind:
            raise ValueError(f"Token {self.place} is {self._words[self.place]!r} where {kind!r} should stand.")
        self.place += 1
        return value

    def number(self, kind: str) -> int:
        return int(self.take(kind))
