"""What is rated while a clip plays: how the samples lie on the clip, and which of what a browser sends can be kept."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

HERTZ: Final = 10
"""Samples per second of the clip, as it plays: pauses have none."""
WHOLE: Final = 1000
"""What stands for 1: places are told in thousandths."""
TOLERANCE: Final = 1.0
"""Seconds that the number of samples may differ from the clip's length: decoders do not agree on the last frames."""
LONGEST: Final = 500_000
"""Characters that a page may send: more than the 10 minutes of the longest clip take."""

Samples = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """Samples of every dimension in thousandths, as many of each; None where the mark had not been moved yet.

    `is_whole` says whether the clip was heard from its beginning to its end in one playing.
    """

    values: Mapping[str, Samples]
    is_whole: bool

    @property
    def samples(self) -> int:
        return len(next(iter(self.values.values())))


def samples_of(seconds: float) -> int:
    """Return how many samples a clip has: one at its beginning, then one every tenth of a second.

    >>> samples_of(0.25), samples_of(28.0), samples_of(2.3)
    (3, 281, 24)
    """
    return math.floor(round(seconds * HERTZ, 6)) + 1


def read_course(text: str, dimensions: Sequence[str], seconds: float | None) -> Followed | None:
    """Return what a page sent as it can be kept; None where nothing was rated, or where it cannot be.

    Parameters
    ----------
    text : str
        JSON: `{"hertz": 10, "whole": true, "valence": [null, 120, …], "arousal": […]}`.
    dimensions : sequence of str
        Those that the study asks for; none where it asks for none.
    seconds : float or None
        The clip's length; None where nothing is heard.

    Examples
    --------
    >>> read_course('{"hertz": 10, "whole": true, "valence": [null, 120, 130]}', ["valence"], 0.2)
    Followed(values={'valence': (None, 120, 130)}, is_whole=True)
    >>> read_course('{"hertz": 10, "whole": true, "valence": [null, 1200, 130]}', ["valence"], 0.2) is None
    True
    >>> read_course('{"hertz": 10, "whole": true, "valence": [null, null, null]}', ["valence"], 0.2) is None
    True
    """
    if not text or not dimensions or not seconds or len(text) > LONGEST:
        return None
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or told.get("hertz") != HERTZ:
        return None
    values = {name: tuple(told[name]) for name in dimensions if _are_samples(told.get(name), seconds)}
    if len(values) < len(dimensions) or len({len(samples) for samples in values.values()}) > 1:
        return None
    if all(sample is None for samples in values.values() for sample in samples):
        return None
    return Followed(values, told.get("whole") is True)


def _are_samples(told: Any, seconds: float) -> bool:
    """Whether this is a list as long as the clip, give or take, of thousandths from −1 to 1 and gaps."""
    if not isinstance(told, list) or abs(len(told) - samples_of(seconds)) > TOLERANCE * HERTZ:
        return False
    return bool(told) and all(sample is None or (type(sample) is int and -WHOLE <= sample <= WHOLE) for sample in told)
