"""Reading songs of POP909, on small songs and, where it is, on the real set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generation.training.datasets.pop909 import find_songs, parse_chord, parse_key, read_song
from generation.training.melody_first.scores import score_song
from tests.generation.training.songs import write_song

POP909 = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "pop909"


def test_a_song_has_its_tracks_beats_chords_and_keys(tmp_path: Path) -> None:
    song = read_song(write_song(tmp_path, "001", bars=8))
    assert set(song.tracks) == {"MELODY", "PIANO"}
    assert song.tracks["MELODY"][0].tolist() == pytest.approx([0.0, 72, 0.45, 80], abs=0.01)
    assert not song.triple
    assert np.flatnonzero(song.bars).tolist() == list(range(0, 33, 4))
    assert song.chords[2].value == (7, 7, 7)
    assert song.keys[0].value == (0, 0)


def test_bars_of_three_beats_are_found(tmp_path: Path) -> None:
    song = read_song(write_song(tmp_path, "001", bars=9, beats=3))
    assert song.triple
    assert np.diff(np.flatnonzero(song.bars)).tolist() == [3] * 9
    assert score_song(song).metre == "3/4"


@pytest.mark.parametrize("label", ["H:maj", "C:maj13", "C:maj/x", "", "C"])
def test_what_is_no_chord_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="no chord"):
        parse_chord(label)


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(ValueError, match="no key"):
        parse_key("C:lydian")


def test_a_missing_text_is_named(tmp_path: Path) -> None:
    path = write_song(tmp_path, "001")
    (tmp_path / "beats" / "001.txt").unlink()
    with pytest.raises(ValueError, match=r"beats/001\.txt"):
        read_song(path)


def test_a_folder_that_is_not_the_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="POP909"):
        find_songs(tmp_path)


def test_a_file_that_is_no_midi_is_refused(tmp_path: Path) -> None:
    path = write_song(tmp_path, "001")
    path.write_bytes(b"no music")
    with pytest.raises(ValueError, match="no MIDI file"):
        read_song(path)


@pytest.mark.skipif(not POP909.is_dir(), reason="POP909 is not here")
@pytest.mark.parametrize("name", ["001", "500", "062"])
def test_chords_of_the_real_set_change_where_its_bars_begin(name: str) -> None:
    score = score_song(read_song(POP909 / "midi" / f"{name}.mid"))
    changes = np.flatnonzero((score.chords[1:] != score.chords[:-1]).any(axis=1)) + 1
    phase = (changes - score.bars[np.searchsorted(score.bars, changes, side="right") - 1])[changes >= score.bars[0]]
    share = np.bincount(phase, minlength=4) / len(phase)
    assert share[0] > 0.45
    assert share[0] == share.max()
