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
    order : array of int or None
        Place of the trial in its person's session; None where it is not known.
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
    order: Codes | None = None

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
            order=None if self.order is None else self.order[keep],
        )

    def left_at(self) -> Truths | None:
        """Return whether a person ended at each trial: not answered, and nothing came after it.

        None where the order of trials is not known.

        Examples
        --------
        >>> codes = np.array([0, 0, 0])
        >>> given = Given(("P",), ("S", "T", "U"), ("",), ("fear",), codes, np.arange(3), codes, codes,
        ...               np.array([True, False, False]), np.arange(3))
        >>> given.left_at().tolist()
        [False, False, True]
        """
        if self.order is None:
            return None
        last = np.full(len(self.participants), -1, np.int64)
        np.maximum.at(last, self.participant, self.order)
        result: Truths = ~self.answered & (self.order == last[self.participant])
        return result
