"""Columns write the same bytes as rows did: every table, every sort of study, whatever people wrote."""

from __future__ import annotations

import csv
import gc
import io
import random
import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from survey.exports import reading, wide
from survey.exports.batches import TYPES, write_numbers, write_times
from survey.exports.codebook import tables_of
from survey.exports.csv_text import quote, stream_csv, write_time
from survey.exports.formats import json_lines, write_long
from survey.exports.pack import write_pack
from survey.exports.rows import batches_of
from survey.models import (
    Condition,
    Participant,
    QuestionAnswer,
    Response,
    Stimulus,
    Trial,
    TrialEvent,
)
from tests.survey import rows_one_by_one as before
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions
from tests.survey.questions.asking import asking_everything, take_part

WORDS = (
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+",
    "-1",
    "@SUM(A1)",
    "'tis",
    "''",
    "\ttab",
    "\rreturn",
    "\nline",
    "two\nlines",
    "two\r\nlines",
    "lone\rreturn",
    "line\u2028separator",
    "next\x85line",
    "vertical\x0btab",
    'said "no"',
    '"',
    ",",
    "a,b",
    "＝tristesse 悲しい 😢 hüzün",
    "e\u0301",
    "\u202eright to left",
    " space ",
    "NULL",
    "\\N",
    "nan",
    "true",
    "0",
    "",
)
NUMBERS = (0.0, 1.0, 0.1, 1 / 3, 1e-4, 9.999e-5, 1e-7, 123456789.125, 1e15, 1e16, 999999999999999.9, 1e22, 5e-324, 29.0)
AFFECTS = (None, 0.0, -0.0, -1.0, 1.0, -0.25, 1e-5, -1 / 3)
MOMENTS = (None, *(datetime(2026, 3, 29, 0, 59, 59, part, tzinfo=UTC) for part in (0, 1, 100_000, 999_999)))


def write_anew(answer, **fields) -> None:
    """Stored answers are never edited: another in its place."""
    answer.delete()
    answer.pk = None
    for name, value in fields.items():
        setattr(answer, name, value)
    answer.save(force_insert=True)


def confuse(study) -> None:
    """Everything that a cell may hold, in every column that may hold it."""
    dice = random.Random(3)
    Trial.objects.filter(participant__study=study).first().participant.trials.update(shown_at=None)
    for place, answer in enumerate(Response.objects.filter(trial__participant__study=study).order_by("pk")):
        heard = dice.choice((None, *NUMBERS))
        fields = {
            "word": WORDS[place % len(WORDS)],
            "valence": dice.choice(AFFECTS),
            "arousal": dice.choice(AFFECTS),
            "confidence": dice.choice((None, 1, 5)),
            "seconds": NUMBERS[place % len(NUMBERS)],
            "first_choice_seconds": dice.choice((None, *NUMBERS)),
            "hidden_seconds": dice.choice((None, *NUMBERS)),
            "played_seconds": heard,
            "listening_measured": heard is not None,
            "listening_doubtful": dice.random() < 0.5,
            "plays": dice.choice((None, 0, 1, 32767)),
            "answered_at": dice.choice(MOMENTS[1:]),
        }
        write_anew(answer, **fields)
    for place, trial in enumerate(Trial.objects.filter(participant__study=study).order_by("pk")):
        Trial.objects.filter(pk=trial.pk).update(
            shown_at=MOMENTS[place % len(MOMENTS)],
            option_order=dice.choice(([], ["awe"], dice.sample(["awe", "fear", "none", "=x", "a,b", "é"], 6))),
            kind=trial.kind if trial.kind == "repeat" else dice.choice(("main", "main", "main", "gold", "practice")),
        )
        for number in range(place % 3):
            detail = dice.choice(({}, {"b": 1.0, "a": [None, True, "=", "\u2028"]}, {"é": '"', "n": 1e-7, "m": 10**20}))
            TrialEvent.objects.create(trial=trial, sequence=number, kind="play", milliseconds=number, detail=detail)
    for place, answer in enumerate(QuestionAnswer.objects.filter(participant__study=study).order_by("pk")):
        new = {} if answer.text == "" else {"text": WORDS[place % (len(WORDS) - 1)]}
        if answer.number is not None and answer.question.sort == "slider":
            new["number"] = dice.choice([value for value in AFFECTS if value is not None])
        write_anew(answer, **new)


def confuse_people(study) -> None:
    people = list(study.participants.order_by("pk"))
    for place, person in enumerate(people):
        word = WORDS[place % len(WORDS)]
        study.participants.filter(pk=person.pk).update(
            public_id=f"{word}{place}"[:32],
            language=("en", "de", "fr", "es", "tr")[place % 5],
            device=("", "phone", "computer")[place % 3],
            included=(None, True, False)[place % 3],
            verdict=[[], ["gold", "=1"], ["a|b"]][place % 3],
            background=[{}, {"Müzik": [word, "'"], "a": 1.5}, {"z": None, "b": {"y": 1, "x": 2.0}}][place % 3],
            headphones=[{}, {"passed": True, "played": [4.0, None]}][place % 2],
            sound_checked_at=MOMENTS[place % len(MOMENTS)],
            sound_measured=(None, True, False)[place % 3],
            order_row=(None, 0, 7)[place % 3],
            consented_at=MOMENTS[1:][place % 4],
        )
    left = {"outcome": "withdrawn", "withdrawn_at": MOMENTS[1], "finished_at": MOMENTS[1]}
    Participant.objects.filter(pk=people[-1].pk).update(**left)
    Participant.objects.filter(pk=people[-2].pk).update(kind="preview")


