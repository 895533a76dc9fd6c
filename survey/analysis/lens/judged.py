"""Clips with what was measured on them, what they were made for, and what people took them for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.estimates import Codes, Counts, Floats


@dataclass(frozen=True, slots=True)
class JudgedClips:
    """Clips that were answered.

    Attributes
    ----------
    cues : array of float, shape (S, A)
        What was measured, standardised over these clips; so no column is constant.
    intended : array of int, shape (S,)
        Code of the emotion each clip was made for.
    pieces : array of int, shape (S,)
        Codes 0 … of the piece that each clip plays: of pieces new ones could be made.
    person, clip, chosen : array of int, shape (N,)
        Codes of who answered, which clip, and which emotion; −1 where none of the emotions was chosen.
    emotions : array of int, shape (E,)
        Codes of the emotions that are looked at; others may be intended and chosen.
    """

    cues: Floats
    intended: Codes
    pieces: Codes
    person: Codes
    clip: Codes
    chosen: Codes
    emotions: Codes

    @property
    def criterion(self) -> Floats:
        """1 where a clip was made for the emotion, else 0; shape (S, E)."""
        result: Floats = (self.intended[:, None] == self.emotions).astype(float)
        return result

    @property
    def counts(self) -> Counts:
        """Answers that chose each emotion, shape (S, E)."""
        # Shape (N, E), summed per clip; a column of no emotion is never true, as codes of emotions are ≥ 0.
        said = self.chosen[:, None] == self.emotions
        rows = [np.bincount(self.clip[column], minlength=len(self.cues)) for column in said.T]
        return np.array(rows, np.int64).reshape(len(self.emotions), len(self.cues)).T

    @property
    def answers(self) -> Counts:
        """All answers to every clip, shape (S,); at least 1."""
        return np.bincount(self.clip, minlength=len(self.cues))

    @property
    def judgement(self) -> Floats:
        """Share of a clip's answers that chose the emotion, shape (S, E)."""
        result: Floats = self.counts / self.answers[:, None]
        return result

    @property
    def people(self) -> int:
        """How many people answered."""
        return int(np.unique(self.person).size)

    @property
    def strata(self) -> Codes:
        """Stratum of every piece, shape (pieces,), as codes 0 ….

        The emotion it was made for; all are one stratum where an emotion has a single piece, which says nothing about
        how much its pieces differ, or a piece has two emotions.
        """
        of_piece = np.zeros(int(self.pieces.max(initial=-1)) + 1, np.int64)
        of_piece[self.pieces] = self.intended
        codes, sizes = np.unique(of_piece, return_inverse=True, return_counts=True)[1:]
        mixed = bool((of_piece[self.pieces] != self.intended).any())
        return np.zeros_like(codes) if mixed or sizes.min(initial=2) < 2 else codes
