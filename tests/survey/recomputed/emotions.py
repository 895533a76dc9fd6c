"""Confusions, scores per emotion with the unbiased hit rate's test, response bias, reliability of people."""

import math
from collections import Counter
from itertools import combinations

import numpy as np
from scipy import stats

from tests.survey.recomputed.shares import REPLICATES, accuracy, piece_of, score_interval, t_interval, two_way


def confusion(frame, emotions, choices):
    counts = Counter(zip(frame["intended"], frame["chosen"], strict=True))
    return [[counts[i, j] for j in choices] for i in emotions]


def row_shares(counts):
    return [[cell / sum(row) if sum(row) else None for cell in row] for row in counts]


def cells(frame, emotions, choices):
    """Interval of each cell: of hits by the hits at all clips, of an answer j by what is said to all others' clips."""
    frame = frame.assign(piece=piece_of(frame))
    _, hits, _ = pooled(frame)
    taken = {}
    for j in choices:
        wrong = frame[frame["intended"] != j]
        taken[j] = pooled(wrong.assign(hit=(wrong["chosen"] == j).astype(float)))[1]
    return [[(hits if i == j else taken[j]).get(i) for j in choices] for i in emotions]


def scores(frame, emotions, k, asked=True):
    frame = frame.assign(piece=piece_of(frame))
    these, new, effects = pooled(frame)
    tests = {emotion: dealt_anew(frame, emotion) if asked else (None, None) for emotion in emotions}
    guesses = {emotion: guessed(frame, emotion, emotions, k, effects) for emotion in emotions}
    both = {name: max(p, guesses[name][1] or 0.0) for name, (p, _) in tests.items() if p is not None}
    adjusted = holm(both)
    found = {}
    for emotion in emotions:
        p, smallest = tests[emotion]
        one = one_emotion(frame, emotion, k)
        one["recall"] |= {"participants": these.get(emotion), "participants_stimuli": new.get(emotion)}
        guess, p_guess = guesses[emotion]
        found[emotion] = {**one, "p_value": p, "smallest_p": smallest, "p_holm": adjusted.get(emotion)}
        found[emotion] |= {"guess": guess, "p_guess": p_guess}
    return found


def one_emotion(frame, emotion, k):
    mine, others = frame[frame["intended"] == emotion], frame[frame["intended"] != emotion]
    r, c = len(mine), int((frame["chosen"] == emotion).sum())
    hits = int(mine["hit"].sum())
    recall = accuracy(mine, k)
    alarms = (others["chosen"] == emotion).groupby(others["participant"]).mean()
    own = mine["participant"].map(alarms).dropna()
    heard = mine["participant"].value_counts()
    weights = [
        heard.get(name, 0) / count for name, count in others["participant"].value_counts().items() for _ in range(count)
    ]
    weights = np.array(weights if any(weights) else np.ones(len(weights)))
    chance = None if not r or not len(others) else float(own.mean()) if len(own) else float(alarms.mean())
    return {
        "n": r,
        "clips": mine["piece"].nunique(),
        "hits": hits,
        "recall": {name: recall.get(name) for name in ("estimate", "wilson")},
        "precision": hits / c if c else None,
        "f1": 2 * hits / (r + c) if r + c else None,
        "hu": None if not r else hits**2 / (r * c) if c else 0.0,
        "hu_chance": r * c / len(frame) ** 2 if r else None,
        "chance": chance,
        "chance_n": int((weights > 0).sum()) if chance is not None else 0,
        "chance_interval": None
        if chance is None
        else score_interval(chance, weights.sum() ** 2 / (weights**2).sum(), stats.norm.ppf(0.975)),
        "difference": None if chance is None else recall["estimate"] - chance,
        "hu_participants": unbiased(frame, emotion),
    }


def unbiased(frame, emotion):
    """Mean over listeners of Hu and of the chance of their own answers."""
    hu, hp = [], []
    for _, mine in frame.groupby("participant"):
        r, c = (mine["intended"] == emotion).sum(), (mine["chosen"] == emotion).sum()
        x = ((mine["intended"] == emotion) & (mine["chosen"] == emotion)).sum()
        if r:
            hu.append(x * x / (r * c) if c else 0.0)
            hp.append(r * c / len(mine) ** 2)
    if not hu:
        return {"mean": None, "chance": None, "participants": 0}
    return {"mean": float(np.mean(hu)), "chance": float(np.mean(hp)), "participants": len(hu)}


