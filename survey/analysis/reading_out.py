"""A report as text for a terminal: tables with plain words around them."""

from __future__ import annotations

from survey.analysis.accuracy import NOT_ASKED
from survey.analysis.families import name_pair, say_what_means_rest_on
from survey.analysis.measures import Table, read_measures
from survey.analysis.primary import Primary
from survey.analysis.primary_words import say_primary
from survey.analysis.reported import (
    CoefficientPart,
    ConfusionPart,
    DifferencePart,
    EmotionPart,
    LevelPart,
    Report,
    SizesPart,
    TakenPart,
    WholeAccuracyPart,
)
from survey.analysis.wording import (
    COEFFICIENTS,
    compares_clips,
    counted,
    decimal,
    decimals,
    equals_p,
    name_of_rate,
    p_value,
    points,
    points_interval,
    says_yes_or_no,
    share,
    shares,
    table,
)

CLIPS_SHOWN = 40


def read_out(report: Report) -> str:
    """Return the whole report as text.

    Examples
    --------
    >>> from survey.analysis.ratings import read_counts
    >>> from survey.analysis.report import analyse_table
    >>> print(read_out(analyse_table(read_counts(["item,a,b", "1,3,0", "2,0,3"]))).splitlines()[0])
    6 answers to 2 items.
    """
    parts, measured = [_sizes(report.n)], read_measures(report)
    if compares_clips(report):
        shown = [_primary(report.primary), measured.headline, *map(_measured, measured.tables), *measured.paragraphs]
        return "\n\n".join(part for part in (_notes(report.notes), *shown) if part)
    if report.emotions:
        parts.insert(0, _primary(report.primary))
        parts += [
            measured.headline,
            *map(_measured, measured.leading.tables),
            "" if says_yes_or_no(report) else _accuracy(report.accuracy),
            _confusion(report.confusion),
        ]
        if not says_yes_or_no(report):
            parts += [_emotions(report.emotions), _confusions(report.top_confusions)]
    parts += [_agreement(report.agreement)]
    parts += _conditions(report)
    parts += [_levels(f"By {factor}", levels) for factor, levels in report.by.items()]
    parts += [*map(_measured, measured.others.tables), *measured.paragraphs, _clips(report)]
    return "\n\n".join(part for part in (_notes(report.notes), *parts) if part)


def _measured(found: Table) -> str:
    """A table of the register."""
    lines = [table([head for head, _ in found.columns], [[cell for cell, _ in line] for line in found.lines])]
    return "\n".join([found.title, *lines, *(text for text in (found.caption, *found.notes) if text)])


def _notes(notes: list[str]) -> str:
    """What was assumed and what is doubtful: nobody should read a number before it."""
    return "Notes\n" + "\n".join(f"- {note}" for note in notes) if notes else ""


def _primary(found: Primary) -> str:
    """The plan and its primary measure come before everything else."""
    plan = [f"{what}: {said}" for what, said in found.plan.items()]
    if found.fixed_at:
        plan.insert(0, f"Plan of analysis, fixed at publication, {found.fixed_at}")
    return "\n".join([*plan, *say_primary(found)])


def _sizes(n: SizesPart) -> str:
    people = "" if n.participants is None else f" by {counted(n.participants, 'participant')}"
    missing = f" {counted(n.missing, 'missing answer')} left out." if n.missing else ""
    what = "clip" if n.participants is not None else "item"
    return f"{counted(n.responses, 'answer')}{people} to {counted(n.stimuli, what)}.{missing}"


CLAIMS = (
    ("participants", "new people, these clips", "Wilson, effective n clustered by participant, t(P − 1 or fewer)"),
    (
        "participants_stimuli",
        "new people, new clips",
        "Wilson, effective n two-way clustered, t(min(P − 1, S − emotions) or fewer)",
    ),
    ("bootstrap", "new people, new clips", "people × clips bootstrap"),
    ("wilson", "independent answers", "Wilson; too narrow for anything pooled"),
)


def _accuracy(accuracy: WholeAccuracyPart) -> str:
    rows = [
        [
            claim,
            shares(accuracy.interval_named(key)),
            how if accuracy.interval_named(key) else accuracy.reasons.get(key, "not asked for"),
        ]
        for key, claim, how in CLAIMS
        if accuracy.reasons.get(key) != NOT_ASKED
    ]
    lines = [table(["95 % interval for", "", "method"], rows)]
    if accuracy.bootstrap:
        lines.append(
            "To cite: the first two. The bootstrap checks the second; with few people or clips it is less sure."
        )
    lines.append(
        f"Exact binomial test against a guesser's {share(accuracy.chance)} (greater; orientation only, it takes"
        f" answers as independent): {equals_p(accuracy.p_value)}."
    )
    permutation = accuracy.permutation
    if permutation and permutation.reason != NOT_ASKED:
        lines.append(
            f"Intended emotions permuted between clips: {share(permutation.expected)} expected,"
            f" {equals_p(permutation.p_value)}{_because(permutation.reason)}."
        )
    index = decimal(accuracy.proportion_index)
    lines.append(f"Proportion index π (chance .5 whatever the number of choices): {index}.")
    without = accuracy.excluding_none
    if without:
        lines.append(
            f'Without "none of these": {share(without.estimate)} of {counted(without.n, "answer")}, people ×'
            f" clips"
            f" {shares(without.participants_stimuli)}, chance {share(without.chance)}."
        )
    return "Accuracy\n" + "\n".join(lines)


