"""How lifelike, how clear and how musical is each composer? `python -m benchmarks.likeness --data EMOPIA`

Clips of every composer are heard by judges from outside: classifiers that tell made from real, distances of eight
families of features, three judges that name the quadrant, one that names the emotion meant, and a musician's counts;
real clips and two halves of real clips stand beside.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks.likeness.clips import Clip
from benchmarks.likeness.judging import Judgement, Reference, judge, judge_halves, judge_real
from benchmarks.likeness.making import make_clips, read_folder
from benchmarks.likeness.tables import as_plain, write_markdown
from benchmarks.machine import describe_machine


def main() -> None:
    """Run the benchmark and print its tables."""
    options = _read_options()
    print(f"Machine: {describe_machine()}\n", flush=True)
    reference = Reference.read(options.data, final=False, progress=lambda paths: tqdm(paths, desc="real clips"))
    with tempfile.TemporaryDirectory() as nowhere:
        judged = judge_sets(gather_sets(options, options.keep or Path(nowhere)), reference)
    text = write_markdown(judged)
    print(text)
    if options.write:
        options.write.with_suffix(".md").write_text(text, encoding="utf-8")
        options.write.with_suffix(".json").write_text(json.dumps(as_plain(judged), indent=1), encoding="utf-8")


def gather_sets(options: argparse.Namespace, keep: Path) -> dict[str, list[Clip]]:
    """The clips of all composers and folders, by name."""
    sets = {
        name: make_clips(name, options.clips, options.seed, keep, lambda rows, name=name: tqdm(rows, desc=name))
        for name in options.composers
    }
    return sets | {name: read_folder(folder) for name, folder in options.midi}


def judge_sets(sets: dict[str, list[Clip]], reference: Reference) -> dict[str, Judgement]:
    """What the judges say of real clips, of their halves, and of each set."""
    first = next(iter(sets.values()))
    judged = {"real": judge_real(reference), "real–real": judge_halves(reference, first)}
    for name, clips in tqdm(sets.items(), desc="judging"):
        judged[name] = judge(clips, reference)
    return judged


def _read_options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="EMOPIA: folder with midi/ and labels.csv")
    parser.add_argument("--composers", nargs="*", default=["muse", "paper"], help="any that are installed")
    parser.add_argument(
        "--midi", nargs="*", default=[], type=_named_folder, metavar="NAME=FOLDER", help="others' clips"
    )
    parser.add_argument("--clips", type=int, default=96, help="clips per composer, over the eight emotions")
    parser.add_argument("--seed", type=int, default=5000, help="first seed")
    parser.add_argument("--keep", type=Path, help="folder that keeps made clips for the next time")
    parser.add_argument("--write", type=Path, help="write the tables here, as .md and .json")
    return parser.parse_args()


def _named_folder(text: str) -> tuple[str, Path]:
    name, _, folder = text.partition("=")
    if not name or not folder:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FOLDER.")
    return name, Path(folder)


if __name__ == "__main__":
    main()
