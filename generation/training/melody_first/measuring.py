"""Loss on songs that no epoch was chosen by, per head, with intervals by song."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.networks.melody_first.knowledge import HEADS
from generation.training.melody_first.arrays import Scaling, Steps, stack
from generation.training.melody_first.fitting import Plan, group, prepare

if TYPE_CHECKING:
    import keras

DRAWS: Final = 1000


def measure_unseen(
    network: keras.Model, steps: Sequence[Steps], songs: Sequence[str], scaling: Scaling, plan: Plan
) -> dict[str, Any]:
    """Cross-entropy per note in nats by head and in all, and the sum's 95 % interval from drawing songs anew."""
    losses, counts = np.zeros((len(steps), len(HEADS))), np.zeros((len(steps), len(HEADS)))
    for indices, length in group(steps, plan, None):
        batch = stack([steps[i] for i in (indices * plan.batch)[: plan.batch]], scaling, length)
        inputs, targets, _ = prepare(batch)
        logits = network.predict_on_batch(inputs)
        for column, head in enumerate(HEADS):
            weights = batch.weights[..., int(head == "advances")]
            given = cross_entropy(np.asarray(logits[head], np.float64), targets[head]) * weights
            losses[indices, column] = given.sum(axis=1)[: len(indices)]
            counts[indices, column] = weights.sum(axis=1)[: len(indices)]
    by_head = losses.sum(axis=0) / counts.sum(axis=0)
    low, high = _interval(losses, counts, songs)
    return {
        **{head: round(float(value), 4) for head, value in zip(HEADS, by_head, strict=True)},
        "loss": round(float(by_head.sum()), 4),
        "interval": [round(low, 4), round(high, 4)],
        "songs": len(set(songs)),
        "notes": int(counts[:, 0].sum()),
    }


def cross_entropy(logits: NDArray[np.float64], targets: NDArray[Any]) -> NDArray[np.float64]:
    """Nats that each target costs, shape of `targets`.

    >>> cross_entropy(np.zeros((1, 4)), np.array([2])).round(4).tolist()
    [1.3863]
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=-1))
    chosen: NDArray[np.float64] = np.take_along_axis(shifted, targets[..., None].astype(np.int64), axis=-1)[..., 0]
    return total - chosen


def _interval(losses: NDArray[np.float64], counts: NDArray[np.float64], songs: Sequence[str]) -> tuple[float, float]:
    names, place = np.unique(np.array(songs), return_inverse=True)
    by_song = np.zeros((2, len(names), losses.shape[1]))
    np.add.at(by_song[0], place, losses)
    np.add.at(by_song[1], place, counts)
    drawn = np.random.default_rng(0).integers(0, len(names), (DRAWS, len(names)))
    sums = (by_song[0][drawn].sum(axis=1) / by_song[1][drawn].sum(axis=1)).sum(axis=1)
    low, high = np.quantile(sums, (0.025, 0.975))
    return float(low), float(high)
