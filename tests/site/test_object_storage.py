"""Media, packs and archives in an object store: a real S3 server, spoken to over HTTP."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation import actions, production
from generation.importing.rounds import work_on_import
from melodymuse_site import health
from melodymuse_site.backup.restoring import _place_files
from melodymuse_site.backup.writing import _copy_files
from melodymuse_site.environment import Environment, WrongSetting
from melodymuse_site.object_storage import (
    CONNECT_SECONDS,
    MOST_TRIES,
    READ_SECONDS,
    ObjectStorage,
    StoreUnavailable,
)
from melodymuse_site.storage import keep, keep_hashed, private_storage
from survey.actions import close
from survey.actions.exporting import outdate_packs, request_export, sweep_packs
from survey.exports.making import run_export
from survey.models import ExportJob
from tests.generation.factories import make_picture, make_run, only_version
from tests.site.s3 import BUCKET, client_of, names_in, running_store
from tests.survey.factories import make_researcher, make_study

CONTENT = bytes(range(256)) * 4
NAME = f"clips/ab/{'ab' * 32}.mp3"


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    with running_store() as variables:
        yield variables


@pytest.fixture
def store(server: dict[str, str], settings: Any, tmp_path: Path) -> dict[str, str]:
    client = client_of(server)
    for name in names_in(server):
        client.delete_object(Bucket=BUCKET, Key=name)  # type: ignore[attr-defined]
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path / "data"
    settings.STORAGES = {**settings.STORAGES, **Environment(server).storages()}
    return server


def files_below(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_kept_once_in_the_part_of_media(store: dict[str, str], tmp_path: Path) -> None:
    assert [keep(NAME, b"sound"), keep(NAME, b"sound")] == [NAME, NAME]
    assert keep(NAME, b"louder") == NAME  # half a file of a machine that stopped
    assert default_storage.open(NAME).read() == b"louder"
    assert names_in(store) == [f"media/{NAME}"]
    assert files_below(tmp_path) == []


def test_private_files_have_no_address(store: dict[str, str], client: Client) -> None:
    private_storage().save("exports/a.zip", ContentFile(b"PK"))
    assert names_in(store) == ["private/exports/a.zip"]
    for name in ("exports/a.zip", "../private/exports/a.zip", "private/exports/a.zip", "%2e%2e/private/exports/a.zip"):
        assert client.get(f"/media/{name}").status_code == 404
    with pytest.raises(SuspiciousFileOperation):
        default_storage.open("../private/exports/a.zip")


def test_the_address_of_a_clip_is_the_sites_own(store: dict[str, str], client: Client) -> None:
    name = keep_hashed("clips", CONTENT, "ab" * 32, ".mp3")
    assert default_storage.url(name) == f"/media/{name}"
    whole = client.get(f"/media/{name}")
    assert (whole.status_code, b"".join(whole.streaming_content)) == (200, CONTENT)
    assert (whole["Content-Type"], whole["Cache-Control"]) == ("audio/mpeg", "public, max-age=31536000, immutable")
    assert "Last-Modified" not in whole  # it would say which clips were made together
    part = client.get(f"/media/{name}", headers={"Range": "bytes=1000-"})
    assert (part.status_code, part["Content-Range"]) == (206, "bytes 1000-1023/1024")
    assert b"".join(part.streaming_content) == CONTENT[1000:]
    assert client.get("/media/clips/none.mp3").status_code == 404


@pytest.mark.django_db
def test_a_picture_becomes_a_clip_without_a_folder(store: dict[str, str], tmp_path: Path) -> None:
    version = only_version(make_run([make_picture(120)]))
    production.label_picture(version.pair.image_id)
    assert production.make_pair_version(version.pk) is False
    version.refresh_from_db()
    assert (version.status, version.error) == ("ready", "")
    with default_storage.open(version.audio) as stream:
        assert hashlib.sha256(stream.read()).hexdigest() == version.audio_sha256
    assert {name.split("/")[1] for name in names_in(store)} == {"pictures", "clips", "midi", "scores"}
    assert [name for name in files_below(tmp_path) if "pianos" not in name] == []


@pytest.mark.django_db(transaction=True)
def test_a_pack_is_made_fetched_and_deleted(request: pytest.FixtureRequest, client: Client, tmp_path: Path) -> None:
    study = make_study()  # its clips lie in the folder
    store = request.getfixturevalue("store")
    close(study=study, by=study.owner)
    client.force_login(study.owner)
    job = request_export(study=study, by=study.owner)
    run_export(job.pk)
    job.refresh_from_db()
    assert (job.status, names_in(store).count(f"private/exports/{job.file}")) == ("ready", 1)
    assert [name for name in files_below(tmp_path / "data") if "exports" in name] == []
    sent = b"".join(client.get(f"/results/{study.slug}/exports/{job.public_id}.zip").streaming_content)
    assert hashlib.sha256(sent).hexdigest() == job.sha256
    left = f"exports/{study.slug}-3b241101-e2bb-4255-8caf-4136c566a962.zip"
    private_storage().save(left, ContentFile(b"PK"))
    assert sweep_packs() == [left.removeprefix("exports/")]
    outdate_packs(study)
    assert ExportJob.objects.get().status == "outdated"
    assert [name for name in names_in(store) if name.startswith("private/")] == []


@pytest.mark.django_db
def test_an_archive_waits_in_the_store_and_goes_with_its_import(store: dict[str, str], tmp_path: Path) -> None:
    archive = tmp_path / "clips.zip"
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("notes.txt", "no manifest")
    upload = SimpleUploadedFile("clips.zip", archive.read_bytes())
    job = actions.request_import(archive=upload, licence="", by=make_researcher("ada"))
    assert names_in(store) == [f"private/imports/{job.public_id}.zip"]
    work_on_import(job.pk)
    job.refresh_from_db()
    assert job.status == "refused"
    assert "holds no CSV file" in str(job.problems)
    assert names_in(store) == []


def test_a_backup_holds_what_lies_in_the_store_and_brings_it_back(store: dict[str, str], tmp_path: Path) -> None:
    keep(NAME, CONTENT)
    private_storage().save("imports/a.zip", ContentFile(b"PK"))
    written, missing = _copy_files(tmp_path / "backup", {NAME: True, "clips/no.mp3": True}, ["a.zip"], quiet=True)
    assert {entry["name"]: entry["bytes"] for entry in written} == {f"media/{NAME}": 1024, "imports/a.zip": 2}
    assert missing == ["clips/no.mp3"]
    client = client_of(store)
    for name in names_in(store):
        client.delete_object(Bucket=BUCKET, Key=name)  # type: ignore[attr-defined]

    class Bar:
        done = 0

        def update(self, count: int) -> None:
            self.done += count

    bar = Bar()
    _place_files(tmp_path / "backup", {"files": written}, bar)
    assert names_in(store) == [f"media/{NAME}", "private/imports/a.zip"]
    assert bar.done == 1026
    assert default_storage.open(NAME).read() == CONTENT


def test_health_asks_the_store(store: dict[str, str], settings: Any) -> None:
    settings.DATA_DIR.mkdir()
    assert "GB are left" in health.check_disk()
    alias = settings.STORAGES["default"]
    settings.STORAGES = settings.STORAGES | {"default": {**alias, "OPTIONS": {**alias["OPTIONS"], "bucket_name": "no"}}}
    with pytest.raises(health.Failing, match="object store of media does not answer"):
        health.check_disk()


@pytest.fixture
def away(settings: Any) -> None:
    """A store at an address where nobody listens."""
    variables = {
        "MEDIA_STORAGE": "s3",
        "S3_BUCKET": "muse",
        "S3_ENDPOINT_URL": "http://127.0.0.1:1",
        "S3_REGION": "x",
        "S3_ACCESS_KEY": "a",
        "S3_SECRET_KEY": "b",
    }
    settings.STORAGES = {**settings.STORAGES, **Environment(variables).storages()}


@pytest.mark.usefixtures("away")
def test_a_store_that_is_away_is_no_missing_file(client: Client) -> None:
    assert client.get(f"/media/{NAME}").status_code == 503
    with pytest.raises(StoreUnavailable):
        keep(NAME, b"sound")


@pytest.mark.usefixtures("away")
def test_a_store_that_is_away_fills_no_disk(settings: Any) -> None:
    with pytest.raises(health.Failing, match="object store"):
        health.check_disk()
    assert not health.is_disk_full()
    settings.LEAST_FREE_MB = 10**12
    assert health.is_disk_full()


@pytest.mark.django_db
def test_a_worker_tries_again_when_the_store_is_away(settings: Any, request: pytest.FixtureRequest) -> None:
    version = only_version(make_run([make_picture(121)]))
    production.label_picture(version.pair.image_id)
    request.getfixturevalue("away")
    assert production.make_pair_version(version.pk) is True
    version.refresh_from_db()
    assert (version.status, version.attempts) == ("queued", 1)
    assert "object store" in version.error


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"MEDIA_STORAGE": "ftp"}, "MEDIA_STORAGE = 'ftp' is neither files nor s3"),
        ({"MEDIA_STORAGE": "s3"}, "S3_BUCKET is not set"),
        ({"MEDIA_STORAGE": "s3", "S3_BUCKET": "b", "S3_ACCESS_KEY": "k"}, "S3_SECRET_KEY go together"),
        ({"MEDIA_STORAGE": "s3", "S3_BUCKET": "b", "MEDIA_ACCEL_PREFIX": "/p/"}, "MEDIA_ACCEL_PREFIX names files"),
    ],
)
def test_a_store_that_is_not_told_whole_ends_the_start(variables: dict[str, str], told: str) -> None:
    with pytest.raises(WrongSetting, match=told):
        Environment(variables).storages()


def test_nothing_is_told_of_a_store_where_files_lie_in_folders() -> None:
    backends = {alias: found["BACKEND"] for alias, found in Environment({}).storages().items()}
    assert backends == {
        "default": "melodymuse_site.storage.UndatedStorage",
        "private": "melodymuse_site.storage.PrivateStorage",
    }


def test_large_files_are_read_by_way_of_the_disk(store: dict[str, str]) -> None:
    found = private_storage()
    assert isinstance(found, ObjectStorage)
    assert found.max_memory_size == 8 * 1024 * 1024
    private_storage().save("imports/large.zip", ContentFile(bytes(9 * 1024 * 1024)))
    with private_storage().open("imports/large.zip") as stream:
        assert stream.file._rolled


def test_a_store_that_hangs_is_given_up_before_the_server_in_front_gives_the_page_up() -> None:
    text = (Path(__file__).resolve().parents[2] / "deploy" / "nginx" / "muse.conf").read_text(encoding="utf-8")
    patience = int(re.findall(r"proxy_read_timeout +(\d+)s", text)[0])
    assert patience > MOST_TRIES * (CONNECT_SECONDS + READ_SECONDS)
    told = ObjectStorage(bucket_name=BUCKET).client_config
    assert (told.connect_timeout, told.read_timeout, told.retries["max_attempts"]) == (3, 10, 3)
