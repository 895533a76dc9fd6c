"""The muse: emotion → musical attributes → notes → performance, the best of several.

The network draws the notes inside a plan of chords and form; rules play them; the wanted attributes, plain
musicality and a critic that knows part of EMOPIA's train split choose among the candidates.
`shuffled` and `neutral` are the same composer as scientific controls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.emotions import EMOTIONS, Emotion
from generation.music.attributes import (
    KINDS,
    NAMES,
    Attributes,
    measure,
    neutral,
    shipped_table,
    target,
    target_bands,
)
from generation.music.attributes.targets import weigh_terms
from generation.music.copying import count_copied
from generation.music.musicality import judge_musicality
from generation.music.notes import Performance, Piece
from generation.networks.composer import LoadedComposer, load_composer
from generation.networks.composers import ComposeRequest, Composition
from generation.networks.critic import attain
from generation.networks.drafting import Wish, make_wish, plan_candidate, play_piece, write_piece
from generation.networks.sampling import sample

STRENGTH: Final = 1.15
VARIETY: Final = 0.65
"""How far clips wander from the target, as a share of the spread real clips have within a quadrant."""
MODE_VARIETY: Final = 0.3
"""The same for majorness, which must not cross over."""
REGISTER_VARIETY: Final = 1.0
"""The same for the registers, which tell little of the quadrant."""
WEIGHTS: Final = {"attainment": 0.3, "musicality": 0.2, "recognition": 0.35, "realism": 0.15}
"""What a candidate's total is made of; judgement."""
COPY_PENALTY: Final = 1.0
WIDTHS: Final = np.array([kind.width for kind in KINDS])


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate with what was measured on it and how it scored."""

    wish: Wish
    piece: Piece
    performance: Performance
    measured: Attributes
    scores: dict[str, float]


def compose(request: ComposeRequest) -> Composition:
    """Compose for the request's emotion or coordinates: the composer `muse`."""
    return _compose(request, locate(request), STRENGTH, {})


def compose_shuffled(request: ComposeRequest) -> Composition:
    """Compose for another emotion of a different quadrant: the control `shuffled`."""
    random = np.random.default_rng((request.seed & _MASK, 77))
    others = [emotion for emotion in EMOTIONS if emotion.quadrant != request.emotion.quadrant]
    other = others[int(random.integers(len(others)))]
    moved = ComposeRequest(other, request.seed, candidates=request.candidates)
    return _compose(moved, locate(moved), STRENGTH, {"control": "shuffled", "composed_for": other.slug})


def compose_neutral(request: ComposeRequest) -> Composition:
    """Compose with neutral attributes: the control `neutral`."""
    return _compose(request, (0.0, 0.0, 0.0), 0.0, {"control": "neutral"})


_MASK: Final = 2**63 - 1


def locate(request: ComposeRequest) -> tuple[float, float, float]:
    """Valence, arousal and dominance asked for: the request's own, else the emotion's."""
    emotion = request.emotion
    return (
        emotion.valence if request.valence is None else request.valence,
        emotion.arousal if request.arousal is None else request.arousal,
        emotion.dominance if request.dominance is None else request.dominance,
    )


def _compose(
    request: ComposeRequest, place: tuple[float, float, float], strength: float, notes: dict[str, str]
) -> Composition:
    loaded = load_composer()
    wanted = target(*place, strength) if strength else neutral()
    quadrant = choose_quadrant(request.emotion, place) if strength else None
    candidates = draw_candidates(loaded, wanted, place, quadrant, request.seed, request.candidates)
    best = max(range(len(candidates)), key=lambda index: (candidates[index].scores["total"], -index))
    chosen = candidates[best]
    return Composition(
        piece=chosen.piece,
        performance=chosen.performance,
        attributes=describe_attributes(chosen),
        scores={
            "chosen": best,
            "candidates": [candidate.scores for candidate in candidates],
            "recognised": loaded.critic.recognise(chosen.measured) if loaded.critic else {},
        },
        models={
            "composer": {
                "name": loaded.artifact.name,
                "version": loaded.artifact.version,
                "sha256": loaded.artifact.sha256,
            },
            "attribute_targets": {"name": "muse", "version": shipped_table().version},
            **notes,
        },
    )


