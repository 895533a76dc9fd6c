"""What the trained network can do: attribute control on unseen songs, and the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from generation.music.attributes import measure_arrays
from generation.music.attributes.schema import NAMES
from generation.music.form import Form
from generation.music.quantising import PER_BAR
from generation.networks.bounds import Draft, Plan
from generation.networks.composer import ComposerNetwork
from generation.networks.events import CONDITION_NAMES, LOWEST_RELATIVE, choose_conditions, velocity_of
from generation.networks.sampling import sample
from generation.training.composer.crops import Crop

MOST_CROPS: Final = 48
CONTROL_BARS: Final = 9
UNCONTROLLED: Final = ("tempo", "majorness")
"""Tempo is given, not drawn; majorness rests on a whole clip, a crop's would be compared with another thing."""


def measure_control(network: ComposerNetwork, crops: Sequence[Crop], seed: int) -> dict[str, dict[str, float]]:
    """Ask for the attributes of unseen crops, measure what comes: correlation and mean error per attribute.

    The chords are the crop's own; nothing else of it is shown. Attributes are counted from the tonic.
    """
    random = np.random.default_rng(seed)
    few = min(len(crops), MOST_CROPS)
    chosen = [crops[i] for i in random.permutation(len(crops))[:few]]
    drafts = sample(network, [_plan_like(crop) for crop in chosen], random)
    kept = [(crop, draft) for crop, draft in zip(chosen, drafts, strict=True) if len(draft) > 1]
    if len(kept) < 3:
        return {}
    asked = np.stack([crop.conditions for crop, _ in kept])
    got = np.stack([_measure(draft, crop.conditions[CONDITION_NAMES.index("tempo")]) for crop, draft in kept])
    control = {}
    for index, name in enumerate(CONDITION_NAMES):
        if name in UNCONTROLLED:
            continue
        both_vary = asked[:, index].std() > 0 and got[:, index].std() > 0
        correlation = float(np.corrcoef(asked[:, index], got[:, index])[0, 1]) if both_vary else 0.0
        error = float(np.abs(asked[:, index] - got[:, index]).mean())
        control[name] = {
            "correlation": round(correlation, 3),
            "error": round(error, 3),
            "spread": round(float(asked[:, index].std()), 3),
        }
    return control


def _plan_like(crop: Crop) -> Plan:
    bars = min(int(crop.events.starts[-1]) // PER_BAR + 2, CONTROL_BARS)
    halves = np.searchsorted(crop.events.starts, np.arange(bars * 2) * PER_BAR // 2, side="left")
    chords = crop.events.chords[np.minimum(halves, len(crop.events) - 1)]
    form = Form("free", 4, bars, tuple(int(c) for c in chords), (None,) * bars)
    return Plan(form, 0, frozenset(range(12)), 0.0, np.repeat(crop.conditions[None], bars, axis=0))


def _measure(draft: Draft, tempo: float) -> Any:
    sixteenth = 15.0 / tempo
    rows = np.stack(
        [
            np.array(draft.starts) * sixteenth,
            np.array(draft.pitches, dtype=np.float64) + LOWEST_RELATIVE,
            (np.array(draft.durations) + 1) * sixteenth,
            velocity_of(np.array(draft.velocities, dtype=np.int64)).astype(np.float64),
        ],
        axis=1,
    )
    return choose_conditions(measure_arrays(rows, tempo=float(tempo)).to_array(), 0)


def write_report(
    out: Path, history: Sequence[dict[str, float]], unseen: dict[str, float], control: dict[str, dict[str, float]]
) -> None:
    """Write ``report.md``: losses per epoch, accuracy on unseen songs, attribute control."""
    lines = ["# Composer network: training report", "", "| on unseen songs | |", "|---|---|"]
    lines += [f"| {name.replace('_', ' ')} | {value:.3f} |" for name, value in unseen.items()]
    lines += ["", "Loss is the sum of the four heads' cross-entropies in nats per note.", ""]
    lines += ["| attribute | correlation asked–measured | mean error | spread in the data |", "|---|---|---|---|"]
    lines += [
        f"| {NAMES[NAMES.index(name)].replace('_', ' ')} | {row['correlation']:.2f} | {row['error']:.3g} | "
        f"{row['spread']:.3g} |"
        for name, row in control.items()
    ]
    lines += ["", "| epoch | loss | on unseen songs |", "|---|---|---|"]
    lines += [f"| {i} | {row['loss']:.3f} | {row['unseen_loss']:.3f} |" for i, row in enumerate(history, 1)]
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
