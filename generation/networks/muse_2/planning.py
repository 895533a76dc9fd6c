"""From cues to a plan: metre, tempo, key, form, and what both networks are asked for in every bar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes import Attributes
from generation.music.attributes.picture import Place
from generation.music.chords import chord_pitch_classes
from generation.music.harmony import tonic_chord
from generation.music.keys import MAJOR_SCALE, MINOR_SCALE
from generation.music.length import draw_last_chord
from generation.music.notes import Mode
from generation.music.periods import REGULAR, SHAPES, plan_period
from generation.music.planned_form import METRES, PlannedForm
from generation.networks.events import tonic_shift
from generation.networks.melody_first.codes import SILENT_CHORD, TICKS, from_chord_number
from generation.networks.melody_first.guiding import Guide
from generation.networks.melody_first.knowledge import CONDITIONS, Frame
from generation.networks.melody_first.sampling import Plan
from generation.networks.muse_2.intentions import Cues, to_attributes, to_manners, to_metres, to_tastes

COMPOUND_PACE: Final = 0.72
"""A dotted-quarter beat is slower than a quarter of music as quick; judgement."""
IRREGULAR: Final = 0.25
"""What a form that is no eight, twelve or sixteen bars costs, as a share of the tempo it would have to leave."""
LEFT_OPEN: Final = ("majorness", "harmonic_variety", "dynamics_spread", "dynamics_shape")
"""Attributes that the networks are not asked for: chords and playing decide them."""
HELD_LONGER: Final = {"note_length": 1.45, "articulation": 1.4}
"""What is asked of the networks above the cues, because playable hands let go of keys (measured)."""
MOST_WANDERING: Final = 2.0
WANDERING: Final = {
    "density": 0.18,
    "melody_density": 0.18,
    "melody_register": 2.2,
    "bass_register": 2.2,
    "dynamics": 4.5,
    "articulation": 0.15,
    "note_length": 0.18,
    "texture": 0.1,
    "chromaticism": 0.2,
    "dissonance": 0.1,
    "looseness": 0.3,
    "pedal": 0.1,
    "line_span": 0.2,
    "line_steps": 0.12,
}
"""How far clips of one emotion lie apart: standard deviations, registers in semitones, touch in velocity, all else as
shares of the value. About half of what real clips of one quadrant do (EMOPIA's published figures); judgement."""
IN_UNITS: Final = ("melody_register", "bass_register", "dynamics")
UPBEAT_SHARE: Final = 0.4
"""The longest upbeat, as a share of a bar; judgement."""
BREATH: Final = 0.65
"""The melody begins no note for the rest of a bar before a new phrase or its upbeat; judgement."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one candidate is to be.

    `tempo` counts beats of the metre; `last_chord` is when that is struck, in seconds from the first bar line.
    """

    cues: Cues
    attributes: Attributes
    form: PlannedForm
    tonic: int
    mode: Mode
    tempo: float
    last_chord: float


def wander(cues: Cues, random: np.random.Generator) -> dict[str, float]:
    """One clip's own reading of the cues, as real clips of one emotion differ."""
    own = dict(cues)
    for name, spread in WANDERING.items():
        deviate = float(np.clip(random.normal(), -MOST_WANDERING, MOST_WANDERING))
        own[name] = own[name] + spread * deviate if name in IN_UNITS else own[name] * math.exp(spread * deviate)
    return own


def make_wish(cues: Cues, place: Place, random: np.random.Generator) -> Wish:
    """Draw mode, key, metre, length and form of one candidate."""
    mode: Mode = "major" if random.random() < cues["major"] else "minor"
    chances = to_metres(cues)
    metre = str(random.choice(list(chances), p=list(chances.values())))
    bars, tempo, last_chord = fit_form(metre, (cues["tempo_low"], cues["tempo_high"]), random)
    form = plan_period(metre, bars, mode, place, to_manners(cues), random)
    quarters = tempo * form.beat
    return Wish(cues, to_attributes(cues, mode, quarters), form, int(random.integers(12)), mode, tempo, last_chord)


def fit_form(metre: str, tempi: tuple[float, float], random: np.random.Generator) -> tuple[int, float, float]:
    """Bars, tempo (beats a minute) and moment of the last chord that fit a range of tempi (quarters a minute).

    Regular forms are preferred; among those as good chance decides.

    Examples
    --------
    >>> bars, tempo, last = fit_form("4/4", (64.0, 82.0), np.random.default_rng(0))
    >>> bars, round(tempo * last / 60)
    (8, 28)
    """
    beats, compound = METRES[metre]
    low, high = (bound * (COMPOUND_PACE if compound else 1.0) for bound in tempi)
    wanted, last_chord = float(random.uniform(low, high)), draw_last_chord(random)

    def cost(bars: int) -> float:
        tempo = (bars - 1) * beats * 60.0 / last_chord
        outside = max(math.log(low / tempo), math.log(tempo / high), 0.0)
        return 2.0 * outside + abs(math.log(tempo / wanted)) + IRREGULAR * (bars not in REGULAR)

    bars = min(SHAPES, key=cost)
    return bars, (bars - 1) * beats * 60.0 / last_chord, last_chord


def plan_candidate(wish: Wish) -> Plan:
    """Turn a wish into what the sampler needs."""
    form = wish.form
    frame = Frame(form.metre, form.bars, _write_chords(form))
    melody_taste, accompaniment_taste = to_tastes(wish.cues)
    scale = frozenset(MAJOR_SCALE if wish.mode == "major" else MINOR_SCALE)
    guide = Guide(
        scale,
        melody_taste,
        accompaniment_taste,
        form.returns,
        form.figures,
        find_beginning(form, frame),
        close_breaths(form, frame),
        find_last_notes(form),
        tuple(form.scale_at(beat) for beat in range(-form.beats_per_bar, len(form.scales))),
    )
    return Plan(frame, tonic_shift(wish.tonic), _condition(wish, "melody"), _condition(wish, "accompaniment"), guide)


def find_last_notes(form: PlannedForm) -> frozenset[int]:
    """Classes of the melody's last note: those of the last chord, of the tonic's all but the fifth.

    >>> from generation.music.planned_form import Manners
    >>> form = plan_period("4/4", 8, "minor", (-0.7, -0.5, -0.6), Manners(), np.random.default_rng(1))
    >>> sorted(find_last_notes(form))
    [0, 3]
    """
    last = chord_pitch_classes(form.chords[-1])
    return last - {7} if form.chords[-1] == tonic_chord(form.mode) else last


def count_upbeat(frame: Frame) -> int:
    """Ticks of the longest upbeat: at most `UPBEAT_SHARE` of a bar, in half beats.

    >>> [count_upbeat(Frame(metre, 8, np.zeros((1, 3), int))) for metre in ("4/4", "3/4", "6/8")]
    [18, 12, 6]
    """
    return int(UPBEAT_SHARE * frame.bar / TICKS * 2) * TICKS // 2


def find_beginning(form: PlannedForm, frame: Frame) -> tuple[int, int]:
    """Between which ticks the melody begins: in the upbeat, where there is one, or else in the first half bar."""
    return (frame.bar - count_upbeat(frame), frame.bar) if form.has_upbeat else (frame.bar, frame.bar + frame.bar // 2)


def _write_chords(form: PlannedForm) -> NDArray[np.int64]:
    """Root, quality and bass of every beat, shape (beats, 3), the silent bar of the upbeat first."""
    rows = [SILENT_CHORD] * form.beats_per_bar
    rows += [from_chord_number(chord, bass) for chord, bass in zip(form.chords, form.basses, strict=True)]
    return np.array(rows, dtype=np.int64)


def close_breaths(form: PlannedForm, frame: Frame) -> NDArray[np.bool_]:
    """Where the melody begins no note, shape (ticks,): before the upbeat, and while it breathes at ends of phrases."""
    closed = np.zeros(frame.end, bool)
    upbeat = count_upbeat(frame) if form.has_upbeat else 0
    rest = round((1.0 - BREATH) * frame.bar)
    closed[: frame.bar - upbeat] = True
    for phrase in form.phrases[:-1]:
        end = (phrase.start + phrase.bars + 1) * frame.bar
        closed[end - upbeat - rest : end - upbeat] = True
    return closed


def shape_register(wish: Wish) -> NDArray[np.float64]:
    """Semitones by which the line lies above its mean in every bar, the upbeat's first: an arch to the climax, and the
    rise or fall of the whole."""
    bars = wish.form.bars
    bar = np.arange(-1, bars)
    arch = np.exp(-0.5 * ((bar - wish.form.climax) / (bars / 5)) ** 2)
    shape = wish.cues["climax"] * (arch - arch.mean()) + wish.cues["rise"] * (bar / max(bars - 1, 1) - 0.5)
    return np.asarray(shape, dtype=np.float64)


def _condition(wish: Wish, stage: str) -> NDArray[np.float64]:
    """Conditions of a stage by bar, shape (bars + 1, conditions)."""
    form, cues = wish.form, wish.cues
    values = wish.attributes.to_dict()
    values |= {
        "tempo": wish.tempo,
        "line_density": cues["melody_density"],
        "line_register": cues["melody_register"],
        "line_steps": cues["line_steps"],
        "line_span": cues["line_span"],
        "line_velocity": cues["dynamics"],
    }
    for name, factor in HELD_LONGER.items():
        values[name] *= factor
    for name in ("melody_register", "bass_register", "line_register"):
        values[name] -= tonic_shift(wish.tonic)
    row = [np.nan if name in LEFT_OPEN else values.get(name, np.nan) for name in CONDITIONS[stage]]
    table = np.repeat(np.array(row)[None], form.bars + 1, axis=0)
    height = shape_register(wish)
    for name in ("melody_register", "line_register"):
        if name in CONDITIONS[stage]:
            table[:, CONDITIONS[stage].index(name)] += height
    growth = cues["dynamics_shape"] * 1.2 * np.linspace(-0.5, 0.5, form.bars + 1) + 0.3 * height
    for name in ("dynamics", "line_velocity"):
        if name in CONDITIONS[stage]:
            table[:, CONDITIONS[stage].index(name)] += growth
    return table
