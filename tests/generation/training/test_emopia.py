"""Reading folders of MIDI clips: songs, labels, damaged files, the real data set."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest
from django.conf import settings

from generation.music.notes import Note, Piece
from generation.music.score import write_midi
from generation.training.datasets import emopia
from generation.training.datasets.emopia import read_clips, read_labels
from generation.training.datasets.songs import share_of_song

REAL = Path(settings.BASE_DIR).parent / "shared" / "data" / "emopia"


def write_scale(path: Path, first: int = 60, count: int = 30) -> None:
    notes = tuple(Note(i / 2, first + (i * 2) % 12, 0.5, 64, "right") for i in range(count))
    path.write_bytes(write_midi(Piece(notes, 120.0, 0, "major")))


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(emopia).failed == 0


def test_song_and_quadrant_come_from_the_name_and_split_from_the_labels(tmp_path: Path) -> None:
    write_scale(tmp_path / "Q2_abc_de_0.mid")
    (tmp_path / "labels.csv").write_text("file,quadrant,split\nQ2_abc_de_0.mid,Q2,val\n", encoding="utf-8")
    (clip,) = read_clips(tmp_path, report=print)
    assert (clip.name, clip.song, clip.quadrant, clip.split) == ("Q2_abc_de_0", "abc_de", "Q2", "val")
    assert clip.table.shape == (30, 4)


def test_a_folder_without_labels_is_read_each_file_its_own_song(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write_scale(tmp_path / "prelude.mid")
    write_scale(tmp_path / "deep" / "waltz.MIDI")
    clips = read_clips(tmp_path, report=print)
    assert sorted((clip.song, clip.quadrant, clip.split) for clip in clips) == [
        ("prelude", None, None),
        ("waltz", None, None),
    ]


def test_a_damaged_file_is_reported_and_left_out(tmp_path: Path) -> None:
    write_scale(tmp_path / "good.mid")
    (tmp_path / "bad.mid").write_bytes(b"MThd and then nothing")
    lines: list[str] = []
    assert [clip.name for clip in read_clips(tmp_path, report=lines.append)] == ["good"]
    assert len(lines) == 1
    assert lines[0].startswith("bad.mid is left out: ")


def test_a_folder_without_any_usable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds no \.mid or .midi file"):
        read_clips(tmp_path, report=print)
    with pytest.raises(FileNotFoundError, match="Give --data the folder"):
        read_clips(tmp_path / "nowhere", report=print)
    (tmp_path / "bad.mid").write_bytes(b"no midi")
    with pytest.raises(ValueError, match="None of the MIDI files"):
        read_clips(tmp_path, report=lambda line: None)


def test_labels_without_a_file_column_are_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("name,quadrant\na.mid,Q1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="needs a column named file"):
        read_labels(tmp_path)


def test_a_songs_share_never_changes() -> None:
    assert share_of_song("0vLPYiPN7qY") == share_of_song("0vLPYiPN7qY")
    assert 0.4 < sum(share_of_song(str(i)) for i in range(500)) / 500 < 0.6


@pytest.mark.skipif(not REAL.is_dir(), reason="EMOPIA is not beside the project (../shared/data/emopia)")
def test_emopias_labels_keep_songs_whole() -> None:
    labels = read_labels(REAL)
    songs: dict[str, set[str | None]] = {}
    for file, (_, split) in labels.items():
        song, _ = emopia.name_song(Path(file).stem)
        songs.setdefault(song, set()).add(split)
    assert len(labels) == 965
    assert all(len(splits) == 1 for splits in songs.values())
