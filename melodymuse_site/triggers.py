"""Rules that the database itself keeps, as triggers on SQLite and PostgreSQL.

An app declares its rules beside its models and hands them to `keep`. They stand aside while tables are migrated
(SQLite rebuilds an altered table and loses its triggers) and are made anew after every `migrate`, from the models as
they are: a migration never names them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.models import Model
from django.db.models.signals import post_migrate, pre_migrate


@dataclass(frozen=True, slots=True)
class Rule:
    """`event` (INSERT, UPDATE or DELETE) on `table` is refused with `message` where `condition` holds.

    The condition speaks of the rows OLD and NEW; `IS DISTINCT FROM` is written as SQLite's `IS NOT` there.
    """

    name: str
    table: str
    event: str
    condition: str
    message: str


Rules = Callable[[Any], Sequence[Rule]]


def changed_columns(connection: Any, model: type[Model], living: frozenset[str]) -> str:
    """The condition that any column of `model` changes but those of the fields `living`. New fields are kept too."""
    there = _there(connection, model)
    columns = [field.column for field in model._meta.concrete_fields if field.name not in living]
    quoted = [connection.ops.quote_name(name) for name in columns if name in there]
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in quoted)


def _there(connection: Any, model: type[Model]) -> set[str]:
    """The columns a table has: fewer than the model's where somebody migrates back."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return set()
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def keep(app: AppConfig, rules: Rules) -> None:
    """Drop the rules before tables of `app` are migrated, and make them after every migrate."""

    def stand_aside(*, using: str, plan: Sequence[Any], **_: Any) -> None:
        if plan:
            drop(connections[using], rules)

    def stand_again(*, using: str, plan: Sequence[Any] | None = None, **_: Any) -> None:
        if plan is not None:  # `flush` sends the signal too, without a plan, and touches no table's form
            create(connections[using], rules)

    # weak=False: these functions have no other reference, and would be collected at once.
    pre_migrate.connect(stand_aside, sender=app, dispatch_uid=f"{app.label}-rules-aside", weak=False)
    post_migrate.connect(stand_again, sender=app, dispatch_uid=f"{app.label}-rules-again", weak=False)


def create(connection: Any, rules: Rules) -> None:
    """Make every rule whose table exists; one that stands already is made anew."""
    # All or none: between dropping and making there is no moment without the rule.
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for rule in rules(connection):
            if rule.table not in tables:
                continue
            for statement in _drop_statements(connection, rule) + _create_statements(connection, rule):
                cursor.execute(statement)


def drop(connection: Any, rules: Rules) -> None:
    """Let every rule stand aside."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for rule in rules(connection):
            if rule.table in tables:
                for statement in _drop_statements(connection, rule):
                    cursor.execute(statement)


def _create_statements(connection: Any, rule: Rule) -> list[str]:
    if connection.vendor == "sqlite":
        # Both compare NULLs as values: `<>` would let a change from or to NULL pass.
        condition = rule.condition.replace("IS DISTINCT FROM", "IS NOT")
        return [
            f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{rule.message}'); END"
        ]
    # A WHEN condition may not hold a subquery on PostgreSQL: the function asks.
    # What a BEFORE trigger returns is what is done: NULL (there is no NEW of a deleted row) would quietly do nothing.
    row = "OLD" if rule.event == "DELETE" else "NEW"
    return [
        f"CREATE OR REPLACE FUNCTION {rule.name}() RETURNS trigger AS $$ BEGIN IF {rule.condition} THEN "
        f"RAISE EXCEPTION '{rule.message}' USING ERRCODE = 'restrict_violation'; END IF; RETURN {row}; END; $$ "
        "LANGUAGE plpgsql",
        f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} FOR EACH ROW EXECUTE FUNCTION {rule.name}()",
    ]


def _drop_statements(connection: Any, rule: Rule) -> list[str]:
    if connection.vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {rule.name}"]
    return [
        f"DROP TRIGGER IF EXISTS {rule.name} ON {rule.table}",
        f"DROP FUNCTION IF EXISTS {rule.name}()",
    ]
