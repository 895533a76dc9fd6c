"""The two shapes music has in MelodyMuse: a score in beats, and a performance in seconds.

Composers make a `Piece` (what is written) and may add a `Performance` (how it is played). Everything
downstream (MIDI, sound, piano roll, features) reads one of these two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Hand = Literal["right", "left"]
Mode = Literal["major", "minor"]

LOWEST_KEY = 21
"""MIDI number of A0, the lowest key of an 88-key piano."""
HIGHEST_KEY = 108
"""MIDI number of C8, the highest key of an 88-key piano."""


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """A written note. `start` and `duration` are in quarter notes, `velocity` is 1…127."""

    start: float
    pitch: int
    duration: float
    velocity: int
    hand: Hand

    def __post_init__(self) -> None:
        if not LOWEST_KEY <= self.pitch <= HIGHEST_KEY:
            raise ValueError(f"Pitch {self.pitch} is not on an 88-key piano (21…108).")
        if not 1 <= self.velocity <= 127:
            raise ValueError(f"Velocity {self.velocity} is outside 1…127.")
        if self.start < 0:
            raise ValueError(f"A note cannot start at {self.start} quarters, before the piece.")
        if self.duration <= 0:
            raise ValueError(f"A note must last longer than {self.duration} quarters.")

    @property
    def end(self) -> float:
        """Where the note stops, in quarter notes."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Piece:
    """A score: notes sorted by start, one tempo (quarter notes per minute), one key.

    `tonic` is a pitch class (0 = C … 11 = B).
    """

    notes: tuple[Note, ...]
    tempo: float
    tonic: int
    mode: Mode
    beats_per_bar: int = 4

    @property
    def length(self) -> float:
        """End of the last note in quarter notes; 0 for a piece without notes."""
        return max((note.end for note in self.notes), default=0.0)

    @property
    def seconds(self) -> float:
        """Length of the score at its tempo, in seconds.

        >>> Piece((Note(0.0, 60, 4.0, 64, "right"),), tempo=60.0, tonic=0, mode="major").seconds
        4.0
        """
        return self.length * 60.0 / self.tempo


@dataclass(frozen=True, slots=True, order=True)
class PlayedNote:
    """A sounding note. `onset` and `duration` are in seconds; the pedal is not included."""

    onset: float
    pitch: int
    duration: float
    velocity: int
    hand: Hand

    @property
    def offset(self) -> float:
        """When the key is released, in seconds."""
        return self.onset + self.duration


@dataclass(frozen=True, slots=True)
class Pedal:
    """The sustain pedal held from `down` to `up`, in seconds."""

    down: float
    up: float


@dataclass(frozen=True, slots=True)
class Performance:
    """How a piece is played: notes sorted by onset, and sustain pedal."""

    notes: tuple[PlayedNote, ...]
    pedals: tuple[Pedal, ...] = ()

    @property
    def seconds(self) -> float:
        """Release of the last key or pedal, in seconds; 0 for silence."""
        return max(
            [note.offset for note in self.notes] + [pedal.up for pedal in self.pedals],
            default=0.0,
        )


def play_straight(piece: Piece, released: float | None = None) -> Performance:
    """Play `piece` exactly as written: metronomic, without pedal.

    Parameters
    ----------
    piece : Piece
    released : float, optional
        Seconds at which the last chord is let go, instead of as written: a fermata.

    Examples
    --------
    >>> piece = Piece((Note(1.0, 60, 2.0, 64, "right"),), tempo=120.0, tonic=0, mode="major")
    >>> play_straight(piece).notes[0].onset
    0.5
    >>> play_straight(piece, released=4.0).notes[0].duration
    3.5
    """
    beat = 60.0 / piece.tempo
    last = max((note.start for note in piece.notes), default=0.0)
    return Performance(
        tuple(
            PlayedNote(
                note.start * beat,
                note.pitch,
                note.duration * beat if released is None or note.start < last else released - note.start * beat,
                note.velocity,
                note.hand,
            )
            for note in piece.notes
        )
    )
