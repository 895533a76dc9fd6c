"""Yes and no: d′, bias and their intervals, from a data frame with one row per answer."""

import math

import numpy as np
import pandas as pd
from scipy import stats

from tests.survey.recomputed import shares
from tests.survey.recomputed.emotions import holm

phi, z = stats.norm.pdf, stats.norm.ppf


def recompute(everywhere, primary):
    """The result of the measure `detection`; None for a study in which people chose among emotions."""
    if not everywhere["asked_emotion"].any():
        return None
    frame = prepared(primary)
    cell = np.where(
        everywhere["presentation"] == "picture_and_music", everywhere["matching"], everywhere["presentation"]
    )
    cells = {name: whole(prepared(mine)) for name, mine in everywhere.groupby(cell)}
    return {
        "together": whole(frame),
        "emotions": each(frame),
        "cells": cells if len(cells) > 1 else {},
    }


def prepared(frame):
    return pd.DataFrame(
        {
            "person": frame["participant"],
            "piece": shares.piece_of(frame),
            "named": frame["asked_emotion"],
            "target": frame["intended"] == "yes",
            "yes": (frame["chosen"] == "yes").astype(float),
        }
    ).reset_index(drop=True)


def counted(frame):
    target, lure = frame[frame["target"]], frame[~frame["target"]]
    return {
        "targets": len(target),
        "lures": len(lure),
        "clips": target["piece"].nunique(),
        "hits": int(target["yes"].sum()),
        "false_alarms": int(lure["yes"].sum()),
        **({"hit_rate": target["yes"].mean()} if len(target) else {}),
        **({"false_alarm_rate": lure["yes"].mean()} if len(lure) else {}),
    }


def corrected(share, n):
    return (share * n + 0.5) / (n + 1)


def rates_of(frame):
    """named → targets, lures, hit rate, false-alarm rate, Cochran's weight; names of both sorts only."""
    rows = {}
    for name, mine in frame.groupby("named"):
        hits, alarms = mine.loc[mine["target"], "yes"], mine.loc[~mine["target"], "yes"]
        if len(hits) and len(alarms):
            rows[name] = (len(hits), len(alarms), hits.mean(), alarms.mean())
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["t", "l", "h", "f"])
    table["w"] = table["t"] * table["l"] / (table["t"] + table["l"])
    table["w"] /= table["w"].sum()
    return table


def whole(frame):
    found = counted(frame)
    if frame["target"].all():
        return found
    table = rates_of(frame)
    frame = frame[frame["named"].isin(table.index)]
    hit, alarm = (table["w"] * table["h"]).sum(), (table["w"] * table["f"]).sum()
    upper, lower = corrected(hit, table["t"].sum()), corrected(alarm, table["l"].sum())
    d = z(upper) - z(lower)
    of_people, both, degrees = variances(frame, table, d, upper, lower, hit, alarm)
    people = frame["person"].nunique()
    alike = [rate for rate in (hit, alarm) if rate < 1e-12 or rate > 1 - 1e-12]
    silent = of_people < 1e-12 / len(frame)
    if alike or silent:
        rates, fewer = alike or [hit, alarm], min(people, frame["piece"].nunique())
        of_people += one_answer_each(people, *rates)
        both = max(of_people, both + (one_answer_each(fewer, *rates) if alike or both < 1e-12 / len(frame) else 0))
    found |= {"hit_rate": hit, "false_alarm_rate": alarm, "d_prime": d, "criterion": -(z(upper) + z(lower)) / 2}
    return found | inferred(d, of_people, people - 1, both, min(people - 1, degrees))


def one_answer_each(n, *rates):
    """Variance of d′ of n answers to targets and n to lures: beta-binomially p(1 − p)/(n + 1) of a corrected rate."""
    each = [corrected(rate, n) for rate in rates]
    return sum(p * (1 - p) / (n + 1) / phi(z(p)) ** 2 for p in each)


def inferred(d, of_people, people_degrees, both, both_degrees):
    found = {"participants": around(d, of_people, people_degrees)}
    if both_degrees >= 1:
        p = stats.t.sf(d / math.sqrt(both), both_degrees)
        found |= {"participants_stimuli": around(d, both, both_degrees), "p_value": p, "p_holm": p}
    return found


def around(d, variance, degrees):
    return list(stats.t.interval(0.95, degrees, loc=d, scale=math.sqrt(variance)))


def variances(frame, table, d, upper, lower, hit, alarm):
    """Person by person and piece by piece."""
    own = {
        piece: mine.loc[mine["target"], "named"].iloc[0]
        for piece, mine in frame.groupby("piece")
        if mine["target"].any()
    }
    pieces = pd.Series(own).value_counts()
    expected = expected_hits(table, pieces, d, lower)
    single, by_person, as_target, as_lure = [], {}, {}, {}
    for row in frame.itertuples():
        t, n_lures, h, f, w = table.loc[row.named, ["t", "l", "h", "f", "w"]]
        n, rate, middle = (t, h, hit) if row.target else (n_lures, f, alarm)
        scale = w / n / phi(z(upper)) if row.target else -w / n / phi(z(lower))
        moved = scale * (row.yes - rate) * math.sqrt(n / (n - 1)) if n > 1 else scale * (row.yes - middle)
        single.append(moved)
        by_person[row.person] = by_person.get(row.person, 0.0) + moved
        if row.target:
            centre = h if pieces[row.named] > 1 else expected[row.named]
            as_target[row.piece] = as_target.get(row.piece, 0.0) + scale * (row.yes - centre)
        else:
            as_lure[row.piece] = as_lure.get(row.piece, 0.0) + scale * (row.yes - f)
    people, number = len(by_person), frame["piece"].nunique()
    of_people = sum(value**2 for value in by_person.values()) * people / (people - 1)
    of_clips = 0.0
    for piece in set(frame["piece"]):
        s = pieces[own[piece]]
        factor = s / (s - 1) if s > 1 else number / (number - 1)
        one, other = as_target.get(piece, 0.0), as_lure.get(piece, 0.0)
        of_clips += one**2 * factor + other**2 * number / (number - 1) + 2 * one * other * factor
    both = max(of_people + max(of_clips, 0.0) - sum(value**2 for value in single), of_people)
    return of_people, both, number - max(int((pieces > 1).sum()), 1)


