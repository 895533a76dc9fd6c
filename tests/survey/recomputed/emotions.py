"""Confusions, scores per emotion with the unbiased hit rate's test, response bias, reliability of people."""

import math
from collections import Counter

import numpy as np
from scipy import stats

from tests.survey.recomputed.shares import accuracy, t_interval, two_way


def confusion(frame, emotions, choices):
    counts = Counter(zip(frame["intended"], frame["chosen"], strict=True))
    return [[counts[i, j] for j in choices] for i in emotions]


def row_shares(counts):
    return [[cell / sum(row) if sum(row) else None for cell in row] for row in counts]


def scores(frame, emotions, k):
    found = {emotion: one_emotion(frame, emotion, k) for emotion in emotions}
    adjusted = holm({name: score["p_value"] for name, score in found.items() if score.get("p_value") is not None})
    return {name: {**score, "p_holm": adjusted.get(name)} for name, score in found.items()}


def one_emotion(frame, emotion, k):
    mine = frame[frame["intended"] == emotion]
    r, c = len(mine), int((frame["chosen"] == emotion).sum())
    hits = int(mine["hit"].sum())
    recall = accuracy(mine, k)
    return {
        "n": r,
        "hits": hits,
        "recall": {name: recall.get(name) for name in ("estimate", "wilson", "participants", "participants_stimuli")},
        "precision": hits / c if c else None,
        "f1": 2 * hits / (r + c) if r + c else None,
        "hu": None if not r else hits**2 / (r * c) if c else 0.0,
        "hu_chance": r * c / len(frame) ** 2 if r else None,
        **unbiased(frame, emotion),
    }


def unbiased(frame, emotion):
    """Each listener's Hu against own chance: paired t on arcsine roots."""
    hu, hp = [], []
    for _, mine in frame.groupby("participant"):
        r, c = (mine["intended"] == emotion).sum(), (mine["chosen"] == emotion).sum()
        x = ((mine["intended"] == emotion) & (mine["chosen"] == emotion)).sum()
        if r:
            hu.append(x * x / (r * c) if c else 0.0)
            hp.append(r * c / len(mine) ** 2)
    if not hu:
        return {"hu_participants": {"mean": None, "chance": None, "participants": 0}, "t": None, "p_value": None}
    own = {"mean": float(np.mean(hu)), "chance": float(np.mean(hp)), "participants": len(hu)}
    roots = [[math.asin(math.sqrt(value)) for value in values] for values in (hu, hp)]
    if len(hu) < 2 or np.ptp(np.subtract(*roots)) < 1e-12:
        return {"hu_participants": own, "t": None, "p_value": None}
    test = stats.ttest_rel(*roots)
    return {"hu_participants": own, "t": float(test.statistic), "p_value": float(test.pvalue)}


def holm(p_values):
    adjusted, largest = {}, 0.0
    for rank, name in enumerate(sorted(p_values, key=p_values.get)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[name]))
        adjusted[name] = largest
    return adjusted


def bias(frame, choices):
    n, chosen, intended = len(frame), Counter(frame["chosen"]), Counter(frame["intended"])
    return {
        choice: {
            "n": chosen[choice],
            "share": chosen[choice] / n if n else None,
            "intended_share": intended[choice] / n if n else None,
            "ratio": chosen[choice] / intended[choice] if intended[choice] else None,
        }
        for choice in choices
    }


def confusions(frame):
    """Every wrong answer by its share of the intended emotion's answers."""
    rows = Counter(frame["intended"])
    return {
        (i, j): {"n": n, "share": n / rows[i]}
        for (i, j), n in Counter(zip(frame["intended"], frame["chosen"], strict=True)).items()
        if i != j
    }


def people(frame):
    """Gold, repeats, time, of everything answered."""
    included = frame.groupby("participant")["included"].first()
    gold = frame[frame["trial_kind"] == "gold"]
    first = frame[frame["trial_kind"] != "repeat"].set_index(["participant", "stimulus"])["chosen"].to_dict()
    again = frame[frame["trial_kind"] == "repeat"]
    same = [
        float(first[p, s] == chosen)
        for p, s, chosen in zip(again["participant"], again["stimulus"], again["chosen"], strict=True)
    ]
    return {
        "included": int(included.sum()),
        "excluded": int((~included).sum()),
        "gold": over_people(gold["hit"].tolist(), gold["participant"].tolist()),
        "repeats": over_people(same, again["participant"].tolist()),
        "median_seconds": float(frame["seconds"].median()),
        "median_confidence": float(frame["confidence"].median()),
    }


def over_people(hits, persons):
    n = len(hits)
    if n == 0:
        return {"estimate": None, "n": 0}
    mean = sum(hits) / n
    variance, _, _, groups, _ = two_way([(hit - mean) / n for hit in hits], persons, persons)
    return {"estimate": mean, "n": n, "interval": t_interval(mean, variance, groups - 1, groups)}
