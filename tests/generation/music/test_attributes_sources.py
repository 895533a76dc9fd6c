"""Keys, beats, chords, hands, form, harmony and copying: the musical tools below the attributes."""

from __future__ import annotations

import doctest
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.music import beats, chords, copying, form, hands, harmony, keys, musicality, quantising
from generation.music.beats import track_beats
from generation.music.chords import chord_pitch_classes, find_chords, number_chord
from generation.music.copying import RUN, collect_hashes, count_copied, hash_runs
from generation.music.form import FEWEST_BARS, MOST_BARS, SHAPES, plan_form
from generation.music.hands import FINGERS, SPAN, assign_hands, part_collisions, release_keys
from generation.music.harmony import draw_progression, read_numeral, read_progressions, tonic_chord
from generation.music.keys import find_key, weigh_pitch_classes
from generation.music.notes import Note
from generation.music.quantising import quantise


@pytest.mark.parametrize(
    "module", [beats, chords, copying, form, hands, harmony, keys, musicality, quantising], ids=lambda m: m.__name__
)
def test_examples_in_the_documentation_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize("tonic", range(12))
def test_each_major_and_minor_key_is_found_from_its_cadence(tonic: int) -> None:
    def chroma(*triads: tuple[int, ...]) -> np.ndarray:
        pitches = np.array([60 + tonic + step for triad in triads for step in triad])
        return weigh_pitch_classes(pitches, np.ones(len(pitches)))

    major = find_key(chroma((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7)))
    minor = find_key(chroma((0, 3, 7), (5, 8, 12), (7, 11, 14), (0, 3, 7)))
    assert (major.tonic, major.mode) == (tonic, "major")
    assert (minor.tonic, minor.mode) == (tonic, "minor")


@pytest.mark.parametrize("tempo", [70, 90, 104, 120])
def test_the_tempo_of_eighths_with_a_bass_on_each_beat_is_found(tempo: int) -> None:
    eighth = 30.0 / tempo
    onset = np.arange(64) * eighth
    pitch = np.where(np.arange(64) % 2 == 0, 45, 70)
    grid = track_beats(onset, pitch, np.where(pitch == 45, 90, 50))
    assert grid.tempo == pytest.approx(tempo, rel=0.03)


def test_quantising_finds_the_written_sixteenths_under_a_pianists_noise() -> None:
    random = np.random.default_rng(2)
    written = np.sort(np.concatenate([np.arange(0, 128, 4), np.arange(2, 128, 8), np.arange(7, 128, 16)]))
    onset = written * 0.15 + random.normal(0, 0.008, len(written))
    pitch = np.where(written % 4 == 0, 40, 70)
    rows = np.stack([onset, pitch, np.full(len(written), 0.3), np.full(len(written), 70)], axis=1)
    found = quantise(rows)
    assert found.rest < 0.12
    assert (found.starts - found.starts.min()).tolist() == written.tolist()


def test_a_dominant_seventh_is_named_in_any_inversion() -> None:
    for bass in (43, 47, 50, 53):
        pitches = np.array([bass, 67, 71, 74, 77])
        found = find_chords(np.zeros(5, int), pitches, np.full(5, 8), tonic=0)
        assert chord_pitch_classes(int(found[0])) >= {7, 11, 2}


def test_roman_numerals_name_the_chords_of_the_mode() -> None:
    assert read_numeral("vi", "major") == number_chord(9, "minor")
    assert read_numeral("bVII", "major") == number_chord(10, "major")
    assert read_numeral("iid", "minor") == number_chord(2, "diminished")
    assert read_numeral("#ivd", "minor") == number_chord(6, "diminished")
    assert read_numeral("viid", "minor") == number_chord(11, "diminished")
    with pytest.raises(ValueError, match="is not a chord numeral"):
        read_numeral("H7", "major")


def test_sad_places_draw_minor_plagal_progressions_more_than_bright_ones() -> None:
    def share(place: tuple[float, float, float]) -> float:
        random = np.random.default_rng(0)
        drawn = [draw_progression("minor", place, random) for _ in range(200)]
        return float(np.mean([progression.place[1] < 0 for progression in drawn]))

    assert share((-0.7, -0.55, -0.65)) > 0.9 > 0.1 > share((-0.65, 0.75, 0.3))


