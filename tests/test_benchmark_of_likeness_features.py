"""Families of features hear what is theirs and nothing else; counts and lines have the values one counts by hand."""

from __future__ import annotations

import doctest
import importlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.likeness import Clip
from benchmarks.likeness.counting import count
from benchmarks.likeness.distances import FEWEST_MADE, SET_SIZE, halve_songs, measure_distances
from benchmarks.likeness.families import FAMILIES, measure_all, measure_clip
from benchmarks.likeness.giveaways import find_giveaways
from benchmarks.likeness.hearing import find_silences, hear, pair_struck_together
from tests.synthetic_clips import make_clip, make_made, make_real

Table = NDArray[np.float64]
NO_PEDAL = np.zeros((0, 2))


def clip_of(rows: list[tuple[float, int, float, int]], pedals: Table = NO_PEDAL) -> Clip:
    return Clip("by hand", "by hand", np.array(rows, dtype=np.float64), pedals, "Q1", "amusement")


def changed(clip: Clip, change: Callable[[Table], None]) -> Clip:
    table = clip.table.copy()
    change(table)
    return replace(clip, table=table)


def transpose(table: Table) -> None:
    table[:, 1] += 9


def flatten(table: Table) -> None:
    table[:, 3] = 64


def families_that_hear(change: Callable[[Table], None]) -> set[str]:
    """Families of which a feature of one of five clips is another after the change."""
    heard = set()
    for seed in range(5):
        before, after = measure_clip(make_clip(seed)), measure_clip(changed(make_clip(seed), change))
        assert before.keys() == after.keys()
        heard |= {name.partition(":")[0] for name in before if after[name] != pytest.approx(before[name])}
    return heard


def test_transposing_is_heard_by_the_register_and_by_no_other_family():
    assert families_that_hear(transpose) == {"register"}


def test_equal_velocities_are_heard_by_touch_and_by_no_other_family():
    assert families_that_hear(flatten) == {"touch"}


@pytest.mark.parametrize("change", [transpose, flatten])
def test_content_hears_neither_transposing_nor_velocities(change):
    before, after = measure_clip(make_clip(3)), measure_clip(changed(make_clip(3), change))
    content = {name for name, (_, is_content) in before.items() if is_content}
    assert {name for name in content if after[name][0] != pytest.approx(before[name][0])} == set()


def test_every_family_has_features_and_every_feature_a_family():
    table = measure_all([make_clip(1), make_clip(2)])
    assert {name.partition(":")[0] for name in table.names} == set(FAMILIES)
    assert np.isfinite(table.values).all()
    assert 0 < table.content.sum() < len(table.names)


def test_a_clip_that_is_one_chord_can_be_heard():
    together = clip_of([(0.0, 40 + 3 * key, 1.0, 64) for key in range(8)])
    assert all(np.isfinite(value) for value, _ in measure_clip(together).values())
    with pytest.raises(ValueError, match="by hand has 7 notes; a clip is judged from 8 up"):
        clip_of([(0.0, 40 + key, 1.0, 64) for key in range(7)])


def test_counts_are_those_one_counts_by_hand():
    # Melody 72 74 74 84 (a step, a repetition, a leap), each over a bass note; the second chord has a minor second.
    rows = [(0.0, 48, 0.4, 60), (0.0, 72, 0.4, 60), (1.0, 73, 0.4, 60), (1.0, 74, 0.4, 60)]
    rows += [(2.0, 45, 0.4, 70), (2.0, 74, 0.4, 70), (3.0, 43, 0.5, 70), (3.0, 84, 0.5, 70)]
    found = count(clip_of(rows))
    assert found.pop("bpm") == 60.0
    assert found == pytest.approx(
        {
            "steps": 1 / 3,
            "repeated": 1 / 3,
            "leaps": 1 / 3,
            "minor seconds, ninths": 1 / 4,
            "lowest note": 43,
            "silence": 3 * 0.6 / 3.5,
            "notes/s": 8 / 3.5,
            "velocity": 65,
        }
    )


