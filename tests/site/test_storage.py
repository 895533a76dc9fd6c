"""Files are kept under their hashes, whole or not at all, and say nothing of when they came."""

import errno
import os
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from melodymuse_site.storage import PACKS, MadeHere, keep, keep_hashed, private_storage, scratch_folder

NAME = f"clips/ab/{'ab' * 32}.mp3"


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_is_written_whole_and_only_once(media: Path) -> None:
    assert keep_hashed("clips", b"sound", "ab" * 32, ".mp3") == NAME
    written = (media / NAME).stat().st_ino
    assert keep_hashed("clips", b"sound", "ab" * 32, ".mp3") == NAME
    assert files_below(media) == {NAME: b"sound"}
    assert (media / NAME).stat().st_ino == written


def test_half_a_file_of_a_machine_that_stopped_is_replaced(media: Path) -> None:
    keep(NAME, b"so")
    assert keep(NAME, b"sound") == NAME
    assert files_below(media) == {NAME: b"sound"}


def test_a_file_of_the_right_size_with_other_bytes_is_replaced(media: Path) -> None:
    """As a failing disk leaves it: before, the name and the size were believed."""
    keep(NAME, b"s0und")
    assert keep(NAME, b"sound") == NAME
    assert files_below(media) == {NAME: b"sound"}


def test_a_full_disk_leaves_no_half_of_a_file(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        keep(NAME, b"sound")
    assert files_below(media) == {}


def test_a_pack_is_on_the_disk_before_its_name_stands_over_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    made = scratch_folder(PACKS) / ".part"
    made.write_bytes(b"PK")
    steps: list[str | int] = []
    sync, replace = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        steps.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    def replaced(*names: Path) -> None:
        steps.append("replace")
        replace(*names)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    with MadeHere(made) as content:
        private_storage().save(f"{PACKS}/a.zip", content)
    assert steps == [(tmp_path / PACKS / "a.zip").stat().st_ino, "replace"]


def test_no_stored_file_says_when_it_came(media: Path) -> None:
    picture = default_storage.save("pictures/a.png", ContentFile(b"a picture"))
    clip = keep_hashed("clips", b"a clip", "ab12", ".mp3")
    assert {(media / name).stat().st_mtime for name in (picture, clip)} == {946_684_800.0}


def test_a_name_that_leads_out_of_the_folder_is_refused(media: Path) -> None:
    with pytest.raises(SuspiciousFileOperation, match="outside of the base path"):
        keep("../outside.mp3", b"sound")


def test_an_object_store_keeps_each_file_once(settings: Settings) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    assert [keep(NAME, b"sound"), keep(NAME, b"sound")] == [NAME, NAME]
    with default_storage.open(NAME) as stream:
        assert stream.read() == b"sound"
