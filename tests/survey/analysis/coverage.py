"""How often intervals hold the truth and tests reject without a difference, by size of the study.

`python -m tests.survey.analysis.coverage --write` remakes the table of `docs/analysis.md`; the answers are drawn
here, with no code of the analysis.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import numpy as np

from survey.analysis.accuracy import measure_accuracy
from survey.analysis.comparisons import compare_shares
from survey.analysis.permutation import permute_intentions
from survey.analysis.recognition import recognise_emotions
from tests.survey.analysis import (
    coverage_affect,
    coverage_mixed,
    coverage_of_answers,
    coverage_sensitivity,
    yes_no,
)
from tests.survey.analysis.listeners import EMOTIONS, draw_guesses, logistic, true_shares

SIZES = [(people, clips) for people in (12, 30, 100) for clips in (8, 16, 24)]
STUDIES = 500
CLIP_SPREAD, PERSON_SPREAD = 0.8, 0.5
LEVELS = {"middle": np.linspace(-1.5, 0.5, EMOTIONS), "high": np.linspace(1.5, 2.5, EMOTIONS)}
LIKED = np.array([0.0] * 7 + [1.5])
DOCUMENT = Path(__file__).parents[3] / "docs" / "analysis.md"
BEGIN, END = "<!-- coverage: begin -->", "<!-- coverage: end -->"
PARTS: tuple[ModuleType, ...] = (coverage_of_answers, coverage_affect, coverage_sensitivity, yes_no)
"""Modules with more rows: each has `INTERVALS` and `TESTS` (name → row's label) and
`of_one_study(generator, people, clips, seed)` → name → list of true or false."""
INTERVALS = {
    "new clips": "hit rate, new people and clips",
    "these clips": "hit rate, new people, these clips",
    "new clips, high": "the same at a hit rate of about .86, new clips",
    "these clips, high": "these clips",
    "emotion": "one emotion, new people and clips",
    "emotion, these": "one emotion, new people, these clips",
    "composers": "difference of two composers",
}
TESTS = {
    "emotion test": "an emotion recognised (each, p ≤ .05)",
    "any emotion": "any of eight (Holm)",
    "all emotions": "all answers (permutation)",
    "composer test": "two composers differ",
}


def draw(generator, people, emotion, level, person_by_group=None):
    """Hits of everybody for every clip, shape (people, clips), and the clips' own true shares, shape (clips,)."""
    ease = level[emotion] + generator.normal(0, CLIP_SPREAD, emotion.size)
    skill = generator.normal(0, PERSON_SPREAD, people)[:, None] + np.zeros(emotion.size)
    if person_by_group is not None:
        skill = skill + generator.normal(0, 0.3, (people, 2))[:, person_by_group]
    hits = generator.random((people, emotion.size)) < logistic(ease + skill)
    return hits, np.array([true_shares(np.array([one]), 0.0, PERSON_SPREAD)[0] for one in ease])


def of_one_study(generator, people, clips, seed):
    """What each interval and test did in one study: name → list of true or false."""
    found = defaultdict(list)
    emotion = np.arange(clips) % EMOTIONS
    participant, clip = np.repeat(np.arange(people), clips), np.tile(np.arange(clips), people)
    for suffix, level in (("", LEVELS["middle"]), (", high", LEVELS["high"])):
        hits, own = draw(generator, people, emotion, level)
        accuracy = measure_accuracy(hits.ravel(), participant, clip, EMOTIONS, strata=emotion[clip])
        truth = true_shares(level, CLIP_SPREAD, PERSON_SPREAD)
        found[f"new clips{suffix}"].append(holds(accuracy.participants_stimuli, truth.mean()))
        found[f"these clips{suffix}"].append(holds(accuracy.participants, own.mean()))
        if not suffix:
            chosen = np.where(hits.ravel(), emotion[clip], (emotion[clip] + 1) % EMOTIONS)
            recognised = recognise_emotions(participant, clip, emotion[clip], chosen, EMOTIONS, replicates=0)
            per_emotion = [own[emotion == code].mean() for code in range(EMOTIONS)]
            found["emotion, these"] += [
                holds(one.these_clips, share) for one, share in zip(recognised, per_emotion, strict=True)
            ]
            found["emotion"] += [
                holds(one.new_clips, share) for one, share in zip(recognised, truth, strict=True) if one.new_clips
            ]
    chosen, participant_2, clip_2 = draw_guesses(generator, people, emotion, LIKED)
    guessed = recognise_emotions(participant_2, clip_2, emotion[clip_2], chosen, EMOTIONS, replicates=199, seed=seed)
    found["emotion test"] += [one.p_value <= 0.05 for one in guessed]
    found["any emotion"].append(any(one.is_recognised for one in guessed))
    table = np.zeros((clips, EMOTIONS), int)
    np.add.at(table, (clip_2, chosen), 1)
    found["all emotions"].append(permute_intentions(table, emotion, replicates=199, seed=seed).p_value <= 0.05)
    compared(found, generator, people, clips)
    for part in PARTS:  # each with numbers of its own, whatever stands before it
        apart = np.random.default_rng((seed, people, clips, *part.__name__.encode()))
        for name, said in part.of_one_study(apart, people, clips, seed).items():
            found[name] += said
    return found


def compared(found, generator, people, clips):
    """Two composers alike in everything, each with half of the clips of the same emotions."""
    emotion, composer = np.arange(clips) // 2 % EMOTIONS, np.arange(clips) % 2
    hits, _ = draw(generator, people, emotion, LEVELS["middle"], composer)
    participant, clip = np.repeat(np.arange(people), clips), np.tile(np.arange(clips), people)
    by = composer[clip]
    difference = compare_shares(hits.ravel(), by == 0, by == 1, participant, clip, strata=emotion[clip])
    if difference.interval:
        found["composers"].append(holds(difference.interval, 0.0))
        found["composer test"].append(difference.p_value <= 0.05)


def holds(interval, truth):
    return interval is not None and interval[0] <= truth <= interval[1]


def measure(people, clips, studies=STUDIES, seed=1):
    """Name → share of studies (and of emotions) in which it held or rejected."""
    generator = np.random.default_rng((seed, people, clips))
    found = defaultdict(list)
    for study in range(studies):
        for name, said in of_one_study(generator, people, clips, study).items():
            found[name] += said
    return {name: float(np.mean(said)) for name, said in found.items() if said}


def table(studies=STUDIES):
    """The table as Markdown."""
    columns = {size: measure(*size, studies) for size in SIZES}
    lines = [
        f"{studies} simulated studies of each size: people × clips, every person hears every clip. Clips differ by .8"
        " and people by .5 on the logit scale; the eight emotions' hit rates go from .22 to .60. A dash: not defined at"
        f" that size (one clip per emotion). From percent agreement on {coverage_of_answers.STUDIES} studies.",
        "",
        "| interval holds the truth (.95) | " + " | ".join(f"{p} × {c}" for p, c in SIZES) + " |",
        "|---|" + "---|" * len(SIZES),
        *(row(label, name, columns) for name, label in labels("INTERVALS").items()),
        "",
        "| test rejects where nothing is (≤ .05) | " + " | ".join(f"{p} × {c}" for p, c in SIZES) + " |",
        "|---|" + "---|" * len(SIZES),
        *(row(label, name, columns) for name, label in labels("TESTS").items()),
    ]
    return "\n".join(lines)


def labels(kind):
    """Name → label of every row, of this module's and the parts'."""
    own = {"INTERVALS": INTERVALS, "TESTS": TESTS}[kind]
    return {**own, **{name: label for part in PARTS for name, label in getattr(part, kind).items()}}


def row(label, name, columns):
    cells = (f"{found[name]:.3f}".lstrip("0") if name in found else "–" for found in columns.values())
    return f"| {label} | " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--write", action="store_true", help="into docs/analysis.md")
    options = parser.parse_args()
    made = table(options.studies)
    print(made)
    if options.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        after = rest.split(END)[1]
        DOCUMENT.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")
        coverage_mixed.write(DOCUMENT, coverage_mixed.table())


if __name__ == "__main__":
    main()
