"""The door for who teaches the composers: what they aim at now, and taking in what listeners taught.

Whoever analyses answers needs these names and nothing else of the making side. Neither TensorFlow nor music21 is
loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation import queries
from generation.audit import Actor, record
from generation.emotions import EMOTIONS, SLUGS, Emotion
from generation.models import LEARNED, ModelVersion
from generation.music.attributes import KINDS, NAMES, AttributeKind
from generation.music.attributes.learned import MOST_WIDTHS, LearnedTargets
from generation.music.attributes.moved import TargetMove, tell_moves
from generation.music.attributes.targets import shipped_table
from generation.networks.artifacts import ArtifactRefused
from generation.networks.drafting import FASTEST, SLOWEST_PICTURED
from generation.networks.muse_2.intentions import shipped_intentions
from generation.networks.muse_composer import aim_playable, spread_of_readings
from generation.networks.real_music import RealMusic, find_real_music
from melodymuse_site.storage import keep_hashed
from melodymuse_site.turns import in_turn

FloatArray = NDArray[np.float64]
KIND = ModelVersion.Kind.ATTRIBUTE_TARGETS


@dataclass(frozen=True, slots=True)
class PresentTargets:
    """What a version of the targets asks of music, emotion by emotion, as numbers in the attributes' units.

    Rows are emotions in the order of `slugs`, columns attributes in the order of `names`.
    """

    version: ModelVersion | None
    """Which targets these are; None where none is registered: then they are the table as shipped."""
    table: str
    """The version of the shipped table, which every learned version starts from."""
    slugs: tuple[str, ...]
    names: tuple[str, ...]
    kinds: tuple[AttributeKind, ...]
    """Label, unit, range and width of the target band of each attribute."""
    shipped: FloatArray
    """Shape (emotions, attributes): what `muse` aims at by the shipped table alone, exaggeration included."""
    shifts: FloatArray
    """Shape (emotions, attributes): by how much this version moves that; 0 for the table as shipped."""
    aims: FloatArray
    """Shape (emotions, attributes): both together, within what can be asked for."""
    spread: FloatArray
    """Shape (attributes,): standard deviation of what clips of one emotion are meant to be, around `aims`."""
    widths: FloatArray
    """Shape (attributes,): half-width of the target band."""
    minima: FloatArray
    """Shape (attributes,): the least that `muse` can be asked for: of tempo what pieces of whole bars allow."""
    maxima: FloatArray
    """Shape (attributes,): the most."""
    furthest: FloatArray
    """Shape (attributes,): the largest shift, either way, that `register_learned_targets` takes."""
    real: RealMusic
    """Where real music lies: its mean and covariance."""


def present_targets(version: ModelVersion | None = None) -> PresentTargets:
    """What the composer aims at by `version`, or by the targets in force now.

    The numbers are those of `muse`. `muse-2` starts from a table of its own and moves by the same shifts
    (`generation.networks.muse_2.learning` says which attributes it cannot follow).
    Raises ArtifactRefused where the file of learned targets is gone or damaged.
    """
    version = version or queries.default_model(KIND)
    learned = queries.learned_targets(version)
    places = [_place(emotion) for emotion in EMOTIONS]
    moved = [list(learned.shift_at(place).values()) if learned else [0.0] * len(NAMES) for place in places]
    return PresentTargets(
        version=version,
        table=shipped_table().version,
        slugs=SLUGS,
        names=NAMES,
        kinds=KINDS,
        shipped=np.array([aim_playable(place).to_array() for place in places]),
        shifts=np.array(moved),
        aims=np.array([aim_playable(place, learned).to_array() for place in places]),
        spread=spread_of_readings(find_real_music().within),
        widths=np.array([kind.width for kind in KINDS]),
        minima=np.array([SLOWEST_PICTURED if kind.name == "tempo" else kind.minimum for kind in KINDS]),
        maxima=np.array([FASTEST if kind.name == "tempo" else kind.maximum for kind in KINDS]),
        furthest=np.array([MOST_WIDTHS * kind.width for kind in KINDS]),
        real=find_real_music(),
    )


def register_learned_targets(
    *, shifts: Mapping[str, Mapping[str, float]], provenance: Mapping[str, Any], by: Actor
) -> ModelVersion:
    """Keep what listeners taught as a version of the attribute targets. It serves nobody until somebody chooses it.

    `shifts` say by emotion and attribute how far targets lie from the *shipped* table, in the attributes' units: who
    learned from an earlier version adds its `PresentTargets.shifts`. `provenance` is what JSON holds; ``studies`` (a
    list of slugs) and ``answers`` (a number) are named where people choose. The same content is the same row.
    Raises ValueError with a sentence.
    """
    base = {"muse": shipped_table().version, "muse-2": shipped_intentions().version}
    learned = LearnedTargets(shifts, base, provenance)
    # Before the row, and before its transaction: a row that is there has its file, and nobody waits for a slow store.
    # What a refused transaction leaves is harmless: the same content has the same name.
    name = keep_hashed("targets", learned.to_json(), learned.sha256, ".json")
    return _register(learned=learned, artifact=name, by=by)


@in_turn
def _register(*, learned: LearnedTargets, artifact: str, by: Actor) -> ModelVersion:
    model, created = ModelVersion.objects.get_or_create(
        kind=KIND,
        name=LEARNED,
        version=learned.version,
        defaults={
            "artifact": artifact,
            "sha256": learned.sha256,
            "manifest": {"base": dict(learned.base), "provenance": dict(learned.provenance)},
        },
    )
    if model.sha256 != learned.sha256:
        raise ArtifactRefused(f"{model} is registered with other contents: its hash begins alike.")
    if created:
        record(action="register_learned_targets", about=model, by=by, sha256=model.sha256, **_count(learned))
    return model


def _count(learned: LearnedTargets) -> dict[str, int]:
    """How much it moves, for the log."""
    return {"emotions": len(learned.shifts), "shifts": sum(len(moved) for moved in learned.shifts.values())}


def what_moved(model: ModelVersion) -> list[tuple[Emotion, list[TargetMove]]]:
    """Each emotion with what learned targets moved of it, as `muse` aims at it; emotions that stay are left out.

    Raises ArtifactRefused where their file is gone or damaged.
    """
    learned = queries.learned_targets(model)
    if learned is None:
        return []
    moves = [
        (emotion, tell_moves(aim_playable(_place(emotion)), aim_playable(_place(emotion), learned)))
        for emotion in EMOTIONS
    ]
    return [(emotion, told) for emotion, told in moves if told]


MOST_TOLD = 3


def say_what_moved(model: ModelVersion) -> str:
    """The same in a few words: the furthest moves of each emotion."""
    parts = []
    for emotion, moves in what_moved(model):
        more = f" and {len(moves) - MOST_TOLD} more" if len(moves) > MOST_TOLD else ""
        parts.append(f"{emotion.label}: {', '.join(map(str, moves[:MOST_TOLD]))}{more}")
    return "; ".join(parts) or "no target"


def _place(emotion: Emotion) -> tuple[float, float, float]:
    return emotion.valence, emotion.arousal, emotion.dominance
