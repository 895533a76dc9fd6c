"""From wanted attributes to plans for the sampler, and from its drafts to pieces and performances."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes import NAMES, Attributes, measure
from generation.music.form import FEWEST_BARS, MOST_BARS, Form, plan_form
from generation.music.hands import assign_hands, part_collisions, release_keys
from generation.music.keys import MAJOR_SCALE, MINOR_SCALE
from generation.music.length import BEATS_PER_BAR, RELEASED_SECONDS, draw_last_chord, fit_bars
from generation.music.notes import Mode, Note, Performance, Piece, play_straight
from generation.music.performance import Ending, Style, hold_keys, lost_in_ritard, perform
from generation.networks.bounds import HIGHEST_KEY, LOWEST_KEY, Draft, Plan
from generation.networks.events import CONDITION_NAMES, LOWEST_RELATIVE, choose_conditions, tonic_shift, velocity_of

FloatArray = NDArray[np.float64]

SLOWEST: Final = 62.0
"""No emotion asks for less: fewer than seven bars hardly hold a tune and its return."""
SLOWEST_PICTURED: Final = 52.0
"""A picture, or listeners, may slow a piece further, to six bars."""
FASTEST: Final = 172.0
MODE_SOFTNESS: Final = 0.06
"""How sharply majorness decides between major and minor; judgement."""
STRICTEST: Final = 2.6
"""Nats a note outside the scale costs where no chromatic note is wanted."""
FREE_CHROMATICISM: Final = 0.14
"""Chromaticism at which such notes cost nothing."""
HELD_LONGER: Final = {"note_length": 1.4, "articulation": 1.4}
"""What is asked of the network above the target, because playable hands let go of keys (measured)."""
MOST_ROLLED: Final = 0.6
"""Share of chords broken in calm and very free playing; judgement after EMOPIA's short gaps between onsets."""
DETACHED: Final = 1.3
"""Wanted articulation below which keys are also released early in playing."""


LEANING_CLEARER, LEANING_BLURRED = 0.5, 2.0
LADDER: Final = 0.6
MOST_FRICTION: Final = 2.5
"""Nats by which notes are favoured where a picture moves mode and dissonance as far as it may: the network's own
conditions hardly follow a picture in these two (measured)."""
MOST_STEPS: Final = 5
"""Semitones a finished draft is transposed to the register a picture asks for; judgement."""
SHORTEST_TOUCH, LONGEST_TOUCH = 0.6, 1.7
"""Factors on key time that playing may add where a picture asks for another articulation; judgement."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one candidate is to be: attributes, key, form, and the coordinates that drew its harmony."""

    attributes: Attributes
    tonic: int
    mode: Mode
    form: Form
    tempo: float
    last_chord: float
    """When it is struck, in seconds from the first note."""
    shifts: Mapping[str, float] = field(default_factory=dict)
    """How far a picture has moved attributes, as shares of the furthest each may move."""
    ladder: float = 0.0


def make_wish(
    wanted: Attributes,
    place: tuple[float, float, float],
    random: np.random.Generator,
    shifts: Mapping[str, float] | None = None,
    ladder: float = 0.0,
    tempo_shift: float = 0.0,
) -> Wish:
    """Draw key, mode, form and harmony for wanted attributes, which a picture has moved by `shifts`.

    `ladder` (−1…1) differs among candidates: how much further or less far this one leans to major. `tempo_shift` is
    what listeners taught of the tempo, which `wanted` has in it already: the slowest tempo moves with it.
    """
    fitted = fit_bars(
        min(max(wanted.tempo, find_slowest(bool(shifts), tempo_shift)), FASTEST),
        draw_last_chord(random),
        range(FEWEST_BARS, MOST_BARS + 1),
        lost_beats=lost_in_ritard(choose_style(wanted).ritard),
    )
    mode, tonic = draw_mode(wanted.majorness, random), int(random.integers(12))
    form = plan_form(fitted.bars, mode, place, random)
    return Wish(wanted, tonic, mode, form, fitted.tempo, fitted.last_chord, shifts or {}, ladder)


