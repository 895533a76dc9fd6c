"""How good the network is, with intervals: against labels, and against human norms of valence and arousal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.emotions import get_emotion

Numbers = NDArray[np.float64]
RESAMPLES: Final = 1000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """Rounded to four decimals, for the manifest."""
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4)}

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


def wilson(hits: int, trials: int) -> Estimate:
    """A proportion with Wilson's 95 % interval.

    Examples
    --------
    >>> str(wilson(11, 18))
    '0.611 (0.386–0.797)'
    """
    if trials == 0:
        return Estimate(0.0, 0.0, 1.0)
    z, share = 1.959963984540054, hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    reach = z * np.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2)) / (1 + z * z / trials)
    return Estimate(share, float(max(0.0, middle - reach)), float(min(1.0, middle + reach)))


def bootstrap(
    statistic: Callable[[NDArray[np.int64]], float], groups: NDArray[Any], seed: int, resamples: int = RESAMPLES
) -> Estimate:
    """Percentile interval of `statistic` (a function of row numbers), drawing whole groups with replacement."""
    random = np.random.default_rng(seed)
    names, index = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(index == number) for number in range(len(names))]
    drawn = [
        statistic(np.concatenate([members[number] for number in random.integers(0, len(names), len(names))]))
        for _ in range(resamples)
    ]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Estimate(statistic(np.arange(len(groups))), float(low), float(high))


def count_confusion(truth: NDArray[np.int64], found: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Rows are the labels, columns the predictions.

    Examples
    --------
    >>> count_confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    return np.bincount(truth * classes + found, minlength=classes * classes).reshape(classes, classes)


def score_confusion(confusion: NDArray[np.int64]) -> tuple[Numbers, Numbers, Numbers]:
    """Precision, recall and F1 of each class; 0 where a class was never predicted or never occurs.

    Examples
    --------
    >>> precision, recall, f1 = score_confusion(np.array([[1, 1], [0, 1]]))
    >>> precision.tolist(), recall.tolist(), f1.round(3).tolist()
    ([1.0, 0.5], [0.5, 1.0], [0.667, 0.667])
    """
    hits = np.diag(confusion).astype(np.float64)
    precision = hits / np.maximum(confusion.sum(axis=0), 1)
    recall = hits / np.maximum(confusion.sum(axis=1), 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return precision, recall, f1


def measure_labels(
    truth: NDArray[np.int64], probabilities: Numbers, labels: Sequence[str], seed: int
) -> dict[str, Any]:
    """Accuracy, polarity accuracy and macro precision, recall, F1 with intervals; the table per emotion.

    Macro means are over the emotions that occur in `truth`.
    """
    found = probabilities.argmax(axis=1)
    classes = len(labels)
    confusion = count_confusion(truth, found, classes)
    precision, recall, f1 = score_confusion(confusion)
    pleasant = np.array([get_emotion(label).valence > 0 for label in labels])

    def macro(number: int) -> Estimate:
        def statistic(rows: NDArray[np.int64]) -> float:
            drawn = count_confusion(truth[rows], found[rows], classes)
            return float(score_confusion(drawn)[number][drawn.sum(axis=1) > 0].mean())

        return bootstrap(statistic, np.arange(len(truth)), seed)

    polarity = (probabilities[:, pleasant].sum(axis=1) > 0.5) == pleasant[truth]
    return {
        "pictures": len(truth),
        "accuracy": wilson(int((truth == found).sum()), len(truth)).as_dict(),
        "precision": macro(0).as_dict(),
        "recall": macro(1).as_dict(),
        "f1": macro(2).as_dict(),
        "polarity_accuracy": wilson(int(polarity.sum()), len(truth)).as_dict(),
        "majority_accuracy": round(float(np.bincount(truth).max() / len(truth)), 4),
        "chance_accuracy": 1 / classes,
        "per_emotion": {
            label: {
                "precision": round(float(precision[row]), 4),
                "recall": round(float(recall[row]), 4),
                "f1": round(float(f1[row]), 4),
                "pictures": int(confusion[row].sum()),
            }
            for row, label in enumerate(labels)
        },
        "confusion": confusion.tolist(),
        "predicted_share": _share(found, labels),
        "label_share": _share(truth, labels),
    }


def _share(numbers: NDArray[np.int64], labels: Sequence[str]) -> dict[str, float]:
    counts = np.bincount(numbers, minlength=len(labels)) / max(1, len(numbers))
    return {label: round(float(share), 4) for label, share in zip(labels, counts, strict=True)}


def imply(probabilities: Numbers, labels: Sequence[str]) -> Numbers:
    """Valence and arousal of the emotions, weighted by probability; shape (pictures, 2)."""
    plane = np.array([(get_emotion(label).valence, get_emotion(label).arousal) for label in labels])
    return probabilities @ plane


def correlate(first: Numbers, second: Numbers) -> float:
    """Pearson's r; 0 where one of them does not vary (a constant predicts nothing)."""
    if len(first) < 2 or first.std() < 1e-9 or second.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def measure_norms(implied: Numbers, human: Numbers, groups: NDArray[Any], seed: int) -> dict[str, dict[str, float]]:
    """Valence-polarity accuracy and correlations with the human norms, intervals over themes.

    Parameters
    ----------
    implied, human : array of shape (pictures, 2)
        Valence and arousal; for a baseline without a say in arousal its column is constant.
    """
    right = (implied[:, 0] > 0) == (human[:, 0] > 0)
    return {
        "valence_polarity_accuracy": bootstrap(lambda rows: float(right[rows].mean()), groups, seed).as_dict(),
        "valence_correlation": bootstrap(
            lambda rows: correlate(implied[rows, 0], human[rows, 0]), groups, seed
        ).as_dict(),
        "arousal_correlation": bootstrap(
            lambda rows: correlate(implied[rows, 1], human[rows, 1]), groups, seed
        ).as_dict(),
    }


def measure_baselines(
    train_measures: Numbers, train_human: Numbers, measures: Numbers, human: Numbers, groups: NDArray[Any], seed: int
) -> dict[str, Any]:
    """Chance, majority, and logistic and linear regression on brightness and colourfulness alone."""
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pleasant = train_human[:, 0] > 0
    majority = np.full(len(human), 1.0 if pleasant.mean() >= 0.5 else -1.0)
    nothing = np.zeros(len(human))
    baselines = {"majority": np.stack([majority, nothing], axis=1)}
    if 0 < pleasant.sum() < len(pleasant):
        logistic = make_pipeline(StandardScaler(), LogisticRegression()).fit(train_measures, pleasant)
        arousal = make_pipeline(StandardScaler(), LinearRegression()).fit(train_measures, train_human[:, 1])
        odds = logistic.predict_proba(measures)[:, 1] - 0.5
        baselines["brightness_colourfulness"] = np.stack([odds, arousal.predict(measures)], axis=1)
    measured = {name: measure_norms(implied, human, groups, seed) for name, implied in baselines.items()}
    return {
        "chance": {"valence_polarity_accuracy": 0.5, "valence_correlation": 0.0, "arousal_correlation": 0.0},
        **measured,
    }
