"""manage.py learn: what the answers to closed studies teach the composer, or the network that reads pictures."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from melodymuse_site.jobs.heartbeat import beating
from melodymuse_site.jobs.leases import claim, fail
from melodymuse_site.turns import ActionRefused
from survey import actions
from survey.findings.learned import NothingToLearn
from survey.findings.lessons import learn
from survey.findings.taught import tell_lesson
from survey.models import Lesson, Study
from survey.models.lessons import FULL_STRENGTH


class Command(BaseCommand):
    help = (
        "Learns from all answers that count of closed studies which musical attributes make emotions recognised, and"
        " keeps better targets as a new version, which serves nobody until it is chosen. With --pictures: from answers"
        " to pictures without music, how sure the network that reads pictures should be of each emotion. What is"
        " expected of a version is an expectation: the test is a study of its own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("studies", nargs="+", metavar="STUDY", help="closed studies, by their slugs")
        parser.add_argument(
            "--pictures", action="store_true", help="correct the network that reads pictures, not the targets of music"
        )
        parser.add_argument(
            "--strength", type=float, default=FULL_STRENGTH, metavar="S", help="part of the way that is gone (0 to 1)"
        )
        parser.add_argument(
            "--control",
            choices=[name for name in Lesson.Control.values if name],
            default="",
            help="learn from answers shuffled among clips or pictures: what must gain nothing",
        )
        parser.add_argument("--seed", type=int, help="of everything that is drawn")
        parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        slugs = list(dict.fromkeys(options["studies"]))
        found = {study.slug: study for study in Study.objects.filter(slug__in=slugs)}
        if missing := [slug for slug in slugs if slug not in found]:
            raise CommandError(f"There is no study called {missing[0]!r}.")
        try:
            lesson = actions.request_lesson(
                studies=list(found.values()),
                by=None,
                subject=Lesson.Subject.PICTURES if options["pictures"] else Lesson.Subject.MUSIC,
                strength=options["strength"],
                control=options["control"],
                seed=options["seed"],
            )
        except ActionRefused as refused:
            raise CommandError(str(refused)) from None
        self._have(lesson)
        lesson.refresh_from_db()
        if options["json"]:
            kept = {"recalibration": lesson.recalibration} if options["pictures"] else {"targets": lesson.targets}
            told = {name: str(version or "") for name, version in kept.items()}
            self.stdout.write(json.dumps(lesson.result | told, indent=1))
        else:
            self.stdout.write("\n".join(tell_lesson(lesson)))

    def _have(self, lesson: Lesson) -> None:
        lease = claim(Lesson, lesson.pk)
        if lease is None:
            raise CommandError("A worker has this lesson already; look at it on the site.")
        try:
            with beating(lease):  # a fit may take longer than a lease lasts
                learn(lesson, lease, told=lambda phase: self.stderr.write(f"{phase} …"))
        except NothingToLearn as error:
            fail(lease, str(error))
            raise CommandError(str(error)) from None
        except BaseException as error:  # interrupted too: nobody waits for a lesson that nobody has
            fail(lease, f"{type(error).__name__}: {error}")
            raise
