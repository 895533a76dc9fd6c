"""Fitting the composer network: epochs, checkpoints, resuming after an interruption."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.training.composer.crops import Batch, Crop, augment, stack
from generation.training.composer.network import CURRENT, HEADS, PREVIOUS, build_network
from generation.training.workplace import TrainingRefused

if TYPE_CHECKING:
    import keras

FloatArray = NDArray[np.float64]

CHECKPOINT: Final = "checkpoint.keras"
STATE: Final = "state.json"
BATCH_SIZE: Final = 16
LEARNING_RATE, LAST_LEARNING_RATE = 1.5e-3, 1e-4
CLIP_NORM: Final = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train and on how much per epoch (`share` of the crops, drawn anew each epoch)."""

    epochs: int
    share: float
    seed: int
    units: int = 256


@dataclass(frozen=True, slots=True)
class Scaling:
    """Mean and spread of the conditions on the training songs."""

    mean: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, crops: Sequence[Crop]) -> Scaling:
        """Measure it on `crops`."""
        table = np.stack([crop.conditions for crop in crops])
        return cls(table.mean(axis=0), np.maximum(table.std(axis=0), 1e-3))


def use_one_thread() -> None:
    """Keep TensorFlow to one thread; has no effect once it has started to compute."""
    import tensorflow as tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        return


def prepare_inputs(batch: Batch) -> dict[str, NDArray[Any]]:
    """The network's inputs by name."""
    return {
        "conditions": batch.conditions,
        **{f"previous_{name}": batch.previous[name] for name in PREVIOUS},
        **{f"current_{name}": batch.current[name] for name in CURRENT},
    }


def compile_network(network: keras.Model) -> None:
    """Give the network its loss per head and its optimiser."""
    import keras

    network.compile(
        optimizer=keras.optimizers.Adam(LEARNING_RATE, clipnorm=CLIP_NORM),
        loss={name: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for name in HEADS},
        weighted_metrics={name: ["sparse_categorical_accuracy"] for name in HEADS},
        jit_compile=False,
    )


def start_or_resume(folder: Path, plan: Plan) -> tuple[keras.Model, list[dict[str, float]]]:
    """Return the network and the history so far, from the checkpoint in `folder` where there is one.

    Raises
    ------
    TrainingRefused
        When the checkpoint belongs to another plan.
    """
    import keras

    state_path = folder / STATE
    if not state_path.is_file():
        keras.utils.set_random_seed(plan.seed)
        network = build_network(plan.units)
        compile_network(network)
        return network, []
    state = json.loads(state_path.read_text(encoding="utf-8"))
    for name, value in (("seed", plan.seed), ("units", plan.units)):
        if state.get(name, value) != value:
            raise TrainingRefused(
                f"{folder} holds a run with --{name} {state[name]}. Give that, another --out, or --restart."
            )
    return keras.models.load_model(folder / CHECKPOINT), list(state["history"])


def fit(
    training: Sequence[Crop],
    checking: Sequence[Crop],
    scaling: Scaling,
    plan: Plan,
    folder: Path,
    report: Callable[[str], None],
    bar: Callable[..., Any],
) -> tuple[keras.Model, list[dict[str, float]]]:
    """Train for `plan.epochs` epochs, saving after each; go on where an earlier run stopped."""
    network, history = start_or_resume(folder, plan)
    if history:
        report(f"Going on after epoch {len(history)} of {plan.epochs}.")
    checks = stack(checking, scaling.mean, scaling.spread)
    for epoch in range(len(history), plan.epochs):
        network.optimizer.learning_rate.assign(_learning_rate(epoch, plan.epochs))
        random = np.random.default_rng((plan.seed, epoch))
        loss = _run_epoch(network, training, scaling, random, plan.share, bar, f"Epoch {epoch + 1}/{plan.epochs}")
        measured = measure_loss(network, checks)
        history.append({"loss": loss, **measured})
        _save(network, history, plan, folder)
        report(
            f"Epoch {epoch + 1}/{plan.epochs}: loss {loss:.3f}, on unseen songs {measured['unseen_loss']:.3f}; "
            f"pitch {measured['pitches_accuracy']:.3f}, advance {measured['advances_accuracy']:.3f}."
        )
    return network, history


def _learning_rate(epoch: int, epochs: int) -> float:
    progress = epoch / max(epochs - 1, 1)
    cosine = 0.5 * (1.0 + np.cos(np.pi * progress))
    return float(LAST_LEARNING_RATE + (LEARNING_RATE - LAST_LEARNING_RATE) * cosine)


def _run_epoch(
    network: keras.Model,
    crops: Sequence[Crop],
    scaling: Scaling,
    random: np.random.Generator,
    share: float,
    bar: Callable[..., Any],
    title: str,
) -> float:
    count = max(int(len(crops) * share), min(len(crops), BATCH_SIZE))
    drawn = random.permutation(len(crops))[:count]
    drawn = drawn[np.argsort([len(crops[i].events) for i in drawn], kind="stable")]
    groups = [drawn[i : i + BATCH_SIZE] for i in range(0, count, BATCH_SIZE)]
    losses = []
    for index in bar(random.permutation(len(groups)), title):
        batch = stack([augment(crops[i], random) for i in groups[index]], scaling.mean, scaling.spread)
        weights = dict.fromkeys(HEADS, batch.weights)
        targets = {name: batch.current[name] for name in HEADS}
        result = network.train_on_batch(prepare_inputs(batch), targets, weights, return_dict=True)
        losses.append(float(result["loss"]))
        network.reset_metrics()
    return float(np.mean(losses))


def measure_loss(network: keras.Model, batch: Batch) -> dict[str, float]:
    """Cross-entropy per note in nats (sum of heads) and accuracy per head, without dropout."""
    logits = network.predict(prepare_inputs(batch), batch_size=BATCH_SIZE, verbose=0)
    total = batch.weights.sum()
    measured: dict[str, float] = {}
    loss = 0.0
    for name in HEADS:
        values = logits[name] - logits[name].max(axis=-1, keepdims=True)
        logarithm = values - np.log(np.exp(values).sum(axis=-1, keepdims=True))
        chosen = np.take_along_axis(logarithm, batch.current[name][..., None], axis=-1)[..., 0]
        loss -= float((chosen * batch.weights).sum() / total)
        hit = (values.argmax(axis=-1) == batch.current[name]) * batch.weights
        measured[f"{name}_accuracy"] = float(hit.sum() / total)
    return {"unseen_loss": loss, **measured}


def _save(network: keras.Model, history: list[dict[str, float]], plan: Plan, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    staging = folder / f"new-{CHECKPOINT}"
    network.save(staging)
    staging.replace(folder / CHECKPOINT)
    state = {"seed": plan.seed, "units": plan.units, "history": history}
    (folder / STATE).write_text(json.dumps(state, indent=1), encoding="utf-8")
