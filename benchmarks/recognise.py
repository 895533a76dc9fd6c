"""Is the intended emotion in the music? `python -m benchmarks.recognise --data FOLDER [--clips 200]`

For each composer: recognition of the quadrant by a second judge, attribute attainment, diversity, copied
runs, and distance to real music, beside real clips of songs that neither judge nor critic heard.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.closeness import compare, stack_features
from benchmarks.duplicates import ALIKE, CopySearch, compare_all
from benchmarks.machine import describe_machine
from benchmarks.second_judge import QUADRANTS, SecondJudge
from generation.emotions import EMOTIONS
from generation.music.score import read_midi, write_midi
from generation.networks.composers import ComposeRequest, compose
from generation.training.datasets.emopia import PianoClip, read_clips
from survey.analysis.proportions import wilson

FloatArray = NDArray[np.float64]

COMPOSERS = ("paper", "muse", "shuffled", "neutral")
"""Without pictures, where `unpictured` is the same as `muse`: `benchmarks.picture_music` compares those two."""


@dataclass
class ClipSet:
    """Clips to be judged: note tables, intended quadrant and emotion, attainment where known."""

    tables: list[FloatArray] = field(default_factory=list)
    quadrants: list[str] = field(default_factory=list)
    emotions: list[str] = field(default_factory=list)
    attained: list[float] = field(default_factory=list)


def main() -> None:
    """Run the benchmark and print its tables."""
    options = _read_options()
    print(f"Machine: {describe_machine()}\n")
    clips = read_clips(options.data, report=print, progress=lambda paths: tqdm(paths, desc="Reading"))
    judge = SecondJudge(clips)
    real = gather_real(clips)
    sets = {"real": real} | {name: gather_made(name, options.clips, options.seed) for name in options.composers}
    search = CopySearch([clip.table for clip in clips if clip.split == "train"])
    print_recognition(sets, judge)
    print_closeness(sets)
    print_likeness(sets, search, clips)
    if options.json:
        summary = {name: judge.recognise(one.tables) for name, one in sets.items()}
        options.json.write_text(json.dumps(summary), encoding="utf-8")


def _read_options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="EMOPIA: folder with midi/ and labels.csv")
    parser.add_argument("--clips", type=int, default=200, help="clips per composer, over the eight emotions")
    parser.add_argument("--seed", type=int, default=1000, help="first seed")
    parser.add_argument("--composers", nargs="+", default=list(COMPOSERS))
    parser.add_argument("--json", type=Path, help="write what the judge heard here")
    return parser.parse_args()


def gather_real(clips: list[PianoClip]) -> ClipSet:
    """Real clips of the val split, unheard by critic and judge."""
    kept = [clip for clip in clips if clip.split == "val" and clip.quadrant]
    return ClipSet([clip.table for clip in kept], [str(clip.quadrant) for clip in kept])


def gather_made(name: str, count: int, seed: int, pictures: Sequence[Mapping[str, float]] = ()) -> ClipSet:
    """Compose `count` clips through the files a listener would get, for the pictures in turn where there are any."""
    made = ClipSet()
    for index in tqdm(range(count), desc=name):
        emotion = EMOTIONS[index % len(EMOTIONS)]
        picture = pictures[index % len(pictures)] if pictures else {}
        composition = compose(name, ComposeRequest(emotion, seed + index, picture=picture))
        played = read_midi(write_midi(composition.piece, composition.performance))
        made.tables.append(np.array([[n.onset, n.pitch, n.duration, n.velocity] for n in played.notes]))
        made.quadrants.append(emotion.quadrant)
        made.emotions.append(emotion.slug)
        made.attained.append(measure_attainment(composition.attributes))
    return made


def measure_attainment(attributes: dict[str, Any]) -> float:
    """Share of attributes inside their target band; NaN where a composer names none."""
    inside = [
        row["target"][0] <= row["measured"] <= row["target"][1]
        for row in attributes.values()
        if isinstance(row, dict) and "target" in row and "measured" in row and isinstance(row["target"], list)
    ]
    return float(np.mean(inside)) if inside else float("nan")


def print_recognition(sets: dict[str, ClipSet], judge: SecondJudge) -> None:
    """Recognition per composer and quadrant, and per emotion."""
    print(f"\nThe second judge learned {judge.clips} clips of {len(judge.songs)} songs. Chance is .25.\n")
    print("| | clips | recognised (95 % interval) | Q1 | Q2 | Q3 | Q4 | attributes in band |")
    print("|---|---|---|---|---|---|---|---|")
    per_emotion: dict[str, dict[str, float]] = {}
    for name, one in sets.items():
        heard = np.array(judge.recognise(one.tables))
        hits = heard == np.array(one.quadrants)
        low, high = wilson(int(hits.sum()), len(hits)) or (0.0, 1.0)
        shares = [_share(hits, np.array(one.quadrants) == quadrant) for quadrant in QUADRANTS]
        attained = f"{np.nanmean(one.attained):.2f}" if one.attained and not np.isnan(one.attained).all() else "–"
        print(
            f"| {name} | {len(hits)} | {hits.mean():.3f} ({low:.2f}–{high:.2f}) | "
            + " | ".join(shares)
            + f" | {attained} |"
        )
        if one.emotions:
            emotions = np.array(one.emotions)
            per_emotion[name] = {e.slug: float(hits[emotions == e.slug].mean()) for e in EMOTIONS}
    print("\n| recognised | " + " | ".join(per_emotion) + " |\n|---|" + "---|" * len(per_emotion))
    for emotion in EMOTIONS:
        row = " | ".join(f"{per_emotion[name][emotion.slug]:.2f}" for name in per_emotion)
        print(f"| {emotion.slug} ({emotion.quadrant}) | {row} |")


def _share(hits: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> str:
    return f"{hits[chosen].mean():.2f}" if chosen.any() else "–"


def print_closeness(sets: dict[str, ClipSet]) -> None:
    """Overlap and divergence per feature, with as many real clips of each quadrant as made ones."""
    features = {name: stack_features(one.tables) for name, one in sets.items()}
    real = sets["real"]
    made = [name for name in sets if name != "real"]
    rows = match_mix(real, sets[made[0]]) if made else np.arange(len(real.tables))
    one_half, other_half = split_real(real, rows)
    print("\nOverlap (1 is best) and KL divergence (0 is best) of made–real with real–real distances.\n")
    print("| | real–real | " + " | ".join(made) + " |\n|---|---|" + "---|" * len(made))
    totals: dict[str, list[tuple[float, float]]] = {name: [] for name in ("real", *made)}
    for feature in features["real"]:
        values = features["real"][feature]
        found = {"real": compare(values[one_half], values[other_half])}
        found |= {name: compare(features[name][feature], values[rows]) for name in made}
        for name, pair in found.items():
            totals[name].append(pair)
        print(f"| {feature} | " + " | ".join(f"{o:.2f} / {k:.2f}" for o, k in found.values()) + " |")
    means = [np.mean(pairs, axis=0) for pairs in totals.values()]
    print("| **mean** | " + " | ".join(f"**{o:.2f} / {k:.2f}**" for o, k in means) + " |")


def match_mix(real: ClipSet, made: ClipSet) -> NDArray[np.int64]:
    """Rows of real clips in the proportions of quadrants that the made clips have."""
    wanted = {quadrant: made.quadrants.count(quadrant) / len(made.quadrants) for quadrant in QUADRANTS}
    there = {quadrant: real.quadrants.count(quadrant) for quadrant in QUADRANTS}
    size = min(there[quadrant] / wanted[quadrant] for quadrant in QUADRANTS if wanted[quadrant])
    rows = []
    for quadrant in QUADRANTS:
        places = np.flatnonzero(np.array(real.quadrants) == quadrant)
        rows.append(np.random.default_rng(3).permutation(places)[: int(size * wanted[quadrant])])
    return np.concatenate(rows)


def split_real(real: ClipSet, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two halves of the real clips for the yardstick, drawn at random within quadrants."""
    one, other = [], []
    for quadrant in QUADRANTS:
        places = [row for row in rows if real.quadrants[row] == quadrant]
        one += places[::2]
        other += places[1::2]
    return np.array(one), np.array(other)


def print_likeness(sets: dict[str, ClipSet], search: CopySearch, clips: list[PianoClip]) -> None:
    """Near-duplicates, and longest runs shared with training clips."""
    print(
        f"\n| | mean similarity, same emotion | highest similarity of two clips | pairs above {ALIKE} | "
        "longest copied run, median | highest |\n|---|---|---|---|---|---|"
    )
    others = [clip for clip in clips if clip.split == "train"]
    for name, one in sets.items():
        similarity = compare_all(one.tables)
        labels = np.array(one.emotions or one.quadrants)
        same = (labels[:, None] == labels[None, :]) & ~np.eye(len(labels), dtype=bool)
        runs = [search.longest(table) for table in one.tables]
        print(
            f"| {name} | {similarity[same].mean():.3f} | {similarity.max():.2f} | "
            f"{int((similarity > ALIKE).sum() // 2)} | {np.median(runs):.0f} | {max(runs)} |"
        )
    print(
        f"\nRuns are compared with {len(others)} training clips in any transposition; a run has at least five "
        "different pitches."
    )


if __name__ == "__main__":
    main()
