"""What people said beside their choice: from matrices of all answers, pair by pair, person by person."""

import math
import unicodedata
from collections import Counter

import numpy as np
import pandas as pd
from scipy import stats

from tests.survey.recomputed import shares

FEWEST, MOST = 2, 8


def recompute(pack, frame):
    frame = frame.assign(piece=shares.piece_of(frame))
    found = {
        "rated": {name: scale(pack, frame, axis, name) for axis, name in enumerate(("valence", "arousal"))},
        "words": words(pack, frame),
        "confidence": confidence_of_cells(pack, frame),
        "times": times(frame),
    }
    if found["rated"] == {"valence": None, "arousal": None}:
        found["rated"] = None
    else:
        found["rated"]["places"] = places(frame)
    return found


def places(frame):
    """Every rating of both scales, counted at the nearest tenth."""
    both = frame[frame["valence"].notna() & frame["arousal"].notna()]
    found = Counter(zip((10 * both["valence"]).round(), (10 * both["arousal"]).round(), strict=True))
    return [{"valence": v / 10, "arousal": a / 10, "n": n} for (v, a), n in sorted(found.items())]


def scale(pack, frame, axis, name):
    given = frame[frame[name].notna()].assign(y=lambda f: f[name])
    if given.empty:
        return None
    own = {emotion: places[axis] for emotion, places in pack.coordinates.items()}
    order = [item["stimulus"] for item in pack.stimuli]
    by_clip = dict(list(given.groupby("stimulus")))
    return {
        "n": len(given),
        "participants": given["participant"].nunique(),
        "emotions": emotions(given, pack.emotions, own),
        "clips": [clip(by_clip[name], own) for name in order if name in by_clip],
        "correlation": correlation(given, own),
        "reliability": reliability(given),
    }


def cut(mean, half):
    return [max(-1.0, mean - half), min(1.0, mean + half)]


def clip(given, own):
    y, n = given["y"], len(given)
    found = {
        "n": n,
        "participants": n,
        "clips": 1,
        "mean": y.mean(),
        "median": y.median(),
        "intended": own[given["intended"].iloc[0]],
    }
    if n > 1:
        found |= {"sd": y.std(), "these_clips": cut(y.mean(), stats.t.ppf(0.975, n - 1) * stats.sem(y))}
    return found


def components(given, strata):
    """Henderson's first method with every projection written out; Σ over strata of quadratic forms and their traces."""
    squares, traces = np.zeros(3), np.zeros((3, 3))
    for _, part in given.groupby(strata):
        y, n = part["y"].to_numpy(), len(part)
        sides = [pd.get_dummies(part[name]).to_numpy(float) for name in ("participant", "piece")]
        mean = np.full((n, n), 1 / n)
        forms = [side @ np.linalg.inv(side.T @ side) @ side.T - mean for side in sides] + [np.eye(n) - mean]
        squares += [y @ form @ y for form in forms]
        traces += [[*(np.trace(form @ side @ side.T) for side in sides), np.trace(form)] for form in forms]
    people, pieces, rest = np.linalg.solve(traces, squares)
    return people, pieces, max(rest, 0.0)


def emotions(given, names, own):
    sizes = given.groupby("intended")["piece"].nunique()
    per_piece = (len(given) - sum_of_squares(given, "piece")) / (sizes.sum() - len(sizes)) if sizes.max() > 1 else None
    _, pieces, rest = components(given, given["intended"]) if sizes.max() > 1 else (None, None, None)
    found = []
    for name in names:
        mine = given[given["intended"] == name]
        place = {"n": len(mine), "participants": mine["participant"].nunique(), "clips": mine["piece"].nunique()}
        place["intended"] = own[name]
        if len(mine):
            place |= {"mean": (mean := mine["y"].mean()), "median": mine["y"].median()}
            if len(mine) > 1:
                place["sd"] = mine["y"].std()
        if place["participants"] > 1:
            of_people, free = within_pieces(mine), place["participants"] - 1
            place["these_clips"] = cut(mean, stats.t.ppf(0.975, free) * math.sqrt(of_people))
            if per_piece is not None:
                together = sum(len(part) ** 2 for _, part in mine.groupby("piece")) / len(mine) ** 2
                between = max(pieces, 0.0)
                variance = of_people + between * together
                doubt = of_people**2 / free
                doubt += ((between + rest / per_piece) * together) ** 2 / (sizes.sum() - len(sizes))
                half = stats.t.ppf(0.975, max(1.0, variance**2 / doubt)) * math.sqrt(variance)
                place["new_clips"] = cut(mean, half)
        found.append(place)
    return found


