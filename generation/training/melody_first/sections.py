"""From songs to sections of 8 to 16 bars that begin and end with melodic phrases, as the networks read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes.measuring import measure_arrays
from generation.music.keys import MAJOR_SCALE, MINOR_SCALE, find_key, weigh_pitch_classes
from generation.networks.events import tonic_shift
from generation.networks.melody_first.codes import (
    BEATS_PER_BAR,
    DURATION_TICKS,
    LOWEST_RELATIVE,
    METRES,
    MOST_BARS,
    NONE,
    PITCHES,
    TICKS,
    duration_code,
    velocity_code,
)
from generation.networks.melody_first.knowledge import LINE, WHOLE, Frame
from generation.networks.melody_first.notes import Notes
from generation.training.melody_first.scores import SongScore

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FEWEST_BARS: Final = 8
PHRASE_REST: Final = TICKS // 2
"""A rest of half a beat before a note, or `PHRASE_GAP` ticks between onsets, begins a phrase."""
PHRASE_GAP: Final = 2 * TICKS
MOST_EMPTY: Final = 0.25
"""Share of a section's bars that may lack a melody onset."""
FEWEST_IN_KEY: Final = 0.8
"""Share of a section's sounding time that must lie in its key's scale."""
FEWEST_NOTES, MOST_NOTES = 16, 319
VARIANTS: Final = 3
"""Ways each song is divided into sections; the networks see phrases in different surroundings."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section: frame (chords relative to the tonic), both stages' notes as codes, and what they measure.

    Starts count from the upbeat's bar line (see `Frame`). `whole` and `line` are unscaled, in the order of `WHOLE`
    and `LINE`.
    """

    song: str
    set_name: str
    variant: int
    tonic: int
    frame: Frame
    melody: Notes
    accompaniment: Notes
    whole: FloatArray
    line: FloatArray


def cut_sections(score: SongScore, seed: int = 0) -> tuple[list[Section], dict[str, int]]:
    """Cut a song in `VARIANTS` ways; also count why bars were left out."""
    left: dict[str, int] = {}
    found: list[Section] = []
    starts, strength = find_phrases(score)
    for variant in range(VARIANTS):
        random = np.random.default_rng((seed, variant, int(score.bars[0]) if len(score.bars) else 0))
        for first, last in choose_cuts(score, strength, random if variant else None):
            made = make_section(score, first, last, starts, variant)
            if isinstance(made, Section):
                found += [made, *other_metres(made)]
            elif variant == 0:
                left[made] = left.get(made, 0) + last - first
    return found, left


def find_phrases(score: SongScore) -> tuple[IntArray, FloatArray]:
    """For every bar line where a melodic phrase begins around it (ticks), and how clear the break is (beats, 0…4)."""
    lines = np.concatenate([score.bars, score.bars[-1:] + score.sizes[-1:]]) * TICKS
    starts, strength = lines.copy(), np.zeros(len(lines))
    melody = score.melody
    if len(melody) == 0:
        return starts, strength
    gaps = np.diff(melody.starts, prepend=melody.starts[0] - 4 * TICKS)
    ends = melody.starts + melody.durations
    rests = melody.starts - np.concatenate([[melody.starts[0] - 4 * TICKS], ends[:-1]])
    for index in np.flatnonzero((rests >= PHRASE_REST) | (gaps >= PHRASE_GAP)):
        start = int(melody.starts[index])
        # The bar line this phrase leads to: upbeats reach back half a bar, late entries half a bar on.
        bar = int(np.argmin(np.abs(lines - start)))
        size = int(score.sizes[min(bar, len(score.sizes) - 1)]) * TICKS
        clear = min(float(gaps[index]) / TICKS, 4.0)
        if abs(lines[bar] - start) <= size // 2 and clear > strength[bar]:
            strength[bar] = clear
            starts[bar] = min(start, int(lines[bar]))
    return starts, strength


