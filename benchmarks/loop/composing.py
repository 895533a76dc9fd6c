"""What `muse` makes of what it is asked for: pairs of wanted and measured attributes, for the surrogate.

    python -m benchmarks.loop.composing --data EMOPIA [--clips 1600]

Writes ``muse_pairs.npz`` beside this file. Each clip is asked for the target of its emotion, moved at random; the best
of one to eight candidates is measured on the notes as played, as the product does. `EMOPIA` gives the place and spread
of real music, of which means and covariances are kept, and no tune.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.machine import describe_machine
from generation.emotions import EMOTIONS
from generation.music.attributes import NAMES, Attributes, measure_arrays, target
from generation.networks.composer import LoadedComposer, load_composer
from generation.networks.composers import ComposeRequest
from generation.networks.muse_composer import STRENGTH, Candidate, draw_candidates
from generation.networks.seeing import BLIND, locate
from generation.training.datasets.emopia import read_clips

Floats = NDArray[np.float64]

PAIRS: Final = Path(__file__).with_name("muse_pairs.npz")
MOST_CANDIDATES: Final = 8
FURTHEST: Final = 2.0
"""Targets move by up to this many standard deviations of real clips of one quadrant, attribute by attribute."""
UNMOVED: Final = 0.2
"""Share of the clips that are asked for their emotion's own target."""
TYPICAL: Final = 0.99
"""Share of real clips that lie within the furthest distance kept."""


def main() -> None:
    """Compose and write the pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="EMOPIA: folder with midi/ and labels.csv")
    parser.add_argument("--clips", type=int, default=1600)
    parser.add_argument("--out", type=Path, default=PAIRS)
    options = parser.parse_args()
    print(f"Machine: {describe_machine()}", flush=True)
    middle, covariance, furthest = measure_real(options.data)
    begun = time.process_time()
    emotion, candidates, wanted, measured = compose_pairs(options.clips)
    print(f"{(time.process_time() - begun) / options.clips:.3f} s of one core per clip")
    np.savez_compressed(
        options.out,
        names=np.array(NAMES),
        emotion=emotion.astype(np.int8),
        candidates=candidates.astype(np.int8),
        # Half precision holds three digits, more than attributes are heard with.
        wanted=wanted.astype(np.float16),
        measured=measured.astype(np.float16),
        real_mean=middle,
        real_covariance=covariance,
        real_furthest=furthest,
    )


def own_targets() -> Floats:
    """The shipped targets as `muse` asks for them, shape (emotions, attributes)."""
    rows = [target(one.valence, one.arousal, one.dominance, STRENGTH).to_array() for one in EMOTIONS]
    return np.stack(rows)


def settle(values: Floats) -> Attributes:
    """Attributes within their ranges whose densities of melody and accompaniment add up to the whole.

    >>> settled = settle(own_targets()[0] + 50.0)
    >>> settled.majorness, round(settled.density - settled.melody_density - settled.accompaniment_density, 9)
    (2.0, 0.0)
    """
    values = values.copy()
    density, melody, rest = (NAMES.index(name) for name in ("density", "melody_density", "accompaniment_density"))
    limited = Attributes.from_array(values).to_array()
    limited[melody] = min(limited[melody], limited[density])
    limited[rest] = limited[density] - limited[melody]
    return Attributes.from_array(limited)


def compose_pairs(count: int, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
    """Emotion and number of candidates (clips,), wanted and measured attributes (clips, attributes)."""
    loaded, targets, random = load_composer(), own_targets(), np.random.default_rng(seed)
    spread = np.sqrt(np.diag(loaded.residuals))
    emotion = np.arange(count) % len(EMOTIONS)
    candidates = random.integers(1, MOST_CANDIDATES + 1, count)
    wanted, measured = np.empty((2, count, len(NAMES)))
    for row in tqdm(range(count), desc="composing"):
        far = 0.0 if random.random() < UNMOVED else random.uniform(0.0, FURTHEST)
        moved = targets[emotion[row]] + far * spread * random.uniform(-1.0, 1.0, len(NAMES))
        asked = settle(moved)
        wanted[row] = asked.to_array()
        chosen = choose_one(loaded, asked, int(emotion[row]), row, int(candidates[row]))
        measured[row] = chosen.measured.to_array()
    return emotion, candidates, wanted, measured


def choose_one(loaded: LoadedComposer, asked: Attributes, emotion: int, seed: int, candidates: int) -> Candidate:
    """What `muse` makes of these wanted attributes: the best candidate."""
    request = ComposeRequest(EMOTIONS[emotion], seed, candidates=candidates)
    place = locate(request)
    made = draw_candidates(loaded, asked, (place, place), EMOTIONS[emotion].quadrant, request, BLIND)
    return max(made, key=lambda candidate: candidate.scores["total"])


def measure_real(folder: Path) -> tuple[Floats, Floats, float]:
    """Mean, covariance and the distance (Mahalanobis) within which `TYPICAL` of all real clips lie."""
    clips = read_clips(folder, report=print, progress=lambda paths: tqdm(paths, desc="real clips"))
    real = np.stack([measure_arrays(clip.table, pedal=clip.pedal).to_array() for clip in clips])
    middle, covariance = real.mean(0), np.cov(real.T)
    # One density is the sum of two others: the inverse is taken in the space that the clips fill.
    away = real - middle
    distances = np.sqrt(np.einsum("ka,ab,kb->k", away, np.linalg.pinv(covariance, rcond=1e-9, hermitian=True), away))
    return middle, covariance, float(np.quantile(distances, TYPICAL))


if __name__ == "__main__":
    main()
