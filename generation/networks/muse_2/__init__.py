"""Muse 2: melody first, then an accompaniment that knows it, inside a form; the best of several candidates.

Cues of the emotion (`intentions`) become a plan (`planning`); two networks draw the notes
(`generation.networks.melody_first`); figures and a last chord follow (`writing`), then playing (`playing`); what came
nearest to what was asked for, and is well made, is chosen (`choosing`). `muse-2-neutral`, `muse-2-shuffled` and
`muse-2-unpictured` are the same composer as scientific controls.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from generation.emotions import EMOTIONS
from generation.music.attributes import describe_attributes
from generation.music.attributes.learned import LearnedTargets
from generation.music.attributes.picture import Place, shipped_picture_table
from generation.networks.composers import ComposeRequest, Composition
from generation.networks.melody_first.loading import LoadedStages, load_stages
from generation.networks.melody_first.sampling import compose_notes
from generation.networks.muse_2.choosing import Candidate, choose, make_candidate
from generation.networks.muse_2.intentions import Cues, find_cues, neutral_cues, shipped_intentions
from generation.networks.muse_2.learning import move_by_learned
from generation.networks.muse_2.planning import make_wish, plan_candidate, wander
from generation.networks.muse_2.seeing import move_cues
from generation.networks.muse_2.writing import write_piece
from generation.networks.seeing import BLIND, Sight, describe_sight, draw_place, locate, look, name_learned

VERSION: Final = "2"
"""Of the rules around the networks; the same seed and version give the same bytes."""
_MASK: Final = 2**63 - 1


def compose(request: ComposeRequest) -> Composition:
    """Compose for the request's picture and emotion or coordinates: the composer `muse-2`."""
    sight = look(request.picture)
    return _compose(request, aim(draw_place(request, sight), request.learned), sight)


def compose_unpictured(request: ComposeRequest) -> Composition:
    """Compose as if there were no picture: the control `muse-2-unpictured`."""
    return _mark_control(compose(replace(request, picture={})), "unpictured")


def compose_shuffled(request: ComposeRequest) -> Composition:
    """Compose for the picture and another emotion of a different quadrant: the control `muse-2-shuffled`."""
    random = np.random.default_rng((request.seed & _MASK, _number(request), 77))
    others = [emotion for emotion in EMOTIONS if emotion.quadrant != request.emotion.quadrant]
    other = others[int(random.integers(len(others)))]
    # A seed of its own, so that no two emotions of one seed share a clip, with each other or with `muse-2`.
    own_seed = (request.seed * len(EMOTIONS) + _number(request) + 1) & _MASK
    moved = ComposeRequest(
        other, own_seed, picture=request.picture, candidates=request.candidates, learned=request.learned
    )
    return _mark_control(compose(moved), "shuffled", composed_for=other.slug)


def compose_neutral(request: ComposeRequest) -> Composition:
    """Compose for no emotion and without the picture: the control `muse-2-neutral`; other pieces for other emotions.

    What was learned of emotions moves nothing here.
    """
    plain = replace(request, picture={}, valence=0.0, arousal=0.0, dominance=0.0, learned=None)
    return _mark_control(_compose(plain, neutral_cues(), BLIND), "neutral")


def aim(place: Place, learned: LearnedTargets | None = None) -> dict[str, float]:
    """The cues Muse 2 aims at in a place, before picture and wandering: its table's, then what was learned."""
    cues = find_cues(place)
    return move_by_learned(cues, learned.shift_at(place)) if learned else cues


def _mark_control(composition: Composition, control: str, **notes: str) -> Composition:
    """The composition with a note of which control it is."""
    return replace(composition, models={**composition.models, "control": control, **notes})


def _number(request: ComposeRequest) -> int:
    """The emotion's place among the eight: one seed gives other notes for other emotions, for controls as well."""
    return EMOTIONS.index(request.emotion)


def _compose(request: ComposeRequest, cues: Cues, sight: Sight) -> Composition:
    stages = load_stages()
    candidates = draw_candidates(stages, request, cues, sight)
    chosen = choose(candidates)
    best = candidates[chosen]
    return Composition(
        piece=best.piece,
        performance=best.performance,
        attributes=describe_attributes(best.wish.attributes, best.measured),
        scores={"chosen": chosen, "candidates": [candidate.scores for candidate in candidates]},
        models={
            "composer": {
                "name": stages.artifact.name,
                "version": stages.artifact.version,
                "sha256": stages.artifact.sha256,
                "rules": VERSION,
            },
            "attribute_targets": {"name": "muse-2", "version": shipped_intentions().version, **name_learned(request)},
            **({"picture_table": {"name": "muse", "version": shipped_picture_table().version}} if sight.used else {}),
        },
        picture=describe_sight(sight, locate(request), draw_place(request, sight)),
    )


def draw_candidates(stages: LoadedStages, request: ComposeRequest, cues: Cues, sight: Sight) -> list[Candidate]:
    """Write, play and score the candidates; the same request gives the same ones.

    The seed decides how the emotion is read, with or without a picture; the picture moves that reading, and decides
    which notes are drawn.
    """
    # Seeds of NumPy are not negative whole numbers: coordinates are moved to 0…2 and counted in millionths.
    stream = (
        request.seed & _MASK,
        request.candidates,
        _number(request),
        *(round((value + 1) * 1e6) for value in locate(request)),
    )
    random = np.random.default_rng(stream)
    reading = move_cues(wander(cues, random), sight.shifts)
    if sight.used:
        random = np.random.default_rng((*stream, sight.number))
    place = draw_place(request, sight)
    wishes = [make_wish(reading, place, random) for _ in range(request.candidates)]
    drafts = compose_notes(stages.melody, stages.accompaniment, [plan_candidate(wish) for wish in wishes], random)
    return [
        make_candidate(wish, write_piece(melody, below, wish, random), stages.tunes, random)
        for wish, (melody, below) in zip(wishes, drafts, strict=True)
    ]
