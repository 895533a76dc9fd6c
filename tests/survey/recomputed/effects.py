"""Differences: between levels of a factor, between picture and music, and from the seed study."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from tests.survey.recomputed.emotions import holm
from tests.survey.recomputed.shares import piece_of, two_way, wilson

PLANNED_MARGIN = 0.10


def tests_of(difference, variance, degrees, margin):
    """Interval, two-sided p, TOST and power of a difference from its variance."""
    if degrees < 1 or math.sqrt(variance) < 1e-12:
        return {"p_value": None}
    error = math.sqrt(variance)
    half = stats.t.ppf(0.975, degrees) * error
    critical, centre = stats.t.ppf(0.975, degrees), margin / error
    power = stats.nct.sf(critical, degrees, centre) + stats.nct.cdf(-critical, degrees, centre)
    one_sided = [stats.t.sf((margin - difference) / error, degrees), stats.t.sf((margin + difference) / error, degrees)]
    return {
        "interval": [max(-1.0, difference - half), min(1.0, difference + half)],
        "error": error,
        "degrees": degrees,
        "p_value": 2 * stats.t.sf(abs(difference) / error, degrees),
        "equivalence_p": max(one_sided),
        "power": min(1.0, max(0.05, power)),
    }


def compare(frame, factor, a, b, margin):
    """Emotion by emotion, then averaged; each group's pieces with their own variance, Satterthwaite's degrees."""
    sides = [frame[frame[factor] == level] for level in (a, b)]
    common = sorted(set(sides[0]["intended"]) & set(sides[1]["intended"]))
    if not common:
        return {"n_a": 0, "n_b": 0, "margin": margin, "degrees": 0.0, "p_value": None}
    sides = [side[side["intended"].isin(common)] for side in sides]
    means = [side.groupby("intended")["hit"].mean() for side in sides]
    share_a, share_b = (float(mean.mean()) for mean in means)
    found = {"n_a": len(sides[0]), "n_b": len(sides[1]), "share_a": share_a, "share_b": share_b, "margin": margin}
    found |= {"difference": share_a - share_b, "degrees": 0.0, "p_value": None}
    if min(side["piece"].nunique() for side in sides) < 4:
        return found
    clips = of_pieces(sides, means, len(common))
    influence = [
        sign
        * (side["hit"] - side["intended"].map(mean))
        / side.groupby("intended")["hit"].transform("size")
        / len(common)
        for sign, side, mean in zip((1, -1), sides, means, strict=True)
    ]
    both = pd.concat(sides)
    people, pieces, together, n_people, _ = two_way(pd.concat(influence), both["participant"], both["piece"])
    variance = sum(value for value, _ in clips)
    total = max(people + variance - max(people + pieces - together, 0.0), people, variance)
    degrees = total**2 / (sum(v**2 / df for v, df in clips) + people**2 / (n_people - 1))
    return found | tests_of(share_a - share_b, total, degrees, margin)


def of_pieces(sides, means, emotions):
    """Variance between pieces with its degrees of freedom, for groups that share no piece."""
    free = [side["piece"].nunique() - emotions for side in sides]
    if min(free) >= (max(3, emotions - 1) if emotions >= 4 else 3):
        return [within_emotions(side, emotions, df) for side, df in zip(sides, free, strict=True)]
    if emotions >= 4:
        return [(float((means[0] - means[1]).var(ddof=1)) / emotions, emotions - 1.0)]
    found = []
    for side, mean in zip(sides, means, strict=True):
        weight = 1 / side.groupby("intended")["hit"].transform("size") / emotions
        moved = ((side["hit"] - mean.mean()) * weight).groupby(side["piece"]).sum()
        found.append((float((moved**2).sum()) * len(moved) / (len(moved) - 1), len(moved) - 1.0))
    return found


def within_emotions(side, emotions, degrees):
    squares = counted = left = 0.0
    for _, mine in side.groupby("intended"):
        part = mine.groupby("piece").size() / len(mine)
        squares += float((part * (mine.groupby("piece")["hit"].mean() - mine["hit"].mean()) ** 2).sum())
        counted += float((part**2).sum())
        left += 1 - float((part**2).sum())
    return squares / left * counted / emotions**2, float(degrees)


def comparisons(frame, factor, levels, margin):
    """Every pair of levels that occur, in order; Holm over the family."""
    frame = frame.assign(piece=piece_of(frame))
    occurring = [level for level in levels if level and level in set(frame[factor])]
    family = {(factor, a, b): compare(frame, factor, a, b, margin) for a, b in combinations(occurring, 2)}
    return with_holm(family)


def with_holm(family):
    adjusted = holm({name: found["p_value"] for name, found in family.items() if found["p_value"] is not None})
    return {name: {**found, "p_holm": adjusted.get(name)} for name, found in family.items()}


def sources(frame, margin):
    """What the picture and the music do, emotion by emotion, from the four cells."""
    picture, music = frame["picture_emotion"], frame["music_emotion"]
    seen, heard = picture != "", music != ""
    cells = {
        "matched": frame[seen & heard & (picture == music)],
        "mismatched": frame[seen & heard & (picture != music)],
        "picture only": frame[seen & ~heard],
        "music only": frame[heard & ~seen],
    }
    family = {
        "music": contrast(cells["matched"], cells["mismatched"], "picture_emotion", margin),
        "picture": contrast(cells["matched"], cells["mismatched"], "music_emotion", margin),
        "dominance": dominance(cells["mismatched"], margin),
        "music_added": contrast(cells["matched"], cells["picture only"], "picture_emotion", margin),
        "picture_added": contrast(cells["matched"], cells["music only"], "music_emotion", margin),
    }
    return with_holm(family)


def contrast(a, b, target, margin):
    """Share choosing the target, a − b; emotions weighted by n_a n_b / (n_a + n_b)."""
    sides = [side.assign(y=(side["chosen"] == side[target]).astype(float), aim=side[target]) for side in (a, b)]
    sizes = [side["aim"].value_counts() for side in sides]
    weights = {
        emotion: n * sizes[1][emotion] / (n + sizes[1][emotion])
        for emotion, n in sizes[0].items()
        if emotion in sizes[1]
    }
    found = {"n_a": len(a), "n_b": len(b), "margin": margin, "degrees": 0, "p_value": None}
    if not weights:
        return found
    whole = sum(weights.values())
    weights = {emotion: weight / whole for emotion, weight in weights.items()}
    parts, shares = [], []
    for side, sign in zip(sides, (1, -1), strict=True):
        side = side[side["aim"].isin(weights)]
        means = side.groupby("aim")["y"].mean()
        shares.append(sum(weight * means[emotion] for emotion, weight in weights.items()))
        parts.append(influences(side, sign, weights, means, shares[-1]))
    found |= {"share_a": shares[0], "share_b": shares[1], "difference": shares[0] - shares[1]}
    return found | widest(pd.concat(parts), found["difference"], margin)


def influences(side, sign, weights, means, share):
    """Influence of each answer, plain and as it counts between clips.

    s clips of an emotion show (s − 1)/s of their spread; a single one none, so that the spread around the overall
    share stands in.
    """
    n, clips = side["aim"].value_counts(), side.groupby("aim")["stimulus"].nunique()
    plain, between = [], []
    for aim, y in zip(side["aim"], side["y"], strict=True):
        scale, s = sign * weights[aim] / n[aim], clips[aim]
        plain.append(scale * (y - means[aim]))
        between.append(scale * (y - means[aim]) * math.sqrt(s / (s - 1)) if s > 1 else scale * (y - share))
    return side.assign(plain=plain, between=between)


def dominance(frame, margin):
    music, picture = ((frame["chosen"] == frame[name]).astype(float) for name in ("music_emotion", "picture_emotion"))
    n = len(frame)
    found = {"n_a": n, "n_b": n, "margin": margin, "degrees": 0, "p_value": None}
    if not n:
        return found
    y = music - picture
    found |= {"share_a": music.mean(), "share_b": picture.mean(), "difference": y.mean()}
    return found | widest(frame.assign(plain=(y - y.mean()) / n, between=(y - y.mean()) / n), y.mean(), margin)


def widest(frame, difference, margin):
    """Tests from the largest variance over people × (items, pictures, sounds)."""
    variances, degrees = [], []
    for column in ("stimulus", "picture_sha256", "audio_sha256"):
        people, clips, both, n_people, n_clips = two_way(frame["plain"], frame["participant"], frame[column])
        _, between, _, _, _ = two_way(frame["between"], frame["participant"], frame[column])
        overlap = max(people + clips - both, 0.0)
        variances += [people + between - overlap, both, between]
        degrees.append(min(n_people, n_clips) - 1)
    return tests_of(difference, max(variances), min(degrees), margin)


def beside_seed_study(accuracy, k):
    """π of ours less 11/18, the interval from both intervals (MOVER)."""

    def index(share):
        return share * (k - 1) / (1 + share * (k - 2))

    seed, ours = 11 / 18, index(accuracy["estimate"])
    ends, theirs = [index(end) for end in accuracy["participants_stimuli"]], wilson(seed, 18)
    return {
        "seed": {"hits": 11, "n": 18, "estimate": seed, "wilson": theirs, "choices": 2},
        "ours": ours,
        "difference": ours - seed,
        "interval": [
            ours - seed - np.hypot(ours - ends[0], theirs[1] - seed),
            ours - seed + np.hypot(ends[1] - ours, seed - theirs[0]),
        ],
    }
