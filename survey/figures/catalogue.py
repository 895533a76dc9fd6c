"""The figures of a report: what each shows, its caption, its finding in words, and its data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from survey.analysis.agreement.compared import CLIP_AND_EMOTION
from survey.analysis.estimates import Interval
from survey.analysis.measures import Measured, plot_names, read_measures
from survey.analysis.measures.shown import COEFFICIENTS, EFFECTS, SHARES, Row
from survey.analysis.reported import (
    AccuracyPart,
    CoefficientPart,
    ConfusionPart,
    DifferencePart,
    EmotionPart,
    RecallPart,
    Report,
)
from survey.analysis.wording import COEFFICIENTS as COEFFICIENT_NAMES
from survey.analysis.wording import (
    UNDEFINED,
    compares_clips,
    confused,
    counted,
    decimal,
    decimals,
    name_of_rate,
    presented,
    recognised,
    say_interval,
    says_yes_or_no,
    share,
    shares,
)
from survey.figures.curves import draw_course
from survey.figures.figure import Figure, draw_both, ends_of, size_of
from survey.figures.heatmap import draw_heatmap
from survey.figures.intervals import draw_intervals, said_if_cut
from survey.figures.plane import draw_map
from survey.figures.plots import draw_plot

WILSON_ENDS = ("wilson_low", "wilson_high")
METHOD_THIN = "Thin lines: for these clips alone, clustered over participants."
METHOD_BOTH = "Intervals: 95 %, two-way clustered over participants and clips: they speak of new clips."


def draw_confusion(report: Report) -> Figure | None:
    """Heat map of intended × chosen."""
    confusion = report.confusion
    if not report.n.responses or says_yes_or_no(report):  # two answers: the table has it all
        return None
    return Figure(
        "confusion",
        "Intended and chosen emotion",
        *draw_both(
            draw_heatmap,
            confusion.rows,
            confusion.columns,
            confusion.counts,
            row_title="Intended",
            column_title="Chosen (% of row)",
            intervals=_said_of_cells(confusion),
        ),
        "Chosen emotion as a percentage of the answers to each intended emotion; the intended answer is framed; “·”:"
        f" nobody chose it; a row without numbers: no answers.{_each_by_itself(confusion)} {size_of(report)}.",
        f"{recognised(report)} {confused(report)}",
        ("intended", "chosen", "count", "share_of_intended", "low", "high", "reason"),
        [
            (row, column, count, row_share, *ends_of(interval), why or None)
            for row, counts, row_shares in zip(confusion.rows, confusion.counts, confusion.row_shares, strict=True)
            for column, count, row_share in zip(confusion.columns, counts, row_shares, strict=True)
            for interval, why in [confusion.interval_of(row, column)]
        ],
    )


def _said_of_cells(confusion: ConfusionPart) -> dict[tuple[str, str], str]:
    """The interval of every cell for new people and clips, or why there is none."""
    cells = ((row, column) for row in confusion.rows for column in confusion.columns)
    return {cell: said for cell in cells if (said := say_interval(*confusion.interval_of(*cell)))}


def _each_by_itself(confusion: ConfusionPart) -> str:
    """For what the intervals of the cells stand, and for what they do not."""
    if not any(interval for row in confusion.participants_stimuli for interval in row):
        return ""
    return (
        " The cells' 95 % intervals, in the figure's data, are for new people and new clips, each for its cell by"
        " itself and not for all at once: of cells picked because they are large many lie too high. The confusions"
        " counted most often therefore have intervals from the clips of their own emotion alone, mostly wider."
    )


def draw_forest(report: Report) -> Figure | None:
    """Hit rate of every emotion, each with its own chance."""
    accuracy = report.accuracy
    if accuracy.estimate is None or says_yes_or_no(report):  # sensitivity has a figure of its own
        return None
    finding = (
        f"{' '.join([*_cell(report), 'Overall'])} {share(accuracy.estimate)} hits"
        f" ({shares(accuracy.participants_stimuli)}). {recognised(report)}"
    )
    return Figure(
        "emotions",
        "Hit rate per intended emotion",
        *draw_both(
            draw_intervals,
            [
                *(_forest_row(name, found) for name, found in report.emotions.items()),
                Row(
                    "all",
                    accuracy.estimate,
                    _pair(accuracy.participants_stimuli),
                    _pair(accuracy.participants),
                    share(accuracy.estimate),
                    summary=True,
                    reference=accuracy.permutation.expected,
                    n=accuracy.n,
                ),
            ],
            SHARES,
            reference_label="chance",
            axis="Share of answers that are the intended emotion",
        ),
        "Hit rates with 95 % intervals for new people and new clips (the clips' variance pooled over the emotions)."
        " Short upright lines: chance of each emotion, how often the same listeners give that answer to other clips, or"
        " what guessing would give to a clip that carries nothing where that is more;"
        f" of all, the hits expected when intentions are dealt to the clips at random. {METHOD_THIN} ★: recognised"
        " beyond chance, intentions permuted between clips, and above guessing, one-sided p < .05 after Holm."
        f" {_chances(report)}"
        f"{size_of(report)}.",
        finding,
        (
            *("emotion", "n", "hits", "hit_rate", "low", "high", "these_clips_low", "these_clips_high"),
            *(*WILSON_ENDS, "chance", "guess", "p_value", "p_guess", "p_holm"),
        ),
        [
            *(
                (
                    *_forest_numbers(name, e.n, e.hits, e.recall),
                    *(e.chance, e.guess, e.p_value, e.p_guess, e.p_holm),
                )
                for name, e in report.emotions.items()
            ),
            (
                *_forest_numbers("all", accuracy.n, accuracy.hits, accuracy),
                accuracy.permutation.expected,
                None,
                accuracy.permutation.p_value,
                None,
                None,
            ),
        ],
    )


def _larger(chance: float | None, guess: float | None) -> float | None:
    """What a hit rate has to exceed."""
    return max((value for value in (chance, guess) if value is not None), default=None)


def _chances(report: Report) -> str:
    """That chance is an estimate as well, and of how many answers."""
    sizes = [found.chance_n for found in report.emotions.values() if found.chance is not None]
    if not sizes:
        return ""
    how_many = str(sizes[0]) if min(sizes) == max(sizes) else f"{min(sizes)} to {max(sizes)}"
    return (
        f"Chance is itself estimated, from {how_many} answers for each emotion (its intervals are in the table): an"
        " interval clear of chance is no test. "
    )


def _cell(report: Report) -> list[str]:
    return [f"{presented(report.cell)}."] if report.cell else []


def _forest_row(name: str, found: EmotionPart) -> Row:
    recall = found.recall
    if not found.n or recall.estimate is None:
        return Row(name, None, note="no answers")
    both, thin = _pair(recall.participants_stimuli), _pair(recall.participants)
    note = f"{100 * recall.estimate:.0f} %{' ★' if found.recognised else ''}"
    more = _larger(found.chance, found.guess)
    return Row(name, recall.estimate, both, thin, note, reference=more, n=found.n)


def _forest_numbers(name: str, n: int, hits: int, found: AccuracyPart | RecallPart) -> tuple[Any, ...]:
    ends = (end for both in (found.participants_stimuli, found.participants, found.wilson) for end in ends_of(both))
    return (name, n, hits, found.estimate, *ends)


def _pair(interval: Interval | None) -> tuple[float, float] | None:
    return None if interval is None else (interval[0], interval[1])


def draw_agreement(report: Report) -> Figure | None:
    """The five coefficients with their intervals."""
    agreement = report.agreement
    if agreement["percent"].estimate is None:
        return None
    rows = [
        Row(label, agreement[name].estimate, _pair(agreement[name].interval), note=_short(agreement[name]))
        for name, label in COEFFICIENT_NAMES.items()
    ]
    alpha = agreement["krippendorff_alpha"]
    said = (
        f"Krippendorff's α is {decimal(alpha.estimate)} ({decimals(alpha.interval)})."
        if alpha.estimate is not None
        else f"Krippendorff's α is {alpha.reason}."
    )
    return Figure(
        "agreement",
        "Agreement between listeners",
        *draw_both(draw_intervals, rows, COEFFICIENTS, axis="Coefficient (1: all listeners of a clip agree)"),
        f"Agreement between listeners{_asked_alike(report)} of the same clip, whether or not their answer is right."
        " Intervals: 95 %, for new people and new clips (jackknife over both)."
        f" {said_if_cut(rows, COEFFICIENTS)}{_among(report)}.",
        f"{pairs_that_agree(report)} {said}",
        ("coefficient", "estimate", "low", "high", "reason"),
        [
            (name, agreement[name].estimate, *ends_of(agreement[name].interval), agreement[name].reason)
            for name in COEFFICIENT_NAMES
        ],
    )


def _asked_alike(report: Report) -> str:
    return " who were asked about the same emotion" if report.agreement_among.unit == CLIP_AND_EMOTION else ""


def _among(report: Report) -> str:
    """The n of the coefficients: answers that can be compared."""
    among = report.agreement_among
    several = counted(among.units, "clip")
    if among.unit == CLIP_AND_EMOTION:
        several = f"{counted(among.units, 'pair')} of clip and emotion asked about"
    compared = f"{counted(among.answers, 'answer')} to {several} with two or more answers"
    return f"{size_of(report)}; compared: {compared}"


def pairs_that_agree(report: Report) -> str:
    """Return percent agreement as what it is, a mean over clips, beside the pairs that agree."""
    among = report.agreement_among
    asked = among.unit == CLIP_AND_EMOTION
    whose = "who were asked about the same emotion of one clip gave" if asked else "of one clip chose"
    over = "clips and emotions asked about" if asked else "clips"
    percent = share(report.agreement["percent"].estimate)
    return (
        f"Two listeners {whose} the same answer in {percent} of pairs as a mean over {over},"
        f" in {among.same} of {counted(among.pairs, 'pair')} altogether."
    )


def _short(value: CoefficientPart) -> str:
    if value.estimate is None:
        return (value.reason or "").removeprefix("not defined: ")
    return decimal(value.estimate)


def _sizes(effect: DifferencePart) -> str:
    """Answers on both sides of a difference."""
    return f"n = {effect.n_a} against {counted(effect.n_b, 'answer')}"


def draw_sources(report: Report) -> Figure | None:
    """What the picture and the music do."""
    effects = {name: e for name, e in report.picture_music.items() if e.difference is not None}
    if not effects:
        return None
    names = {
        "music": "Music",
        "picture": "Picture",
        "dominance": "Music over picture",
        "music_added": "Music added",
        "picture_added": "Picture added",
    }
    rows = [
        Row(names[name], e.difference, _pair(e.interval), note=_signed(e.difference)) for name, e in effects.items()
    ]
    said = [f"{names[name]} {_signed(e.difference)} ({_signed_interval(e.interval)})" for name, e in effects.items()]
    # Of all cells that it compares, each effect has answers of its own; the report's size is its primary cell's.
    compared = "; ".join(f"{names[name]}: {_sizes(e)}" for name, e in effects.items())
    return Figure(
        "sources",
        "What the answer follows: picture or music",
        *draw_both(
            draw_intervals,
            rows,
            EFFECTS,
            reference=0.0,
            reference_label="no effect",
            axis="Difference in points of share",
        ),
        "Music: share choosing the picture's emotion with matching minus with other music. Picture: share choosing"
        " the music's emotion with the matching minus with another picture. Music over picture: in mismatched pairs,"
        " share choosing the music's minus the picture's emotion. Music added, picture added: matching pairs minus the"
        f" picture alone, the music alone. {METHOD_BOTH} {said_if_cut(rows, EFFECTS)}{compared}.",
        f"In points, with 95 % intervals: {'; '.join(said)}.",
        ("effect", "meaning", "share_a", "share_b", "difference", "low", "high", "p_value", "reason"),
        [
            (
                name,
                e.label,
                e.share_a,
                e.share_b,
                e.difference,
                *ends_of(e.interval),
                e.p_value,
                e.reason,
            )
            for name, e in effects.items()
        ],
    )


def _signed(value: float | None) -> str:
    return UNDEFINED if value is None else f"{100 * value:+.0f}".replace("-", "−")


def _signed_interval(interval: Interval | None) -> str:
    return "no interval" if interval is None else f"{_signed(interval[0])} to {_signed(interval[1])}"


def draw_widths(report: Report) -> Figure | None:
    """Interval widths over time; only reports of closed studies have them."""
    points = report.course or []
    known = [(point.n, half) for point in points if (half := point.participants_stimuli) is not None]
    if not known:
        return None
    return Figure(
        "widths",
        "Precision as answers came in",
        *draw_both(draw_course, points),
        f"Half-width of the 95 % intervals of the {name_of_rate(report).lower()} after a growing number of answers, in"
        " order of arrival."
        " Shown after closing: a study must not be stopped because an interval looks good.",
        f"The interval for new clips is ± {100 * known[-1][1]:.0f} points after {counted(known[-1][0], 'answer')}.",
        ("answers", "half_width_these_clips", "half_width_new_clips"),
        [(p.n, p.participants, p.participants_stimuli) for p in points],
    )


FIGURES: dict[str, Callable[[Report], Figure | None]] = {
    "confusion": draw_confusion,
    "emotions": draw_forest,
    "agreement": draw_agreement,
    "sources": draw_sources,
    "map": draw_map,
    "widths": draw_widths,
}


def figures_of(report: Report, measured: Measured | None = None) -> list[Figure]:
    """Return every figure that the report has data for."""
    measured = measured or read_measures(report)
    if compares_clips(report):
        return [draw_plot(plot) for plot in measured.plots]
    drawn = (draw(report) for draw in FIGURES.values())
    leading, others = (map(draw_plot, some.plots) for some in (measured.leading, measured.others))
    return [*leading, *(figure for figure in drawn if figure is not None), *others]


def may_be_drawn(name: str) -> bool:
    """Return whether any report has a figure of this name.

    >>> may_be_drawn("confusion"), may_be_drawn("sensitivity"), may_be_drawn("secrets")
    (True, True, False)
    """
    return name in FIGURES or name in plot_names()


def figure_of(report: Report, name: str) -> Figure | None:
    """Return one figure by its name; None where there is no such figure, or the report has no data for it."""
    draw = FIGURES.get(name)
    if draw is not None:
        return None if compares_clips(report) else draw(report)
    return next((draw_plot(plot) for plot in read_measures(report, name).plots if plot.name == name), None)
