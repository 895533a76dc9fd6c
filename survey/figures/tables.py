"""The report's numbers as rows of text for tables."""

from __future__ import annotations

from survey.analysis.accuracy import NOT_ASKED
from survey.analysis.estimates import ALPHA
from survey.analysis.families import name_pair, say_what_means_rest_on
from survey.analysis.measures import Measured, Table, read_measures
from survey.analysis.reported import CoefficientPart, Report, SeedPart
from survey.analysis.wording import (
    COEFFICIENTS,
    compares_clips,
    counted,
    decimal,
    decimals,
    name_of_rate,
    p_value,
    points,
    points_interval,
    says_yes_or_no,
    share,
    shares,
    smallest_holm,
)
from survey.figures.people_tables import included_table, people_table, raters_table

CLAIMS = (
    (
        "participants_stimuli",
        "New people, new clips",
        "Wilson with the effective n, two-way clustered, t(min(P − 1, S − emotions) or fewer)",
    ),
    ("bootstrap", "New people, new clips", "people × clips bootstrap (Owen 2007)"),
    (
        "participants",
        "New people, these clips",
        "Wilson with the effective n, clustered by participant, t(P − 1 or fewer)",
    ),
    ("wilson", "If all answers were independent", "Wilson; too narrow here, for comparison only"),
)


def all_tables(report: Report, measured: Measured | None = None) -> list[Table]:
    """Every table that has rows, first of all what says how well emotions were recognised."""
    if compares_clips(report):
        return (measured or read_measures(report)).tables
    if not report.emotions:  # a wide or counts table: agreement alone
        return [agreement_table(report), category_table(report)]
    measured = measured or read_measures(report)
    of_choices = [] if says_yes_or_no(report) else [emotion_table(report), confusions_table(report)]
    found = [
        *([] if says_yes_or_no(report) else [accuracy_table(report)]),
        confusion_table(report),
        *of_choices,
        bias_table(report),
        agreement_table(report),
        category_table(report),
        folds_table(report),
        *cell_tables(report),
        comparison_table(report),
        sources_table(report),
        people_table(report),
        raters_table(report),
        included_table(report),
    ]
    return [*measured.leading.tables, *(table for table in found if table.rows), *measured.others.tables]


def accuracy_table(report: Report) -> Table:
    accuracy = report.accuracy
    claims = [claim for claim in CLAIMS if accuracy.reasons.get(claim[0]) != NOT_ASKED]
    rows = [
        [claim, shares(accuracy.interval_named(key)), how, accuracy.reasons.get(key, "")] for key, claim, how in claims
    ]
    notes = [
        f"Exact binomial test against a guesser ({share(accuracy.chance)}), one-sided, for orientation only (it"
        f" takes answers as independent): p {p_value(accuracy.p_value)}.",
        f"Intended emotions permuted between clips: {share(accuracy.permutation.expected)} hits expected,"
        f" p {p_value(accuracy.permutation.p_value)}.",
        f"Proportion index π (chance is .5 for any number of choices): {decimal(accuracy.proportion_index)}.",
    ]
    without = accuracy.excluding_none
    if without:
        notes.append(
            f"Leaving out the answers “none of these”: {share(without.estimate)} of"
            f" {counted(without.n, 'answer')},"
            f" new clips {shares(without.participants_stimuli)}, chance {share(without.chance)}."
        )
    header = ["Claim", "95 % interval", "Method", "Note"]
    hits = f"{counted(accuracy.hits, 'hit')} in {counted(accuracy.n, 'answer')}"
    caption = f"{hits}: {share(accuracy.estimate)}.{CITE if accuracy.bootstrap else ''}"
    return Table("accuracy", "Hit rate", header, rows, caption, notes)


CITE = (
    " To cite: the first interval, and the one for these clips beside it. The bootstrap checks the first by another"
    " way; with few people or clips the two differ, and it is the less sure."
)


def confusion_table(report: Report) -> Table:
    confusion = report.confusion
    rows = [
        [name, *(str(count) for count in counts), str(sum(counts))]
        for name, counts in zip(confusion.rows, confusion.counts, strict=True)
    ]
    if says_yes_or_no(report):
        header = ["Right ↓ said →", *confusion.columns, "n"]
        return Table("confusion", "Right answer × answer given", header, rows, "Number of answers.")
    header = ["Intended ↓ chosen →", *confusion.columns, "n"]
    return Table("confusion", "Intended × chosen", header, rows, "Number of answers.")


