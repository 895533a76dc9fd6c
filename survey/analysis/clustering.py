"""Standard errors for ratings that hang together by person and by clip.

A pooled share looks as if it rested on N independent answers; it rests on P people and S clips. The
functions here take *influence values* (how much each rating moves the estimate; they sum to zero) so
that shares, differences of shares and mean distances all use the same code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from survey.analysis.distributions import t_half_width
from survey.analysis.estimates import LEVEL, Codes, Floats


@dataclass(frozen=True, slots=True)
class ClusteredVariance:
    """Variances of one estimate: over people, over clips, and over both.

    Attributes
    ----------
    participants, stimuli : int
        Number of people and clips that have answers.
    strata : int
        Number of groups of clips with a mean of their own (the intended emotions), 1 where there is one mean.
    variance_participants, variance_stimuli, variance_both : float
        Cluster-robust variances; `variance_both` is never below the larger of its parts.
    balance_participants, balance_stimuli : float
        `balance` of the answers per person and per clip: by how much degrees of freedom shrink where a few of them
        gave or got most answers.
    """

    participants: int
    stimuli: int
    variance_participants: float
    variance_stimuli: float
    variance_both: float
    strata: int = 1
    balance_participants: float = 1.0
    balance_stimuli: float = 1.0

    def half_width_both(self, level: float = LEVEL) -> float | None:
        """Return t(`degrees`) × standard error, None where there is no degree of freedom."""
        if self.degrees < 1:
            return None
        return t_half_width(math.sqrt(self.variance_both), self.degrees, level)

    @property
    def variance_cells(self) -> float:
        """What people and clips count twice, as far as `variance_both` leaves it out."""
        return self.variance_participants + self.variance_stimuli - self.variance_both

    @property
    def degrees_participants(self) -> float:
        """Degrees of freedom of the interval for new people: P − 1 where all gave as many answers; 0 for one person."""
        return _degrees(self.participants - 1, self.balance_participants)

    @property
    def degrees(self) -> float:
        """Degrees of freedom of the two-way interval, those of people or of clips, whichever are fewer."""
        return min(self.degrees_participants, _degrees(self.stimuli - self.strata, self.balance_stimuli))


def _degrees(degrees: int, balance: float) -> float:
    return max(1.0, degrees * balance) if degrees >= 1 else 0.0


def balance(groups: Codes) -> float:
    """Return how many groups count in a sum of squares over groups, as a share of all groups: 1 where all are as large.

    A group of n answers adds about n² to the variance, and such a sum of squares is as sure as
    (Σ n²)² / Σ n⁴ alike ones (Satterthwaite). Simulated: `docs/analysis.md`.

    Parameters
    ----------
    groups : array of int, shape (N,)
        Codes ≥ 0 of the person (or the clip) of every answer.

    References
    ----------
    Satterthwaite (1946), Biometrics Bulletin 2, 110–114.

    Examples
    --------
    Two people with twelve answers each; then one with three, two with one:

    >>> balance(np.repeat([0, 1], 12)), round(balance(np.array([0, 0, 0, 1, 2])), 4)
    (1.0, 0.4859)
    """
    sizes = np.bincount(groups)
    sizes = sizes[sizes > 0]
    if not sizes.size:
        return 1.0
    squares = (sizes / sizes.max()) ** 2
    return float(squares.sum() ** 2 / (squares @ squares) / sizes.size)


def spread_of_influence(influence: Floats, participants: Codes, stimuli: Codes, strata: int = 1) -> ClusteredVariance:
    """Return the two-way cluster-robust variances of an estimate.

    variance = people + clips − cells, each with the factor G/(G − 1) of its number of groups G (of the clips
    S/(S − strata): so many means were taken from them), and never below the larger of people and clips.

    Parameters
    ----------
    influence : array of float, shape (N,)
        Influence of every rating on the estimate; sums to zero.
    participants, stimuli : array of int, shape (N,)
        Codes ≥ 0.
    strata : int
        Number of means that the influence values are deviations from.

    References
    ----------
    Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics 29, 238–249.

    Examples
    --------
    Two people, two clips, one always right and one always wrong:

    >>> hits = np.array([1.0, 1.0, 0.0, 0.0])
    >>> spread = spread_of_influence((hits - 0.5) / 4, np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    >>> spread.variance_participants, spread.variance_stimuli, spread.variance_both
    (0.25, 0.0, 0.25)
    """
    people, n_people = _grouped(influence, participants)
    clips, n_clips = _grouped(influence, stimuli, strata)
    cells = _cell_variance(influence, participants, stimuli)
    # The difference can come out below either part by chance; an interval must not gain from a second source.
    both = max(people + clips - cells, people, clips)
    return ClusteredVariance(n_people, n_clips, people, clips, both, strata, balance(participants), balance(stimuli))


def _grouped(influence: Floats, groups: Codes, means: int = 1) -> tuple[float, int]:
    """Variance from the sums per group, and the number of groups that occur."""
    if influence.size == 0:
        return 0.0, 0
    n_groups = int(np.count_nonzero(np.bincount(groups)))
    # Influences of one group add up before they are squared: that is where its answers' dependence comes in.
    sums = np.bincount(groups, weights=influence)
    return _corrected(float(sums @ sums), n_groups, means), n_groups


def _corrected(squares: float, groups: int, means: int = 1) -> float:
    # G/(G − means): as many sums are fixed by the means that were taken from the same answers.
    return squares * groups / (groups - means) if groups > means else squares


def _cell_variance(influence: Floats, participants: Codes, stimuli: Codes) -> float:
    if influence.size == 0:
        return 0.0
    width = int(stimuli.max()) + 1
    cells = participants.astype(np.int64) * width + stimuli
    size = (int(participants.max()) + 1) * width
    # A table of every person × clip is faster than sorting, while it is not much larger than the answers.
    if size <= 4 * influence.size + 1_000_000:
        sums = np.bincount(cells, weights=influence, minlength=size)
        occupied = int(np.count_nonzero(np.bincount(cells, minlength=size)))
    else:
        _, places = np.unique(cells, return_inverse=True)
        sums = np.bincount(places, weights=influence)
        occupied = sums.size
    return _corrected(float(sums @ sums), occupied)


def correlation_within(values: Floats, groups: Codes) -> float:
    """Return the mean product of two values of one group, at least 0; 0 where no group has two.

    Of standardised values it is the correlation of two answers of one person, or to one clip.

    Parameters
    ----------
    values : array of float, shape (N,)
    groups : array of int, shape (N,)
        Codes ≥ 0.

    Examples
    --------
    >>> correlation_within(np.array([1.0, 0.5, -1.0, 1.0]), np.array([0, 0, 1, 2]))
    0.5
    """
    n = np.bincount(groups)
    pairs = float((n * (n - 1.0)).sum())
    if not pairs:
        return 0.0
    # Σ over groups of (Σv)² − Σv² is twice the sum over pairs, as n(n − 1) is twice their number.
    sums = np.bincount(groups, weights=values)
    return max(0.0, float(sums @ sums - values @ values) / pairs)


def share_influence(hits: Floats) -> Floats:
    """Return each answer's influence on the pooled share, (y − mean) / N.

    >>> share_influence(np.array([1.0, 0.0])).tolist()
    [0.25, -0.25]
    """
    result: Floats = (hits - hits.mean()) / hits.size
    return result


def within_strata(values: Floats, strata: Codes, stimuli: Codes) -> tuple[Floats, int]:
    """Return the influences on a pooled mean where the clips' strata are fixed, and the number of strata.

    "New clips of this generator" are new clips of the *same* emotions: that one emotion is recognised more
    often than another is no difference between clips. So every answer is compared with the mean of its
    stratum, (y − mean_e) / N. A stratum with one clip cannot say how much clips differ; then all clips are one
    stratum, which counts the emotions' differences as clips' and is on the safe side.

    Parameters
    ----------
    values : array of float, shape (N,)
    strata, stimuli : array of int, shape (N,)
        Codes ≥ 0.

    Examples
    --------
    Two clips of each of two emotions, one emotion always recognised:

    >>> influence, strata = within_strata(np.array([1.0, 1, 0, 1]), np.array([0, 0, 1, 1]), np.arange(4))
    >>> influence.tolist(), strata
    ([0.0, 0.0, -0.125, 0.125], 2)
    """
    if values.size == 0:
        return values, 1
    # Clips per stratum, counted from the first answer to each clip: a clip has one stratum.
    first = np.unique(stimuli, return_index=True)[1]
    clips = np.bincount(strata[first])
    occurring = int(np.count_nonzero(clips))
    if occurring < 2 or clips[clips > 0].min() < 2:
        return share_influence(values), 1
    means = np.bincount(strata, weights=values) / np.maximum(np.bincount(strata), 1)
    influence: Floats = (values - means[strata]) / values.size
    return influence, occurring
