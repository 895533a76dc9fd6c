"""How often intervals of the lens hold the truth of simulated studies; makes the table in docs/analysis.md.

python -m tests.survey.analysis.lens.coverage [--studies 1000] [--write]
"""

import argparse
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from survey.analysis.lens import Answers, measure_lens
from survey.analysis.lens.equation import equation_of
from survey.analysis.lens.moments import moments_of
from survey.analysis.lens.weights import ridge_weights
from tests.survey.analysis.lens.simulated import EIGHT, FOUR, draw, truth, truth_of

SIZES = {
    (12, 16, 16): FOUR,
    (20, 32, 16): FOUR,
    (60, 32, 16): FOUR,
    (60, 96, 16): FOUR,
    (60, 32, 17): EIGHT,
    (60, 96, 17): EIGHT,
    (60, 240, 24): EIGHT,
}
"""People, clips, clips that each person hears."""
SIDES = {
    "validity": "cue validity (ridge weight), new clips",
    "utilisation": "cue utilisation (ridge weight), new people and new clips",
}
TERMS = {
    "achievement": "achievement r_a, new people and new clips",
    "matching": "matching G, new people and new clips",
    "sender": "consistency of the sender R_e, new clips",
    "listener": "consistency of listeners R_s, new people and new clips",
    "unmodelled": "unmodelled agreement C, new people and new clips",
}
IDLE = "a cue that nobody uses stands out on a side (.05)"
FIELDS = {"sender": "sender_consistency", "listener": "listener_consistency", "unmodelled": "unmodelled_agreement"}
DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "analysis.md"
BEGIN, END = "<!-- lens coverage: begin -->\n", "<!-- lens coverage: end -->"


def lens_of(drawn, world):
    names = [f"clip {place}" for place in range(len(drawn.cues))]
    emotions = [f"emotion {place}" for place in range(world.emotions)]
    answers = Answers(drawn.person, drawn.clip, drawn.clip, drawn.intended[drawn.clip], drawn.chosen, names, emotions)
    return measure_lens(answers, world.names, drawn.cues)


def measure(size, studies, seed=1):
    """Share of intervals that hold the truth by row, and the share that could not be given."""
    (people, clips, each), world = size, SIZES[size]
    covariance = truth(round(people * each / clips), world)
    held = {name: [] for name in (*SIDES, *TERMS)}
    for study in range(studies):
        found = lens_of(draw(np.random.default_rng([seed, study]), people, clips, each, world), world)
        for place, one in enumerate(found.emotions):
            *weights, terms = truth_of(covariance, world, place, found.penalty, len(found.equation_cues))
            for side, true in zip(SIDES, weights, strict=True):
                held[side] += [holds(getattr(cue, side), at) for cue, at in zip(one.cues, true, strict=True)]
            for name, true in terms.items():
                held[name].append(holds(getattr(one, FIELDS.get(name, name)), true))
    shares = {name: np.mean([value for value in values if value is not None]) for name, values in held.items()}
    missing = {name: np.mean([value is None for value in values]) for name, values in held.items()}
    return shares | {"idle": idle(size, studies, seed)}, missing


def holds(number, true):
    return None if number.interval is None else bool(number.interval[0] <= true <= number.interval[1])


def idle(size, studies, seed=1):
    """How often a cue that has nothing to do with emotions, answers and other cues has an interval without 0."""
    (people, clips, each), world = size, SIZES[size]
    cue, out = world.ranked[-1], []
    for study in range(studies):
        dice = np.random.default_rng([seed, study, 7])
        drawn = draw(dice, people, clips, each, world)
        drawn.cues[:, cue] = dice.normal(size=clips)  # people answered to the cue that was there
        for one in lens_of(drawn, world).emotions:
            out += [holds(side, 0.0) is False for side in (one.cues[cue].validity, one.cues[cue].utilisation)]
    return np.mean(out)


