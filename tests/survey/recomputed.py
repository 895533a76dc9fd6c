"""A second implementation: the report's numbers from an export pack, with nothing of the project's statistics.

Plain loops and pandas, slow on purpose; it shares no line with `survey.analysis`.
"""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
from collections import Counter, defaultdict
from itertools import permutations

import pandas as pd
from scipy import stats


def read_pack(path):
    with zipfile.ZipFile(path) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("responses_long.csv").decode("utf-8-sig"))))
        study = json.loads(archive.read("study.json"))
    return [row for row in rows if row["trial_kind"] == "main"], [choice["slug"] for choice in study["choices"]]


def recompute(path):
    rows, choices = read_pack(path)
    return {
        "n": {
            "responses": len(rows),
            "participants": len({row["participant"] for row in rows}),
            "stimuli": len({row["stimulus"] for row in rows}),
        },
        "accuracy": accuracy(rows, choices),
        "confusion": confusion(rows, choices),
        "emotions": {emotion: one_emotion(rows, emotion) for emotion in choices if emotion != "none"},
        "agreement": agreement(rows, choices),
        "stimuli": {name: one_clip(group, choices) for name, group in by(rows, "stimulus").items()},
    }


def by(rows, key):
    groups = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


def hit(row):
    return 1.0 if row["chosen"] == row["intended"] else 0.0


def wilson(hits, n):
    z = stats.norm.ppf(0.975)
    p = hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return [max(0.0, centre - half), min(1.0, centre + half)]


def clustered(rows, keys):
    mean = sum(map(hit, rows)) / len(rows)
    sums = defaultdict(float)
    for row in rows:
        sums[tuple(row[key] for key in keys)] += hit(row) - mean
    groups = len(sums)
    return groups / (groups - 1) * sum(value**2 for value in sums.values()) / len(rows) ** 2, groups


def accuracy(rows, choices):
    n, hits = len(rows), sum(map(hit, rows))
    people, n_people = clustered(rows, ["participant"])
    clips, n_clips = clustered(rows, ["stimulus"])
    cells, _ = clustered(rows, ["participant", "stimulus"])
    both = max(people + clips - cells, people, clips)
    return {
        "estimate": hits / n,
        "chance": 1 / len(choices),
        "wilson": wilson(hits, n),
        "participants": around(hits / n, people, n_people - 1),
        "participants_stimuli": around(hits / n, both, min(n_people, n_clips) - 1),
        "p_value": float(stats.binom.sf(hits - 1, n, 1 / len(choices))),
    }


def around(mean, variance, degrees):
    half = stats.t.ppf(0.975, degrees) * math.sqrt(variance)
    return [max(0.0, mean - half), min(1.0, mean + half)]


def confusion(rows, choices):
    counts = Counter((row["intended"], row["chosen"]) for row in rows)
    return [[counts[i, j] for j in choices] for i in choices if i != "none"]


def one_emotion(rows, emotion):
    hits = sum(row["intended"] == row["chosen"] == emotion for row in rows)
    intended = sum(row["intended"] == emotion for row in rows)
    chosen = sum(row["chosen"] == emotion for row in rows)
    return {
        "n": intended,
        "hits": hits,
        "recall": hits / intended,
        "precision": hits / chosen if chosen else None,
        "f1": 2 * hits / (intended + chosen),
        "hu": hits**2 / (intended * chosen) if chosen else 0.0,
        "hu_chance": intended * chosen / len(rows) ** 2,
        "p": unbiased_p(rows, emotion),
    }


def unbiased_p(rows, emotion):
    a, b = [], []
    for mine in by(rows, "participant").values():
        r = sum(row["intended"] == emotion for row in mine)
        c = sum(row["chosen"] == emotion for row in mine)
        x = sum(row["intended"] == row["chosen"] == emotion for row in mine)
        if r:
            a.append(math.asin(math.sqrt(x * x / (r * c) if c else 0.0)))
            b.append(math.asin(math.sqrt(r * c / len(mine) ** 2)))
    return float(stats.ttest_rel(a, b).pvalue)


def agreement(rows, choices):
    frame = pd.DataFrame(rows)
    table = pd.crosstab(frame["stimulus"], frame["chosen"]).reindex(columns=choices, fill_value=0)
    m = table.sum(axis=1)
    several = table[m >= 2]
    ms = m[m >= 2]
    percent = ((several * (several - 1)).sum(axis=1) / (ms * (ms - 1))).mean()
    shares = table.div(m, axis=0).mean()
    q = len(choices)
    return {
        "percent": percent,
        "fleiss_kappa": beyond(percent, (shares**2).sum()),
        "gwet_ac1": beyond(percent, (shares * (1 - shares)).sum() / (q - 1)),
        "brennan_prediger": beyond(percent, 1 / q),
        "krippendorff_alpha": alpha_from_pairs(rows),
    }


def beyond(observed, expected):
    return (observed - expected) / (1 - expected)


def alpha_from_pairs(rows):
    """By listing every ordered pair of answers, as the definition of the coincidence matrix says."""
    coincidences = Counter()
    for group in by(rows, "stimulus").values():
        answers = [row["chosen"] for row in group]
        for a, b in permutations(range(len(answers)), 2):
            coincidences[answers[a], answers[b]] += 1 / (len(answers) - 1)
    totals = Counter()
    for (a, _), weight in coincidences.items():
        totals[a] += weight
    n = sum(totals.values())
    disagreement = sum(weight for (a, b), weight in coincidences.items() if a != b)
    expected = sum(totals[a] * totals[b] for a in totals for b in totals if a != b) / (n - 1)
    return 1 - disagreement / expected


def one_clip(rows, choices):
    counts = Counter(row["chosen"] for row in rows)
    n = len(rows)
    pairs = [rows[a]["chosen"] == rows[b]["chosen"] for a, b in permutations(range(n), 2)]
    return {
        "n": n,
        "hits": sum(map(hit, rows)),
        "modes": sorted(name for name, count in counts.items() if count == max(counts.values())),
        "pairwise_agreement": sum(pairs) / len(pairs) if pairs else None,
        "evenness": -sum(c / n * math.log(c / n) for c in counts.values()) / math.log(len(choices)),
        "wilson": wilson(sum(map(hit, rows)), n),
    }


def holm(p_values):
    names = sorted(p_values, key=p_values.get)
    adjusted, largest = {}, 0.0
    for rank, name in enumerate(names):
        largest = max(largest, min(1.0, (len(names) - rank) * p_values[name]))
        adjusted[name] = largest
    return adjusted