def choose_quadrant(emotion: Emotion, place: tuple[float, float, float]) -> str:
    """The quadrant whose real clips a clip is compared with: the emotion's own, or the coordinates'."""
    if place == (emotion.valence, emotion.arousal, emotion.dominance):
        return emotion.quadrant
    energy = weigh_terms(*place)["energy"]
    if place[0] >= 0:
        return "Q1" if energy >= 0 else "Q4"
    return "Q2" if energy >= 0 else "Q3"


def draw_candidates(
    loaded: LoadedComposer,
    wanted: Attributes,
    place: tuple[float, float, float],
    quadrant: str | None,
    seed: int,
    count: int,
) -> list[Candidate]:
    """Write, play and score `count` candidates; the same seed gives the same ones."""
    random = np.random.default_rng((seed & _MASK, count, *(round((value + 1) * 1e6) for value in place)))
    interpretation = vary(wanted, loaded.residuals, random)
    wishes = [make_wish(interpretation, place, random) for _ in range(count)]
    drafts = sample(loaded.network, [plan_candidate(wish) for wish in wishes], random)
    candidates = []
    for wish, draft in zip(wishes, drafts, strict=True):
        piece = write_piece(draft, wish)
        performance = play_piece(piece, wish, random)
        measured = measure(performance, tempo=wish.tempo)
        candidates.append(Candidate(wish, piece, performance, measured, score(loaded, piece, measured, wish, quadrant)))
    return candidates


def vary(wanted: Attributes, residuals: NDArray[np.float64], random: np.random.Generator) -> Attributes:
    """One clip's own reading of the target: moved as real clips of one quadrant differ from each other."""
    values, vectors = np.linalg.eigh(residuals)
    step = vectors @ (np.sqrt(np.maximum(values, 0.0)) * np.clip(random.normal(size=len(values)), -2.0, 2.0))
    step *= VARIETY
    step[NAMES.index("majorness")] *= MODE_VARIETY / VARIETY
    for register in ("melody_register", "bass_register"):
        step[NAMES.index(register)] *= REGISTER_VARIETY / VARIETY
    return Attributes.from_array(wanted.to_array() + step)


def score(
    loaded: LoadedComposer, piece: Piece, measured: Attributes, wish: Wish, quadrant: str | None
) -> dict[str, float]:
    """Score one candidate; every part lies in 0…1, `copied` counts runs known from training clips."""
    starts = np.array([round(note.start * 4) for note in piece.notes])
    pitches = np.array([note.pitch for note in piece.notes])
    parts = {
        "attainment": attain(measured, wish.attributes, WIDTHS),
        "musicality": judge_musicality(piece, measured).total,
    }
    if loaded.critic is not None and quadrant is not None:
        parts["recognition"] = loaded.critic.recognise(measured)[quadrant]
        parts["realism"] = loaded.critic.realism(measured, quadrant)
    copied = count_copied(starts, pitches, loaded.tunes)
    total = sum(WEIGHTS[name] * value for name, value in parts.items()) - COPY_PENALTY * (copied > 0)
    return {**{name: round(value, 4) for name, value in parts.items()}, "copied": copied, "total": round(total, 4)}


def describe_attributes(candidate: Candidate) -> dict[str, dict[str, Any]]:
    """Target band and measured value of each attribute, for the page."""
    bands = target_bands(candidate.wish.attributes)
    return {
        kind.name: {
            "label": kind.label,
            "unit": kind.unit,
            "target": [round(bound, 3) for bound in bands[kind.name]],
            "measured": round(getattr(candidate.measured, kind.name), 3),
        }
        for kind in KINDS
    }