def test_each_progression_has_four_chords_and_a_source() -> None:
    assert {len(progression.chords) for progression in read_progressions()} == {4}


@given(st.integers(FEWEST_BARS, MOST_BARS), st.sampled_from(["major", "minor"]), st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_every_form_has_all_its_bars_a_return_and_a_cadence(bars: int, mode: str, seed: int) -> None:
    planned = plan_form(bars, "major" if mode == "major" else "minor", (0.1, 0.0, 0.0), np.random.default_rng(seed))
    assert planned.bars == bars
    assert len(planned.chords) == 2 * planned.bars
    assert len(planned.sources) == planned.bars
    assert planned.shape in SHAPES
    assert sum(source is not None for source in planned.sources) >= (bars >= 7)
    assert all(source < bar for bar, source in enumerate(planned.sources) if source is not None)
    assert planned.chords[-1] == planned.chords[-2] == tonic_chord("major" if mode == "major" else "minor")
    assert planned.chords[-3] != planned.chords[-1]


hand_notes = st.lists(
    st.builds(
        Note,
        st.integers(0, 15).map(lambda n: n / 2),
        st.integers(30, 95),
        st.integers(1, 12).map(lambda n: n / 2),
        st.just(64),
        st.just("right"),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda note: (note.start, note.pitch),
)


@given(hand_notes)
@settings(max_examples=100, deadline=None)
def test_no_hand_holds_more_keys_than_fingers_after_release(notes: list[Note]) -> None:
    played = release_keys(assign_hands(notes))
    assert len(played) == len(notes)
    for hand in ("left", "right"):
        line = [note for note in played if note.hand == hand]
        for note in line:
            struck = sum(other.start == note.start for other in line)
            held = sum(other.start < note.start < other.end for other in line)
            assert held + struck <= max(FINGERS, struck)


def test_hands_hold_only_what_they_reach() -> None:
    arpeggio = [Note(i / 2, pitch, 4.0, 64, "left") for i, pitch in enumerate((36, 43, 48, 55, 60))]
    played = sorted(release_keys(arpeggio))
    for note in played:
        held = [other.pitch for other in played if other.start <= note.start < other.end]
        assert max(held) - min(held) <= SPAN


@given(hand_notes)
@settings(max_examples=60, deadline=None)
def test_no_key_is_struck_while_it_is_still_down(notes: list[Note]) -> None:
    by_pitch = sorted(part_collisions(notes), key=lambda note: (note.pitch, note.start))
    for before, after in pairwise(by_pitch):
        assert before.pitch != after.pitch or after.start >= before.end - 1e-9


def test_wide_chords_are_shared_between_the_hands() -> None:
    chord = [Note(0.0, pitch, 1.0, 64, "right") for pitch in (36, 43, 64, 72)]
    assert [note.hand for note in assign_hands(chord)] == ["left", "left", "right", "right"]


def test_a_copied_tune_is_found_in_another_key_and_a_new_one_is_not() -> None:
    random = np.random.default_rng(4)
    tune, other = random.integers(60, 76, 40), random.integers(60, 76, 40)
    known = collect_hashes([(np.arange(40), tune)])
    assert count_copied(np.arange(RUN), tune[10 : 10 + RUN] + 3, known) == 2
    assert count_copied(np.arange(40), other, known) == 0
    assert count_copied(np.arange(40), other, np.zeros(0, np.uint32)) == 0


def test_a_broken_triad_is_nobodys_tune() -> None:
    assert len(hash_runs(np.array([48, 52, 55] * 8))) == 0


def test_notes_given_hands_follow_each_other_in_time() -> None:
    starts = [note.start for note in assign_hands([Note(1.0, 60, 1.0, 64, "right"), Note(0.0, 40, 1.0, 64, "left")])]
    assert all(before <= after for before, after in pairwise(starts))
