"""The two shapes music has in MelodyMuse: a score in beats, and a performance in seconds.

Composers make a `Piece` (what is written) and may add a `Performance` (how it is played). Everything
downstream (MIDI, sound, piano roll, features) reads one of these two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

Hand = Literal["right", "left"]
Mode = Literal["major", "minor"]
Swell = Literal["crescendo", "diminuendo"]

DYNAMICS: Final = ("ppp", "pp", "p", "mp", "mf", "f", "ff", "fff")
"""Dynamic marks from the softest to the loudest."""
TEMPO_WORDS: Final = ("rit.", "poco rit.", "molto rit.", "rall.", "allarg.", "accel.", "a tempo")
"""What a score may say of tempo: words that tell how fast, and nothing of a mood."""
BEAT_QUARTERS: Final = 1.0
COMPOUND_BEAT_QUARTERS: Final = 1.5
"""A dotted quarter: three eighths make a beat of 6/8."""

LOWEST_KEY = 21
"""MIDI number of A0, the lowest key of an 88-key piano."""
HIGHEST_KEY = 108
"""MIDI number of C8, the highest key of an 88-key piano."""
_LETTERS: Final = "FCGDAEB"
"""The white keys in fifths; further up the same letters come with a sharp, further down with a flat."""
_WHITE_KEYS: Final = frozenset({0, 2, 4, 5, 7, 9, 11})


class NamedKey(NamedTuple):
    """A key as far as names follow from it: the pitch class of its tonic, and its mode."""

    tonic: int
    mode: Mode

    def __str__(self) -> str:
        """What the key is called in print, in at most six sharps or flats.

        >>> print(NamedKey(3, "major"), NamedKey(1, "major"), NamedKey(1, "minor"), NamedKey(8, "minor"), sep=", ")
        E♭ major, D♭ major, C♯ minor, G♯ minor
        """
        return f"{name_pitch_class(self.tonic, self)} {self.mode}"

    @property
    def fifths(self) -> int:
        """Where the tonic lies on the line of fifths, with C at 0."""
        lowest = -5 if self.mode == "major" else -3
        return (7 * self.tonic - lowest) % 12 + lowest


def find_named_key(features: Mapping[str, Any]) -> NamedKey | None:
    """The key that measured features tell of; None where they tell of none, as those of other systems may.

    >>> find_named_key({"tonic": 3, "mode": "minor"}), find_named_key({"tonic": 12, "mode": "minor"})
    (NamedKey(tonic=3, mode='minor'), None)
    """
    tonic, mode = features.get("tonic"), features.get("mode")
    if isinstance(tonic, int | float) and tonic in range(12) and mode in ("major", "minor"):
        return NamedKey(int(tonic), mode)
    return None


def name_pitch_class(pitch_class: int, key: NamedKey | None = None) -> str:
    """What a key of the piano is called in a key; where none is known, as in C major.

    White keys keep their names, so that a name says where to strike (never E♯). A black one is a sharp up to the
    leading tone of the dominant in minor, and one further in major, where it leads to the third degree; else a flat.

    Examples
    --------
    >>> [name_pitch_class(black) for black in (1, 3, 6, 8, 10)]
    ['C♯', 'E♭', 'F♯', 'A♭', 'B♭']
    >>> [name_pitch_class(black, NamedKey(9, "minor")) for black in (1, 3, 6, 8, 10)]
    ['C♯', 'D♯', 'F♯', 'G♯', 'B♭']
    """
    highest = 7 if key is None else key.fifths + (7 if key.mode == "major" else 6)
    fifths = (7 * pitch_class + 1) % 12 - 1  # F at −1 … B♭ as A♯ at 10
    if pitch_class % 12 not in _WHITE_KEYS and fifths > highest:
        fifths -= 12
    return _LETTERS[(fifths + 1) % 7] + {-1: "♭", 0: "", 1: "♯"}[(fifths + 1) // 7]


def name_pitch(pitch: float, key: NamedKey | None = None) -> str:
    """The note nearest to a MIDI pitch, as it is called in `key`; middle C is C4.

    Examples
    --------
    >>> name_pitch(60), name_pitch(71.6), name_pitch(21), name_pitch(68), name_pitch(68, NamedKey(4, "major"))
    ('C4', 'C5', 'A0', 'A♭4', 'G♯4')
    """
    number = round(pitch)
    return f"{name_pitch_class(number, key)}{number // 12 - 1}"


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
class Marks:
    """What a score says beside its notes. Times are quarter notes from the beginning, as those of notes.

    A mark plays nothing: how loud, how long and with which pedal is what notes and performance say.

    Parameters
    ----------
    dynamics : tuple of (start, mark)
        From here on as loud as one of `DYNAMICS`.
    hairpins : tuple of (start, end, "crescendo" or "diminuendo")
    slurs : tuple of (start, end, hand)
        From what the hand strikes at the first moment to what it strikes at the second.
    pedals : tuple of (down, up)
        One pedal for both hands; it may be lifted and pressed again in the same moment.
    staccato : tuple of (start, hand)
        A dot on everything that the hand strikes at this moment.
    tempi : tuple of (start, words)
        One of `TEMPO_WORDS`, such as ``"rit."``.

    Examples
    --------
    >>> bool(Marks()), bool(Marks(dynamics=((0.0, "mp"),)))
    (False, True)
    """

    dynamics: tuple[tuple[float, str], ...] = ()
    hairpins: tuple[tuple[float, float, Swell], ...] = ()
    slurs: tuple[tuple[float, float, Hand], ...] = ()
    pedals: tuple[tuple[float, float], ...] = ()
    staccato: tuple[tuple[float, Hand], ...] = ()
    tempi: tuple[tuple[float, str], ...] = ()

    def __post_init__(self) -> None:
        points = [mark[0] for mark in (*self.dynamics, *self.staccato, *self.tempi)]
        spans = [mark[:2] for mark in self.hairpins] + [mark[:2] for mark in self.slurs] + list(self.pedals)
        for start in (*points, *(start for start, _ in spans)):
            if not start >= 0:  # NaN is at no moment either
                raise ValueError(f"A mark cannot stand at {start} quarters, before the piece.")
        for start, end in spans:
            if not end > start:
                raise ValueError(f"A mark from {start} quarters cannot end at {end}.")
        for _, dynamic in self.dynamics:
            if dynamic not in DYNAMICS:
                raise ValueError(f"{dynamic!r} is no dynamic: it is one of {', '.join(DYNAMICS)}.")
        for _, words in self.tempi:
            if words not in TEMPO_WORDS:
                raise ValueError(f"{words!r} is no word of tempo: it is one of {', '.join(TEMPO_WORDS)}.")
        for _, _, swell in self.hairpins:
            if swell not in ("crescendo", "diminuendo"):
                raise ValueError(f"A hairpin is a crescendo or a diminuendo, not {swell!r}.")

    def __bool__(self) -> bool:
        """Whether anything is marked."""
        return any((self.dynamics, self.hairpins, self.slurs, self.pedals, self.staccato, self.tempi))


@dataclass(frozen=True, slots=True)
class Piece:
    """A score: notes sorted by start, one tempo, one key, one metre.

    Parameters
    ----------
    notes : tuple of Note
    tempo : float
        Quarter notes per minute, whatever the metre.
    tonic : int
        Pitch class (0 = C … 11 = B).
    mode : {"major", "minor"}
    beats_per_bar : int
    compound : bool
        A beat is a dotted quarter: 6/8 has two beats in a bar, 12/8 four.
    upbeat : float
        Quarters before the first bar line, less than a bar. Starts count from the beginning of the upbeat, so bar
        lines lie at `upbeat`, `upbeat` + `bar` and so on.
    marks : Marks
        What is written beside the notes; nothing by default.

    Examples
    --------
    >>> jig = Piece((), tempo=90.0, tonic=7, mode="major", beats_per_bar=2, compound=True, upbeat=0.5)
    >>> jig.metre, jig.bar
    ('6/8', 3.0)
    """

    notes: tuple[Note, ...]
    tempo: float
    tonic: int
    mode: Mode
    beats_per_bar: int = 4
    compound: bool = False
    upbeat: float = 0.0
    marks: Marks = Marks()

    def __post_init__(self) -> None:
        if self.upbeat and not 0 <= self.upbeat < self.bar:
            raise ValueError(f"An upbeat of {self.upbeat} quarters is not shorter than a bar of {self.bar}.")

    @property
    def beat(self) -> float:
        """Quarters of a beat: 1, or 1.5 in compound metre."""
        return COMPOUND_BEAT_QUARTERS if self.compound else BEAT_QUARTERS

    @property
    def bar(self) -> float:
        """Quarters of a bar."""
        return self.beats_per_bar * self.beat

    @property
    def metre(self) -> str:
        """The metre as a time signature: ``"3/4"``, ``"6/8"``."""
        return f"{self.beats_per_bar * 3}/8" if self.compound else f"{self.beats_per_bar}/4"

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
