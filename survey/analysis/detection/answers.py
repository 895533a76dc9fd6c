"""Answers yes or no as counts per emotion named, and the weights with which the emotions are put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.detection.rates import correct_rate, density_at, response_criterion, sensitivity
from survey.analysis.estimates import Codes, Floats, Truths


@dataclass(frozen=True, slots=True)
class YesNoAnswers:
    """Answers yes or no; all arrays have the shape (N,).

    Attributes
    ----------
    people, clips, asked : array of int
        Codes 0 … n − 1 of the person, of the piece (or picture) and of the emotion named.
    target : array of bool
        Whether the emotion named is the intended one; the others are lures.
    yes : array of bool
    emotions : int
        Number of emotions that may be named.
    """

    people: Codes
    clips: Codes
    asked: Codes
    target: Truths
    yes: Truths
    emotions: int

    def comparable(self) -> YesNoAnswers:
        """Return the answers about emotions that were named as target and as lure; the others cannot be held together.

        Somebody who says yes to *sadness* and no to *fear*, whatever is played, would otherwise seem to hear
        something wherever sad clips are more frequent.
        """
        both = (self.count(self.target) > 0) & (self.count(~self.target) > 0)
        return self if both.all() else self.select(both[self.asked])

    def select(self, keep: Truths) -> YesNoAnswers:
        """Return some of the answers, with people and clips numbered anew."""
        people, clips = (np.unique(codes[keep], return_inverse=True)[1] for codes in (self.people, self.clips))
        return YesNoAnswers(people, clips, self.asked[keep], self.target[keep], self.yes[keep], self.emotions)

    def count(self, keep: Truths) -> Floats:
        """Return how many of the answers kept are about each emotion, shape (emotions,)."""
        result: Floats = np.bincount(self.asked[keep], minlength=self.emotions).astype(float)
        return result

    @property
    def own(self) -> Codes:
        """The emotion that each clip is meant to express, shape (clips,); −1 where no target tells."""
        result = np.full(int(self.clips.max(initial=-1)) + 1, -1, np.int64)
        # A clip's own emotion is what its targets name; all of them name the same.
        result[self.clips[self.target]] = self.asked[self.target]
        return result


@dataclass(frozen=True, slots=True)
class NamedRates:
    """Rates of every emotion named, shape (emotions,), and all of them together.

    Emotion e counts with w_e ∝ t_e l_e / (t_e + l_e), of t_e targets and l_e lures (Cochran's weights), in both
    rates alike: so a name that is liked raises both and not their difference.
    """

    targets: Floats
    lures: Floats
    hits: Floats
    alarms: Floats
    weights: Floats

    @classmethod
    def of(cls, answers: YesNoAnswers) -> NamedRates:
        """Count comparable answers, of which there must be some."""
        targets, lures = answers.count(answers.target), answers.count(~answers.target)
        weights = targets * lures / np.maximum(targets + lures, 1)
        return cls(
            targets,
            lures,
            answers.count(answers.target & answers.yes) / np.maximum(targets, 1),
            answers.count(~answers.target & answers.yes) / np.maximum(lures, 1),
            weights / weights.sum(),
        )

    @property
    def shares(self) -> tuple[float, float]:
        """Hit rate and false-alarm rate of all together, as observed."""
        return float(self.weights @ self.hits), float(self.weights @ self.alarms)

    @property
    def rates(self) -> tuple[float, float]:
        """The same, corrected."""
        hits, alarms = self.shares
        return correct_rate(hits, float(self.targets.sum())), correct_rate(alarms, float(self.lures.sum()))

    @property
    def corrected(self) -> tuple[Floats, Floats]:
        """Corrected rates of every emotion; .5 where there are no answers."""
        return correct_rate(self.hits, self.targets), correct_rate(self.alarms, self.lures)

    @property
    def densities(self) -> tuple[Floats, Floats]:
        """`density_at` the corrected rates of every emotion."""
        hits, alarms = self.corrected
        return np.array([density_at(one) for one in hits]), np.array([density_at(one) for one in alarms])

    @property
    def d_prime(self) -> float:
        """Sensitivity of all together."""
        return sensitivity(*self.rates)

    @property
    def criterion(self) -> float:
        """Bias of all together."""
        return response_criterion(*self.rates)
