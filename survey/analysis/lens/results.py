"""What the lens gives: every type of its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from survey.analysis.estimates import Interval
from survey.analysis.measures.units import POINTS, SHARE

AGREE, DISAGREE, COMPOSER_ONLY, LISTENERS_ONLY, NEITHER = (
    "agree",
    "disagree",
    "composer_only",
    "listeners_only",
    "neither",
)


@dataclass(frozen=True, slots=True)
class LensNumber:
    """A number of the lens."""

    estimate: Annotated[float | None, "the number"]
    interval: Annotated[
        Interval | None, "for new people and new clips; of what only the composer did, for new clips"
    ] = None
    reason: Annotated[str | None, "why something is `null`"] = None


@dataclass(frozen=True, slots=True)
class CueOfEmotion:
    """One cue of one emotion, from both sides."""

    cue: Annotated[str, "the cue"]
    validity: Annotated[LensNumber, "standardised weight with which the cue tells clips made for the emotion"]
    utilisation: Annotated[LensNumber, "standardised weight with which the cue tells how often it was chosen"]
    r_sender: Annotated[float | None, "simple correlation of the cue with being made for the emotion"]
    r_listener: Annotated[float | None, "simple correlation of the cue with the share of answers that chose it"]
    standing: Annotated[
        str | None,
        "`agree` (both intervals without 0, same sign), `disagree` (opposite signs), `composer_only`, `listeners_only`"
        " (one interval without 0) or `neither`; `null` without two intervals",
    ]


@dataclass(frozen=True, slots=True)
class LensOfEmotion:
    """The lens of one emotion: r_a = G R_e R_s + C √(1 − R_e²) √(1 − R_s²)."""

    emotion: Annotated[str, "the emotion"]
    clips: Annotated[int, "clips made for it"]
    answers: Annotated[int, "answers to them"]
    cues: Annotated[tuple[CueOfEmotion, ...], "every cue; empty where there are no weights"] = ()
    achievement: Annotated[
        LensNumber, "r_a: correlation of being made for the emotion with the share of answers that chose it"
    ] = LensNumber(None)
    matching: Annotated[LensNumber, "G: correlation of what the cues of the equation predict of both sides"] = (
        LensNumber(None)
    )
    sender_consistency: Annotated[
        LensNumber,
        "R_e: multiple correlation of being made for the emotion with the cues; interval around `sender_adjusted`",
    ] = LensNumber(None)
    listener_consistency: Annotated[
        LensNumber, "R_s: multiple correlation of the share of answers with the cues; interval likewise"
    ] = LensNumber(None)
    sender_adjusted: Annotated[float | None, "R_e as expected of unlimited clips (Ezekiel)"] = None
    listener_adjusted: Annotated[float | None, "R_s likewise"] = None
    unmodelled_agreement: Annotated[LensNumber, "C: correlation of what those cues leave of both sides"] = LensNumber(
        None
    )
    reason: Annotated[str | None, "why there are no weights, or no equation"] = None


@dataclass(frozen=True, slots=True)
class CuePair:
    """Two cues."""

    a: Annotated[str, "the one"]
    b: Annotated[str, "the other"]
    correlation: Annotated[float, "Pearson's r over clips"]


@dataclass(frozen=True, slots=True)
class CueOfClip:
    """What one cue adds to how a clip was heard, as the model of the answers has it."""

    cue: Annotated[str, "the cue"]
    standardised: Annotated[float, "its value in the clip, in standard deviations from the mean clip"]
    added: Annotated[float, "share of answers that the model adds for it, beside the mean clip", POINTS]


@dataclass(frozen=True, slots=True)
class ClipReading:
    """As what a clip was heard most, and which cues the model of the answers says so for."""

    clip: Annotated[str, "the clip; of pictures the first by name of those that show it"]
    intended: Annotated[str, "the emotion it was made for"]
    heard: Annotated[str, "the emotion chosen most"]
    share: Annotated[float, "share of answers that chose it", SHARE]
    answers: Annotated[int, "answers"]
    cues: Annotated[tuple[CueOfClip, ...], "the cues that add most, three at most; of those that listeners use"]


@dataclass(frozen=True, slots=True)
class Lens:
    """How emotions go through measured cues: from what clips were made for to what people took them for.

    In the lens of pictures (`picture_lens`) clips are the pictures shown, made for the emotion that they show; the
    composer are the pictures.
    """

    clips: Annotated[int, "clips with an intended emotion, answers and measured cues"]
    clips_left_out: Annotated[int, "clips without all of the cues; pictures that have several emotions, too"]
    answers: Annotated[int, "answers to the clips"]
    participants: Annotated[int, "people who gave them"]
    cues: Annotated[tuple[str, ...], "cues with weights"]
    cues_left_out: Annotated[tuple[str, ...], "cues that do not vary, or are known of too few clips"]
    equation_cues: Annotated[tuple[str, ...], "cues of the lens model equation; empty where clips are too few"]
    penalty: Annotated[float | None, "of ridge regression, per clip, chosen by generalised cross-validation"]
    emotions: Annotated[tuple[LensOfEmotion, ...], "every emotion that clips were made for"]
    correlations: Annotated[tuple[CuePair, ...], "every two cues, the most alike first"]
    readings: Annotated[tuple[ClipReading, ...], "every clip that most answers took for an emotion with weights"]
    reason: Annotated[str | None, "why there are no weights at all"] = None
