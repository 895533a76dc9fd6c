"""The training from folder to artifact: read, cut, fit, measure control, fit the critic, write."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from generation.music.attributes import measure_arrays
from generation.music.copying import collect_hashes
from generation.networks.artifacts import write_artifact
from generation.networks.composer import CRITIC_FILE, KIND, TUNES_FILE, WEIGHTS_FILE, ComposerNetwork
from generation.training.composer.criticism import fit_critic, measure_residuals
from generation.training.composer.crops import Crop, cut_crops
from generation.training.composer.exporting import export_weights, pack_weights, round_weights
from generation.training.composer.fitting import Plan, Scaling, fit, measure_loss, use_one_thread
from generation.training.composer.network import build_network
from generation.training.composer.reporting import measure_control, write_report
from generation.training.datasets.emopia import PianoClip, read_clips
from generation.training.datasets.songs import share_of_song
from generation.training.workplace import TrainingRefused

if TYPE_CHECKING:
    import keras

CHECK_SHARE: Final = 0.1
"""Share of songs held out to see how well unseen songs are predicted."""
NETWORK_FILE: Final = "composer.keras"


def train_and_report(options: dict[str, Any], stdout: TextIO) -> None:
    """Do everything `manage.py train composer` promises."""
    out = Path(options["out"])

    def report(line: str) -> None:
        stdout.write(line if line.endswith("\n") else line + "\n")

    if options["restart"] and out.exists():
        shutil.rmtree(out)
    use_one_thread()
    clips = read_training_clips(Path(options["data"]), report)
    crops = cut_crops(clips, report, _bar("Cutting"))
    if not crops:
        raise TrainingRefused("No clip can be used: each needs at least 24 notes. Add more MIDI files.")
    training, checking = split_songs(crops)
    scaling = Scaling.of(training)
    report(f"{len(training)} crops to learn from, {len(checking)} of other songs to check.")
    plan = Plan(options["epochs"], options["share"], options["seed"], options["units"])
    network, history = fit(training, checking, scaling, plan, out, report, _steps)
    folder = write_trained(network, scaling, clips, checking, history, options, out)
    report(f"The network is in {folder}, the report in {out / 'report.md'}.")


def read_training_clips(folder: Path, report: Callable[[str], None]) -> list[PianoClip]:
    """Read the clips of `folder`; where labels mark splits, those of the train split."""
    try:
        clips = read_clips(folder, report=report, progress=_bar("Reading"))
    except (FileNotFoundError, ValueError) as error:
        raise TrainingRefused(str(error)) from error
    marked = [clip for clip in clips if clip.split == "train"]
    if marked:
        report(f"labels.csv marks splits: {len(marked)} of {len(clips)} clips are for training.")
        return marked
    return clips


def split_songs(crops: Sequence[Crop]) -> tuple[list[Crop], list[Crop]]:
    """Hold out a tenth of the songs, at least one; with a single song both parts are the same."""
    songs = sorted({crop.song for crop in crops}, key=lambda song: (share_of_song(song), song))
    if len(songs) == 1:
        return list(crops), list(crops)
    held = {song for song in songs if share_of_song(song) < CHECK_SHARE} or {songs[0]}
    if len(held) == len(songs):
        held = {songs[0]}
    training = [crop for crop in crops if crop.song not in held]
    return training, [crop for crop in crops if crop.song in held]


def write_trained(
    network: keras.Model,
    scaling: Scaling,
    clips: Sequence[PianoClip],
    checking: Sequence[Crop],
    history: list[dict[str, float]],
    options: dict[str, Any],
    out: Path,
) -> Path:
    """Round, measure, and write artifact and report; returns the artifact's folder."""
    from generation.training.composer.crops import stack

    round_weights(network)
    arrays = export_weights(network, scaling)
    served = ComposerNetwork(arrays)
    control = measure_control(served, checking, options["seed"])
    unseen = measure_loss(network, stack(checking, scaling.mean, scaling.spread))
    files: dict[str, bytes | Path] = {
        WEIGHTS_FILE: pack_weights(arrays),
        TUNES_FILE: _pack(collect_tunes(clips)),
        NETWORK_FILE: _strip_optimizer(network, options["units"], out),
    }
    critic = fit_critic(clips)
    if critic is not None:
        files[CRITIC_FILE] = _pack(critic)
    metrics = {"unseen": unseen, "control": control, "epochs": len(history), "crops": len(checking)}
    folder = out / f"{options['name']}-{options['artifact_version']}"
    write_artifact(
        folder,
        kind=KIND,
        name=options["name"],
        version=options["artifact_version"],
        labels=[],
        data={"folder": Path(options["data"]).name, "clips": len(clips), "songs": len({c.song for c in clips})},
        metrics=metrics,
        files=files,
        overwrite=True,
        extra={"seed": options["seed"], "units": options["units"]},
    )
    (out / "history.json").write_text(json.dumps(history, indent=1), encoding="utf-8")
    write_report(out, history, unseen, control)
    return folder


def _strip_optimizer(network: keras.Model, units: int, out: Path) -> bytes:
    """The network alone, without the optimiser's memory, as bytes of a .keras file."""
    bare = build_network(units)
    bare.set_weights(network.get_weights())
    path = out / NETWORK_FILE
    bare.save(path)
    return path.read_bytes()


def collect_tunes(clips: Sequence[PianoClip]) -> dict[str, NDArray[Any]]:
    """Hashes of the clips' tunes and the covariance of attributes within quadrants (or among all clips)."""
    tunes = collect_hashes(
        ((clip.table[:, 0] / 0.04).astype(np.int64), clip.table[:, 1].astype(np.int64)) for clip in clips
    )
    attributes = np.stack([measure_arrays(clip.table, pedal=clip.pedal).to_array() for clip in clips])
    labels = np.array([int(str(clip.quadrant)[1]) if clip.quadrant else 0 for clip in clips])
    return {"hashes": tunes, "residuals": measure_residuals(attributes, labels)}


def _pack(arrays: dict[str, NDArray[Any]]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def _bar(title: str) -> Callable[[Iterable[Any]], Iterable[Any]]:
    def show(items: Iterable[Any]) -> Iterable[Any]:
        return tqdm(items, desc=title, unit="clip", mininterval=1.0)

    return show


def _steps(items: Iterable[Any], title: str) -> Iterable[Any]:
    return tqdm(items, desc=title, unit="batch", mininterval=1.0, leave=False)
