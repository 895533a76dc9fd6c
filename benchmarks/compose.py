"""How fast clips are made: `python -m benchmarks.compose [--clips 12] [--flat 1000]`

CPU seconds (this process and its renderer) per finished clip, split into the steps of the pipeline, cold
and warm; clips per minute and core; growth with candidates and with length; memory over many clips.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine
from generation.emotions import EMOTIONS
from generation.music import sound
from generation.music.features import measure_features
from generation.music.score import write_midi, write_musicxml
from generation.networks.composer import load_composer
from generation.networks.composers import ComposeRequest, compose
from generation.networks.drafting import make_wish, plan_candidate
from generation.networks.sampling import sample
from generation.networks.seeing import locate

STEPS = ("compose", "write", "render", "level and encode", "measure")
COLD = """
import time; begun = time.perf_counter(); cpu = time.process_time()
from generation.pipeline import ClipRequest, make_clip
make_clip(ClipRequest("sadness", {name!r}, 1))
print(time.perf_counter() - begun, time.process_time() - cpu)
"""


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=16, help="finished clips per composer")
    parser.add_argument("--flat", type=int, default=1000, help="clips composed to watch memory; 0 leaves it out")
    parser.add_argument("--composers", nargs="+", default=["paper", "muse"])
    options = parser.parse_args()
    print(f"Machine: {describe_machine()}\n")
    with TemporaryDirectory() as folder:
        print_steps(options.composers, options.clips, keep_best_piano(Path(folder)))
    print_cold(options.composers)
    print_growth()
    if options.flat:
        print_memory(options.flat)


def cpu_seconds() -> float:
    """CPU time of this process and of finished children (the renderer)."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def memory_mib() -> float:
    """Resident memory of this process now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def keep_best_piano(folder: Path) -> Path | None:
    """The SoundFont that a site on this machine plays with; None where the grand piano is not installed."""
    grand = sound.find_grand_piano()
    return sound.keep_piano(grand, folder) if grand else None


def make_timed(name: str, index: int, spent: dict[str, float], piano: Path | None) -> float:
    """Make one finished clip, adding CPU seconds per step to `spent`; returns wall seconds."""
    begun = time.perf_counter()
    kept: dict[str, Any] = {}

    def step(title: str, work: Callable[[], Any]) -> None:
        before = cpu_seconds()
        kept[title] = work()
        spent[title] += cpu_seconds() - before

    request = ComposeRequest(EMOTIONS[index % 8], 9000 + index)
    step("compose", lambda: compose(name, request))
    piece, performance = kept["compose"].piece, kept["compose"].performance
    step("write", lambda: (write_midi(piece, performance), write_musicxml(piece)))
    midi = kept["write"][0]
    step("render", lambda: sound.render(midi, soundfont=piano))
    step("level and encode", lambda: sound.finish(kept["render"]))
    step("measure", lambda: measure_features(midi))
    return time.perf_counter() - begun


def print_steps(names: list[str], clips: int, piano: Path | None) -> None:
    """CPU seconds per step and clips per minute, warm."""
    print("| warm, CPU seconds per clip | " + " | ".join(STEPS) + " | all | clips per minute and core | wall s |")
    print("|---|" + "---|" * (len(STEPS) + 3))
    for name in names:
        make_timed(name, 0, defaultdict(float), piano)
        spent: dict[str, float] = defaultdict(float)
        wall = [make_timed(name, index, spent, piano) for index in range(1, clips + 1)]
        total = sum(spent.values()) / clips
        shares = " | ".join(f"{spent[step] / clips:.2f}" for step in STEPS)
        print(f"| {name} | {shares} | {total:.2f} | {60 / total:.0f} | {np.median(wall):.2f} |")


def print_cold(names: list[str]) -> None:
    """A fresh process to its first finished clip."""
    print("\n| cold: fresh process to first clip | wall s | CPU s of the process |\n|---|---|---|")
    for name in names:
        output = subprocess.run(
            [sys.executable, "-c", COLD.format(name=name)], capture_output=True, text=True, check=True
        ).stdout.split()
        print(f"| {name} | {float(output[0]):.1f} | {float(output[1]):.1f} |")


def print_growth() -> None:
    """The network's share, and growth with candidates and with notes."""
    loaded = load_composer()
    print("\n| muse, candidates | network CPU s | whole composition CPU s | notes drawn |\n|---|---|---|---|")
    for count in (1, 2, 4, 8, 16, 32):
        network, whole, notes = [], [], []
        for seed in range(4):
            emotion = EMOTIONS[seed * 2]
            request = ComposeRequest(emotion, seed, candidates=count)
            before = cpu_seconds()
            composition = compose("muse", request)
            whole.append(cpu_seconds() - before)
            random = np.random.default_rng(seed)
            attributes = _wanted(composition.attributes)
            plans = [plan_candidate(make_wish(attributes, locate(request), random)) for _ in range(count)]
            before = cpu_seconds()
            drafts = sample(loaded.network, plans, random)
            network.append(cpu_seconds() - before)
            notes.append(sum(len(draft) for draft in drafts))
        print(f"| {count} | {np.mean(network):.2f} | {np.mean(whole):.2f} | {np.mean(notes):.0f} |")
    print_growth_with_length()


def print_growth_with_length() -> None:
    """Composition time against notes in the clip."""
    spent, notes = [], []
    for seed in range(24):
        before = cpu_seconds()
        composition = compose("muse", ComposeRequest(EMOTIONS[seed % 8], 300 + seed))
        spent.append(cpu_seconds() - before)
        notes.append(len(composition.piece.notes))
    slope, start = np.polyfit(notes, spent, 1)
    print(
        f"\nComposition of 8 candidates: {start:.2f} s + {slope * 100:.2f} s per 100 notes of the clip "
        f"({min(notes)}–{max(notes)} notes)."
    )


def _wanted(described: dict[str, Any]) -> Any:
    from generation.music.attributes import Attributes

    return Attributes.clipped({name: sum(row["target"]) / 2 for name, row in described.items()})


def print_memory(clips: int) -> None:
    """Resident memory while many clips are composed."""
    print("\n| clips composed | resident memory, MiB |\n|---|---|")
    marks = {1, clips // 10, clips // 4, clips // 2, clips}
    for index in range(1, clips + 1):
        compose("muse", ComposeRequest(EMOTIONS[index % 8], index, candidates=2))
        if index in marks:
            print(f"| {index} | {memory_mib():.0f} |", flush=True)


if __name__ == "__main__":
    main()