def _because(reason: str | None) -> str:
    return f" ({reason})" if reason else ""


def _confusion(confusion: ConfusionPart) -> str:
    rows = [[name, *counts, sum(counts)] for name, counts in zip(confusion.rows, confusion.counts, strict=True)]
    return "Intended (rows) × chosen (columns)\n" + table(["", *confusion.columns, "answers"], rows)


def _emotions(emotions: dict[str, EmotionPart]) -> str:
    rows = [
        [
            name,
            e.n,
            share(e.recall.estimate),
            shares(e.recall.participants_stimuli),
            share(e.chance),
            share(e.guess),
            p_value(e.p_value),
            p_value(e.p_guess),
            p_value(e.p_holm),
            decimal(e.precision),
            decimal(e.f1),
            decimal(e.hu),
        ]
        for name, e in emotions.items()
    ]
    tested = ["chance", "guess", "p", "p (guess)", "p (Holm)"]
    header = ["", "n", "recall", "new clips", *tested, "precision", "F1", "Hu pooled"]
    title = (
        "Emotions (chance: the answer given to other clips by the same listeners; guess: what a clip that carries"
        " nothing would get, from the errors; p: intentions permuted between clips; Holm of the larger p)"
    )
    return f"{title}\n" + table(header, rows)


def _confusions(confusions: list[TakenPart]) -> str:
    if not confusions:
        return ""
    rows = [[f"{c.intended} → {c.chosen}", c.n, share(c.share), shares(c.interval)] for c in confusions]
    head = ["intended → chosen", "n", "of intended", "new clips"]
    return f"Confusions counted most often; their order is not tested\n{table(head, rows)}"


def _agreement(agreement: dict[str, CoefficientPart]) -> str:
    rows = [
        [
            label,
            decimal(agreement[name].estimate),
            decimals(agreement[name].interval),
            agreement[name].reason or "",
        ]
        for name, label in COEFFICIENTS.items()
    ]
    return (
        "Agreement (95 % jackknife interval for new people and new clips; over clips alone where nobody is named)\n"
        + table(["", "", "interval", ""], rows)
    )


def _conditions(report: Report) -> list[str]:
    parts = []
    cells = report.conditions or {}
    if cells:
        rows = [
            [
                name,
                cell.n.responses,
                share(cell.accuracy.estimate),
                shares(cell.accuracy.participants_stimuli),
            ]
            for name, cell in cells.items()
        ]
        parts.append("Conditions, each by itself\n" + table(["", "n", "accuracy", "people × clips"], rows))
    comparisons = report.comparisons or []
    if comparisons:
        rows = [
            [
                name_pair(c),
                share(c.share_a),
                share(c.share_b),
                points(c.difference),
                points_interval(c.interval),
                p_value(c.p_value),
                p_value(c.p_holm),
                say_what_means_rest_on(c),
                c.reason or "",
            ]
            for c in comparisons
        ]
        parts.append(
            "Differences in points, of means over the emotions that both have, each emotion counting alike\n"
            + table(["", "first", "second", "difference", "interval", "p", "p (Holm)", "answers, emotions", ""], rows)
        )
    parts += _picture_and_music(report.picture_music)
    return parts


def _levels(title: str, levels: dict[str, LevelPart]) -> str:
    if not levels:
        return f"{title}: fewer than two levels have answers."
    rows = [
        [
            name,
            level.n.responses,
            share(level.accuracy.estimate),
            shares(level.accuracy.participants_stimuli),
            decimal(level.agreement["krippendorff_alpha"].estimate),
        ]
        for name, level in levels.items()
    ]
    return f"{title}\n" + table(["", "n", "accuracy", "people × clips", "Krippendorff α"], rows)


def _picture_and_music(effects: dict[str, DifferencePart]) -> list[str]:
    if not effects or all(effect.difference is None for effect in effects.values()):
        return []
    rows = [
        [
            effect.label,
            points(effect.difference),
            points_interval(effect.interval),
            p_value(effect.p_value),
            p_value(effect.p_holm),
            effect.reason or "",
        ]
        for effect in effects.values()
    ]
    header = ["", "effect", "interval", "p", "p (Holm)", ""]
    return ["What the answer follows (differences in points)\n" + table(header, rows)]


def _clips(report: Report) -> str:
    clips = report.stimuli
    if not clips:
        return ""
    shown = clips[:CLIPS_SHOWN]
    rows = [
        [
            clip.stimulus,
            clip.intended or "–",
            clip.n,
            share(clip.hit_rate),
            shares(clip.wilson),
            " = ".join(clip.modes) or "–",
            decimal(clip.pairwise_agreement),
            decimal(clip.evenness),
        ]
        for clip in shown
    ]
    header = ["clip", "intended", "n", name_of_rate(report).lower(), "Wilson", "modes", "pairwise", "evenness"]
    rest = f"\n… and {len(clips) - len(shown)} more; --json lists them all." if len(clips) > len(shown) else ""
    return "Clips\n" + table(header, rows) + rest
