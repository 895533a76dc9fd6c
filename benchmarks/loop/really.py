"""Learned targets composed in fact: are clips as near to real music as before, and heard as the surrogate says?

    python -m benchmarks.loop.really --data EMOPIA [--population standard] [--clips 160]

One run of three waves teaches with the surrogate; then `muse` composes clips of the old and of the new targets.
Closeness is that of `benchmarks.closeness` (Yang & Lerch 2020), from clips as a listener gets them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.closeness import compare, stack_features
from benchmarks.loop.arms import ARMS
from benchmarks.loop.composing import choose_one
from benchmarks.loop.listeners import POPULATIONS
from benchmarks.loop.surrogate import EMOTIONS, shipped_surrogate
from benchmarks.loop.truth import Truth
from benchmarks.loop.waves import shipped_bounds, teach
from benchmarks.machine import describe_machine
from generation.emotions import EMOTIONS as NAMED
from generation.music.attributes import Attributes
from generation.music.score import read_midi, write_midi
from generation.networks.composer import load_composer
from generation.training.datasets.emopia import read_clips

Floats = NDArray[np.float64]

QUADRANTS = ("Q1", "Q2", "Q3", "Q4")


def main() -> None:
    """Teach, compose and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="EMOPIA: folder with midi/ and labels.csv")
    parser.add_argument("--population", choices=[one.name for one in POPULATIONS], default="standard")
    parser.add_argument("--arm", choices=ARMS, default="learned")
    parser.add_argument("--clips", type=int, default=160, help="clips of the old targets, and as many of the new ones")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"Machine: {describe_machine()}\n", flush=True)
    population = next(one for one in POPULATIONS if one.name == options.population)
    targets = teach(population, options.arm, np.random.default_rng(options.seed))
    real = gather_real(options.data, options.clips)
    truth = Truth(population, *shipped_surrogate())
    print("| targets | overlap with real music | KL | Mahalanobis distance | recognised | by the surrogate |")
    print("|---|---|---|---|---|---|")
    for name, table in (("old", targets[0]), ("new", targets[-1])):
        tables, measured = compose_at(table, options.clips, 20_000)
        overlap, divergence = closeness(tables, real)
        away = measured_distance(measured)
        heard = float(truth.recognised_clips(measured, np.arange(options.clips) % EMOTIONS).mean())
        said = float(truth.recognised(table).mean())
        print(f"| {name} | {overlap:.3f} | {divergence:.3f} | {away:.2f} | {heard:.3f} | {said:.3f} |", flush=True)


def compose_at(targets: Floats, clips: int, seed: int) -> tuple[list[Floats], Floats]:
    """Note tables of clips as listeners get them, and their measured attributes, emotions in turn."""
    loaded, tables, measured = load_composer(), [], []
    for number in tqdm(range(clips), desc="composing"):
        emotion = number % EMOTIONS
        wanted = Attributes.from_array(targets[emotion])
        chosen = choose_one(loaded, wanted, emotion, seed + number, candidates=8)
        played = read_midi(write_midi(chosen.piece, chosen.performance))
        tables.append(np.array([[note.onset, note.pitch, note.duration, note.velocity] for note in played.notes]))
        measured.append(chosen.measured.to_array())
    return tables, np.stack(measured)


def gather_real(folder: Path, clips: int) -> list[Floats]:
    """Real clips in the proportions of quadrants that the eight emotions have."""
    known = read_clips(folder, report=print, progress=lambda paths: tqdm(paths, desc="real clips"))
    random, gathered = np.random.default_rng(3), []
    for quadrant in QUADRANTS:
        own = [clip.table for clip in known if clip.quadrant == quadrant]
        share = sum(emotion.quadrant == quadrant for emotion in NAMED) / len(NAMED)
        gathered += [own[row] for row in random.permutation(len(own))[: round(share * clips)]]
    return gathered


def closeness(made: list[Floats], real: list[Floats]) -> tuple[float, float]:
    """Mean overlap and divergence over all features of `benchmarks.closeness`."""
    ours, theirs = stack_features(made), stack_features(real)
    pairs = [compare(ours[feature], theirs[feature]) for feature in theirs]
    overlap, divergence = np.mean(pairs, axis=0)
    return float(overlap), float(divergence)


def measured_distance(measured: Floats) -> float:
    """Mean Mahalanobis distance from the middle of real music."""
    return float(shipped_bounds().distance(measured).mean())


if __name__ == "__main__":
    main()
