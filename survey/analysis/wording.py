"""Findings in plain words, and tables for a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from survey.analysis.estimates import ALPHA

if TYPE_CHECKING:
    from survey.analysis.reported import AccuracyPart, Report, TakenPart

COEFFICIENTS = {
    "percent": "Percent agreement",
    "fleiss_kappa": "Fleiss κ",
    "krippendorff_alpha": "Krippendorff α",
    "gwet_ac1": "Gwet AC1",
    "brennan_prediger": "Brennan–Prediger",
}
UNDEFINED = "–"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
PRESENTED = {
    "music_only": "Music only",
    "matched": "Matching pair",
    "mismatched": "Mismatched pair",
    "picture_only": "Picture only",
}
"""Cell of the design → its one name, in forms, on pages, in tables and sentences."""
NEW = {
    "music_only": "new clips of this generator",
    "matched": "new matching pairs of this generator",
    "mismatched": "new mismatched pairs",
    "picture_only": "new pictures",
}
"""Cell of the design → of what new ones the wider interval speaks; a picture alone says nothing about a generator."""


def short_id(name: str) -> str:
    """Return the id of a clip or a person as tables and pages show it; names that people gave stay as they are.

    >>> short_id("0b9f3a52-1111-4222-8333-444455556666"), short_id("my clip 12")
    ('0b9f3a52', 'my clip 12')
    """
    return name[:8] if UUID.fullmatch(name) else name


def presented(cell: str | None) -> str:
    """Return what was presented in a cell, in words; other cells by their own name.

    >>> presented("music_only"), presented("loud"), presented(None)
    ('Music only', '“loud”', '')
    """
    return PRESENTED.get(cell, f"“{cell}”") if cell else ""


def new_ones(cell: str | None) -> str:
    """Return of what new ones the wider interval of a cell speaks; a table without cells names no generator.

    >>> new_ones("picture_only"), new_ones(None)
    ('new pictures', 'new clips')
    """
    return NEW.get(cell or "", "new clips")


def share(value: float | None) -> str:
    """Return a share as a percentage.

    >>> share(0.5432), share(None)
    ('54.3 %', '–')
    """
    return UNDEFINED if value is None else f"{100 * value:.1f} %"


def shares(interval: Sequence[float] | None) -> str:
    """Return an interval of shares.

    >>> shares([0.386, 0.797]), shares(None)
    ('38.6–79.7 %', '–')
    """
    return UNDEFINED if interval is None else f"{100 * interval[0]:.1f}–{100 * interval[1]:.1f} %"


def say_interval(interval: Sequence[float] | None, why: str) -> str:
    """Return the interval of a share in words, or why there is none; nothing where neither is known.

    >>> say_interval([0.2, 0.6], ""), say_interval(None, "not defined: one clip says nothing"), say_interval(None, "")
    ('95 % interval 20.0–60.0 %', 'no interval: one clip says nothing', '')
    """
    if interval is None:
        return f"no interval: {why.removeprefix('not defined: ')}" if why else ""
    return f"95 % interval {shares(interval)}"


def decimal(value: float | None, digits: int = 3) -> str:
    """Return a number that may be negative.

    >>> decimal(-0.25), decimal(None)
    ('−0.250', '–')
    """
    return UNDEFINED if value is None else f"{value:.{digits}f}".replace("-", "−")


def decimals(interval: Sequence[float] | None, digits: int = 3) -> str:
    """Return an interval of numbers.

    >>> decimals([0.1, 0.2])
    '0.100 to 0.200'
    """
    if interval is None:
        return UNDEFINED
    return f"{decimal(interval[0], digits)} to {decimal(interval[1], digits)}"


def points(value: float | None) -> str:
    """Return a difference of shares in points.

    >>> points(-0.084), points(None)
    ('−8.4', '–')
    """
    return UNDEFINED if value is None else f"{100 * value:.1f}".replace("-", "−")


def points_interval(interval: Sequence[float] | None) -> str:
    """Return an interval of differences in points.

    >>> points_interval([-0.2, 0.131])
    '−20.0 to 13.1'
    """
    return UNDEFINED if interval is None else f"{points(interval[0])} to {points(interval[1])}"


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun, which has the form of the number.

    >>> counted(1, "answer"), counted(0, "answer"), counted(2, "person", "people")
    ('1 answer', '0 answers', '2 people')
    """
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def p_value(p: float | None) -> str:
    """Return a p value as APA style writes it.

    >>> p_value(0.0004), p_value(0.0312), p_value(1.0), p_value(None)
    ('< .001', '.031', '1.000', '–')
    """
    if p is None:
        return UNDEFINED
    if p < 0.001:
        return "< .001"
    return f"{p:.3f}" if p >= 0.9995 else f"{p:.3f}".lstrip("0")


def equals_p(p: float | None) -> str:
    """Return "p = …" or "p < …" for a sentence.

    >>> equals_p(0.0004), equals_p(0.0312), equals_p(None)
    ('p < .001', 'p = .031', 'p not defined')
    """
    if p is None:
        return "p not defined"
    written = p_value(p)
    return f"p {written}" if written.startswith("<") else f"p = {written}"


