"""From a picture and an emotion to a finished clip. No Django, no TensorFlow; a worker or a script calls it."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from generation.emotions import get_emotion
from generation.images.features import measure_picture
from generation.music import score, sound
from generation.music.attributes import measure
from generation.music.attributes.learned import LearnedTargets
from generation.music.cues.changing import change_all, tell_change
from generation.music.features import measure_features
from generation.music.length import CLIP_SECONDS, LENGTH_VERSION
from generation.music.notes import Performance, play_straight
from generation.networks.artifacts import ArtifactRefused
from generation.networks.composers import ComposeRequest, Composition, compose, package_of
from generation.networks.image_emotion import PictureEmotion, load_image_emotion
from generation.networks.recalibration import Recalibration

HELD_SECONDS = 0.2
"""A last chord that rings this much longer than written has a fermata."""
STEPS = ("composing", "writing", "rendering", "encoding", "measuring")
"""What a clip goes through, in order; `report` is told each name."""


@dataclass(frozen=True, slots=True)
class PictureLabel:
    """What the image network and the measurements say of a picture."""

    emotion: PictureEmotion
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """What a clip is made from. The same request with the same models gives the same bytes."""

    emotion: str
    composer: str
    seed: int
    picture: Mapping[str, float] = field(default_factory=dict)
    valence: float | None = None
    arousal: float | None = None
    dominance: float | None = None
    candidates: int = 8
    soundfont: Path | None = None
    renderer: str = "auto"
    learned: LearnedTargets | None = None
    cues: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clip:
    """A finished clip: files, what was measured on them, and how they came about."""

    midi: bytes
    musicxml: bytes
    mp3: bytes
    second: bytes
    second_extension: str
    duration_seconds: float
    loudness_lufs: float
    true_peak_dbtp: float
    notes: list[list[float | int | str]]
    features: dict[str, Any]
    attributes: dict[str, Any]
    scores: dict[str, Any]
    provenance: dict[str, Any]
    seconds: dict[str, float]

    @property
    def midi_sha256(self) -> str:
        return hashlib.sha256(self.midi).hexdigest()

    @property
    def mp3_sha256(self) -> str:
        return hashlib.sha256(self.mp3).hexdigest()

    @property
    def second_sha256(self) -> str:
        return hashlib.sha256(self.second).hexdigest()


def label_picture(
    picture: bytes, artifact: Path | None = None, recalibration: Recalibration | None = None
) -> PictureLabel:
    """Measure a picture and ask the image emotion network (the shipped default, or the one in `artifact`).

    Raises ArtifactRefused where `recalibration` was learned for another network.
    """
    network = load_image_emotion(artifact)
    if recalibration is not None and recalibration.base["sha256"] != network.artifact.sha256:
        raise ArtifactRefused(f"{network.artifact.folder} is not the network that {recalibration.version} corrects.")
    emotion = network.predict(picture, recalibration)
    measures = {name: round(value, 6) for name, value in emotion.measures.items()}
    return PictureLabel(emotion, measures or measure_picture(picture).as_dict())


class _Stopwatch:
    """Tells `report` what begins, and remembers how long each step took."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self.report = report
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.report(name)
        begun = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - begun, 4)


def make_clip(request: ClipRequest, report: Callable[[str], None] = lambda step: None) -> Clip:
    """Compose, write, render, level and encode, and measure one clip.

    `report` is called with the name of each step as it begins; it may raise to stop the work.
    """
    watch = _Stopwatch(report)
    with watch.step("composing"):
        composition = compose(
            request.composer,
            ComposeRequest(
                emotion=get_emotion(request.emotion),
                seed=request.seed,
                picture=request.picture,
                valence=request.valence,
                arousal=request.arousal,
                dominance=request.dominance,
                candidates=request.candidates,
                learned=request.learned,
            ),
        )
        if request.cues:
            composition = change_composition(composition, request.cues)
    with watch.step("writing"):
        piece = composition.piece
        performance = composition.performance or play_straight(piece)
        midi = score.write_midi(piece, composition.performance)
        held = performance.seconds > piece.seconds + HELD_SECONDS
        if not piece.marks:
            piece = replace(score.fill_gaps(piece), marks=score.mark_piece(piece, performance))
        musicxml = score.write_musicxml(piece, fermata=held)
    with watch.step("rendering"):
        played = sound.render(midi, renderer=request.renderer, soundfont=request.soundfont)
    with watch.step("encoding"):
        recording = sound.finish(played)
    with watch.step("measuring"):
        features = measure_features(midi).as_dict()
    provenance: dict[str, Any] = {
        "models": dict(composition.models),
        "sound": played.provenance,
        "length": {"seconds": CLIP_SECONDS, "version": LENGTH_VERSION},
        "software": _software(request.composer),
    }
    if composition.picture:
        provenance["picture"] = dict(composition.picture)
    return Clip(
        midi=midi,
        musicxml=musicxml,
        mp3=recording.mp3,
        second=recording.second,
        second_extension=sound.SECOND_EXTENSION,
        duration_seconds=round(recording.seconds, 3),
        loudness_lufs=round(recording.loudness.integrated_lufs, 2),
        true_peak_dbtp=round(recording.loudness.true_peak_dbtp, 2),
        notes=_piano_roll(performance),
        features=features,
        attributes=dict(composition.attributes),
        scores=dict(composition.scores),
        provenance=provenance,
        seconds=watch.seconds,
    )


def change_composition(composition: Composition, levels: Mapping[str, str]) -> Composition:
    """The same composition with its cues brought to `levels`, and what was measured on it measured anew.

    What was aimed at stays as the composer says it: a changed cue lies beside its target on purpose. An attribute of a
    composer's own cannot be measured here, and is left out: it would be that of the piece before the change.
    """
    changed = change_all(composition.piece, composition.performance, levels)
    told = tell_change(composition.piece, changed.piece, levels)
    measured = measure(changed.performance, tempo=changed.piece.tempo).to_dict()
    return replace(
        composition,
        piece=changed.piece,
        performance=changed.performance,
        attributes={
            name: {**facts, "measured": round(measured[name], 3)}
            for name, facts in composition.attributes.items()
            if name in measured
        },
        models={**composition.models, "cues": told},
    )


def _piano_roll(performance: Performance) -> list[list[float | int | str]]:
    return [
        [round(note.onset, 3), round(note.duration, 3), note.pitch, note.velocity, note.hand]
        for note in performance.notes
    ]


def _software(composer: str) -> dict[str, str]:
    packages = ("numpy", "music21", "mido", "lameenc", "soundfile", "pyloudnorm")
    found = {"python": platform.python_version()} | {name: version(name) for name in packages}
    package = package_of(composer)
    return found | ({package.name: package.version} if package else {})
