"""What the finding depends on: leaving out, halves, groups of people, rules, missing answers, the plan's measure."""

import json
import math
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy import stats

from tests.survey.recomputed import emotions, shares
from tests.survey.recomputed.effects import compare, corrected
from tests.survey.recomputed.emotions import holm
from tests.survey.recomputed.shares import piece_of

FACTS = ("headphones", "listened_with", "training", "age", "language", "device")
LOOKED_AT = 20
FEWEST_PEOPLE = 5


def rate(frame, k):
    if not len(frame):
        return {"participants": 0, "n": 0}
    found = shares.accuracy(frame, k)
    return {
        "participants": frame["participant"].nunique(),
        "n": len(frame),
        "estimate": found["estimate"],
        "interval": found["participants_stimuli"],
        "these_clips": found["participants"],
    }


def place(interval, k):
    """Above chance, below, or around it."""
    return None if interval is None else int(interval[0] > 1 / k) - int(interval[1] < 1 / k)


def leaving_out(frame, k):
    frame = frame.assign(piece=shares.piece_of(frame))
    return {"clips": one_less(frame, "piece", k), "people": one_less(frame, "participant", k)}


def one_less(frame, column, k):
    whole, units = rate(frame, k), {}
    for unit, mine in frame.groupby(column):
        others = frame[frame[column] != unit]
        units[unit] = {
            "name": unit,
            "n": len(mine),
            "estimate": others["hit"].mean(),
            "change": others["hit"].mean() - frame["hit"].mean(),
            "frame": others,
            "first": min(mine["order"]) if column == "piece" else unit,
            "stimulus": mine.loc[mine["order"].idxmin(), "stimulus"] if column == "piece" else unit,
        }
    if len(units) < 3:
        return {"units": len(units)}
    moves = sorted(units.values(), key=lambda one: (-round(abs(one["change"]), 12), one["stimulus"]))[:LOOKED_AT]
    changes = {}
    for one in moves:
        one["interval"] = rate(one.pop("frame"), k)["interval"]
        one["elsewhere"] = place(one["interval"], k) != place(whole["interval"], k)
    keep = ("n", "estimate", "change", "interval")
    for one in moves:
        if one["elsewhere"]:
            changes[one["stimulus"]] = {name: one[name] for name in keep}
    return {
        "units": len(units),
        "low": min(one["estimate"] for one in units.values()),
        "high": max(one["estimate"] for one in units.values()),
        "most": {name: moves[0][name] for name in keep},
        "changes": changes,
    }


def halves(frame):
    """Person by person; the variance over people is that of a mean of differences."""
    frame = frame.assign(piece=shares.piece_of(frame))
    parts = []
    for person, mine in frame.sort_values("position", kind="stable").groupby("participant"):
        half = len(mine) // 2
        if half:
            parts.append(mine.iloc[:half].assign(sign=-1.0, person=person, size=half))
            parts.append(mine.iloc[len(mine) - half :].assign(sign=1.0, person=person, size=half))
    both = pd.concat(parts)
    rates = both.groupby(["person", "sign"])["hit"].mean().unstack()
    n = len(rates)
    found = {"participants": n, "n": len(both)}
    if n < FEWEST_PEOPLE:
        return found
    first, second = rates[-1.0].mean(), rates[1.0].mean()
    difference = second - first
    centre = both["sign"].map({-1.0: first, 1.0: second})
    influence = both["sign"] * (both["hit"] - centre) / both["size"] / n
    of_pieces, pieces = shares.cluster_variance(influence, [both["piece"]])
    of_cells, _ = shares.cluster_variance(influence, [both["participant"], both["piece"]])
    people, more = float((rates[1.0] - rates[-1.0]).var(ddof=1)) / n, max(of_pieces - of_cells, 0.0)
    degrees = (people + more) ** 2 / (people**2 / (n - 1) + more**2 / (pieces - 1))
    error = math.sqrt(people + more)
    wide, narrow = stats.t.ppf(0.975, degrees) * error, stats.t.ppf(0.975, n - 1) * math.sqrt(people)
    return found | {
        "first": first,
        "second": second,
        "difference": difference,
        "interval": [difference - wide, difference + wide],
        "these_clips": [difference - narrow, difference + narrow],
        "degrees": degrees,
        "p_value": 2 * stats.t.sf(abs(difference) / error, degrees),
    }


def facts_of(person):
    headphones = json.loads(person["headphones"] or "{}").get("passed")
    background = json.loads(person["background"] or "{}")
    return {
        "headphones": "" if headphones is None else "passed" if headphones else "not passed",
        "listened_with": background.get("listened_with", ""),
        "training": background.get("musical_training", ""),
        "age": background.get("age_band", ""),
        "language": person["language"],
        "device": person["device"],
    }


