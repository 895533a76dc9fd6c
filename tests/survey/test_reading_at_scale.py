"""One study is read among many others by indexes: which there are, what each statement takes, and how it is planned."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.db import connection

from benchmarks.monitor import ROOT
from benchmarks.reading import Asked, explain, reads_all
from survey.models import Participant, Response, Trial, TrialEvent
from tests.databases import is_postgresql
from tests.settings import CALLERS_DATABASE_URL
from tests.survey.factories import make_study
from tests.survey.participating import Listener

# Every answer pays for each of these: a new one is to be of use, and says so here.
INDEXES = {
    "survey_participant": {
        "one_outside_id_once",
        "people_as_they_came",
        "people_by_outcome",
        "survey_participant_condition_id_e71ce841",
    },
    "survey_trial": {
        "nobody_meets_a_clip_twice",
        "one_open_trial_each",
        "open_by_stimulus",
        "places_by_lease",
        "survey_trial_second_id_71ce9447",
        "survey_trial_stimulus_id_48bdfb95",
        "trial_position_once",
    },
    "survey_response": {"answers_by_choice"},
    "survey_trialevent": {"event_sequence_once", "sounds_that_failed"},
    "survey_questionanswer": {
        "one_answer_per_person",
        "one_answer_per_trial",
        "survey_questionanswer_participant_id_490ba112",
        "survey_questionanswer_question_id_53fb25a3",
        "survey_questionanswer_trial_id_f767f50b",
    },
    "survey_fill": {"one_fill_per_kind"},
    "survey_load": {"one_load_per_kind"},
    "survey_named": {"emotion_counted_once_per_kind"},
}
PAGES = (
    "studies",
    "study",
    "close",
    "monitor",
    "people",
    "people left out",
    "recruiting",
    "recruited",
    "results cold",
    "results warm",
    "results csv",
    "export",
    "rows of an export",
    "metrics",
    "status",
    "answer",
)
UNIQUE = {"survey_participant": 2, "survey_trial": 1, "survey_response": 1}
"""Columns that are unique by themselves: their indexes have other names on each database."""


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize("table", INDEXES)
def test_the_tables_of_answers_have_these_indexes_and_no_others(table):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    kept = {name: one for name, one in found.items() if one["index"] or one["unique"]}
    lone = [
        name for name, one in kept.items() if one["unique"] and len(one["columns"]) == 1 and name not in INDEXES[table]
    ]
    keys = [name for name in lone if found[name]["columns"] == ["id"]]
    assert len(lone) - len(keys) == UNIQUE.get(table, 0)
    assert {name for name in kept if name not in lone and not name.startswith("__")} == INDEXES[table]


@pytest.mark.django_db
@pytest.mark.database
def test_every_table_that_is_counted_finds_a_study_by_its_people():
    study = make_study()
    for model in (Trial, Response, TrialEvent, apps.get_model("survey", "QuestionAnswer")):
        sql = str(model.objects.counted(study).query)
        way = "= ANY(ARRAY(SELECT" if is_postgresql() else "IN (SELECT"
        assert f'"participant_id" {way} U0."id"' in sql.replace(' AS "pk"', ""), model
    assert "ANY" not in str(Participant.objects.counted(study).query)


@pytest.mark.django_db
@pytest.mark.database
def test_rows_of_other_studies_are_in_no_query_of_one():
    one, other = make_study(), make_study(slug="other")
    for study in (one, one, other):
        Listener(study.slug).take_part()
    for model, each in ((Trial, 2), (Response, 2)):
        all_rows = model.objects.counted().count()
        assert 0 < model.objects.counted(other).count() < model.objects.counted(one).count() < all_rows, each
        assert model.objects.counted(one).count() + model.objects.counted(other).count() == all_rows


@pytest.mark.django_db
@pytest.mark.database
def test_keys_are_given_in_their_order_though_sorted_afterwards():
    study = make_study()
    for _ in range(3):
        Listener(study.slug).take_part()
    keys = list(Response.objects.counted(study).in_order().values_list("pk", flat=True))
    assert keys == sorted(keys) != []


def plan(*nodes):
    return [{"Relation Name": "survey_trial", "Index Name": "trial_position_once", **node} for node in nodes]


def test_what_reads_all_of_a_table_is_told_from_what_finds_its_rows():
    whole = plan({"Node Type": "Seq Scan"}, {"Node Type": "Index Scan"}, {"Node Type": "Index Only Scan"})
    found = plan(
        {"Node Type": "Index Scan", "Index Cond": "(participant_id = 1)"},
        {"Node Type": "Bitmap Heap Scan"},
        {"Node Type": "Index Scan", "Index Name": "open_by_stimulus"},
        {"Node Type": "Seq Scan", "Relation Name": "survey_study"},
    )
    assert all(map(reads_all, whole))
    assert not any(map(reads_all, found))


@pytest.mark.django_db
@pytest.mark.database
def test_plans_of_cursors_and_of_several_statements_are_all_seen():
    if not is_postgresql():
        pytest.skip("plans are PostgreSQL's")
    named = explain(Asked("SELECT id FROM survey_trial WHERE id = %s", [1], named=True))
    both = explain(Asked("SELECT 1 FROM survey_load WHERE id = %s; SELECT 1 FROM survey_fill", [1], named=False))
    # By whichever way a table is read: an index below a bitmap is a node without a table's name.
    tables = [[node["Relation Name"] for node in nodes if "Relation Name" in node] for nodes in (named, both)]
    assert tables == [["survey_trial"], ["survey_load", "survey_fill"]]


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not CALLERS_DATABASE_URL.startswith("postgres"), reason="DATABASE_URL names no PostgreSQL server")
def test_with_five_million_answers_nothing_reads_a_table_of_all_studies():
    environment = {**os.environ, "DATABASE_URL": CALLERS_DATABASE_URL}
    command = [sys.executable, "-m", "benchmarks.reading", "--plans"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert {one["study"] for one in found} == {"benchmark-0", "benchmark-49"}
    assert {one["page"]: one["statements"] > 0 for one in found} == dict.fromkeys(PAGES, True)
    assert [one for one in found if one["read all"]] == []
