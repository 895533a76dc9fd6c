"""From the networks' notes to a score: the emotion's figures, a last chord, two hands; and how it is played."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from generation.music.chords import chord_pitch_classes
from generation.music.hands import assign_hands, leave_out_of_reach, part_collisions, release_keys
from generation.music.length import LAST_CHORD_SECONDS, RELEASED_SECONDS
from generation.music.notes import Hand, Note, Performance, Piece
from generation.music.performance import Ending, Style, hold_keys, join_keys, perform
from generation.music.periods import PlannedForm, Return
from generation.music.score import fill_gaps, mark_piece
from generation.networks.melody_first.codes import TICKS, bar_ticks, velocity_of
from generation.networks.melody_first.guiding import seven_steps
from generation.networks.melody_first.notes import Notes
from generation.networks.melody_first.sampling import HIGHEST_KEY as HIGHEST_KEY_USED
from generation.networks.melody_first.sampling import LOWEST_KEY as LOWEST_KEY_USED
from generation.networks.muse_2 import idioms
from generation.networks.muse_2.planning import UPBEAT_SHARE, Wish

DETACHED: Final = 1.3
"""Wanted articulation below which keys are also released early in playing."""
LEAD: Final = 0.004
TOGETHER: Final = 0.35
"""Seconds by which the melody leads, and each key's own looseness: chords of EMOPIA are spread over 8 ms, the melody
2 ms ahead (measured); Goebl's (2001) 30 ms are those of one loud melody over a soft accompaniment."""
UNEQUALLY_HELD: Final = 0.5
"""Standard deviation of the logarithm of key times about those written; judgement after EMOPIA's."""
SHORTEST_HELD: Final = 0.85
"""No key is held less than this share of the length that the piece's factor gives it, or melodies would sound cut."""
LONGEST_HELD: Final = 2.0
OVERLAP, EARLIEST = 0.05, 0.06
"""Seconds for which keys may be held into the last chord, and by which its keys may come too early."""
JOINED: Final = 0.12
"""Share of keys held exactly until the next one of the hand: a tenth of EMOPIA's melody notes are."""
TOUCHED: Final = 0.035
SHORTLY_TOUCHED: Final = 0.12
"""Share of keys that are only touched, and for how much of their time: 4 % of EMOPIA's keys are down for less than
80 ms, which the pedal makes inaudible."""
MELODY_SOFTER: Final = 4
"""Velocity taken from the melody, which the rules of playing raise again: real melodies lead by 8 (EMOPIA)."""
SMOOTHED: Final = 0.35
"""Share of a note's velocity that is its neighbours': real touch goes on from chord to chord; judgement."""
SHORTEST_TOUCH, LONGEST_TOUCH = 0.7, 2.6
"""Factors on key time that playing may add to come to the length of notes asked for; judgement."""
SLURRED_FROM: Final = 1.2
"""Wanted articulation from which phrases are slurred."""
MOST_ROLLED: Final = 0.35
"""Share of chords broken in the calmest playing; judgement after EMOPIA's short gaps between onsets."""
CHANCES_OF_DOUBLING: Final = 0.85
"""Share of bass notes doubled in a piece that doubles them at all: a habit, not a coin for each; judgement."""