def people_groups(frame, people, k):
    known = {person["participant"]: facts_of(person) for person in people}
    frame = frame.assign(piece=shares.piece_of(frame))
    groups, unknown, family = {}, {}, {}
    for fact in FACTS:
        level = frame["participant"].map(lambda name, fact=fact: known[name][fact])
        names = sorted(set(level) - {""})
        if len(names) < 2:
            continue
        groups[fact] = {name: rate(frame[level == name], k) for name in names}
        unknown[fact] = frame[level == ""]["participant"].nunique()
        enough = [name for name in names if groups[fact][name]["participants"] >= FEWEST_PEOPLE]
        for a, b in combinations(enough, 2):
            family[fact, a, b] = welch(frame[level == a], frame[level == b])
    if not groups:
        return None
    adjusted = holm({name: one["p_value"] for name, one in family.items() if one["p_value"] is not None})
    return {
        "groups": groups,
        "unknown": unknown,
        "differences": {name: one | {"p_holm": adjusted.get(name)} for name, one in family.items()},
    }


def welch(a, b):
    """Piece by piece with Mantel and Haenszel's weights; each side's people around their side's weighted mean."""
    sizes = [side.groupby("piece").size() for side in (a, b)]
    both = sizes[0].index.intersection(sizes[1].index)
    if not len(both):
        return {"difference": None, "p_value": None}
    a, b = (side[side["piece"].isin(both)] for side in (a, b))
    if min(side["participant"].nunique() for side in (a, b)) < FEWEST_PEOPLE:
        return {"difference": None, "p_value": None}
    importance = 1 / (1 / sizes[0][both] + 1 / sizes[1][both])
    importance /= importance.sum()
    parts = []
    for side in (a, b):
        mean = (side.groupby("piece")["hit"].mean() * importance).sum()
        counted = side["piece"].map(importance) / side.groupby("piece")["hit"].transform("size")
        people = side.assign(counted=counted, moved=counted * (side["hit"] - mean)).groupby("participant")
        squares, weights = (people["moved"].sum() ** 2).sum(), people["counted"].sum().to_numpy()
        parts.append((mean, *corrected(squares, weights)))
    difference, variance = parts[0][0] - parts[1][0], parts[0][1] + parts[1][1]
    degrees = variance**2 / sum(v**2 / df for _, v, df in parts)
    half = stats.t.ppf(0.975, degrees) * math.sqrt(variance)
    return {
        "difference": difference,
        "interval": [difference - half, difference + half],
        "degrees": degrees,
        "p_value": 2 * stats.t.sf(abs(difference) / math.sqrt(variance), degrees),
    }


def by_rules(people):
    """People with a reason that is not a researcher's."""
    reasons = {person["participant"]: [one for one in person["verdict"].split("|") if one] for person in people}
    return {name for name, given in reasons.items() if any(not one.startswith("by hand: ") for one in given)}


def rules_applied(frame, pack, k, scores_of_all):
    if frame["included"].all():
        return None
    out = by_rules(pack.people)
    kept = {"everybody": frame, "included": frame[frame["included"]]}
    left = set(frame["participant"]) & out
    if left and set(frame[~frame["included"]]["participant"]) - out:
        kept["rules"] = frame[~frame["participant"].isin(out)]
    found = {}
    for name, mine in kept.items():
        scores = scores_of_all if name == "everybody" else emotions.scores(mine, pack.emotions, k)
        tested = [one["p_holm"] for one in scores.values() if one.get("p_holm") is not None]
        found[name] = {"rate": rate(mine, k), "tested": len(tested)}
        if tested:
            found[name]["recognised"] = sum(p < 0.05 for p in tested)
    return found


def primary(pack, cell, k):
    plan = pack.study["analysis_plan"]
    complete = sum(person["outcome"] == "complete" for person in pack.people)
    found = {"complete": complete}
    if "planned_n" in plan:
        found["planned_n"] = plan["planned_n"]
    if not (plan.get("primary_measure") or plan.get("primary_cell")):
        return found if plan or pack.study["exclusion_rules"] else {}
    out = by_rules(pack.people) if pack.study["exclusion_rules"] else set()
    if plan.get("primary_cell") == "new_targets":
        return found | new_and_old(pack, out)
    return found | {
        **rate(cell[~cell["participant"].isin(out)], k),
        "left_out": len(set(cell["participant"]) & out),
        "chance": 1 / k,
    }


