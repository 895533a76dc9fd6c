"""Trials that were given, answered or not: what is missing, and where people left."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from survey.analysis.estimates import Codes, Truths


@dataclass(frozen=True, slots=True)
class Given:
    """Every main trial as columns; it has names of its own, for nothing of it is left out with the answers.

    Attributes
    ----------
    participants, stimuli, conditions, emotions : tuple of str
        Names.
    participant, stimulus, condition, intended : array of int, shape (M,)
        Codes into them; `intended` is −1 where nothing is intended.
    answered : array of bool
    left : array of bool or None
        Whether the person ended at the trial (`left_at`); None where the order of trials is not known.
    """

    participants: tuple[str, ...]
    stimuli: tuple[str, ...]
    conditions: tuple[str, ...]
    emotions: tuple[str, ...]
    participant: Codes
    stimulus: Codes
    condition: Codes
    intended: Codes
    answered: Truths
    left: Truths | None = None

    def __len__(self) -> int:
        return int(self.answered.size)

    def select(self, keep: Truths) -> Given:
        """Return the trials where `keep` is true; names keep their codes."""
        return replace(
            self,
            participant=self.participant[keep],
            stimulus=self.stimulus[keep],
            condition=self.condition[keep],
            intended=self.intended[keep],
            answered=self.answered[keep],
            left=None if self.left is None else self.left[keep],
        )


def left_at(participant: Codes, order: Codes, answered: Truths) -> Truths:
    """Return whether a person ended at each trial: not answered, and nothing came after it.

    Of a part of the trials the last one is not where somebody left: ask of every trial, of whatever kind and cell,
    and select afterwards.

    Parameters
    ----------
    participant, order : array of int, shape (M,)
        Person ≥ 0, and place in their session; −1 where it is not known, and then nobody left there.
    answered : array of bool, shape (M,)

    Examples
    --------
    >>> left_at(np.array([0, 0, 0]), np.arange(3), np.array([True, False, False])).tolist()
    [False, False, True]
    """
    last = np.full(int(participant.max(initial=-1)) + 1, -1, np.int64)
    np.maximum.at(last, participant, order)
    result: Truths = ~answered & (order >= 0) & (order == last[participant])
    return result
