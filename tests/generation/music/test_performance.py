"""Playing: melody heard, phrases shaped, the ending slows and rings, no key struck while down, seeded."""

from __future__ import annotations

import doctest
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.music import performance as rules
from generation.music.notes import Note, Performance, Piece
from generation.music.performance import Style, find_melody, keep_time, perform

PLAIN = Style(dynamics=64, spread=10, arch=0.0, ritard=1.0, lead=0.0, looseness=0.0)


def waltzing_piece(bars: int = 8) -> Piece:
    notes = []
    for bar in range(bars):
        notes.append(Note(bar * 4.0, 43, 4.0, 60, "left"))
        notes += [Note(bar * 4.0 + beat, 72 + beat, 1.0, 64, "right") for beat in range(4)]
    return Piece(tuple(sorted(notes)), 120.0, 0, "major")


def play(style: Style, seed: int = 1, piece: Piece | None = None) -> Performance:
    return perform(
        piece or waltzing_piece(),
        style,
        np.random.default_rng(seed),
        phrase_place=lambda beat: beat % 16 / 16,
        chord_changes=[4.0 * bar for bar in range(8)],
    )


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(rules).failed == 0


def test_without_rules_the_score_is_played_in_strict_time() -> None:
    piece = waltzing_piece()
    onsets = [note.onset for note in play(PLAIN).notes]
    assert onsets == pytest.approx([note.start * 0.5 for note in piece.notes])


def test_the_same_seed_plays_the_same_and_another_seed_differently() -> None:
    loose = replace(PLAIN, looseness=0.01)
    assert play(loose, 3) == play(loose, 3)
    assert play(loose, 3) != play(loose, 4)


def test_the_melody_sounds_before_its_bass_and_louder() -> None:
    played = play(replace(PLAIN, lead=0.02)).notes
    melody = [note for note in played if note.hand == "right"]
    bass = [note for note in played if note.hand == "left"]
    leads = [b.onset - min(melody, key=lambda m: abs(m.onset - b.onset)).onset for b in bass]
    assert 0.01 < float(np.mean(leads)) < 0.03
    assert np.mean([n.velocity for n in melody]) > np.mean([n.velocity for n in bass])


def test_mean_and_spread_of_loudness_are_those_asked_for() -> None:
    velocities = [note.velocity for note in play(replace(PLAIN, dynamics=80, spread=5)).notes]
    assert np.mean(velocities) == pytest.approx(80, abs=1)
    assert np.std(velocities) == pytest.approx(5, abs=2)


def test_a_crescendo_ends_louder_than_it_began() -> None:
    velocities = [note.velocity for note in play(replace(PLAIN, shape=30)).notes]
    third = len(velocities) // 3
    assert np.mean(velocities[-third:]) - np.mean(velocities[:third]) == pytest.approx(30, abs=6)


def test_the_final_ritard_reaches_the_asked_share_of_the_tempo() -> None:
    clock = keep_time(32.0, 120.0, 28.0, replace(PLAIN, ritard=0.5), lambda beat: 0.5)
    first, last = clock.at(1.0) - clock.at(0.0), clock.at(29.0) - clock.at(28.0)
    assert last / first == pytest.approx(2.0, rel=0.01)


def test_phrase_arches_keep_the_mean_tempo() -> None:
    clock = keep_time(32.0, 120.0, 32.0, replace(PLAIN, arch=0.1), lambda beat: beat % 16 / 16)
    assert clock.at(32.0) == pytest.approx(16.0, rel=0.01)
    assert clock.at(1.0) - clock.at(0.0) > clock.at(9.0) - clock.at(8.0)


def test_detached_playing_releases_keys_early_but_not_the_last() -> None:
    short, full = play(replace(PLAIN, detachment=0.5)).notes, play(PLAIN).notes
    assert short[1].duration == pytest.approx(full[1].duration / 2, rel=0.1)
    assert short[-1].duration == full[-1].duration


def test_the_pedal_changes_with_the_harmony_and_lifts_before_it_falls() -> None:
    pedals = play(PLAIN).pedals
    assert len(pedals) == 9
    assert all(before.up < after.down for before, after in pairwise(pedals))
    assert all(pedal.down < pedal.up for pedal in pedals)


def test_a_dry_pedal_is_down_for_less_time() -> None:
    def held(style: Style) -> float:
        return sum(pedal.up - pedal.down for pedal in play(style).pedals)

    assert held(replace(PLAIN, pedal=0.3)) < 0.6 * held(replace(PLAIN, pedal=0.9))


def test_the_melody_is_the_top_of_the_right_hand() -> None:
    piece = waltzing_piece(1)
    assert [n.hand == "right" for n in piece.notes] == find_melody(piece.notes)


def test_a_piece_without_notes_is_silence() -> None:
    assert perform(Piece((), 120.0, 0, "major"), PLAIN, np.random.default_rng(0)) == Performance(())


crowded = st.lists(
    st.builds(
        Note,
        st.integers(0, 31).map(lambda n: n / 4),
        st.integers(60, 64),
        st.integers(1, 16).map(lambda n: n / 4),
        st.integers(1, 127),
        st.sampled_from(["right", "left"]),
    ),
    min_size=1,
    max_size=40,
)


@given(crowded, st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_no_key_is_struck_while_it_is_down(notes: list[Note], seed: int) -> None:
    piece = Piece(tuple(sorted(notes)), 140.0, 0, "major")
    played = play(replace(PLAIN, looseness=0.02, lead=0.02), seed, piece)
    by_key = sorted(played.notes, key=lambda note: (note.pitch, note.onset))
    for before, after in pairwise(by_key):
        assert before.pitch != after.pitch or after.onset > before.offset
    assert min(note.onset for note in played.notes) >= 0
    assert all(note.duration > 0 and 1 <= note.velocity <= 127 for note in played.notes)


def test_a_broken_chord_is_struck_upwards_from_its_lowest_note() -> None:
    chord = Piece(tuple(Note(0.0, pitch, 4.0, 60, "right") for pitch in (60, 64, 67)), 120.0, 0, "major")
    onsets = [note.onset for note in sorted(play(replace(PLAIN, roll=1.0), 1, chord).notes, key=lambda n: n.pitch)]
    assert onsets[0] == 0
    assert 0.045 <= onsets[1] <= 0.085
    assert onsets[2] == pytest.approx(2 * onsets[1])
    assert {note.onset for note in play(PLAIN, 1, chord).notes} == {0.0}
