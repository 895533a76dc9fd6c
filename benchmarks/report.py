"""Where the figures on the printed report come from: CPU seconds and memory of reports in one process.

    python -m benchmarks.report [--answers 3000] [--clips 240] [--reports 5]

Every report is of answers of its own, so that nothing the typesetter remembers helps; analysing is not counted.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
from msgspec.structs import replace

from benchmarks.machine import describe_machine
from survey.analysis.course import widths_over_time
from survey.analysis.ratings import Rating, collect
from survey.analysis.report import analyse
from survey.analysis.reported import Report
from survey.figures.document import StudyFacts, report_blocks
from survey.figures.pdf_report import to_report_pdf

EMOTIONS = ("amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness")
EACH = 24


def draw_report(answers: int, clips: int, seed: int) -> Report:
    """Return an analysed study: people hear 24 clips each and are right in half of the trials."""
    dice = np.random.default_rng(seed)
    rows = []
    for person in range(max(2, answers // EACH)):
        for clip in dice.permutation(clips)[:EACH]:
            intended = EMOTIONS[clip % len(EMOTIONS)]
            chosen = intended if dice.random() < 0.5 else EMOTIONS[dice.integers(len(EMOTIONS))]
            rows.append(Rating(f"p{person}", f"clip {clip}", "", intended, chosen))
    ratings = collect(rows)
    return replace(analyse(ratings, replicates=20), course=widths_over_time(ratings))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=3000)
    parser.add_argument("--clips", type=int, default=240)
    parser.add_argument("--reports", type=int, default=5)
    chosen = parser.parse_args()
    print(describe_machine())
    reports = [draw_report(chosen.answers, chosen.clips, seed) for seed in range(chosen.reports)]
    for report in reports:
        cpu, wall = time.process_time(), time.perf_counter()
        pdf = to_report_pdf(report_blocks(report, StudyFacts(title="A study")), title="A study")
        print(
            f"{time.process_time() - cpu:.2f} CPU s, {time.perf_counter() - wall:.2f} s, {len(pdf) / 1000:.0f} kB;"
            f" the process has used at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
        )


if __name__ == "__main__":
    main()