def new_and_old(pack, out):
    """New − old targets, emotion by emotion, by the sides in stimuli.csv; `out` are people left out by rules."""
    side = {item["stimulus"]: item["side"] for item in pack.stimuli}
    frame = pack.counted.assign(side=pack.counted["stimulus"].map(side))
    frame = frame[frame["side"].isin(["old", "new"]) & frame["intended"].isin(pack.emotions)]
    kept = frame[~frame["participant"].isin(out)]
    if kept["presentation"].nunique() > 1:
        kept = kept.assign(intended=kept["intended"] + " " + kept["presentation"] + " " + kept["matching"])
    kept = kept.assign(piece=piece_of(kept))
    again = compare(kept, "side", "new", "old", 0.1)
    return {
        "participants": kept["participant"].nunique(),
        "left_out": len(set(frame["participant"]) & out),
        "n": again["n_a"] + again["n_b"],
        "estimate": again["difference"],
        **{name: again[name] for name in ("interval", "share_a", "share_b", "p_value", "degrees") if again.get(name)},
    }


def missing_answers(pack):
    stimuli = {item["stimulus"]: item for item in pack.stimuli}
    trials = pd.DataFrame([row for row in pack.assignment if row["trial_kind"] == "main"])
    trials = trials.assign(
        gone=trials["answered_at"] == "",
        order=trials["position"].astype(int),
        cell=trials["stimulus"].map(lambda name: stimuli[name]["condition"]),
        emotion=trials["stimulus"].map(lambda name: stimuli[name]["emotion"]),
    )
    if not trials["gone"].any():
        return None
    trials["left"] = trials["gone"] & (trials["order"] == trials.groupby("participant")["order"].transform("max"))
    trials["likely"] = trials.groupby("participant")["gone"].transform("mean")
    lacking = trials[trials["gone"]]
    clips = {name: of_clip(mine) for name, mine in trials.groupby("stimulus")}
    adjusted = holm({name: one["p_value"] for name, one in clips.items() if one["p_value"] is not None})
    tests = {f"{name}_test": between(trials, column) for name, column in (("cells", "cell"), ("emotions", "emotion"))}
    corrected = holm({name: one["p_value"] for name, one in tests.items() if one})
    return {
        "given": len(trials),
        "missing": len(lacking),
        "people": lacking["participant"].nunique(),
        "of_people": trials["participant"].nunique(),
        "left": int(trials["left"].sum()),
        "cells": levels(trials, "cell"),
        "emotions": levels(trials, "emotion"),
        "clips": {
            name: one | {"p_holm": adjusted.get(name)} for name, one in clips.items() if one["trials"]["missing"]
        },
        **{name: one and one | {"p_holm": corrected[name]} for name, one in tests.items()},
    }


def counted(mine):
    return {
        "given": len(mine),
        "missing": int(mine["gone"].sum()),
        "share": mine["gone"].mean(),
        "left": int(mine["left"].sum()),
        "expected": mine["likely"].sum(),
    }


def levels(trials, column):
    found = {name: counted(mine) for name, mine in trials.groupby(column)}
    return found if len(found) > 1 else {}


def of_clip(mine):
    """P(as many or more): every way in which those who missed something elsewhere or here might have."""
    chances = [chance for chance in mine["likely"] if chance > 0]
    observed = int(mine["gone"].sum())
    if chances and min(chances) >= 1:
        return {"trials": counted(mine), "p_value": None}
    total = 0.0
    for ways in product((0, 1), repeat=len(chances)):
        if sum(ways) >= observed:
            total += math.prod(c if way else 1 - c for c, way in zip(chances, ways, strict=True))
    return {"trials": counted(mine), "p_value": min(1.0, total)}


def between(trials, column):
    """Σ over people of observed less expected, in the metric of Σ of their covariances; without the last level."""
    names = sorted(set(trials[column]))
    if len(names) < 2:
        return {}
    beyond, covariance, events = np.zeros(len(names)), np.zeros((len(names), len(names))), 0
    for _, mine in trials.groupby("participant"):
        n, m = len(mine), int(mine["gone"].sum())
        if not 0 < m < n or mine[column].nunique() < 2:
            continue
        events += m
        part = np.array([(mine[column] == name).mean() for name in names])
        beyond += np.array([(mine[column] == name)[mine["gone"]].sum() for name in names]) - m * part
        covariance += m * (n - m) / (n - 1) * (np.diag(part) - np.outer(part, part))
    if events < 2 * len(names):
        return {}
    met = np.diag(covariance) > 1e-12
    met[np.flatnonzero(met)[-1]] = False
    statistic = beyond[met] @ np.linalg.solve(covariance[np.ix_(met, met)], beyond[met])
    return {"statistic": statistic, "degrees": int(met.sum()), "p_value": stats.chi2.sf(statistic, met.sum())}
