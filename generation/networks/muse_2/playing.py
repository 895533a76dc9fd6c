"""How a piece of Muse 2 is played, and what its score says of it."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from generation.music.length import LAST_CHORD_SECONDS, RELEASED_SECONDS
from generation.music.notes import Hand, Performance, Piece
from generation.music.performance import STRUCK_TOGETHER, Ending, Style, hold_keys, join_keys, perform
from generation.music.planned_form import PlannedForm
from generation.music.score import fill_gaps, mark_piece
from generation.networks.muse_2.planning import Wish

DETACHED: Final = 1.3
"""Wanted articulation below which keys are also released early in playing."""
LEAD: Final = 0.004
TOGETHER: Final = 0.35
"""Seconds by which the melody leads, and each key's own looseness: chords of EMOPIA are spread over 8 ms, the melody
2 ms ahead (measured); Goebl's (2001) 30 ms are those of one loud melody over a soft accompaniment."""
EXACTLY: Final = 0.07
"""Share of chords whose keys come at one moment, beside those that do by chance: .10 in EMOPIA, .04 without."""
UNEQUALLY_HELD: Final = 0.5
"""Standard deviation of the logarithm of key times about those written; judgement after EMOPIA's."""
SHORTEST_HELD: Final = 0.85
"""No key is held less than this share of the length that the piece's factor gives it, or melodies would sound cut."""
LONGEST_HELD: Final = 2.0
OVERLAP, EARLIEST = 0.05, 0.06
"""Seconds for which keys may be held into the last chord, and by which its keys may come too early."""
JOINED: Final = 0.08
"""Share of keys held exactly until the next one of the hand; of EMOPIA's bass notes .04 are, with .12 here .075."""
TOUCHED: Final = 0.035
SHORTLY_TOUCHED: Final = 0.12
"""Share of keys that are only touched, and for how much of their time: 4 % of EMOPIA's keys are down for less than
80 ms, which the pedal makes inaudible."""
SHORTEST_TOUCH, LONGEST_TOUCH = 0.7, 2.6
"""Factors on key time that playing may add to come to the length of notes asked for; judgement."""
SLURRED_FROM: Final = 1.2
"""Wanted articulation from which phrases are slurred."""
MOST_ROLLED: Final = 0.35
"""Share of chords broken in the calmest playing; judgement after EMOPIA's short gaps between onsets."""


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
        chord_changes=[change + upbeat for change in change_pedal(wish, random)],
        ending=Ending(struck, RELEASED_SECONDS),
        bar=wish.form.bar,
        first_bar=upbeat,
    )
    return let_go(touch_keys(strike_together(played, random), wish, random), struck)


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


def change_pedal(wish: Wish, random: np.random.Generator) -> list[float]:
    """Quarters at which the pedal changes: where the harmony does, but for changes over which the foot stays down."""
    changes = wish.form.changes()
    stays = random.random(len(changes)) < wish.cues["pedal_over"]
    return [change for change, stay in zip(changes, stays, strict=True) if not stay]


def touch_keys(played: Performance, wish: Wish, random: np.random.Generator) -> Performance:
    """Hold keys as long as the cues ask in the mean, and unequally, as players do."""
    mean = float(np.mean([note.duration for note in played.notes]))
    factor = min(max(wish.cues["note_length"] / mean, SHORTEST_TOUCH), LONGEST_TOUCH)
    count = len(played.notes)
    unequal = np.clip(random.lognormal(0.0, UNEQUALLY_HELD, size=count), SHORTEST_HELD, LONGEST_HELD)
    unequal[random.random(count) < TOUCHED] = SHORTLY_TOUCHED
    held = hold_keys(played, factor * unequal)
    return join_keys(held, random.random(len(held.notes)) < JOINED)


def strike_together(played: Performance, random: np.random.Generator, share: float = EXACTLY) -> Performance:
    """Strike a share of the chords that are not broken exactly together, at the moment of their first key.

    A chord is the keys struck within `STRUCK_TOGETHER` of its first one, of both hands. Keys are let go when they were.

    Examples
    --------
    >>> from generation.music.notes import PlayedNote
    >>> low, high = PlayedNote(1.0, 48, 0.5, 64, "left"), PlayedNote(1.01, 60, 0.5, 64, "right")
    >>> both = strike_together(Performance((low, high)), np.random.default_rng(0), share=1.0)
    >>> [(note.onset, round(note.offset, 2)) for note in both.notes]
    [(1.0, 1.5), (1.0, 1.51)]
    """
    first, exactly = -math.inf, False
    notes = []
    for note in sorted(played.notes):
        if note.onset - first > STRUCK_TOGETHER:
            first, exactly = note.onset, bool(random.random() < share)
        notes.append(replace(note, onset=first, duration=note.offset - first) if exactly else note)
    return replace(played, notes=tuple(sorted(notes)))


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
