"""Exports: complete, safe, streamed, and the same after reading back."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import runpy
import zipfile

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from melodymuse_site.spreadsheets import guard, unguard
from survey import actions
from survey.exports import TABLES, reading, stream_csv
from survey.exports.codebook import MEDIA, MEDIA_TABLE
from survey.exports.formats import write_long
from survey.exports.pack import count_rows, write_pack
from survey.models import Participant, Response, Stimulus, Study, StudyChoice, Trial, TrialEvent
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_study()


def read(path, name):
    with zipfile.ZipFile(path) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


def export(study, path):
    call_command("export", study.slug, "--out", str(path), verbosity=0)
    return path


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'x", "＝1", "fear", "", "a=1"])
def test_the_guard_can_be_taken_off_again(text):
    assert unguard(guard(text)) == text
    assert not guard(text).startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


def test_headers_are_guarded_too():
    assert next(iter(stream_csv(["=cmd()", "a"], []))) == "'=cmd(),a\r\n"


@pytest.mark.database
def test_row_counts_equal_the_database(study, tmp_path):
    people = answer_study(study, people=5)
    answer_study(study, people=2, kind=Participant.Kind.BOT, seed=4)
    TrialEvent.objects.create(
        trial=people[0].trials.first(), sequence=1, kind="play", milliseconds=12, detail={"at": 0}
    )
    actions.withdraw(participant=people[4], by=None)
    path = export(study, tmp_path / "pack.zip")
    manifest = json.loads(zipfile.ZipFile(path).read("manifest.json"))
    rows = {entry["name"]: entry.get("rows") for entry in manifest["files"]}
    persons = Participant.objects.filter(study=study, kind="person", withdrawn_at=None)
    assert rows["participants.csv"] == persons.count() == 4
    assert rows["responses_long.csv"] == Response.objects.filter(trial__participant__in=persons).count() == 32
    assert rows["assignment.csv"] == Trial.objects.filter(participant__in=persons).count()
    assert rows["events.csv"] == 1
    assert rows["stimuli.csv"] == Stimulus.objects.filter(study=study).count()
    assert rows["responses_wide.csv"] == 4
    assert people[4].public_id not in path.read_bytes().decode("latin-1")
    for name, count in rows.items():
        if name.endswith(".csv"):
            assert len(read(path, name)) == count


def test_the_manifest_has_the_hash_of_every_file(study, tmp_path):
    answer_study(study, people=2)
    with zipfile.ZipFile(export(study, tmp_path / "pack.zip")) as archive:
        files = {entry["name"]: entry for entry in json.loads(archive.read("manifest.json"))["files"]}
        assert set(files) == set(archive.namelist()) - {"manifest.json"}
        for name, entry in files.items():
            data = archive.read(name)
            assert (entry["sha256"], entry["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))


def test_every_column_is_in_the_codebook_in_order(study, tmp_path):
    answer_study(study, people=2)
    path = export(study, tmp_path / "pack.zip")
    codebook = read(path, "codebook.csv")
    for table in TABLES:
        with zipfile.ZipFile(path) as archive:
            header = archive.read(f"{table}.csv").decode().splitlines()[0].split(",")
        assert header == [row["name"] for row in codebook if row["table"] == table]


def test_words_that_look_like_formulas_are_harmless(study, tmp_path):
    answer_study(study, people=1)
    response = Response.objects.first()
    Response.objects.filter(pk=response.pk).update(word='=HYPERLINK("http://x")')
    words = [row["word"] for row in read(export(study, tmp_path / "pack.zip"), "responses_long.csv")]
    assert '\'=HYPERLINK("http://x")' in words
    assert not any(word.startswith("=") for word in words)


def test_wide_and_long_say_the_same(study, tmp_path):
    answer_study(study, people=4, each=5)
    path = export(study, tmp_path / "pack.zip")
    wide = {row["participant"]: row for row in read(path, "responses_wide.csv")}
    long = read(path, "responses_long.csv")
    for row in long:
        assert wide[row["participant"]][row["stimulus"]] == row["chosen"]
    filled = sum(bool(cell) for row in wide.values() for name, cell in row.items() if name != "participant")
    assert filled == len(long)


def test_times_are_utc_with_microseconds(study, tmp_path):
    answer_study(study, people=1)
    row = read(export(study, tmp_path / "pack.zip"), "responses_long.csv")[0]
    answered = Response.objects.order_by("pk").first().answered_at
    assert row["answered_at"] == answered.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_the_python_loader_reads_types(study, tmp_path):
    answer_study(study, people=3)
    with zipfile.ZipFile(export(study, tmp_path / "pack.zip")) as archive:
        archive.extractall(tmp_path / "pack")
    tables = runpy.run_path(str(tmp_path / "pack" / "load.py"))["tables"]
    long = tables["responses_long"]
    assert (len(long), str(long["hit"].dtype), str(long["position"].dtype)) == (24, "boolean", "Int64")
    assert long["answered_at"].dt.tz is not None
    assert tables["participants"]["background"].iloc[0] == {"music": "some"}


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_long_table_alone_in_three_formats(study, tmp_path, ending):
    answer_study(study, people=3)
    path = export(study, tmp_path / f"long.{ending}")
    readers = {"csv": pd.read_csv, "jsonl": lambda p: pd.read_json(p, lines=True), "parquet": pd.read_parquet}
    frame = readers[ending](path)
    assert list(frame.columns) == [column.name for column in TABLES["responses_long"]]
    hits = list(frame["hit"])
    assert hits == list(frame["chosen"] == frame["intended"])
    assert (len(hits), set(hits)) == (24, {True, False})
    assert write_long(study, tmp_path / f"again.{ending}") == 24


def test_a_byte_order_mark_on_request(study, tmp_path):
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), "--bom", verbosity=0)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        assert archive.read("responses_long.csv").startswith(b"\xef\xbb\xbf")


def test_unknown_studies_and_endings_are_refused(study, tmp_path):
    for arguments in (
        ("nothing", tmp_path / "a.zip"),
        (study.slug, tmp_path / "a.xlsx"),
        (study.slug, tmp_path / "x/a.zip"),
    ):
        with pytest.raises(CommandError) as error:
            call_command("export", arguments[0], "--out", str(arguments[1]))
        assert error.value.returncode == 2
    assert list(tmp_path.glob("*.part*")) == []


def test_progress_counts_every_row_and_may_stop(study, tmp_path):
    answer_study(study, people=3)
    done = []
    write_pack(study, tmp_path / "a.zip", progress=done.append)
    assert sum(done) == count_rows(study)

    def stop(_):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        write_pack(study, tmp_path / "b.zip", progress=stop)


def test_progress_is_told_on_the_way_and_not_only_at_a_tables_end(study, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "BATCH", 10)
    answer_study(study, people=3)  # eight answers each: 24 rows
    done = []
    write_pack(study, tmp_path / "a.zip", progress=done.append)
    assert sum(done) == count_rows(study)
    assert [10, 10, 4] in [done[place : place + 3] for place in range(len(done))]


def tables_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".csv")}


def empty(study):
    """As if nobody had taken part: what a fresh copy of the study is."""
    TrialEvent.objects.filter(trial__participant__study=study).delete()
    Response.objects.filter(trial__participant__study=study).delete()
    Trial.objects.filter(participant__study=study).delete()
    Participant.objects.filter(study=study).delete()


@pytest.mark.database
def test_reading_back_into_the_empty_study_changes_nothing(settings, tmp_path, capsys):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(versions=make_versions(10))
    people = answer_study(study, people=4, each=6)
    person = people[0]
    Participant.objects.filter(pk=person.pk).update(included=False, verdict=["gold"], headphones={"passed": 5})
    stimulus = study.stimuli.exclude(pk__in=person.trials.values("stimulus")).first()
    Trial.objects.create(
        participant=person,
        stimulus=stimulus,
        position=7,
        clip_key=stimulus.clip_key,
        option_order=["awe", "none"],
        assigned_at=person.finished_at,
        lease_expires_at=person.finished_at,
    )
    answer = person.trials.first().response
    answer.delete()
    answer.listening_doubtful = True
    answer.pk, answer.valence, answer.arousal, answer.word = None, -0.25, 1.0, "=sad, 'quote'\nline"
    answer.save(force_insert=True)
    Response.objects.filter(trial=person.trials.last()).update(word="＝tristesse 悲しい 😢 hüzün")
    Participant.objects.filter(pk=people[1].pk).update(background={"Müzik": ["=1+1", "'"]}, device="phone", restarts=2)
    tests = {"passed": True, "measured": False, "played": [4.0, None, 3.9, 4.1, 4.0, 4.2]}
    Participant.objects.filter(pk=people[1].pk).update(sound_wrong=3, sound_measured=False, headphones=tests)
    Participant.objects.filter(pk=people[2].pk).update(outcome="", finished_at=None, completion_code="")
    actions.withdraw(participant=people[3], by=None)
    TrialEvent.objects.create(trial=person.trials.first(), sequence=1, kind="play", milliseconds=5, detail={"x": [1]})
    before = tables_of(export(study, tmp_path / "one.zip"))
    assert b'""measured"": false' in before["participants.csv"]
    empty(study)
    call_command("import_responses", str(tmp_path / "one.zip"))
    tested = Participant.objects.get(public_id=people[1].public_id)
    assert (tested.sound_wrong, tested.sound_measured, tested.headphones) == (3, False, tests)
    assert Response.objects.filter(listening_doubtful=True).count() == 1
    after = tables_of(export(study, tmp_path / "two.zip"))
    assert after == before
    assert "18 answers" in capsys.readouterr().out
    assert people[3].public_id not in str(before)


@pytest.mark.database
def test_a_study_with_participants_is_not_read_into(study, tmp_path):
    answer_study(study, people=2)
    path = export(study, tmp_path / "pack.zip")
    with pytest.raises(CommandError, match="has participants"):
        call_command("import_responses", str(path))


@pytest.mark.database
def test_nothing_is_stored_where_something_does_not_fit(study, tmp_path):
    answer_study(study, people=2)
    path = export(study, tmp_path / "pack.zip")
    other = make_study(versions=make_versions(8, first=60))
    empty(study)
    with pytest.raises(CommandError, match="8 stimuli of the export are not in the study"):
        call_command("import_responses", str(path), "--study", other.slug)
    assert not Participant.objects.filter(study=other).exists()


def test_a_damaged_pack_is_refused(study, tmp_path):
    answer_study(study, people=1)
    path = export(study, tmp_path / "pack.zip")
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content["responses_long.csv"] = content["responses_long.csv"].replace(b"fear", b"awe")
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    with pytest.raises(CommandError, match=r"responses_long\.csv differ from the manifest"):
        call_command("import_responses", str(tmp_path / "bad.zip"))


@pytest.mark.parametrize("content", [b"", b"PK not a zip", b"participant,stimulus\n"])
def test_what_is_no_pack_is_refused(tmp_path, content):
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="is not an export pack"):
        call_command("import_responses", str(path))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_responses", str(tmp_path / "absent.zip"))


def test_the_pack_knows_the_answers_in_order(study, tmp_path):
    with zipfile.ZipFile(export(study, tmp_path / "pack.zip")) as archive:
        described = json.loads(archive.read("study.json"))
    offered = list(StudyChoice.objects.filter(study=study).values_list("slug", flat=True))
    assert [choice["slug"] for choice in described["choices"]] == offered
    assert Study.objects.get(slug=described["slug"]) == study


def test_the_documented_codebook_has_every_column(settings):
    text = (settings.BASE_DIR / "docs" / "codebook.md").read_text(encoding="utf-8")
    missing = [
        f"{table}.{column.name}"
        for table, columns in {**TABLES, MEDIA_TABLE: MEDIA}.items()
        for column in columns
        if f"| `{column.name}` | {column.kind} |" not in text
    ]
    assert missing == []
