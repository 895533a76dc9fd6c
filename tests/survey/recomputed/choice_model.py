"""The similarity-choice model by Newton's method on a Poisson log-linear model, one answer and one pair at a time."""

import math
from itertools import combinations

import numpy as np
from scipy import stats

from tests.survey.recomputed import shares
from tests.survey.recomputed.emotions import holm


def recompute(frame, choices):
    frame = frame.assign(piece=shares.piece_of(frame))
    played = [choice for choice in choices if choice in set(frame["intended"])]
    names = [*played, *(choice for choice in choices if choice not in played)]
    if len(played) < 3:
        return None
    k, q = len(played), len(names)
    counts = table_of(frame, played, names)
    model = LogLinear(counts[:, :k] + 0.5)
    expected = counts + 0.5
    expected[:, :k] = model.expected
    pairs = list(combinations(range(k), 2))
    biases = [model.bias(j) if j < k else model.bias_of_rest(j, counts + 0.5) for j in range(q)]
    similar = [model.similarity(i, j) for i, j in pairs]
    over = [model.over(i, j) for i, j in pairs]
    # slopes beside the square belong to answers without clips of their own
    of_bias, of_pairs = (spreads(frame, part, played, names, counts + 0.5) for part in (biases, similar))
    of_over = spreads(frame, over, played, names, expected)
    degrees = min(frame["participant"].nunique() - 1, frame["piece"].nunique() - k)
    defined = frame.groupby("intended")["piece"].nunique().min() > 1 and frame["participant"].nunique() > 1
    quantile = stats.t.ppf(0.975, degrees) if defined else None
    effect = design_effect(of_over)
    tested = {}
    for (i, j), (value, _), (alone, _, _) in zip(pairs, over, of_over, strict=True):
        if defined and (counts[i, j] + counts[j, i]) / effect >= 5:
            tested[i, j] = 2 * stats.t.sf(abs(value) / math.sqrt(effect * alone), degrees)
    adjusted = holm(tested)
    square = counts[:, :k] + 0.5
    return {
        "n": len(frame),
        "empty": int((counts == 0).sum()),
        "g2": 2 * float((square * np.log(square / model.expected)).sum()),
        "degrees": (k - 1) * (k - 2) // 2,
        "design_effect": effect if defined else None,
        "biases": {
            name: {"bias": math.exp(log)} | ends(log, design_effect(of_bias) * alone, quantile)
            for name, (log, _), (alone, _, _) in zip(names, biases, of_bias, strict=True)
        },
        "pairs": {
            (names[i], names[j]): {
                "similarity": math.exp(log),
                "distance": -log,
                "a_as_b": int(counts[i, j]),
                "b_as_a": int(counts[j, i]),
                "expected_a_as_b": float(model.expected[i, j] * (both := counts[i, j] + counts[j, i]) / (both + 1)),
                "p_value": tested.get((i, j)),
                "p_holm": adjusted.get((i, j)),
            }
            | ends(log, max(design_effect(of_pairs) * own[0], own[1] + own[2] - own[0], own[1], own[2]), quantile)
            for (i, j), (log, _), own in zip(pairs, similar, of_pairs, strict=True)
        },
    }


def table_of(frame, played, names):
    return np.array([[float(((frame["intended"] == i) & (frame["chosen"] == j)).sum()) for j in names] for i in played])


def ends(log, variance, quantile):
    if quantile is None:
        return {"interval": None}
    half = quantile * math.sqrt(variance)
    return {"interval": [math.exp(log - half), math.exp(log + half)]}


def design_effect(parts):
    alone, people, pieces = (sum(part[place] for part in parts) for place in range(3))
    return max(1.0, pieces / alone) + max(1.0, people / alone) - 1


