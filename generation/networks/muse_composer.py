"""The muse: emotion and picture → musical attributes → notes → performance, the best of several.

The network draws the notes inside a plan of chords and form; rules play them; the wanted attributes, plain
musicality and a critic that knows part of EMOPIA's train split choose among the candidates.
`unpictured`, `shuffled` and `neutral` are the same composer as scientific controls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.emotions import EMOTIONS, Emotion
from generation.music.attributes import (
    KINDS,
    NAMES,
    Attributes,
    describe_attributes,
    measure,
    neutral,
    shipped_table,
    target,
)
from generation.music.attributes.learned import LearnedTargets
from generation.music.attributes.picture import (
    LIMITS,
    Place,
    measure_moved,
    move_attributes,
    shipped_picture_table,
)
from generation.music.attributes.targets import fold_quadrant
from generation.music.copying import count_copied
from generation.music.musicality import judge_musicality
from generation.music.notes import Performance, Piece
from generation.networks.composer import LoadedComposer, load_composer
from generation.networks.composers import ComposeRequest, Composition
from generation.networks.critic import attain
from generation.networks.drafting import (
    FASTEST,
    Wish,
    find_slowest,
    make_wish,
    plan_candidate,
    play_piece,
    tune_piece,
    write_piece,
)
from generation.networks.sampling import sample
from generation.networks.seeing import BLIND, Sight, describe_sight, draw_place, locate, look, name_learned

STRENGTH: Final = 1.15
VARIETY: Final = 0.65
"""How far clips wander from the target, as a share of the spread real clips have within a quadrant."""
VARIETY_BESIDE_PICTURE: Final = 0.3
"""The same where a picture moves the music as well: what was chance is partly the picture's now."""
RESTRAINED: Final = 0.5
"""Share of a picture's shift that is left where it leads away from the quadrant; both calibrated with the benchmark."""
INDIFFERENT: Final = 0.02
"""Difference of the critic's probability between both ways that is none."""
MODE_VARIETY: Final = 0.3
"""The same for majorness, which must not cross over."""
REGISTER_VARIETY: Final = 1.0
"""The same for the registers, which tell little of the quadrant."""
OWN_VARIETY: Final = {
    "majorness": MODE_VARIETY,
    "melody_register": REGISTER_VARIETY,
    "bass_register": REGISTER_VARIETY,
}
FURTHEST: Final = 2.0
"""Deviates beyond are cut off."""
WEIGHTS: Final = {"attainment": 0.3, "musicality": 0.2, "recognition": 0.35, "realism": 0.15}
"""What a candidate's total is made of; judgement."""
WEIGHTS_BESIDE_PICTURE: Final = {**WEIGHTS, "recognition": 0.6, "following": 0.8}
"""The same where a picture moves the music: how well a candidate follows it, and more weight to the emotion."""
HARD_TO_FOLLOW: Final = {"majorness": 5.0, "width": 3.0}
"""Weights within `following`; the others count 1."""
FOLLOWING_WIDTH: Final = 0.3
"""What one z of `following` is, as a share of the furthest an attribute may move; judgement."""
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
    """Compose for the request's picture and emotion or coordinates: the composer `muse`."""
    return _compose(request, STRENGTH, {})


def compose_unpictured(request: ComposeRequest) -> Composition:
    """Compose as if there were no picture: the control `unpictured`."""
    return _compose(replace(request, picture={}), STRENGTH, {"control": "unpictured"})


def compose_shuffled(request: ComposeRequest) -> Composition:
    """Compose for the picture and another emotion of a different quadrant: the control `shuffled`."""
    random = np.random.default_rng((request.seed & _MASK, 77))
    others = [emotion for emotion in EMOTIONS if emotion.quadrant != request.emotion.quadrant]
    other = others[int(random.integers(len(others)))]
    moved = ComposeRequest(
        other, request.seed, picture=request.picture, candidates=request.candidates, learned=request.learned
    )
    return _compose(moved, STRENGTH, {"control": "shuffled", "composed_for": other.slug})


def compose_neutral(request: ComposeRequest) -> Composition:
    """Compose with neutral attributes and without the picture: the control `neutral`, which nobody teaches.

    One seed gives another piece for every emotion, so that a study with one seed does not play one clip eight times.
    """
    own_seed = (request.seed * len(EMOTIONS) + EMOTIONS.index(request.emotion)) & _MASK
    plain = replace(request, seed=own_seed, picture={}, valence=0.0, arousal=0.0, dominance=0.0, learned=None)
    return _compose(plain, 0.0, {"control": "neutral", "control_version": "2"})


