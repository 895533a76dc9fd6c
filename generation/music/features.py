"""What can be measured on a piece of piano music: tempo, key, density, register, dynamics, articulation.

The question is "how does this clip sound?", asked of the notes alone, so that a clip made here and a
recording of a pianist are measured alike. Times are seconds, pitches MIDI numbers (60 = middle C),
velocities 1…127. The pedal is measured apart and does not lengthen notes.

References
----------
Hung, H.-T. et al. (2021). EMOPIA: a multi-modal pop piano dataset for emotion recognition. *ISMIR*.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from generation.music.beats import track_beats
from generation.music.keys import find_key, weigh_pitch_classes
from generation.music.notes import Hand, Mode, NamedKey, Pedal, Performance, Piece, PlayedNote, play_straight
from generation.music.score import open_midi

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TOGETHER_SECONDS: Final = 0.05
"""Keys struck within this time by one hand count as one attack."""
GRID_SECONDS: Final = 0.03
"""How far from a sixteenth an onset may lie and still count as on the grid."""
GRID_SHARE: Final = 0.9
"""Share of onsets on the sixteenth grid from which a file's stated tempo is believed."""

TempoSource = Literal["given", "written", "estimated"]


@dataclass(frozen=True, slots=True)
class MusicFeatures:
    """Measured features of one clip.

    Parameters
    ----------
    seconds : float
        From the first strike to the last release of a key.
    notes : int
        Keys struck.
    tempo : float
        Quarter notes per minute, 20…300.
    tempo_source : {"given", "written", "estimated"}
        Told by the caller or the score, stated by the file and met by its notes, or tracked from onsets.
    tonic : int
        Pitch class of the key note, 0 (C) … 11 (B).
    mode : {"major", "minor"}
        Mode of the best key.
    key : str
        Both as a name, ``"E♭ major"``.
    key_clarity : float
        Correlation with that key's profile, 0…1.
    majorness : float
        Correlation with the best major key minus that with the best minor key, −2…2.
    notes_per_second, notes_per_beat : float
        Density of both hands together; at least 0.
    pitch_mean, pitch_sd : float
        Mean (21…108) and standard deviation of the keys struck.
    right_pitch, left_pitch : float or None
        Mean pitch of each hand; None for a hand that rests.
    velocity_mean, velocity_sd : float
        Mean (1…127) and standard deviation of velocity.
    note_seconds : float
        Mean time a key is held.
    articulation : float
        Median share of the time to the hand's next attack during which a key is held: below .5 is
        staccato, near 1 legato; held over counts up to 2.
    polyphony : float
        Mean number of keys down while any is down; at least 1.
    pitch_class_entropy : float
        Shannon entropy of struck pitch classes in bits, 0 (one note only) … 3.585 (all twelve alike).
    pedal_share : float
        Share of the clip with the sustain pedal down, 0…1.
    """

    seconds: float
    notes: int
    tempo: float
    tempo_source: TempoSource
    tonic: int
    mode: Mode
    key: str
    key_clarity: float
    majorness: float
    notes_per_second: float
    notes_per_beat: float
    pitch_mean: float
    pitch_sd: float
    right_pitch: float | None
    left_pitch: float | None
    velocity_mean: float
    velocity_sd: float
    note_seconds: float
    articulation: float
    polyphony: float
    pitch_class_entropy: float
    pedal_share: float

    def as_dict(self) -> dict[str, Any]:
        """Return the features by name, floats rounded to four decimals; fit for JSON."""
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


def measure_features(music: Performance | Piece | bytes, *, tempo: float | None = None) -> MusicFeatures:
    """Measure a performance, a score, or the bytes of a MIDI file.

    Parameters
    ----------
    music : Performance, Piece or bytes
        What to measure. A score is measured as written and brings its own tempo.
    tempo : float, optional
        Quarter notes per minute where known. Else a file's stated tempo is taken if nine tenths of the
        onsets lie within 30 ms of its sixteenths (a recording's nominal 120 fails this), else the beat is
        tracked.

    Raises
    ------
    ValueError
        When there are no notes, the bytes are no MIDI file, or `tempo` lies outside 20…300.

    Examples
    --------
    >>> from generation.music.notes import Note
    >>> scale = [60, 62, 64, 65, 67, 69, 71, 72]
    >>> notes = tuple(Note(i / 2, pitch, 0.5, 64, "right") for i, pitch in enumerate(scale))
    >>> features = measure_features(Piece(notes, tempo=120.0, tonic=0, mode="major"))
    >>> features.key, features.notes_per_second, features.articulation
    ('C major', 4.0, 1.0)
    """
    if tempo is not None and not 20 <= tempo <= 300:
        raise ValueError(f"A tempo lies between 20 and 300 quarters a minute, not at {tempo}.")
    written = None
    if isinstance(music, bytes):
        file = open_midi(music)
        music, written = file.performance, file.tempo
    elif isinstance(music, Piece):
        tempo = music.tempo if tempo is None else tempo
        music = play_straight(music)
    if not music.notes:
        raise ValueError("There are no notes to measure.")
    return _measure(music, tempo, written)


