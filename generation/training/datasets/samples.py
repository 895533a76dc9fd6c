"""Labelled pictures, whatever data set they come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """A picture file and what people said about it.

    Parameters
    ----------
    path : Path
        The file.
    label : tuple of float
        Probability of each emotion, in the data set's label order; sums to 1 (one 1 for a hard label).
    group : str
        Pictures of one group never fall into different parts of a split.
    valence, arousal : float, optional
        Human norms on −1…1 where there are any.
    brightness, colourfulness : float, optional
        The data set's own annotation on 0…1; absent where nobody annotated it.
    """

    path: Path
    label: tuple[float, ...]
    group: str
    valence: float | None = None
    arousal: float | None = None
    brightness: float | None = None
    colourfulness: float | None = None
