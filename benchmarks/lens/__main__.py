"""Do listeners' weights have the signs of the literature? `python -m benchmarks.lens --data EMOPIA`

EMOPIA's quadrant labels are fitted by measured attributes: per quadrant, and as halves of valence and arousal. Every
weight that the literature expects something of stands with its interval (95 %, for new songs) beside that sign.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.lens.emopia import JUDGEMENTS, fit, gather
from benchmarks.lens.signs import Compared, compare, count, read_expected
from benchmarks.machine import describe_machine
from survey.analysis.lens import Lens


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.lens", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="EMOPIA: folder with midi/ and labels.csv")
    options = parser.parse_args(arguments)
    print(f"Machine: {describe_machine()}\n", flush=True)
    try:
        labelled = gather(options.data, report=print, progress=lambda paths: tqdm(paths, desc="clips"))
        lenses = {name: fit(labelled, name) for name in JUDGEMENTS}
        compared = compare(read_expected(), lenses.values())
    except (ValueError, FileNotFoundError) as error:
        sys.exit(str(error))
    songs, clips = np.unique(labelled.songs).size, len(labelled.names)
    print(f"{clips} clips of {songs} songs, one label each; {len(labelled.values[0])} attributes.\n")
    print(write_signs(compared), write_counts(compared), write_lenses(lenses), sep="\n")


def write_signs(compared: Sequence[Compared]) -> str:
    """A table with a row for every expected sign."""
    lines = [
        "| judgement | attribute | expected | weight (95 %) | simple r | interval |",
        "|---|---|---|---|---|---|",
    ]
    for row in compared:
        one, (low, high) = row.expected, row.interval
        lines.append(
            f"| {one.judgement} | {one.attribute} | {'+' if one.sign > 0 else '−'}"
            f" | {row.weight:+.2f} ({low:+.2f} to {high:+.2f}) | {row.correlation:+.2f} | {row.outcome} |"
        )
    return "\n".join(lines) + "\n"


def write_counts(compared: Sequence[Compared]) -> str:
    """A table of how many are as expected, by judgement and of all."""
    groups = {name: [row for row in compared if row.expected.judgement == name] for name in _judgements(compared)}
    groups["all"] = list(compared)
    counts = {name: count(rows) for name, rows in groups.items()}
    lines = [f"| judgement | {' | '.join(counts['all'])} |", f"|---{'|---' * len(counts['all'])}|"]
    lines += [f"| {name} | {' | '.join(map(str, of.values()))} |" for name, of in counts.items()]
    return "\n".join(lines) + "\n"


def write_lenses(lenses: dict[str, Lens]) -> str:
    """How well the cues of the equation tell each judgement, and the penalty."""
    lines = ["| judgement | clips | R of the equation's cues | adjusted | penalty |", "|---|---|---|---|---|"]
    for lens in lenses.values():
        for one in lens.emotions:
            lines.append(
                f"| {one.emotion} | {one.clips} | {one.sender_consistency.estimate:.2f} | {one.sender_adjusted:.2f}"
                f" | {lens.penalty:.3f} |"
            )
    return "\n".join(lines) + "\n"


def _judgements(compared: Sequence[Compared]) -> list[str]:
    return list(dict.fromkeys(row.expected.judgement for row in compared))


if __name__ == "__main__":
    main()