_MASK: Final = 2**63 - 1


def _compose(request: ComposeRequest, strength: float, notes: dict[str, str]) -> Composition:
    loaded = load_composer()
    sight = look(request.picture)
    home, place = locate(request), draw_place(request, sight)
    wanted = aim(place, request.learned, strength) if strength else neutral()
    quadrant = choose_quadrant(request.emotion, home) if strength else None
    if sight.shifts:
        sight = replace(sight, shifts=restrain(loaded, aim(home, request.learned, strength), quadrant, sight))
    tempo_shift = request.learned.shift_at(place)["tempo"] if request.learned else 0.0
    candidates = draw_candidates(loaded, wanted, (home, place), quadrant, request, sight, tempo_shift)
    best = max(range(len(candidates)), key=lambda index: (candidates[index].scores["total"], -index))
    chosen = candidates[best]
    return Composition(
        piece=chosen.piece,
        performance=chosen.performance,
        attributes=describe_attributes(chosen.wish.attributes, chosen.measured),
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
            "attribute_targets": {"name": "muse", "version": shipped_table().version, **name_learned(request)},
            **({"picture_table": {"name": "muse", "version": shipped_picture_table().version}} if sight.used else {}),
            **notes,
        },
        picture=describe_sight(sight, home, place),
    )


def aim(place: Place, learned: LearnedTargets | None = None, strength: float = STRENGTH) -> Attributes:
    """The attributes the muse aims at in a place, before picture and variety: its table's, then what was learned.

    Examples
    --------
    >>> slower = LearnedTargets({"sadness": {"tempo": -5.0}})
    >>> sadness = (-0.7, -0.55, -0.65)
    >>> round(aim(sadness).tempo - aim(sadness, slower).tempo, 6)
    5.0
    """
    wanted = target(*place, strength)
    return learned.move(wanted, place) if learned else wanted


def aim_playable(place: Place, learned: LearnedTargets | None = None) -> Attributes:
    """The same as far as pieces of whole bars can follow: no tempo beyond the slowest and the fastest.

    Examples
    --------
    >>> slower = LearnedTargets({"sadness": {"tempo": -5.0}})
    >>> [aim_playable((-0.7, -0.55, -0.65), learned).tempo for learned in (None, slower)]
    [62.0, 57.0]
    """
    wanted = aim(place, learned)
    slowest = find_slowest(tempo_shift=learned.shift_at(place)["tempo"] if learned else 0.0)
    return replace(wanted, tempo=min(max(wanted.tempo, slowest), FASTEST))


def restrain(loaded: LoadedComposer, wanted: Attributes, quadrant: str | None, sight: Sight) -> dict[str, float]:
    """The shifts of a picture, each shortened to `RESTRAINED` where it leads away from the quadrant, for the critic.

    Which way leads away is asked with the furthest shift to either side, so that it is the same for every picture of
    one emotion, and pictures keep their order.
    """
    if loaded.critic is None or quadrant is None:
        return sight.shifts
    shifts = {}
    for name, shift in sight.shifts.items():
        there, back = (
            loaded.critic.recognise(move_attributes(wanted, {name: side * LIMITS[name]}))[quadrant]
            for side in (math.copysign(1.0, shift), -math.copysign(1.0, shift))
        )
        shifts[name] = shift * (RESTRAINED if there < back - INDIFFERENT else 1.0)
    return shifts


def choose_quadrant(emotion: Emotion, place: Place) -> str:
    """The quadrant whose real clips a clip is compared with: the emotion's own, or the coordinates'."""
    if place == (emotion.valence, emotion.arousal, emotion.dominance):
        return emotion.quadrant
    return fold_quadrant(*place)


