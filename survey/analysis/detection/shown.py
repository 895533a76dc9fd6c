"""Sensitivity of answers yes or no as an entry of the register: what is computed from a study, and how it reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survey.analysis.comparisons import SEED_STUDY
from survey.analysis.conditions import presentations_of
from survey.analysis.detection.measure import Detected, Detection, count_without_names, measure_detection
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import Plot, Row, Scale, Table
from survey.analysis.ratings import Ratings
from survey.analysis.wording import counted, decimal, decimals, equals_p, p_value, presented, share

YES = "yes"
SENSITIVITIES = Scale(-2.0, 4.0, (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0), unit="")
WITHOUT_LURES = (
    "Every trial named the intended emotion, so yes was always right: sensitivity d′ is not defined, and how often yes"
    f" was said is no rate of recognition. This is the form of the first project, as a replication; its"
    f" {SEED_STUDY[0]} of {SEED_STUDY[1]} had no lures either."
)


def measure_yes_and_no(asked: Asked) -> Detected | None:
    """Return sensitivity and bias of the primary cell and of every cell; None where people chose among emotions.

    The ratings say which emotion was named in the factor ``asked``; `intended` is yes where it is the clip's own. Where
    they do not say it, yes is counted and nothing else: a name that is liked would pass for sensitivity.
    """
    if not asked.primary.says_yes_or_no:
        return None
    cells = presentations_of(asked.every_cell)
    of_cells = {name: detect(asked.every_cell.select(keep)).together for name, keep in cells.items()}
    return replace(detect(asked.primary), cells=of_cells if len(cells) > 1 else {})


def detect(ratings: Ratings) -> Detected:
    """Return sensitivity and bias of one cell's answers that name an emotion; without cells."""
    yes = ratings.emotions.index(YES)
    if not ratings.factors["asked"].is_used:
        known = ratings.intended_only
        return count_without_names(known.pieces(), known.intended == yes, known.chosen == yes)
    known = ratings.select((ratings.intended >= 0) & ratings.factors["asked"].named)
    factor = known.factors["asked"]
    names = sorted(factor.levels)
    place = np.array([names.index(level) for level in factor.levels], np.int64)
    asked = place[factor.codes]
    return measure_detection(
        known.participant, known.pieces(), asked, known.intended == yes, known.chosen == yes, names
    )


def _tables(found: Detected) -> list[Table]:
    rows = [
        ["all", *_cells(found.together)],
        *([name, *_cells(one)] for name, one in found.emotions.items()),
    ]
    header = [
        "Named",
        "Targets",
        "Yes",
        "Lures",
        "Yes (false alarms)",
        "d′",
        "New clips",
        "These clips",
        "c",
        "p (Holm)",
    ]
    caption = (
        "Targets name the intended emotion, lures another one. d′ = z(hit rate) − z(false-alarm rate) with the"
        " log-linear correction (Hautus 1995): 0 where yes is said to lures as often as to targets. c: bias, negative"
        " where yes is said too readily. 95 % intervals; p: d′ = 0, one-sided, for new people and new clips. In the row"
        " “all” every emotion named counts alike in both rates."
    )
    tables = [Table("detection", "Targets and lures", [*header, "Note"], rows, caption)]
    if found.cells:
        tables.append(
            Table(
                "detection-cells",
                "Targets and lures, each cell by itself",
                ["Cell", *header[1:-1], "p", "Note"],
                [[presented(name) or name, *_cells(one)] for name, one in found.cells.items()],
                "Every emotion named counts alike in both rates.",
            )
        )
    return tables


def _cells(one: Detection) -> list[str]:
    return [
        str(one.targets),
        share(one.hit_rate),
        str(one.lures),
        share(one.false_alarm_rate),
        decimal(one.d_prime, 2),
        decimals(one.participants_stimuli, 2),
        decimals(one.participants, 2),
        decimal(one.criterion, 2),
        p_value(one.p_holm),
        one.reason or "",
    ]


