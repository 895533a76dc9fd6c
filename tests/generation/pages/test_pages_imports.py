"""The import page: an archive is sent, a worker imports it, and the page says what came of it."""

from __future__ import annotations

import io
import uuid
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from generation import queries
from generation.importing import archives, preparing
from generation.importing.manifest import ManifestRefused
from generation.importing.rounds import Worked, sweep_imports, work_on_import
from generation.models import ClipImport, PairVersion
from melodymuse_site.jobs.leases import claim
from melodymuse_site.storage import ARCHIVES, private_storage, scratch_folder
from tests.generation.importing import make_folder, make_prepared_folder, write_manifest, write_midi, write_sound
from tests.generation.music.test_midi_files import WHOLE, file_of, strikes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "sent"
    made.mkdir()
    return made


def zip_of(folder: Path, inside: str = "") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, inside + str(path.relative_to(folder)))
    return stream.getvalue()


def send(admin: Client, data: bytes, name: str = "clips.zip") -> Any:
    return admin.post("/pairs/import/", {"archive": SimpleUploadedFile(name, data), "licence": "CC0"})


@pytest.mark.slow
@pytest.mark.parametrize("inside", ["", "emelodygen-export/"])
def test_an_archive_is_imported_by_a_worker_and_its_page_says_so(admin: Client, folder: Path, inside: str) -> None:
    make_folder(folder)
    response = send(admin, zip_of(folder, inside))
    job = ClipImport.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, job.get_absolute_url())
    assert "Waiting for a worker" in admin.get(job.get_absolute_url()).content.decode()
    assert PairVersion.objects.count() == 0
    worked = work_on_import(job.pk)
    assert (worked.goes_on, len(worked.pictures)) == (False, 2)
    job.refresh_from_db()
    assert (job.status, job.imported, job.known, job.done, job.total) == ("ready", 5, 0, 5, 5)
    page = admin.get(job.get_absolute_url()).content.decode()
    assert "<strong>5 clips imported.</strong>" in page
    state = admin.get(f"{job.get_absolute_url()}progress.json").json()
    assert state == {"status": "ready", "done": 5, "total": 5, "is_finished": True}
    assert {run.requested_by.get_username() for run in queries.runs_with_counts()} == {"root"}
    assert not private_storage().exists(job.archive)
    assert list(scratch_folder(ARCHIVES).glob(f"{job.public_id}*")) == []
    send(admin, zip_of(folder, inside))
    again = ClipImport.objects.latest("pk")
    work_on_import(again.pk)
    assert "5 clips were there already" in admin.get(again.get_absolute_url()).content.decode()
    assert PairVersion.objects.count() == 5


def test_problems_are_listed_with_their_lines_and_nothing_is_stored(admin: Client, folder: Path) -> None:
    write_sound(folder / "a.wav")
    write_manifest(
        folder,
        [
            {"file": "a.wav", "emotion": "joy", "system": "other"},
            {"file": "<b>.wav", "emotion": "awe", "system": "other"},
        ],
    )
    send(admin, zip_of(folder))
    job = ClipImport.objects.get()
    work_on_import(job.pk)
    page = admin.get(job.get_absolute_url()).content.decode()
    assert "Nothing was imported" in page
    assert '<td class="number">2</td><td>&#x27;joy&#x27; is no emotion known here' in page
    assert "There is no file &#x27;&lt;b&gt;.wav&#x27; beside the manifest" in page
    assert PairVersion.objects.count() == 0
    assert not private_storage().exists(job.archive)


def test_what_no_row_names_is_listed_as_left_out(admin: Client, folder: Path) -> None:
    write_sound(folder / "a.wav")
    write_sound(folder / "clips" / "forgotten.wav", 400)
    (folder / "notes <1>.txt").write_text("by hand")
    (folder / ".DS_Store").write_bytes(b"clutter")
    write_manifest(folder, [{"file": "a.wav", "emotion": "awe", "system": "other"}])
    send(admin, zip_of(folder, "export/"))
    job = ClipImport.objects.get()
    work_on_import(job.pk)
    job.refresh_from_db()
    assert (job.status, job.imported) == ("ready", 1)
    assert [message for _, message in job.problems] == [
        "'export/clips/forgotten.wav' was left out: no row of the manifest names it.",
        "'export/notes <1>.txt' was left out: no row of the manifest names it.",
    ]
    page = admin.get(job.get_absolute_url()).content.decode()
    assert "To be known (2)" in page
    assert "notes &lt;1&gt;.txt" in page


