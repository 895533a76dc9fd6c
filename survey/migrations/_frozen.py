"""The triggers that keep published studies and stored answers as they are, on SQLite and PostgreSQL.

SQLite rebuilds a table on AlterField and AddConstraint and drops its triggers: a migration that alters
one of these tables ends with `RunPython(create, drop)` from here, after `drop` before it.
"""

STUDY_COLUMNS = (
    "slug", "number", "previous_id", "title", "introduction", "consent_text", "consent_sha256", "contact",
    "question", "instructions", "language", "translations", "mode", "offer_none", "ask_confidence", "ask_affect",
    "ask_word", "ask_background", "clips_per_participant", "practice_trials", "gold_trials", "repeat_trials",
    "spread", "require_listening", "replay_cap", "headphones", "headphone_test", "analysis_plan",
    "exclusion_rules", "published_at",
)
RESPONSE_COLUMNS = ("trial_id", "choice_id", "confidence", "valence", "arousal", "answered_at")
PARTS = ("survey_studychoice", "survey_condition", "survey_stimulus")

STUDY_MESSAGE = "A published study is frozen; make a new version instead."
RESPONSE_MESSAGE = "A stored answer is never edited."


def _differs(columns, operator):
    return " OR ".join(f"OLD.{column} {operator} NEW.{column}" for column in columns)


def _rules(operator):
    """(trigger, table, event, condition, message) for every rule."""
    changed = (
        f"OLD.status <> 'draft' AND ({_differs(STUDY_COLUMNS, operator)}"
        " OR NOT (OLD.status = NEW.status OR (OLD.status = 'published' AND NEW.status = 'closed')))"
    )
    yield "study_frozen_update", "survey_study", "UPDATE", changed, STUDY_MESSAGE
    yield "study_frozen_delete", "survey_study", "DELETE", "OLD.status <> 'draft'", STUDY_MESSAGE
    yield (
        "response_kept_update", "survey_response", "UPDATE", _differs(RESPONSE_COLUMNS, operator), RESPONSE_MESSAGE,
    )


def _published(row):
    return f"EXISTS (SELECT 1 FROM survey_study s WHERE s.id = {row}.study_id AND s.status <> 'draft')"


def _part_rules():
    for table in PARTS:
        for event in ("INSERT", "UPDATE", "DELETE"):
            rows = {"INSERT": ("NEW",), "DELETE": ("OLD",), "UPDATE": ("OLD", "NEW")}[event]
            condition = " OR ".join(_published(row) for row in rows)
            yield f"{table}_frozen_{event.lower()}", table, event, condition, STUDY_MESSAGE


def _create_sqlite(execute):
    for name, table, event, condition, message in [*_rules("IS NOT"), *_part_rules()]:
        execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END;"
        )


def _create_postgresql(execute):
    for name, table, event, condition, message in _rules("IS DISTINCT FROM"):
        _create_function(execute, name, f"RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation';")
        execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
            f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}();"
        )
    # A WHEN condition may not hold a subquery on PostgreSQL: the function asks.
    for name, table, event, condition, message in _part_rules():
        row = "OLD" if event == "DELETE" else "NEW"
        refusal = f"RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation';"
        _create_function(execute, name, f"IF {condition} THEN {refusal} END IF; RETURN {row};")
        execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();")


def _create_function(execute, name, body):
    execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$ BEGIN {body} END; $$ LANGUAGE plpgsql;"
    )


def create_triggers(connection, execute):
    if connection.vendor == "postgresql":
        _create_postgresql(execute)
    else:
        _create_sqlite(execute)


def drop_triggers(connection, execute):
    for name, table, *_ in [*_rules("IS NOT"), *_part_rules()]:
        if connection.vendor == "postgresql":
            execute(f"DROP TRIGGER IF EXISTS {name} ON {table};")
            execute(f"DROP FUNCTION IF EXISTS {name}();")
        else:
            execute(f"DROP TRIGGER IF EXISTS {name};")


def create(apps, schema_editor):
    create_triggers(schema_editor.connection, lambda sql: schema_editor.execute(sql, params=None))


def drop(apps, schema_editor):
    drop_triggers(schema_editor.connection, lambda sql: schema_editor.execute(sql, params=None))
