"""Fitting one stage: epochs, held-out loss, the best weights, and going on after an interruption."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.networks.melody_first.knowledge import HEADS
from generation.training.melody_first.arrays import TARGETS, Batch, Scaling, Steps, augment, stack
from generation.training.melody_first.network import Shape, build_network
from generation.training.workplace import TrainingRefused

if TYPE_CHECKING:
    import keras

CHECKPOINT, BEST, STATE = "checkpoint.keras", "best.npz", "state.json"
SAVE_EVERY: Final = 30.0
"""Seconds between checkpoints; the last epoch is always saved."""
WEIGHT_DECAY: Final = 0.05
CLIP_NORM: Final = 1.0
LENGTHS: Final = (64, 128, 192, 320)
"""Steps to which batches are padded: one compiled program each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: epochs, sections per batch, highest learning rate, share of sections per epoch, seed.

    After `patience` epochs without a better one on held-out songs the training stops.
    """

    epochs: int
    batch: int = 32
    rate: float = 1e-3
    share: float = 1.0
    seed: int = 1
    patience: int = 4
    lengths: tuple[int, ...] = LENGTHS


def prepare(batch: Batch) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Inputs, targets and weights by name; the weights of a head add up to 1, so that its loss is a mean."""
    inputs = {
        "inputs": batch.inputs,
        "known": batch.targets[..., :3],
        "times": batch.times,
        "conditions": batch.conditions,
    }
    targets = {name: batch.targets[..., TARGETS.index(name)] for name in HEADS}
    shares = batch.weights / np.maximum(batch.weights.sum(axis=(0, 1), keepdims=True), 1.0)
    weights = {name: shares[..., int(name == "advances")] for name in HEADS}
    return inputs, targets, weights


