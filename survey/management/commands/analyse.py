"""manage.py analyse: the statistics of any table of ratings, without a database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from survey.analysis import (
    RatingsRefused,
    analyse,
    analyse_table,
    read_attributes,
    read_counts,
    read_cues,
    read_long,
    read_out,
    read_sides,
    read_wide,
)
from survey.analysis.comparisons import MARGIN
from survey.analysis.families import MOST_COMPARISONS
from survey.analysis.ratings import Ratings
from survey.analysis.ratings.attributes import MUSIC, PICTURE
from survey.analysis.report import REPLICATES
from survey.analysis.reported import Report, as_plain

BAD_INPUT = 2
LONG_ALONE = (
    *("condition", "by", "column", "neutral", "margin", "most_comparisons"),
    *("attributes", "picture_attributes", "cues", "sides"),
)
"""Options that say something about a long table only."""


class Command(BaseCommand):
    help = (
        "Accuracy with honest intervals, confusions and agreement of a CSV with the columns"
        " participant,stimulus,intended,chosen[,condition]. An empty cell is a missing answer."
        " What is doubtful about the table is said before the numbers, with the lines."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--choices", metavar="a,b,…", help="every answer that was offered, in order")
        parser.add_argument("--none", metavar="LABEL", help='the answer that means "none of these"')
        parser.add_argument(
            "--neutral", metavar="a,b,…", help="intentions that nobody could choose; such clips count for agreement"
        )
        parser.add_argument(
            "--missing",
            metavar="a,b,…",
            help="what counts as missing beside the empty cell (default: NA, NaN, null, -99 and their like)",
        )
        parser.add_argument(
            "--column",
            action="append",
            metavar="NAME=HEADER",
            help="the column that holds participant, stimulus, intended, chosen, composer, …; may be repeated",
        )
        parser.add_argument("--condition", metavar="COL", help="column with the cell of the design")
        parser.add_argument(
            "--by", action="append", metavar="COL", help="a further factor: its levels apart, and compared; repeatable"
        )
        parser.add_argument(
            "--attributes",
            type=Path,
            metavar="FILE.csv",
            help="what was measured on the stimuli, one row each: an export's stimuli.csv, or a column per attribute",
        )
        parser.add_argument(
            "--picture-attributes",
            type=Path,
            metavar="FILE.csv",
            help="likewise what was measured on the pictures shown: an export's stimuli.csv, or a column per attribute",
        )
        parser.add_argument(
            "--cues",
            type=Path,
            metavar="FILE.csv",
            help="which variant of which piece each stimulus is, one row each: the stimuli.csv of an export whose study"
            " plays variants, or columns stimulus, cue_piece, cue_NAME and cue_NAME_value",
        )
        parser.add_argument(
            "--sides",
            type=Path,
            metavar="FILE.csv",
            help="which stimuli were made for new and which for old targets, one row each: the stimuli.csv of an export"
            " whose study compares them, or columns stimulus and side (new, old)",
        )
        parser.add_argument("--margin", type=float, metavar="D", help=f"of equivalence (default {MARGIN})")
        parser.add_argument(
            "--most-comparisons",
            type=int,
            metavar="N",
            help=f"pairs of one factor that are compared; with more, none is (default {MOST_COMPARISONS})",
        )
        parser.add_argument("--seed", type=int, default=0, help="of bootstrap and permutation (default 0)")
        parser.add_argument(
            "--replicates", type=int, default=REPLICATES, metavar="N", help="of both; 0 leaves both out"
        )
        shape = parser.add_mutually_exclusive_group()
        shape.add_argument("--wide", action="store_true", help="first column the item, then a column per rater")
        shape.add_argument("--counts", action="store_true", help="first column the item, then a column per choice")
        parser.add_argument("--raters", metavar="A,B,…", help="the columns of a wide table that are raters")
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
            self.stdout.write(json.dumps(as_plain(report), ensure_ascii=False, indent=1, allow_nan=False))
        else:
            self.stdout.write(read_out(report))


def check_options(options: dict[str, Any]) -> None:
    """Refuse what cannot be meant, with exit status 2."""
    for name, least in (("replicates", 0), ("seed", 0), ("most_comparisons", 0)):
        if options[name] is not None and options[name] < least:
            raise _refuse(f"{_flag(name)} is a whole number from 0.")
    margin = options["margin"]
    if margin is not None and not 0 < margin < 1:
        raise _refuse(f"--margin is a difference of two shares, between 0 and 1: write ten points as {MARGIN}.")
    if options["wide"] or options["counts"]:
        for name in LONG_ALONE:
            if options[name] is not None:
                raise _refuse(f"{_flag(name)} belongs to a long table; a wide or counts table has none.")
    if options["raters"] is not None and not options["wide"]:
        raise _refuse("--raters names columns of a wide table: say --wide too.")
    if options["missing"] is not None and options["counts"]:
        raise _refuse("--missing has no meaning for a counts table: an empty cell there is 0.")
    for entry in options["column"] or ():
        name, equals, header = entry.partition("=")
        if not (equals and name.strip() and header.strip()):
            raise _refuse(f"--column {entry}: write NAME=HEADER, for example --column participant=subject.")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _refuse(message: str) -> CommandError:
    return CommandError(message, returncode=BAD_INPUT)


def _listed(text: str | None) -> list[str] | None:
    return None if text is None else text.split(",")


def read_and_analyse(options: dict[str, Any]) -> Report:
    choices, none, missing = _listed(options["choices"]), options["none"], _listed(options["missing"])
    if options["counts"]:
        return analyse_table(read_counts(options["file"], choices=choices, none=none))
    if options["wide"]:
        raters = _listed(options["raters"])
        return analyse_table(read_wide(options["file"], choices=choices, none=none, missing=missing, raters=raters))
    ratings = read_long(
        options["file"],
        choices=choices,
        none=none,
        condition=options["condition"],
        columns={name.strip(): header for name, _, header in (c.partition("=") for c in options["column"] or ())},
        by=tuple(dict.fromkeys(options["by"] or ())),
        missing=missing,
        neutral=_listed(options["neutral"]) or (),
    )
    for column in (MUSIC, PICTURE):
        if options[column]:
            ratings = _with_attributes(ratings, options[column], column)
    if options["cues"]:
        ratings = _with_cues(ratings, options["cues"])
    if options["sides"]:
        ratings = _with_sides(ratings, options["sides"])
    most = options["most_comparisons"]
    return analyse(
        ratings,
        seed=options["seed"],
        replicates=options["replicates"],
        margin=MARGIN if options["margin"] is None else options["margin"],
        most_comparisons=MOST_COMPARISONS if most is None else most,
    )


def _with_attributes(ratings: Ratings, path: Path, column: str) -> Ratings:
    """The ratings with what was measured on their clips or pictures, and a note of what was read of it."""
    try:
        found = read_attributes(path, column)
    except RatingsRefused as refused:
        raise CommandError(f"{path}: {refused}", returncode=BAD_INPUT) from None
    if found is None:
        raise CommandError(
            f"{path} has no column {column} that tells anything, and none whose cells are all numbers or empty.",
            returncode=BAD_INPUT,
        )
    known = set(found.stimuli)
    measured = sum(name in known for name in ratings.stimuli)
    if not measured:
        raise CommandError(f"{path} names none of the clips that were judged.", returncode=BAD_INPUT)
    whose = "clips" if column == MUSIC else "clips’ pictures"
    said = f"Of {measured} of {len(ratings.stimuli)} {whose} {path.name} tells: {', '.join(found.names)}."
    return replace(ratings, **{column: found}, notes=(*ratings.notes, said))


def _with_cues(ratings: Ratings, path: Path) -> Ratings:
    """The ratings with the variants that their clips are, and a note of what was read of it."""
    try:
        found = read_cues(path)
    except RatingsRefused as refused:
        raise CommandError(f"{path}: {refused}", returncode=BAD_INPUT) from None
    if found is None:
        raise CommandError(f"{path} names no variant: every cell of cue_piece is empty.", returncode=BAD_INPUT)
    known = set(found.stimuli)
    variants = sum(name in known for name in ratings.stimuli)
    if not variants:
        raise CommandError(f"{path} names none of the clips that were judged.", returncode=BAD_INPUT)
    said = (
        f"Of {len(ratings.stimuli)} clips {variants} are variants of {len(set(found.pieces))} pieces by {path.name}: "
        f"{', '.join(found.names)}."
    )
    return replace(ratings, cues=found, notes=(*ratings.notes, said))


def _with_sides(ratings: Ratings, path: Path) -> Ratings:
    """The ratings with the targets that their clips were made for, and a note of what was read of it."""
    try:
        found = read_sides(path)
    except RatingsRefused as refused:
        raise CommandError(f"{path}: {refused}", returncode=BAD_INPUT) from None
    kept = {name: found[name] for name in ratings.stimuli if name in found}
    if not kept:
        raise CommandError(f"{path} names the side of none of the clips that were judged.", returncode=BAD_INPUT)
    new = sum(side == "new" for side in kept.values())
    said = (
        f"Of {len(ratings.stimuli)} clips {new} are for the new and {len(kept) - new} for the old targets by"
        f" {path.name}."
    )
    return replace(ratings, sides=kept, notes=(*ratings.notes, said))


def write_page(path: Path, report: Report, source: str) -> None:
    from survey.figures.html_report import write_report_page

    try:
        path.write_text(write_report_page(report, source), encoding="utf-8")
    except OSError as error:
        raise _refuse(f"{path} cannot be written: {error.strerror}.") from None
