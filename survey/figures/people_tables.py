"""The people behind a report: reliability, who differs most, all beside included."""

from __future__ import annotations

from survey.analysis.measures.shown import Table
from survey.analysis.reported import Report
from survey.analysis.wording import decimal, decimals, name_of_rate, share, shares, short_id


def people_table(report: Report) -> Table:
    people = report.people
    rows = [
        [label, share(found.estimate), shares(found.interval), str(found.n)]
        for found, label in (
            (people.gold, "Gold trials answered as known"),
            (people.repeats, "Repeats answered as before"),
        )
        if found.n
    ]
    return Table("people", "Reliability of listeners", ["", "Share", "95 % interval", "Trials"], rows)


RATERS_SHOWN = 10


def raters_table(report: Report) -> Table:
    """The listeners who differ most from the others, beside what others reach on the same clips."""
    known = [rater for rater in report.raters if rater.agreement is not None]
    known.sort(key=lambda rater: (rater.agreement or 0.0) - (rater.expected or 0.0))
    rows = [
        [
            short_id(rater.participant),
            str(rater.n),
            share(rater.hit_rate),
            share(rater.agreement),
            share(rater.expected),
        ]
        for rater in known[:RATERS_SHOWN]
    ]
    header = ["Listener", "Answers", name_of_rate(report), "Agrees with the others", "All listeners of these clips"]
    whose = "All listeners" if len(rows) == len(known) else f"The {len(rows)} of {len(known)} listeners who agree least"
    caption = f"{whose}, those first who agree least with the others, given their clips."
    return Table("raters", "Listeners who differ most", header, rows, caption)


def included_table(report: Report) -> Table:
    included = report.included_only
    if included is None:
        return Table("included", "", [], [])
    rows = []
    for label, found in (("All listeners", report), ("Included only", included)):
        accuracy, alpha = found.accuracy, found.agreement["krippendorff_alpha"]
        rows.append(
            [
                label,
                str(found.n.participants),
                str(found.n.responses),
                share(accuracy.estimate),
                shares(accuracy.participants_stimuli),
                decimal(alpha.estimate),
                decimals(alpha.interval),
            ]
        )
    header = ["", "Participants", "Answers", name_of_rate(report), "New clips", "Krippendorff α", "95 % interval"]
    caption = "The rules were fixed at publication; nobody is deleted."
    return Table("included", "All and included listeners", header, rows, caption)
