"""Cues of finished pieces: what is asked for changes by as much as asked, and what is not asked for stays."""

from __future__ import annotations

import doctest
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Final

import numpy as np
import pytest

from generation.emotions import get_emotion
from generation.music import score
from generation.music.attributes import KINDS, Attributes, measure
from generation.music.cues.changing import change, change_all, tell_change
from generation.music.cues.levels import CUES, UNCHANGED, check_levels, combine, describe_levels
from generation.music.cues.matching import match_notes
from generation.music.length import LAST_CHORD_SECONDS, RELEASED_SECONDS
from generation.music.notes import Marks, Note, Performance, Piece, PlayedNote, play_straight
from generation.networks.composers import ComposeRequest, compose

PIECES: Final = [
    (composer, emotion)
    for composer in ("muse", "muse-2")
    for emotion in ("excitement", "contentment", "anger", "sadness")
]
WIDTHS: Final = {kind.name: kind.width for kind in KINDS}
MOVES_ALONG: Final = {
    # Another tempo is another number of notes a second, of another choice of bars.
    "tempo": {"tempo", "density", "melody_density", "accompaniment_density", "note_length", "repetition"}
    | {"regularity", "articulation", "bass_register", "melody_register", "harmonic_variety", "dynamics_shape"}
    | {"majorness", "chromaticism", "texture", "dissonance"},
    # Raised sevenths beside natural ones, and seconds between them.
    "mode": {"majorness", "chromaticism", "dissonance", "harmonic_variety"},
    # The measure of articulation and that of the bass part the hands at middle C, which notes cross.
    "register": {"melody_register", "bass_register", "articulation"},
    "touch": {"dynamics"},
    # What sounds together and what counts as the top line follow from how long keys are held.
    "articulation": {"articulation", "note_length", "pedal", "dissonance", "melody_density", "accompaniment_density"}
    | {"melody_register", "majorness", "chromaticism", "harmonic_variety"},
}
ELSEWHERE: Final = 0.75
"""Widths of its band by which an attribute that does not move along may differ: it stays in the middle of the band."""


@cache
def compose_piece(composer: str, emotion: str) -> tuple[Piece, Performance]:
    made = compose(composer, ComposeRequest(get_emotion(emotion), seed=3, candidates=1))
    assert made.performance is not None
    return made.piece, made.performance


def measure_piece(piece: Piece, performance: Performance) -> Attributes:
    return measure(performance, tempo=piece.tempo)


def pace_of(piece: Piece, performance: Performance) -> float:
    """Seconds a quarter takes: the median over pairs of notes about a second and a half apart."""
    starts = np.array([piece.notes[place].start for place in match_notes(piece, performance)])
    onsets = np.array([note.onset for note in performance.notes])
    apart = np.searchsorted(onsets, onsets + 1.5)  # some notes later, so that looseness counts little
    pairs = np.flatnonzero(apart < len(onsets) - 4)
    return float(np.median((onsets[apart[pairs]] - onsets[pairs]) / (starts[apart[pairs]] - starts[pairs])))


@pytest.mark.parametrize(
    "module", ["levels", "matching", "changing", "tempo", "mode", "register", "touch", "articulation"]
)
def test_examples_in_the_documentation_hold(module: str) -> None:
    result = doctest.testmod(import_module(f"generation.music.cues.{module}"))
    assert result.failed == 0
    assert result.attempted > 0


def test_the_levels_are_those_that_the_documents_name() -> None:
    assert {cue.name: {level.name: level.value for level in cue.levels} for cue in CUES.values()} == {
        "tempo": {"slow": 0.7, "as-composed": 1.0, "fast": 1.4},
        "mode": {"minor": 0.0, "major": 1.0},
        "register": {"low": -6.0, "as-composed": 0.0, "high": 6.0},
        "touch": {"soft": -16.0, "as-composed": 0.0, "loud": 16.0},
        "articulation": {"staccato": 0.4, "detached": 0.7, "legato": 1.0},
    }
    assert {cue.name: cue.usual for cue in CUES.values()} == {
        "tempo": ("slow", "fast"),
        "mode": ("minor", "major"),
        "register": ("low", "high"),
        "touch": ("soft", "loud"),
        "articulation": ("staccato", "legato"),
    }


