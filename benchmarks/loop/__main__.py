"""Do listeners teach the composer? `python -m benchmarks.loop [--runs 100] [--out var/loop] [--small]`

Simulated listeners whose ears are known hear three waves of 60 people × 16 clips; after each the targets are learned
anew. Then 120 new people (240 where they are noisy) hear fresh clips of the old and of the new targets, blind. Five
populations, seven arms. Every run is kept in the folder of `--out`: the benchmark can be stopped, and goes on where it
was.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from benchmarks.loop.arms import ARMS
from benchmarks.loop.figure import draw_regret
from benchmarks.loop.keeping import Key, add_run, code_version, read_runs
from benchmarks.loop.listeners import POPULATIONS
from benchmarks.loop.surrogate import shipped_surrogate, steered_within
from benchmarks.loop.tables import put_between, summarise, write_gains, write_regret, write_short, write_steering
from benchmarks.loop.waves import Run, best_possible, run_once
from benchmarks.machine import describe_machine

BY_NAME = {population.name: population for population in POPULATIONS}
README = Path(__file__).parents[2] / "README.md"
FIGURE = README.parent / "docs/pictures/loop.svg"
"""Where the README's figure stands."""
SMALL = 3
"""Runs where only a look is wanted."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing, and write the tables and the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100, help="runs per population and arm")
    parser.add_argument("--out", type=Path, default=Path("var/loop"), help="folder for runs, tables and figure")
    parser.add_argument("--small", action="store_true", help=f"{SMALL} runs of two populations and three arms, to look")
    parser.add_argument("--populations", nargs="+", choices=BY_NAME, default=list(BY_NAME))
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--kept", action="store_true", help="run nothing more, and tell what is kept")
    parser.add_argument("--readme", action="store_true", help="write the short table and the figure into the README")
    options = parser.parse_args(arguments)
    if options.small:
        options.runs, options.populations, options.arms = (
            SMALL,
            ["standard", "at random"],
            ["learned", "prior only", "shuffled"],
        )
    options.out.mkdir(parents=True, exist_ok=True)
    machine = describe_machine()
    print(f"Machine: {machine}\n", flush=True)
    wanted = [
        Key(population, arm, number)
        for number in range(options.runs)
        for population in options.populations
        for arm in options.arms
    ]
    path = options.out / "runs.jsonl"
    kept = read_runs(path) if options.kept else run_missing(wanted, path, options.processes)
    runs = {
        key: kept[key]
        for key in sorted(wanted, key=lambda key: (list(BY_NAME).index(key.population), list(ARMS).index(key.arm)))
        if key in kept
    }
    best = find_best(options.populations, options.out / "best.json")
    summaries = summarise(runs, best)
    pairs, surrogate = shipped_surrogate()
    text = "\n\n".join(
        (write_gains(summaries), write_regret(summaries), write_steering(surrogate, steered_within(pairs)))
    )
    print(f"\n{text}")
    (options.out / "loop.md").write_text(f"Machine: {machine}\n\n{text}\n", encoding="utf-8")
    draw_regret(summaries, options.out / "loop.svg")
    if options.readme:
        README.write_text(put_between(README.read_text(encoding="utf-8"), write_short(summaries)), encoding="utf-8")
        draw_regret(summaries, FIGURE)


def run_missing(wanted: Iterable[Key], path: Path, processes: int) -> dict[Key, Run]:
    """Run what the file does not hold yet, keeping each run as it ends."""
    kept = read_runs(path)
    missing = [key for key in wanted if key not in kept]
    with ProcessPoolExecutor(processes) as pool:
        for key, run in tqdm(zip(missing, pool.map(_run, missing), strict=True), total=len(missing), desc="runs"):
            add_run(path, key, run)
            kept[key] = run
    return kept


def _run(key: Key) -> Run:
    with threadpool_limits(1):
        return run_once(BY_NAME[key.population], key.arm, key.number)


def find_best(populations: Sequence[str], path: Path) -> dict[str, float]:
    """The best recognition that is possible in each population, kept as well."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    best: dict[str, float] = kept.get("best", {}) if kept.get("code") == code_version() else {}
    for name in tqdm([name for name in populations if name not in best], desc="best possible"):
        best[name] = best_possible(BY_NAME[name])
    path.write_text(json.dumps({"code": code_version(), "best": best}), encoding="utf-8")
    return best


if __name__ == "__main__":
    main()
