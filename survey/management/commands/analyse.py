"""manage.py analyse: the statistics of any table of ratings, without a database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from survey.analysis.ratings import RatingsRefused, read_counts, read_long, read_wide
from survey.analysis.reading_out import read_out
from survey.analysis.report import REPLICATES, analyse, analyse_table

BAD_INPUT = 2


class Command(BaseCommand):
    help = (
        "Accuracy with honest intervals, confusions and agreement of a CSV with the columns"
        " participant,stimulus,intended,chosen[,condition]. An empty cell is a missing answer."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--choices", metavar="a,b,…", help="every answer that was offered, in order")
        parser.add_argument("--none", metavar="LABEL", help='the answer that means "none of these"')
        parser.add_argument("--condition", metavar="COL", help="column with the cell of the design")
        parser.add_argument("--seed", type=int, default=0, help="of bootstrap and permutation (default 0)")
        parser.add_argument("--replicates", type=int, default=REPLICATES, metavar="N")
        shape = parser.add_mutually_exclusive_group()
        shape.add_argument("--wide", action="store_true", help="first column the item, then a column per rater")
        shape.add_argument("--counts", action="store_true", help="first column the item, then a column per choice")
        parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
        parser.add_argument("--html", type=Path, metavar="FILE", help="also write a page with tables and figures")

    def handle(self, *args: Any, **options: Any) -> None:
        check_options(options)
        try:
            report = read_and_analyse(options)
        except RatingsRefused as refused:
            raise CommandError(f"{options['file']}: {refused}", returncode=BAD_INPUT) from None
        if options["html"]:
            write_page(options["html"], report, options["file"].name)
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False))
        else:
            self.stdout.write(read_out(report))


def check_options(options: dict[str, Any]) -> None:
    """Refuse what cannot be meant, with exit status 2."""
    if options["replicates"] < 0:
        raise CommandError("--replicates counts replicates: a whole number from 0.", returncode=BAD_INPUT)
    if options["seed"] < 0:
        raise CommandError("--seed is a whole number from 0.", returncode=BAD_INPUT)
    if options["condition"] and (options["wide"] or options["counts"]):
        message = "--condition belongs to a long table; a wide or counts table has none."
        raise CommandError(message, returncode=BAD_INPUT)


def read_and_analyse(options: dict[str, Any]) -> dict[str, Any]:
    choices = options["choices"].split(",") if options["choices"] is not None else None
    if options["counts"]:
        return analyse_table(read_counts(options["file"], choices=choices, none=options["none"]))
    if options["wide"]:
        return analyse_table(read_wide(options["file"], choices=choices, none=options["none"]))
    ratings = read_long(options["file"], choices=choices, none=options["none"], condition=options["condition"])
    return analyse(ratings, seed=options["seed"], replicates=options["replicates"])


def write_page(path: Path, report: dict[str, Any], source: str) -> None:
    from survey.figures.page import write_report_page

    try:
        path.write_text(write_report_page(report, source), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.", returncode=BAD_INPUT) from None