def _measure(performance: Performance, given: float | None, written: float | None) -> MusicFeatures:
    notes = performance.notes
    onsets = np.array([note.onset for note in notes])
    durations = np.array([note.duration for note in notes])
    pitches = np.array([note.pitch for note in notes])
    # All of shape (notes,).
    velocities = np.array([note.velocity for note in notes])
    tempo, source = _find_tempo(onsets, pitches, velocities, given, written)
    key = find_key(weigh_pitch_classes(pitches, durations))
    seconds = float((onsets + durations).max() - onsets.min())
    return MusicFeatures(
        seconds=seconds,
        notes=len(notes),
        tempo=tempo,
        tempo_source=source,
        tonic=key.tonic,
        mode=key.mode,
        key=str(NamedKey(key.tonic, key.mode)),
        key_clarity=min(max(key.clarity, 0.0), 1.0),
        majorness=key.majorness,
        notes_per_second=len(notes) / seconds,
        notes_per_beat=len(notes) / seconds * 60.0 / tempo,
        pitch_mean=float(pitches.mean()),
        pitch_sd=float(pitches.std()),
        right_pitch=_mean_pitch(notes, "right"),
        left_pitch=_mean_pitch(notes, "left"),
        velocity_mean=float(velocities.mean()),
        velocity_sd=float(velocities.std()),
        note_seconds=float(durations.mean()),
        articulation=measure_articulation(performance),
        polyphony=float(durations.sum() / _cover([(note.onset, note.offset) for note in notes])),
        pitch_class_entropy=measure_pitch_class_entropy(pitches),
        pedal_share=_share_pedal(performance.pedals, float(onsets.min()), seconds),
    )


def measure_articulation(performance: Performance) -> float:
    """Return the median of held time over time to the hand's next attack; 1 where no attack follows.

    Attacks of one hand within 50 ms are one; each ratio counts at most as 2.
    """
    ratios: list[float] = []
    for hand in ("right", "left"):
        line = sorted(note for note in performance.notes if note.hand == hand)
        waiting: list[PlayedNote] = []
        for note in line:
            # `waiting` holds the keys of the hand's current attack, until the next attack says how long it could have
            # been held.
            if waiting and note.onset - waiting[0].onset > TOGETHER_SECONDS:
                gap = note.onset - waiting[0].onset
                ratios += [min(held.duration / gap, 2.0) for held in waiting]
                waiting = []
            waiting.append(note)
    return float(np.median(ratios)) if ratios else 1.0


def measure_pitch_class_entropy(pitches: IntArray) -> float:
    """Return the Shannon entropy of pitch classes in bits.

    >>> measure_pitch_class_entropy(np.array([60, 72, 67, 55]))
    1.0
    """
    shares = np.bincount(pitches % 12, minlength=12) / len(pitches)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def _find_tempo(
    onsets: FloatArray, pitches: IntArray, velocities: IntArray, given: float | None, written: float | None
) -> tuple[float, TempoSource]:
    if given is not None:
        return float(given), "given"
    if written is not None and 20 <= written <= 300:
        # Seconds: a quarter of 60 / tempo.
        sixteenth = 15.0 / written
        distance = np.abs(onsets / sixteenth - np.round(onsets / sixteenth)) * sixteenth
        # at fast tempi 30 ms is a large share of a sixteenth; half of it each side would always fit
        if (distance < min(GRID_SECONDS, sixteenth / 5)).mean() >= GRID_SHARE:
            return written, "written"
    return track_beats(onsets, pitches, velocities).tempo, "estimated"


def _mean_pitch(notes: tuple[PlayedNote, ...], hand: Hand) -> float | None:
    pitches = [note.pitch for note in notes if note.hand == hand]
    return float(np.mean(pitches)) if pitches else None


def _cover(spans: list[tuple[float, float]]) -> float:
    """Return how long at least one of `spans` lasts."""
    covered, reached = 0.0, -np.inf
    for start, stop in sorted(spans):
        covered += max(0.0, stop - max(start, reached))
        reached = max(reached, stop)
    return float(covered)


def _share_pedal(pedals: tuple[Pedal, ...], start: float, seconds: float) -> float:
    spans = [(max(pedal.down, start), min(pedal.up, start + seconds)) for pedal in pedals]
    return _cover([span for span in spans if span[1] > span[0]]) / seconds
