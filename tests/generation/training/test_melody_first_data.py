"""From songs to what the networks of the two stages read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generation.networks.melody_first.codes import DURATION_TICKS, END, NONE, TICKS
from generation.networks.melody_first.knowledge import CONDITIONS, INPUTS, LINE, WHOLE, Frame, Line
from generation.networks.melody_first.notes import Notes, one_at_a_time
from generation.training.datasets.pop909 import read_song
from generation.training.melody_first.arrays import (
    STAGES,
    TARGETS,
    Scaling,
    augment,
    load_sections,
    part_of,
    save_sections,
    stack,
    to_steps,
)
from generation.training.melody_first.grid import to_ticks
from generation.training.melody_first.scores import score_song
from generation.training.melody_first.sections import Section, cut_sections
from tests.generation.training.songs import write_song


@pytest.fixture(scope="module")
def sections(tmp_path_factory: pytest.TempPathFactory) -> list[Section]:
    folder = tmp_path_factory.mktemp("pop909")
    return cut_sections(score_song(read_song(write_song(folder, "001", bars=24))))[0]


def test_triplets_and_sixteenths_are_told_apart() -> None:
    beats = np.concatenate([np.arange(0, 4, 1 / 3), np.arange(4, 8, 1 / 4)]) + 0.01
    ticks, rest, _ = to_ticks(beats)
    assert ticks[:4].tolist() == [0, 4, 8, 12]
    assert ticks[12:16].tolist() == [48, 51, 54, 57]
    assert rest == pytest.approx(0.12, abs=0.001)


def test_a_song_off_its_grid_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="from the grid"):
        score_song(read_song(write_song(tmp_path, "001", off=0.12)))


def test_sections_are_whole_bars_with_chords_counted_from_the_tonic(sections: list[Section]) -> None:
    assert sections
    for section in sections:
        frame = section.frame
        assert 8 <= frame.bars <= 16
        assert len(frame.chords) == (frame.bars + 1) * 4
        assert (frame.chords[:4] == NONE).all()
        assert section.melody.starts.min() >= frame.bar // 2
        assert section.accompaniment.starts.min() >= frame.bar
        assert section.accompaniment.starts.max() < frame.end
        assert (np.diff(section.melody.starts) > 0).all()
    plain = next(s for s in sections if s.whole[WHOLE.index("tempo")] < 130)
    assert plain.frame.chords[4:20:4].tolist() == [[0, 0, 0], [5, 0, 5], [7, 7, 7], [9, 1, 9]]
    assert plain.whole[WHOLE.index("tempo")] == pytest.approx(120)


def test_a_wrong_key_leaves_bars_out(tmp_path: Path) -> None:
    found, left = cut_sections(score_song(read_song(write_song(tmp_path, "001", key="F#:maj"))))
    assert not found
    assert sum(left.values()) == 16


def test_slow_music_is_also_counted_in_double_time(tmp_path: Path) -> None:
    path = write_song(tmp_path, "001", bars=8)
    beats = tmp_path / "beats" / "001.txt"
    beats.write_text(
        "\n".join(f"{float(x.split()[0])} {' '.join(x.split()[1:])}" for x in beats.read_text().splitlines())
    )
    song = read_song(path)
    slow = type(song)(
        song.name,
        {name: rows * np.array([2, 1, 2, 1]) for name, rows in song.tracks.items()},
        song.beats * 2,
        song.bars,
        song.triple,
        tuple(type(c)(c.start * 2, c.end * 2, c.value) for c in song.chords),
        song.keys,
    )
    found, _ = cut_sections(score_song(slow))
    once, twice = found[:2]
    assert (once.frame.bars, twice.frame.bars) == (8, 16)
    assert twice.whole[WHOLE.index("tempo")] == pytest.approx(2 * once.whole[WHOLE.index("tempo")])
    assert (twice.melody.starts - twice.frame.bar).tolist() == (2 * (once.melody.starts - once.frame.bar)).tolist()
    assert twice.frame.chords[4::8].tolist() == once.frame.chords[4::4].tolist()


def test_sections_come_back_from_their_file(sections: list[Section], tmp_path: Path) -> None:
    save_sections(sections, tmp_path / "sections.npz")
    for before, after in zip(sections, load_sections(tmp_path / "sections.npz"), strict=True):
        assert (before.song, before.variant, before.frame.metre) == (after.song, after.variant, after.frame.metre)
        assert (before.frame.chords == after.frame.chords).all()
        for stage in STAGES:
            for name in ("starts", "pitches", "durations", "velocities"):
                assert (getattr(getattr(before, stage), name) == getattr(getattr(after, stage), name)).all()
        assert after.whole == pytest.approx(before.whole, rel=1e-5)


@pytest.mark.parametrize("stage", STAGES)
def test_steps_hold_the_notes_and_only_what_is_known_before_them(sections: list[Section], stage: str) -> None:
    section = sections[0]
    steps, notes = to_steps(section, stage), getattr(section, stage)
    assert len(steps) == len(notes) + 1
    assert steps.times.tolist() == [0, *notes.starts.tolist()]
    assert steps.targets[1:, TARGETS.index("pitches")].tolist() == notes.pitches.tolist()
    assert steps.targets[-1, TARGETS.index("advances")] == END
    before = list(INPUTS[stage]).index("before_pitches")
    assert steps.inputs[:2, before].tolist() == [0, 0]
    assert steps.inputs[2:, before].tolist() == (notes.pitches[:-1] + 1).tolist()
    # The codes fit the tables they are looked up in.
    assert (steps.inputs < np.array(list(INPUTS[stage].values()))).all()


def test_an_accompaniment_hears_the_melody_of_its_moment() -> None:
    line = Line(np.array([12, 36]), np.array([50, 55]), np.array([12, 12]))
    seen = line.look(np.array([0, 12, 18, 30, 36]))
    assert seen["sounding"].tolist() == [0, 51, 51, 0, 56]
    assert seen["coming"].tolist() == [51, 56, 56, 56, 0]
    assert seen["until"].tolist() == [8, 11, 10, 5, 17]
    assert seen["since"].tolist() == [17, 0, 5, 10, 0]


def test_a_frame_knows_place_and_the_next_chord() -> None:
    chords = np.array([[12, 12, 12]] * 4 + [[0, 0, 0]] * 2 + [[7, 0, 11]] * 2)
    seen = Frame("4/4", 1, chords).look(np.array([0, 4 * TICKS, 6 * TICKS + 3]))
    assert seen["positions"].tolist() == [0, 0, 27]
    assert seen["bars"].tolist() == [0, 1, 1]
    assert seen["bars_left"].tolist() == [1, 0, 0]
    assert seen["next_basses"].tolist() == [0, 11, 12]
    assert seen["changes"].tolist() == [4, 2, 9]


def test_a_melody_has_one_note_at_a_time() -> None:
    notes = Notes(*(np.array(a) for a in ([0, 0, 6], [60, 64, 62], [12, 12, 6], [9, 9, 9])))
    kept = one_at_a_time(notes)
    assert kept.pitches.tolist() == [64, 62]
    assert kept.durations.tolist() == [6, 6]


@pytest.mark.parametrize("stage", STAGES)
def test_augmenting_moves_notes_and_conditions_together(sections: list[Section], stage: str) -> None:
    steps = to_steps(sections[0], stage)
    scaling = Scaling(steps.conditions, np.full(len(steps.conditions), 1e-3))
    names, own = CONDITIONS[stage], TARGETS.index("velocities")
    shifts = set()
    for seed in range(30):
        played = augment(steps, stage, scaling, np.random.default_rng(seed))
        shift = int(played.targets[1, own]) - int(steps.targets[1, own])
        shifts.add(shift)
        moved = played.conditions[names.index("dynamics")] - steps.conditions[names.index("dynamics")]
        assert np.isnan(moved) or moved == pytest.approx(4 * shift, abs=0.01)
        assert (played.inputs < np.array(list(INPUTS[stage].values()))).all()
        assert (played.times == steps.times).all()
    assert len(shifts) > 4


def test_conditions_may_be_left_open(sections: list[Section]) -> None:
    steps = [to_steps(section, "melody") for section in sections]
    scaling = Scaling.of(steps)
    values = steps[0].conditions.copy()
    values[2] = np.nan
    scaled = scaling.scale(values)
    size = len(CONDITIONS["melody"])
    assert scaled.shape == (2 * size,)
    assert scaled[2] == 0.0
    assert scaled[size + 2] == 0.0
    assert scaled[size:].sum() == size - 1


def test_padding_weighs_nothing_and_the_start_writes_no_note(sections: list[Section]) -> None:
    steps = [to_steps(section, "melody") for section in sections[:3]]
    batch = stack(steps, Scaling.of(steps), 200)
    for row, one in enumerate(steps):
        assert batch.weights[row, :, 0].sum() == len(one) - 1
        assert batch.weights[row, :, 1].sum() == len(one)
        assert batch.weights[row, 0].tolist() == [0.0, 1.0]
        assert (batch.weights[row, len(one) :] == 0).all()


def test_parts_are_by_song_and_a_twentieth_each_is_held_out() -> None:
    parts = [part_of(f"pop909/{number:03d}") for number in range(1, 910)]
    assert 30 < parts.count("check") < 60
    assert 30 < parts.count("test") < 60


def test_the_line_is_measured_on_the_melody_alone(sections: list[Section]) -> None:
    section = sections[0]
    line = dict(zip(LINE, section.line, strict=True))
    assert line["line_velocity"] == pytest.approx(80)
    assert 0 <= line["line_steps"] <= 1
    assert line["line_register"] == pytest.approx(float(section.melody.pitches.mean()) + 15, abs=0.01)
    assert DURATION_TICKS[section.melody.durations].max() <= 48
