"""The trigger that keeps ready pair versions as they are, on SQLite and PostgreSQL.

SQLite rebuilds a table on AlterField and AddConstraint and drops its triggers: a migration that alters the
table of pair versions begins with `RunPython(drop, create)` and ends with `RunPython(create, drop)` from here.
"""

MESSAGE = "A ready pair version is immutable; make a new version instead."

SQLITE = [
    f"""CREATE TRIGGER pair_version_ready_update BEFORE UPDATE ON generation_pairversion
        WHEN OLD.status = 'ready' BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END;""",
]
POSTGRESQL = [
    f"""CREATE OR REPLACE FUNCTION pair_version_ready_refuse() RETURNS trigger AS $$
        BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END; $$ LANGUAGE plpgsql;""",
    """CREATE TRIGGER pair_version_ready_update BEFORE UPDATE ON generation_pairversion
        FOR EACH ROW WHEN (OLD.status = 'ready') EXECUTE FUNCTION pair_version_ready_refuse();""",
]


def create(apps, schema_editor):
    statements = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER IF EXISTS pair_version_ready_update ON generation_pairversion;")
        schema_editor.execute("DROP FUNCTION IF EXISTS pair_version_ready_refuse();")
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS pair_version_ready_update;")
