"""Differences: between levels of a factor, between picture and music, and from the seed study."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from tests.survey.recomputed.emotions import holm
from tests.survey.recomputed.shares import piece_of, two_way, wilson

PLANNED_MARGIN = 0.10
FEWEST_PEOPLE = 5


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
    return compare_sides([frame[frame[factor] == level] for level in (a, b)], margin)


def compare_sides(sides, margin):
    """The same for two frames with hit, intended, participant, piece and perhaps other (a second kind of piece)."""
    common = sorted(set(sides[0]["intended"]) & set(sides[1]["intended"]))
    if not common:
        return {"n_a": 0, "n_b": 0, "margin": margin, "degrees": 0.0, "p_value": None}
    sides = [side[side["intended"].isin(common)] for side in sides]
    means = [side.groupby("intended")["hit"].mean() for side in sides]
    share_a, share_b = (float(mean.mean()) for mean in means)
    found = {"n_a": len(sides[0]), "n_b": len(sides[1]), "share_a": share_a, "share_b": share_b, "margin": margin}
    found |= {"difference": share_a - share_b, "degrees": 0.0, "p_value": None}
    kinds = [name for name in ("piece", "other") if name in sides[0]]
    if min(side[kind].nunique() for side in sides for kind in kinds) < 4:
        return found
    clips = of_pieces(sides, means, len(common))
    both = pd.concat([moved(side, mean, sign) for side, mean, sign in zip(sides, means, (1, -1), strict=True)])
    of_all, pieces, together, n_people, _ = two_way(both["moved"], both["participant"], both["piece"])
    listeners = [(of_all, n_people - 1)]
    if not set(sides[0]["participant"]) & set(sides[1]["participant"]):
        if min(side["participant"].nunique() for side in sides) < FEWEST_PEOPLE:
            return found
        listeners = [between_people(side, mean) for side, mean in zip(sides, means, strict=True)]
    people, variance = (sum(value for value, _ in parts) for parts in (listeners, clips))
    total = max(people + variance - max(of_all + pieces - together, 0.0), people, variance)
    degrees = total**2 / sum(v**2 / df for v, df in [*clips, *listeners])
    return found | tests_of(share_a - share_b, total, degrees, margin)


def between_people(side, centre):
    """Variance of one side's mean for new people, and its degrees of freedom."""
    side = moved(side, centre)
    counted = 1 / side.groupby("intended")["hit"].transform("size") / side["intended"].nunique()
    weights = counted.groupby(side["participant"]).sum().to_numpy()
    return corrected((side.groupby("participant")["moved"].sum() ** 2).sum(), weights)


def corrected(squares, weights):
    """Bell and McCaffrey: what a sum of squares around a weighted mean is expected to be, from its matrix."""
    around = weights[:, None] * (np.eye(len(weights)) - weights)
    form = around.T @ around
    expected = np.trace(form)
    return squares * (weights @ weights) / expected, expected**2 / np.trace(form @ form)


def moved(side, centre, sign=1):
    """Influence of every answer on the difference; `centre` is one number, or one per emotion."""
    of = side["intended"].map(centre) if isinstance(centre, pd.Series) else centre
    size = side.groupby("intended")["hit"].transform("size") * side["intended"].nunique()
    return side.assign(moved=sign * (side["hit"] - of) / size)


def of_pieces(sides, means, emotions):
    """Variance between pieces with its degrees of freedom."""
    shared = len(set(sides[0]["piece"]) & set(sides[1]["piece"]))
    if shared:
        return [of_themselves(sides, means, emotions, shared)]
    free = [side["piece"].nunique() - emotions for side in sides]
    if min(free) >= (max(3, emotions - 1) if emotions >= 4 else 3):
        return [within_emotions(side, emotions, df) for side, df in zip(sides, free, strict=True)]
    if emotions >= 4:
        return [(float((means[0] - means[1]).var(ddof=1)) / emotions, emotions - 1.0)]
    found = []
    for side, mean in zip(sides, means, strict=True):
        sums = moved(side, mean.mean()).groupby("piece")["moved"].sum()
        found.append((float((sums**2).sum()) * len(sums) / (len(sums) - 1), len(sums) - 1.0))
    return found


def of_themselves(sides, means, emotions, shared):
    """Pieces heard on both sides: their two influences add up first; then what a second kind of piece shares more."""
    number = len(set(sides[0]["piece"]) | set(sides[1]["piece"]))
    free, centres = number - emotions, means
    if free < 3:
        free, centres = number - 1, [mean.mean() for mean in means]
    both = pd.concat([moved(side, centre, sign) for side, centre, sign in zip(sides, centres, (1, -1), strict=True)])
    variance = float((both.groupby("piece")["moved"].sum() ** 2).sum()) * number / free
    if "other" in both:
        together, apart = (
            float((both.groupby(keys)["moved"].sum() ** 2).sum()) for keys in (["other"], ["piece", "other"])
        )
        variance += max(0.0, (together - apart) * number / free)
    return variance, float(min(free, max(shared - 1, 1)))


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
    names = {"picture": ["picture_sha256", "stimulus"], "music": ["cue_piece", "audio_sha256", "stimulus"]}
    for name, columns in names.items():
        known = frame.reindex(columns=columns, fill_value="").itertuples(index=False, name=None)
        frame = frame.assign(**{name: [next(filter(None, one)) for one in known]})
    picture, music = frame["picture_emotion"], frame["music_emotion"]
    seen, heard = picture != "", music != ""
    matched = frame[seen & heard & (picture == music)]
    mismatched = frame[seen & heard & (picture != music)]
    family = {
        "music": hold("picture", "music", matched, mismatched, margin),
        "picture": hold("music", "picture", matched, mismatched, margin),
        "dominance": dominance(mismatched, margin),
        "music_added": hold("picture", "music", matched, frame[seen & ~heard], margin),
        "picture_added": hold("music", "picture", matched, frame[heard & ~seen], margin),
    }
    return with_holm(family)


def hold(held, changed, a, b, margin):
    """Share choosing the emotion of the source that is held, a − b."""
    if not (len(a) and len(b)):
        return {"n_a": len(a), "n_b": len(b), "margin": margin, "degrees": 0.0, "p_value": None}
    return compare_sides([as_hits(side, f"{held}_emotion", held, changed) for side in (a, b)], margin)


def as_hits(frame, target, piece, other, strata=None):
    hit = (frame["chosen"] == frame[target]).astype(float)
    return frame.assign(hit=hit, intended=frame[strata or target], piece=frame[piece], other=frame[other])


def dominance(frame, margin):
    """Every answer on both sides: is it the music's emotion, is it the picture's."""
    if not len(frame):
        return {"n_a": 0, "n_b": 0, "margin": margin, "degrees": 0.0, "p_value": None}
    targets = ("music_emotion", "picture_emotion")
    return compare_sides([as_hits(frame, target, "music", "picture", "music_emotion") for target in targets], margin)


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
