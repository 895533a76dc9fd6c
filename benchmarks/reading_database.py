"""Millions of answers in many studies, made by PostgreSQL: for `benchmarks/reading.py` and the test of plans.

Rows as the actions would leave them, as far as pages and exports look at them. The first `APART` studies ran one after
the other, so that their answers lie together and long ago; all others ran at once, so that no two answers of one of
them lie side by side. One reading may suit the first and another the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.monitor_database import make_studies

APART = 10
BIG = ("survey_participant", "survey_trial", "survey_response", "survey_trialevent", "survey_questionanswer")
"""Tables that grow with every study."""
# Of a hundred people: who withdrew, who never began, who is none (a bot, a preview), who left in the middle.
KIND = "CASE n % 100 WHEN 7 THEN 'bot' WHEN 8 THEN 'preview' ELSE 'person' END"
OUTCOME = """CASE WHEN n % 100 = 1 THEN 'withdrawn' WHEN n % 100 = 2 THEN 'no_consent'
    WHEN n % 100 = 3 THEN 'quota_full' WHEN n % 100 = 4 THEN 'screened_out'
    WHEN n % 4 = 0 THEN '' ELSE 'complete' END"""
BEGUN = "now() - interval '1 second' * (900 + (people - n) * 20)"
HEX = "md5(random()::text)"


def fill_by_sql(*, studies: int, people: int, trials: int) -> list[Any]:
    """Published studies with `people` each, who were given `trials` clips each; the planner knows what is there."""
    from django.db import connection
    from django.utils import timezone

    from survey.models import Study

    (first,) = make_studies(1)
    with connection.cursor() as cursor, _without_indexes(cursor):
        for number in range(1, studies):
            _copy(cursor, first, number)
        Study.objects.update(results_opened_at=timezone.now())
        made = list(Study.objects.order_by("pk"))
        _ask(made[::5])
        _fill(cursor, people, trials)
        _count(cursor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as the servers do by themselves after a while
    return made


def _copy(cursor: Any, study: Any, number: int) -> None:
    """Another study of the same clips."""
    from survey.models import Condition, Stimulus, Study, StudyChoice

    def insert(model: Any, told: dict[str, str], where: str) -> None:
        columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
        named = ", ".join(f'"{column}"' for column in columns)
        values = ", ".join(told.get(column, f'"{column}"') for column in columns)
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({named}) SELECT {values} FROM {model._meta.db_table} {where}"
        )

    insert(Study, {"slug": f"'benchmark-{number}'"}, f"WHERE id = {study.pk}")
    to = {"study_id": "currval('survey_study_id_seq')"}
    of = f"WHERE study_id = {study.pk} ORDER BY id"
    insert(StudyChoice, to, of)
    insert(Condition, to, of)
    insert(Stimulus, {**to, "condition_id": "currval('survey_condition_id_seq')", "public_id": "gen_random_uuid()"}, of)


def _ask(studies: list[Any]) -> None:
    """A question about every clip and one about the person."""
    from survey.models import StudyQuestion

    for study in studies:
        for position, moment in enumerate(("clip", "after")):
            StudyQuestion.objects.create(
                study=study,
                key=f"own_{moment}",
                moment=moment,
                sort="scale",
                most=5,
                position=position,
                wording={"en": "How?"},
                low={"en": "not"},
                high={"en": "very"},
            )


@contextmanager
def _without_indexes(cursor: Any) -> Iterator[None]:
    """Rows are stored first and sorted into the indexes afterwards, each index at once; triggers rest meanwhile."""
    cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
    cursor.execute("SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'")
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = ANY(%s::regclass[]) AND contype = 'u'",
        [list(BIG)],
    )
    unique = cursor.fetchall()
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY(%s::regclass[])"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))",
        [list(BIG)],
    )
    others = cursor.fetchall()
    for table, name, _ in unique:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in others:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for table, name, definition in unique:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for _, definition in others:
        cursor.execute(definition)
    cursor.execute("SET session_replication_role = DEFAULT; SET synchronous_commit = DEFAULT")
    cursor.execute("SET maintenance_work_mem = DEFAULT; SET work_mem = DEFAULT")


def _insert(cursor: Any, model: Any, told: dict[str, str], source: str) -> None:
    """Store what `source` tells: expressions for some columns, the model's default for the others."""
    from django.db import connection

    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    values, parameters = [], []
    for field in fields:
        if field.column in told:
            values.append(told[field.column])
        else:
            values.append("%s")
            parameters.append(field.get_db_prep_save(field.get_default(), connection))
    assert told.keys() <= {field.column for field in fields}
    columns = ", ".join(f'"{field.column}"' for field in fields)
    # Drawn here: a percent sign of the expressions is no place for a parameter.
    text = ", ".join(value if value == "%s" else value.replace("%", "%%") for value in values)
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {text} {source.replace('%', '%%')}", parameters
    )