def emotion_table(report: Report) -> Table:
    rows = [
        [
            name,
            str(e.n),
            str(e.clips),
            share(e.recall.estimate),
            shares(e.recall.participants_stimuli),
            share(e.chance),
            f"{shares(e.chance_interval)} of {e.chance_n}" if e.chance_interval else shares(None),
            share(e.guess),
            p_value(e.p_value),
            p_value(e.p_guess),
            p_value(e.p_holm),
            decimal(e.precision),
            decimal(e.f1),
            decimal(e.hu),
            decimal(e.hu_chance),
            e.reason or "",
        ]
        for name, e in report.emotions.items()
    ]
    header = [
        "Emotion",
        "n",
        "Clips",
        "Hit rate",
        "New clips",
        "Chance",
        "95 % interval of chance",
        "Guess",
        "p (permuted)",
        "p (guess)",
        "p (Holm)",
        "Precision",
        "F1",
        "Hu (pooled)",
        "Hu by chance",
        "Note",
    ]
    caption = (
        "Chance: how often the same listeners give that answer to clips of other emotions; an estimate too, with its"
        " interval and number of answers, so that an interval clear of it is no test. Guess: what a clip that carries"
        " nothing would get, by the errors at the other clips. p, one-sided: intended emotions permuted between clips;"
        " hit rate above the guess; Holm of the larger of the two. Hu: unbiased hit rate (Wagner 1993), a description."
    )
    return Table("emotions", "Emotions", header, rows, caption, too_few_clips(report))


def too_few_clips(report: Report) -> list[str]:
    """What cannot be shown with so few clips, whatever the answers."""
    smallest = smallest_holm(report)
    if smallest < ALPHA:
        return []
    known = sum(e.smallest_p is not None and e.p_holm is not None for e in report.emotions.values())
    return [
        f"With so few clips the smallest p value that {known} emotions allow is {p_value(smallest)}: no single emotion"
        " can be shown to be recognised; more clips per emotion can."
    ]


def confusions_table(report: Report) -> Table:
    rows = [[f"{c.intended} → {c.chosen}", str(c.n), share(c.share), shares(c.interval)] for c in report.top_confusions]
    header = ["Intended → chosen", "n", "Of intended", "New clips"]
    caption = (
        "95 % intervals, from the clips of the intended emotion alone: wider than those of the figure's cells, which"
        " often miss where a cell is picked because it is large. The order is not tested; the largest of many shrink"
        " when a study is repeated."
    )
    return Table("confusions", "Confusions counted most often", header, rows, caption)


def bias_table(report: Report) -> Table:
    rows = [
        [b.choice, share(b.share), share(b.intended_share), decimal(b.ratio, 2)]
        for b in report.response_bias
        if report.n.responses
    ]
    return Table(
        "bias", "Response bias", ["Answer", "Chosen", "Intended", "Ratio"], rows, "A ratio above 1: a favourite answer."
    )


def _agreement_rows(agreement: dict[str, CoefficientPart], names: dict[str, str]) -> list[list[str]]:
    return [
        [
            label,
            decimal(agreement[name].estimate),
            decimals(agreement[name].interval_participants_stimuli),
            decimals(agreement[name].interval_stimuli),
            decimals(agreement[name].interval_participants),
            agreement[name].reason or "",
        ]
        for name, label in names.items()
    ]


def agreement_table(report: Report) -> Table:
    header = [
        "Coefficient",
        "Estimate",
        "New people, new clips",
        "New clips, these people",
        "New people, these clips",
        "Note",
    ]
    rows = _agreement_rows(report.agreement, COEFFICIENTS)
    return Table("agreement", "Agreement between listeners", header, rows, "95 % jackknife intervals.")


KAPPA_FALLS_SHORT = (
    "The intervals of κ are too narrow where many people answered: in simulated studies they held the truth in 96 %"
    " with 12 people, in 90 % with 100, and where they missed it, they lay too low."
)
TWO_CLIPS_FALL_SHORT = (
    "Where two clips mean an emotion, the interval of AC1 held the truth in 88 to 97 % of simulated studies, less often"
    " the more people answered."
)


def category_table(report: Report) -> Table:
    rows = [
        [
            name,
            decimal(value.estimate),
            decimals(value.interval),
            *_among_its_clips(report.per_intended.get(name)),
            value.reason or "",
        ]
        for name, value in report.agreement_per_choice.items()
        if report.n.responses
    ]
    header = ["Answer", "Fleiss κ", "95 % interval", "AC1 of its clips", "95 % interval of AC1", "Note"]
    caption = "Fleiss κ: each answer against all others. AC1: over all answers to the clips intended so."
    shown = report.agreement_per_choice.values()
    notes = [KAPPA_FALLS_SHORT] if any(value.interval for value in shown) else []
    if any(found.clips == 2 for found in report.emotions.values()):
        notes.append(TWO_CLIPS_FALL_SHORT)
    return Table("categories", "Agreement per answer and emotion", header, rows, caption, notes=notes)


