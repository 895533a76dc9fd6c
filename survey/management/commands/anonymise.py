"""`manage.py anonymise`: studies whose retention date has come lose what could point to a person."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from survey import actions
from survey.models import Study


class Command(BaseCommand):
    help = "Anonymises every study whose retention date has come; run it daily. Doing it twice is harmless."

    def handle(self, **options: Any) -> None:
        due = Study.objects.filter(retention_until__lte=timezone.localdate(), anonymised_at__isnull=True)
        for study in due:
            number = actions.anonymise(study=study)
            self.stdout.write(f"{study}: {number} participations anonymised.")
        if not due:
            self.stdout.write("No study is due.")