def sum_of_squares(given, column):
    """Σ n² / n of its emotion."""
    return sum(len(part) ** 2 / len(mine) for _, mine in given.groupby("intended") for _, part in mine.groupby(column))


def within_pieces(mine):
    sums = Counter()
    for _, part in mine.groupby("piece"):
        n = len(part)
        for person, y in zip(part["participant"], part["y"], strict=True):
            away = y - (part["y"].mean() if n > 1 else mine["y"].mean())
            sums[person] += away * math.sqrt(n / (n - 1)) if n > 1 else away
    return sum(value**2 for value in sums.values()) / len(mine) ** 2


def correlation(given, own):
    means = given.groupby("piece")["y"].mean()
    meant = given.groupby("piece")["intended"].first().map(own)
    if len(means) < 4:
        return {"clips": len(means)}
    found = stats.pearsonr(means, meant)
    return {"estimate": found.statistic, "interval": list(found.confidence_interval(0.95)), "clips": len(means)}


def reliability(given):
    n, people, pieces = len(given), given["participant"].nunique(), given["piece"].nunique()
    free = n - people - pieces + 1
    if free < 1:
        return {}
    of_people, of_pieces, rest = components(given, np.zeros(n))
    per_piece, per_person = given["piece"].value_counts(), given["participant"].value_counts()
    single = max(0.0, of_pieces / (of_people + of_pieces + rest))
    k = (n - (per_piece**2).sum() / n) / (pieces - 1)
    m = (n - (per_person**2).sum() / n) / (people - 1)
    raters = stats.hmean(per_piece)
    ends = shrout_fleiss(max(of_pieces, 0.0), of_people, rest, k, m, (pieces - 1, people - 1, free), single)
    parts = np.maximum([of_people, of_pieces, rest], 0)
    return {
        "single": single,
        "single_interval": ends,
        "mean": brown(single, raters),
        "mean_interval": [brown(end, raters) for end in ends],
        "raters": raters,
        **dict(zip(("people_share", "clips_share", "rest_share"), parts / parts.sum(), strict=True)),
    }


def brown(single, raters):
    return 1 / (1 + (1 / single - 1) / raters) if single > 0 else 0.0


def shrout_fleiss(of_pieces, of_people, rest, k, m, free, rho):
    """Ends of ICC(2,1) from F = (MS_pieces / expected under ρ), solved for ρ."""
    ms_pieces, ms_people = rest + k * of_pieces, max(rest + m * of_people, 0.0)
    a, b = k * rho / (m * (1 - rho)), 1 + k * rho * (m - 1) / (m * (1 - rho))
    df = (a * ms_people + b * rest) ** 2 / ((a * ms_people) ** 2 / free[1] + (b * rest) ** 2 / free[2])
    single = (ms_people - rest) / m + rest
    ends = []
    for f in (stats.f.ppf(0.975, free[0], df), 1 / stats.f.ppf(0.975, df, free[0])):
        clips = (ms_pieces / f - rest) / k
        ends.append(min(1.0, max(0.0, clips / (clips + single))))
    return ends


def words(pack, frame):
    def plain(text):
        text = unicodedata.normalize("NFKC", text)
        return unicodedata.normalize("NFKC", " ".join(text.split()).casefold())

    given = frame.assign(word=frame["word"].map(plain)).query("word != ''")
    if given.empty:
        return None
    read = {
        c["slug"]: {plain(t) for t in (c["slug"], c["label"], *c["labels"].values())} for c in pack.study["choices"]
    }
    return {
        "n": len(given),
        "participants": given["participant"].nunique(),
        "distinct": given["word"].nunique(),
        "emotions": [words_of(given[given["intended"] == name], read[name]) for name in pack.emotions],
    }


