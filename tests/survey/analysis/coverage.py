"""How often intervals hold the truth and tests reject without a difference, by size of the study.

`python -m tests.survey.analysis.coverage --write` remakes the tables of `docs/analysis.md`; `--processes 2` takes two
cores. It shows how far it is, and goes on where it was stopped: what is finished lies under `var/coverage` and is taken
again as long as neither the analysis nor what draws the answers has changed.
"""

from __future__ import annotations

import argparse

from tests.survey.analysis import (
    coverage_affect,
    coverage_agreement,
    coverage_bounds,
    coverage_hits,
    coverage_mixed,
    coverage_of_answers,
    coverage_sensitivity,
    yes_no,
)
from tests.survey.analysis.many_studies import ROOT, Kept, blocks_of, run, shares

SIZES = [(people, clips) for people in (12, 30, 100) for clips in (8, 16, 24)]
STUDIES = 2000
"""Standard error of a coverage of .95: .005."""
DOCUMENT = ROOT / "docs" / "analysis.md"
BEGIN, END = "<!-- coverage: begin -->", "<!-- coverage: end -->"
KEPT = ROOT / "var" / "coverage" / "blocks.jsonl"
PARTS = (coverage_hits, coverage_agreement, coverage_of_answers, yes_no, coverage_affect, coverage_sensitivity)
"""Each has `INTERVALS` and `TESTS` (name → row's label) and `of_one_study(generator, people, clips, seed)` → name →
list of true or false."""


def labels(kind):
    """Name → label of every row."""
    return {name: label for part in PARTS for name, label in getattr(part, kind).items()}


def measure(sizes=SIZES, studies=STUDIES, seed=1, *, parts=PARTS, path=None, processes=1, shown=False):
    """Size → name → share of studies (and of emotions, clips, …) in which an interval held or a test rejected."""
    blocks, kept = blocks_of([part.__name__ for part in parts], sizes, studies, seed), Kept(path)
    run(blocks, kept, processes, shown)
    return shares(blocks, kept)


def table(columns, studies):
    """The table as Markdown, of what `measure` found: to three digits, with what lies outside and why."""
    columns = {size: {name: round(share, 3) for name, share in found.items()} for size, found in columns.items()}
    sizes = " | ".join(f"{people} × {clips}" for people, clips in columns)
    rule = "|---|" + "---|" * len(columns)
    lines = [
        f"{studies:,} simulated studies of each size, people × clips, for every row; every person hears every"
        f" clip (with picture and music: {coverage_of_answers.EACH} of the items of four cells). Clips differ by .8"
        " and people by .5 on the logit scale; the eight emotions' hit rates go from .22 to .60. A dash: not defined"
        " at that size.",
        "",
        f"| interval holds the truth (.95) | {sizes} |",
        rule,
        *(row(label, name, columns) for name, label in labels("INTERVALS").items()),
        "",
        f"| test rejects where nothing is (≤ .05) | {sizes} |",
        rule,
        *(row(label, name, columns) for name, label in labels("TESTS").items()),
        *coverage_bounds.in_words(columns, studies, {kind: labels(kind) for kind in ("INTERVALS", "TESTS")}),
    ]
    return "\n".join(lines)


def row(label, name, columns):
    """One row of the table."""
    cells = (f"{found[name]:.3f}".lstrip("0") if name in found else "–" for found in columns.values())
    return f"| {label} | " + " | ".join(cells) + " |"


def write(made):
    """Put the table into the document."""
    before, rest = DOCUMENT.read_text(encoding="utf-8").split(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{made}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=STUDIES, help=f"of each size, {STUDIES} if not given")
    parser.add_argument("--processes", type=int, default=1, help="1 if not given")
    parser.add_argument("--write", action="store_true", help="into docs/analysis.md")
    options = parser.parse_args()
    columns = measure(studies=options.studies, path=KEPT, processes=options.processes, shown=True)
    made = table(columns, options.studies)
    print(made)
    if options.write:
        write(made)
        coverage_mixed.write(DOCUMENT, coverage_mixed.table())


if __name__ == "__main__":
    main()