class LogLinear:
    """ln m = row + column + pair, without the redundant columns; slopes by the delta method."""

    def __init__(self, counts):
        self.counts, self.k = counts, len(counts)
        cells = [(i, j) for i in range(self.k) for j in range(self.k)]
        terms = [("row", i) for i in range(self.k)] + [("column", j) for j in range(1, self.k)]
        terms += [
            ("pair", frozenset(pair)) for pair in [*combinations(range(self.k), 2), *((i,) for i in range(self.k))]
        ]
        self.design = np.array([[self.has(cell, term) for term in terms] for cell in cells], float)
        self.design = self.design[:, independent(self.design)]
        y = counts.ravel()
        beta = np.linalg.lstsq(self.design, np.log(y), rcond=None)[0]
        for _ in range(50):
            mean = np.exp(self.design @ beta)
            step = np.linalg.solve(self.design.T @ (mean[:, None] * self.design), self.design.T @ (y - mean))
            beta = beta + step
        mean = np.exp(self.design @ beta)
        self.expected = mean.reshape(self.k, self.k)
        inverse = np.linalg.inv(self.design.T @ (mean[:, None] * self.design))
        self.slopes = self.design @ inverse @ self.design.T  # of the logarithm of a cell (first) by a count

    @staticmethod
    def has(cell, term):
        kind, what = term
        return {"row": cell[0], "column": cell[1], "pair": frozenset(cell)}[kind] == what

    def log(self, i, j):
        return math.log(self.expected[i, j]), self.slopes[i * self.k + j].reshape(self.k, self.k)

    def combine(self, *weighted):
        logs = [(weight, self.log(i, j)) for weight, i, j in weighted]
        return sum(w * log for w, (log, _) in logs), sum(w * slope for w, (_, slope) in logs)

    def bias(self, j):
        """Mean over i of ln b_j / b_i."""
        parts = [self.combine((0.5, i, j), (-0.5, i, i), (-0.5, j, i), (0.5, j, j)) for i in range(self.k) if i != j]
        return sum(log for log, _ in parts) / self.k, sum(slope for _, slope in parts) / self.k

    def bias_of_rest(self, j, counts):
        k = self.k
        own, slopes = self.combine(*((1 / k, i, i) for i in range(k)))
        wide = np.zeros(counts.shape)
        wide[:, :k] -= slopes
        wide[:, j] += 1 / (k * counts[:, j])
        return float(np.log(counts[:, j]).mean()) - own, wide

    def similarity(self, i, j):
        return self.combine((0.5, i, j), (0.5, j, i), (-0.5, i, i), (-0.5, j, j))

    def over(self, i, j):
        own = np.zeros((self.k, self.k))
        own[i, j] = 1
        return self.counts[i, j] - self.expected[i, j], own - self.expected[i, j] * self.log(i, j)[1]


def independent(design):
    """Columns that are no sum of the columns before them."""
    kept = []
    for place in range(design.shape[1]):
        if np.linalg.matrix_rank(design[:, [*kept, place]]) > len(kept):
            kept.append(place)
    return kept


def spreads(frame, parts, played, names, expected):
    """For each number: variance of independent answers, over people, over pieces within their emotion."""
    return [spread(frame, slopes, played, names, expected) for _, slopes in parts]


def spread(frame, slopes, played, names, expected):
    wide = np.zeros(expected.shape)
    wide[:, : slopes.shape[1]] = slopes
    chances = expected / expected.sum(axis=1, keepdims=True)
    wide = wide - (chances * wide).sum(axis=1, keepdims=True)
    alone = float((expected * wide**2).sum())
    row, column = ({name: place for place, name in enumerate(listed)} for listed in (played, names))
    moved = frame.assign(
        moved=[wide[row[i], column[j]] for i, j in zip(frame["intended"], frame["chosen"], strict=True)]
    )
    people = moved.groupby("participant")["moved"].sum()
    pieces = 0.0
    for _, own in moved.groupby("intended"):
        sums = own.groupby("piece")["moved"].sum()
        pieces += len(sums) / max(len(sums) - 1, 1) * float(((sums - sums.mean()) ** 2).sum())
    return alone, len(people) * float(people.var(ddof=1)), pieces