def _fill(cursor: Any, people: int, trials: int) -> None:
    from survey.models import Participant, QuestionAnswer, Response, Trial, TrialEvent

    cursor.execute(
        "CREATE TEMP TABLE parts AS SELECT study.id, row_number() OVER (ORDER BY study.id) AS place,"
        " (SELECT array_agg(id ORDER BY id) FROM survey_stimulus WHERE study_id = study.id) AS stimuli,"
        " (SELECT array_agg(id ORDER BY id) FROM survey_studychoice WHERE study_id = study.id) AS choices,"
        " (SELECT array_agg(id ORDER BY id) FROM survey_studyquestion WHERE study_id = study.id) AS questions"
        " FROM survey_study study"
    )
    order = f"ORDER BY least(place, {APART + 1}), n, place"
    _insert(
        cursor,
        Participant,
        {
            "study_id": "study_id",
            "public_id": f"'q' || substr({HEX}, 1, 20)",
            "token": f"{HEX} || substr({HEX}, 1, 8)",
            "kind": "kind",
            "created_at": "begun",
            "last_seen_at": "begun + interval '9 minutes'",
            "consented_at": "CASE WHEN outcome IN ('no_consent', 'quota_full') THEN NULL ELSE begun END",
            "consent_sha256": "CASE WHEN outcome IN ('no_consent', 'quota_full') THEN '' ELSE repeat('0', 64) END",
            "sound_checked_at": "begun",
            "sound_measured": "n % 50 <> 0",
            "plan": f"(SELECT jsonb_agg('main'::text) FROM generate_series(1, {trials}))",
            "option_order": '\'["fear", "awe"]\'',
            "outcome": "outcome",
            "completion_code": "CASE WHEN outcome = 'complete' THEN 'CODE' ELSE '' END",
            "finished_at": "CASE WHEN outcome = '' THEN NULL ELSE begun + interval '1 second' * (480 + n % 60) END",
            "withdrawn_at": "CASE WHEN outcome = 'withdrawn' THEN begun END",
            "included": "CASE WHEN outcome = 'complete' THEN n % 10 <> 0 END",
            "verdict": "CASE WHEN outcome = 'complete' AND n % 10 = 0 THEN '[\"too fast: median 1.1 s\"]'::jsonb"
            " ELSE '[]'::jsonb END",
            "device": "'phone'",
        },
        f"FROM (SELECT parts.id AS study_id, n, place, {KIND} AS kind, {OUTCOME} AS outcome,"
        f" {BEGUN.replace('people', str(people))} AS begun FROM parts, generate_series(1, {people}) n {order}) made",
    )
    # Four hundred people take turns, as on a busy day.
    answered = "(outcome = 'complete' OR position < 3 + person_id % (trials - 1))".replace("trials", str(trials))
    _insert(
        cursor,
        Trial,
        {
            "participant_id": "person_id",
            "stimulus_id": "stimulus",
            "position": "position",
            "kind": "CASE WHEN position = 3 THEN 'gold' ELSE 'main' END",
            "clip_key": "lpad(to_hex(stimulus), 64, '0')",
            "token": f"{HEX} || substr({HEX}, 1, 8)",
            "option_order": '\'["fear", "awe"]\'',
            "assigned_at": "created_at + interval '1 minute' * position",
            "lease_expires_at": "created_at + interval '1 minute' * (position + 15)",
            "shown_at": "created_at + interval '1 minute' * position",
            "answered_at": f"CASE WHEN {answered} THEN created_at + interval '1 minute' * (position + .5) END",
        },
        "FROM (SELECT person.id AS person_id, person.outcome, person.created_at, position,"
        " parts.stimuli[1 + (person.id * 5 + position * 7) % cardinality(parts.stimuli)] AS stimulus"
        " FROM survey_participant person JOIN parts ON parts.id = person.study_id,"
        f" generate_series(1, {trials}) position"
        " WHERE person.outcome IN ('', 'complete')"
        # whoever left has one open trial and none behind it
        f" AND (person.outcome = 'complete' OR position < 4 + person.id % {trials - 1})"
        " ORDER BY person.id / 400, position, person.id) given",
    )
    cursor.execute("CREATE TEMP TABLE answered AS SELECT trial.id, trial.participant_id, trial.position,"
                   " trial.answered_at, person.study_id, person.kind, trial.stimulus_id"
                   " FROM survey_trial trial JOIN survey_participant person ON person.id = trial.participant_id"
                   " WHERE trial.answered_at IS NOT NULL ORDER BY trial.id; ANALYZE answered")  # fmt: skip
    _insert(
        cursor,
        Response,
        {
            "trial_id": "answered.id",
            "choice_id": "choices[1 + (participant_id + position * position) % cardinality(choices)]",
            "confidence": "1 + answered.id % 5",
            "answered_at": "answered_at",
            "seconds": "4 + (answered.id % 100) / 10.0",
            "played_seconds": "CASE WHEN answered.id % 20 > 0 THEN 20.0 END",
            "plays": "1",
            "listening_measured": "answered.id % 20 > 0",
        },
        "FROM answered JOIN parts ON parts.id = study_id ORDER BY answered.id",
    )
    _insert(
        cursor,
        TrialEvent,
        {
            "trial_id": "id",
            "sequence": "number",
            "kind": "CASE WHEN id % 400 = 0 AND number = 0 THEN 'error' WHEN number = 0 THEN 'play' ELSE 'ended' END",
            "milliseconds": "100 * number",
            "received_at": "answered_at",
        },
        "FROM answered, generate_series(0, 1) number ORDER BY id, number",
    )
    _insert(
        cursor,
        QuestionAnswer,
        {
            "participant_id": "participant_id",
            "trial_id": "answered.id",
            "question_id": "questions[1]",
            "number": "1 + answered.id % 5",
            "answered_at": "answered_at",
        },
        "FROM answered JOIN parts ON parts.id = study_id WHERE questions IS NOT NULL ORDER BY answered.id",
    )
    _insert(
        cursor,
        QuestionAnswer,
        {
            "participant_id": "person.id",
            "question_id": "questions[2]",
            "number": "1 + person.id % 5",
            "answered_at": "finished_at",
        },
        "FROM survey_participant person JOIN parts ON parts.id = study_id"
        " WHERE questions IS NOT NULL AND outcome = 'complete' ORDER BY person.id",
    )


def _count(cursor: Any) -> None:
    """The counters, as every answer would have moved them."""
    cursor.execute(
        "INSERT INTO survey_fill (stimulus_id, kind, answers, seconds)"
        " SELECT stimulus_id, answered.kind, count(*), sum(seconds)"
        " FROM answered JOIN survey_response response ON response.trial_id = answered.id GROUP BY 1, 2;"
        "INSERT INTO survey_load (stimulus_id, kind, load) SELECT stimulus_id, kind, answers FROM survey_fill;"
        "DROP TABLE parts; DROP TABLE answered"
    )