def test_all_five_cues_at_two_levels_are_the_most_variants() -> None:
    variants = combine(dict.fromkeys(CUES, ()))
    assert len(variants) == len({tuple(one.items()) for one in variants}) == 32
    with pytest.raises(ValueError, match="48 variants of one piece are more than 32"):
        combine({**dict.fromkeys(CUES, ()), "tempo": ("slow", UNCHANGED, "fast")})


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "Choose at least one cue"),
        ({"timbre": ()}, "There is no cue 'timbre'"),
        ({"tempo": ("slow", "slow")}, "Tempo needs two levels at least"),
        ({"mode": ("minor", "dorian")}, "Mode has no level 'dorian'"),
    ],
)
def test_designs_that_compare_nothing_are_refused(asked: dict[str, tuple[str, ...]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        combine(asked)


def test_levels_are_told_in_words() -> None:
    assert describe_levels(check_levels({"articulation": "legato", "tempo": "fast"})) == (
        "fast tempo, legato articulation"
    )


@pytest.mark.parametrize(("composer", "emotion"), PIECES)
@pytest.mark.parametrize("cue", list(CUES))
def test_what_is_not_asked_for_stays(composer: str, emotion: str, cue: str) -> None:
    piece, performance = compose_piece(composer, emotion)
    before = measure_piece(piece, performance).to_dict()
    for level in CUES[cue].usual:
        after = measure_piece(*change(piece, performance, cue, level)).to_dict()
        moved = {name for name in WIDTHS if abs(after[name] - before[name]) > ELSEWHERE * WIDTHS[name]}
        assert moved <= MOVES_ALONG[cue], (level, moved)


@pytest.mark.parametrize(("composer", "emotion"), PIECES)
def test_tempo_moves_by_the_factor_and_every_clip_ends_like_all_others(composer: str, emotion: str) -> None:
    piece, performance = compose_piece(composer, emotion)
    for level in ("slow", "fast"):
        changed = change(piece, performance, "tempo", level)
        assert changed.piece.tempo / piece.tempo == pytest.approx(CUES["tempo"].find(level).value, rel=0.06)
        last = max(note.start for note in changed.piece.notes)
        struck = [
            changed.performance.notes[place].onset
            for place, written in enumerate(match_notes(*changed))
            if changed.piece.notes[written].start == last
        ]
        assert LAST_CHORD_SECONDS[0] - 0.1 <= min(struck) <= LAST_CHORD_SECONDS[1] + 0.1
        assert changed.performance.seconds == pytest.approx(RELEASED_SECONDS, abs=0.01)
        # The beat as played, rubato and all, is that of the piece over the factor.
        pace = pace_of(*changed) / pace_of(piece, performance)
        assert pace == pytest.approx(piece.tempo / changed.piece.tempo, rel=0.04)


@pytest.mark.parametrize(("composer", "emotion"), PIECES)
def test_another_tempo_plays_bars_of_the_piece_and_keeps_beginning_and_ending(composer: str, emotion: str) -> None:
    piece, performance = compose_piece(composer, emotion)

    def list_bars(of: Piece) -> list[tuple[tuple[float, int], ...]]:
        bars: dict[int, list[tuple[float, int]]] = {}
        for note in of.notes:
            bar = int((note.start - of.upbeat + 1e-6) // of.bar)
            bars.setdefault(bar, []).append((round((note.start - of.upbeat) % of.bar, 4), note.pitch))
        return [tuple(sorted(bars[bar])) for bar in sorted(bars)]

    known = list_bars(piece)
    for level in ("slow", "fast"):
        changed = list_bars(change(piece, performance, "tempo", level).piece)
        assert (len(changed) < len(known)) == (level == "slow")
        assert set(changed) <= set(known)
        assert changed[0] == known[0]
        assert changed[-3:] == known[-3:]


@pytest.mark.parametrize(("composer", "emotion"), PIECES)
def test_mode_is_heard_and_named(composer: str, emotion: str) -> None:
    piece, performance = compose_piece(composer, emotion)
    minor, major = (change(piece, performance, "mode", mode) for mode in ("minor", "major"))
    assert measure_piece(*minor).mode == minor.piece.mode == "minor"
    assert measure_piece(*major).mode == major.piece.mode == "major"
    assert measure_piece(*major).majorness - measure_piece(*minor).majorness > 0.15
    assert (minor if piece.mode == "minor" else major) == (piece, performance)
    fifths = {mode: f"<fifths>{value}</fifths>" for mode, value in _fifths(piece.tonic).items()}
    assert fifths["minor"].encode() in score.write_musicxml(minor.piece)
    assert fifths["major"].encode() in score.write_musicxml(major.piece)


def _fifths(tonic: int) -> dict[str, int]:
    # Sharps of the major key on each pitch class from C, and of the minor key: three fewer, in at most six accidentals.
    major = [0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5][tonic]
    minor = [-3, 4, -1, -6, 1, -4, 3, -2, 5, 0, -5, 2][tonic]
    return {"major": major, "minor": minor}


def in_c(*degrees: int, mode: str = "major", together: bool = False) -> Piece:
    notes = [
        Note(0.0 if together else float(beat), 60 + degree, 1.0, 64, "right") for beat, degree in enumerate(degrees)
    ]
    return Piece(tuple(sorted(notes)), 60.0, 0, mode)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((0, 2, 4, 5, 7, 9, 7), (0, 2, 3, 5, 7, 8, 7)),  # third and sixth are lowered
        ((7, 9, 11, 12), (7, 9, 11, 12)),  # up to the tonic: melodic minor
        ((12, 11, 9, 7), (12, 10, 8, 7)),  # down from it: natural minor
        ((0, 1, 3, 6, 7), (0, 1, 3, 6, 7)),  # chromatic notes of the major key stay
    ],
)
def test_degrees_become_those_of_minor(before: tuple[int, ...], after: tuple[int, ...]) -> None:
    piece = in_c(*before)
    assert [note.pitch - 60 for note in change(piece, None, "mode", "minor").piece.notes] == list(after)


@pytest.mark.parametrize(
    ("chord", "after"),
    [
        ((7, 11, 14, 17), {7, 11, 14, 17}),  # the dominant seventh keeps its leading tone
        ((11, 14, 17), {11, 14, 17}),  # so does the chord on it
        ((0, 4, 7, 11), {0, 3, 7, 10}),  # a major seventh on the tonic leads nowhere
        ((4, 7, 11), {3, 7, 10}),  # nor does the mediant
        ((9, 12, 16), {8, 12, 15}),  # the submediant is that of minor
    ],
)
def test_chords_become_those_of_minor(chord: tuple[int, ...], after: set[int]) -> None:
    changed = change(in_c(*chord, together=True), None, "mode", "minor")
    assert {note.pitch - 60 for note in changed.piece.notes} == after
    assert {note.pitch - 60 for note in changed.performance.notes} == after


def test_natural_minor_becomes_major_and_its_chromatic_notes_stay() -> None:
    changed = change(in_c(0, 3, 8, 10, 11, 1, 6, mode="minor"), None, "mode", "major").piece
    assert [note.pitch - 60 for note in changed.notes] == [0, 4, 9, 11, 11, 1, 6]


def test_two_degrees_that_meet_on_one_key_strike_it_once() -> None:
    piece = in_c(3, 4, mode="minor", together=True)
    changed = change(piece, None, "mode", "major")
    assert [note.pitch for note in changed.piece.notes] == [note.pitch for note in changed.performance.notes] == [64]


def test_register_moves_both_hands_and_stays_on_the_keyboard() -> None:
    notes = (Note(0.0, 22, 1.0, 64, "left"), Note(0.0, 60, 1.0, 64, "right"), Note(1.0, 107, 1.0, 64, "right"))
    piece = Piece(notes, 60.0, 10, "minor")
    low, high = (change(piece, None, "register", level) for level in ("low", "high"))
    assert [note.pitch for note in low.piece.notes] == [28, 54, 101]
    assert [note.pitch for note in high.piece.notes] == [28, 66, 101]
    assert low.piece.tonic == high.piece.tonic == 4
    assert [note.pitch for note in sorted(low.performance.notes)] == [28, 54, 101]


@pytest.mark.parametrize(("composer", "emotion"), PIECES)
def test_register_moves_every_note_alike(composer: str, emotion: str) -> None:
    piece, performance = compose_piece(composer, emotion)
    for level, semitones in (("low", -6), ("high", 6)):
        played = change(piece, performance, "register", level).performance
        assert [replace(note, pitch=note.pitch - semitones) for note in played.notes] == list(performance.notes)


def test_touch_moves_by_its_velocities_within_the_midi_range_and_marks_follow() -> None:
    notes = tuple(Note(float(beat), 60, 1.0, velocity, "right") for beat, velocity in enumerate((5, 64, 120)))
    piece = Piece(notes, 60.0, 0, "major", marks=Marks(dynamics=((0.0, "mp"), (2.0, "fff"))))
    soft, loud = (change(piece, None, "touch", level) for level in ("soft", "loud"))
    assert [note.velocity for note in soft.performance.notes] == [note.velocity for note in soft.piece.notes]
    assert [note.velocity for note in soft.performance.notes] == [1, 48, 104]
    assert [note.velocity for note in loud.performance.notes] == [21, 80, 127]
    assert soft.piece.marks.dynamics == ((0.0, "p"), (2.0, "ff"))
    assert loud.piece.marks.dynamics == ((0.0, "mf"), (2.0, "fff"))


@pytest.mark.parametrize(("composer", "emotion"), PIECES)
def test_keys_are_held_for_the_share_of_their_written_time(composer: str, emotion: str) -> None:
    piece, performance = compose_piece(composer, emotion)
    legato, detached, staccato = (
        change(piece, performance, "articulation", level).performance for level in ("legato", "detached", "staccato")
    )
    last = max(note.onset for note in performance.notes) - 0.5
    inner = [place for place, note in enumerate(performance.notes) if note.onset < last]
    held = {
        name: np.array([played.notes[place].duration for place in inner])
        for name, played in (("legato", legato), ("detached", detached), ("staccato", staccato))
    }
    assert np.median(held["staccato"] / held["legato"]) == pytest.approx(0.4, abs=0.01)
    assert np.median(held["detached"] / held["legato"]) == pytest.approx(0.7, abs=0.01)
    assert [note.onset for note in staccato.notes] == [note.onset for note in performance.notes]
    assert legato.pedals == performance.pedals
    assert all(pedal.down >= last for pedal in staccato.pedals)
    assert staccato.seconds == legato.seconds == pytest.approx(RELEASED_SECONDS, abs=0.01)


def test_the_score_of_a_staccato_has_dots_and_neither_slurs_nor_pedal() -> None:
    notes = tuple(Note(float(beat), 60 + beat, 1.0, 64, "right") for beat in range(5))
    marks = Marks(slurs=((0.0, 2.0, "right"),), pedals=((0.0, 2.0), (4.0, 5.0)), staccato=((1.0, "right"),))
    piece = Piece(notes, 60.0, 0, "major", marks=marks)
    staccato, detached, legato = (
        change(piece, None, "articulation", level).piece.marks for level in ("staccato", "detached", "legato")
    )
    assert staccato.staccato == tuple((float(beat), "right") for beat in range(4))
    assert detached.staccato == legato.staccato == ()
    assert staccato.slurs == detached.slurs == ()
    assert staccato.pedals == detached.pedals == ((4.0, 5.0),)
    assert legato.slurs == marks.slurs
    written = change(piece, None, "articulation", "staccato").piece
    assert score.write_musicxml(written).count(b"<staccato") == 4


def test_marks_go_with_their_bars_at_another_tempo() -> None:
    notes = tuple(Note(4.0 * bar + beat, 60 + bar, 1.0, 64, "right") for bar in range(12) for beat in range(4))
    notes += (Note(48.0, 60, 4.0, 64, "right"),)
    marks = Marks(
        dynamics=((0.0, "p"), (32.0, "f")),
        hairpins=((28.0, 36.0, "crescendo"), (44.0, 48.0, "diminuendo")),
        tempi=((45.0, "rit."),),
    )
    piece = Piece(notes, 120.0, 0, "major", marks=marks)
    played = play_straight(piece, released=26.6)
    for level in ("slow", "fast"):
        changed = change(piece, played, "tempo", level).piece
        last = max(note.start for note in changed.notes)
        assert changed.marks.tempi == ((last - 3.0, "rit."),)
        assert changed.marks.hairpins[-1] == (last - 4.0, last, "diminuendo")
        assert changed.marks.dynamics[0] == (0.0, "p")
        assert changed.marks.dynamics[-1][1] == "f"
        assert all(end <= last for _, end, _ in changed.marks.hairpins)


def test_as_composed_is_the_piece_itself_and_a_composer_that_plays_straight_is_played_so() -> None:
    piece, performance = compose_piece("muse", "sadness")
    for cue in ("tempo", "register", "touch"):
        assert change(piece, performance, cue, UNCHANGED) == (piece, performance)
    plain = in_c(0, 2, 4)
    assert change(plain, None, "touch", UNCHANGED).performance == play_straight(plain)


def test_all_cues_together_make_a_clip_of_the_same_length_the_same_each_time() -> None:
    piece, performance = compose_piece("muse-2", "contentment")
    levels = {"tempo": "slow", "mode": "minor", "register": "low", "touch": "soft", "articulation": "staccato"}
    once, again = change_all(piece, performance, levels), change_all(piece, performance, levels)
    assert once == again
    assert score.write_midi(*once) == score.write_midi(*again)
    measured, before = measure_piece(*once), measure_piece(piece, performance)
    assert measured.mode == "minor"
    assert measured.melody_register < before.melody_register - 4
    assert measured.dynamics == pytest.approx(before.dynamics - 16, abs=1.5)
    assert measured.articulation < 0.5
    assert once.performance.seconds == pytest.approx(RELEASED_SECONDS, abs=0.01)
    assert tell_change(piece, once.piece, levels)["tempo_reached"] == pytest.approx(0.7, rel=0.06)


def test_a_piece_of_two_bars_has_no_other_tempo() -> None:
    piece = Piece((Note(0.0, 60, 4.0, 64, "right"), Note(4.0, 60, 4.0, 64, "right")), 60.0, 0, "major")
    with pytest.raises(ValueError, match="too few bars"):
        change(piece, None, "tempo", "slow")


def test_notes_played_more_often_than_written_belong_to_the_nearest() -> None:
    piece = in_c(0, 2, 0)
    straight = play_straight(piece)
    grace = PlayedNote(1.9, 60, 0.05, 64, "right")
    played = replace(straight, notes=tuple(sorted([*straight.notes, grace])))
    assert match_notes(piece, played).tolist() == [0, 1, 2, 2]