def pooled(frame):
    """Interval of each emotion: design effects of pieces and of people, pooled over the emotions."""
    groups = dict(list(frame.groupby("intended")))
    people = frame["participant"].nunique()
    pieces = {emotion: mine["piece"].nunique() for emotion, mine in groups.items()}
    if people < 2:
        return {}, {}, {}
    rates = {emotion: mine["hit"].mean() for emotion, mine in groups.items()}
    vary = [emotion for emotion, mine in groups.items() if 0 < rates[emotion] < 1 and pieces[emotion] > 1]
    free = sum(pieces[emotion] - 1 for emotion in vary or [e for e in groups if pieces[e] > 1])
    z = {
        emotion: (mine["hit"] - rates[emotion]) / math.sqrt(rates[emotion] * (1 - rates[emotion]))
        for emotion, mine in groups.items()
        if 0 < rates[emotion] < 1
    }
    beside = {emotion: (mine.groupby("piece").size() ** 2).sum() / len(mine) for emotion, mine in groups.items()}
    share = {emotion: (pieces[emotion] - 1) * len(groups[emotion]) / pieces[emotion] for emotion in vary}
    correlation = 0.0
    if vary:
        total = sum(share.values())
        squares = sum((z[emotion].groupby(groups[emotion]["piece"]).sum() ** 2).sum() for emotion in z)
        mean_beside = sum(share[emotion] * beside[emotion] for emotion in vary) / total - 1
        correlation = max(0.0, (squares / total - 1) / mean_beside) if mean_beside > 0 else 0.0
    pairs = sum(
        (mine.groupby("participant").size() * (mine.groupby("participant").size() - 1)).sum()
        for mine in groups.values()
    )
    own = sum(
        (z[emotion].groupby(groups[emotion]["participant"]).sum() ** 2).sum() - (z[emotion] ** 2).sum() for emotion in z
    )
    alike = max(0.0, own / pairs) if pairs else 0.0
    these, new, effects = {}, {}, {}
    for emotion, mine in groups.items():
        of_people = max((mine.groupby("participant").size() ** 2).sum() / len(mine) - 1, 0) * alike
        within = 1 + of_people if z else max(1 + of_people, len(mine) / people)
        these[emotion] = score_interval(rates[emotion], len(mine) / within, stats.t.ppf(0.975, people - 1))
        of_pieces = 1 + max(beside[emotion] - 1, 0) * correlation if vary else len(mine) / pieces[emotion]
        effect = effects[emotion] = max(of_pieces + of_people, within)
        if max(pieces.values()) < 2:
            continue
        degrees = effect**2 / (of_pieces**2 / free + of_people**2 / (people - 1))
        quantile = stats.t.ppf(0.975, min(degrees, people - 1))
        new[emotion] = score_interval(rates[emotion], len(mine) / effect, quantile)
    return these, new, effects


EVERY_WAY = 10_000


def dealt_anew(frame, emotion, seed=99):
    """One-sided p value over the ways to choose the emotion's pieces, and the smallest possible one."""
    mine = frame[frame["intended"] == emotion]
    names = sorted(set(frame["piece"]))
    own = set(mine["piece"])
    ways = math.comb(len(names), len(own))
    if not own or ways == 1:
        return None, None
    said = (frame["chosen"] == emotion).astype(float)
    beyond = said - said.groupby(frame["participant"]).transform("mean")
    sums = beyond.groupby(frame["piece"]).sum().reindex(names).to_numpy()
    sizes = frame.groupby("piece").size().reindex(names).to_numpy()

    def statistic(chosen):
        return sums[chosen].sum() / sizes[chosen].sum()

    observed = statistic([names.index(name) for name in sorted(own)])
    if ways <= EVERY_WAY:
        drawn = [statistic(list(chosen)) for chosen in combinations(range(len(names)), len(own))]
        return sum(value >= observed - 1e-12 for value in drawn) / ways, 1 / ways
    dice = np.random.default_rng(seed)
    drawn = [statistic(dice.choice(len(names), len(own), replace=False)) for _ in range(REPLICATES)]
    return (1 + sum(value >= observed - 1e-12 for value in drawn)) / (1 + REPLICATES), 1 / (1 + REPLICATES)


