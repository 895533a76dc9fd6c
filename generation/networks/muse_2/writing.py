"""From the networks' notes to a score: the emotion's figures, a last chord, two hands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from generation.music.chords import chord_pitch_classes
from generation.music.hands import assign_hands, bring_into_reach, part_collisions, release_keys
from generation.music.notes import Note, Piece
from generation.music.planned_form import Return
from generation.networks.melody_first.codes import TICKS, bar_ticks, strong_ticks, velocity_of
from generation.networks.melody_first.notes import Notes
from generation.networks.melody_first.sampling import HIGHEST_KEY as HIGHEST_KEY_USED
from generation.networks.melody_first.sampling import LOWEST_KEY as LOWEST_KEY_USED
from generation.networks.muse_2 import idioms
from generation.networks.muse_2.cadences import keep_basses, sound_leading_tones
from generation.networks.muse_2.planning import UPBEAT_SHARE, Wish

MELODY_SOFTER: Final = 4
"""Velocity taken from the melody, which the rules of playing raise again: real melodies lead by 8 (EMOPIA)."""
REACH: Final = 12
"""Semitones between the outer keys of a hand: an octave, which most hands grip and hold with ease."""
SMOOTHED: Final = 0.35
"""Share of a note's velocity that is its neighbours': real touch goes on from chord to chord; judgement."""
CHANCES_OF_DOUBLING: Final = 0.85
"""Share of bass notes doubled in a piece that doubles them at all: a habit, not a coin for each; judgement."""


def write_piece(melody: Notes, below: Notes, wish: Wish, random: np.random.Generator) -> Piece:
    """Turn the notes of both hands (ticks, MIDI pitches, velocity codes) into a score that ends with its last chord."""
    melody = replace(melody, velocities=velocity_of(melody.velocities) - MELODY_SOFTER)
    below = replace(below, velocities=velocity_of(below.velocities))
    bar, last = bar_ticks(wish.form.metre), wish.form.bars * bar_ticks(wish.form.metre)
    final = melody.pick(melody.starts >= last)
    melody, below = add_idioms(melody.pick(melody.starts < last), below, wish, random)
    below, owed = sound_leading_tones(melody, keep_basses(below, wish.form, wish.tonic), wish.form, wish.tonic)
    ending = write_ending(melody, below, int(final.pitches[-1]) if len(final) else None, wish, random, owed)
    melody, below = smooth(melody), smooth(below)
    begin = min(int(melody.starts.min()) if len(melody) else bar, bar)
    tick = wish.form.beat / TICKS
    notes = [
        Note((start - begin) * tick, pitch, min(duration, last - start) * tick, velocity, "right")
        for part in (melody, below)
        for start, pitch, duration, velocity in idioms.rows_of(part)
        if LOWEST_KEY_USED <= pitch <= HIGHEST_KEY_USED and begin <= start < last
    ]
    notes += [Note((last - begin) * tick, pitch, bar * tick, velocity, "right") for pitch, velocity in ending]
    played = release_keys(bring_into_reach(assign_hands(part_collisions(notes), REACH), REACH), REACH)
    return Piece(
        tuple(part_collisions(played)),
        round(wish.tempo) * wish.form.beat,
        wish.tonic,
        wish.mode,
        wish.form.beats_per_bar,
        compound=wish.form.beat != 1.0,
        upbeat=(bar - begin) * tick,
    )


def smooth(notes: Notes) -> Notes:
    """Velocities drawn to those of their neighbours in time."""
    if len(notes) < 3:
        return notes
    loud = notes.velocities.astype(np.float64)
    padded = np.pad(loud, 2, mode="edge")
    near = np.convolve(padded, np.full(5, 0.2), mode="valid")
    return replace(notes, velocities=np.round((1.0 - SMOOTHED) * loud + SMOOTHED * near).astype(np.int64))


def add_idioms(melody: Notes, below: Notes, wish: Wish, random: np.random.Generator) -> tuple[Notes, Notes]:
    """Both hands with the figures that the cues ask for; what returns exactly has the same figures again."""
    cues, form = wish.cues, wish.form
    bar = bar_ticks(form.metre)
    short = 3 if form.beat == 1.0 else 2
    strong = strong_ticks(form.metre)

    def is_strong(tick: int) -> bool:
        return tick % bar in strong

    def toss_for(returns: Sequence[Return]) -> idioms.Toss:
        return throw_once(find_origins(returns, form.bars), bar, random)

    melody = idioms.sigh(melody, cues["appoggiaturas"], step_above(wish), is_strong, toss_for(form.returns))
    melody = idioms.anticipate(melody, cues["anticipations"], 2 * short, is_strong, toss_for(form.returns))
    melody = idioms.crush(melody, cues["graces"], short, toss_for(form.returns))
    if random.random() < cues["octave_bass"]:
        below = idioms.double_bass(below, CHANCES_OF_DOUBLING, toss_for(form.figures))
    if random.random() < cues["clusters"] * 2:
        below = idioms.crowd(below, cues["clusters"], toss_for(form.figures))
    if random.random() < cues["tremolo"] * 1.5:
        below = idioms.tremble(below, cues["tremolo"], short, toss_for(form.figures))
    toss = toss_for(form.figures)
    # A planned bass is not passed over in silence.
    changes = [bar + beat * TICKS for beat in form.changed_beats()]
    silent = [
        (half, half + bar // 2)
        for half in range(bar + bar // 2, (form.bars - 1) * bar, bar)
        if toss(half) < cues["silences"] and not any(half <= change < half + bar // 2 for change in changes)
    ]
    below = idioms.fall_silent(below, silent)
    raised = [span for span in phrase_spans(wish) if random.random() < cues["octave_up"] / 2]
    doubled = [span for span in phrase_spans(wish) if random.random() < cues["octave_melody"]]
    return idioms.double_melody(idioms.raise_octave(melody, raised), doubled), below


def find_origins(returns: Sequence[Return], bars: int) -> list[int]:
    """For each bar the first bar that it is the same as: its own, or the source of an exact return, shape (bars,).

    >>> find_origins([Return(2, 0, "exact"), Return(3, 2, "exact"), Return(1, 0, "rhythm")], 4)
    [0, 1, 0, 0]
    """
    origins = list(range(bars))
    for back in sorted(returns, key=lambda back: back.bar):
        if back.manner == "exact":
            origins[back.bar] = origins[back.source]
    return origins


def throw_once(origins: Sequence[int], bar: int, random: np.random.Generator) -> idioms.Toss:
    """A number of 0…1 for every tick, the same for a tick and the one it takes up; the upbeat's bar is the first."""
    thrown = random.random((len(origins) + 1) * bar)

    def toss(tick: int) -> float:
        number, within = divmod(tick, bar)
        origin = 0 if number == 0 else 1 + origins[min(number, len(origins)) - 1]
        return float(thrown[origin * bar + within])

    return toss