def words_of(mine, own):
    people, named = mine["participant"].nunique(), mine[mine["word"].isin(own)]["participant"].nunique()
    several = [
        (len(part), part["participant"].nunique(), word)
        for word, part in mine.groupby("word")
        if part["participant"].nunique() >= FEWEST
    ]
    shown = sorted(several, key=lambda item: (-item[0], -item[1], item[2]))[:MOST]
    found = {"n": len(mine), "participants": people, "own_label": named}
    if people:
        found["own_label_share"] = named / people
    found["words"] = [{"n": n, "participants": by} for n, by, _ in shown]
    return found | {"others": len(mine) - sum(n for n, _, _ in shown)}


def over_people(values, ends_at=None, turn=float):
    known = [value for value in values if value is not None]
    found = {"participants": len(known), "left_out": len(values) - len(known)}
    if not known:
        return found
    found["estimate"] = turn(float(np.mean(known)))
    if len(known) > 1 and ends_at:
        found["interval"] = bounded(known, *ends_at)
    elif len(known) > 1 and np.ptp(known) > 1e-9:
        ends = stats.t.interval(0.95, len(known) - 1, np.mean(known), stats.sem(known))
        found["interval"] = [turn(float(end)) for end in ends]
    return found


def presented(frame):
    """What the participant got, by the emotions of picture and music: the cells' names in a report."""
    picture, music = frame["picture_emotion"], frame["music_emotion"]
    names = np.where(picture == music, "matched", "mismatched")
    return np.where(picture == "", "music_only", np.where(music == "", "picture_only", names))


def confidence_of_cells(pack, frame):
    found, cells = confidence(pack, frame), dict(list(pack.main.groupby(presented(pack.main))))
    if found is None:
        return None
    each = {name: confidence(pack, mine.assign(piece=shares.piece_of(mine))) for name, mine in cells.items()}
    return found | {"cells": {name: one for name, one in each.items() if one} if len(cells) > 1 else {}}


def bounded(known, least, most):
    """Where |mean − p| is t standard errors, those of p(1 − p) / effective people; as roots of the quadratic in p."""
    shares_of = (np.array(known) - least) / (most - least)
    p, n = shares_of.mean(), len(known)
    if np.ptp(shares_of) > 1e-9:
        n, t = p * (1 - p) / stats.sem(shares_of) ** 2, stats.t.ppf(0.975, n - 1)
    else:
        t = stats.norm.ppf(0.975)
    ends = np.roots([1 + t**2 / n, -(2 * p + t**2 / n), p**2]).real
    return [float(least + (most - least) * end) for end in sorted(ends)]


def confidence(pack, frame):
    given = frame[frame["confidence"].notna()]
    if given.empty:
        return None
    aurocs, gammas = [], []
    for _, mine in given.groupby("participant"):
        right, wrong = (mine[mine["hit"] == hit]["confidence"].tolist() for hit in (1, 0))
        signs = [np.sign(a - b) for a in right for b in wrong]
        shows = any(signs)
        aurocs.append((np.mean(signs) + 1) / 2 if shows else None)
        gammas.append(sum(signs) / sum(map(abs, signs)) if shows else None)
    steps = []
    for level, part in given.groupby("confidence"):
        found = shares.accuracy(part, len(pack.choices), strata=None)
        step = {"level": level, **{name: found[name] for name in ("n", "hits", "estimate")}}
        steps.append(step | {"these_clips": found["participants"], "new_clips": found["participants_stimuli"]})
    return {
        "n": len(given),
        "participants": given["participant"].nunique(),
        "steps": steps,
        "auroc2": over_people(aurocs, (0, 1)),
        "gamma": over_people(gammas, (-1, 1)),
    }


def times(frame):
    given = frame[frame["seconds"] > 0]
    logs = []
    for _, mine in given.groupby("participant"):
        right, wrong = (np.log(mine[mine["hit"] == hit]["seconds"]) for hit in (1, 0))
        logs.append(float(wrong.mean() - right.mean()) if len(right) and len(wrong) else None)
    return {
        "n": len(given),
        "participants": given["participant"].nunique(),
        **{name: quartiles(given[given["hit"] == hit]) for name, hit in (("right", 1), ("wrong", 0))},
        "ratio": over_people(logs, turn=math.exp),
    }


def quartiles(given):
    found = {"n": len(given), "participants": given["participant"].nunique()}
    if len(given):
        of_people = given.groupby("participant")["seconds"]
        shares_of = {"lower": 0.25, "median": 0.5, "upper": 0.75}
        found |= {name: of_people.quantile(share).mean() for name, share in shares_of.items()}
    return found
