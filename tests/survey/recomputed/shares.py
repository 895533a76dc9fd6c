"""Hit rates: one proportion, clustered intervals, bootstrap, permutation, folds, course."""

import math

import numpy as np
import pandas as pd
from scipy import stats

REPLICATES = 2000


def wilson(share, n):
    z = stats.norm.ppf(0.975)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return [max(0.0, centre - half), min(1.0, centre + half)]


def cluster_variance(influence, groups):
    """Σ of squared sums per group, times G/(G − 1)."""
    sums = pd.Series(np.asarray(influence)).groupby([np.asarray(group) for group in groups]).sum()
    factor = len(sums) / (len(sums) - 1) if len(sums) > 1 else 1.0
    return float((sums**2).sum()) * factor, len(sums)


def two_way(influence, people, clips):
    """Variances over people, over clips, over both; numbers of people and clips."""
    by_people, n_people = cluster_variance(influence, [people])
    by_clips, n_clips = cluster_variance(influence, [clips])
    by_cells, _ = cluster_variance(influence, [people, clips])
    return by_people, by_clips, max(by_people + by_clips - by_cells, by_people, by_clips), n_people, n_clips


def score_interval(share, n, quantile):
    """Where |p̂ − p| = quantile·√(p(1 − p)/n): the roots of the quadratic, not Wilson's closed form."""
    a, b, c = 1 + quantile**2 / n, -2 * share - quantile**2 / n, share**2
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return [0.0 if share == 0 else (-b - root) / (2 * a), 1.0 if share == 1 else (-b + root) / (2 * a)]


def t_interval(estimate, variance, degrees, instead_of):
    """Score interval of as many independent answers as give this variance; with no spread of `instead_of`."""
    if degrees < 1:
        return None
    if variance < 1e-18:
        return wilson(estimate, instead_of)
    return score_interval(estimate, estimate * (1 - estimate) / variance, stats.t.ppf(0.975, degrees))


def degrees_of(number, sizes, means=1):
    """number − means, less where a few of `sizes` are most of all answers (Satterthwaite)."""
    if number <= means:
        return 0
    return max(1.0, (number - means) / number * (sizes**2.0).sum() ** 2 / (sizes**4.0).sum())


def piece_of(frame):
    """What new ones could be made of: the piece in variants, the sound, without one the picture, else the stimulus."""
    names = ["cue_piece", "audio_sha256", "picture_sha256", "stimulus"]
    known = frame.reindex(columns=names, fill_value="")  # only packs say what is a variant
    return [
        varied or (f"sound {sound}" if sound else f"picture {picture}" if picture else stimulus)
        for varied, sound, picture, stimulus in known.itertuples(index=False, name=None)
    ]


def spread_within(frame, strata):
    """Variance for new people and new pieces, degrees of freedom; pieces within their emotion where they have one."""
    n, pieces = len(frame), frame["piece"]
    share = frame["hit"].mean()
    by_people, _, both, n_people, n_pieces = two_way((frame["hit"] - share) / n, frame["participant"], pieces)
    answers, heard = frame.groupby("participant").size(), frame.groupby("piece").size()
    per_stratum = frame.groupby(strata)["piece"].nunique()
    if len(per_stratum) < 2 or per_stratum.min() < 2 or frame.groupby("piece")[strata].nunique().max() > 1:
        return by_people, both, min(degrees_of(n_people, answers), degrees_of(n_pieces, heard))
    inside = (frame["hit"] - frame.groupby(strata)["hit"].transform("mean")) / n
    people, clips, _, _, _ = two_way(inside, frame["participant"], pieces)
    cells = cluster_variance(inside, [frame["participant"], pieces])[0]
    clips *= (n_pieces - 1) / n_pieces * n_pieces / (n_pieces - len(per_stratum))
    return (
        by_people,
        max(people + clips - cells, people, clips, by_people),
        min(degrees_of(n_people, answers), degrees_of(n_pieces, heard, len(per_stratum))),
    )


def accuracy(frame, k, strata="intended"):
    """Everything but bootstrap, permutation and the answers without "none"."""
    n = len(frame)
    if n == 0:
        return {"n": 0, "hits": 0, "chance": 1 / k}
    hits = int(frame["hit"].sum())
    share = hits / n
    frame = frame.assign(piece=piece_of(frame))
    n_people, n_clips = frame["participant"].nunique(), frame["piece"].nunique()
    people, both, degrees = spread_within(frame, strata) if strata else spread_within(frame.assign(one=1), "one")
    return {
        "estimate": share,
        "n": n,
        "hits": hits,
        "chance": 1 / k,
        "wilson": wilson(share, n),
        "participants": t_interval(share, people, degrees_of(n_people, frame.groupby("participant").size()), n_people),
        "participants_stimuli": t_interval(share, both, degrees, min(n_people, n_clips)),
        "p_value": stats.binomtest(hits, n, 1 / k, alternative="greater").pvalue,
        "p_value_two_sided": stats.binomtest(hits, n, 1 / k).pvalue,
        "proportion_index": share * (k - 1) / (1 + share * (k - 2)),
    }


def whole_accuracy(frame, k, has_none):
    found = accuracy(frame, k)
    if has_none:
        found["excluding_none"] = accuracy(frame[frame["chosen"] != "none"], k - 1)
    return found