def find_slowest(is_pictured: bool = False, tempo_shift: float = 0.0) -> float:
    """Beats a minute below which no piece is planned.

    Moved by listeners, a piece that had been as slow as that is moved as far as any other, down to six bars.

    Examples
    --------
    >>> find_slowest(), find_slowest(tempo_shift=-4.0), find_slowest(tempo_shift=-20.0), find_slowest(True)
    (62.0, 58.0, 52.0, 52.0)
    """
    slowest = SLOWEST_PICTURED if is_pictured else SLOWEST
    return min(max(slowest + tempo_shift, SLOWEST_PICTURED), FASTEST)


def draw_mode(majorness: float, random: np.random.Generator) -> Mode:
    """Major with a probability that rises with `majorness`, one half at 0."""
    return "major" if random.random() < 1.0 / (1.0 + math.exp(-majorness / MODE_SOFTNESS)) else "minor"


def plan_candidate(wish: Wish) -> Plan:
    """Turn a wish into what the sampler needs; loudness grows over the bars as the attributes ask."""
    values = wish.attributes.to_array()
    values[NAMES.index("tempo")] = wish.tempo
    for name, factor in HELD_LONGER.items():
        values[NAMES.index(name)] *= factor
    majorness = NAMES.index("majorness")
    values[majorness] = abs(values[majorness]) if wish.mode == "major" else -abs(values[majorness])
    # One row per bar, shape (bars, conditions).
    conditions = np.repeat(choose_conditions(values, wish.tonic)[None], wish.form.bars, axis=0)
    growth = np.linspace(-0.5, 0.5, wish.form.bars) * wish.attributes.dynamics_shape * 1.5
    conditions[:, CONDITION_NAMES.index("dynamics")] += growth
    scale = MAJOR_SCALE if wish.mode == "major" else MINOR_SCALE
    strictness = STRICTEST * max(1.0 - wish.attributes.chromaticism / FREE_CHROMATICISM, 0.0)
    return Plan(
        wish.form,
        tonic_shift(wish.tonic),
        frozenset(scale),
        strictness,
        conditions,
        wish.mode,
        choose_leaning(wish),
        MOST_FRICTION * wish.shifts.get("dissonance", 0.0),
    )


def choose_leaning(wish: Wish) -> float:
    """Nats by which a candidate leans to major (below 0: minor), where a picture moves its mode."""
    share = wish.shifts.get("majorness")
    if share is None:
        return 0.0
    clearer = (share >= 0) == (wish.mode == "major")
    return (LEANING_CLEARER if clearer else LEANING_BLURRED) * share + LADDER * wish.ladder


def write_piece(draft: Draft, wish: Wish) -> Piece:
    """Turn a draft into a score for two hands, with the ending that rings out."""
    shift = tonic_shift(wish.tonic) + LOWEST_RELATIVE
    velocities = velocity_of(np.array(draft.velocities, dtype=np.int64))
    end = (wish.form.bars - 1) * BEATS_PER_BAR
    notes = [
        Note(start / 4, pitch + shift, min((duration + 1) / 4, end - start / 4), int(velocity), "right")
        for start, pitch, duration, velocity in zip(
            draft.starts, draft.pitches, draft.durations, velocities, strict=True
        )
    ]
    notes += write_ending(notes, wish, float(end))
    return Piece(
        tuple(part_collisions(release_keys(assign_hands(part_collisions(notes))))),
        wish.tempo,
        wish.tonic,
        wish.mode,
        BEATS_PER_BAR,
    )