def test_of_very_many_files_left_out_a_hundred_are_named(admin: Client, folder: Path) -> None:
    write_sound(folder / "a.wav")
    for number in range(103):
        (folder / f"{number:03}.txt").write_bytes(b"")
    write_manifest(folder, [{"file": "a.wav", "emotion": "awe", "system": "other"}])
    send(admin, zip_of(folder))
    job = ClipImport.objects.get()
    work_on_import(job.pk)
    job.refresh_from_db()
    assert len(job.problems) == 101
    assert job.problems[-1][1] == "3 more files were left out: no row of the manifest names them."


def test_a_mixture_is_told_row_by_row_and_no_row_costs_another(admin: Client, folder: Path) -> None:
    """Each bad row has its own sentence; the good ones between them are prepared for the next try."""
    write_sound(folder / "good.wav", 300)
    write_sound(folder / "later.wav", 400)
    (folder / "cut.wav").write_bytes((folder / "good.wav").read_bytes()[:60_000])
    (folder / "key.mid").write_bytes(WHOLE["nine flats"])
    (folder / "chunk.mid").write_bytes(WHOLE["a foreign chunk before the track"].replace(b"\x50", b"\x51"))
    (folder / "wrapped.rmi").write_bytes(WHOLE["RIFF MIDI"].replace(b"\x50", b"\x52"))
    (folder / "many.mid").write_bytes(file_of(strikes(150_000)))
    (folder / "cut.mid").write_bytes(WHOLE["a plain file"][:40])
    names = ["good.wav", "cut.wav", "key.mid", "many.mid", "chunk.mid", "cut.mid", "wrapped.rmi", "later.wav"]
    rows = [{"file": name, "emotion": "awe", "system": "other"} for name in names]
    write_manifest(folder, rows)
    send(admin, zip_of(folder))
    job = ClipImport.objects.get()
    work_on_import(job.pk)
    job.refresh_from_db()
    assert job.status == "refused", job.error
    assert [line for line, _ in job.problems] == [3, 5, 7]
    assert [word in message for word, (_, message) in zip(("cut off", "10,000", "damaged"), job.problems, strict=True)]
    assert job.done == job.total == len(names)
    write_manifest(folder, [row for row in rows if row["file"] not in ("cut.wav", "many.mid", "cut.mid")])
    send(admin, zip_of(folder))
    again = ClipImport.objects.latest("pk")
    work_on_import(again.pk)
    again.refresh_from_db()
    assert (again.status, again.imported) == ("ready", 5)
    assert PairVersion.objects.exclude(midi="").count() == 3