def bootstrap(frame, seed=99):
    """Percentile interval of the people × clips bootstrap, and the replicates' standard deviation."""
    frame = frame.assign(stimulus=piece_of(frame))
    ones, hits = (
        frame.pivot_table(index="participant", columns="stimulus", values="hit", aggfunc=how, fill_value=0).to_numpy()
        for how in ("count", "sum")
    )
    dice = np.random.default_rng(seed)
    people, clips = ones.shape
    drawn = []
    for _ in range(REPLICATES):
        w = dice.multinomial(people, np.full(people, 1 / people))
        v = dice.multinomial(clips, np.full(clips, 1 / clips))
        total = w @ ones @ v
        if total:
            drawn.append((w @ hits @ v) / total)
    return np.quantile(drawn, [0.025, 0.975]).tolist(), float(np.std(drawn))


def permutation(frame, seed=99):
    """Hits expected, p value and number of times, when the clips' intentions are dealt anew: of clips that have one."""
    frame = frame.assign(stimulus=piece_of(frame))
    frame = frame[frame.groupby("stimulus")["intended"].transform("nunique") == 1]
    if frame["intended"].nunique() < 2:
        return {"replicates": 0}
    clips = frame.groupby("stimulus")["intended"].first()
    counts = pd.crosstab(frame["stimulus"], frame["chosen"]).reindex(index=clips.index)
    answers = frame["chosen"].value_counts()
    shares = clips.value_counts(normalize=True)
    expected = sum(answers.get(slug, 0) * share for slug, share in shares.items()) / len(frame)
    column = {slug: place for place, slug in enumerate(counts.columns)}
    table = np.column_stack([counts.to_numpy(), np.zeros(len(clips), int)])
    aims = np.array([column.get(slug, table.shape[1] - 1) for slug in clips])
    dice, rows = np.random.default_rng(seed), np.arange(len(clips))
    observed = table[rows, aims].sum()
    at_least = sum(table[rows, dice.permutation(aims)].sum() >= observed for _ in range(REPLICATES))
    return {"expected": expected, "p_value": (1 + at_least) / (1 + REPLICATES), "replicates": REPLICATES}


QUADRANTS = {
    "quadrant": lambda v, a: (v > 0, a > 0),
    "valence": lambda v, a: v > 0,
    "arousal": lambda v, a: a > 0,
}
CLASSES = {
    "quadrant": {"Q1": (True, True), "Q2": (False, True), "Q3": (False, False), "Q4": (True, False)},
    "valence": {"positive": True, "negative": False},
    "arousal": {"high": True, "low": False},
}


def fold(frame, name, choices, coordinates, has_none):
    """Classes by the signs of the coordinates; an arousal of 0 is low."""
    of = {slug: QUADRANTS[name](*place) for slug, place in coordinates.items()}
    intended, chosen = frame["intended"].map(of), frame["chosen"].map(lambda slug: of.get(slug, "none"))
    folded = frame.assign(hit=[float(a == b) for a, b in zip(intended, chosen, strict=True)])
    found = accuracy(folded, len(choices), strata=None)
    per_class = {key: sum(value == key for value in of.values()) / len(choices) for key in set(of.values())}
    found["chance"] = float(np.mean([per_class[key] for key in intended]))
    for key in ("p_value", "p_value_two_sided", "proportion_index"):
        del found[key]
    named = list(CLASSES[name].values())
    columns = [*named, "none"] if has_none else named
    counts = [
        [sum(a == row and b == column for a, b in zip(intended, chosen, strict=True)) for column in columns]
        for row in named
    ]
    return {"counts": counts, "accuracy": found}


def distances(frame, coordinates):
    named = frame[frame["chosen"] != "none"]
    named = named.assign(piece=piece_of(named))
    away = [math.dist(coordinates[a], coordinates[b]) for a, b in zip(named["intended"], named["chosen"], strict=True)]
    mean = float(np.mean(away))
    both = two_way((np.array(away) - mean) / len(away), named["participant"], named["piece"])[2]
    degrees = min(degrees_of(len(n), n) for n in (named.groupby(key).size() for key in ("participant", "piece")))
    half = stats.t.ppf(0.975, degrees) * math.sqrt(both)
    guess = [np.mean([math.dist(coordinates[a], b) for b in coordinates.values()]) for a in named["intended"]]
    places = {emotion: group["chosen"].map(coordinates).tolist() for emotion, group in named.groupby("intended")}
    return {
        "distance": {
            "estimate": mean,
            "interval": [max(0.0, mean - half), mean + half],
            "chance": float(np.mean(guess)),
            "n": len(named),
            "without_coordinates": len(frame) - len(named),
        },
        "map": {
            emotion: {
                "n": len(places.get(emotion, ())),
                "at": list(at),
                "perceived": np.mean(places[emotion], axis=0).tolist() if emotion in places else None,
            }
            for emotion, at in coordinates.items()
        },
    }


def course(frame, k, points=16):
    """Half-widths after each sixteenth of the answers, in the order in which they came."""
    found = []
    for step in range(1, points + 1):
        part = accuracy(frame.iloc[: math.ceil(len(frame) * step / points)], k, strata=None)
        halves = {
            name: None if part.get(name) is None else (part[name][1] - part[name][0]) / 2
            for name in ("participants", "participants_stimuli")
        }
        found.append({"n": part["n"], **halves})
    return found