def confuse_stimuli(study):
    """Of a draft: what is published is frozen."""
    for place, cell in enumerate(study.conditions.all()):
        Condition.objects.filter(pk=cell.pk).update(name=("=cell, 1", 'the "other"', "Ünlü")[place % 3])
    for place, clip in enumerate(study.stimuli.all()):
        Stimulus.objects.filter(pk=clip.pk).update(composer=("muse", "-muse", "", "a,b")[place % 4])
    return study


def a_study_of_many_cells(**fields):
    cells = {"matched": 1.0, "music_only": 1.0, "picture_only": 1.0}
    study = make_study(cells=cells, versions=make_versions(6), **fields)
    answer_study(study, people=9)
    again = study.participants.first()
    first = again.trials.first()
    later = first.assigned_at + timedelta(hours=1)
    repeat = Trial.objects.create(
        participant=again,
        stimulus=first.stimulus,
        position=90,
        kind="repeat",
        clip_key=first.clip_key,
        option_order=["awe"],
        assigned_at=later,
        lease_expires_at=later,
        answered_at=later,
    )
    other = study.choices.exclude(pk=first.response.choice_id).first()
    Response.objects.create(trial=repeat, choice=other, answered_at=later, seconds=1.0)
    return study


def a_study_with_lures():
    study = make_study(mode="yes_no", require_listening=False, versions=make_versions(8))
    answer_study(study, people=5, choose=lambda _person, _clip, dice: dice.choice(("yes", "no")))
    for place, trial in enumerate(Trial.objects.filter(participant__study=study)):
        Trial.objects.filter(pk=trial.pk).update(asked_emotion=(trial.stimulus.emotion, "awe")[place % 2])
    return study


def a_study_that_asks_everything(language="en"):
    study = asking_everything(language=language)
    for _ in range(4):
        take_part(study)
    return study


STUDIES = {
    "empty": lambda: make_study(versions=make_versions(2)),
    "cells": a_study_of_many_cells,
    "odd names": lambda: confuse_stimuli(a_study_of_many_cells(publish=False)),
    "lures": a_study_with_lures,
    "questions": a_study_that_asks_everything,
    "questions in Turkish": lambda: a_study_that_asks_everything("tr"),
}


@pytest.fixture(params=STUDIES)
def study(request, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(reading, "BATCH", 7)  # nobody's answers fit
    monkeypatch.setattr(wide, "CELLS", 20)
    made = STUDIES[request.param]()
    if made.participants.exists():
        confuse(made)
        confuse_people(made)
    return made


def tables_before(study, *, mark=False) -> dict[str, bytes]:
    """The tables of the pack, as they were written row by row."""
    rows = {table: before.ROWS[table](study) for table in tables_of(study)}
    headers = {table: [column.name for column in columns] for table, columns in tables_of(study).items()}
    rows["responses_wide"], headers["responses_wide"] = before.wide_rows(study), wide.wide_header(study)
    return {f"{name}.csv": "".join(stream_csv(headers[name], rows[name], mark=mark)).encode() for name in rows}


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize("mark", [False, True])
def test_the_pack_has_the_bytes_it_had(study, tmp_path, mark):
    manifest = write_pack(study, tmp_path / "pack.zip", mark=mark)
    counts = {entry["name"]: entry.get("rows") for entry in manifest["files"]}
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        for name, expected in tables_before(study, mark=mark).items():
            assert archive.read(name) == expected, name
    assert counts["responses_long.csv"] == len(list(before.responses(study)))
    assert counts["responses_wide.csv"] == len(list(before.wide_rows(study)))


@pytest.mark.django_db
@pytest.mark.database
def test_the_long_table_alone_has_the_values_it_had(study, tmp_path):
    columns, rows = tables_of(study)["responses_long"], list(before.responses(study))
    for ending in ("csv", "jsonl", "parquet"):
        assert write_long(study, tmp_path / f"long.{ending}") == len(rows)
    assert (tmp_path / "long.csv").read_bytes() == tables_before(study)["responses_long.csv"]
    assert (tmp_path / "long.jsonl").read_text(encoding="utf-8") == "".join(json_lines(rows, columns))
    schema = pa.schema([(column.name, TYPES[column.kind]) for column in columns])
    values = zip(*rows, strict=True) if rows else [[] for _ in columns]
    arrays = [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)]
    assert parquet.read_table(tmp_path / "long.parquet").equals(pa.Table.from_arrays(arrays, schema=schema))


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize("table", ["responses_long", "events"])
def test_a_study_whose_people_all_left_between_two_looks_has_no_rows(settings, tmp_path, monkeypatch, table):
    """The streamed table is no snapshot; its further questions are looked up for nobody."""
    settings.MEDIA_ROOT = tmp_path / "media"
    study = a_study_that_asks_everything()
    monkeypatch.setattr("survey.exports.rows.people_of", lambda _study: study.participants.none())
    assert list(batches_of(study, table)) == []


