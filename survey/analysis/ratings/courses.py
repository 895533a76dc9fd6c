"""What was rated while clips played, as columns of samples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from survey.analysis.estimates import Codes, Floats, Truths


class Answers(Protocol):
    """Whose answers to which clips: names, and codes into them of shape (N,)."""

    @property
    def participants(self) -> tuple[str, ...]: ...
    @property
    def stimuli(self) -> tuple[str, ...]: ...
    @property
    def participant(self) -> Codes: ...
    @property
    def stimulus(self) -> Codes: ...


@dataclass(frozen=True, slots=True)
class Courses:
    """Courses of main trials; they have names of their own, as not every answer has one.

    Attributes
    ----------
    participants, stimuli, emotions : tuple of str
        Names.
    participant, stimulus, intended : array of int, shape (M,)
        Codes into them; `intended` is −1 where nothing is intended.
    valence, arousal : array of float or None, shape (M, T)
        Samples from the beginning of the clip, −1 to 1; NaN where the mark was not moved yet, where the clip was not
        heard, and behind the end of a clip that is shorter than the longest. None where nobody was asked.
    hertz : int
        Samples per second.
    """

    participants: tuple[str, ...]
    stimuli: tuple[str, ...]
    emotions: tuple[str, ...]
    participant: Codes
    stimulus: Codes
    intended: Codes
    valence: Floats | None
    arousal: Floats | None
    hertz: int

    def __len__(self) -> int:
        return int(self.participant.size)

    def select(self, keep: Truths) -> Courses:
        """Return the courses where `keep` is true; names keep their codes."""
        return replace(
            self,
            participant=self.participant[keep],
            stimulus=self.stimulus[keep],
            intended=self.intended[keep],
            valence=None if self.valence is None else self.valence[keep],
            arousal=None if self.arousal is None else self.arousal[keep],
        )

    def of_answers(self, answers: Answers) -> Courses:
        """Return the courses of the people and clips of these answers: each pair of them that has an answer there.

        Examples
        --------
        >>> from survey.analysis.ratings import Rating, collect
        >>> one, table = np.zeros(2, np.int64), np.zeros((2, 5))
        >>> courses = Courses(("A", "B"), ("S",), ("joy",), np.arange(2), one, one, table, None, 10)
        >>> courses.of_answers(collect([Rating("B", "S", "", "joy", "joy")])).participant.tolist()
        [1]
        """
        people, clips = np.array(answers.participants), np.array(answers.stimuli)
        pairs = set(zip(people[answers.participant].tolist(), clips[answers.stimulus].tolist(), strict=True))
        keep = [
            (self.participants[person], self.stimuli[clip]) in pairs
            for person, clip in zip(self.participant.tolist(), self.stimulus.tolist(), strict=True)
        ]
        return self.select(np.array(keep, bool))
