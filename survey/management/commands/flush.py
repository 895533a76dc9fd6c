"""`manage.py flush` empties the database on purpose: the freezing triggers stand aside while it does."""

from typing import Any

from django.core.management.commands import flush
from django.db import connections, transaction

from survey.migrations._frozen import create_triggers, drop_triggers


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            drop_triggers(connection, cursor.execute)
        try:
            super().handle(**options)
        finally:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                create_triggers(connection, cursor.execute)
