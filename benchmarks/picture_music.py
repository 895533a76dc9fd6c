"""Does the picture shape the music, and is the emotion still heard?

`python -m benchmarks.picture_music --pictures FOLDER [--emopia FOLDER] [--count 100] [--clips 200]`

With emotion and seed fixed: how many pictures give different pieces, and how each feature of the table goes with
its musical attribute, measured on the finished notes. With EMOPIA: how often the second judge hears the intended
quadrant with the picture (`muse`) and without it (`unpictured`), same emotions and seeds. No sound is rendered.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr
from tqdm import tqdm

from benchmarks.machine import describe_machine
from benchmarks.recognise import ClipSet, gather_made, gather_real, print_recognition
from benchmarks.second_judge import SecondJudge
from generation.emotions import EMOTIONS, SLUGS, Emotion, get_emotion
from generation.images.features import measure_picture
from generation.images.files import find_pictures
from generation.music.attributes import Attributes, measure
from generation.music.attributes.picture import PictureRow, measure_moved, shipped_picture_table
from generation.music.score import write_midi
from generation.networks.composers import ComposeRequest, Composition, compose
from generation.networks.image_emotion import load_image_emotion
from generation.training.datasets.emopia import read_clips

FloatArray = NDArray[np.float64]
Picture = Mapping[str, float]


def main() -> None:
    """Run the benchmark and print its tables."""
    options = _read_options()
    if options.count < 2:
        raise SystemExit("--count: give at least 2 pictures; a correlation needs two.")
    print(f"Machine: {describe_machine()}\n")
    pictures = gather_pictures(options.pictures, max(options.count, options.clips if options.emopia else 0))
    print(f"{len(pictures)} photographs; picture table {shipped_picture_table().version}, seed {options.seed}.\n")
    followed = {
        slug: follow_pictures(get_emotion(slug), pictures[: options.count], options.seed) for slug in options.emotions
    }
    print_correlations(followed)
    if options.emopia:
        print_recognised(options.emopia, pictures, options.clips, options.first)


def _read_options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of photographs")
    parser.add_argument("--count", type=int, default=100, help="pictures per emotion, with emotion and seed fixed")
    parser.add_argument("--seed", type=int, default=1, help="the fixed seed")
    parser.add_argument("--emotions", nargs="+", choices=SLUGS, default=list(SLUGS))
    parser.add_argument("--emopia", type=Path, help="EMOPIA, for recognition: folder with midi/ and labels.csv")
    parser.add_argument("--clips", type=int, default=200, help="clips per composer for recognition")
    parser.add_argument("--first", type=int, default=1000, help="first seed of the clips for recognition")
    return parser.parse_args()


def gather_pictures(folder: Path, count: int) -> list[Picture]:
    """Measure and read `count` pictures of a folder, drawn with a fixed seed, as the site hands them to a composer."""
    paths = sorted(find_pictures([folder]))
    random.Random(1).shuffle(paths)
    network = load_image_emotion()
    pictures = []
    for path in tqdm(paths[:count], desc="Looking"):
        data = path.read_bytes()
        read = network.predict(data)
        pictures.append({**(read.measures or measure_picture(data).as_dict()), **read.implied})
    return pictures


def follow_pictures(
    emotion: Emotion, pictures: list[Picture], seed: int
) -> tuple[int, list[tuple[PictureRow, FloatArray, FloatArray]]]:
    """Different pieces, and for each row of the table the feature and the measured attribute over the pictures."""
    made = [compose("muse", ComposeRequest(emotion, seed, picture=p)) for p in tqdm(pictures, desc=emotion.slug)]
    different = len({hashlib.sha256(write_midi(one.piece, one.performance)).hexdigest() for one in made})
    measured = [measure_composition(one) for one in made]
    rows = []
    for row in shipped_picture_table().rows:
        known = [(p[row.feature], m) for p, m in zip(pictures, measured, strict=True) if row.feature in p]
        rows.append(
            (row, np.array([f for f, _ in known]), np.array([measure_moved(m, row.attribute) for _, m in known]))
        )
    return different, rows


def measure_composition(composition: Composition) -> Attributes:
    """Attributes of the finished notes, at the tempo of the score."""
    performance = composition.performance
    return measure(performance if performance is not None else [], tempo=composition.piece.tempo)


def print_correlations(followed: Mapping[str, tuple[int, list[tuple[PictureRow, FloatArray, FloatArray]]]]) -> None:
    """Different pieces per emotion, then a row per line of the picture table: mean over emotions, least and most."""
    print("\n| | " + " | ".join(followed) + " |\n|---|" + "---|" * len(followed))
    print("| pictures | " + " | ".join(str(len(rows[0][1])) for _, rows in followed.values()) + " |")
    print("| different pieces | " + " | ".join(str(different) for different, _ in followed.values()) + " |")
    print("\nCorrelation of feature and measured attribute, with the table's sign (1 is best); means over emotions.\n")
    print("| feature | attribute | Pearson | Spearman | " + " | ".join(followed) + " |")
    print("|---|---|---|---|" + "---|" * len(followed))
    for number, row in enumerate(shipped_picture_table().rows):
        pairs = [rows[number][1:] for _, rows in followed.values()]
        sign = np.sign(row.value)
        linear = [sign * float(pearsonr(feature, attribute)[0]) for feature, attribute in pairs]
        ranked = [sign * float(spearmanr(feature, attribute)[0]) for feature, attribute in pairs]
        print(
            f"| {row.feature} {'↑' if sign > 0 else '↓'} | {row.attribute} | {np.mean(linear):.2f} | "
            f"{np.mean(ranked):.2f} | " + " | ".join(f"{value:.2f}" for value in linear) + " |"
        )


def print_recognised(emopia: Path, pictures: list[Picture], count: int, first: int) -> None:
    """Recognition with and without the picture, and how often the two differ."""
    clips = read_clips(emopia, report=print, progress=lambda paths: tqdm(paths, desc="Reading"))
    judge = SecondJudge(clips)
    sets: dict[str, ClipSet] = {"real": gather_real(clips)}
    sets |= {name: gather_made(name, count, first, pictures) for name in ("muse", "unpictured")}
    print_recognition(sets, judge)
    hits = {
        name: np.array(judge.recognise(sets[name].tables)) == np.array(sets[name].quadrants)
        for name in ("muse", "unpictured")
    }
    difference = hits["muse"].astype(float) - hits["unpictured"].astype(float)
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    print(
        f"\nWith the picture minus without, clip by clip: {difference.mean():+.3f} "
        f"({difference.mean() - 1.96 * error:+.3f} to {difference.mean() + 1.96 * error:+.3f}), "
        f"{len(EMOTIONS)} emotions in turn."
    )


if __name__ == "__main__":
    main()
