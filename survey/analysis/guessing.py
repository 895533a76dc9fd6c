"""What a clip that carries nothing would be answered: the listeners' bias, from their errors at the other clips.

Where other emotions are recognised, their clips take answers away from emotion e, so the false alarms of e lie far
below the share of answers e that a clip without content would get. The errors tell that share: given that a clip of
emotion f is not called f, it is called e with probability b_e / (1 − b_f) if the listener guesses (quasi-independence).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from survey.analysis.distributions import t_upper_tail
from survey.analysis.estimates import Codes, Floats, Truths
from survey.analysis.pooling import design_effects

FEWEST_OTHERS = 2
"""With fewer other emotions one answer is never an error, and nothing tells how much it is liked."""
TOO_FEW_OTHERS = "not defined: it needs clips of at least two other emotions"
NO_DEGREES = "not defined: one clip per emotion says nothing about new clips"
ADDED = 1.0
"""Answers in all that are spread over the errors that could have been made: without any errors b is 1 / k."""
MOST_ROUNDS = 100_000
"""A hundred are usual; three emotions of which one is hardly ever taken for another need up to twenty thousand."""
TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Guess:
    """What guessing would give to the clips of one emotion, and whether it is recognised beyond that.

    Attributes
    ----------
    share : float or None
        Share of answers e that a clip without content would get.
    p_value : float or None
        One-sided, of a recall above `share`.
    reason : str
        Why `p_value` is None.
    """

    share: float | None
    p_value: float | None
    reason: str = ""


def guess_shares(errors: Floats, possible: Truths) -> Floats:
    """Return the share b of every answer at a clip that carries nothing, by quasi-independence of the errors.

    The maximum-likelihood b of m_fr = a_f b_r in the cells that an error can lie in, Σ b = 1, by the fixed point
    b_r ∝ Σ_f n_fr / Σ_{f ≠ r} N_f / (1 − b_f).

    Parameters
    ----------
    errors : array of float, shape (F, k)
        Answers r to the clips of emotion f that are not f.
    possible : array of bool, shape (F, k)
        Whether an answer would be an error there; every answer must be one somewhere. `ADDED` answers are spread
        over these cells.

    References
    ----------
    Goodman (1968), JASA 63, 1091–1131 (quasi-independence); Wickens (1989), Multiway contingency tables, chapter 10.

    Examples
    --------
    Three emotions, of which the first is said in half of the guesses; a fifth of 1,000 clips each is guessed at:

    >>> errors = 200 * np.array([[0, 0.3, 0.2], [0.5, 0, 0.2], [0.5, 0.3, 0]])
    >>> guess_shares(errors, ~np.eye(3, dtype=bool)).round(3).tolist()
    [0.5, 0.3, 0.2]
    """
    # n_fr with what is added, rows the emotion played, columns the answer; cells without a possible error stay 0.
    counts = np.where(possible, errors + ADDED / possible.sum(), 0.0)
    said, rows = counts.sum(axis=0), counts.sum(axis=1)
    shares: Floats = np.full(said.size, 1 / said.size)
    for _ in range(MOST_ROUNDS):
        open_to = possible @ shares  # 1 − b_f of the emotion's own answer
        # The likelihood equations of quasi-independence, solved for b with a_f = N_f / (1 − b_f) put in.
        new: Floats = said / (possible.T @ (rows / open_to))
        new /= new.sum()
        done = float(np.abs(new - shares).max()) < TOLERANCE
        shares = new
        if done:
            break
    return shares


def beyond_guessing(
    participants: Codes, clips: Codes, intended: Codes, chosen: Codes, emotions: int, answers: int
) -> list[Guess]:
    """Return for every emotion what guessing would give it, and whether its recall is above that.

    The null: its clips carry nothing, whatever the other emotions do. A score test: recall − b over the square root
    of b (1 − b) (d / n + d′ N / (N + 1)²), with n answers to its clips and N errors at the others, and their design
    effects d and d′: answers to one clip, and of one person, hang together as errors do, and no less than hits do.

    Parameters
    ----------
    participants, clips, intended, chosen : array of int, shape (N,)
        Codes ≥ 0; one intended emotion per clip; `chosen` ≥ `emotions` is "none of these".
    emotions, answers : int
        Number of emotions, and of answers that were offered.

    Notes
    -----
    Student's t with clips − emotions degrees of freedom. The emotion's own clips have no part in b. That those who
    like an answer give it to all clips makes recall and b vary together; that is not taken into account, which errs
    towards no recognition.

    Examples
    --------
    Of three emotions two are always recognised, and at the third people say each answer equally often:

    >>> people, clip = np.repeat(np.arange(9), 9), np.tile(np.arange(9), 9)
    >>> said = np.where(clip < 6, clip // 3, (people + clip) % 3)
    >>> found = beyond_guessing(people, clip, clip // 3, said, 3, 3)
    >>> [round(one.share, 2) for one in found], [round(one.p_value, 3) for one in found]
    ([0.33, 0.33, 0.33], [0.002, 0.002, 0.5])
    """
    # Intended × chosen. `possible` marks what is no hit; choices beyond the emotions ("none of these") are all errors.
    table = np.zeros((emotions, answers))
    np.add.at(table, (intended, chosen), 1)
    played = table.sum(axis=1) > 0
    others = int(played.sum()) - played
    possible = ~np.eye(emotions, answers, dtype=bool)
    if not (others >= FEWEST_OTHERS).any():
        return [Guess(None, None, TOO_FEW_OTHERS)] * emotions
    effects = design_effects(chosen == intended, participants, clips, intended, emotions)
    degrees = float(np.unique(clips).size - int(played.sum()))
    wrong = chosen != intended
    errors = _Errors(clips[wrong], participants[wrong], intended[wrong], chosen[wrong])
    of_clip, of_person = errors.correlations(guess_shares(table[played], possible[played]))
    found = []
    for code in range(emotions):
        if not played[code] or others[code] < FEWEST_OTHERS:
            found.append(Guess(None, None, TOO_FEW_OTHERS))
            continue
        # b is told by the other emotions' clips alone, so the share tested is independent of the answers to one's own.
        rest = played.copy()
        rest[code] = False
        share = float(guess_shares(table[rest], possible[rest])[code])
        if degrees < 1:
            found.append(Guess(share, None, NO_DEGREES))
            continue
        own = intended == code
        n, per_clip, per_person = int(own.sum()), _together(clips[own]), _together(participants[own])
        as_hits = float(effects.both[code])
        # Kish's 1 + (m − 1)ρ for clips and for people, added as the two groupings are crossed.
        effect = max(1 + (per_clip - 1) * of_clip + (per_person - 1) * of_person, as_hits)
        beside = max((as_hits - 1) / (per_clip - 1), of_clip, 0.0) if per_clip > 1 else of_clip
        elsewhere = errors.clips[errors.intended != code]
        of_errors = 1 + (_together(elsewhere) - 1) * beside if elsewhere.size else 1.0
        of_share = elsewhere.size * of_errors / (elsewhere.size + ADDED) ** 2  # what was added varies with nothing
        variance = share * (1 - share) * (effect / n + of_share)
        t = (float(table[code, code]) / n - share) / math.sqrt(variance)
        found.append(Guess(share, t_upper_tail(t, degrees)))
    return found


@dataclass(frozen=True, slots=True)
class _Errors:
    """Answers that are not the intended emotion, shape (E,) each."""

    clips: Codes
    participants: Codes
    intended: Codes
    chosen: Codes

    def correlations(self, shares: Floats) -> tuple[float, float]:
        """Correlation of two errors at one clip, and of two of one person, beyond guessing; never below 0."""
        if not self.chosen.size:
            return 0.0, 0.0
        # Shape (E, k): the chance of every answer at each error, given that it is an error.
        expected = shares[None, :] / (1 - shares[self.intended])[:, None]
        expected[np.arange(self.chosen.size), self.intended] = 0.0  # no error is the intended answer
        # Observed (one-hot) less expected; two errors are alike where their rows point the same way.
        beyond = np.eye(shares.size)[self.chosen] - expected
        deviations = np.sqrt(expected * (1 - expected))
        return _correlation(beyond, deviations, self.clips), _correlation(beyond, deviations, self.participants)


def _correlation(beyond: Floats, deviations: Floats, groups: Codes) -> float:
    """Products of all pairs in a group, over the products of their standard deviations; over all answers together."""
    place = np.unique(groups, return_inverse=True)[1]
    products, scale = (_pairs(values, place) for values in (beyond, deviations))
    return max(0.0, products / scale) if scale > 0 else 0.0


def _pairs(values: Floats, place: Codes) -> float:
    # (Σv)² − Σv² per group and column: twice the products of all pairs, without going through the pairs.
    sums = np.zeros((int(place.max()) + 1, values.shape[1]))
    np.add.at(sums, place, values)
    return float((sums**2).sum() - (values**2).sum())


def _together(codes: Codes) -> float:
    """How many answers an answer shares its group with, itself included: the mean over answers."""
    sizes = np.bincount(codes).astype(float)
    return float((sizes**2).sum() / sizes.sum())
