"""`manage.py flush` empties the database on purpose: the freezing triggers stand aside while it does."""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from melodymuse_site.triggers import create, drop
from survey.models.freezing import rules


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        drop(connection, rules)
        try:
            super().handle(**options)
        finally:
            create(connection, rules)
