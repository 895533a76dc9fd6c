"""Which files of a folder are pictures, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.images.files import find_pictures, look_through, printable, read_picture_file
from generation.images.intake import MAX_BYTES
from generation.images.reading import PictureRefused

PICTURES = ("a.jpg", "b.jfif", "c.JP2", "d.pjpeg", "e.dib", "f.heic", "g.tiff", "h.avif", "i.apng")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inner").mkdir()
    for name in (*PICTURES, "notes.txt", "inner/list.csv", "inner/z.png", ".DS_Store", "._a.jpg", "Thumbs.db"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_every_name_of_a_picture_is_taken_and_every_other_file_is_named(folder: Path) -> None:
    found = look_through([folder])
    assert {file.name for file in found.pictures} == {*PICTURES, "z.png"}
    assert [file.name for file in found.skipped] == ["list.csv", "notes.txt"]


def test_a_file_named_itself_is_taken_whatever_its_name(folder: Path) -> None:
    found = look_through([folder, folder / "notes.txt"])
    assert folder / "notes.txt" in found.pictures
    assert folder / "notes.txt" not in found.skipped


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere does not exist"):
        find_pictures([tmp_path / "nowhere"])


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = tmp_path / "large.jpg"
    with large.open("wb") as stream:
        stream.truncate(MAX_BYTES + 2**20)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    with pytest.raises(PictureRefused, match="31 MB, more than the 30 MB allowed"):
        read_picture_file(large)


def test_a_folder_is_no_picture_file(tmp_path: Path) -> None:
    with pytest.raises(PictureRefused, match="not a file"):
        read_picture_file(tmp_path)


def test_a_name_that_is_no_utf8_can_be_written() -> None:
    assert printable(Path("caf\udce9.jpg")) == "caf?.jpg"