def _among_its_clips(agreement: dict[str, CoefficientPart] | None) -> tuple[str, str]:
    """Agreement about the clips of one intended emotion; κ and α compare little where all clips mean the same."""
    found = agreement["gwet_ac1"] if agreement else CoefficientPart()
    return decimal(found.estimate), decimals(found.interval)


def folds_table(report: Report) -> Table:
    rows = []
    for name, fold in report.folds.items():
        if fold.reason or fold.accuracy.estimate is None:
            continue
        accuracy = fold.accuracy
        rows.append([name, share(accuracy.estimate), shares(accuracy.participants_stimuli), share(accuracy.chance)])
    header = ["Folded to", "Hit rate", "New clips", "Chance"]
    distance = report.valence_arousal.distance
    notes = []
    if distance.estimate is not None:
        notes = [
            "Mean distance from the intended to the chosen emotion in valence–arousal space:"
            f" {decimal(distance.estimate)} (new clips {decimals(distance.interval)}), a guesser's"
            f" {decimal(distance.chance)}; {counted(distance.without_coordinates or 0, 'answer')} have no coordinates."
        ]
    return Table("folds", "Quadrants, valence, arousal", header, rows, notes=notes)


def cell_tables(report: Report) -> list[Table]:
    groups = [
        ("conditions", "Cells of the design", report.conditions),
        ("composers", "Composers", report.composers),
    ]
    groups += [(f"by-{place}", f"By {factor}", levels) for place, (factor, levels) in enumerate(report.by.items())]
    header = ["", "Answers", name_of_rate(report), "New clips", "These clips", "Krippendorff α"]
    return [
        Table(
            name,
            title,
            header,
            [
                [
                    level,
                    str(cell.n.responses),
                    share(cell.accuracy.estimate),
                    shares(cell.accuracy.participants_stimuli),
                    shares(cell.accuracy.participants),
                    decimal(cell.agreement["krippendorff_alpha"].estimate),
                ]
                for level, cell in levels.items()
            ],
        )
        for name, title, levels in groups
    ]


MEANS = ("First", "Second")
MEANS_OF_SHARED = (
    "First, second and their difference are means over the emotions that both have, each emotion counting alike; hit"
    " rates of all answers, in other tables, may differ from them."
)


def comparison_table(report: Report) -> Table:
    rows = [
        [
            name_pair(c),
            share(c.share_a),
            share(c.share_b),
            points(c.difference),
            points_interval(c.interval),
            p_value(c.p_value),
            p_value(c.p_holm),
            p_value(c.equivalence_p),
            share(c.power),
            say_what_means_rest_on(c),
            c.reason or "",
        ]
        for c in report.comparisons
    ]
    margin = report.comparisons[0].margin if report.comparisons else 0
    header = [
        "Compared",
        *MEANS,
        "Points",
        "95 % interval",
        "p",
        "p (Holm)",
        "p equivalent",
        "Power",
        "Answers, emotions",
        "Note",
    ]
    caption = (
        f"{MEANS_OF_SHARED} Equivalence: two one-sided tests within ± {100 * margin:.0f} points. Power: chance to find"
        " a true difference of that size with these data."
    )
    return Table("comparisons", "Comparisons", header, rows, caption)


def sources_table(report: Report) -> Table:
    rows = [
        [
            e.label,
            points(e.difference),
            points_interval(e.interval),
            p_value(e.p_value),
            p_value(e.p_holm),
            e.reason or "",
        ]
        for e in report.picture_music.values()
        if e.difference is not None
    ]
    return Table("sources", "Picture and music", ["Effect", "Points", "95 % interval", "p", "p (Holm)", "Note"], rows)


def seed_study(compared: SeedPart) -> dict[str, str]:
    """The seed study's 11 of 18 beside ours."""
    seed = compared.seed
    return {
        "seed": f"{seed.hits} of {seed.n}",
        "share": share(seed.estimate),
        "interval": shares(seed.wilson),
        "ours": decimal(compared.ours),
        "difference": decimal(compared.difference),
        "difference_interval": decimals(compared.interval),
        "reason": compared.reason or "",
    }
