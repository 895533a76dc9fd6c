"""How often intervals of the lens hold the truth of simulated studies; makes the table in docs/analysis.md.

python -m tests.survey.analysis.lens.coverage [--studies 1000] [--write]
"""

import argparse
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from survey.analysis.lens import Answers, measure_lens
from tests.survey.analysis.lens.simulated import draw, truth, truth_of

SIZES = {(12, 16, 16): 4, (20, 32, 16): 6, (60, 32, 16): 6, (60, 96, 16): 6, (100, 96, 24): 6}
"""People, clips, clips that each person hears; and how many cues the equation has."""
ROWS = {
    "validity": "cue validity (ridge weight), new clips",
    "utilisation": "cue utilisation (ridge weight), new people and new clips",
    "achievement": "achievement r_a, new people and new clips",
    "matching": "matching G, new people and new clips",
    "sender": "consistency of the sender R_e, new clips",
    "listener": "consistency of listeners R_s, new people and new clips",
    "unmodelled": "unmodelled agreement C, new people and new clips",
    "idle": "a cue that nobody uses stands out (≤ .05 on either side)",
}
NAMES = ("majorness", "tempo", "melody_register", "dynamics", "articulation", "density")
EMOTIONS = ("one", "two", "three", "four")
DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "analysis.md"
BEGIN, END = "<!-- lens coverage: begin -->\n", "<!-- lens coverage: end -->"


def lens_of(drawn):
    made = drawn.intended[drawn.clip]
    clips = [f"clip {place}" for place in range(len(drawn.cues))]
    answers = Answers(drawn.person, drawn.clip, drawn.clip, made, drawn.chosen, clips, EMOTIONS)
    return measure_lens(answers, NAMES, drawn.cues)


def measure(size, studies, seed=1, **what):
    """Share of intervals that hold the truth, by row; an interval that is missing is left out, and counted."""
    people, clips, each = size
    covariance = truth(round(people * each / clips), **what)
    held, missing = {name: [] for name in ROWS if name != "idle"}, 0
    for study in range(studies):
        found = lens_of(draw(np.random.default_rng([seed, study]), people, clips, each, **what))
        for place, one in enumerate(found.emotions):
            kept = len(found.equation_cues)
            validity, utilisation, terms = truth_of(covariance, place, found.penalty, kept)
            pairs = [
                *(("validity", cue.validity, validity[at]) for at, cue in enumerate(one.cues)),
                *(("utilisation", cue.utilisation, utilisation[at]) for at, cue in enumerate(one.cues)),
                ("achievement", one.achievement, terms["achievement"]),
                ("matching", one.matching, terms["matching"]),
                ("sender", one.sender_consistency, terms["sender"]),
                ("listener", one.listener_consistency, terms["listener"]),
                ("unmodelled", one.unmodelled_agreement, terms["unmodelled"]),
            ]
            for name, number, true in pairs:
                if number.interval is None:
                    missing += 1
                else:
                    held[name].append(number.interval[0] <= true <= number.interval[1])
    return {name: float(np.mean(values)) for name, values in held.items()} | {
        "idle": idle(size, studies, seed)
    }, missing


def idle(size, studies, seed):
    """How often a cue that has nothing to do with emotions, answers and other cues has an interval without 0."""
    people, clips, each = size
    out = []
    for study in range(studies):
        dice = np.random.default_rng([seed, study, 7])
        drawn = draw(dice, people, clips, each)
        drawn.cues[:, 5] = dice.normal(size=clips)
        for one in lens_of(drawn).emotions:
            for number in (one.cues[5].validity, one.cues[5].utilisation):
                out.append(number.interval is not None and (number.interval[0] > 0 or number.interval[1] < 0))
    return float(np.mean(out))


def table(studies):
    columns = {size: measure(size, studies)[0] for size in SIZES}
    lines = [
        f"Lens: {studies:,} simulated studies of each size, four emotions and six correlated cues (people × clips,"
        " each person hearing 16 of them, in the last column 24). Listeners use other cues than the composer; people"
        " and clips have intercepts for every emotion, normal with .5 on the logit scale. The truth is that of"
        " unlimited clips with as many answers each and, of weights, with the penalty that was chosen. Clips 16: the"
        " equation has four cues.",
        "",
        f"| interval holds the truth (.95) | {' | '.join(f'{people} × {clips}' for people, clips, _ in SIZES)} |",
        f"|---{'|---' * len(SIZES)}|",
    ]
    for name, label in ROWS.items():
        shares = (f"{columns[size][name]:.3f}".lstrip("0") for size in SIZES)
        lines.append(f"| {label} | {' | '.join(shares)} |")
    return "\n".join(lines) + "\n"


def read_table(text):
    """Row → shares, in the order of `SIZES`."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return {row[0]: [float(share) for share in row[1:]] for row in cells[2:]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with threadpool_limits(1, user_api="blas"):
        made = table(asked.studies)
    if asked.write:
        page = DOCUMENT.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        DOCUMENT.write_text(f"{before}{BEGIN}{made}{END}{rest.split(END)[1]}", encoding="utf-8")
    print(made)
