"""Backup and restore of whole sites, with processes killed in the middle, on SQLite and PostgreSQL."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from melodymuse_site import swapping
from melodymuse_site.backup import manifest, writing
from tests.databases import copy_file
from tests.settings import CALLERS_DATABASE_URL
from tests.site.sites import STUDY, WRITER, Site, databases_removed, make_database

pytestmark = [pytest.mark.service, pytest.mark.database, pytest.mark.timeout(1800)]
POSTGRESQL = "postgresql" in settings.DATABASES["default"]["ENGINE"]


def new_database(made: list[str]) -> str:
    """What the engine of this run needs: an empty database, or nothing for a file in the data folder."""
    if POSTGRESQL:
        made.append(make_database())
        return made[-1]
    return ""


def migrate(site: Site, migrated_file: Path) -> None:
    if site.database:
        site.manage("migrate", "-v0")
    else:
        copy_file(migrated_file, site.folder / "db.sqlite3")


@pytest.fixture(scope="module")
def made() -> Iterator[list[str]]:
    with databases_removed() as databases:
        yield databases


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, made: list[str], migrated_file: Path) -> Site:
    """A site with a published study, two people who took part and one who is gone. Tests leave it as it is."""
    site = Site(tmp_path_factory.mktemp("site") / "data", new_database(made))
    site.folder.mkdir()
    migrate(site, migrated_file)
    site.shell(STUDY)
    site.shell(
        "from tests.survey.participating import Listener\n"
        "from survey.models import *\n"
        "for _ in range(2): Listener('a-study').take_part()\n"
        "Participant.objects.create(study=Study.objects.get(), last_seen_at='2026-01-01T00:00Z').delete()\n"
        "ExportJob.objects.create(study=Study.objects.get())\n"
        "from survey.actions import make_api_token, make_results_link, note_reading\n"
        "study = Study.objects.get()\n"
        "key = {'name': 'a-key-of-anna', 'by': study.owner, 'study': study, 'expires_at': None}\n"
        "note_reading(key=make_api_token(**key)[0], study=study, kind='study')\n"
        "make_results_link(**key)\n"
        "from django.core.cache import caches\n"
        "caches['reports'].set('of-today', b'a-kept-report')\n"
        "from axes.models import AccessLog\n"
        "AccessLog.objects.create(username='rosa-logged-in', ip_address='192.0.2.1')\n"
    )
    return site


KEYS = ("survey_apitoken", "survey_resultslink")
"""Whoever holds one reads without a login: a restored site has none, and makes new ones."""


@pytest.fixture(scope="module")
def backup(source: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("backups") / "one"
    source.manage("backup", str(target))
    return target


@pytest.fixture
def empty(tmp_path: Path, made: list[str]) -> Site:
    (tmp_path / "empty").mkdir()
    return Site(tmp_path / "empty", new_database(made))


@pytest.fixture(scope="module")
def source_rows(source: Site) -> dict[str, list[str]]:
    return source.rows()


@pytest.fixture(scope="module")
def other_history(source: Site, tmp_path_factory: pytest.TempPathFactory, made: list[str]) -> Site:
    """A site with another history: one person more. To be copied."""
    site = source.copy(tmp_path_factory.mktemp("other") / "data")
    made.append(site.database)
    (site.folder / "secret_key").write_text("o" * 50)
    site.shell("from tests.survey.participating import Listener; Listener('a-study').take_part()")
    return site


@pytest.fixture
def other(other_history: Site, tmp_path: Path, made: list[str]) -> Site:
    site = other_history.copy(tmp_path / "other")
    made.append(site.database)
    return site


def test_a_restored_site_is_the_same_row_by_row_and_file_by_file(
    source: Site, source_rows: dict[str, list[str]], backup: Path, empty: Site
) -> None:
    told = empty.manage("restore", str(backup))
    assert "People log in anew" in told
    assert empty.rows() == source_rows
    assert empty.media() == source.media()
    assert (empty.folder / "secret_key").read_text() == (source.folder / "secret_key").read_text()
    empty.manage("migrate", "--check")
    # Frozen as before, and keys go on where they stood: those of deleted rows are never given again.
    assert "frozen" in empty.manage(
        "shell", "-v0", "-c", "from survey.models import *; Study.objects.update(title='x')", rc=1
    )
    key = "from survey.models import *; print(Participant.objects.get(pk=Participant.objects.create("
    key += "study=Study.objects.get(), last_seen_at='2026-01-01T00:00Z').pk).pk)"
    assert int(empty.shell(key)) == 4
    empty.shell("from tests.survey.participating import Listener; Listener('a-study').take_part()")


def test_a_backup_is_private_and_keeps_neither_logins_nor_packs_nor_reports(source: Site, backup: Path) -> None:
    for path in (backup, *backup.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    with sqlite3.connect(backup / "database.sqlite3") as database:
        for table in ("axes_accesslog", "django_session", "survey_exportjob", "survey_keptreport", *KEYS):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    for words in (b"rosa-logged-in", b"a-kept-report"):
        assert words not in (backup / "database.sqlite3").read_bytes()
    assert source.shell(
        "from survey.models import *; print(ExportJob.objects.count(), KeptReport.objects.count(),"
        " ApiToken.objects.count(), ResultsLink.objects.count())"
    ) == ("1 1 1 1")


def test_a_key_that_was_revoked_after_the_backup_opens_nothing_in_the_restored_site(backup: Path) -> None:
    with sqlite3.connect(backup / "database.sqlite3") as database:
        assert database.execute("SELECT reader, times FROM survey_reading").fetchall() == [
            ("owner0, token “a-key-of-anna”", 1)
        ]
        assert [database.execute(f"SELECT count(*) FROM {table}").fetchone() for table in KEYS] == [(0,), (0,)]


def kill(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def acknowledged(file: Path) -> list[str]:
    """Whole lines only: the last one may be half written."""
    return file.read_text().rpartition("\n")[0].splitlines()


def wait_for_answers(files: list[Path], count: int) -> None:
    deadline = time.monotonic() + 900
    while sum(len(acknowledged(file)) for file in files) < count:
        assert time.monotonic() < deadline, [file.read_text() for file in files]
        time.sleep(0.02)


@pytest.mark.parametrize(
    "killed", ["during", *(pytest.param(when, marks=pytest.mark.long) for when in ("before", "after"))]
)
def test_every_answer_acknowledged_before_the_backup_is_in_it_though_the_site_is_killed(
    source: Site, tmp_path: Path, made: list[str], empty: Site, killed: str
) -> None:
    site = source.copy(tmp_path / "busy")
    made.append(site.database)
    logs = [tmp_path / f"answers-{number}" for number in range(2)]
    writers = [site.begin_shell(WRITER, stdout=log.open("w"), stderr=subprocess.STDOUT) for log in logs]
    try:
        wait_for_answers(logs, 30)
        if killed == "before":
            for writer in writers:
                kill(writer)
        before = [line for log in logs for line in acknowledged(log)]
        process = site.begin("backup", str(tmp_path / "backup"))
        if killed == "during":
            time.sleep(1.5)
            for writer in writers:
                kill(writer)
        output, errors = process.communicate(timeout=900)
        assert process.returncode == 0, output + errors
    finally:
        for writer in writers:
            kill(writer)
    empty.manage("restore", str(tmp_path / "backup"))
    stored = set(
        empty.shell(
            "from survey.models import *; print('\\n'.join(Response.objects.values_list('trial__token', flat=True)))"
        ).splitlines()
    )
    assert set(before) <= stored
    assert len(before) >= 30
    counted = "from survey.models import *; print(sum(Fill.objects.values_list('answers', flat=True)), "
    counted += "Response.objects.count())"
    answers, responses = empty.shell(counted).split()
    assert answers == responses == str(len(stored))


def test_a_backup_killed_in_the_middle_leaves_nothing_that_restore_would_take(
    source: Site, tmp_path: Path, empty: Site
) -> None:
    target = tmp_path / "cut"
    seen = set()
    for moment in ("", "database.sqlite3", "secret_key", "media"):
        process = source.begin("backup", str(target))
        partial = tmp_path / f".cut.part-{process.pid}"
        while process.poll() is None and not (partial / moment).exists():
            time.sleep(0.001)
        kill(process)
        assert not target.exists()
        if partial.exists():
            seen.add(moment)
            assert "is no whole backup" in empty.manage("restore", str(partial), rc=2)
    assert len(seen) >= 3
    source.manage("backup", str(target))
    empty.manage("restore", str(target))


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_an_interrupted_backup_leaves_nothing(source: Site, tmp_path: Path, number: signal.Signals) -> None:
    process = source.begin("backup", str(tmp_path / "cut"))
    while process.poll() is None and not list(tmp_path.glob(".cut.part-*")):
        time.sleep(0.001)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, "Interrupted; nothing is left" in errors) == (130, True)
    assert list(tmp_path.glob(".cut*")) == []


MOMENTS = ["restoring/migrating/media", "restoring/complete"]
MORE_MOMENTS = ["restoring", "media/.", "+0.3", "+0.6", "+1.0"]


@pytest.mark.parametrize(
    "moment", [*MOMENTS, *(pytest.param(moment, marks=pytest.mark.long) for moment in MORE_MOMENTS)]
)
def test_a_restore_killed_in_the_middle_leaves_the_old_site_or_the_new_one(
    source: Site, source_rows: dict[str, list[str]], backup: Path, other: Site, moment: str
) -> None:
    old, new = other.rows(), source_rows
    keys = {"old": "o" * 50, "new": (source.folder / "secret_key").read_text()}
    process = other.begin("restore", str(backup), "--replace")
    if moment.startswith("+"):
        while process.poll() is None and not (other.folder / "restoring" / "migrating" / "media").exists():
            time.sleep(0.001)
        time.sleep(float(moment))
    while process.poll() is None and not moment.startswith("+") and not (other.folder / moment).exists():
        time.sleep(0.0005)
    kill(process)
    found = other.rows()
    state = "old" if found == old else "new"
    assert found in (old, new)
    assert (other.folder / "secret_key").read_text() == keys[state]
    other.manage("restore", str(backup), "--replace")
    assert other.rows() == new
    assert (other.folder / "secret_key").read_text() == keys["new"]
    assert sorted(path.name for path in other.folder.glob("*restoring*")) == []


def test_a_decided_restore_is_ended_by_whoever_comes_next(tmp_path: Path) -> None:
    """Every point at which the last step may be cut off: after each of its renames."""
    for done in range(4):
        data_dir = tmp_path / str(done)
        (data_dir / "restoring").mkdir(parents=True)
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": data_dir / "db.sqlite3"}
        (data_dir / "secret_key").write_text("new" if done > 0 else "old")
        (data_dir / "db.sqlite3").write_text("new" if done > 2 else "old")
        if done < 2:
            (data_dir / "db.sqlite3-wal").write_text("of the old one")
        if done < 1:
            (data_dir / "restoring" / "secret_key").write_text("new")
        if done < 3:
            swapping.staged_database(database).write_text("new")
        swapping.finish(data_dir, database)
        assert (data_dir / "db.sqlite3").read_text() == ("new" if done > 2 else "old"), "not decided yet"
        swapping.decide(data_dir)
        swapping.finish(data_dir, database)
        assert {file.name: file.read_text() for file in data_dir.iterdir()} == {
            "secret_key": "new",
            "db.sqlite3": "new",
        }


def test_a_site_that_is_not_empty_is_replaced_only_when_told(
    source_rows: dict[str, list[str]], backup: Path, other: Site
) -> None:
    before = other.rows()
    told = other.manage("restore", str(backup), rc=2)
    assert "This site is not empty (it has 1 user, 8 source images, 8 pair versions, 1 study)" in told
    assert other.rows() == before
    other.manage("restore", str(backup), "--replace")
    assert other.rows() == source_rows


@pytest.mark.parametrize("name", ["start.lock", "serving.lock"])
def test_nothing_is_restored_into_a_site_that_runs(backup: Path, empty: Site, name: str) -> None:
    with (empty.folder / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if name == "start.lock" else fcntl.LOCK_SH)
        assert "Stop the site (web server and workers) first." in empty.manage("restore", str(backup), rc=2)
    empty.manage("restore", str(backup))


def test_nothing_is_restored_while_another_program_has_the_database(backup: Path, other: Site) -> None:
    holder = other.begin_shell(
        "from survey.models import *; print(Study.objects.count(), flush=True); input()", stdin=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "1\n"
    told = other.manage("restore", str(backup), "--replace", rc=2)
    assert ("other connections to the database" if POSTGRESQL else "Another program has") in told
    kill(holder)
    other.manage("restore", str(backup), "--replace")


def change(backup: Path, folder: Path, **changes: object) -> Path:
    """A copy of a backup with another manifest, rightly sealed."""
    subprocess.run(["cp", "-r", str(backup), str(folder)], check=True)
    content = manifest.read(folder)
    manifest.write(folder, {**content, **changes})
    return folder


def test_a_backup_that_is_damaged_newer_or_none_is_refused_with_a_sentence(
    backup: Path, tmp_path: Path, empty: Site
) -> None:
    content = manifest.read(backup)
    newer = change(backup, tmp_path / "newer", migrations={**content["migrations"], "survey": ["9999_later"]})
    other_form = change(backup, tmp_path / "form", format=2)
    outside = [*content["files"], {**content["files"][1], "name": "media/../../x"}]
    (tmp_path / "x").write_bytes((backup / content["files"][1]["name"]).read_bytes())
    escaping = change(backup, tmp_path / "escaping", files=outside)
    flipped = change(backup, tmp_path / "flipped")
    clip = next(flipped.glob("media/clips/*.mp3"))
    clip.write_bytes(clip.read_bytes()[:-1] + b"x")
    edited = change(backup, tmp_path / "edited")
    text = (edited / "manifest.json").read_text()
    (edited / "manifest.json").write_text(text.replace('"melodymuse": "', '"melodymuse": "9'))
    half = change(backup, tmp_path / "half")
    (half / "manifest.json").write_text(text[: len(text) // 2])
    for folder, sentence in {
        tmp_path / "nothing": "There is no backup",
        tmp_path: "is no whole backup",
        newer: "comes from a newer MelodyMuse",
        other_form: "has the form 2",
        flipped: f"1 files of the backup are missing or damaged ({clip.relative_to(flipped)})",
        edited: "was changed after it was made",
        half: "cannot be read; the backup is damaged",
        escaping: "names a file outside its folder: media/../../x",
    }.items():
        assert sentence in empty.manage("restore", str(folder), rc=2)
    assert not (empty.folder / "restoring").exists()
    assert empty.rows() == {}


def test_an_older_backup_is_migrated(tmp_path: Path, made: list[str], empty: Site) -> None:
    (tmp_path / "old").mkdir()
    old = Site(tmp_path / "old", new_database(made))
    old.manage("migrate", "survey", "0005", "-v0")
    if POSTGRESQL:
        assert "The database is older than this MelodyMuse" in old.manage("backup", str(tmp_path / "backup"), rc=2)
        old = Site(tmp_path / "old")
        old.manage("migrate", "survey", "0005", "-v0")
    old.manage("migrate", "generation", "-v0")
    old.manage("backup", str(tmp_path / "backup"))
    empty.manage("restore", str(tmp_path / "backup"))
    empty.manage("migrate", "--check")
    assert empty.shell("from generation.models import *; print(Emotion.objects.count())") == "8"


def test_a_backup_from_before_what_was_named_had_counters_is_restored_with_them(
    tmp_path: Path, empty: Site, migrated_file: Path
) -> None:
    (tmp_path / "old").mkdir()
    old = Site(tmp_path / "old")
    migrate(old, migrated_file)
    old.shell(
        "from tests.survey.factories import make_study\n"
        "from tests.survey.participating import Listener\n"
        "study = make_study(clips_per_participant=4, mode='yes_no', require_listening=False)\n"
        "for _ in range(3): Listener(study.slug).take_part()\n"
    )
    counted = "from survey.models import *; print(*sorted(Named.objects.values_list('stimulus', 'emotion', 'trials')))"
    before = old.shell(counted)
    assert sum(trials for *_, trials in literal_eval(before.replace(") (", "), ("))) == 12
    old.manage("migrate", "survey", "0014", "-v0")
    old.manage("backup", str(tmp_path / "backup"))
    empty.manage("restore", str(tmp_path / "backup"))
    empty.manage("migrate", "--check")
    assert empty.shell(counted) == before


@pytest.mark.skipif(not POSTGRESQL, reason="needs both engines")
def test_a_backup_of_one_engine_is_restored_on_the_other(
    source_rows: dict[str, list[str]], source: Site, backup: Path, tmp_path: Path, empty: Site
) -> None:
    (tmp_path / "lite").mkdir()
    lite = Site(tmp_path / "lite")
    lite.manage("restore", str(backup))
    assert lite.rows() == source_rows
    lite.manage("backup", str(tmp_path / "of-lite"))
    empty.manage("restore", str(tmp_path / "of-lite"))
    assert empty.rows() == source_rows
    assert CALLERS_DATABASE_URL


def test_a_backup_goes_nowhere_where_it_could_be_fetched_or_overwrite_something(source: Site, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert "exists already" in source.manage("backup", str(tmp_path / "full"), rc=2)
    assert "make it first" in source.manage("backup", str(tmp_path / "none" / "one"), rc=2)
    assert "whose files anybody may fetch" in source.manage("backup", str(source.folder / "media" / "b"), rc=2)


def test_a_missing_medium_is_named_and_the_rest_is_kept(source: Site, tmp_path: Path, made: list[str]) -> None:
    site = source.copy(tmp_path / "site")
    made.append(site.database)
    gone = next((site.folder / "media" / "clips").glob("*.mp3"))
    gone.unlink()
    told = site.manage("backup", str(tmp_path / "backup"), rc=1)
    assert f"1 media files that the database names are not in MEDIA_ROOT (first: clips/{gone.name})" in told
    assert json.loads((tmp_path / "backup" / "manifest.json").read_text())["missing"] == [f"clips/{gone.name}"]


def test_a_site_with_a_key_of_its_own_keeps_it_and_says_what_that_means(backup: Path, empty: Site) -> None:
    empty.extra["SECRET_KEY"] = "another " * 8
    assert "This site is given another SECRET_KEY" in empty.manage("restore", str(backup))
    assert not (empty.folder / "secret_key").exists()


def test_whoever_withdrew_after_the_backup_stays_withdrawn(source: Site, backup: Path, other: Site) -> None:
    """The third person of the other site is not in the backup, the first one is."""
    gone = other.shell(
        "from survey import actions\n"
        "from survey.models import *\n"
        "people = list(Participant.objects.order_by('pk'))\n"
        "for person in (people[0], people[-1]): actions.withdraw(participant=person, by=None)\n"
        "print(Participant.objects.first().public_id)"
    )
    other.manage("restore", str(backup), "--replace")
    told = other.shell(
        "from survey.models import *\n"
        "print(sorted(Participant.objects.values_list('public_id', 'outcome', 'trials__id')))\n"
        f"print(Response.objects.filter(trial__participant__public_id='{gone}').count(), Response.objects.count(), "
        "sum(Fill.objects.values_list('answers', flat=True)))"
    ).splitlines()
    assert f"('{gone}', 'withdrawn', None)" in told[-2]
    assert told[-1] == "0 4 4"
    with sqlite3.connect(backup / "database.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM survey_response").fetchone() == (8,)


def test_the_copy_of_a_sqlite_file_is_one_state_and_ends_however_much_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page at a time, with another process that writes at every page: SQLite alone would begin anew for ever."""
    monkeypatch.setattr(writing, "PAGES", 1)
    name = str(tmp_path / "db.sqlite3")
    steps: list[int] = []
    with sqlite3.connect(name, isolation_level=None) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE one (number INTEGER, text TEXT)")
        writer.execute("CREATE TABLE two (number INTEGER)")
        writer.executemany("INSERT INTO one VALUES (?, ?)", [(number, "x" * 1000) for number in range(500)])
        writer.executemany("INSERT INTO two VALUES (?)", [(number,) for number in range(500)])

        class Bar:
            """In place of the progress bar: writes whenever it is told."""

            def __init__(self, **_: object) -> None:
                self.n = self.total = 0

            def __enter__(self) -> Bar:
                return self

            def __exit__(self, *_: object) -> None:
                return None

            def update(self, _count: int) -> None:
                steps.append(self.total)
                assert len(steps) < 1000, "it never ends"
                number = 500 + len(steps)
                code = (
                    f"import sqlite3; c = sqlite3.connect({name!r}); c.execute('INSERT INTO two VALUES ({number})'); "
                )
                if len(steps) % 20 == 1:  # a process of its own: SQLite tells its own writers apart
                    subprocess.run([sys.executable, "-c", code + "c.commit()"], check=True)
                writer.execute("INSERT INTO one VALUES (?, ?)", (number, "y" * 1000))

        monkeypatch.setattr(writing, "tqdm", Bar)
        writing.copy_sqlite(name, tmp_path / "copy.sqlite3")
        assert 100 < len(steps) < 400
        assert writer.execute("SELECT count(*) FROM one").fetchone() == (500 + len(steps),)
    with sqlite3.connect(tmp_path / "copy.sqlite3") as copy:
        assert copy.execute("SELECT count(*), max(number) FROM one").fetchone() == (500, 499)
        assert copy.execute("SELECT count(*), max(number) FROM two").fetchone() == (500, 499)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
