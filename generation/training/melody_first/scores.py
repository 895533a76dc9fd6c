"""Songs on the grid: notes in ticks, bars, chord of every beat and key, from POP909 and from EMOPIA alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from generation.music.beats import track_beats
from generation.music.chords import HALF_BAR, find_chords
from generation.music.keys import find_key, weigh_pitch_classes
from generation.networks.melody_first.codes import NONE, TICKS, from_chord_number
from generation.networks.melody_first.notes import Notes, one_at_a_time
from generation.training.melody_first.grid import to_beats, to_ticks

if TYPE_CHECKING:
    from generation.training.datasets.emopia import PianoClip
    from generation.training.datasets.pop909 import Song, Span

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MOST_REST: Final = 0.6
"""Songs whose onsets lie farther from the grid than this (ticks) teach no rhythm."""
MOST_HEARD_REST: Final = {False: 0.4, True: 0.3}
"""The same where the beat had to be heard: a wrong beat fits thirds (True) more easily than quarters."""
STILL_ABOVE: Final = 5
"""A note this many semitones below a melody note that still sounds is no melody."""


@dataclass(frozen=True, slots=True)
class SongScore:
    """A song on the grid.

    `bars` are the beats at which bars begin, `sizes` the beats of each; `chords` (beats, 3) are absolute; `keys` are
    (first beat, tonic, mode) in order of time; `seconds` are the times of the beats.
    """

    name: str
    set_name: str
    melody: Notes
    accompaniment: Notes
    bars: IntArray
    sizes: IntArray
    metre: str
    chords: IntArray
    keys: tuple[tuple[int, int, int], ...]
    seconds: FloatArray
    rest: float
    ternary: bool

    @property
    def tempo(self) -> float:
        """Median tempo in beats per minute."""
        return float(60.0 / np.median(np.diff(self.seconds)))


def _to_notes(rows: FloatArray, ticks: IntArray, times: FloatArray) -> Notes:
    ends = np.round(to_beats(rows[:, 0] + rows[:, 2], times) * TICKS).astype(np.int64)
    return _sort(Notes(ticks, rows[:, 1].astype(np.int64), np.maximum(ends - ticks, 1), rows[:, 3].astype(np.int64)))


def _sort(notes: Notes) -> Notes:
    notes = notes.pick(np.lexsort((notes.pitches, notes.starts)))
    fresh = np.r_[True, (np.diff(notes.starts) > 0) | (np.diff(notes.pitches) > 0)]
    return notes.pick(fresh[: len(notes)])


def score_song(song: Song) -> SongScore:
    """Put a song of POP909 on its own beats; the accompaniment is BRIDGE and PIANO without the melody's keys.

    Raises
    ------
    ValueError
        When its notes do not fit the grid, or chords or keys are missing.
    """
    if not song.chords or not song.keys:
        raise ValueError("it has no chords or no key")
    names = [name for name in ("MELODY", "BRIDGE", "PIANO") if name in song.tracks]
    rows = np.concatenate([song.tracks[name] for name in names])
    ticks, rest, ternary = to_ticks(to_beats(rows[:, 0], song.beats))
    if rest > MOST_REST:
        raise ValueError(f"its notes lie {rest:.2f} ticks from the grid on average")
    size = len(song.tracks["MELODY"])
    melody = one_at_a_time(_to_notes(rows[:size], ticks[:size], song.beats))
    accompaniment = _without(_to_notes(rows[size:], ticks[size:], song.beats), melody)
    bars = np.flatnonzero(song.bars)
    metre = "3/4" if song.triple else ("12/8" if ternary else "4/4")
    return SongScore(
        f"pop909/{song.name}",
        "pop909",
        melody,
        accompaniment,
        bars[:-1],
        np.diff(bars),
        metre,
        _name_beats(song.chords, song.beats),
        _place_keys(song.keys, song.beats),
        song.beats,
        rest,
        ternary,
    )


def _place_keys(keys: tuple[Span, ...], times: FloatArray) -> tuple[tuple[int, int, int], ...]:
    firsts = np.round(to_beats(np.array([key.start for key in keys]), times)).astype(int).tolist()
    return tuple((first, key.value[0], key.value[1]) for first, key in zip(firsts, keys, strict=True))


def _name_beats(chords: tuple[Span, ...], times: FloatArray) -> IntArray:
    """The chord that lasts over the middle of each beat."""
    middles = times + 0.5 * np.diff(times, append=2 * times[-1] - times[-2])
    starts = np.array([chord.start for chord in chords])
    place = np.searchsorted(starts, middles, side="right") - 1
    values = np.array([chord.value for chord in chords], dtype=np.int64)
    over = (place < 0) | (middles > np.array([chord.end for chord in chords])[np.maximum(place, 0)])
    return np.where(over[:, None], NONE, values[np.maximum(place, 0)])


def _without(notes: Notes, melody: Notes) -> Notes:
    """Leave out keys that the melody strikes at the same time."""
    taken = set(zip(melody.starts.tolist(), melody.pitches.tolist(), strict=True))
    kept = [key not in taken for key in zip(notes.starts.tolist(), notes.pitches.tolist(), strict=True)]
    return notes.pick(np.array(kept, dtype=np.bool_))


def score_clip(clip: PianoClip) -> SongScore:
    """Put a clip without marks on the beats heard in it; melody by the skyline, chords by estimation.

    Raises
    ------
    ValueError
        When its notes do not fit the grid.
    """
    rows = clip.table[np.lexsort((clip.table[:, 1], clip.table[:, 0]))]
    heard = track_beats(rows[:, 0], rows[:, 1].astype(np.int64), rows[:, 3].astype(np.int64))
    ticks, rest, ternary = to_ticks(to_beats(rows[:, 0], heard.times))
    if rest > MOST_HEARD_REST[ternary]:
        raise ValueError(f"its notes lie {rest:.2f} ticks from the grid on average")
    notes = _to_notes(rows, ticks, heard.times)
    first = heard.first_bar % 4
    bars = np.arange(first, len(heard.times), 4)
    top = skyline(notes)
    key = find_key(weigh_pitch_classes(notes.pitches, np.minimum(notes.durations, 2 * TICKS).astype(np.float64)))
    return SongScore(
        f"emopia/{clip.song}",
        "emopia",
        one_at_a_time(notes.pick(top)),
        notes.pick(~top),
        bars,
        np.full(len(bars), 4),
        "12/8" if ternary else "4/4",
        _estimate_chords(notes, first, len(heard.times)),
        ((0, key.tonic, int(key.mode == "minor")),),
        heard.times,
        rest,
        ternary,
    )


def skyline(notes: Notes) -> NDArray[np.bool_]:
    """The highest note of each start, unless a clearly higher one still sounds above it; shape (notes,).

    >>> notes = Notes(*(np.array(a) for a in ([0, 0, 6, 12], [48, 72, 60, 74], [12, 12, 6, 12], [60, 60, 60, 60])))
    >>> skyline(notes).tolist()
    [False, True, False, True]
    """
    kept = np.zeros(len(notes), dtype=np.bool_)
    above, until = 0, -1
    for index in np.flatnonzero(np.r_[np.diff(notes.starts) > 0, True][: len(notes)]):
        start, pitch = int(notes.starts[index]), int(notes.pitches[index])
        if pitch < above - STILL_ABOVE and start < until:
            continue
        kept[index] = True
        above, until = pitch, start + min(int(notes.durations[index]), 3 * TICKS)
    return kept


def _estimate_chords(notes: Notes, first: int, beats: int) -> IntArray:
    """Chord of every beat from half bars, its bass the lowest key there if it belongs to the chord."""
    shift = first * TICKS
    inside = notes.pick(notes.starts >= shift)
    starts = (inside.starts - shift) * 4 // TICKS
    numbers = find_chords(starts, inside.pitches, np.maximum(inside.durations * 4 // TICKS, 1), 0)
    lowest = np.full(len(numbers), 200)
    np.minimum.at(lowest, starts // HALF_BAR, inside.pitches)
    found = np.full((beats, 3), NONE, dtype=np.int64)
    for half, (number, low) in enumerate(zip(numbers.tolist(), lowest.tolist(), strict=True)):
        root, quality, _ = from_chord_number(number)
        bass = low % 12 if low < 60 and (low - root) % 12 in (3, 4, 7, 10, 11) else root
        found[first + 2 * half : first + 2 * half + 2] = (root, quality, bass)
    return found
