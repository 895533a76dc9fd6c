"""EMOPIA's labels as a listener: one label per clip, measured attributes as cues, songs as the sample."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes import NAMES, measure_arrays
from generation.training.datasets.emopia import read_clips
from survey.analysis.lens import Answers, Lens, measure_lens

Floats = NDArray[np.float64]

JUDGEMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "quadrant": {quadrant: quadrant for quadrant in ("Q1", "Q2", "Q3", "Q4")},
    "valence": {
        "Q1": "positive valence",
        "Q2": "negative valence",
        "Q3": "negative valence",
        "Q4": "positive valence",
    },
    "arousal": {"Q1": "high arousal", "Q2": "high arousal", "Q3": "low arousal", "Q4": "low arousal"},
}
"""What a clip was taken for, by its quadrant: itself, and the halves of valence and arousal (Russell 1980)."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Clips with one label each.

    Attributes
    ----------
    names, songs, quadrants : sequence of str, length S
        Clips of one song are no new sample.
    values : array of float, shape (S, 19)
        Measured attributes, in the order of `NAMES`.
    """

    names: Sequence[str]
    songs: Sequence[str]
    quadrants: Sequence[str]
    values: Floats


def gather(
    folder: Path, *, report: Callable[[str], None], progress: Callable[[Iterable[Path]], Iterable[Path]] = iter
) -> Labelled:
    """Read a folder's clips and measure their attributes; clips without a label are reported and left out.

    Raises
    ------
    FileNotFoundError
        When the folder is missing or holds no MIDI file.
    ValueError
        When no clip has a label.
    """
    clips = read_clips(folder, report=report, progress=progress)
    known = [clip for clip in clips if clip.quadrant in JUDGEMENTS["quadrant"]]
    if not known:
        raise ValueError(f"{folder} holds no clips with a quadrant; is it EMOPIA?")
    if len(known) < len(clips):
        report(f"{len(clips) - len(known)} clips have no quadrant and are left out.")
    return Labelled(
        [clip.name for clip in known],
        [clip.song for clip in known],
        [str(clip.quadrant) for clip in known],
        np.stack([measure_arrays(clip.table, pedal=clip.pedal).to_array() for clip in known]),
    )


def fit(labelled: Labelled, judgement: str) -> Lens:
    """Return the lens of a judgement (a key of `JUDGEMENTS`).

    The label stands on both sides, so that achievement is 1 and both sides have the same weights. A single listener
    has no interval for new people; those of the sender's side are for new songs, labelled as these were.
    """
    of = JUDGEMENTS[judgement]
    emotions = list(dict.fromkeys(of.values()))
    clips = np.arange(len(labelled.names))
    label = np.array([emotions.index(of[quadrant]) for quadrant in labelled.quadrants])
    songs = np.unique(np.array(labelled.songs), return_inverse=True)[1]
    answers = Answers(np.zeros_like(clips), clips, songs, label, label, labelled.names, emotions)
    return measure_lens(answers, NAMES, labelled.values)
