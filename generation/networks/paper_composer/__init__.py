"""The `paper` composer: seed clip → predicted features → notes, by a fixed musical mapping.

The network (`mfcc_emotion`) completes frames of 13 MFCC values from seed clips of the wanted class, one
frame for each bar of two phrases and a coda. The seed paper does not say how features become notes; the
mapping here is ours and stands in ``docs/models/paper-composer.md``. It is the baseline of studies and
stays as it is: a change of mapping is a new `MAPPING_VERSION`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from generation.music.features import measure_features
from generation.music.length import RELEASED_SECONDS
from generation.music.notes import play_straight
from generation.networks.composers import ComposeRequest, Composition
from generation.networks.mfcc_emotion import MfccEmotionNetwork, load_mfcc_emotion
from generation.networks.paper_composer.arrangement import arrange
from generation.networks.paper_composer.frames import draw_frames, open_random
from generation.networks.paper_composer.plan import plan_piece
from generation.networks.paper_composer.styles import STYLES, Style

MAPPING_VERSION: Final = "1.1"
"""1.1: the piece is fitted to the common length of all clips; 1.0 ended where its bars did."""


def compose(request: ComposeRequest) -> Composition:
    """Compose with the shipped network; see `compose_with`."""
    return compose_with(load_mfcc_emotion(), request)


def compose_with(network: MfccEmotionNetwork, request: ComposeRequest) -> Composition:
    """Write a piece of the common length for two hands.

    The piece depends on emotion, seed, picture measurements, the network's weights and the mapping, and
    on nothing else. Valence, arousal, dominance and candidates of the request are not used: the seed
    paper conditions on the class alone.
    """
    emotion, style = request.emotion, STYLES[request.emotion.slug]
    random = open_random(emotion.slug, request.seed, request.picture)
    frames = draw_frames(network, emotion.turkish_class, random)
    piece = arrange(plan_piece(style, frames, random), style, frames)
    probabilities = network.predict(frames.raw).mean(axis=0)
    return Composition(
        piece=piece,
        performance=play_straight(piece, released=RELEASED_SECONDS),
        attributes=compare_with_targets(style, measure_features(piece).as_dict()),
        scores={
            "class": emotion.turkish_class,
            "class_probabilities": {
                label: round(float(value), 4) for label, value in zip(network.labels, probabilities, strict=True)
            },
        },
        models={
            "mfcc_emotion": {"name": "paper", "version": network.version, "sha256": network.sha256},
            "mapping": {"name": "paper", "version": MAPPING_VERSION},
        },
    )


def compare_with_targets(style: Style, measured: Mapping[str, Any]) -> dict[str, Any]:
    """Return the bands the mapping aims at beside what was measured: name to unit, target, measured.

    Examples
    --------
    >>> from generation.networks.paper_composer.styles import STYLES
    >>> compare_with_targets(STYLES["sadness"], {"tempo": 60.0})["tempo"]
    {'label': 'Tempo', 'unit': 'beats per minute', 'target': [52, 66], 'measured': 60.0}
    """
    centre = style.centre
    rows: list[tuple[str, str, str, Sequence[float] | None]] = [
        ("tempo", "Tempo", "beats per minute", style.tempo),
        ("mode", "Mode", "", None),
        ("right_pitch", "Register of the right hand", "MIDI number", (centre - 6, centre + 6)),
        ("velocity_mean", "Dynamics", "MIDI velocity", style.velocity),
        ("articulation", "Articulation", "duration / inter-onset interval", style.articulation),
        ("notes_per_second", "Note density, both hands", "notes per second", None),
    ]
    return {
        name: {"label": label, "unit": unit, "target": list(target) if target else None, "measured": measured.get(name)}
        for name, label, unit, target in rows
    }
