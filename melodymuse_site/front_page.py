"""What the front page plays and shows: pairs that no study plays, and one figure of real answers."""

from __future__ import annotations

from collections.abc import Sequence

from generation.models import PairVersion
from survey.figures import Figure, figure_of
from survey.figures.seed_study import draw_seed_study
from survey.findings import Choice
from survey.findings.reports import kept_report, key_of
from survey.models import Study

DEMO_STUDY = "demo"
FRONT_PAIRS = "Demo: pairs for the front page"
"""Why the run was asked for whose pairs are played there."""
PAIRS = 3
FEWEST_PEOPLE = 10
"""The demo study is drawn from so many people on; with fewer its intervals say nothing."""


def pairs_to_play() -> Sequence[PairVersion]:
    """The newest ready pairs that were made for the front page, three at most.

    None whose clip or picture is in a study: the page names the emotion that each of them was made for, and whoever
    reads it may take part afterwards.
    """
    ready = PairVersion.objects.filter(
        run__reason=FRONT_PAIRS,
        status=PairVersion.Status.READY,
        stimuli__isnull=True,
        pair__image__stimuli__isnull=True,
        pair__versions__stimuli__isnull=True,
    )
    newest: dict[int, PairVersion] = {}
    for version in ready.select_related("pair__image", "pair__emotion").order_by("pair_id", "-number"):
        newest.setdefault(version.pair_id, version)
    return list(newest.values())[:PAIRS]


def figure_to_show(study: Study | None) -> tuple[Figure, bool]:
    """A figure, and whether it is the demo study's: else the student project's with which MelodyMuse began.

    Only a report that somebody has had computed is drawn: a visitor's look computes nothing.
    """
    if study is not None and study.shows_results:
        report = kept_report(key_of(study, Choice()))
        if report is not None and report.people.included >= FEWEST_PEOPLE:
            figure = figure_of(report, "emotions")
            if figure is not None:
                return figure, True
    return draw_seed_study(), False
