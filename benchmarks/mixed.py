"""What the mixed model costs: seconds of one core for both of its measures.

    python -m benchmarks.mixed [--sizes 30x24x24,300x96x96,10000x10x10]

A size is people × clips × clips each person hears. Answers are drawn with eight emotions from 16 clips on.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from survey.analysis.measures import Asked
from survey.analysis.mixed.components import measure_variance_components
from survey.analysis.mixed.model import measure_mixed_model
from survey.analysis.ratings import Factor, Ratings

EMOTIONS = tuple("abcdefgh")


def draw(people: int, clips: int, each: int, seed: int = 1) -> Ratings:
    """Return answers with normal differences between people and between clips."""
    generator = np.random.default_rng(seed)
    participant = np.repeat(np.arange(people), each)
    clip = np.argsort(generator.random((people, clips)), axis=1)[:, :each].ravel().astype(np.int64)
    emotion = np.arange(clips) % 8 if clips >= 16 else np.zeros(clips, np.int64)
    logits = np.linspace(-1.5, 0.5, 8)[emotion] + generator.normal(0, 0.8, clips)
    hits = generator.random(clip.size) < 1 / (1 + np.exp(-logits[clip] - generator.normal(0, 0.5, people)[participant]))
    names = ("condition", "picture", "music", "picture_id", "music_id", "composer", "kind")
    return Ratings(
        participants=tuple(map(str, range(people))),
        stimuli=tuple(map(str, range(clips))),
        emotions=EMOTIONS,
        choices=EMOTIONS,
        none=None,
        participant=participant,
        stimulus=clip,
        intended=emotion[clip],
        chosen=np.where(hits, emotion[clip], (emotion[clip] + 1) % 8),
        factors={name: Factor(("",), np.zeros(clip.size, np.int64)) for name in names},
        included=np.ones(clip.size, bool),
        confidence=np.full(clip.size, np.nan),
        seconds=np.full(clip.size, np.nan),
        valence=np.full(clip.size, np.nan),
        arousal=np.full(clip.size, np.nan),
        words=Factor(("",), np.zeros(clip.size, np.int64)),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="30x24x24,300x96x96,10000x10x10,4166x240x24")
    print("| people × clips (each hears) | answers | CPU | wall |\n|---|---|---|---|")
    for size in parser.parse_args().sizes.split(","):
        people, clips, each = map(int, size.split("x"))
        data = draw(people, clips, each)
        asked = Asked(data, data, data, "", 0, 0)
        cpu, wall = time.process_time(), time.perf_counter()
        found = measure_mixed_model(asked)
        measure_variance_components(asked)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        fitted = found is not None and found.reason is None
        said = f"{cpu:.2f} s | {wall:.2f} s" if fitted else f"{found.reason if found else 'nothing'} | –"
        print(f"| {people:,} × {clips} ({each}) | {len(data):,} | {said} |", flush=True)


if __name__ == "__main__":
    main()
