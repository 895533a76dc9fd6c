"""How long a session takes, before anybody took part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# Assumptions in seconds, on the slow side; a running study's monitor shows what people really need.
CONSENT: Final = 60.0
SOUND_CHECK: Final = 30.0
HEADPHONE_TEST: Final = 90.0
BACKGROUND: Final = 30.0
CHOICE: Final = 8.0
CONFIDENCE: Final = 3.0
AFFECT: Final = 8.0
WORD: Final = 6.0


def answer_seconds(*, confidence: bool = False, affect: bool = False, word: bool = False) -> float:
    """Return how long one answer takes after the clip, in seconds.

    Parameters
    ----------
    confidence, affect, word : bool
        Whether people are asked how sure they are, for valence and arousal, and for a free word.

    Examples
    --------
    >>> answer_seconds(), answer_seconds(confidence=True, affect=True, word=True)
    (8.0, 25.0)
    """
    return CHOICE + CONFIDENCE * confidence + AFFECT * affect + WORD * word


def session_seconds(
    trials: Sequence[tuple[int, float]],
    answer: float,
    *,
    sound_check: bool = True,
    headphone_test: bool = False,
    background: bool = False,
) -> float:
    """Return how long a participant needs from consent to thanks, in seconds.

    Parameters
    ----------
    trials : sequence of (int, float)
        How many trials, and how long their clips are on average in seconds (0 for pictures alone).
    answer : float
        Seconds per answer, as from `answer_seconds`.
    sound_check, headphone_test, background : bool
        Which pages come beside the trials.

    Raises
    ------
    ValueError
        When a number of trials or a length is negative.

    Examples
    --------
    >>> session_seconds([(8, 25.0), (2, 0.0)], 11.0, background=True)
    430.0
    """
    if any(number < 0 or length < 0 for number, length in trials):
        raise ValueError("Numbers of trials and lengths of clips cannot be negative.")
    pages = CONSENT + SOUND_CHECK * sound_check + HEADPHONE_TEST * headphone_test + BACKGROUND * background
    return pages + sum(number * (length + answer) for number, length in trials)
