"""What single clips were heard as, and which cues the model of the listeners' answers says so for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from survey.analysis.estimates import Floats
from survey.analysis.lens.judged import JudgedClips
from survey.analysis.lens.results import ClipReading, CueOfClip, CueOfEmotion, LensOfEmotion

MOST = 3
"""Cues named for a clip."""
FEWEST_ANSWERS = 2
"""To a clip; of one alone nobody knows whether it tells of the clip or of the person."""
LEAST_ADDED = 0.01
"""A cue that adds less than a point is not named."""


def read_clips(
    judged: JudgedClips, clips: Sequence[str], emotions: Sequence[str], lenses: Sequence[LensOfEmotion]
) -> tuple[ClipReading, ...]:
    """Return the reading of every clip whose most frequent answer is an emotion with weights.

    A cue adds weight × standardised value × standard deviation of the shares: by how much the model's share lies above
    that of the mean clip because of it, all else held. Only cues that listeners were shown to use are named (an
    interval without 0), and only those that add a point; none where the whole model expects fewer such answers than to
    the mean clip. A clip whose most frequent answer is none alone has no reading, nor has one with a single answer.

    Parameters
    ----------
    judged : JudgedClips
    clips, emotions : sequence of str
        Names of the clips in their order, and of emotions by code.
    lenses : sequence of LensOfEmotion
        With their cues in the order of ``judged.cues``.
    """
    # Of all emotions, not only those with weights: a clip heard as another one has no reading.
    chosen = np.zeros((len(clips), len(emotions) + 1))
    np.add.at(chosen, (judged.clip, judged.chosen), 1.0)  # the last column holds −1: none of them
    most = chosen.argmax(axis=1)
    spread = judged.judgement.std(axis=0)
    of_emotion = {int(code): float(spread[place]) for place, code in enumerate(judged.emotions)}
    by_name = {one.emotion: one for one in lenses}
    found = []
    for clip, code in enumerate(most.tolist()):
        alone = np.count_nonzero(chosen[clip] == chosen[clip, code]) == 1  # a tie is no reading
        if code in of_emotion and alone and chosen[clip].sum() >= FEWEST_ANSWERS:
            cues = _cues_of(judged.cues[clip], by_name[emotions[code]].cues, of_emotion[code])
            share = float(chosen[clip, code] / chosen[clip].sum())
            made = emotions[judged.intended[clip]]
            found.append(ClipReading(clips[clip], made, emotions[code], share, int(chosen[clip].sum()), cues))
    return tuple(found)


def is_used(cue: CueOfEmotion) -> bool:
    """Whether listeners were shown to use a cue: the interval of its utilisation is without 0."""
    ends = cue.utilisation.interval
    return ends is not None and (ends[0] > 0 or ends[1] < 0)


def _cues_of(values: Floats, cues: Sequence[CueOfEmotion], spread: float) -> tuple[CueOfClip, ...]:
    adds = [
        CueOfClip(cue.cue, float(value), cue.utilisation.estimate * float(value) * spread)
        for cue, value in zip(cues, values, strict=True)
        if is_used(cue) and cue.utilisation.estimate is not None
    ]
    whole = sum((cue.utilisation.estimate or 0.0) * float(value) for cue, value in zip(cues, values, strict=True))
    if whole <= 0:  # the model expects fewer such answers than to the mean clip: it does not say why there are more
        return ()
    return tuple(sorted((one for one in adds if one.added >= LEAST_ADDED), key=lambda one: -one.added)[:MOST])