def headline(accuracy: AccuracyPart, cell: str | None = None) -> str:
    """Return the finding of one cell in one or two sentences.

    >>> from survey.analysis.reported import AccuracyPart
    >>> accuracy = AccuracyPart(0.54, chance=1 / 9, participants=(0.48, 0.6), participants_stimuli=(0.46, 0.62))
    >>> for part in headline(accuracy, "music_only").split("; "):
    ...     print(part)
    Music only: listeners picked the intended emotion in 54 % of trials
    for new people hearing these clips, 48–60 %
    for new people and new clips of this generator, 46–62 %
    a guesser picks it in 11 %.
    """
    if accuracy.estimate is None:
        return "There are no answers yet."
    said = f"isteners picked the intended emotion in {_whole(accuracy.estimate)} % of trials"
    parts = [f"{presented(cell)}: l{said}" if cell else f"L{said}"]
    for key, interval, claim in (
        ("participants", accuracy.participants, "new people hearing these clips"),
        ("participants_stimuli", accuracy.participants_stimuli, f"new people and {new_ones(cell)}"),
    ):
        if interval is None:
            parts.append(f"nothing can be said for {claim} ({_bare(accuracy.reasons.get(key, ''))})")
        else:
            parts.append(f"for {claim}, {_whole(interval[0])}–{_whole(interval[1])} %")
    if accuracy.chance is not None:
        parts.append(f"a guesser picks it in {_whole(accuracy.chance)} %")
    return "; ".join(parts) + "."


def says_yes_or_no(report: Report) -> bool:
    """Return whether people said yes or no to one emotion named, as the ratings tell: a hit is a right answer then.

    >>> from survey.analysis.reported import Report
    >>> says_yes_or_no(Report(schema="", yes_or_no=True)), says_yes_or_no(Report(schema=""))
    (True, False)
    """
    return report.yes_or_no


def compares_clips(report: Report) -> bool:
    """Return whether people compared two clips: then nothing was to be recognised.

    >>> from survey.analysis.reported import Report
    >>> compares_clips(Report(schema=""))
    False
    """
    return report.measures.get("paired") is not None


def name_of_rate(report: Report) -> str:
    """Return what the share of answers that are the intended one is called.

    >>> from survey.analysis.reported import Report
    >>> name_of_rate(Report(schema="", yes_or_no=True)), name_of_rate(Report(schema=""))
    ('Right answers', 'Hit rate')
    """
    return "Right answers" if says_yes_or_no(report) else "Hit rate"


def recognised(report: Report) -> str:
    """Return which emotions were recognised beyond their own chance, from the test that the figure marks.

    Empty where people said yes or no: sensitivity tells it there.

    >>> from survey.analysis.reported import EmotionPart, Report
    >>> awe, fear = EmotionPart(recognised=True, p_holm=0.01), EmotionPart(recognised=False, p_holm=0.4)
    >>> print(recognised(Report(schema="", emotions={"awe": awe, "fear": fear})))
    Recognised beyond chance (intentions permuted between clips, and above guessing; Holm-corrected p < .05): awe.
    """
    if says_yes_or_no(report):
        return ""
    tested = [name for name, found in report.emotions.items() if found.recognised is not None]
    if not tested:
        return "Whether single emotions are recognised beyond chance was not tested."
    names = [name for name in tested if report.emotions[name].recognised]
    how = "Recognised beyond chance (intentions permuted between clips, and above guessing; Holm-corrected p < .05)"
    if not names and smallest_holm(report) >= ALPHA:
        return f"{how}: shown for no emotion; with so few clips of each, no number of answers could show one."
    return f"{how}: {', '.join(names) or 'shown for no emotion'}."


def smallest_holm(report: Report) -> float:
    """Return the smallest corrected p value that the clips of the emotions allow, whatever the answers; 0 if not known.

    >>> from survey.analysis.reported import EmotionPart, Report
    >>> awe, fear = EmotionPart(smallest_p=0.02, p_holm=0.5), EmotionPart(smallest_p=0.1, p_holm=1.0)
    >>> smallest_holm(Report(schema="", emotions={"awe": awe, "fear": fear}))
    0.04
    """
    tested = [found for found in report.emotions.values() if found.p_holm is not None]
    known = [found.smallest_p for found in tested if found.smallest_p is not None]
    return min(1.0, min(known) * len(known)) if known else 0.0


def confused(report: Report) -> str:
    """Return the confusions counted most often, with their uncertainty; their order is no finding.

    >>> from survey.analysis.reported import Report, SizesPart, TakenPart
    >>> taken = TakenPart("fear", "awe", 8, 0.2, (0.08, 0.42))
    >>> print(confused(Report(schema="", n=SizesPart(80), top_confusions=[taken])))
    Confusions counted most often (their order is not tested): fear taken for awe 8 of 40 times, 20.0 % (8.0–42.0 %).
    """
    if not report.top_confusions:
        return "Nobody chose another emotion than the intended one." if report.n.responses else ""
    said = [
        f"{c.intended} taken for {c.chosen} {c.n} of {counted(_answers(c), 'time')}, {share(c.share)}"
        f" ({shares(c.interval) if c.interval else 'no interval'})"
        for c in report.top_confusions[:3]
    ]
    return f"Confusions counted most often (their order is not tested): {'; '.join(said)}."


def _answers(confusion: TakenPart) -> int:
    n: int = round(confusion.n / confusion.share)
    return n


def _whole(value: float) -> str:
    return f"{100 * value:.0f}"


def _bare(reason: str) -> str:
    return reason.removeprefix("not defined: ")


LONGEST_CELL = 1000
"""Of a table on a terminal; reasons and lists of words are shorter."""
LONGEST_NAME = 60
"""Of a clip, an emotion or a word of people's own."""


def short(text: str, longest: int = LONGEST_NAME) -> str:
    """Return a text cut to what a line can hold.

    >>> short("fear"), len(short("x" * 10_000))
    ('fear', 60)
    """
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table of columns aligned for a terminal: the first to the left, the others to the right.

    >>> print(table(["clip", "n"], [["fear", 12], ["awe", 3]]))
    clip   n
    ----  --
    fear  12
    awe    3
    """
    cells = [[short(str(cell), LONGEST_CELL) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(header))]
    lines = [_line(row, widths) for row in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first = row[0].ljust(widths[0])
    return "  ".join([first, *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]).rstrip()
