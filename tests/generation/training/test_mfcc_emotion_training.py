"""Training goes through, goes on where it was interrupted, and reports what it measured."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.networks.artifacts import load_artifact
from generation.networks.mfcc_emotion import load_mfcc_emotion
from generation.training.datasets.turkish_music_emotion import CLASSES, MFCC_COLUMNS, TurkishClips
from generation.training.mfcc_emotion import run
from generation.training.mfcc_emotion.evaluation import (
    describe_predictions,
    estimate_mean,
    measure_next_head,
    split_once,
)
from generation.training.mfcc_emotion.fitting import FitPlan, fit_resumably
from generation.training.workplace import TrainingRefused


def invent_clips(each: int = 10) -> TurkishClips:
    random = np.random.default_rng(0)
    classes = np.repeat(np.arange(4), each)
    return TurkishClips(random.normal(size=(4 * each, 13)) + classes[:, None], classes, np.arange(2, 4 * each + 2))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    clips = invent_clips()
    lines = [",".join(["Class", *MFCC_COLUMNS])]
    lines += [
        ",".join([CLASSES[c], *(f"{v:.3f}" for v in row)]) for c, row in zip(clips.classes, clips.mfcc, strict=True)
    ]
    lines.append(lines[-1])
    path = tmp_path / "Acoustic Features.csv"
    path.write_text("\n".join(lines))
    return path


def options(table: Path, **changed: Any) -> dict[str, Any]:
    return {
        "data": table,
        "out": table.parent / "out",
        "epochs": 1,
        "batch": 32,
        "folds": 2,
        "repeats": 1,
        "seed": 1,
        "name": "paper",
        "artifact_version": "0.1",
        "restart": False,
        **changed,
    }


def test_a_small_training_leaves_an_artifact_that_serves_and_a_report(table: Path) -> None:
    stdout = io.StringIO()
    run(options(table), stdout)
    out = table.parent / "out"
    network = load_mfcc_emotion(out / "paper-0.1")
    manifest = load_artifact(out / "paper-0.1").manifest
    assert network.labels == CLASSES
    assert manifest["metrics"]["cross_validation"]["clips"] == 40
    assert len(manifest["data"]["test_lines"]) == manifest["metrics"]["single_split"]["clips"] == 9
    report = (out / "report" / "report.md").read_text()
    assert "| the paper, test | 80 | 0.50 | 0.39–0.61 |" in report
    assert all(f"| {name} |" in report for name in ("network", "extra trees", "SVM (RBF)", "majority"))
    assert "| awe | relax | weak |" in report
    assert sorted(path.name for path in (out / "report").glob("*.png")) == [
        "confusion.png",
        "curves.png",
        "mfcc.png",
    ]
    with pytest.raises(TrainingRefused, match="progress of other data or options"):
        run(options(table, epochs=2), stdout)


def test_an_interrupted_training_goes_on_to_the_same_network(tmp_path: Path) -> None:
    clips, plan = invent_clips(8), FitPlan(epochs=2, batch=32, seed=3)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_resumably(clips, clips, plan, tmp_path / "cut", interrupt)
    assert len(json.loads((tmp_path / "cut" / "history.json").read_text())) == 1
    resumed, history = fit_resumably(clips, clips, plan, tmp_path / "cut", lambda: None)
    whole, _ = fit_resumably(clips, clips, plan, tmp_path / "whole", lambda: None)
    assert len(history) == 2
    for one, other in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        assert np.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(("name", "value"), [("epochs", 0), ("batch", 0), ("folds", 1), ("repeats", -1)])
def test_impossible_options_are_refused(table: Path, name: str, value: int) -> None:
    with pytest.raises(TrainingRefused, match=f"--{name} must be at least"):
        run(options(table, **{name: value}), io.StringIO())


def test_too_few_clips_of_a_class_are_refused_by_name(table: Path) -> None:
    lines = table.read_text().splitlines()
    table.write_text("\n".join(line for line in lines if not line.startswith("angry")))
    with pytest.raises(TrainingRefused, match=r"too few of: angry \(0\)"):
        run(options(table), io.StringIO())


def test_the_split_is_80_to_20_in_every_class() -> None:
    clips = invent_clips(100)
    train, test = split_once(clips, 1)
    assert np.bincount(clips.classes[test]).tolist() == [20, 20, 20, 20]
    assert set(train) & set(test) == set()


def test_the_papers_test_figure_has_the_interval_of_40_in_80() -> None:
    truth = np.zeros(80, dtype=np.int64)
    found = describe_predictions(truth, np.repeat([0, 1], 40))
    assert found["accuracy"] == 0.5
    # Wilson 95 % of 40 of 80, as in R's binom::binom.wilson(40, 80)
    assert [round(value, 3) for value in found["interval"]] == [0.393, 0.607]


def test_scores_per_class_follow_their_definitions() -> None:
    found = describe_predictions(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]))
    assert found["classes"]["happy"] == {"precision": 1.0, "recall": 2 / 3, "f1": 0.8, "clips": 3}
    assert found["confusion"][0] == [2, 1, 0, 0]


def test_equal_folds_have_an_interval_of_no_width() -> None:
    assert estimate_mean([0.5, 0.5, 0.5], 80, 20) == {"mean": 0.5, "low": 0.5, "high": 0.5}


def test_predicting_the_mean_explains_nothing_and_the_truth_all() -> None:
    values = np.random.default_rng(0).normal(size=(50, 12))
    assert measure_next_head(np.zeros_like(values), values)["r2"] == 0.0
    assert measure_next_head(values, values)["r2"] == 1.0
