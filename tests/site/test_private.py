"""Nobody but its owner reads a site's files, whatever the umask and however old they are."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from melodymuse_site import private
from melodymuse_site.occupancy import Occupied, alone
from melodymuse_site.storage import keep_hashed
from tests.site.sites import ROOT, Site
from tests.site.test_start import free_port, started, status_of, wait_for


def open_to_others(folder: Path) -> list[str]:
    """Every path that somebody else may read, write or search."""
    found = [folder, *folder.rglob("*")]
    return [
        str(path) for path in found if stat.S_IMODE(path.lstat().st_mode) & private.OTHERS and not path.is_symlink()
    ]


@pytest.fixture
def careless() -> object:
    """The umask that most machines have, for this process and those it starts."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.service
@pytest.mark.timeout(600)
def test_a_whole_site_started_with_a_careless_umask_leaves_nothing_open(tmp_path: Path, careless: object) -> None:
    """Broker, database, key, beat's timetable, locks, media, static files: as `make run` makes them."""
    data_dir, port = tmp_path / "data", free_port()
    data_dir.mkdir(mode=0o755)
    (data_dir / "exports").mkdir(mode=0o755)
    (data_dir / "exports" / "of an older site.zip").touch(0o644)
    assert len(open_to_others(data_dir)) == 3
    with started(data_dir, port, "--no-demo") as (process, output):
        wait_for(output, "Ctrl-C stops everything.", process)
        assert status_of(f"http://127.0.0.1:{port}/study/none/") == 404
        assert open_to_others(data_dir) == []
        with pytest.raises(Occupied, match="Stop the site"), alone(data_dir):
            pass
        names = {str(path.relative_to(data_dir)) for path in data_dir.rglob("*")}
        assert {"db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "secret_key", "start.lock", "broker"} <= names
    assert open_to_others(data_dir) == []


@pytest.mark.service
@pytest.mark.parametrize("command", [["migrate", "-v0"], ["backup", "{folder}/../backup"], ["anonymise"]])
def test_every_command_closes_an_older_sites_folder_and_database(
    tmp_path: Path, careless: object, command: list[str]
) -> None:
    site = Site(tmp_path / "data")
    site.folder.mkdir()
    site.manage("migrate", "-v0")
    for path in (site.folder, *site.folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    site.manage(*(part.format(folder=site.folder) for part in command))
    assert open_to_others(site.folder) == []


def test_a_database_elsewhere_is_closed_with_what_lies_beside_it(tmp_path: Path, careless: object) -> None:
    database = tmp_path / "elsewhere" / "db.sqlite3"
    database.parent.mkdir()
    for ending in private.BESIDE_A_DATABASE:
        Path(f"{database}{ending}").touch(0o644)
    (tmp_path / "data").mkdir()
    before = os.umask(0o022)
    try:
        private.keep_private(tmp_path / "data", {"ENGINE": "django.db.backends.sqlite3", "NAME": database})
    finally:
        os.umask(before)
    assert open_to_others(database.parent) == [str(database.parent)]


def test_a_folder_that_others_share_is_left_as_it_is(tmp_path: Path, careless: object) -> None:
    tmp_path.chmod(0o1777)
    (tmp_path / "of somebody else").touch(0o644)
    private.keep_private(tmp_path, {"ENGINE": "django.db.backends.postgresql", "NAME": "muse"})
    private.mend(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777
    assert stat.S_IMODE((tmp_path / "of somebody else").stat().st_mode) == 0o644


def modes_of(**environment: str) -> str:
    code = "from melodymuse_site import settings as s; print(oct(s.FILE_UPLOAD_PERMISSIONS), "
    code += "oct(s.FILE_UPLOAD_DIRECTORY_PERMISSIONS))"
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    result = subprocess.run(
        [sys.executable, "-c", code], env={**kept, **environment}, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return result.stdout.strip()


def test_media_are_readable_for_a_web_server_where_they_have_a_folder_of_their_own(tmp_path: Path) -> None:
    assert modes_of(DATA_DIR=str(tmp_path / "data")) == "0o600 0o700"
    assert modes_of(DATA_DIR=str(tmp_path / "data"), MEDIA_ROOT=str(tmp_path / "data" / "m")) == "0o600 0o700"
    assert modes_of(DATA_DIR=str(tmp_path / "data"), MEDIA_ROOT=str(tmp_path / "media")) == "0o644 0o755"


@pytest.mark.parametrize("modes", [private.PRIVATE, private.SERVED])
def test_a_clip_is_written_with_the_modes_of_its_folder_whatever_the_umask(
    tmp_path: Path, settings: Settings, modes: tuple[int, int]
) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.FILE_UPLOAD_PERMISSIONS, settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS = modes
    before = os.umask(0o077)
    try:
        written = tmp_path / keep_hashed("clips", b"sound", "ab" * 32, ".mp3")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (written, written.parent, written.parent.parent)] == [
        modes[0],
        modes[1],
        modes[1],
    ]
