"""What people answered to pictures alone, and the correction of a network's probabilities that the answers ask for.

K pictures, E emotions, W things that the network names in them. A correction turns log p into
log p / T + b + Σ share · w and makes shares of it: one temperature T, one bias b per emotion, log-odds w of each thing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from survey.teaching.answers import Answers, shuffle
from survey.teaching.arrays import Codes, Floats, Truths, as_floats, softmax

HEAT: Final = 0.5
"""Prior standard deviation of log T: two in three networks are off by less than a factor of 1.65; judgement."""
BIAS: Final = 0.5
"""The same of a bias, in nats."""
WORD: Final = 0.5
"""The same of a thing's log-odds, in nats, for a thing surely seen: what the network and its table of words make of it
is the prior, the answers move it."""
LEAST_PICTURES: Final = 3
"""A thing seen in fewer pictures with answers says nothing that is not said of those pictures; judgement."""
HOTTEST: Final = 20.0
FURTHEST: Final = 5.0
"""Limits of T (and 1 / T), and of each b and w; far beyond what the priors leave."""
LOOSE: Final = 10.0
"""How many times as wide the prior is where answers are only asked how much they hang together."""
FLOOR: Final = 1e-6
"""A probability of 0 counts as this much, as where the correction is applied: people can contradict it."""


@dataclass(frozen=True, slots=True)
class PictureAnswers:
    """Answers to K pictures shown without music, and what a network said of them.

    Parameters
    ----------
    log_probabilities : array of float, shape (K, E)
        Natural logarithms of the network's probabilities, which sum to 1; below log `FLOOR` they are raised to it.
    picture, choice : array of int, shape (N,)
        Of every answer: the row of its picture, and the emotion's column; E is "none of these", which says nothing of
        how the emotions compare and is counted alone.
    person : array of int, shape (N,)
        Codes ≥ 0 of who answered.
    words : array of float, shape (K, W), optional
        Probability that a thing was seen with, 0 where it was not named.

    Raises
    ------
    ValueError
        When shapes or codes do not fit, or probabilities do not sum to 1.

    Examples
    --------
    >>> said = np.log([[0.8, 0.2], [0.5, 0.5]])
    >>> told = PictureAnswers(said, picture=[0, 0, 1, 1], choice=[0, 1, 1, 2], person=[0, 1, 0, 1])
    >>> told.counts.tolist(), told.none
    ([[1, 1], [0, 1]], 1)
    """

    log_probabilities: Floats
    picture: Codes
    choice: Codes
    person: Codes
    words: Floats | None = None

    def __post_init__(self) -> None:
        said = as_floats(self.log_probabilities)
        if said.ndim != 2 or said.shape[1] < 2 or np.isnan(said).any():
            raise ValueError("Log-probabilities must be numbers, one row per picture and one column per emotion.")
        if not np.allclose(np.exp(said).sum(axis=1), 1.0, atol=1e-3):
            raise ValueError("The probabilities of a picture must sum to 1.")
        object.__setattr__(self, "log_probabilities", np.maximum(said, np.log(FLOOR)))
        for name in ("picture", "choice", "person"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.int64))
        if not self.picture.ndim == 1 or not self.picture.shape == self.choice.shape == self.person.shape:
            raise ValueError("Answers need as many pictures, choices and people.")
        codes = ((self.picture, len(said) - 1), (self.choice, said.shape[1]), (self.person, np.inf))
        if any(one.size and (one.min() < 0 or one.max() > most) for one, most in codes):
            raise ValueError("An answer is to no picture, is no choice, or is nobody's.")
        words = np.zeros((len(said), 0)) if self.words is None else as_floats(self.words)
        if words.ndim != 2 or len(words) != len(said) or not ((words >= 0.0) & (words <= 1.0)).all():
            raise ValueError("Things seen must be probabilities, one row per picture.")
        object.__setattr__(self, "words", words)

    @property
    def emotions(self) -> int:
        """E."""
        return int(self.log_probabilities.shape[1])

    @property
    def none(self) -> int:
        """Answers "none of these"."""
        return int((self.choice == self.emotions).sum())

    @property
    def seen(self) -> Floats:
        """`words`, shape (K, W)."""
        assert self.words is not None
        return self.words

    @property
    def counts(self) -> Codes:
        """Answers by picture and emotion, shape (K, E), without "none of these"."""
        named = self.of_named()
        cells = named.picture * self.emotions + named.choice
        return np.bincount(cells, minlength=self.log_probabilities.size).reshape(self.log_probabilities.shape)

    def of_named(self) -> PictureAnswers:
        """Return the answers that name an emotion."""
        return self.select(self.choice < self.emotions)

    def select(self, kept: Codes | Truths) -> PictureAnswers:
        """Return the answers at these places (codes, or a mask of shape (N,)); all pictures stay."""
        return replace(self, picture=self.picture[kept], choice=self.choice[kept], person=self.person[kept])


def shuffle_pictures(answers: PictureAnswers, study: Codes, rng: np.random.Generator) -> PictureAnswers:
    """Return the control: which picture an answer is for is drawn anew, as `shuffle` does it for clips.

    All that a person answered in a study, "none of these" too, goes to the pictures that a random person of that study
    saw, in random order. What is learned from the result is learned from nothing but how often people choose what.

    Parameters
    ----------
    answers : PictureAnswers
    study : array of int, shape (N,)
        Codes ≥ 0 of the study of every answer.
    rng : numpy.random.Generator

    Examples
    --------
    One person saw only the first picture and always said 0, another only the second and said 1; now their answers are
    the other's:

    >>> given = PictureAnswers(np.log(np.full((2, 2), 0.5)), [0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1])
    >>> shuffle_pictures(given, np.zeros(4, int), np.random.default_rng(3)).counts.tolist()
    [[0, 2], [2, 0]]
    """
    pictures = len(answers.log_probabilities)
    shown, place = np.unique(study * pictures + answers.picture, return_inverse=True)  # a picture of two studies is two
    given = Answers.of(
        np.zeros((shown.size, 1)), answers.person, place, answers.choice, answers.emotions + 1, shown // pictures
    )
    dealt = shuffle(given, rng).choice
    assert dealt is not None
    return replace(answers, choice=dealt)


@dataclass(frozen=True, slots=True)
class Correction:
    """What is done to a network's probabilities; `Correction.identity` leaves them.

    Attributes
    ----------
    temperature : float
    bias : array of float, shape (E,)
        Sums to 0.
    words : array of float, shape (W, E)
        Rows sum to 0, and are 0 for things that too few pictures show.
    design_effect : float
        By how many times people and pictures made the answers fewer than as many independent ones, at least 1.
    """

    temperature: float
    bias: Floats
    words: Floats
    design_effect: float = 1.0

    @classmethod
    def identity(cls, emotions: int, words: int = 0) -> Correction:
        """Return the correction that changes nothing."""
        return cls(1.0, np.zeros(emotions), np.zeros((words, emotions)))

    def apply(self, log_probabilities: Floats, seen: Floats | None = None) -> Floats:
        """Return corrected probabilities, shape (K, E).

        Examples
        --------
        >>> halved = Correction(2.0, np.zeros(2), np.zeros((0, 2)))
        >>> halved.apply(np.log([[0.8, 0.2]])).round(3).tolist()
        [[0.667, 0.333]]
        """
        logits = np.maximum(as_floats(log_probabilities), np.log(FLOOR)) / self.temperature + self.bias
        return softmax(logits if seen is None else logits + seen @ self.words)


def fit_correction(answers: PictureAnswers, *, words: bool = False, design_effect: float | None = None) -> Correction:
    """Return the correction that the answers and the prior at "nothing to correct" make most probable.

    The answers are multinomial with the corrected probabilities; log T, b and w are normal about 0 with `HEAT`, `BIAS`
    and `WORD`. People disagree with each other in their own ways, and answers to one picture hang together: they count
    as if there were fewer of them, by the design effect over pictures and people.

    Parameters
    ----------
    answers : PictureAnswers
        There may be none: then nothing is corrected.
    words : bool
        Whether log-odds of things are fitted beside T and b.
    design_effect : float, optional
        By how many times the answers count as fewer; measured unless given.

    References
    ----------
    Guo et al. (2017), ICML (temperature, vector scaling); Rao & Scott (1981), JASA 76, 221–230 (design effect);
    Gelman et al. (2013), Bayesian Data Analysis, chapter 13 (posterior modes).

    Examples
    --------
    A network is sure (.9) where people agree with it three times in four:

    >>> said = np.log([[0.9, 0.1], [0.1, 0.9]])
    >>> chosen = np.concatenate([np.tile([0, 0, 0, 1], 100), np.tile([1, 1, 1, 0], 100)])
    >>> told = PictureAnswers(said, np.repeat([0, 1], 400), chosen, np.arange(800))
    >>> round(fit_correction(told).temperature, 2)
    1.97
    >>> fit_correction(told.select(np.arange(0))).temperature
    1.0
    """
    named = answers.of_named()
    frequent = frequent_words(named) if words else np.arange(0)
    problem = _Problem(named.log_probabilities, named.seen[:, frequent], named.counts.astype(np.float64))
    place = np.zeros(problem.parameters)
    effect = design_effect or 1.0
    if named.choice.size:
        with threadpool_limits(1, user_api="blas"):  # small matrices: more threads take far longer
            if design_effect is None:
                # Where the prior holds a fit back, answers lie off it together: that is no disagreement of people.
                effect = _design_effect(named, problem, problem.solve(1.0, place, looser=LOOSE))
            place = problem.solve(effect, place)
    temperature, bias, odds = problem.unpack(place)
    table = np.zeros((named.seen.shape[1], named.emotions))
    table[frequent] = odds
    return Correction(temperature, bias, table, effect)


def frequent_words(answers: PictureAnswers) -> Codes:
    """Return the columns of things that at least `LEAST_PICTURES` pictures with answers show.

    >>> told = PictureAnswers(np.log(np.full((3, 2), 0.5)), [0, 1, 2], [0, 1, 0], [0, 0, 0], [[1, 0.2], [1, 0], [1, 1]])
    >>> frequent_words(told).tolist()
    [0]
    """
    shown = np.unique(answers.picture)
    columns: Codes = np.flatnonzero((answers.seen[shown] > 0).sum(axis=0) >= LEAST_PICTURES)
    return columns


@dataclass(frozen=True, slots=True)
class _Problem:
    """Log posterior of log T, b (E,) and w (W, E), flat, with its slope.

    b and rows of w have one parameter too many: the prior keeps their sums at 0.
    """

    said: Floats
    seen: Floats
    counts: Floats

    @property
    def parameters(self) -> int:
        emotions, words = self.said.shape[1], self.seen.shape[1]
        return int(1 + emotions + words * emotions)

    @property
    def spread(self) -> Floats:
        emotions, words = self.said.shape[1], self.seen.shape[1]
        return np.concatenate([[HEAT], np.full(emotions, BIAS), np.full(words * emotions, WORD)])

    def unpack(self, place: Floats) -> tuple[float, Floats, Floats]:
        emotions = self.said.shape[1]
        bias, odds = place[1 : 1 + emotions], place[1 + emotions :].reshape(-1, emotions)
        return (
            float(np.exp(place[0])),
            np.clip(bias - bias.mean(), -FURTHEST, FURTHEST),
            np.clip(odds - odds.mean(axis=1, keepdims=True), -FURTHEST, FURTHEST),
        )

    def logits(self, place: Floats) -> Floats:
        emotions = self.said.shape[1]
        odds = place[1 + emotions :].reshape(-1, emotions)
        scores: Floats = self.said * np.exp(-place[0]) + place[1 : 1 + emotions] + self.seen @ odds
        return scores

    def slopes(self, residual: Floats, rows: Codes, place: Floats) -> Floats:
        """Slope of the log-likelihood by T and b, by residuals (n, E) of answers to pictures `rows`, shape (n, 1 + E).

        Those of things are left out: of every answer, they would take far more memory than all answers do.
        """
        heat = -(residual * self.said[rows]).sum(axis=1, keepdims=True) * np.exp(-place[0])
        return np.concatenate([heat, residual], axis=1)

    def solve(self, effect: float, start: Floats, looser: float = 1.0) -> Floats:
        """The place of the largest posterior, with answers divided by `effect` and a prior so many times as wide."""
        spread = looser * self.spread
        totals = self.counts.sum(axis=1)
        asked = np.flatnonzero(totals)

        def judge(place: Floats) -> tuple[float, Floats]:
            shares = softmax(self.logits(place)[asked])
            counts = self.counts[asked]
            value = float((counts * np.log(shares)).sum()) / effect - 0.5 * float(((place / spread) ** 2).sum())
            residual = counts - totals[asked, None] * shares
            odds = self.seen[asked].T @ residual
            whole = np.concatenate([self.slopes(residual, asked, place).sum(axis=0), odds.ravel()])
            slope = whole / effect - place / spread**2
            return -value, -slope

        limits = [(-np.log(HOTTEST), np.log(HOTTEST))] + [(None, None)] * (self.parameters - 1)
        found = minimize(
            judge, start, jac=True, method="L-BFGS-B", bounds=limits, options={"ftol": 1e-13, "gtol": 1e-8}
        )
        return as_floats(found.x)


def _design_effect(answers: PictureAnswers, problem: _Problem, place: Floats) -> float:
    """By how many times pictures and people make the slopes of T and b vary more than independent answers would.

    Traces of (information⁻¹ × two-way clustered variance): pictures + people − both together, never below the larger;
    over those parameters alone, of which pictures tell enough. At least 1.
    """
    shares = softmax(problem.logits(place))
    emotions = answers.emotions
    given = np.zeros((answers.choice.size, emotions))
    given[np.arange(answers.choice.size), answers.choice] = 1.0
    slopes = problem.slopes(given - shares[answers.picture], answers.picture, place)
    # Expected information of one answer to a picture: the covariance of its slope over the emotions it may name.
    features = np.concatenate(
        [
            -problem.said[:, :, None] * np.exp(-place[0]),
            np.broadcast_to(np.eye(emotions), (len(shares), emotions, emotions)),
        ],
        axis=2,
    )  # (K, E, 1 + E)
    centred = features - np.einsum("ke,kep->kp", shares, features)[:, None, :]
    totals = problem.counts.sum(axis=1)
    flat = centred.reshape(-1, 1 + emotions)
    expected = flat.T @ (flat * (totals[:, None] * shares).reshape(-1, 1))
    inverse = np.linalg.pinv(expected, hermitian=True)
    alone = float((inverse * expected).sum())

    def over(codes: Codes) -> float:
        groups, place_of = np.unique(codes, return_inverse=True)
        if groups.size < 2:
            return 0.0
        sums = np.zeros((groups.size, slopes.shape[1]))
        np.add.at(sums, place_of, slopes)
        return float(np.einsum("gp,pq,gq->", sums, inverse, sums)) * groups.size / (groups.size - 1)

    if alone <= 0.0:
        return 1.0
    pictures, people = over(answers.picture), over(answers.person)
    both = over(answers.person * len(shares) + answers.picture)
    return max(1.0, max(pictures + people - both, pictures, people) / alone)