def tune_piece(piece: Piece, wish: Wish) -> Piece:
    """Transpose a piece to the register its wish asks for, where a picture moves it."""
    if not wish.shifts:
        return piece
    written = measure(play_straight(piece), tempo=piece.tempo)
    # Both registers' distances, in semitones; half of their sum is the shift that serves both best.
    away = (
        wish.attributes.melody_register
        - written.melody_register
        + wish.attributes.bass_register
        - written.bass_register
    )
    pitches = [note.pitch for note in piece.notes]
    lowest, highest = min(LOWEST_KEY - min(pitches), 0), max(HIGHEST_KEY - max(pitches), 0)
    steps = min(max(round(away / 2.0), -MOST_STEPS, lowest), MOST_STEPS, highest)
    notes = tuple(replace(note, pitch=note.pitch + steps) for note in piece.notes)
    return replace(piece, notes=notes, tonic=(piece.tonic + steps) % 12)


def touch_performance(performance: Performance, wish: Wish) -> Performance:
    """Hold keys longer or shorter towards the wanted articulation, where a picture moves it; the ending stays."""
    if not wish.shifts or not performance.notes:
        return performance
    played = measure(performance, tempo=wish.tempo).articulation
    factor = min(max(wish.attributes.articulation / max(played, 0.1), SHORTEST_TOUCH), LONGEST_TOUCH)
    return hold_keys(performance, factor)


def write_ending(notes: list[Note], wish: Wish, start: float) -> list[Note]:
    """The last bar: the tonic chord over its low root, the top note near where the melody was."""
    recent = [note for note in notes if note.start >= start - 8] or notes
    loud = float(np.mean([note.velocity for note in recent])) if recent else wish.attributes.dynamics
    high = max((note.pitch for note in notes if note.start >= start - 2), default=72)
    third = 4 if wish.mode == "major" else 3
    # The tonic in the octave from C2 up; MIDI 36 is C2.
    root = 36 + (wish.tonic - 36) % 12
    tops = [p for p in range(64, 88) if (p - wish.tonic) % 12 in (0, third)]
    top = min(tops, key=lambda p: (abs(p - high), (p - wish.tonic) % 12))
    inner = [p for p in range(top - 10, top) if (p - wish.tonic) % 12 in (0, third, 7)][-2:]
    bass = [root, root + 12] if wish.attributes.texture > 1.9 else [root, root + 7]
    pitches = sorted({*bass, *(p for p in inner if p > root + 12), top})
    bar = float(BEATS_PER_BAR)
    return [Note(start, pitch, bar, int(np.clip(loud - 4 + 4 * (pitch == top), 15, 115)), "right") for pitch in pitches]


def play_piece(piece: Piece, wish: Wish, random: np.random.Generator) -> Performance:
    """Play a piece in the style its attributes ask for."""
    performance = perform(
        piece,
        choose_style(wish.attributes),
        random,
        phrase_place=wish.form.phrase_place,
        chord_changes=_find_changes(wish.form),
        ending=Ending(wish.last_chord, RELEASED_SECONDS),
    )
    return touch_performance(performance, wish)


def choose_style(attributes: Attributes) -> Style:
    """Strength of the performance rules for some attributes; the mapping is judgement."""
    calm = 1.0 / (1.0 + math.exp((attributes.density - 7.5) / 1.2))
    uneven = min(max((0.86 - attributes.regularity) / 0.06, 0.0), 1.5)
    return Style(
        dynamics=attributes.dynamics,
        spread=attributes.dynamics_spread,
        shape=attributes.dynamics_shape,
        arch=0.02 + 0.05 * calm + 0.02 * uneven,
        ritard=0.85 - 0.2 * calm,
        lead=0.010 + 0.006 * calm,
        looseness=0.008 + 0.003 * calm + 0.004 * uneven,
        detachment=min(max(attributes.articulation / DETACHED, 0.6), 1.0),
        pedal=attributes.pedal,
        roll=calm * min(max(uneven - 0.5, 0.0), 1.0) * MOST_ROLLED,
    )


def _find_changes(form: Form) -> list[float]:
    """Beats at which the chord changes, and every bar line."""
    chords = form.chords
    return [half * 2.0 for half in range(len(chords)) if half % 2 == 0 or chords[half] != chords[half - 1]]
