"""`manage.py anonymise`: studies whose retention date has come lose what could point to a person."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from survey import actions


class Command(BaseCommand):
    help = "Anonymises every study whose retention date has come, as the sweep does every minute. Twice is harmless."

    def handle(self, **options: Any) -> None:
        done = actions.anonymise_due()
        for study, number in done.items():
            self.stdout.write(f"{study}: {number} participations anonymised.")
        if not done:
            self.stdout.write("No study is due.")