def phrase_spans(wish: Wish) -> list[tuple[int, int]]:
    """Ticks from the upbeat of every phrase but the first to that of the next."""
    bar = bar_ticks(wish.form.metre)
    upbeat = int(UPBEAT_SHARE * bar) if wish.form.has_upbeat else 0
    return [((p.start + 1) * bar - upbeat, (p.start + 1 + p.bars) * bar - upbeat) for p in wish.form.phrases[1:]]


def step_above(wish: Wish) -> Callable[[int, int], int]:
    """A function that gives the pitch a step of the scale above another, at a tick."""
    bar = bar_ticks(wish.form.metre)

    def above(tick: int, pitch: int) -> int:
        scale = wish.form.scale_at((tick - bar) // TICKS)
        return next(p for p in range(pitch + 1, pitch + 5) if (p - wish.tonic) % 12 in scale)

    return above


def write_ending(
    melody: Notes,
    below: Notes,
    top: int | None,
    wish: Wish,
    random: np.random.Generator,
    owed: int | None = None,
) -> list[tuple[int, int]]:
    """Pitches and velocities of the last chord: low where the bass was, high where the melody was, thick as the piece.

    The chord is the form's own: the tonic, or one that stays unresolved. `owed` is the key to which a leading tone
    resolves.
    """
    classes = sorted((pc + wish.tonic) % 12 for pc in chord_pitch_classes(wish.form.chords[-1]))
    bass_class = (wish.form.basses[-1] + wish.tonic) % 12
    loud = float(np.mean(melody.velocities[-8:])) if len(melody) else wish.cues["dynamics"]
    if top is None:
        near = int(melody.pitches[-1]) if len(melody) else 72
        top = min((p for p in range(near - 6, near + 7) if p % 12 in classes), key=lambda p: abs(p - near))
    home = float(np.percentile(below.pitches, 15)) if len(below) else 45.0
    low = min((p for p in range(LOWEST_KEY_USED, 56) if p % 12 == bass_class), key=lambda p: abs(p - home))
    pitches = {top, low}
    if owed is not None and owed > low:
        # Within reach of the bass, so that the hand that had the leading tone can resolve it.
        low += 12 * ((owed - low - 1) // 12)
        pitches = {top, low, owed}
    elif random.random() < wish.cues["octave_bass"] + 0.25:
        pitches.add(
            low - 12 if low - 12 >= LOWEST_KEY_USED and random.random() < wish.cues["octave_bass"] else low + 12
        )
    inner = [p for p in range(max(low + 7, top - 14), top) if p % 12 in classes and p - low >= (3 if low > 47 else 7)]
    voices = int(np.clip(round(random.normal(wish.cues["texture"] - 0.8, 0.8)), 0, 3))
    # What is still missing of the chord comes first: a bare octave does not say which chord it is.
    missing = [p for p in inner[::-1] if p % 12 not in {pitch % 12 for pitch in pitches}]
    pitches |= set([*missing, *inner[::-1]][: max(voices, 1)])
    soft = -6 if wish.cues["dynamics_shape"] <= 0 else 2
    return [(pitch, int(np.clip(loud + soft + 3 * (pitch == top), 15, 115))) for pitch in sorted(pitches)]
