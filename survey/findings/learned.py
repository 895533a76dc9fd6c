"""What a lesson needs at least and what it comes to, whether it is about music or about pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from generation.models import ModelVersion

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
