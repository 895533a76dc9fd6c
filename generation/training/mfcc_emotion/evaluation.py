"""How good the network is: one split as in the paper, and repeated cross-validation beside baselines.

Intervals: Wilson's for one split. For repeated cross-validation the folds share clips, so the variance of
the mean is s² (1/J + n_test/n_train) with t on J − 1 degrees of freedom (Nadeau & Bengio 2003).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.training.datasets.turkish_music_emotion import CLASSES, TurkishClips
from generation.training.mfcc_emotion.fitting import FitPlan, Scale, fit_network, predict_classes

IntArray = NDArray[np.int64]
TEST_SHARE: Final = 0.2
METHODS: Final = ("network", "logistic regression", "SVM (RBF)", "extra trees", "majority")


def split_once(clips: TurkishClips, seed: int) -> tuple[IntArray, IntArray]:
    """Return indices of the training 80 % and the test 20 %, stratified by class."""
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(
        np.arange(len(clips)), test_size=TEST_SHARE, stratify=clips.classes, random_state=seed
    )
    return np.sort(train), np.sort(test)


def pick(clips: TurkishClips, indices: IntArray) -> TurkishClips:
    """Return the clips at `indices`."""
    return TurkishClips(clips.mfcc[indices], clips.classes[indices], clips.lines[indices])


def describe_predictions(truth: IntArray, predicted: IntArray) -> dict[str, Any]:
    """Return accuracy with Wilson interval, macro precision, recall, F1, per class, and confusion."""
    from scipy.stats import binomtest

    confusion = np.zeros((len(CLASSES), len(CLASSES)), dtype=int)
    np.add.at(confusion, (truth, predicted), 1)
    hits = np.diag(confusion)
    precision = hits / np.maximum(confusion.sum(axis=0), 1)
    recall = hits / np.maximum(confusion.sum(axis=1), 1)
    f1 = 2 * hits / np.maximum(confusion.sum(axis=0) + confusion.sum(axis=1), 1)
    interval = binomtest(int(hits.sum()), len(truth)).proportion_ci(method="wilson")
    return {
        "clips": len(truth),
        "accuracy": float(hits.sum() / len(truth)),
        "interval": [float(interval.low), float(interval.high)],
        "precision": float(precision.mean()),
        "recall": float(recall.mean()),
        "f1": float(f1.mean()),
        "classes": {
            label: {"precision": float(p), "recall": float(r), "f1": float(f), "clips": int(n)}
            for label, p, r, f, n in zip(CLASSES, precision, recall, f1, confusion.sum(axis=1), strict=True)
        },
        "confusion": confusion.tolist(),
    }


def cross_validate(
    clips: TurkishClips, plan: FitPlan, folds: int, repeats: int, state: Path, advance: Callable[[], None]
) -> list[dict[str, Any]]:
    """Return one record per fold: accuracy of each method, and the network's predictions.

    Finished folds are kept in `state` (one JSON line each) and not repeated.
    """
    from sklearn.model_selection import RepeatedStratifiedKFold

    splitter = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=plan.seed)
    done = [json.loads(line) for line in state.read_text().splitlines()] if state.is_file() else []
    state.parent.mkdir(parents=True, exist_ok=True)
    for number, (train, test) in enumerate(splitter.split(clips.mfcc, clips.classes)):
        if number >= len(done):
            record = _run_fold(pick(clips, train), pick(clips, test), plan, number)
            with state.open("a") as stream:
                stream.write(json.dumps(record) + "\n")
            done.append(record)
        advance()
    return done


def _run_fold(train: TurkishClips, test: TurkishClips, plan: FitPlan, number: int) -> dict[str, Any]:
    import keras

    scale = Scale.of(train)
    keras.backend.clear_session()
    network = fit_network(train, scale, FitPlan(plan.epochs, plan.batch, plan.seed + 1000 + number))
    predicted = {"network": predict_classes(network, test, scale)}
    for name, model in _build_baselines(plan.seed).items():
        predicted[name] = model.fit(train.mfcc, train.classes).predict(test.mfcc)
    return {
        "train": len(train),
        "test": len(test),
        "accuracy": {name: float((found == test.classes).mean()) for name, found in predicted.items()},
        "truth": test.classes.tolist(),
        "predicted": predicted["network"].tolist(),
    }


def _build_baselines(seed: int) -> dict[str, Any]:
    from sklearn.dummy import DummyClassifier
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    return {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
        "SVM (RBF)": make_pipeline(StandardScaler(), SVC()),
        "extra trees": ExtraTreesClassifier(n_estimators=500, random_state=seed, n_jobs=1),
        "majority": DummyClassifier(strategy="most_frequent"),
    }


def estimate_mean(values: list[float], train: int, test: int) -> dict[str, float]:
    """Return mean and Nadeau–Bengio 95 % interval of `values` over the folds.

    Examples
    --------
    >>> {name: round(value, 3) for name, value in estimate_mean([0.5, 0.6, 0.7], 80, 20).items()}
    {'mean': 0.6, 'low': 0.271, 'high': 0.929}
    """
    from scipy.stats import t

    count = len(values)
    mean = float(np.mean(values))
    variance = float(np.var(values, ddof=1)) * (1 / count + test / train)
    half = float(t.ppf(0.975, count - 1)) * variance**0.5
    return {"mean": mean, "low": mean - half, "high": mean + half}


def summarise_folds(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return per method its mean accuracy, and how far the network stands from it on the same folds."""
    train, test = (round(float(np.mean([record[name] for record in records]))) for name in ("train", "test"))
    summary = {}
    for name in METHODS:
        values = [record["accuracy"][name] for record in records]
        gaps = [record["accuracy"]["network"] - value for record, value in zip(records, values, strict=True)]
        summary[name] = {
            "accuracy": estimate_mean(values, train, test),
            "network_minus_this": estimate_mean(gaps, train, test),
        }
    return summary


def measure_next_head(expected: NDArray[np.float64], values: NDArray[np.float64]) -> dict[str, Any]:
    """Return R² of predicted next values, against predicting the training mean (standardised 0).

    `expected` and `values` have shape (n, 12), standardised; value k + 2 of each clip.
    """
    errors, spread = ((values - expected) ** 2).mean(axis=0), (values**2).mean(axis=0)
    return {
        "r2": float(1 - errors.sum() / spread.sum()),
        "r2_by_value": [float(value) for value in 1 - errors / spread],
    }