def test_the_melody_is_the_skyline():
    # 60 lies far below 80, which still sounds at .5 s, and no more at 1 s: only then is a low note melody.
    rows = [(0.0, 50, 0.3, 64), (0.0, 80, 0.9, 64), (0.5, 60, 0.3, 64), (1.0, 62, 0.3, 64)]
    rows += [(1.5 + step, 70, 0.4, 64) for step in range(4)]
    assert hear(clip_of(rows)).melody.tolist() == [80, 62, 70, 70, 70, 70]


def test_pairs_and_silences_by_hand():
    rows = [(0.0, 60, 1.0, 64), (0.01, 64, 1.0, 64), (0.02, 67, 1.0, 64)]
    rows += [(4.0 + step, 60, 0.95, 64) for step in range(5)]
    heard = hear(clip_of(rows, np.array([[0.5, 2.0]])))
    assert sorted(pair_struck_together(heard).tolist()) == [3, 4, 7]
    # The pedal holds the chord until 2 s; gaps of .05 s are no silence.
    assert find_silences(heard).tolist() == pytest.approx([2.0])


def test_a_set_like_the_real_one_is_one_away_and_only_the_family_that_changed_is_farther():
    real, alike = make_real(96), make_made(96)
    higher = [changed(clip, transpose) for clip in alike]
    yardstick, songs = measure_all(real), [clip.song for clip in real]
    found = measure_distances(measure_all(alike), yardstick, songs)
    assert found.set_size == SET_SIZE == 48
    # Synthetic clips all end in the same bar, so that of the end a single feature varies, and a little.
    for name in FAMILIES.keys() - {"end"}:
        assert found.families[name].value == pytest.approx(1.0, abs=0.25), name
    assert found.mean.value == pytest.approx(1.0, abs=0.1)
    moved = measure_distances(measure_all(higher), yardstick, songs)
    assert moved.worst == "register"
    assert moved.families["register"].value > 3.0
    others = [name for name in FAMILIES if name != "register"]
    # Not quite the same: where two keys fit equally well, rounding decides between them.
    for name in others:
        assert moved.families[name].value == pytest.approx(found.families[name].value, abs=0.01)


def test_how_clips_end_is_seen_and_judged_by_nothing():
    def hold_the_end(table: Table) -> None:
        table[-1, 2] = 20.0

    real = make_real(32)
    held = [changed(clip, hold_the_end) for clip in make_made(32)]
    found = measure_distances(measure_all(held), measure_all(real), [clip.song for clip in real])
    assert found.families["end"].value > 2.0
    assert found.worst != "end"
    others = [one.value for name, one in found.families.items() if name != "end"]
    assert found.mean.value == pytest.approx(np.mean(others))
    assert not any(name.startswith("end: ") for name in measure_all(real[:2]).judged().names)


def test_a_distance_needs_some_clips():
    table = measure_all(make_real(16))
    few = measure_all(make_made(FEWEST_MADE - 1))
    with pytest.raises(ValueError, match="at least 4 made clips"):
        measure_distances(few, table, [clip.song for clip in make_real(16)])


def test_halves_tear_no_song_apart():
    songs = [f"song {number // 3}" for number in range(30)]
    one, other = halve_songs(songs, np.random.default_rng(0))
    assert sorted([*one, *other]) == list(range(30))
    assert not {songs[row] for row in one} & {songs[row] for row in other}
    assert abs(len(one) - len(other)) <= 3


def test_what_gives_clips_away_is_named_with_its_means():
    real = measure_all(make_real(24))
    loud = [changed(clip, lambda table: table.__setitem__((slice(None), 3), 120)) for clip in make_made(24)]
    found = find_giveaways(measure_all(loud), real)
    by_name = {one.feature: one for one in found}
    assert by_name["touch: mean"].area == 1.0
    assert by_name["touch: mean"].made == 120
    assert {name.partition(":")[0] for name in by_name} == {"touch"}


@pytest.mark.parametrize("name", ["shares", "times", "pitches", "tables"])
def test_examples_in_docstrings_hold(name):
    assert doctest.testmod(importlib.import_module(f"benchmarks.likeness.{name}")).failed == 0