def bootstrap(size, studies, replicates=300, seed=1):
    """What is not done: percentile intervals of people and clips drawn together; share that hold the truth."""
    (people, clips, each), world = size, SIZES[size]
    covariance = truth(round(people * each / clips), world)
    held = []
    for study in range(studies):
        dice = np.random.default_rng([seed, study])
        drawn = draw(dice, people, clips, each, world)
        found = lens_of(drawn, world)
        kept = np.array([world.names.index(name) for name in found.equation_cues])
        made = (drawn.intended[:, None] == np.arange(world.emotions)).astype(float)
        rounds = [_resampled(dice, drawn, made, people, found.penalty, kept) for _ in range(replicates)]
        low, high = np.nanquantile(rounds, [0.025, 0.975], axis=0)
        for place in range(world.emotions):
            validity, utilisation, terms = truth_of(covariance, world, place, found.penalty, len(kept))
            true = np.concatenate([validity, utilisation, list(terms.values())])
            inside = (low[place] <= true) & (true <= high[place])
            sides = np.split(inside, [world.cues, 2 * world.cues])
            held.append([sides[0].mean(), sides[1].mean(), *sides[2]])
    return dict(zip((*SIDES, *TERMS), np.mean(held, axis=0), strict=True))


def _resampled(dice, drawn, made, people, penalty, kept):
    times = np.bincount(dice.integers(0, people, people), minlength=people)[drawn.person].astype(float)
    counts = np.zeros(made.shape)
    np.add.at(counts, (drawn.clip, drawn.chosen), times)
    emotions = range(made.shape[1])
    own = [np.flatnonzero(drawn.intended == emotion) for emotion in emotions]
    rows = np.concatenate([dice.choice(clips, len(clips)) for clips in own])
    rows = rows[counts[rows].sum(axis=1) > 0]
    shares = counts[rows] / counts[rows].sum(axis=1, keepdims=True)
    moments = moments_of(drawn.cues[rows], made[rows], shares)
    weights, terms = ridge_weights(moments, penalty), equation_of(moments.only(kept))
    columns = np.stack([getattr(terms, name)[0] for name in TERMS], axis=1)
    return np.concatenate([weights.validity[0], weights.utilisation[0], columns], axis=1)


def table(studies):
    columns = {size: measure(size, studies)[0] for size in SIZES}
    heads = [f"{people} × {clips}{' (19)' if world is EIGHT else ''}" for (people, clips, _), world in SIZES.items()]
    lines = [
        f"Lens: {studies:,} simulated studies of each size (people × clips), each person hearing 16 of the clips; the"
        " composer and listeners use other cues, people and clips lean to emotions of their own (each normal with .5 on"
        " the logit scale). Four emotions and six cues that correlate with .35; (19): eight emotions and nineteen cues,"
        " 17 or, of 240 clips, 24 heard. The truth is that of unlimited clips with as many answers each and, of"
        " weights, with the penalty that was chosen. With 16 clips the equation has four cues.",
        "",
        f"| interval holds the truth (.95) | {' | '.join(heads)} |",
        f"|---{'|---' * len(SIZES)}|",
    ]
    for name, label in (SIDES | TERMS | {"idle": IDLE}).items():
        lines.append(f"| {label} | {' | '.join(f'{columns[size][name]:.3f}'.lstrip('0') for size in SIZES)} |")
    return "\n".join(lines) + "\n"


def read_table(text):
    """Row → share by size."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return {row[0]: dict(zip(SIZES, map(float, row[1:]), strict=True)) for row in cells[2:]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with threadpool_limits(1, user_api="blas"):
        made = table(asked.studies)
        compared = bootstrap((60, 32, 16), 200)
    if asked.write:
        page = DOCUMENT.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        DOCUMENT.write_text(f"{before}{BEGIN}{made}{END}{rest.split(END)[1]}", encoding="utf-8")
    print(made, compared)
