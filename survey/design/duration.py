"""How long a session takes, before anybody took part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

# Assumptions in seconds, on the slow side; a running study's monitor shows what people really need.
CONSENT: Final = 60.0
SOUND_CHECK: Final = 30.0
HEADPHONE_TEST: Final = 90.0
CHOICE: Final = 8.0


def answer_seconds(questions: Iterable[float] = ()) -> float:
    """Return how long one answer takes after the clip, in seconds.

    Parameters
    ----------
    questions : iterable of float
        Seconds of each question beside the main one.

    Examples
    --------
    >>> answer_seconds(), answer_seconds([3.0, 4.0, 4.0, 6.0])
    (8.0, 25.0)
    """
    return CHOICE + sum(questions)


def session_seconds(
    trials: Sequence[tuple[int, float]],
    answer: float,
    *,
    sound_check: bool = True,
    headphone_test: bool = False,
    questions: float = 0.0,
) -> float:
    """Return how long a participant needs from consent to thanks, in seconds.

    Parameters
    ----------
    trials : sequence of (int, float)
        How many trials, and how long their clips are on average in seconds (0 for pictures alone).
    answer : float
        Seconds per answer, as from `answer_seconds`.
    sound_check, headphone_test : bool
        Which pages come beside the trials.
    questions : float
        Seconds of the questions about the person.

    Raises
    ------
    ValueError
        When a number of trials or a length is negative.

    Examples
    --------
    >>> session_seconds([(8, 25.0), (2, 0.0)], 11.0, questions=30.0)
    430.0
    """
    if any(number < 0 or length < 0 for number, length in trials):
        raise ValueError("Numbers of trials and lengths of clips cannot be negative.")
    pages = CONSENT + SOUND_CHECK * sound_check + HEADPHONE_TEST * headphone_test + questions
    return pages + sum(number * (length + answer) for number, length in trials)
