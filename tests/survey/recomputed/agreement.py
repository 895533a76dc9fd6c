"""Agreement by listing answers clip by clip; jackknives by leaving each unit out and starting again."""

import math
from collections import Counter, defaultdict
from itertools import permutations

import numpy as np
from scipy import stats

from tests.survey.recomputed.shares import wilson

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


def is_defined(name, answers, value):
    """κ and α need two clips with several answers, and answers that differ."""
    several = [given for given in by_clip(answers).values() if len(given) > 1]
    return value is not None and (name not in ("fleiss_kappa", "krippendorff_alpha") or len(several) > 1)


def jackknife(name, estimate, left_out):
    if len(left_out) < 2 or None in left_out:
        return None
    mean, size = sum(left_out) / len(left_out), len(left_out)
    if max(left_out) - min(left_out) < 1e-12:
        return None
    error = math.sqrt((size - 1) / size * sum((value - mean) ** 2 for value in left_out))
    half = stats.t.ppf(0.975, size - 1) * error
    least = 0.0 if name == "percent" else min(-1.0, estimate)
    return [max(least, estimate - half), min(1.0, estimate + half)]


def measure(frame, q, names=NAMES, over_people=True):
    answers = list(frame[["participant", "stimulus", "chosen"]].itertuples(index=False, name=None))
    values = coefficients(answers, q)
    left = {"interval_stimuli": leave_out(answers, q, 1)}
    left["interval_participants"] = leave_out(answers, q, 0) if over_people else None
    found = {}
    for name in names:
        if not is_defined(name, answers, values[name]):
            found[name] = {"estimate": None}
            continue
        intervals = {
            place: None if parts is None else jackknife(name, values[name], [part[name] for part in parts])
            for place, parts in left.items()
        }
        wider = max((ends for ends in intervals.values() if ends), key=lambda ends: ends[1] - ends[0], default=None)
        found[name] = {"estimate": values[name], "interval": wider, **intervals}
    return found


def leave_out(answers, q, place):
    units = sorted({answer[place] for answer in answers})
    return [coefficients([answer for answer in answers if answer[place] != unit], q) for unit in units]


def per_choice(frame, choices):
    """Fleiss' κ of each answer against all others."""
    found = {}
    for choice in choices:
        if choice not in set(frame["chosen"]):
            found[choice] = {"estimate": None}
            continue
        folded = frame.assign(chosen=np.where(frame["chosen"] == choice, "it", "other"))
        found[choice] = measure(folded, 2, ("fleiss_kappa",), over_people=False)["fleiss_kappa"]
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
