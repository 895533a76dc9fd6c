"""How lifelike, how clear and how musical is each composer? `python -m benchmarks.likeness --data EMOPIA`

Clips of every composer are heard by judges from outside: classifiers that tell made from real, distances of
families of features, three judges that name the quadrant, one that names the emotion meant, and a musician's counts;
real clips and two halves of real clips stand beside. How to read it: docs/likeness.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tqdm import tqdm

from benchmarks.likeness.clips import Clip
from benchmarks.likeness.judging import Judgement, Reference, judge, judge_halves, judge_real
from benchmarks.likeness.looks import FINAL_CLIPS, FINAL_SEED, log_looks, refuse_final_seeds
from benchmarks.likeness.making import make_clips, read_folder, version_of
from benchmarks.likeness.tables import as_plain, write_markdown
from benchmarks.machine import describe_machine
from generation.networks.composers import ComposerMissing, installed_composers

COMPOSERS = ("muse", "paper", "neutral")
CLIPS = 96
SEED = 5000
BESIDE = ("real", "real–real")
"""Names of the columns that no composer has."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for, checked."""

    data: Path
    composers: tuple[str, ...]
    folders: Mapping[str, Path]
    clips: int
    seed: int
    final: bool
    keep: Path | None
    write: Path | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its tables."""
    options = read_options(arguments)
    machine = describe_machine()
    print(f"Machine: {machine}\n", flush=True)
    told = describe_sets(options)
    try:
        judged = judge_sets(options, told)
    except (ValueError, FileNotFoundError) as error:
        sys.exit(str(error))
    title = "The last table" if options.final else "Development"
    text = f"{title}. {'; '.join(f'{name}: {what}' for name, what in told.items())}.\n\n{write_markdown(judged)}"
    print(text)
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        plain = {"machine": machine, "final": options.final, "judged": told, "judgements": as_plain(judged)}
        options.write.with_suffix(".md").write_text(f"Machine: {machine}\n\n{text}", encoding="utf-8")
        options.write.with_suffix(".json").write_text(json.dumps(plain, indent=1), encoding="utf-8")


def judge_sets(options: Options, told: Mapping[str, str]) -> dict[str, Judgement]:
    """What the judges say of real clips, of their halves, and of each set; the last table is logged first."""
    with tempfile.TemporaryDirectory() as nowhere:
        sets = gather_sets(options, options.keep or Path(nowhere))
    if options.final:
        print("\n".join(log_looks(told)), "\n", flush=True)
    reference = Reference.read(options.data, final=options.final, progress=lambda paths: tqdm(paths, desc="real clips"))
    first = next(iter(sets.values()))
    judged = dict(zip(BESIDE, (judge_real(reference), judge_halves(reference, first)), strict=True))
    for name, clips in tqdm(sets.items(), desc="judging"):
        judged[name] = judge(clips, reference)
    return judged


def gather_sets(options: Options, keep: Path) -> dict[str, list[Clip]]:
    """The clips of all composers and folders, by name."""
    sets = {
        name: make_clips(name, options.clips, options.seed, keep, partial(tqdm, desc=name))
        for name in options.composers
    }
    return sets | {name: read_folder(folder) for name, folder in options.folders.items()}


def describe_sets(options: Options) -> dict[str, str]:
    """What is judged, by name: version and seeds of a composer, the folder's name of others' clips."""
    seeds = f"seeds {options.seed} to {options.seed + options.clips - 1}"
    return {
        **{name: f"{version_of(name)}, {seeds}" for name in options.composers},
        **{name: f"files of {folder.name}" for name, folder in options.folders.items()},
    }


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; what cannot be done ends the process with a sentence."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    names = [*given.composers, *(name for name, _ in given.midi)]
    if not names or len(set(names)) < len(names) or set(BESIDE) & set(names):
        parser.error("give composers or folders, each with a name of its own.")
    if missing := [name for name in given.composers if name not in installed_composers()]:
        parser.error(str(ComposerMissing(missing[0], installed_composers())))
    if given.final and (given.clips is not None or given.seed is not None):
        parser.error("--final has its own clips and seeds.")
    clips, seed = (FINAL_CLIPS, FINAL_SEED) if given.final else (given.clips or CLIPS, given.seed or SEED)
    try:
        if not given.final:
            refuse_final_seeds(seed, clips)
    except ValueError as error:
        parser.error(str(error))
    return Options(
        given.data, tuple(given.composers), dict(given.midi), clips, seed, given.final, given.keep, given.write
    )


def make_parser() -> argparse.ArgumentParser:
    """The options and what they mean."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.likeness", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="EMOPIA: folder with midi/ and labels.csv")
    parser.add_argument("--composers", nargs="*", default=list(COMPOSERS), help="any that are installed")
    named = "others' music, in files called <emotion>-<seed>.mid"
    parser.add_argument("--midi", nargs="*", default=[], type=_named_folder, metavar="NAME=FOLDER", help=named)
    parser.add_argument("--clips", type=int, help=f"clips per composer, over the eight emotions ({CLIPS})")
    parser.add_argument("--seed", type=int, help=f"first seed ({SEED})")
    parser.add_argument("--final", action="store_true", help="the last table; every look is logged")
    parser.add_argument("--keep", type=Path, help="folder that keeps made clips for the next time")
    parser.add_argument("--write", type=Path, help="write the tables here, as .md and .json")
    return parser


def _named_folder(text: str) -> tuple[str, Path]:
    name, _, folder = text.partition("=")
    if not name or not folder:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FOLDER")
    return name, Path(folder)


if __name__ == "__main__":
    main()
