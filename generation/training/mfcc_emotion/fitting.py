"""Fitting the network epoch by epoch, in an order that depends on seed and epoch alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.networks.mfcc_emotion import NEXT_LAYER
from generation.training.datasets.turkish_music_emotion import TurkishClips
from generation.training.mfcc_emotion.network import build_network

FloatArray = NDArray[np.float64]
Advance = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean and standard deviation of each MFCC value on the training clips."""

    mean: FloatArray
    sd: FloatArray

    @classmethod
    def of(cls, clips: TurkishClips) -> Scale:
        return cls(clips.mfcc.mean(axis=0), clips.mfcc.std(axis=0))

    def apply(self, clips: TurkishClips) -> FloatArray:
        """Return standardised values, shape (n, 13, 1)."""
        return ((clips.mfcc - self.mean) / self.sd)[:, :, np.newaxis]


@dataclass(frozen=True, slots=True)
class FitPlan:
    """How to fit: epochs, clips per step, seed."""

    epochs: int
    batch: int
    seed: int


def fit_network(train: TurkishClips, scale: Scale, plan: FitPlan, advance: Advance = lambda: None) -> Any:
    """Return a network fitted to `train`; `advance` is called after each epoch."""
    network = build_network(plan.seed)
    for epoch in range(plan.epochs):
        run_epoch(network, train, scale, plan, epoch)
        advance()
    return network


def run_epoch(network: Any, train: TurkishClips, scale: Scale, plan: FitPlan, epoch: int) -> float:
    """Run one epoch and return its mean loss."""
    # a checkpoint does not carry the state of dropout's random stream
    network.get_layer("dropout").seed_generator.state.assign([plan.seed, epoch])
    values = scale.apply(train)
    order = np.random.default_rng((plan.seed, epoch)).permutation(len(train))
    losses = []
    for start in range(0, len(order), plan.batch):
        chosen = order[start : start + plan.batch]
        targets = {"emotion": train.classes[chosen], NEXT_LAYER: values[chosen, 1:]}
        losses.append(network.train_on_batch(values[chosen], targets, return_dict=True)["loss"])
        network.reset_metrics()
    return float(np.mean(losses))


def predict_classes(network: Any, clips: TurkishClips, scale: Scale) -> NDArray[np.int64]:
    """Return the likeliest class of each clip."""
    output = network(scale.apply(clips), training=False)
    classes: NDArray[np.int64] = np.asarray(output["emotion"]).argmax(axis=1)
    return classes


def fit_resumably(
    train: TurkishClips, test: TurkishClips, plan: FitPlan, state: Path, advance: Advance
) -> tuple[Any, list[dict[str, float]]]:
    """Fit with a checkpoint after every epoch below `state`; return network and history.

    A run that finds a checkpoint goes on after its last finished epoch.
    """
    import keras

    scale, history = Scale.of(train), []
    network = build_network(plan.seed)
    if (state / "history.json").is_file():
        history = json.loads((state / "history.json").read_text())
        network = keras.saving.load_model(state / "network.keras")
        for _ in history:
            advance()
    for epoch in range(len(history), plan.epochs):
        loss = run_epoch(network, train, scale, plan, epoch)
        history.append(
            {
                "loss": loss,
                "train_accuracy": float((predict_classes(network, train, scale) == train.classes).mean()),
                "test_accuracy": float((predict_classes(network, test, scale) == test.classes).mean()),
            }
        )
        _save(network, history, state)
        advance()
    return network, history


def _save(network: Any, history: list[dict[str, float]], state: Path) -> None:
    """Replace the checkpoint in one move, so an interruption leaves the old one or the new one."""
    fresh, old = state.with_suffix(".new"), state.with_suffix(".old")
    for folder in (fresh, old):
        shutil.rmtree(folder, ignore_errors=True)
    fresh.mkdir(parents=True)
    network.save(fresh / "network.keras")
    (fresh / "history.json").write_text(json.dumps(history))
    if state.exists():
        state.rename(old)
    fresh.rename(state)
    shutil.rmtree(old, ignore_errors=True)
