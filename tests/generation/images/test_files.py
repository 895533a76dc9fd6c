"""Which files of a folder are pictures, and what is said of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generation.images.decoding import FORMATS, PictureRefused
from generation.images.files import find_pictures, look_through, printable, read_picture_file
from generation.images.intake import MAX_BYTES
from tests.generation.images.pictures import encode, scene

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
    assert [item.path.name for item in found.left_out] == ["list.csv", "notes.txt"]
    assert all("not a picture that can be read here" in item.reason for item in found.left_out)


@pytest.mark.parametrize("form", sorted({*FORMATS, "MPO"} - {"TGA"}))
@pytest.mark.parametrize("name", ["picture", "picture.dat", "picture.jpg.download"])
def test_a_picture_is_found_by_what_it_holds_whatever_it_is_called(tmp_path: Path, form: str, name: str) -> None:
    options = {"save_all": True, "append_images": [scene(32, 24)]} if form == "MPO" else {}
    (tmp_path / name).write_bytes(encode(scene(32, 24), form, **options))
    assert find_pictures([tmp_path]) == [tmp_path / name]


def test_a_tga_file_is_found_by_its_footer_and_an_icon_is_no_tga_file(tmp_path: Path) -> None:
    (tmp_path / "drawing").write_bytes(encode(scene(32, 24), "TGA"))
    (tmp_path / "site.ico").write_bytes(encode(scene(64, 64), "ICO"))
    found = look_through([tmp_path])
    assert [file.name for file in found.pictures] == ["drawing"]
    assert [item.reason for item in found.left_out] == ["An icon cannot be used: save it as PNG or JPEG and send that."]


def test_what_is_no_file_of_its_own_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sent" / "inner").mkdir(parents=True)
    (tmp_path / "sent" / "album").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "sent" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "sent" / "inner" / "empty").write_bytes(b"")
    reasons = {item.path.name: item.reason for item in look_through([tmp_path / "sent"]).left_out}
    assert reasons == {
        "album": "It is a link to a folder; name that folder itself.",
        "gone.jpg": "It is not a file, or a link that leads nowhere.",
        "empty": "It is empty, and its name is not that of a picture.",
    }


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    scan = os.scandir

    def closed(path: str) -> object:
        if str(path).endswith("closed"):  # root, who runs tests in containers, may read every folder
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", closed)
    (left,) = look_through([tmp_path]).left_out
    assert str(left).endswith("closed: left out. The folder cannot be looked into: Permission denied.")


def test_a_file_named_itself_is_taken_whatever_its_name(folder: Path) -> None:
    found = look_through([folder, folder / "notes.txt"])
    assert folder / "notes.txt" in found.pictures
    assert folder / "notes.txt" not in [item.path for item in found.left_out]


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