def expected_hits(table, pieces, d, lower):
    alarms = (table["f"] * table["l"] + 0.5) / (table["l"] + 1)
    noise = (alarms * (1 - alarms) / (table["l"] + 1) / phi(z(alarms)) ** 2).mean()
    spread = z(alarms).var(ddof=1) if len(alarms) > 1 else 0.0
    worth = max(0.0, 1 - noise / spread) if spread > 0 else 0.0
    expected = pd.Series(stats.norm.cdf(d + z(lower) + worth * (z(alarms) - z(alarms).mean())), table.index)
    alone = table[[pieces.get(name, 0) < 2 for name in table.index]]
    if len(alone):
        gap = (alone["w"] * (alone["h"] - expected[alone.index])).sum() / alone["w"].sum()
        expected = expected + gap
    return expected


def each(frame):
    found = {name: counted(mine) for name, mine in frame.groupby("named")}
    if frame["target"].all():
        return found
    table = rates_of(frame)
    frame = frame[frame["named"].isin(table.index)].copy()
    pieces = frame[frame["target"]].groupby("named")["piece"].nunique()
    people, degrees = frame["person"].nunique(), int((pieces - 1).sum())
    linked = correlations(frame, table, pieces)
    for name in table.index:
        row = table.loc[name]
        upper, lower = corrected(row["h"], row["t"]), corrected(row["f"], row["l"])
        d = z(upper) - z(lower)
        of_people, of_clips = of_one(frame[frame["named"] == name], upper, lower, linked)
        found[name] |= {"d_prime": d, "criterion": -(z(upper) + z(lower)) / 2}
        freedom = min(people - 1, degrees) if degrees else 0
        found[name] |= inferred(d, of_people, people - 1, of_people + of_clips, freedom)
    for name, p in holm({name: one["p_value"] for name, one in found.items() if "p_value" in one}).items():
        found[name]["p_holm"] = p
    return found


def pair_mean(values):
    """Mean product of all ordered pairs within groups of values, and their number."""
    total = sum(group.sum() ** 2 - (group**2).sum() for group in values)
    pairs = sum(len(group) * (len(group) - 1) for group in values)
    return max(0.0, total / pairs) if pairs else 0.0


def correlations(frame, table, pieces):
    standard = []
    for row in frame.itertuples():
        n, rate = table.loc[row.named, ["t", "h"] if row.target else ["l", "f"]]
        sd = math.sqrt(rate * (1 - rate) * (n - 1) / n) if n > 1 else 0.0
        standard.append((row.yes - rate) / sd if sd else 0.0)
    frame = frame.assign(z=standard)
    lures = frame[~frame["target"]]
    person = pair_mean([mine["z"] for _, mine in frame.groupby(["person", "named", "target"])])
    lure = pair_mean([mine["z"] for _, mine in lures.groupby(["piece", "named"])])
    clear = frame[frame["target"] & frame["named"].map(pieces > 1)]
    clip = 0.0
    if len(clear):
        n = clear["named"].map(table["t"])
        sums = (clear["z"] * np.sqrt((n - 1) / n)).groupby(clear["piece"]).sum()
        sizes = clear.groupby("piece").size()
        several = pieces[pieces > 1]
        effect = (sums**2).sum() / sum((s - 1) * table.loc[name, "t"] / s for name, s in several.items())
        beside = (sizes**2).sum() / sizes.sum() - 1
        clip = max(0.0, (effect - 1) / beside) if beside > 0 else 0.0
    total, pairs = 0.0, 0
    for _, mine in frame.groupby(["person", "named"]):
        one, other = mine.loc[mine["target"], "z"], mine.loc[~mine["target"], "z"]
        total, pairs = total + one.sum() * other.sum(), pairs + len(one) * len(other)
    return person, clip, lure, max(0.0, total / pairs) if pairs else 0.0


def of_one(frame, upper, lower, linked):
    person, clip, lure, crossed = linked
    parts = []
    for side, rate in ((True, upper), (False, lower)):
        mine = frame[frame["target"] == side]
        one = rate * (1 - rate) / (len(mine) + 1) / phi(z(rate)) ** 2
        by_person, by_piece = mine.groupby("person").size(), mine.groupby("piece").size()
        parts.append(
            (one, (by_person**2).sum() / len(mine) - 1, (by_piece**2).sum() / len(mine) - 1, by_person, len(mine))
        )
    (h, h_people, h_pieces, h_by, h_n), (f, f_people, f_pieces, f_by, f_n) = parts
    of_people = h * (1 + h_people * person) + f * (1 + f_people * person)
    shared = crossed * h_by.mul(f_by, fill_value=0).sum() / math.sqrt(h_n * f_n)
    of_people = max(of_people - 2 * math.sqrt(h * f) * shared, of_people / 2)
    return of_people, h * h_pieces * clip + f * f_pieces * lure