def choose_cuts(score: SongScore, strength: FloatArray, random: np.random.Generator | None) -> list[tuple[int, int]]:
    """Choose sections (first bar, bar after the last) that do not overlap, by dynamic programming.

    `random` stirs the choice, so that another division comes out.
    """
    count = len(score.bars)
    usual = BEATS_PER_BAR[METRES.index(score.metre)]
    key_of = [_key_at(score, int(bar)) for bar in score.bars]
    active = _active_bars(score)
    regular = score.sizes == usual
    noise = random.gumbel(size=(count + 1, MOST_BARS + 1)) * 3.0 if random is not None else None
    best, choice = np.zeros(count + 1), np.full(count + 1, -1)
    # best[i]: what bars up to i can yield; a bar that is in no section yields nothing.
    for end in range(1, count + 1):
        best[end] = best[end - 1]
        for length in range(FEWEST_BARS, min(MOST_BARS, end) + 1):
            first = end - length
            inside = slice(first, end)
            if not regular[inside].all() or len({key_of[i] for i in range(first, end)}) > 1:
                continue
            if active[inside].mean() < 1 - MOST_EMPTY or not active[first]:
                continue
            gain = length + 2.0 * (strength[first] + strength[end]) - 8.0
            gain += 3.0 * (length in (8, 16)) + 1.5 * (length == 12)
            if noise is not None:
                gain += float(noise[end, length])
            if gain > 0 and best[first] + gain > best[end]:
                best[end], choice[end] = best[first] + gain, first
    cuts, end = [], count
    while end > 0:
        if choice[end] >= 0:
            cuts.append((int(choice[end]), end))
            end = int(choice[end])
        else:
            end -= 1
    return cuts[::-1]


def _key_at(score: SongScore, beat: int) -> tuple[int, int]:
    found = score.keys[0]
    for key in score.keys:
        # Keys begin up to a beat or two beside the bar line.
        if key[0] <= beat + 2:
            found = key
    return found[1], found[2]


def _active_bars(score: SongScore) -> NDArray[np.bool_]:
    bar = np.searchsorted(score.bars * TICKS, score.melody.starts, side="right") - 1
    return np.bincount(bar[bar >= 0], minlength=len(score.bars))[: len(score.bars)] > 0


def make_section(score: SongScore, first: int, last: int, phrases: IntArray, variant: int) -> Section | str:
    """Make the section of bars `first` to `last` − 1, or say why it cannot be used."""
    usual = BEATS_PER_BAR[METRES.index(score.metre)]
    origin = (int(score.bars[first]) - usual) * TICKS
    begin, end = int(score.bars[first]) * TICKS, (int(score.bars[last - 1]) + usual) * TICKS
    upbeat = int(phrases[first]) if begin - phrases[first] <= usual * TICKS // 2 else begin
    close = int(phrases[last]) if end - phrases[last] <= usual * TICKS // 2 else end
    melody, accompaniment = score.melody, score.accompaniment
    melody = melody.pick((melody.starts >= upbeat) & (melody.starts < close))
    accompaniment = accompaniment.pick((accompaniment.starts >= begin) & (accompaniment.starts < end))
    if len(melody) < FEWEST_NOTES or len(accompaniment) < FEWEST_NOTES or len(accompaniment) > MOST_NOTES:
        return "too few or too many notes"
    tonic, mode = _key_at(score, int(score.bars[first]))
    both = _join(melody, accompaniment)
    chroma = weigh_pitch_classes(both.pitches, np.minimum(both.durations, 2 * TICKS).astype(np.float64))
    scale = MINOR_SCALE if mode else MAJOR_SCALE
    if chroma[[(tonic + step) % 12 for step in scale]].sum() < FEWEST_IN_KEY * chroma.sum():
        return "notes outside the key named"
    bars = last - first
    chords = np.full(((bars + 1) * usual, 3), NONE, dtype=np.int64)
    own = score.chords[int(score.bars[first]) : int(score.bars[first]) + bars * usual]
    chords[usual : usual + len(own)] = np.where(own == NONE, NONE, _relative(own, tonic))
    seconds = score.seconds[int(score.bars[first]) : int(score.bars[first]) + bars * usual + 1]
    tempo = float(60.0 / np.median(np.diff(seconds)))
    whole, line = measure_section(melody, accompaniment, tempo, tonic)
    return Section(
        score.name,
        score.set_name,
        variant,
        tonic,
        Frame(score.metre, bars, chords),
        _encode(melody, origin, tonic),
        _encode(accompaniment, origin, tonic),
        whole,
        line,
    )


def _relative(chords: IntArray, tonic: int) -> IntArray:
    moved = chords.copy()
    moved[:, [0, 2]] = (chords[:, [0, 2]] - tonic) % 12
    return moved


