"""Agreement by listing answers clip by clip; jackknives by leaving each unit out and starting again."""

import math
from collections import Counter, defaultdict
from itertools import combinations, permutations

import numpy as np
from scipy import stats

from tests.survey.recomputed.shares import piece_of, wilson

NAMES = ("percent", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1", "brennan_prediger")


def by_clip(answers):
    """Answers as clip → list; `answers` are (participant, clip, answer)."""
    groups = defaultdict(list)
    for _, clip, answer in answers:
        groups[clip].append(answer)
    return groups


def coefficients(answers, q):
    """All five; None where a division has no answer."""
    clips = by_clip(answers).values()
    several = [given for given in clips if len(given) > 1]
    if not several:
        return dict.fromkeys(NAMES)
    pairs = [np.mean([a == b for a, b in permutations(given, 2)]) for given in several]
    percent = float(np.mean(pairs))
    shares = Counter()
    for given in clips:
        for answer in given:
            shares[answer] += 1 / len(given) / len(clips)
    by_fleiss = sum(share**2 for share in shares.values())
    by_gwet = sum(share * (1 - share) for share in shares.values()) / (q - 1) if q > 1 else 1.0
    return {
        "percent": percent,
        "fleiss_kappa": beyond(percent, by_fleiss),
        "krippendorff_alpha": alpha(several),
        "gwet_ac1": beyond(percent, by_gwet),
        "brennan_prediger": beyond(percent, 1 / q),
    }


def beyond(observed, expected):
    return None if 1 - expected < 1e-12 else (observed - expected) / (1 - expected)


def alpha(clips):
    """From the coincidences of every ordered pair of answers."""
    coincidences, totals = Counter(), Counter()
    for given in clips:
        for a, b in permutations(given, 2):
            coincidences[a, b] += 1 / (len(given) - 1)
        totals.update(given)
    n = sum(totals.values())
    expected = sum(totals[a] * totals[b] for a in totals for b in totals if a != b)
    if not expected:
        return None
    observed = sum(weight for (a, b), weight in coincidences.items() if a != b)
    return 1 - (n - 1) * observed / expected


def jackknife(left, scale):
    """Mean and variance of what leaving each unit out gives, on a scale."""
    moved = [scale(value) for value in left]
    mean, size = sum(moved) / len(moved), len(moved)
    return mean, (size - 1) / size * sum((value - mean) ** 2 for value in moved)


def scales(name, per_clip, q, values):
    """Fisher's z of an intraclass correlation and its inverse; the coefficient itself where a value is at an end."""
    floor = -1 / (per_clip - 1)
    if name == "percent":
        floor = 1 / q + (1 - 1 / q) * floor
    if min(values) <= floor + 1e-12 or max(values) >= 1 - 1e-12:
        return (lambda value: value), (lambda value: value)
    return (
        lambda value: math.atanh((2 * value - 1 - floor) / (1 - floor)),
        lambda z: (1 + floor) / 2 + (1 - floor) / 2 * math.tanh(z),
    )


def ends(name, estimate, z, half, back):
    least = 0.0 if name == "percent" else min(-1.0, estimate)
    low, high = min(back(z - half), estimate), max(back(z + half), estimate)
    return [max(least, low), min(1.0, high)]


def varies(left):
    return len(left) > 1 and None not in left and max(left) - min(left) > 1e-12


def over_one(name, estimate, left, per_clip, q):
    if not varies(left):
        return None
    to, back = scales(name, per_clip, q, [estimate, *left])
    mean, variance = jackknife(left, to)
    size = len(left)
    centre = size * to(estimate) - (size - 1) * mean
    return ends(name, estimate, centre, stats.t.ppf(0.975, size - 1) * math.sqrt(variance), back)


def over_both(name, estimate, people, clips, singles, per_clip, q):
    if not (varies(people) or varies(clips)) or None in [*people, *clips, *singles] or min(len(people), len(clips)) < 2:
        return None
    to, back = scales(name, per_clip, q, [estimate, *people, *clips, *singles])
    (_, by_people), (mean, by_clips), (_, by_single) = (jackknife(left, to) for left in (people, clips, singles))
    variance = max(by_people + by_clips - by_single, by_people, by_clips)
    degrees = variance**2 / (by_people**2 / (len(people) - 1) + by_clips**2 / (len(clips) - 1))
    centre = len(clips) * to(estimate) - (len(clips) - 1) * mean
    return ends(name, estimate, centre, stats.t.ppf(0.975, degrees) * math.sqrt(variance), back)


def among(frame):
    several = list(by_clip(frame[["participant", "stimulus", "chosen"]].to_numpy().tolist()).values())
    pairs = [pair for given in several for pair in combinations(given, 2)]
    several = [given for given in several if len(given) > 1]
    return {
        "units": len(several),
        "answers": sum(map(len, several)),
        "pairs": len(pairs),
        "same": sum(a == b for a, b in pairs),
    }


def measure(frame, q, names=NAMES):
    answers = list(frame[["participant", "stimulus", "chosen"]].itertuples(index=False, name=None))
    values = coefficients(answers, q)
    left = [leave_out(answers, q, units) for units in (list(frame["participant"]), piece_of(frame))]
    single = leave_one_answer(answers, q)
    several = [len(given) for given in by_clip(answers).values() if len(given) > 1]
    per_clip = np.mean(several) if several else None
    found = {}
    for name in names:
        if values[name] is None:
            found[name] = {"estimate": None}
            continue
        people, clips, singles = ([part[name] for part in parts] for parts in (*left, single))
        if leaves_one(answers, piece_of(frame)) and name in ("fleiss_kappa", "krippendorff_alpha"):
            clips = [None, None]  # of the single clip that is left they say nothing
        of_people, of_clips = (over_one(name, values[name], parts, per_clip, q) for parts in (people, clips))
        both = over_both(name, values[name], people, clips, singles, per_clip, q)
        wider = max((one for one in (of_clips, of_people) if one), key=lambda one: one[1] - one[0], default=None)
        spoken_of = "new clips, these people" if wider == of_clips else "new people, these clips"
        found[name] = {
            "estimate": values[name],
            "interval": both or wider,
            "interval_for": "new people and new clips" if both else spoken_of if wider else None,
            "interval_participants": of_people,
            "interval_stimuli": of_clips,
            "interval_participants_stimuli": both,
        }
    return found


def leave_out(answers, q, units):
    """Without the answers of each unit in turn; `units` has the one of every answer."""
    return [
        coefficients([answer for answer, own in zip(answers, units, strict=True) if own != unit], q)
        for unit in sorted(set(units))
    ]


def leaves_one(answers, units):
    """Whether without some piece a single clip with several answers is left, of more."""
    pieces = {clip_name: unit for (_, clip_name, _), unit in zip(answers, units, strict=True)}
    several = [pieces[name] for name, given in by_clip(answers).items() if len(given) > 1]
    return len(several) > 1 and len(several) - 1 in Counter(several).values()


def leave_one_answer(answers, q):
    """Without each answer; equal answers to one clip leave the same behind."""
    known = {}
    for place, (_, clip_name, answer) in enumerate(answers):
        if (clip_name, answer) not in known:
            known[clip_name, answer] = coefficients(answers[:place] + answers[place + 1 :], q)
    return [known[clip_name, answer] for _, clip_name, answer in answers]


def per_choice(frame, choices):
    """Fleiss' κ of each answer against all others."""
    found = {}
    for choice in choices:
        if choice not in set(frame["chosen"]):
            found[choice] = {"estimate": None}
            continue
        folded = frame.assign(chosen=np.where(frame["chosen"] == choice, "it", "other"))
        found[choice] = measure(folded, 2, ("fleiss_kappa",))["fleiss_kappa"]
    return found


def clip(frame, choices):
    """Consensus on one clip."""
    n, counts = len(frame), Counter(frame["chosen"])
    if n == 0:
        return {"n": 0}
    hits = int(frame["hit"].sum())
    pairs = [a == b for a, b in permutations(frame["chosen"], 2)]
    return {
        "n": n,
        "hits": hits,
        "hit_rate": hits / n,
        "modes": [choice for choice in choices if counts[choice] == max(counts.values())],
        "modal_share": max(counts.values()) / n,
        "pairwise_agreement": sum(pairs) / len(pairs) if pairs else None,
        "evenness": sum(c / n * math.log(n / c) for c in counts.values()) / math.log(len(choices)),
        "wilson": wilson(hits / n, n),
    }


def listener(frame, person):
    """How often others who heard the same clip said the same, beside all pairs of those clips."""
    mine = frame[frame["participant"] == person]
    same, everybody = [], []
    for name, answer in zip(mine["stimulus"], mine["chosen"], strict=True):
        given = frame[frame["stimulus"] == name]
        others = given[given["participant"] != person]["chosen"]
        if len(others):
            same.append(float((others == answer).mean()))
            everybody.append(np.mean([a == b for a, b in permutations(given["chosen"], 2)]))
    return {
        "n": len(mine),
        "hit_rate": float(mine["hit"].mean()),
        "agreement": float(np.mean(same)) if same else None,
        "expected": float(np.mean(everybody)) if same else None,
    }