def _plots(found: Detected) -> list[Plot]:
    if found.together.d_prime is None:
        return []
    rows = [_row(name, one) for name, one in found.emotions.items() if one.d_prime is not None]
    return [
        Plot(
            "sensitivity",
            "Sensitivity per emotion named",
            [*rows, replace(_row("all", found.together), summary=True)],
            SENSITIVITIES,
            "Sensitivity d′",
            "How well people tell clips of an emotion from others when they are asked about it, with 95 % intervals for"
            " new people and new clips; thin lines: for these clips alone. Dashed: yes is said to lures as often as to"
            " targets. ★: above that, one-sided p < .05 after Holm.",
            " ".join([headline(found), *_told_apart(found)]),
            reference=0.0,
            reference_label="not told apart",
        )
    ]


def _row(name: str, one: Detection) -> Row:
    return Row(
        f"{name} ★" if one.recognised else name,
        one.d_prime,
        one.participants_stimuli or one.participants,
        one.participants if one.participants_stimuli else None,
        decimal(one.d_prime, 2),
        n=one.targets + one.lures,
    )


def headline(found: Detected) -> str:
    """Return the finding in a sentence: hits beside false alarms, never hits alone."""
    one = found.together
    if not found.has_lures:
        said = (
            f"Listeners said yes in {share(one.hit_rate)} of {counted(one.targets, 'trial')}. " if one.targets else ""
        )
        return f"{said}{WITHOUT_LURES}" if one.targets else "There are no answers yet."
    rates = (
        f"Listeners said yes to {one.hits} of {counted(one.targets, 'target')}, which named the intended emotion, and"
        f" to {one.false_alarms} of {counted(one.lures, 'lure')}, which named another ({_alike(one)}"
        f"{share(one.hit_rate)} and {share(one.false_alarm_rate)})"
    )
    if one.d_prime is None:
        return f"{rates}; d′ is {one.reason}."
    claims = (
        ("new people hearing these clips", one.participants),
        ("new people and new clips", one.participants_stimuli),
    )
    ends = "; ".join(f"for {claim} {decimals(interval, 2)}" for claim, interval in claims if interval)
    in_brackets = "; ".join(filter(None, (ends, one.reason)))
    return f"{rates}: d′ = {decimal(one.d_prime, 2)}{f' ({in_brackets})' if in_brackets else ''}."


def _alike(one: Detection) -> str:
    """Where there is a d′ its rates are means over the emotions named, not the counts' own."""
    return "" if one.d_prime is None else "each emotion named counting alike, "


def _told_apart(found: Detected) -> list[str]:
    """Which emotions were told apart, by the test that the figure marks."""
    if not found.has_lures:
        return []
    one = found.together
    parts = []
    if one.p_value is not None:
        how = "were told" if one.recognised else "could not be shown to be told"
        parts.append(f"In all, targets {how} from lures (d′ > 0, one-sided {equals_p(one.p_value)}).")
    tested = {name: each for name, each in found.emotions.items() if each.recognised is not None}
    if not tested:
        return [*parts, "Whether single emotions are told apart was not tested."]
    names = ", ".join(name for name, each in tested.items() if each.recognised)
    return [*parts, f"Told from others, Holm-corrected p < .05: {names or 'no emotion'}."]


def _sentences(found: Detected) -> list[str]:
    one = found.together
    if one.d_prime is None:
        return []
    leaning = f"The bias was c = {decimal(one.criterion, 2)} (negative: yes is said too readily)."
    seed = f"The first project’s {SEED_STUDY[0]} of {SEED_STUDY[1]} had no lures and cannot be compared."
    return [leaning, *_told_apart(found), seed]


MEASURE = Measure(
    "detection",
    "sensitivity and bias where people said yes or no to one emotion named",
    Detected,
    measure_yes_and_no,
    tables=_tables,
    plots=_plots,
    plot_names=("sensitivity",),
    sentences=_sentences,
    headline=headline,
    needs=(),
    group=Group.RECOGNITION,
    place=10,
)