def _encode(notes: Notes, origin: int, tonic: int) -> Notes:
    """Ticks from `origin`, pitch, duration and velocity codes."""
    pitches = np.clip(notes.pitches - tonic_shift(tonic) - LOWEST_RELATIVE, 0, PITCHES - 1)
    return Notes(notes.starts - origin, pitches, duration_code(notes.durations), velocity_code(notes.velocities))


def _join(melody: Notes, accompaniment: Notes) -> Notes:
    joined = Notes(
        *(
            np.concatenate([getattr(melody, name), getattr(accompaniment, name)])
            for name in ("starts", "pitches", "durations", "velocities")
        )
    )
    return joined.pick(np.lexsort((joined.pitches, joined.starts)))


def measure_section(melody: Notes, accompaniment: Notes, tempo: float, tonic: int) -> tuple[FloatArray, FloatArray]:
    """Attributes of both hands (`WHOLE`) and of the melody (`LINE`), played as written at `tempo`.

    Notes hold MIDI pitches and velocities, and durations in ticks; registers are counted from the tonic.
    """
    both = _join(melody, accompaniment)
    tick = 60.0 / tempo / TICKS
    rows = np.stack([both.starts * tick, both.pitches, both.durations * tick, both.velocities], axis=1)
    measured = measure_arrays(rows.astype(np.float64), tempo=tempo).to_dict()
    chroma = weigh_pitch_classes(both.pitches, np.minimum(both.durations, 2 * TICKS).astype(np.float64))
    measured["majorness"] = find_key(chroma).majorness
    for name in ("melody_register", "bass_register"):
        measured[name] -= tonic_shift(tonic)
    return np.array([measured[name] for name in WHOLE]), measure_line(melody, tick, tonic)


def measure_line(melody: Notes, tick: float, tonic: int) -> FloatArray:
    """The values of `LINE`; `tick` in seconds."""
    moves = np.abs(np.diff(melody.pitches))
    moves = moves[moves > 0]
    seconds = max(float(melody.starts[-1] + melody.durations[-1] - melody.starts[0]) * tick, 0.5)
    values = {
        "line_density": len(melody) / seconds,
        "line_register": float(melody.pitches.mean()) - tonic_shift(tonic),
        "line_length": float(melody.durations.mean()) * tick,
        "line_velocity": float(melody.velocities.mean()),
        "line_steps": float((moves <= 2).mean()) if len(moves) else 0.5,
        "line_span": float(melody.pitches.std()),
    }
    return np.array([values[name] for name in LINE])


def other_metres(section: Section) -> list[Section]:
    """The same music counted otherwise: 4/4 of up to eight bars in double time, 12/8 in bars of two beats."""
    frame = section.frame
    if frame.metre == "4/4" and 2 * frame.bars <= MOST_BARS and section.whole[WHOLE.index("tempo")] < 92.0:
        return [_double(section)]
    if frame.metre == "12/8" and 2 * frame.bars <= MOST_BARS:
        half = frame.bar // 2
        if section.melody.starts.min() >= half:
            chords = frame.chords[2:]
            return [_replace(section, Frame("6/8", 2 * frame.bars, chords), shift=-half)]
    return []


def _double(section: Section) -> Section:
    frame = section.frame
    # One bar of upbeat becomes two; the first of them is cut off.
    chords = np.repeat(frame.chords, 2, axis=0)[4:]

    def stretch(notes: Notes) -> Notes:
        return Notes(
            notes.starts * 2 - frame.bar,
            notes.pitches,
            duration_code(DURATION_TICKS[notes.durations] * 2),
            notes.velocities,
        )

    whole = section.whole.copy()
    whole[WHOLE.index("tempo")] *= 2
    return Section(
        section.song,
        section.set_name,
        section.variant,
        section.tonic,
        Frame("4/4", 2 * frame.bars, chords),
        stretch(section.melody),
        stretch(section.accompaniment),
        whole,
        section.line,
    )


def _replace(section: Section, frame: Frame, shift: int) -> Section:
    moved = [
        Notes(notes.starts + shift, notes.pitches, notes.durations, notes.velocities)
        for notes in (section.melody, section.accompaniment)
    ]
    return Section(
        section.song, section.set_name, section.variant, section.tonic, frame, *moved, section.whole, section.line
    )
