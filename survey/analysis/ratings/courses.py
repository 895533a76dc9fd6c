"""What was rated while clips played, as columns of samples."""

from __future__ import annotations

from dataclasses import dataclass, replace

from survey.analysis.estimates import Codes, Floats, Truths


@dataclass(frozen=True, slots=True)
class Courses:
    """Courses of main trials; they have names of their own, as not every answer has one.

    Attributes
    ----------
    participants, stimuli, conditions, emotions : tuple of str
        Names.
    participant, stimulus, condition, intended : array of int, shape (M,)
        Codes into them; `intended` is −1 where nothing is intended.
    valence, arousal : array of float or None, shape (M, T)
        Samples from the beginning of the clip, −1 to 1; NaN where the mark was not moved yet, where the clip was not
        heard, and behind the end of a clip that is shorter than the longest. None where nobody was asked.
    hertz : int
        Samples per second.
    """

    participants: tuple[str, ...]
    stimuli: tuple[str, ...]
    conditions: tuple[str, ...]
    emotions: tuple[str, ...]
    participant: Codes
    stimulus: Codes
    condition: Codes
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
            condition=self.condition[keep],
            intended=self.intended[keep],
            valence=None if self.valence is None else self.valence[keep],
            arousal=None if self.arousal is None else self.arousal[keep],
        )

    def in_cell(self, cell: str) -> Courses:
        """Return the courses of one cell of the design; all where `cell` is empty."""
        if not cell:
            return self
        return self.select(self.condition == (self.conditions.index(cell) if cell in self.conditions else -1))
