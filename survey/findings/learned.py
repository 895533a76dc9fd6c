"""What a lesson needs at least and what it comes to, whether it is about music or about pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from generation.models import ModelVersion
from survey.analysis.wording import counted

FEWEST_PEOPLE: Final = 10
"""With fewer people nothing is learned: they could hardly be told from each other."""
FEWEST_EVEN: Final = 9.5
"""The same of people as if all had answered equally often: one who answers what ten others left unanswered would be
taken for all. In simulated lessons where few people go by something, and no two alike, targets moved in 60 of 60 where
one person gave 104 answers and nine gave 3 each (1.6 people), in 16 of 60 at 6.1, 10 of 60 at 8.8, 3 of 60 at 10.7, and
in 2 of 60 of ten people who answered equally often."""
Tell = Callable[[str], None]


class NothingToLearn(ValueError):
    """What was answered does not suffice; the message says what is missing."""


def count_even(person: np.ndarray) -> float:
    """How many people who answer equally often would tell as much; `person` has a code ≥ 0 for every answer.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7.
    """
    each = np.bincount(person).astype(float)
    return float(each.sum() ** 2 / (each**2).sum()) if each.any() else 0.0


def refuse_uneven(person: np.ndarray) -> None:
    """Raise NothingToLearn where a few of the people gave most of the answers; `person` as of `count_even`."""
    if (even := count_even(person)) < FEWEST_EVEN:
        raise NothingToLearn(
            f"There are answers of {np.unique(person).size} people, but a few of them gave most: they tell as much as"
            f" {even:.1f} who answered equally often, and a lesson needs at least {FEWEST_EVEN:g}."
        )


@dataclass(frozen=True, slots=True)
class Learned:
    """What a lesson found, how many answers of every study (by its key) it learned from, and the version it keeps.

    `make_version` is None where nothing gave reason to keep one.
    """

    result: dict[str, Any]
    answers: dict[int, int]
    make_version: Callable[[], ModelVersion] | None


def say_beside_pictures(answers: int) -> str:
    """What is said of answers that were left out for the picture beside the clip.

    >>> say_beside_pictures(1)
    '1 answer to clips with their pictures beside them is left out: other clips were heard alone, and what people see \
sways what they say of music.'
    """
    are = "is" if answers == 1 else "are"
    return (
        f"{counted(answers, 'answer')} to clips with their pictures beside them {are} left out: other clips were heard"
        " alone, and what people see sways what they say of music."
    )
