"""Artifacts and report of the composer in two stages."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.networks.artifacts import Artifact, write_artifact
from generation.networks.melody_first.knowledge import HEADS
from generation.networks.melody_first.loading import ACCOMPANIMENT_FILE, KIND, LAYOUT, MELODY_FILE, TUNES_FILE
from generation.training.composer.exporting import pack_weights

LICENCES = {
    "pop909": "MIT (arrangements; the songs belong to their authors)",
    "emopia": "CC BY-NC-SA 4.0",
}


def write_stages(
    folder: Path,
    arrays: Mapping[str, dict[str, NDArray[Any]]],
    hashes: NDArray[np.uint32],
    account: Mapping[str, Any],
    metrics: Mapping[str, Any],
    *,
    name: str,
    version: str,
    begun_from: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Artifact:
    """Write both stages' weights, the hashes of the songs they learned from, and the manifest into `folder`.

    `arrays` has the exported weights by stage, `account` what `preparing` counted of every set learned from.
    """
    stream = io.BytesIO()
    np.savez_compressed(stream, hashes=hashes)
    more: dict[str, Any] = {"layout": LAYOUT, **(extra or {})}
    if begun_from:
        more["begun_from"] = begun_from
    data = {
        name: {
            "licence": LICENCES[name],
            **counted["counts"],
            "songs in parts": {part: len(songs) for part, songs in counted["parts"].items()},
            "held out to choose the epoch": counted["parts"]["check"],
            "held out to report on": counted["parts"]["test"],
        }
        for name, counted in account.items()
    }
    return write_artifact(
        folder,
        kind=KIND,
        name=name,
        version=version,
        labels=[],
        data=data,
        metrics=metrics,
        files={
            MELODY_FILE: pack_weights(arrays["melody"]),
            ACCOMPANIMENT_FILE: pack_weights(arrays["accompaniment"]),
            TUNES_FILE: stream.getvalue(),
        },
        overwrite=True,
        extra=more,
    )


def tell_losses(losses: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """Lines of a table: network, set of unseen songs, nats per note by head and in all with interval."""
    heads = list(HEADS)
    lines = [
        f"| network | unseen songs of | {' | '.join(heads)} | all | 95 % interval |",
        "|---|---|" + "---|" * (len(heads) + 2),
    ]
    for network, by_set in losses.items():
        for set_name, row in by_set.items():
            low, high = row["interval"]
            values = " | ".join(f"{row[head]:.2f}" for head in heads)
            lines.append(f"| {network} | {set_name} | {values} | {row['loss']:.2f} | {low:.2f}–{high:.2f} |")
    return lines


def tell_music(columns: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Lines of a table of `listening.measure_music`, one column for each of `columns`."""
    names = list(next(iter(columns.values())))
    lines = [f"| | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    for name in names:
        lines.append(f"| {name} | {' | '.join(f'{values[name]:.3f}' for values in columns.values())} |")
    return lines


def write_report(
    out: Path,
    histories: Mapping[str, Sequence[Mapping[str, float]]],
    losses: Mapping[str, Mapping[str, Mapping[str, Any]]],
    music: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> None:
    """Write ``report.md``: losses on unseen songs, what was written beside what is real, the curves."""
    lines = ["# Composer in two stages: training report", "", "Cross-entropy in nats per note.", ""]
    lines += tell_losses(losses)
    for set_name, columns in music.items():
        lines += ["", f"## Written over the chords of unseen songs of {set_name}", "", *tell_music(columns)]
    for name, history in histories.items():
        lines += ["", f"## Curve: {name}", "", "| epoch | training loss | on songs held out |", "|---|---|---|"]
        lines += [f"| {i} | {row['training_loss']:.3f} | {row['loss']:.3f} |" for i, row in enumerate(history, 1)]
    (out / "report.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
