"""How far do composers follow what listeners taught?

`python -m benchmarks.following [--composers muse muse-2] [--seeds 4] [--candidates 8] [--widths 2]`

Every attribute alone is moved down and up by some half-widths of its band, for all emotions with the same seeds, and
measured on the finished notes. Of the way from low to high, the share that was gone is told: 1 is all of it; beside it
the standard error over clips. No picture, no sound.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.machine import describe_machine
from generation.emotions import EMOTIONS, SLUGS
from generation.music.attributes import KINDS, AttributeKind
from generation.music.attributes.learned import LearnedTargets
from generation.music.attributes.targets import DERIVED
from generation.networks.composers import ComposeRequest, compose

FloatArray = NDArray[np.float64]
MOVED = tuple(kind for kind in KINDS if kind.name != DERIVED)


def main() -> None:
    """Run the benchmark and print its table."""
    options = _read_options()
    print(f"Machine: {describe_machine()}\n")
    clips = len(EMOTIONS) * options.seeds
    print(
        f"{clips} clips of each composer either way, the best of {options.candidates}; ± {options.widths:g} half-widths"
    )
    print(f"\n| attribute | asked | {' | '.join(options.composers)} |\n|---|---|{'---|' * len(options.composers)}")
    for kind in MOVED:
        shares = [follow(name, kind, options) for name in options.composers]
        told = " | ".join(f"{share.mean():.2f} ± {share.std(ddof=1) / len(share) ** 0.5:.2f}" for share in shares)
        print(f"| {kind.label.lower()} | ± {options.widths * kind.width:g} {kind.unit} | {told} |", flush=True)


def _read_options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--composers", nargs="+", default=["muse", "muse-2"], help="composers that follow targets")
    parser.add_argument("--seeds", type=int, default=4, help="clips of each emotion")
    parser.add_argument("--candidates", type=int, default=8, help="pieces that the best is chosen from")
    parser.add_argument("--widths", type=float, default=2.0, help="half-widths moved either way")
    return parser.parse_args()


def follow(composer: str, kind: AttributeKind, options: Any) -> FloatArray:
    """Share of the way that each clip went, shape (emotions × seeds,)."""
    asked = options.widths * kind.width
    low, high = (
        LearnedTargets({slug: {kind.name: side * asked} for slug in SLUGS}, {}, {"benchmark": "following"})
        for side in (-1.0, 1.0)
    )
    shares = []
    for emotion in tqdm(EMOTIONS, desc=f"{composer}, {kind.name}", unit="emotion", leave=False, disable=None):
        for seed in range(options.seeds):
            reached = [
                compose(composer, ComposeRequest(emotion, seed, candidates=options.candidates, learned=learned))
                for learned in (low, high)
            ]
            found = [float(one.attributes[kind.name]["measured"]) for one in reached]
            shares.append((found[1] - found[0]) / (2.0 * asked))
    return np.array(shares)


if __name__ == "__main__":
    main()