def guessed(frame, emotion, emotions, k, effects):
    """What guessing gives to the emotion's clips, by iterative proportional fitting of a_f b_r to errors; p of more."""
    frame = frame.assign(piece=piece_of(frame))
    played = [name for name in emotions if name in set(frame["intended"])]
    others = [name for name in played if name != emotion]
    if emotion not in played or len(others) < 2:
        return None, None
    answers = [*emotions, "none"][:k]
    wrong = frame[frame["hit"] == 0]
    guess = by_errors(wrong, others, answers)[emotion]
    degrees = frame["piece"].nunique() - len(played)
    if degrees < 1:
        return guess, None
    b = by_errors(wrong, played, answers)
    alike = {unit: alike_within(wrong, unit, b) for unit in ("piece", "participant")}
    mine, elsewhere = frame[frame["intended"] == emotion], wrong[wrong["intended"] != emotion]
    beside = {unit: (mine.groupby(unit).size() ** 2).sum() / len(mine) - 1 for unit in alike}
    of_hits = effects[emotion]
    effect = max(1 + sum(beside[unit] * alike[unit] for unit in alike), of_hits)
    between = max((of_hits - 1) / beside["piece"], alike["piece"], 0.0) if beside["piece"] > 0 else alike["piece"]
    sizes = elsewhere.groupby("piece").size()
    of_errors = 1 + ((sizes**2).sum() / sizes.sum() - 1) * between if len(elsewhere) else 1.0
    of_guess = len(elsewhere) * of_errors / (len(elsewhere) + 1) ** 2
    variance = guess * (1 - guess) * (effect / len(mine) + of_guess)
    return guess, float(stats.t.sf((mine["hit"].mean() - guess) / math.sqrt(variance), degrees))


def by_errors(wrong, rows, answers):
    possible = np.array([[row != answer for answer in answers] for row in rows], float)
    counts = Counter(zip(wrong["intended"], wrong["chosen"], strict=True))
    table = np.array([[counts[row, answer] for answer in answers] for row in rows]) + possible / possible.sum()
    fitted = possible.copy()
    for _ in range(5000):
        fitted *= (table.sum(axis=1) / fitted.sum(axis=1))[:, None]
        fitted *= table.sum(axis=0) / fitted.sum(axis=0)
    b = np.array([np.exp(np.log(column[column > 0] / a[column > 0]).mean()) for column, a in columns_of(fitted)])
    return dict(zip(answers, b / b.sum(), strict=True))


def columns_of(fitted):
    """Columns beside the rows' factors a_f, which are told by cells in common with the first two rows."""
    k = fitted.shape[1]
    a = np.ones(len(fitted))
    for row in range(1, len(fitted)):
        shared = [c for c in range(k) if fitted[0, c] > 0 and fitted[row, c] > 0]
        a[row] = np.mean([fitted[row, c] / fitted[0, c] for c in shared])
    return [(fitted[:, c], a) for c in range(k)]


def alike_within(wrong, unit, b):
    """Pairs of errors in one group: products of what is beyond guessing over those of its standard deviations."""
    above = below = 0.0
    for answer, share in b.items():
        at = {name: 0.0 if name == answer else share / (1 - b[name]) for name in b}
        expected = wrong["intended"].map(at)
        rest, deviation = (wrong["chosen"] == answer) - expected, (expected * (1 - expected)) ** 0.5
        above += (rest.groupby(wrong[unit]).sum() ** 2).sum() - (rest**2).sum()
        below += (deviation.groupby(wrong[unit]).sum() ** 2).sum() - (deviation**2).sum()
    return max(0.0, above / below) if below > 0 else 0.0


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
    pairs = Counter(zip(frame["intended"], frame["chosen"], strict=True))
    wrong = {(i, j): {"n": n, "share": n / rows[i]} for (i, j), n in pairs.items() if i != j}
    least = min(sorted((found["share"] for found in wrong.values()), reverse=True)[:5], default=0.0)
    for (i, j), found in wrong.items():
        if found["share"] >= least:
            mine = frame[frame["intended"] == i]
            taken = (mine["chosen"] == j).astype(float)
            found["interval"] = accuracy(mine.assign(hit=taken), 2).get("participants_stimuli")
    return wrong


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
