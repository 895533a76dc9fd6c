"""Packs that carry the files of the stimuli: only by choice, whole, under names that tell nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import runpy
import zipfile
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from generation.emotions import SLUGS
from generation.models import SourceImage
from generation.music.length import CLIP_SECONDS
from melodymuse_site.jobs import heartbeat
from survey import actions
from survey.actions.exporting import request_export
from survey.exports import media
from survey.exports.loading import Pack
from survey.exports.making import run_export
from survey.exports.media import count_files, estimate_media, media_of
from survey.exports.pack import write_pack
from survey.models import AuditEntry, ExportJob
from tests.site.s3 import running_store
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions
from tests.survey.test_exports_in_background import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ALL = ["sounds", "scores", "pictures"]
CELLS = {"matched": 1.0, "music_only": 1.0, "picture_only": 1.0}
SCORE = b"<score-partwise version='4.0'/>"


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    return make_whole_study()


def make_whole_study():
    """Three cells share the files of four pairs; clips have a FLAC beside the MP3, and a score."""
    versions = make_versions(4, seconds=CLIP_SECONDS, score=SCORE)
    made = make_study(versions=versions, cells=CELLS, clips_per_participant=4)
    pictures = SourceImage.objects.filter(pk=versions[0].pair.image_id)
    pictures.update(licence="CC BY 4.0", attribution="=Ann, Example")
    actions.open_results(study=made, by=made.owner)
    return made


def read(path, name="media.csv"):
    with zipfile.ZipFile(path) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def test_a_pack_carries_every_file_of_its_stimuli_once(study, tmp_path):
    manifest = write_pack(study, tmp_path / "pack.zip", media=ALL)
    rows, found = read(tmp_path / "pack.zip"), contents(tmp_path / "pack.zip")
    heard, seen = study.stimuli.exclude(audio_sha256=""), study.stimuli.exclude(picture_sha256="")
    assert (heard.count(), seen.count()) == (8, 8)
    kinds = [row["kind"] for row in rows]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "sound": 8,
        "sound_alternative": 8,
        "midi": 8,
        "score": 8,
        "picture": 8,
    }
    carried = {name for name in found if name.startswith("media/")}
    assert carried == {row["file"] for row in rows}
    assert len(carried) == 5 * 4 == count_files(study, ALL)
    for row in rows:
        data = found[row["file"]]
        assert (row["sha256"], row["bytes"]) == (hashlib.sha256(data).hexdigest(), str(len(data)))
    by_stimulus = {(row["stimulus"], row["kind"]): row for row in rows}
    for stimulus in read(tmp_path / "pack.zip", "stimuli.csv"):
        for kind, column in (("sound", "audio"), ("sound_alternative", "audio_alternative"), ("picture", "picture")):
            row = by_stimulus.get((stimulus["stimulus"], kind))
            assert (row["sha256"] if row else "") == stimulus[f"{column}_sha256"]
    assert SCORE in found.values()
    listed = {entry["name"]: entry for entry in manifest["files"]}
    assert carried < set(listed)
    assert listed["media.csv"]["rows"] == len(rows) == 40


def test_names_tell_nothing_and_stay(study, tmp_path):
    for name in ("one", "two"):
        write_pack(study, tmp_path / f"{name}.zip", media=ALL)
    one, two = ([row["file"] for row in read(tmp_path / f"{name}.zip")] for name in ("one", "two"))
    assert one == two
    for name in one:
        assert re.fullmatch(r"media/(sounds|scores|pictures)/[0-9a-f]{64}\.(mp3|flac|mid|musicxml|png)", name)
        assert not any(slug in name for slug in (*SLUGS, "muse"))


def test_licence_and_attribution_of_the_pictures_are_told(study, tmp_path):
    write_pack(study, tmp_path / "pack.zip", media=["pictures"])
    rows = read(tmp_path / "pack.zip")
    assert {(row["licence"], row["attribution"]) for row in rows} == {("CC BY 4.0", "'=Ann, Example"), ("", "")}
    told = contents(tmp_path / "pack.zip")["README.md"].decode()
    assert "Pictures without a licence on record: 3 of 4." in told
    SourceImage.objects.update(licence="CC0")
    write_pack(study, tmp_path / "pack.zip", media=["pictures"])
    assert "without a licence" not in contents(tmp_path / "pack.zip")["README.md"].decode()


@pytest.mark.parametrize("mark", [False, True])
def test_a_pack_without_media_has_the_same_bytes_in_the_same_order(study, tmp_path, mark):
    answer_study(study, people=2, each=4)
    write_pack(study, tmp_path / "plain.zip", mark=mark)
    write_pack(study, tmp_path / "full.zip", mark=mark, media=ALL)
    plain, full = contents(tmp_path / "plain.zip"), contents(tmp_path / "full.zip")
    tables = ["responses_long", "participants", "stimuli", "events", "assignment", "responses_wide", "codebook"]
    texts = ["codebook.json", "study.json", "README.md", "load.py", "load.R", "mixed_model.R", "manifest.json"]
    assert list(plain) == [*(f"{name}.csv" for name in tables), *texts]
    assert "media" not in json.loads(plain["manifest.json"])
    assert b"media" not in plain["README.md"] + plain["codebook.csv"]
    differ = {"README.md", "codebook.csv", "codebook.json", "manifest.json"}
    assert {name for name in plain if plain[name] != full[name]} == differ
    assert full["README.md"].startswith(plain["README.md"])
    assert full["codebook.csv"].startswith(plain["codebook.csv"])


def test_what_is_compressed_already_is_stored(study, tmp_path):
    write_pack(study, tmp_path / "pack.zip", media=ALL)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        how = {(entry.filename.rsplit(".")[-1], entry.compress_type) for entry in archive.infolist()}
    assert {ending for ending, kind in how if kind == zipfile.ZIP_STORED} == {"mp3", "flac", "png", "json"}
    assert {("mid", zipfile.ZIP_DEFLATED), ("musicxml", zipfile.ZIP_DEFLATED)} < how
    assert ("csv", zipfile.ZIP_DEFLATED) in how


def test_files_are_never_held_whole(study, tmp_path, monkeypatch):
    """Whatever the size of a file, what is written at once is one block of it."""
    monkeypatch.setattr(media, "BLOCK", 1000)
    sizes, real = [], zipfile._ZipWriteFile.write

    def watch(self, data):
        if self._zinfo.filename.startswith("media/"):
            sizes.append(len(data))
        return real(self, data)

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", watch)
    write_pack(study, tmp_path / "pack.zip", media=["sounds"])
    assert max(sizes) == 1000
    assert sum(sizes) == sum(
        int(row["bytes"]) for row in {row["file"]: row for row in read(tmp_path / "pack.zip")}.values()
    )


def test_missing_and_damaged_files_are_named_and_do_not_fail_the_pack(study, tmp_path):
    gone, spoilt = study.stimuli.exclude(audio_sha256="").order_by("pk")[:2]
    default_storage.delete(gone.audio)
    Path(default_storage.path(spoilt.audio)).write_bytes(b"no sound")
    manifest = write_pack(study, tmp_path / "pack.zip", media=["sounds"])
    told = contents(tmp_path / "pack.zip")["README.md"].decode()
    missing, damaged = (f"media/sounds/{clip.audio_sha256}.mp3" for clip in (gone, spoilt))
    assert f"Missing, because the site did not have them when this pack was made: `{missing}`." in told
    assert f"`stimuli.csv`: `{damaged}`." in told
    assert (manifest["media"]["missing"], manifest["media"]["damaged"]) == ([missing], [damaged])
    empty = [row for row in read(tmp_path / "pack.zip") if not row["file"]]
    assert {(row["stimulus"], row["kind"]) for row in empty} == {
        (str(clip.public_id), "sound") for clip in study.stimuli.filter(audio_sha256=gone.audio_sha256)
    }
    assert {(row["sha256"], row["bytes"]) for row in empty} == {("", "")}


def test_a_fault_of_the_storage_fails_the_pack_with_its_reason(study, monkeypatch):
    name = default_storage.path(study.stimuli.exclude(audio_sha256="").first().audio)
    Path(name).unlink()
    Path(name).mkdir()  # there, and not to be read
    job = request_export(study=study, by=study.owner, media=["sounds"])
    run_export(job.pk)
    job.refresh_from_db()
    assert job.status == "failed"
    assert "directory" in job.error.lower()


def test_the_loader_and_the_reader_take_the_pack(study, tmp_path):
    answer_study(study, people=2, each=4)
    write_pack(study, tmp_path / "pack.zip", media=ALL)
    with Pack(tmp_path / "pack.zip") as pack:
        pack.check()
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        archive.extractall(tmp_path / "pack")
    table = runpy.run_path(str(tmp_path / "pack" / "load.py"))["tables"]["media"]
    assert len(table) == 40
    assert table["bytes"].dtype == "Int64"
    assert "=Ann, Example" in set(table["attribution"].dropna())


def test_the_form_says_how_much_it_would_be(study):
    page = log_in(study.owner).get(f"/results/{study.slug}/?open=exports").content.decode()
    form = page.split('id="exports"')[1]
    assert re.findall(r'name="media" value="(\w+)"', form) == ALL
    assert "checked" not in form.split("<button>")[0]
    estimates = {one.choice: one for one in estimate_media(study)}
    for choice, files in (("sounds", 8), ("scores", 8), ("pictures", 4)):
        real = {medium.path: default_storage.size(medium.kept) for medium in media_of(study, [choice])}
        assert estimates[choice].files == len(real) == files
        assert estimates[choice].size == pytest.approx(sum(real.values()), rel=0.02)
    assert re.search(r"Sounds <span[^>]*>8 files, about \d+\.\d\xa0MB<", form)


def test_the_estimate_asks_for_few_sizes(study, monkeypatch):
    asked, real = [], media._size
    monkeypatch.setattr(media, "_size", lambda medium: asked.append(medium.kept) or real(medium))
    monkeypatch.setattr(media, "SAMPLE", 2)
    estimate_media(study)
    assert len(asked) == 4 * 2  # mp3, flac, mid, musicxml; the sizes of pictures are known


def test_a_worker_makes_what_the_form_asked_for(study, monkeypatch):
    client = log_in(study.owner)
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.0)
    real, told = heartbeat.renew, []

    def listen(lease, **progress):
        real(lease, **progress)
        told.append(progress["files_done"])

    monkeypatch.setattr(heartbeat, "renew", listen)
    client.post(f"/results/{study.slug}/exports/", {"media": ["pictures", "nonsense", "sounds"]})
    job = ExportJob.objects.get()
    assert job.media == "sounds pictures"
    run_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.files_done, job.files_total) == ("ready", 12, 12)
    assert job.steps_done == job.steps_total
    assert (told[0], told[-1]) == (0, 12)
    assert told == sorted(told)
    answer = client.get(f"/results/{study.slug}/exports/{job.public_id}.json").json()
    assert (answer["files_done"], answer["files_total"]) == (12, 12)
    assert answer["steps_done"] == answer["steps_total"] == job.rows_total + 12 * 500
    response = client.get(f"/results/{study.slug}/exports/{job.public_id}.zip")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert {name.split("/")[1] for name in archive.namelist() if "/" in name} == {"sounds", "pictures"}
    assert AuditEntry.objects.get(action="export").detail["media"] == "sounds pictures"
    assert "Sounds, Pictures" in client.get(f"/results/{study.slug}/?open=exports").content.decode()


def test_another_choice_is_another_pack(study):
    plain = request_export(study=study, by=study.owner)
    full = request_export(study=study, by=study.owner, media=["sounds", "scores"])
    assert request_export(study=study, by=study.owner, media=["scores", "sounds"]) == full
    assert request_export(study=study, by=study.owner) == plain != full


def test_trying_again_asks_for_the_same(study):
    job = request_export(study=study, by=study.owner, media=["scores"])
    ExportJob.objects.filter(pk=job.pk).update(status="failed", error="no disk", finished_at=job.queued_at)
    page = log_in(study.owner).get(f"/results/{study.slug}/?open=exports").content.decode()
    assert '<input type="hidden" name="media" value="scores">' in page.split("no disk")[1]


def test_the_command_takes_the_same_words(study, tmp_path):
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), "--media", "pictures", "scores")
    assert {row["kind"] for row in read(tmp_path / "pack.zip")} == {"midi", "score", "picture"}
    with pytest.raises(CommandError, match=r"ends in \.zip"):
        call_command("export", study.slug, "--out", str(tmp_path / "a.csv"), "--media", "pictures")
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("export", study.slug, "--out", str(tmp_path / "a.zip"), "--media", "films")


def test_an_object_store_gives_the_same_pack(study, settings, tmp_path):
    from melodymuse_site.environment import Environment

    write_pack(study, tmp_path / "files.zip", media=ALL)
    kept = {medium.kept: Path(default_storage.path(medium.kept)).read_bytes() for medium in media_of(study, ALL)}
    with running_store() as variables:
        settings.STORAGES = {**settings.STORAGES, **Environment(variables).storages()}
        settings.MEDIA_ROOT = tmp_path / "nothing"
        from django.core.files.base import ContentFile

        for name, data in kept.items():
            default_storage.save(name, ContentFile(data))
        write_pack(study, tmp_path / "store.zip", media=ALL)
        files, store = contents(tmp_path / "files.zip"), contents(tmp_path / "store.zip")
        assert {name: files[name] for name in files if name != "manifest.json"} == {
            name: store[name] for name in store if name != "manifest.json"
        }
        gone = study.stimuli.exclude(audio_sha256="").first()
        default_storage.delete(gone.audio)
        manifest = write_pack(study, tmp_path / "less.zip", media=["sounds"])
        assert manifest["media"]["missing"] == [f"media/sounds/{gone.audio_sha256}.mp3"]
        assert {one.choice: one.files for one in estimate_media(study)} == {"sounds": 8, "scores": 8, "pictures": 4}
    down = {one.choice: one.size for one in estimate_media(study)}
    assert (down["sounds"], down["scores"]) == (None, None)  # the page does not fail with the store