@pytest.mark.django_db
def test_ten_batches_are_a_row_group_of_parquet(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(reading, "BATCH", 1)
    study = make_study(versions=make_versions(4))
    answer_study(study, people=3)
    assert write_long(study, tmp_path / "long.parquet") == 12
    written = parquet.ParquetFile(tmp_path / "long.parquet").metadata
    assert [written.row_group(place).num_rows for place in range(written.num_row_groups)] == [10, 2]


@pytest.mark.django_db
@pytest.mark.database
def test_who_leaves_between_two_looks_is_left_out(settings, tmp_path, monkeypatch):
    """The streamed table is no snapshot: people are read first, answers later."""
    from survey.exports.rows import responses

    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(versions=make_versions(4))
    answer_study(study, people=3)
    monkeypatch.setattr(before, "people_of", lambda _study: study.participants.order_by("pk")[:2])
    monkeypatch.setattr("survey.exports.rows.people_of", lambda _study: study.participants.order_by("pk")[:2])
    found = [batch.rows() for batch in reading.read_batches(responses(study), tables_of(study)["responses_long"])]
    rows = [row for some in found for row in some]
    assert rows == [tuple(row) for row in before.responses(study)]
    assert len(rows) == 8


@pytest.mark.django_db
@pytest.mark.database
def test_between_two_batches_the_connection_answers_others_and_the_rest_may_be_left(monkeypatch):
    answer_study(make_study(versions=make_versions(4)), people=3)
    monkeypatch.setattr(reading, "BATCH", 3)
    found = Response.objects.order_by("pk")
    batches = reading.read_columns(found, ["pk", "choice_id"])
    first = next(batches)["pk"].to_pylist()
    assert found.count() > 6
    assert next(batches)["pk"].to_pylist() == list(found.values_list("pk", flat=True))[3:6]
    assert len(first) == 3
    # `batches` still stands in the middle, as it does after an export was called off.
    assert found.exists()


@pytest.mark.django_db
@pytest.mark.database
def test_empty_cells_are_rows_and_statements_may_be_counted():
    answer_study(make_study(versions=make_versions(4)), people=2)
    found = Response.objects.order_by("pk")
    found.update(word="", hidden_seconds=None)
    with CaptureQueriesContext(connection):  # as with DEBUG
        words = [word for part in reading.read_columns(found, ["word"]) for word in part["word"].to_pylist()]
    hidden = [seconds for part in reading.read_columns(found, ["hidden_seconds"]) for seconds in part["hidden_seconds"]]
    assert words == [""] * found.count()
    assert [seconds.as_py() for seconds in hidden] == [None] * found.count()


def test_two_exports_at_once_never_leave_the_garbage_collector_off(monkeypatch):
    """The second found it off, and before it went on the first was done and had switched it on."""
    is_enabled = gc.isenabled
    assert reading._take(iter([(1,), (2,)])) == [(1, 2)]
    assert is_enabled()
    monkeypatch.setattr(gc, "isenabled", lambda: False)
    assert reading._take(iter([(1,), (2,)])) == [(1, 2)]
    assert is_enabled()


@given(st.lists(st.floats() | st.floats(-1e3, 1e3) | st.integers(-(10**17), 10**17).map(float) | st.none(), min_size=1))
def test_numbers_are_written_as_python_writes_them(numbers):
    told = write_numbers(pa.array(numbers, pa.float64())).to_pylist()
    assert told == [None if number is None else repr(number) for number in numbers]


def test_numbers_at_the_limits_of_what_arrow_writes_without_an_exponent():
    powers = [float(f"{digits}e{power}") for power in range(-20, 25) for digits in ("1", "9.999999999999999", "-1.5")]
    beside = [float(np.nextafter(power, way)) for power in powers for way in (-np.inf, np.inf)]
    assert write_numbers(pa.array(powers + beside)).to_pylist() == [repr(value) for value in powers + beside]


@given(st.lists(st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1)).map(lambda time: time.replace(tzinfo=UTC))))
def test_times_are_written_as_before(times):
    assert write_times(pa.array(times, TYPES["time"])).to_pylist() == [write_time(time) for time in times]


@given(st.text() | st.sampled_from(WORDS))
def test_cells_are_quoted_as_a_csv_writer_quotes_them(text):
    out = io.StringIO()
    csv.writer(out).writerow(["x", text])
    assert out.getvalue() == f"x,{quote(text)}\r\n"
