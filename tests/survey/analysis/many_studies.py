"""Many simulated studies in blocks, over several processes; every finished block is kept, so that a run can go on.

Every study has random numbers of its own, by seed, size, number and part: the same whatever stands before it, however
the studies are cut into blocks, and whichever process simulates them.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

ROOT = Path(__file__).parents[3]
BLOCK = 20
DRAWN_BY = ("confusing", "holding", "listeners", "made")
"""What parts draw their answers with, beside themselves."""


@dataclass(frozen=True, slots=True)
class Block:
    """Studies `first` … `first + studies − 1` of one part and size."""

    part: str
    people: int
    clips: int
    first: int
    studies: int
    seed: int


def blocks_of(parts, sizes, studies, seed, block=BLOCK):
    """All blocks, those of every part and size side by side, so that what remains takes as long as it seems."""
    return [
        Block(part, *size, first, min(block, studies - first), seed)
        for first in range(0, studies, block)
        for size in sizes
        for part in parts
    ]


def simulate(block):
    """Name → [how often true, of how many] over the studies of a block.

    Matrices here are small: with a thread for each core they take ten times as long.
    """
    part, counts = import_module(block.part), defaultdict(lambda: [0, 0])
    with threadpool_limits(1):
        for study in range(block.first, block.first + block.studies):
            apart = (block.seed, block.people, block.clips, study, *block.part.rpartition(".")[2].encode())
            generator = np.random.default_rng(apart)
            for name, said in part.of_one_study(generator, block.people, block.clips, study).items():
                counts[name][0] += int(sum(map(bool, said)))
                counts[name][1] += len(said)
    return dict(counts)


def _simulate(block):
    return block, simulate(block)


@cache
def code_behind(part):
    """A digest of what a part's numbers depend on: the analysis, and how answers are drawn."""
    here, found = Path(__file__).parent, hashlib.sha256()
    own = [ROOT / Path(*part.split(".")).with_suffix(".py"), *(here / f"{name}.py" for name in DRAWN_BY)]
    for path in (*sorted((ROOT / "survey" / "analysis").rglob("*.py")), *own):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


class Kept:
    """Finished blocks as lines of a file; without a path nothing is kept."""

    def __init__(self, path=None):
        self.path, self.found = path, {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._read(line)

    def _read(self, line):
        try:
            said = json.loads(line)
            block, code, counts = Block(**said["block"]), said["code"], said["counts"]
        except (ValueError, KeyError, TypeError):  # a line that was cut when the run was stopped
            return
        if code == code_behind(block.part):
            self.found[block] = counts

    def add(self, block, counts):
        """Keep a block, at once."""
        self.found[block] = counts
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"block": asdict(block), "code": code_behind(block.part), "counts": counts})
        with self.path.open("a", encoding="utf-8") as file:
            # On a line of its own, whatever a stopped run left at the end.
            file.write(f"\n{line}\n")


def run(blocks, kept, processes=1, shown=False):
    """Simulate the blocks that are not kept yet; how many those were. Ctrl-C loses at most the blocks in the making."""
    left = [block for block in blocks if block not in kept.found]
    with tqdm(total=len(blocks), initial=len(blocks) - len(left), unit="block", disable=not shown) as bar:
        for block, counts in _results(left, processes):
            kept.add(block, counts)
            bar.update()
    return len(left)


def _results(left, processes):
    if processes == 1:
        yield from map(_simulate, left)
        return
    with get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(_simulate, left)


def shares(blocks, kept):
    """Size → name → share of true; names that no study of a size speaks of are absent."""
    counts = defaultdict(lambda: defaultdict(lambda: np.zeros(2)))
    for block in blocks:
        for name, (true, of) in kept.found[block].items():
            counts[block.people, block.clips][name] += (true, of)
    return {
        size: {name: float(true / of) for name, (true, of) in found.items() if of} for size, found in counts.items()
    }