def draw_candidates(
    loaded: LoadedComposer,
    wanted: Attributes,
    places: tuple[Place, Place],
    quadrant: str | None,
    request: ComposeRequest,
    sight: Sight,
    tempo_shift: float = 0.0,
) -> list[Candidate]:
    """Write, play and score the candidates; the same request gives the same ones.

    `places` are where the emotion lies and where the picture draws it. The seed decides how the emotion is read,
    with or without a picture; the picture moves that reading and decides which notes are drawn.
    """
    home, place = places
    # Seeds of NumPy are not negative whole numbers: coordinates are moved to 0…2 and counted in millionths.
    stream = (request.seed & _MASK, request.candidates, *(round((value + 1) * 1e6) for value in home))
    random = np.random.default_rng(stream)
    interpretation = vary(wanted, loaded.residuals, random, VARIETY_BESIDE_PICTURE if sight.used else VARIETY)
    if sight.used:
        interpretation = move_attributes(interpretation, sight.shifts, wanted.majorness)
        random = np.random.default_rng((*stream, sight.number))
    shares = {name: shift / LIMITS[name] for name, shift in sight.shifts.items()}
    wishes = [
        make_wish(interpretation, place, random, shares, ladder=(number % 8 - 3.5) / 3.5, tempo_shift=tempo_shift)
        for number in range(request.candidates)
    ]
    drafts = sample(loaded.network, [plan_candidate(wish) for wish in wishes], random)
    candidates = []
    for wish, draft in zip(wishes, drafts, strict=True):
        piece = tune_piece(write_piece(draft, wish), wish)
        performance = play_piece(piece, wish, random)
        measured = measure(performance, tempo=wish.tempo)
        scores = score(loaded, piece, measured, wish, quadrant, sight)
        candidates.append(Candidate(wish, piece, performance, measured, scores))
    return candidates


def vary(
    wanted: Attributes, residuals: NDArray[np.float64], random: np.random.Generator, variety: float = VARIETY
) -> Attributes:
    """One clip's own reading of the target: moved as real clips of one quadrant differ from each other."""
    # A draw from a normal distribution with covariance `residuals`, by its eigenvectors; deviates beyond 2 are cut off.
    values, vectors = np.linalg.eigh(residuals)
    deviates = np.clip(random.normal(size=len(values)), -FURTHEST, FURTHEST)
    step = vectors @ (np.sqrt(np.maximum(values, 0.0)) * deviates)
    step *= variety
    for name, share in OWN_VARIETY.items():
        step[NAMES.index(name)] *= share / VARIETY
    return Attributes.from_array(wanted.to_array() + step)


def spread_of_readings(residuals: NDArray[np.float64], variety: float = VARIETY) -> NDArray[np.float64]:
    """How far the readings of one target lie apart (`vary`): standard deviations, shape (attributes,).

    Examples
    --------
    >>> round(float(spread_of_readings(np.eye(len(NAMES)))[0]), 3)
    0.624
    """
    # The variance of a normal deviate that is cut off at ± FURTHEST.
    beyond = 1.0 - math.erf(FURTHEST / math.sqrt(2.0))
    density = math.exp(-0.5 * FURTHEST**2) / math.sqrt(2.0 * math.pi)
    cut = 1.0 - beyond - 2.0 * FURTHEST * density + FURTHEST**2 * beyond
    spread: NDArray[np.float64] = variety * np.sqrt(cut * np.diag(residuals))
    for name, share in OWN_VARIETY.items():
        spread[NAMES.index(name)] *= share / VARIETY
    return spread


def score(
    loaded: LoadedComposer,
    piece: Piece,
    measured: Attributes,
    wish: Wish,
    quadrant: str | None,
    sight: Sight = BLIND,
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
    if sight.shifts:
        parts["following"] = follow(measured, wish.attributes, sight)
    copied = count_copied(starts, pitches, loaded.tunes)
    weights = WEIGHTS_BESIDE_PICTURE if sight.shifts else WEIGHTS
    total = sum(weights[name] * value for name, value in parts.items()) - COPY_PENALTY * (copied > 0)
    return {**{name: round(value, 4) for name, value in parts.items()}, "copied": copied, "total": round(total, 4)}


def follow(measured: Attributes, wanted: Attributes, sight: Sight) -> float:
    """How near the attributes that a picture moves came to where it moved them, 0…1."""
    total = weights = 0.0
    for name in sight.shifts:
        away = measure_moved(measured, name) - measure_moved(wanted, name)
        weight = HARD_TO_FOLLOW.get(name, 1.0)
        total += weight / (1.0 + (away / (FOLLOWING_WIDTH * LIMITS[name])) ** 2)
        weights += weight
    return total / weights
