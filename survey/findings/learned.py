"""What a lesson needs at least and what it comes to, whether it is about music or about pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from generation.models import ModelVersion
from survey.analysis.wording import counted

FEWEST_PEOPLE: Final = 10
"""With fewer people nothing is learned: they could hardly be told from each other."""
Tell = Callable[[str], None]


class NothingToLearn(ValueError):
    """What was answered does not suffice; the message says what is missing."""


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