def test_a_file_that_breaks_a_reader_in_a_way_nobody_thought_of_is_a_problem_of_its_row(
    admin: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sound(folder / "a.wav")
    write_midi(folder / "b.mid")
    write_manifest(
        folder, [{"file": name, "emotion": "awe", "system": "other"} for name in ("b.mid", "a.wav", "c.wav")]
    )

    def broken(midi: bytes) -> None:
        raise ZeroDivisionError("tempo")

    monkeypatch.setattr(preparing, "measure_features", broken)
    send(admin, zip_of(folder))
    job = ClipImport.objects.get()
    work_on_import(job.pk)
    job.refresh_from_db()
    assert job.status == "refused"
    assert [line for line, _ in job.problems] == [2, 4]
    assert "nobody knows why (ZeroDivisionError); save it anew or leave it out." in job.problems[0][1]


def test_a_full_disk_is_the_fault_of_no_row(admin: Client, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_midi(folder / "b.mid")
    write_manifest(folder, [{"file": "b.mid", "emotion": "awe", "system": "other"}])

    def full(midi: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(preparing, "measure_features", full)
    send(admin, zip_of(folder))
    job = ClipImport.objects.get()
    work_on_import(job.pk)
    job.refresh_from_db()
    assert (job.status, job.problems) == ("failed", [])
    assert "No space left" in job.error


@pytest.mark.slow
def test_a_long_import_makes_room_for_others_and_goes_on(admin: Client, folder: Path) -> None:
    make_folder(folder)
    send(admin, zip_of(folder))
    job = ClipImport.objects.get()
    assert work_on_import(job.pk, seconds=0.0).goes_on
    job.refresh_from_db()
    assert (job.status, job.done, PairVersion.objects.count()) == ("queued", 1, 0)
    assert not work_on_import(job.pk).goes_on
    job.refresh_from_db()
    assert (job.status, job.imported) == ("ready", 5)


def test_a_dead_workers_import_is_found_and_taken_over_but_not_for_ever(
    admin: Client, folder: Path, settings: Any
) -> None:
    make_prepared_folder(folder, settings.DATA_DIR)
    send(admin, zip_of(folder))
    job = ClipImport.objects.get()
    for attempt in range(1, ClipImport.terms.most_attempts + 1):
        assert claim(ClipImport, job.pk)
        assert (work_on_import(job.pk), sweep_imports()) == (Worked(), ())
        ClipImport.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        assert sweep_imports() == ((job.pk,) if attempt < ClipImport.terms.most_attempts else ())
    job.refresh_from_db()
    assert (job.status, job.error) == ("failed", "The worker died 5 times at this import.")
    assert not private_storage().exists(job.archive)
    assert "The worker died 5 times" in admin.get(job.get_absolute_url()).content.decode()


def test_a_worker_that_lost_its_import_to_another_changes_nothing(
    admin: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_folder(folder)
    send(admin, zip_of(folder))
    job = ClipImport.objects.get()
    unpack = archives.unpack

    def unpack_slowly(archive: Path, target: Path) -> Path:
        """The worker was away so long that another has taken over and is at work."""
        ClipImport.objects.update(claim=uuid.uuid4(), attempts=2)
        return unpack(archive, target)

    monkeypatch.setattr("generation.importing.rounds.unpack", unpack_slowly)
    work_on_import(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done, PairVersion.objects.count()) == ("running", 0, 0)
    assert private_storage().exists(job.archive)


def test_a_store_that_is_away_is_asked_again_later_and_not_for_ever(
    admin: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_manifest(folder, [])
    send(admin, zip_of(folder))
    send(admin, zip_of(folder), "others.zip")
    job, waiting = ClipImport.objects.order_by("pk")

    def away(archive: Path, target: Path) -> Path:
        raise ConnectionError("away")

    monkeypatch.setattr("generation.importing.rounds.unpack", away)
    for _ in range(ClipImport.terms.most_attempts - 1):
        assert (work_on_import(job.pk), sweep_imports()) == (Worked(), ())
        job.refresh_from_db()
        assert job.status == "queued"
        ClipImport.objects.update(nudged_at=timezone.now() - ClipImport.terms.resend_after - timedelta(seconds=1))
        assert set(sweep_imports()) == {job.pk, waiting.pk}
    assert private_storage().exists(job.archive)
    work_on_import(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error) == ("failed", "Tried 5 times; last: ConnectionError: away")
    assert not private_storage().exists(job.archive)


def test_a_store_that_is_away_from_a_worker_whose_import_another_has_costs_no_archive(
    admin: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_manifest(folder, [])
    send(admin, zip_of(folder))
    job = ClipImport.objects.get()

    def away(archive: Path, target: Path) -> Path:
        ClipImport.objects.update(claim=uuid.uuid4(), attempts=2)
        raise ConnectionError("away")

    monkeypatch.setattr("generation.importing.rounds.unpack", away)
    assert work_on_import(job.pk) == Worked()
    job.refresh_from_db()
    assert job.status == "running"
    assert private_storage().exists(job.archive)


def test_what_is_no_archive_is_refused_at_once(admin: Client) -> None:
    page = send(admin, b"no archive").content.decode()
    assert "This is no zip file" in page
    assert "Choose an archive" in admin.post("/pairs/import/", {}).content.decode()
    assert ClipImport.objects.count() == 0


def test_only_admins_and_whom_they_allow_may_import(stranger: Client, visitor: Client, researcher: Client) -> None:
    job = ClipImport.objects.create(name="a.zip")
    for address in ("/pairs/import/", job.get_absolute_url(), f"{job.get_absolute_url()}progress.json"):
        assert stranger.get(address).status_code == 302
        assert visitor.get(address).status_code == 403
        assert researcher.get(address).status_code == 403
    assert "Import clips" not in researcher.get("/pairs/").content.decode()


def test_the_pages_of_imported_clips_open_and_offer_no_regeneration(admin: Client, folder: Path, settings: Any) -> None:
    make_prepared_folder(folder, settings.DATA_DIR)
    send(admin, zip_of(folder))
    work_on_import(ClipImport.objects.get().pk)
    gallery = admin.get("/pairs/", {"composer": "emelodygen"}).content.decode()
    assert gallery.count('class="card pair-card"') == 3
    assert gallery.count('name="version"') == 3  # a study can be made of them
    assert "No picture" in gallery
    assert "Regenerate" not in gallery
    for version in PairVersion.objects.all():
        page = admin.get(version.get_absolute_url()).content.decode()
        assert f"{version.composer}: imported" in page
        assert "Regenerate this pair" not in page
        assert "CC0" in page
        assert (">MIDI<" in page) is bool(version.midi)
        run = admin.get(version.run.get_absolute_url()).content.decode()
        assert "Regenerate" not in run
    for name in ("pair", "pairversion", "generationrun", "clipimport"):
        assert admin.get(f"/admin/generation/{name}/").status_code == 200


def archive_with(tmp_path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o120777 << 16
    return entry


MANIFEST = ("manifest.csv", b"file,emotion,system\n")


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([("../outside.wav", b"x"), MANIFEST], "leads out of it"),
        ([("/etc/cron.d/x", b"x"), MANIFEST], "leads out of it"),
        ([("..\\outside.wav", b"x"), MANIFEST], "leads out of it"),
        ([(link("passwd"), b"/etc/passwd"), MANIFEST], "is a link"),
        ([("a", b"x"), ("a/b", b"x"), MANIFEST], "both a file and a folder"),
        ([("a.wav", b"\0" * 3_000_000), MANIFEST], "has more than 2 MB"),
        ([("a.wav", b"x")], "holds no CSV file"),
        ([("one.csv", b"x"), ("two.csv", b"x")], "holds several CSV files"),
        ([(".", b"x"), MANIFEST], "leads out of it"),
        ([("n" * 256 + ".wav", b"x"), MANIFEST], "no name that a file can have"),
        ([("folder/" * 150 + "a.wav", b"x"), MANIFEST], "no name that a file can have"),
    ],
    ids=["up", "absolute", "backslash", "link", "folder", "bomb", "none", "several", "nameless", "long", "deep"],
)
def test_an_archive_that_is_up_to_no_good_is_refused(
    tmp_path: Path, entries: list[tuple[Any, bytes]], words: str
) -> None:
    with pytest.raises(ManifestRefused, match=words):
        archives.unpack(archive_with(tmp_path, *entries), tmp_path / "out", limit=2 * 2**20)
    assert not (tmp_path / "outside.wav").exists()


@pytest.mark.parametrize("name", ["MANIFEST.CSV", "Clips.Csv"])
def test_a_manifest_is_found_whatever_the_case_of_its_name(tmp_path: Path, name: str) -> None:
    unpacked = archives.unpack(archive_with(tmp_path, (name, MANIFEST[1]), ("._x.csv", b"x")), tmp_path / "out")
    assert unpacked.name == name


def test_an_archive_that_lies_about_its_sizes_is_stopped_while_unpacking(tmp_path: Path) -> None:
    path = archive_with(tmp_path, ("a.wav", b"\0" * 5_000_000), MANIFEST)
    data = path.read_bytes()
    honest = (5_000_000).to_bytes(4, "little")
    assert data.count(honest) == 2
    path.write_bytes(data.replace(honest, (1000).to_bytes(4, "little")))
    with pytest.raises(ManifestRefused):
        archives.unpack(path, tmp_path / "out", limit=2 * 2**20)
    assert sum(file.stat().st_size for file in (tmp_path / "out").rglob("*")) <= 2 * 2**20


def test_a_damaged_archive_is_refused_with_a_sentence(admin: Client, folder: Path) -> None:
    make_folder(folder)
    data = bytearray(zip_of(folder))
    data[200:260] = b"\0" * 60
    send(admin, bytes(data))
    job = ClipImport.objects.get()
    work_on_import(job.pk)
    job.refresh_from_db()
    assert job.status == "refused"
    assert "The archive is damaged" in admin.get(job.get_absolute_url()).content.decode()


def test_a_description_that_names_an_emotion_is_shown_on_the_page_of_the_import(
    admin: Client, folder: Path, settings: Any
) -> None:
    manifest = make_prepared_folder(folder, settings.DATA_DIR)
    head, first, *rest = manifest.read_text(encoding="utf-8").splitlines()
    lines = [f"{head},picture_description", f"{first},korku", *(f"{line}," for line in rest)]
    manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
    send(admin, zip_of(folder))
    job = ClipImport.objects.get()
    work_on_import(job.pk)
    page = admin.get(job.get_absolute_url()).content.decode()
    assert "<strong>5 clips imported.</strong>" in page
    assert "To be known (1)" in page
    assert "The picture description names an emotion: “korku” (fear, Turkish)." in page
