"""What reading a picture costs: `python -m benchmarks.picture [--pictures FOLDER] [--count 50]`.

Prints CPU milliseconds per picture with decoding (one thread), split into its parts, and how much memory a process
gains by serving the network.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine
from generation.images.decoding import read_picture
from generation.images.demo import sample_photographs
from generation.images.features import FEATURE_NAMES
from generation.images.files import find_pictures
from generation.networks.image_emotion import load_image_emotion
from generation.networks.image_input import measure_named
from generation.networks.image_views import READING_SIDE


def peak_memory() -> float:
    """Peak resident memory of this process in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def spend(work: Callable[[Any], object], inputs: list[Any]) -> float:
    """Median CPU milliseconds of `work` over the inputs, after one that warms up."""
    work(inputs[0])
    spent = []
    for one in inputs:
        begun = time.process_time()
        work(one)
        spent.append(1000 * (time.process_time() - begun))
    return median(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="folder of pictures (the sample photographs)")
    parser.add_argument("--count", type=int, default=50, help="how many pictures at most")
    options = parser.parse_args()
    print(describe_machine())
    files = [path.read_bytes() for path in find_pictures([options.pictures])] if options.pictures else []
    files = (files or [photograph.data for photograph in sample_photographs()])[: options.count]
    print(f"{len(files)} pictures of {np.mean([len(data) for data in files]) / 1024:.0f} KiB on average")
    before = peak_memory()
    network = load_image_emotion()
    network.predict(files[0])
    print(f"memory: {before:.0f} MiB before, {peak_memory():.0f} MiB after the first picture")
    decoded = [read_picture(data, longest_side=READING_SIDE) for data in files]
    print(f"decoding                  {spend(lambda d: read_picture(d, longest_side=READING_SIDE), files):6.1f} ms CPU")
    print(f"colour and form           {spend(lambda p: measure_named(p, FEATURE_NAMES), decoded):6.1f} ms CPU")
    print(f"whole reading of a picture{spend(network.predict, files):6.1f} ms CPU")
    print(f"memory: {peak_memory():.0f} MiB after {2 * len(files)} pictures")


if __name__ == "__main__":
    main()