def write_piece(melody: Notes, below: Notes, wish: Wish, random: np.random.Generator) -> Piece:
    """Turn the notes of both hands (ticks, MIDI pitches, velocity codes) into a score that ends with its last chord."""
    melody = replace(melody, velocities=velocity_of(melody.velocities) - MELODY_SOFTER)
    below = replace(below, velocities=velocity_of(below.velocities))
    bar, last = bar_ticks(wish.form.metre), wish.form.bars * bar_ticks(wish.form.metre)
    final = melody.pick(melody.starts >= last)
    melody, below = add_idioms(melody.pick(melody.starts < last), below, wish, random)
    ending = write_ending(melody, below, int(final.pitches[-1]) if len(final) else None, wish, random)
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
    played = release_keys(leave_out_of_reach(assign_hands(part_collisions(notes))))
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
    strong = (0, bar // 2) if form.metre in ("4/4", "12/8") else (0,)

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
    silent = [
        (half, half + bar // 2)
        for half in range(bar + bar // 2, (form.bars - 1) * bar, bar)
        if toss(half) < cues["silences"]
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


def step_above(wish: Wish) -> Callable[[int], int]:
    """A function that gives the pitch a step of the wish's scale above another."""
    scale = seven_steps(frozenset((0, 2, 4, 5, 7, 9, 11) if wish.mode == "major" else (0, 2, 3, 5, 7, 8, 10)))

    def above(pitch: int) -> int:
        return next(p for p in range(pitch + 1, pitch + 4) if (p - wish.tonic) % 12 in scale)

    return above


def write_ending(
    melody: Notes, below: Notes, top: int | None, wish: Wish, random: np.random.Generator
) -> list[tuple[int, int]]:
    """Pitches and velocities of the last chord: low where the bass was, high where the melody was, thick as the piece.

    The chord is the form's own: the tonic, or one that stays unresolved.
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
    if random.random() < wish.cues["octave_bass"] + 0.25:
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


def play_piece(piece: Piece, wish: Wish, random: np.random.Generator) -> Performance:
    """Play a piece in the style its cues ask for."""
    upbeat = piece.upbeat
    struck = min(max(wish.last_chord + upbeat * 60.0 / piece.tempo, LAST_CHORD_SECONDS[0]), LAST_CHORD_SECONDS[1])
    played = perform(
        piece,
        choose_style(
            wish,
            rolls_last=bool(random.random() < wish.cues["rolls_last"]),
            lead=abs(float(random.normal(0.0, LEAD))),
        ),
        random,
        phrase_place=lambda quarter: wish.form.phrase_place(quarter - upbeat),
        chord_changes=[change + upbeat for change in wish.form.changes()],
        ending=Ending(struck, RELEASED_SECONDS),
        bar=wish.form.bar,
        first_bar=upbeat,
    )
    return let_go(touch_keys(played, wish, random), struck)


def mark(piece: Piece, performance: Performance, wish: Wish) -> Piece:
    """The score as it is read: marks of how it is played, and a slur over every phrase that is not detached."""
    score = fill_gaps(piece)
    marks = mark_piece(score, performance)
    if wish.cues["articulation"] >= SLURRED_FROM:
        marks = replace(marks, slurs=tuple(find_slurs(score, wish.form)))
    return replace(score, marks=marks)


def find_slurs(piece: Piece, form: PlannedForm) -> list[tuple[float, float, Hand]]:
    """From the first to the last note of the right hand in each phrase, its upbeat included."""
    onsets = sorted({note.start for note in piece.notes if note.hand == "right"})
    # The upbeat of a phrase lies before its first bar line: as far from the beginning as the first phrase's bar line
    # would lie without one.
    bounds = [0.0, *(phrase.start * form.bar for phrase in form.phrases[1:]), (form.bars - 1) * form.bar + piece.upbeat]
    slurs: list[tuple[float, float, Hand]] = []
    for begin, end in pairwise(bounds):
        within = [onset for onset in onsets if begin <= onset < end]
        if len(within) > 1:
            slurs.append((within[0], within[-1], "right"))
    return slurs


def touch_keys(played: Performance, wish: Wish, random: np.random.Generator) -> Performance:
    """Hold keys as long as the cues ask in the mean, and unequally, as players do."""
    mean = float(np.mean([note.duration for note in played.notes]))
    factor = min(max(wish.cues["note_length"] / mean, SHORTEST_TOUCH), LONGEST_TOUCH)
    count = len(played.notes)
    unequal = np.clip(random.lognormal(0.0, UNEQUALLY_HELD, size=count), SHORTEST_HELD, LONGEST_HELD)
    unequal[random.random(count) < TOUCHED] = SHORTLY_TOUCHED
    held = hold_keys(played, factor * unequal)
    return join_keys(held, random.random(len(held.notes)) < JOINED)


def let_go(played: Performance, struck: float) -> Performance:
    """No key is held on into the last chord, which is struck at `struck` seconds, but its own.

    >>> from generation.music.notes import PlayedNote
    >>> early, last = PlayedNote(20.0, 60, 9.0, 64, "right"), PlayedNote(23.0, 48, 3.6, 64, "left")
    >>> [round(note.offset, 2) for note in let_go(Performance((early, last)), 23.0).notes]
    [23.05, 26.6]
    """
    return replace(
        played,
        notes=tuple(
            note
            if note.onset >= struck - EARLIEST
            else replace(note, duration=min(note.duration, struck + OVERLAP - note.onset))
            for note in played.notes
        ),
    )


def choose_style(wish: Wish, *, rolls_last: bool, lead: float) -> Style:
    """Strength of the performance rules for the cues; the mapping is judgement."""
    cues = wish.cues
    calm = 1.0 / (1.0 + math.exp((cues["density"] - 6.5) / 0.8))
    return Style(
        dynamics=cues["dynamics"],
        spread=cues["dynamics_spread"],
        shape=cues["dynamics_shape"],
        arch=cues["rubato"],
        ritard=cues["ritard"],
        lead=lead,
        together=TOGETHER,
        rolls_last=rolls_last,
        looseness=cues["looseness"],
        detachment=min(max(cues["articulation"] / DETACHED, 0.55), 1.0),
        pedal=min(max(cues["pedal"], 0.0), 1.0),
        roll=calm * MOST_ROLLED,
    )