def compile_network(network: keras.Model, plan: Plan, steps: int) -> None:
    """Give the network its loss per head and AdamW with a warm start and a cosine schedule over `steps`."""
    import keras

    warm = max(min(200, steps // 10), 1)
    schedule = keras.optimizers.schedules.CosineDecay(
        plan.rate / 50, max(steps - warm, 1), alpha=0.02, warmup_target=plan.rate, warmup_steps=warm
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY, beta_2=0.98, clipnorm=CLIP_NORM)
    optimizer.exclude_from_weight_decay(var_names=["bias", "scale", "before_attention", "before_inner"])
    losses = {n: keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum") for n in HEADS}
    # JAX needs its compiler; with TensorFlow on a processor compiling so many graphs takes longer than it saves.
    network.compile(optimizer=optimizer, loss=losses, jit_compile=keras.backend.backend() == "jax")


def group(steps: Sequence[Steps], plan: Plan, random: np.random.Generator | None) -> list[tuple[list[int], int]]:
    """Batches of like length: indices, and the steps they are padded to."""
    sizes = np.array([len(s) for s in steps])
    order = np.arange(len(steps)) if random is None else random.permutation(len(steps))
    if random is not None:
        order = order[: max(int(len(order) * plan.share), 1)]
    groups = []
    for low, high in zip((0, *plan.lengths[:-1]), plan.lengths, strict=True):
        last = high == plan.lengths[-1]
        inside = [int(i) for i in order if low < sizes[i] and (sizes[i] <= high or last)]
        groups += [(inside[i : i + plan.batch], high) for i in range(0, len(inside), plan.batch)]
    return groups


def measure_loss(network: keras.Model, steps: Sequence[Steps], scaling: Scaling, plan: Plan) -> dict[str, float]:
    """Cross-entropy per note in nats by head, and their sum, without dropout and with all conditions given."""
    totals, counts = dict.fromkeys(HEADS, 0.0), dict.fromkeys(HEADS, 0.0)
    for indices, length in group(steps, plan, None):
        # Always full batches, so that every length needs one compiled program; what fills up weighs nothing.
        batch = stack([steps[i] for i in (indices * plan.batch)[: plan.batch]], scaling, length)
        batch.weights[len(indices) :] = 0.0
        found = network.test_on_batch(*prepare(batch), return_dict=True)
        network.reset_metrics()
        for name in HEADS:
            notes = float(batch.weights[..., int(name == "advances")].sum())
            totals[name] += float(found[f"{name}_loss"]) * notes
            counts[name] += notes
    measured = {name: totals[name] / max(counts[name], 1.0) for name in HEADS}
    return {**measured, "loss": sum(measured.values())}


@dataclass(slots=True)
class Fitted:
    """A network with its best weights, the history, and the epoch of the best (from 1)."""

    network: keras.Model
    history: list[dict[str, Any]]
    best: int


def fit(
    stage: str,
    shape: Shape,
    training: Sequence[Steps],
    checking: Sequence[Steps],
    scaling: Scaling,
    plan: Plan,
    folder: Path,
    report: Callable[[str], None],
    start: Sequence[NDArray[Any]] | None = None,
) -> Fitted:
    """Train a stage, and return it as it was at its best epoch by the loss on `checking`.

    `start` are weights to begin with, for fine-tuning. A run in `folder` goes on where it stopped.

    Raises
    ------
    TrainingRefused
        When `folder` holds a run with other settings.
    """
    settings = json.loads(json.dumps({"stage": stage, "shape": asdict(shape), "plan": asdict(plan)}))
    per_epoch = len(group(training, plan, np.random.default_rng(0)))
    network, history, best = _start(folder, settings, stage, shape, plan, per_epoch * plan.epochs, start)
    saved = time.monotonic()
    done = bool(history) and len(history) - best >= plan.patience
    for epoch in range(len(history), 0 if done else plan.epochs):
        began = time.monotonic()
        random = np.random.default_rng((plan.seed, epoch))
        batches = group(training, plan, random)
        loss = notes = 0.0
        for index in random.permutation(len(batches)):
            indices, length = batches[index]
            drawn = [augment(training[i], stage, scaling, random) for i in (indices * plan.batch)[: plan.batch]]
            batch = stack(drawn, scaling, length)
            batch.weights[len(indices) :] = 0.0
            found = network.train_on_batch(*prepare(batch), return_dict=True)
            network.reset_metrics()
            size = float(batch.weights[..., 0].sum())
            loss, notes = loss + float(found["loss"]) * size, notes + size
        measured = measure_loss(network, checking, scaling, plan)
        seconds = time.monotonic() - began
        history.append({"training_loss": loss / notes, **measured, "seconds": seconds, "notes": notes})
        if best == 0 or measured["loss"] <= history[best - 1]["loss"]:
            best = epoch + 1
            _save_best(network, folder)
        report(
            f"{stage} {shape.layout}: epoch {epoch + 1}/{plan.epochs}, loss {loss / notes:.3f}, on held-out songs "
            f"{measured['loss']:.3f}, {notes / seconds:.0f} notes/s."
        )
        stops = epoch + 1 == plan.epochs or epoch + 1 - best >= plan.patience
        if stops or time.monotonic() - saved > SAVE_EVERY:
            _save(network, folder, settings, history, best)
            saved = time.monotonic()
        if stops:
            break
    with np.load(folder / BEST) as file:
        network.set_weights([file[name] for name in sorted(file.files)])
    return Fitted(network, history, best)


def _start(
    folder: Path,
    settings: dict[str, Any],
    stage: str,
    shape: Shape,
    plan: Plan,
    steps: int,
    start: Sequence[NDArray[Any]] | None,
) -> tuple[keras.Model, list[dict[str, Any]], int]:
    import keras

    from generation.training.melody_first import layers  # noqa: F401  registers the layers for loading

    path = folder / STATE
    if path.is_file():
        state = json.loads(path.read_text(encoding="utf-8"))
        if state["settings"] != settings:
            raise TrainingRefused(f"{folder} holds a run with other settings; give another --out, or --restart.")
        return keras.models.load_model(folder / CHECKPOINT), list(state["history"]), int(state["best"])
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(plan.seed)
    network = build_network(stage, shape)
    if start is not None:
        network.set_weights(list(start))
    compile_network(network, plan, steps)
    return network, [], 0


def _save_best(network: keras.Model, folder: Path) -> None:
    staging = folder / f"new-{BEST}"
    np.savez(staging, **{f"{i:03d}": w.astype(np.float32) for i, w in enumerate(network.get_weights())})
    staging.replace(folder / BEST)


def _save(
    network: keras.Model, folder: Path, settings: dict[str, Any], history: list[dict[str, Any]], best: int
) -> None:
    staging = folder / f"new-{CHECKPOINT}"
    network.save(staging)
    staging.replace(folder / CHECKPOINT)
    text = json.dumps({"settings": settings, "history": history, "best": best}, indent=1)
    (folder / STATE).write_text(text, encoding="utf-8")
