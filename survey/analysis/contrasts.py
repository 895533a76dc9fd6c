"""The variance of a difference between two groups of answers, emotion by emotion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.clustering import spread_of_influence
from survey.analysis.estimates import Codes, Floats, Truths

FEWEST_DEGREES = 3
"""Fewer degrees of freedom between the clips of one emotion in a group do not carry a variance of its own."""
FEWEST_EMOTIONS = 4
"""From so many emotions on, the emotions' differences can stand in for the clips'."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two groups of answers, a and b, that share some emotions; all arrays have the shape (N,).

    Attributes
    ----------
    values : array of float
        The answers.
    in_a : array of bool
        Group of every answer; the others are b's.
    participants, stimuli, strata : array of int
        Codes ≥ 0; every stratum (emotion) has answers in both groups.
    means : array of float, shape (2, E)
        Mean of every stratum in a and in b.
    sizes : array of int, shape (2, E)
        Number of answers.
    """

    values: Floats
    in_a: Truths
    participants: Codes
    stimuli: Codes
    strata: Codes
    means: Floats
    sizes: Codes

    @classmethod
    def of(cls, values: Floats, in_a: Truths, participants: Codes, stimuli: Codes, strata: Codes) -> Contrast:
        """Return the contrast of answers whose strata may have any codes."""
        _, strata = np.unique(strata, return_inverse=True)
        _, stimuli = np.unique(stimuli, return_inverse=True)
        number = int(strata.max()) + 1
        groups = (in_a, ~in_a)
        sizes = np.stack([np.bincount(strata[group], minlength=number) for group in groups])
        sums = np.stack([np.bincount(strata[group], weights=values[group], minlength=number) for group in groups])
        return cls(values, in_a, participants, stimuli, strata, sums / sizes, sizes)

    @property
    def shares(self) -> tuple[float, float]:
        """Mean over the strata of each group's mean."""
        return float(self.means[0].mean()), float(self.means[1].mean())

    @property
    def clips(self) -> tuple[int, int]:
        """Number of clips in each group."""
        return tuple(int(np.unique(self.stimuli[group]).size) for group in (self.in_a, ~self.in_a))  # type: ignore[return-value]

    def variance(self) -> tuple[float, float]:
        """Return the variance of the difference for new people and new clips, and its degrees of freedom.

        People + clips − cells, as `spread_of_influence`, with the clips' part from `_between_clips`.
        """
        influence = self._influence(self.means)
        spread = spread_of_influence(influence, self.participants, self.stimuli)
        clips = self._between_clips()
        of_clips = sum(variance for variance, _ in clips)
        of_people = spread.variance_participants
        cells = of_people + spread.variance_stimuli - spread.variance_both
        total = max(of_people + of_clips - max(cells, 0.0), of_people, of_clips)
        uncertain = sum(variance**2 / degrees for variance, degrees in clips)
        uncertain += of_people**2 / max(spread.participants - 1, 1)
        return total, total**2 / uncertain if uncertain else 1.0

    def _influence(self, centre: Floats) -> Floats:
        group = np.where(self.in_a, 0, 1)
        sign = np.where(self.in_a, 1.0, -1.0)
        weight = 1 / (centre.shape[1] * self.sizes[group, self.strata])
        result: Floats = sign * weight * (self.values - centre[group, self.strata])
        return result

    def _between_clips(self) -> list[tuple[float, float]]:
        """Variance and degrees of freedom of each part that the clips' variance is made of.

        Clips within their emotion, where each group has enough of them: no fewer degrees of freedom than the
        emotions' differences have. Otherwise those, where there are enough emotions: they hold the clips' spread
        and more. Otherwise the clips around their
        group's mean, which counts differences between emotions as clips'.
        """
        places, number = np.where(self.in_a, 0, 1), self.means.shape[1]
        key = (self.stimuli * 2 + places) * number + self.strata
        cells, of_cell = np.unique(key, return_inverse=True)
        answers = np.bincount(of_cell).astype(float)
        mean = np.bincount(of_cell, weights=self.values) / answers
        stratum, group, clip = cells % number, cells // number % 2, cells // number // 2
        part = answers / self.sizes[group, stratum]  # what the clip counts in its stratum
        shared = np.intersect1d(clip[group == 0], clip[group == 1])
        if shared.size:
            return [self._paired_by_clip(clip, group, stratum, part * (mean - self.means[group, stratum]), shared)]
        clips = np.stack([np.bincount(stratum[group == g], minlength=number) for g in (0, 1)])
        degrees = (clips - 1).sum(axis=1)
        by_emotion = number >= FEWEST_EMOTIONS
        if degrees.min() >= max(FEWEST_DEGREES, number - 1 if by_emotion else 0):
            found = []
            for g in (0, 1):
                own = group == g
                squares = float((part * (mean - self.means[g, stratum]) ** 2)[own].sum())
                counted = np.bincount(stratum[own], weights=part[own] ** 2, minlength=number)
                pooled = squares / float((1 - counted).sum())
                found.append((pooled * float(counted.sum()) / number**2, float(degrees[g])))
            return found
        if by_emotion:
            differences = self.means[0] - self.means[1]
            return [(float(differences.var(ddof=1)) / number, number - 1.0)]
        found = []
        for g in (0, 1):
            own = group == g
            n = int(np.count_nonzero(own))
            moved = (part * (mean - self.shares[g]))[own] / number
            found.append((float(moved @ moved) * n / (n - 1), n - 1.0))
        return found

    def _paired_by_clip(
        self, clip: Codes, group: Codes, stratum: Codes, moved: Floats, shared: Codes
    ) -> tuple[float, float]:
        """Clips that occur in both groups are compared with themselves: their influences add up first."""
        sums = np.bincount(clip, weights=np.where(group == 0, moved, -moved)) / self.means.shape[1]
        n = int(np.unique(clip).size)
        means = int(np.unique(stratum).size)
        degrees = n - means if n - means >= FEWEST_DEGREES else n - 1
        return float(sums @ sums) * n / degrees, float(min(degrees, max(shared.size - 1, 1)))
