"""Which rows of the coverage table lie outside .93 to .97 (tests: .03 to .07), and why."""

from __future__ import annotations

import re

NOMINAL = {"INTERVALS": (0.93, 0.97), "TESTS": (0.03, 0.07)}
ERRORS = 2.0
"""Standard errors by which a share in the document may lie outside by the chance of the simulation."""
ONE_EMOTION = (
    "two clips of an emotion: their spread has one degree of freedom and is lost where it seems small; the table of the"
    " report says so"
)
PER_ANSWER = (
    "κ of one answer rests on the few clips of one emotion, whose influence is skewed; the misses lie below the truth,"
    " and the table of the report says so"
)
SKEWED = "a few clips decide how much is agreed on, and their influence is skewed"
FALLS_SHORT = {
    "choice, both": PER_ANSWER,
    "choice, these people": PER_ANSWER,
    "one emotion percent, both": ONE_EMOTION,
    "one emotion gwet_ac1, both": ONE_EMOTION,
    "one emotion brennan_prediger, both": ONE_EMOTION,
    **{f"{name}, these people": SKEWED for name in ("percent", "gwet_ac1", "brennan_prediger")},
    **{f"weak {name}, both": SKEWED for name in ("krippendorff_alpha", "gwet_ac1")},
}
ACROSS = "clips of different emotions are compared with each other, which counts their emotions' differences as spread"
NEVER_BELOW = "variances are never taken below those of independent answers or below the larger part"
FEW_DEGREES = "one or two clips for each emotion: t has few degrees of freedom"
TOO_WIDE = {
    "new clips": "with one clip for each emotion all clips are compared with all",
    "new clips, high": "with one clip for each emotion all clips are compared with all",
    "these clips": NEVER_BELOW,
    "bootstrap": f"people × clips (Owen 2007) counts single answers twice, and {ACROSS}",
    "emotion": NEVER_BELOW,
    "emotion, these": NEVER_BELOW,
    "gold": "a few answers of few people often show no spread; then each person counts as one answer",
    "composers": FEW_DEGREES,
    "fold, both": ACROSS,
    "distance": ACROSS,
    "confusions": f"{FEW_DEGREES}; the confusions are the largest of 56",
    **{
        f"{name}, {claim}": ACROSS
        for name in ("percent", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1", "brennan_prediger")
        for claim in ("both", "these clips", "these people")
    },
    "choice, these clips": NEVER_BELOW,
    "weak krippendorff_alpha, both": NEVER_BELOW,
    "weak gwet_ac1, both": NEVER_BELOW,
    **{
        f"one emotion {name}, both": FEW_DEGREES
        for name in ("percent", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1", "brennan_prediger")
    },
    "one emotion, these clips": NEVER_BELOW,
    "one emotion, these people": FEW_DEGREES,
    "sources": NEVER_BELOW,
    "nothing there": "where nobody follows a source its clips do not differ, and their variance is still counted",
    "similarity": "it has the larger of its own variance and the pooled one",
    "d′": "with one clip for each emotion all clips are compared with all",
    "d′, these": NEVER_BELOW,
    "d′ of one": NEVER_BELOW,
    "d′ of one, these": NEVER_BELOW,
    "correlation": "Fisher's z takes both sides as drawn, but the intended coordinates are fixed",
    "sure, new": NEVER_BELOW,
    "halves": NEVER_BELOW,
    "halves, learning": NEVER_BELOW,
    "groups": "Welch's degrees of freedom with six people in each group",
    "unequal groups": "Welch's degrees of freedom with few people in the smaller group",
}
HOLM = "Holm's correction, of tests that are each conservative"
FEW_MISSING = "few answers are missing (3 % of people leave at a trial), and the test is discrete"
TOO_RARE = {
    "guessers": "an exact test of a discrete number",
    "guessers, both sides": "an exact test of a discrete number",
    "emotion test": "few ways to permute the clips: with one clip for each emotion no p is below .125",
    "any emotion": HOLM,
    "empty emotion": "few ways to permute the clips, and the larger of two p values counts",
    "guess test": "people who like an answer give it to all clips, which is not taken into account",
    "composer test": FEW_DEGREES,
    "source test": TOO_WIDE["nothing there"],
    "any one-way": HOLM,
    "d′ test": TOO_WIDE["d′"],
    "d′ test of one": NEVER_BELOW,
    "d′ test of any": HOLM,
    "halves test": NEVER_BELOW,
    "groups test": TOO_WIDE["groups"],
    "unequal groups test": TOO_WIDE["unequal groups"],
    "cells missing": FEW_MISSING,
    "emotions missing": FEW_MISSING,
    "any clip missing": f"{HOLM}; {FEW_MISSING}",
}
TOO_OFTEN: dict[str, str] = {}
REASONS = {"INTERVALS": (FALLS_SHORT, TOO_WIDE), "TESTS": (TOO_RARE, TOO_OFTEN)}


def outside(kind, names, columns, studies, errors=ERRORS):
    """(name, size, share, 0 below or 1 above) of every cell that chance, so many standard errors, does not explain."""
    for name in names:
        for size, found in columns.items():
            for side, bound in enumerate(NOMINAL[kind]):
                slack = errors * (bound * (1 - bound) / studies) ** 0.5
                share = found.get(name, bound)
                if (share < bound - slack, share > bound + slack)[side]:
                    yield name, size, share, side


def in_words(columns, studies, labels):
    """Lines of Markdown: rows outside, where they lie farthest outside, and why."""
    lines = []
    for kind, verb in (("INTERVALS", "hold the truth"), ("TESTS", "reject")):
        for side, how in ((0, "less often"), (1, "more often")):
            rows = {}
            for name, size, share, at in outside(kind, labels[kind], columns, studies):
                if at == side:
                    rows.setdefault(name, []).append((share, size))
            if rows:
                bound = short(NOMINAL[kind][side])
                lines += ["", f"These {verb} {how} than in {bound}, by more than chance explains here:", ""]
            for name, found in rows.items():
                share, (people, clips) = (min, max)[side](found)
                why = REASONS[kind][side].get(name, "the reason is not known")
                lines.append(f"- {labels[kind][name]} ({short(share, 3)} at {people} × {clips}): {why}.")
    return lines


def short(share, digits=2):
    return f"{share:.{digits}f}".lstrip("0")


def read_table(text):
    """Number of studies, sizes, and label → shares by size, of the documented table."""
    studies = int(re.search(r"([\d,]+) simulated studies of each size", text)[1].replace(",", ""))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    sizes = [tuple(map(int, cell.split(" × "))) for cell in rows[0][1:]]
    return studies, {
        label: {size: float(cell) for size, cell in zip(sizes, cells, strict=True) if cell != "–"}
        for label, *cells in rows
        if " × " not in cells[0]
    }
