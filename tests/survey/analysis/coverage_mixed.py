"""How often the mixed model's intervals hold the truth and its tests reject nothing, by size of the study.

`python -m tests.survey.analysis.coverage_mixed --write` remakes the table of `docs/analysis.md`. Answers are drawn from
normal intercepts here, with no code of the analysis; beside the intervals of the report stand those that lme4's
standard errors and z would give.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np
from scipy.integrate import quad

from survey.analysis.estimates import ALPHA
from survey.analysis.measures import Asked
from survey.analysis.mixed.components import measure_variance_components
from survey.analysis.mixed.model import measure_mixed_model
from survey.analysis.ratings import Factor
from tests.survey.analysis.made import ratings_of

SIZES = [(people, clips) for people in (12, 30, 100) for clips in (8, 16, 24)]
STUDIES = 200
EMOTIONS = tuple("abcdefgh")
LEVELS = np.linspace(-1.5, 0.5, 8)
PERSON_SD, PIECE_SD = 0.5, 0.8
BEGIN, END = "<!-- mixed coverage: begin -->", "<!-- mixed coverage: end -->"
INTERVALS = {
    "marginal": "share of hits of new people and new pieces",
    "average": "share of the average listener and piece",
    "emotion share": "share of one emotion, new people and pieces",
    "emotion": "odds ratio of an emotion",
    "composer": "odds ratio of a composer",
    "people": "standard deviation of people",
    "pieces": "standard deviation of pieces",
    "plain emotion": "*odds ratio of an emotion, lme4's standard error and z*",
    "plain composer": "*odds ratio of a composer, lme4's standard error and z*",
}
TESTS = {"emotion test": "emotions differ (F)", "composer test": "two composers differ (F)"}


def draw(generator, people, clips, levels):
    """A study in which everybody hears every clip; two composers alike in everything, each made half of every emotion.

    With one clip of an emotion chance says who made it, as the emotions' differences are no composer's.
    """
    emotion, composer = np.arange(clips) % 8, (np.arange(clips) // 8 + (np.arange(clips) % 8) // 4) % 2
    if clips == len(EMOTIONS):
        composer = generator.permutation(composer)
    ease = levels[emotion] + generator.normal(0, PIECE_SD, clips)
    logits = generator.normal(0, PERSON_SD, people)[:, None] + ease
    hits = generator.random((people, clips)) < 1 / (1 + np.exp(-logits))
    everybody = np.broadcast_to(emotion, hits.shape)
    return ratings_of(
        people,
        emotion,
        EMOTIONS,
        chosen=np.where(hits, everybody, (everybody + 1) % 8),
        composer=Factor(("x", "y"), composer),
    )


def mean_share(level, spread):
    """E logistic(level + spread × Z)."""
    return quad(lambda z: np.exp(-z * z / 2) / (1 + np.exp(-level - spread * z)), -9, 9)[0] / np.sqrt(2 * np.pi)


MEANS = [mean_share(level, np.hypot(PERSON_SD, PIECE_SD)) for level in LEVELS]
AVERAGE = float(np.mean(1 / (1 + np.exp(-LEVELS))))


def of_one_study(generator, people, clips):
    """Name → what each interval held and each test did."""
    found = defaultdict(list)
    data = draw(generator, people, clips, LEVELS)
    asked = Asked(data, data, data, "", 0, 0)
    model = measure_mixed_model(asked)
    if model.reason:
        return {"no fit": [True]}
    found["marginal"].append(holds(model.marginal_interval, np.mean(MEANS)))
    if model.emotions:  # without them the average piece is one of any emotion
        found["average"].append(holds(model.average_interval, AVERAGE))
    for one in model.emotions:
        found["emotion share"].append(holds(one.interval, MEANS[EMOTIONS.index(one.emotion)]))
    for one in model.effects:
        if one.interval is None or one.factor == "intercept":
            continue
        truth = 0.0
        if one.factor == "emotion":
            truth = LEVELS[EMOTIONS.index(one.level)] - LEVELS[EMOTIONS.index(one.reference)]
        found[one.factor].append(holds(one.interval, np.exp(truth)))
        if one.standard_error is not None:
            found[f"plain {one.factor}"].append(abs(one.log_odds - truth) <= 1.96 * one.standard_error)
    found["composer test"] += [one.p_value <= ALPHA for one in model.tests if one.factor == "composer"]
    for one in measure_variance_components(asked).components:
        truth = {"people": PERSON_SD, "pieces": PIECE_SD}.get(one.source)
        if one.source == "people" or (one.source == "pieces" and model.emotions):
            found[one.source].append(one.interval is not None and holds(one.interval, truth))
    flat = draw(generator, people, clips, np.full(8, -0.5))
    model = measure_mixed_model(Asked(flat, flat, flat, "", 0, 0))
    found["emotion test"] += [one.p_value <= ALPHA for one in model.tests if one.factor == "emotion"]
    return found


def holds(interval, truth):
    return bool(interval[0] <= truth <= interval[1])


def measure(people, clips, studies=STUDIES, seed=1):
    """Name → share of studies (and of emotions) in which it held or rejected."""
    generator = np.random.default_rng((seed, people, clips))
    found = defaultdict(list)
    for _ in range(studies):
        for name, said in of_one_study(generator, people, clips).items():
            found[name] += said
    return {name: float(np.mean(said)) for name, said in found.items() if said}


def table(studies=STUDIES):
    """The table as Markdown."""
    columns = {size: measure(*size, studies) for size in SIZES}
    sizes = " | ".join(f"{p} × {c}" for p, c in SIZES)
    error = f"{np.sqrt(0.95 * 0.05 / studies):.3f}".lstrip("0")
    lines = [
        f"Mixed model: {studies} simulated studies of each size (standard error of a coverage of .95: {error}), people"
        " × clips, all heard by everybody. Intercepts of people are normal with .5, those of clips with .8 on the logit"
        " scale; the emotions' hit rates go from .22 to"
        " .60 (all .40 for their own test), two composers are alike. A dash: with one clip per emotion emotions are no"
        " fixed effect. The lines in italics are not reported.",
        "",
        f"| interval holds the truth (.95) | {sizes} |",
        "|---|" + "---|" * len(SIZES),
        *(row(label, name, columns) for name, label in INTERVALS.items()),
        "",
        f"| test rejects where nothing is (.05) | {sizes} |",
        "|---|" + "---|" * len(SIZES),
        *(row(label, name, columns) for name, label in TESTS.items()),
    ]
    return "\n".join(lines)


def row(label, name, columns):
    cells = (f"{found[name]:.3f}".lstrip("0") if name in found else "–" for found in columns.values())
    return f"| {label} | " + " | ".join(cells) + " |"


def write(document, made):
    text = document.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    document.write_text(f"{before}{BEGIN}\n{made}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def main():
    from tests.survey.analysis.coverage import DOCUMENT

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--write", action="store_true", help="into docs/analysis.md")
    options = parser.parse_args()
    made = table(options.studies)
    print(made)
    if options.write:
        write(DOCUMENT, made)


if __name__ == "__main__":
    main()
