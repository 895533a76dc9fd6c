"""The variance of a difference between two groups of answers, emotion by emotion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from survey.analysis.between_people import variance_between_people
from survey.analysis.clustering import spread_of_influence
from survey.analysis.distributions import satterthwaite
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
    others : array of int or None
        Codes of a second kind of piece that new ones are made of: the music where `stimuli` are the pictures. What
        one of them adds to several of the stimuli counts once more.
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
    others: Codes | None = None

    @classmethod
    def of(
        cls,
        values: Floats,
        in_a: Truths,
        participants: Codes,
        stimuli: Codes,
        strata: Codes,
        others: Codes | None = None,
    ) -> Contrast:
        """Return the contrast of answers whose strata and pieces may have any codes."""
        _, strata = np.unique(strata, return_inverse=True)
        _, stimuli = np.unique(stimuli, return_inverse=True)
        number = int(strata.max()) + 1
        groups = (in_a, ~in_a)
        # Shape (2, strata), row 0 group a: answers, and below sums of values, in each group and stratum.
        sizes = np.stack([np.bincount(strata[group], minlength=number) for group in groups])
        sums = np.stack([np.bincount(strata[group], weights=values[group], minlength=number) for group in groups])
        if others is not None:
            _, others = np.unique(others, return_inverse=True)
        return cls(values, in_a, participants, stimuli, strata, sums / sizes, sizes, others)

    @property
    def shares(self) -> tuple[float, float]:
        """Mean over the strata of each group's mean."""
        return float(self.means[0].mean()), float(self.means[1].mean())

    @property
    def clips(self) -> tuple[int, int]:
        """Number of clips in each group; of two kinds of pieces the fewer."""
        kinds = [codes for codes in (self.stimuli, self.others) if codes is not None]
        a, b = (min(int(np.unique(codes[group]).size) for codes in kinds) for group in (self.in_a, ~self.in_a))
        return a, b

    @property
    def people(self) -> tuple[int, int] | None:
        """Number of people in each group; None where somebody is in both and is compared with themselves."""
        a, b = (np.unique(self.participants[group]) for group in (self.in_a, ~self.in_a))
        return None if np.intersect1d(a, b).size else (int(a.size), int(b.size))

    def variance(self) -> tuple[float, float]:
        """Return the variance of the difference for new people and new clips, and its degrees of freedom.

        People + clips − cells, as `spread_of_influence`, with the people's part from `_between_people`, the clips'
        from `_between_clips` and `_beyond_their_clips`.
        """
        influence = self._influence(self.means)
        spread = spread_of_influence(influence, self.participants, self.stimuli)
        clips = self._clips()
        parts = self._between_clips(clips)
        alone = sum(variance for variance, _ in parts)
        of_clips = alone + self._beyond_their_clips(clips)
        uncertain = [(variance * of_clips / alone if alone else of_clips, degrees) for variance, degrees in parts]
        people = self._between_people(influence) or [
            (spread.variance_participants, max(spread.participants - 1.0, 1.0))
        ]
        of_people = sum(variance for variance, _ in people)
        total = max(of_people + of_clips - max(spread.variance_cells, 0.0), of_people, of_clips)
        uncertain += people
        # What is subtracted has no degrees of freedom of its own: taken as known.
        known = total - sum(variance for variance, _ in uncertain), math.inf
        return total, satterthwaite([*uncertain, known]) or 1.0

    def _influence(self, centre: Floats) -> Floats:
        group = np.where(self.in_a, 0, 1)
        sign = np.where(self.in_a, 1.0, -1.0)
        # Each stratum counts alike whatever its number of answers; a's answers move the difference up, b's down.
        weight = 1 / (centre.shape[1] * self.sizes[group, self.strata])
        result: Floats = sign * weight * (self.values - centre[group, self.strata])
        return result

    def _between_people(self, influence: Floats) -> list[tuple[float, float]]:
        """Variance and degrees of freedom of each group's people; none where somebody is in both.

        A small group is as uncertain as its own few people make it, however many are in the other.
        """
        if self.people is None:
            return []
        counted = 1 / (self.means.shape[1] * self.sizes[np.where(self.in_a, 0, 1), self.strata])
        parts = []
        for group in (self.in_a, ~self.in_a):
            _, person = np.unique(self.participants[group], return_inverse=True)
            moved, weights = (
                np.bincount(person, weights=values[group]).astype(float) for values in (influence, counted)
            )
            parts.append(variance_between_people(moved, weights))
        return parts

    def _between_clips(self, clips: _Clips) -> list[tuple[float, float]]:
        """Variance and degrees of freedom of each part that the clips' variance is made of.

        Clips heard in both groups are compared with themselves. Otherwise clips within their emotion, where each
        group has enough of them: no fewer degrees of freedom than the emotions' differences have. Otherwise
        those, where there are enough emotions: they hold the clips' spread and more. Otherwise the clips around
        their group's mean, which counts differences between emotions as clips'.
        """
        number = self.means.shape[1]
        in_both = clips.in_both
        if in_both:
            return [self._with_themselves(clips, in_both)]
        per_stratum = np.stack([np.bincount(clips.stratum[clips.group == g], minlength=number) for g in (0, 1)])
        degrees = (per_stratum - 1).sum(axis=1)
        by_emotion = number >= FEWEST_EMOTIONS
        if degrees.min() >= max(FEWEST_DEGREES, number - 1 if by_emotion else 0):
            return [(self._within_emotions(clips, g), float(degrees[g])) for g in (0, 1)]
        if by_emotion:
            differences = self.means[0] - self.means[1]
            return [(float(differences.var(ddof=1)) / number, number - 1.0)]
        return [self._around_their_mean(clips, g) for g in (0, 1)]

    def _clips(self) -> _Clips:
        group, number = np.where(self.in_a, 0, 1), self.means.shape[1]
        # (clip, group, stratum) as one number, taken apart again below.
        keys, place = np.unique((self.stimuli * 2 + group) * number + self.strata, return_inverse=True)
        answers = np.bincount(place).astype(float)
        stratum, of_group = keys % number, keys // number % 2
        return _Clips(
            clip=keys // number // 2,
            group=of_group,
            stratum=stratum,
            part=answers / self.sizes[of_group, stratum],
            mean=np.bincount(place, weights=self.values) / answers,
        )

    def _within_emotions(self, clips: _Clips, g: int) -> float:
        """One variance of a clip's mean, pooled over the emotions, times what the clips count for."""
        own, number = clips.group == g, self.means.shape[1]
        squares = float((clips.part * (clips.mean - self.means[g, clips.stratum]) ** 2)[own].sum())
        # `part` adds up to 1 in every stratum: Σ part² is how much of one clip's variance the stratum's mean keeps, and
        # 1 − Σ part² what the weighted squares around that mean expect of it.
        counted = np.bincount(clips.stratum[own], weights=clips.part[own] ** 2, minlength=number)
        weight = float(counted.sum()) / float((1 - counted).sum()) / float(number**2)
        return squares * weight

    def _around_their_mean(self, clips: _Clips, g: int) -> tuple[float, float]:
        own = clips.group == g
        n = int(np.count_nonzero(own))
        moved = (clips.part * (clips.mean - self.shares[g]))[own] / self.means.shape[1]
        return float(moved @ moved) * n / (n - 1), n - 1.0

    def _with_themselves(self, clips: _Clips, in_both: int) -> tuple[float, float]:
        """A clip's influences in both groups add up before they are squared, so that its own ease cancels."""
        centre, degrees = self._centre(clips)
        moved = clips.part * (clips.mean - centre[clips.group, clips.stratum]) / self.means.shape[1]
        sums = np.bincount(clips.clip, weights=np.where(clips.group == 0, moved, -moved))
        return float(sums @ sums) * clips.number / degrees, float(min(degrees, max(in_both - 1, 1)))

    def _centre(self, clips: _Clips) -> tuple[Floats, int]:
        """What clips heard in both groups are compared with, shape (2, E), and what that leaves free.

        The mean of their emotion, where enough of them are left; otherwise their group's: one clip of an emotion
        is its emotion's mean and would seem not to vary at all.
        """
        free = clips.number - int(np.unique(clips.stratum).size)
        if free >= FEWEST_DEGREES:
            return self.means, free
        return np.repeat(np.array(self.shares)[:, None], self.means.shape[1], axis=1), clips.number - 1

    def _beyond_their_clips(self, clips: _Clips) -> float:
        """What answers to one of the `others` share beyond the stimulus: its answers in different stimuli.

        Of two kinds of pieces the variance is stimuli + others − pairs of them; this is others − pairs, and never
        taken off.
        """
        if self.others is None:
            return 0.0
        centre, free = self._centre(clips) if clips.in_both else (self.means, clips.number)
        influence = self._influence(centre)
        _, pairs = np.unique(self.stimuli * (int(self.others.max()) + 1) + self.others, return_inverse=True)
        together, apart = (np.bincount(codes, weights=influence) for codes in (self.others, pairs))
        return max(0.0, float(together @ together - apart @ apart) * clips.number / free)


@dataclass(frozen=True, slots=True)
class _Clips:
    """Every clip in every group and stratum where it was heard; arrays of one shape.

    `part` is what it counts in the mean of its stratum, `mean` the mean of its answers.
    """

    clip: Codes
    group: Codes
    stratum: Codes
    part: Floats
    mean: Floats

    @property
    def number(self) -> int:
        """Number of different clips."""
        return int(np.unique(self.clip).size)

    @property
    def in_both(self) -> int:
        """Number of clips heard in both groups."""
        return int(np.intersect1d(self.clip[self.group == 0], self.clip[self.group == 1]).size)
