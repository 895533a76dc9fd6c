"""The training loop: epochs with early stopping and learning-rate reduction, that can be killed and resumed.

After every epoch the model with its optimizer and the state of the loop are written; the state file is replaced in
one move and names the model it belongs to. Batches, augmentation and dropout depend on (seed, epoch) alone, so a
resumed run sees what an uninterrupted one would have seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from generation.training.image_emotion.pixels.network import inputs_of
from generation.training.image_emotion.pixels.preparation import Prepared
from generation.training.image_emotion.pixels.splitting import Rows

AFFECT: Final = ("valence", "arousal")


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: the paper's values are the defaults."""

    epochs: int = 10
    batch: int = 64
    seed: int = 1
    patience: int = 3
    reduce_after: int = 2
    reduce_by: float = 0.3
    augment: bool = False
    class_weights: bool = False


@dataclass(slots=True)
class Progress:
    """State of the loop after `epoch` epochs; `history` has one row per epoch."""

    epoch: int = 0
    best_loss: float = float("inf")
    best_epoch: int = 0
    stopped: bool = False
    history: list[dict[str, float]] = field(default_factory=list)


def fit(
    model: Any,
    names: tuple[str, ...],
    data: Prepared,
    train: Rows,
    validation: Rows,
    plan: Plan,
    *,
    folder: Path | None = None,
    quiet: bool = False,
) -> tuple[Any, Progress]:
    """Train `model` and return the best epoch's model.

    Parameters
    ----------
    model : keras.Model
        Compiled; replaced by the checkpoint's where `folder` has one.
    names : tuple of str
        The measures, in the order of ``data.measures``' columns.
    data, train, validation
        Pictures, and the rows to learn from and to watch.
    plan : Plan
        Epochs, batch, patience and so on.
    folder : Path, optional
        Where checkpoints go; without it nothing is kept and nothing can be resumed.
    quiet : bool
        No progress bar.
    """
    model, progress, best = _resume(model, folder)
    weights = _class_weights(data.labels[train]) if plan.class_weights else None
    while progress.epoch < plan.epochs and not progress.stopped:
        random = np.random.default_rng([plan.seed, progress.epoch])
        _reseed_dropout(model, plan.seed, progress.epoch)
        order = random.permutation(train)
        losses = []
        steps = tqdm(
            _batches(order, plan.batch),
            total=-(-len(order) // plan.batch),
            disable=quiet,
            mininterval=1.0,
            desc=f"Epoch {progress.epoch + 1} of {plan.epochs}",
            unit="batch",
        )
        for rows in steps:
            losses.append(_step(model, names, data, rows, weights, random if plan.augment else None))
        row = {
            "loss": float(np.mean(losses)),
            **_watch(model, names, data, order[:2048], "train"),
            **_watch(model, names, data, validation, "validation"),
            "learning_rate": float(model.optimizer.learning_rate),
        }
        best = _advance(model, progress, row, plan, best)
        _save(model, progress, folder)
    if best is not None:
        model.set_weights(best)
    return model, progress


def _reseed_dropout(model: Any, seed: int, epoch: int) -> None:
    """Dropout's generator is not in the checkpoint; it starts each epoch from (seed, epoch)."""
    for layer in model.layers:
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            generator.state.assign(np.array([seed, epoch], dtype=generator.state.dtype))


def _batches(order: Rows, size: int) -> Iterator[Rows]:
    for start in range(0, len(order), size):
        yield np.sort(order[start : start + size])  # sorted: quicker to read from disk


def _step(
    model: Any,
    names: tuple[str, ...],
    data: Prepared,
    rows: Rows,
    weights: NDArray[np.float64] | None,
    random: np.random.Generator | None,
) -> float:
    pixels = data.pixels[rows]
    if random is not None:
        pixels = augment(pixels, random)
    targets = {"emotion": data.labels[rows]}
    sample = np.ones(len(rows)) if weights is None else data.labels[rows] @ weights
    importance = {"emotion": sample}
    if "affect" in model.output_names:
        targets["affect"] = np.stack([data.fact(name)[rows] for name in AFFECT], axis=1)
        importance["affect"] = np.ones(len(rows))
    inputs = inputs_of(names, pixels, data.measures[rows])
    result = model.train_on_batch(inputs, targets, sample_weight=importance, return_dict=True)
    return float(result["loss"])


def augment(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Mirror half of the pictures and shift each by up to an eighth; neither changes what is measured."""
    side = pixels.shape[1]
    reach = side // 8
    changed = np.empty_like(pixels)
    for row, picture in enumerate(pixels):
        mirrored = picture[:, ::-1] if random.random() < 0.5 else picture
        padded = np.pad(mirrored, ((reach, reach), (reach, reach), (0, 0)), mode="reflect") if reach else mirrored
        top, left = random.integers(0, 2 * reach + 1, 2)
        changed[row] = padded[top : top + side, left : left + side]
    return changed


def _class_weights(labels: NDArray[np.float32]) -> NDArray[np.float64]:
    """Inverse of each emotion's share, so that rare ones count as much; the mean weight is 1."""
    share = np.maximum(labels.mean(axis=0, dtype=np.float64), 1e-6)
    weights: NDArray[np.float64] = 1.0 / (share * np.count_nonzero(share > 1e-6))
    return np.minimum(weights, 10.0)


def predict(
    model: Any, names: tuple[str, ...], data: Prepared, rows: Rows, batch: int = 256
) -> dict[str, NDArray[np.float64]]:
    """Outputs of the network by name, in the order of `rows`."""
    parts = [
        model.predict_on_batch(inputs_of(names, data.pixels[chunk], data.measures[chunk]))
        for chunk in (rows[start : start + batch] for start in range(0, len(rows), batch))
    ]
    return {name: np.concatenate([part[name] for part in parts]).astype(np.float64) for name in parts[0]}


def _watch(model: Any, names: tuple[str, ...], data: Prepared, rows: Rows, part: str) -> dict[str, float]:
    """Loss and accuracy on some pictures, without dropout."""
    outputs = predict(model, names, data, rows)
    labels, found = data.labels[rows], np.clip(outputs["emotion"], 1e-7, 1.0)
    loss = float(-(labels * np.log(found)).sum(axis=1).mean())
    if "affect" in outputs:
        truth = np.stack([data.fact(name)[rows] for name in AFFECT], axis=1)
        loss += float(((outputs["affect"] - truth) ** 2).mean())
    accuracy = float((found.argmax(axis=1) == labels.argmax(axis=1)).mean())
    return {f"{part}_loss": loss, f"{part}_accuracy": accuracy}


def _advance(
    model: Any, progress: Progress, row: dict[str, float], plan: Plan, best: list[Any] | None
) -> list[Any] | None:
    """Note the epoch; remember the best weights, lower the learning rate or stop."""
    progress.epoch += 1
    progress.history.append(row)
    if row["validation_loss"] < progress.best_loss - 1e-4 or best is None:
        progress.best_loss, progress.best_epoch = row["validation_loss"], progress.epoch
        return model.get_weights()
    waited = progress.epoch - progress.best_epoch
    if waited % plan.reduce_after == 0:
        model.optimizer.learning_rate = float(model.optimizer.learning_rate) * plan.reduce_by
    progress.stopped = waited >= plan.patience
    return best


# Checkpoints


def _resume(model: Any, folder: Path | None) -> tuple[Any, Progress, list[Any] | None]:
    if folder is None or not (folder / "state.json").is_file():
        return model, Progress(), None
    import keras

    state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    progress = Progress(**state["progress"])
    model = keras.models.load_model(folder / state["last"])
    best = keras.models.load_model(folder / f"epoch-{progress.best_epoch}.keras", compile=False).get_weights()
    return model, progress, best


def _save(model: Any, progress: Progress, folder: Path | None) -> None:
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    last = f"epoch-{progress.epoch}.keras"
    model.save(folder / f"part-{last}")
    (folder / f"part-{last}").replace(folder / last)
    part = folder / "state.part"
    part.write_text(json.dumps({"last": last, "progress": asdict(progress)}, indent=1), encoding="utf-8")
    part.replace(folder / "state.json")
    kept = {last, f"epoch-{progress.best_epoch}.keras"}
    for old in folder.glob("*.keras"):
        if old.name not in kept:
            old.unlink()
