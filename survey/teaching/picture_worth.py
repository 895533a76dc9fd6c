"""Whether a correction of a picture network is worth having: on pictures and people it was not learned from, or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats

from survey.teaching.arrays import Codes, Floats
from survey.teaching.pictures import Correction, PictureAnswers, fit_correction, frequent_words

FOLDS: Final = 10
PEOPLE_FOLDS: Final = 5
"""Parts of people that are left out in turn, of every part of the pictures."""
KINDS: Final = ("network", "plain", "words", "frequencies")
BINS: Final = 10
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Gain:
    """Mean gain in log-likelihood per answer, in nats, with a 95 % interval for new pictures and people."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Recalibrated:
    """What people's answers to pictures are worth to a network.

    Attributes
    ----------
    correction : Correction
        The identity where there is a `reason`.
    reason : str or None
        Why nothing is corrected, in a sentence.
    gain : Gain or None
        Of the correction over the network as it is, on pictures and people left out; None where none could be.
    over_frequencies : Gain or None
        Of the correction over always saying how often each emotion is answered, without looking at the picture.
    gain_of_words : Gain or None
        What log-odds of things add to temperature and bias; None where no thing was seen often enough.
    log_loss, calibration_error : tuple of float or None
        Before and after, on pictures and people left out: nats per answer; expected calibration error.
    answers, none, pictures, people : int
        Answers that name an emotion, those that name none, and the pictures and people of the former.
    """

    correction: Correction
    reason: str | None
    gain: Gain | None
    over_frequencies: Gain | None
    gain_of_words: Gain | None
    log_loss: tuple[float, float] | None
    calibration_error: tuple[float, float] | None
    answers: int
    none: int
    pictures: int
    people: int

    def describe(self) -> dict[str, Any]:
        """Return the numbers as JSON holds them, for the provenance of what is learned."""

        def told(gain: Gain | None) -> list[float] | None:
            return None if gain is None else [round(float(one), 4) for one in (gain.mean, gain.low, gain.high)]

        def pair(values: tuple[float, float] | None) -> list[float] | None:
            return None if values is None else [round(float(one), 4) for one in values]

        return {
            "answers": self.answers,
            "none_of_these": self.none,
            "pictures": self.pictures,
            "people": self.people,
            "design_effect": round(self.correction.design_effect, 3),
            "log_loss": pair(self.log_loss),
            "calibration_error": pair(self.calibration_error),
            "gain": told(self.gain),
            "gain_over_frequencies": told(self.over_frequencies),
            "gain_of_words": told(self.gain_of_words),
            "reason": self.reason,
        }


def recalibrate(answers: PictureAnswers, *, folds: int = FOLDS) -> Recalibrated:
    """Return the correction of a network that answers to pictures ask for, if it is worth having.

    Pictures are left out in turn, and of each part of them people in turn: answers are judged by what was learned of
    other pictures from other people. (What ten people lean to, each in their own way, is foretold well of the same ten,
    and not of others.) Temperature and bias are taken where they raise the likelihood of those answers, with the whole
    interval above 0, over the network as it is *and* over how often each emotion is answered: a network whose
    probabilities have nothing to do with the answers would only be made to say the same of every picture. Log-odds of
    things come in addition where they raise it further. Else nothing is corrected. The result does not depend on the
    order of pictures or answers.

    Parameters
    ----------
    answers : PictureAnswers
    folds : int
        Parts of the pictures that are left out in turn; as many as pictures where there are fewer.

    Examples
    --------
    >>> told = PictureAnswers(np.log([[0.9, 0.1]]), [0, 0], [1, 1], [0, 1])
    >>> recalibrate(told).reason
    'Answers to 1 picture by 2 people are too few: no picture or person can be left out.'
    """
    named = answers.of_named()
    pictures, people = np.unique(named.picture).size, np.unique(named.person).size
    facts = {"answers": int(named.choice.size), "none": answers.none, "pictures": pictures, "people": people}
    nothing = Correction.identity(named.emotions, named.seen.shape[1])
    if pictures < 2 or people < 2:
        reason = (
            f"Answers to {pictures} picture{'' if pictures == 1 else 's'} by {people} "
            f"{'person' if people == 1 else 'people'} are too few: no picture or person can be left out."
        )
        return Recalibrated(nothing, reason, None, None, None, None, None, **facts)
    judged = _judge(named, min(folds, pictures))
    of_words = None
    if judged.any_word:
        of_words = measure_gain(judged.logs["words"] - judged.logs["plain"], named.picture, named.person)
    kind = "words" if of_words is not None and of_words.low > 0 else "plain"
    gain = measure_gain(judged.logs[kind] - judged.logs["network"], named.picture, named.person)
    over = measure_gain(judged.logs[kind] - judged.logs["frequencies"], named.picture, named.person)
    refused: str | None = None
    if gain.low <= 0:
        refused = "On pictures left out, the correction foretells answers not surely better than the network as it is."
    elif over.low <= 0:
        refused = (
            "On pictures left out, the corrected network foretells answers not surely better than how often each "
            "emotion is answered: the answers do not follow what it says."
        )
    return Recalibrated(
        correction=nothing if refused else fit_correction(named, words=kind == "words"),
        reason=refused,
        gain=gain,
        over_frequencies=over,
        gain_of_words=of_words,
        log_loss=(-float(judged.logs["network"].mean()), -float(judged.logs[kind].mean())),
        calibration_error=(
            measure_calibration(judged.shares["network"], named.counts),
            measure_calibration(judged.shares[kind], named.counts),
        ),
        **facts,
    )


@dataclass(frozen=True, slots=True)
class Tested:
    """What a correction that was learned elsewhere is worth on other answers.

    Attributes
    ----------
    gain : Gain or None
        Over the network as it is; None with fewer than two pictures or people.
    log_loss, calibration_error : tuple of float or None
        Before and after, as `Recalibrated` has them; None without answers.
    answers, pictures, people : int
        Answers that name an emotion, and the pictures and people of them.
    """

    gain: Gain | None
    log_loss: tuple[float, float] | None
    calibration_error: tuple[float, float] | None
    answers: int
    pictures: int
    people: int


def judge_correction(answers: PictureAnswers, correction: Correction) -> Tested:
    """Return what `correction` is worth on `answers`, none of which it was learned from.

    Parameters
    ----------
    answers : PictureAnswers
    correction : Correction
        With one row of log-odds for every column of `answers.words`.

    Examples
    --------
    >>> told = PictureAnswers(np.log([[0.9, 0.1], [0.1, 0.9]]), [0, 0, 1, 1], [0, 1, 1, 0], [0, 1, 0, 1])
    >>> calmer = Correction(2.0, np.zeros(2), np.zeros((0, 2)))
    >>> found = judge_correction(told, calmer)
    >>> [round(loss, 3) for loss in found.log_loss], round(found.gain.mean, 3)
    ([1.204, 0.837], 0.367)
    """
    named = answers.of_named()
    pictures, people = np.unique(named.picture).size, np.unique(named.person).size
    facts = {"answers": int(named.choice.size), "pictures": pictures, "people": people}
    if not named.choice.size:
        return Tested(None, None, None, **facts)
    before = Correction.identity(named.emotions).apply(named.log_probabilities)
    after = correction.apply(named.log_probabilities, named.seen)
    old, new = (np.log(shares[named.picture, named.choice]) for shares in (before, after))
    return Tested(
        gain=measure_gain(new - old, named.picture, named.person) if min(pictures, people) > 1 else None,
        log_loss=(-float(old.mean()), -float(new.mean())),
        calibration_error=(measure_calibration(before, named.counts), measure_calibration(after, named.counts)),
        **facts,
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """By what says it: log-likelihoods (N,) of answers, and probabilities (K, E), by others' answers to others."""

    logs: dict[str, Floats]
    shares: dict[str, Floats]
    any_word: bool


def _judge(named: PictureAnswers, folds: int) -> _Judged:
    asked, people = np.unique(named.picture), np.unique(named.person)
    part_of_picture = _spread_pictures(named, asked, folds)
    part_of_person = _spread_people(named, people, min(PEOPLE_FOLDS, people.size))
    logs = {kind: np.empty(named.choice.size) for kind in KINDS}
    weighed = {kind: np.zeros_like(named.log_probabilities) for kind in KINDS}
    any_word = False
    for pictures in range(folds):
        rows = np.flatnonzero(part_of_picture == pictures)
        for persons in range(int(part_of_person.max()) + 1):
            of_picture = part_of_picture[named.picture] == pictures
            of_person = part_of_person[np.searchsorted(people, named.person)] == persons
            judged = np.flatnonzero(of_picture & of_person)
            if not judged.size:
                continue
            known = named.select(~of_picture & ~of_person)
            shares, has_words = _foretell(known, named.log_probabilities[rows], named.seen[rows])
            any_word |= has_words
            row, choice = np.searchsorted(rows, named.picture[judged]), named.choice[judged]
            answers = np.bincount(row, minlength=rows.size)[:, None]
            for kind, found in shares.items():
                logs[kind][judged] = np.log(found[row, choice])
                weighed[kind][rows] += answers * found
    totals = np.maximum(named.counts.sum(axis=1, keepdims=True), 1)
    return _Judged(logs, {kind: of_all / totals for kind, of_all in weighed.items()}, any_word)


def _foretell(known: PictureAnswers, said: Floats, seen: Floats) -> tuple[dict[str, Floats], bool]:
    """Probabilities of emotions of pictures by what `known` teaches, by what says it; whether any thing was learned."""
    plain = fit_correction(known).apply(said)
    has_words = bool(frequent_words(known).size)
    frequencies = known.counts.sum(axis=0) + 1.0  # an emotion nobody named may be named of the next picture
    shares = {
        "network": Correction.identity(known.emotions).apply(said),
        "plain": plain,
        "words": fit_correction(known, words=True).apply(said, seen) if has_words else plain,
        "frequencies": np.broadcast_to(frequencies / frequencies.sum(), said.shape),
    }
    return shares, has_words


def _spread_pictures(named: PictureAnswers, asked: Codes, parts: int) -> Codes:
    """The part of every picture, −1 where nobody answered, shape (K,).

    In an order of what is known of pictures, whatever their rows: the same pictures are left out together.
    """
    facts = np.concatenate([named.counts, named.log_probabilities, named.seen], axis=1)[asked]
    part = np.full(len(named.log_probabilities), -1)
    part[asked[np.lexsort(facts.T)]] = np.arange(asked.size) % parts
    return part


def _spread_people(named: PictureAnswers, people: Codes, parts: int) -> Codes:
    """The part of every person, shape of `people`; in an order of what they said of which reading."""
    told = np.concatenate([named.choice[:, None], named.log_probabilities[named.picture]], axis=1)
    order = np.lexsort((*told.T, named.person))
    each = np.split(told[order], np.flatnonzero(np.diff(named.person[order])) + 1)
    part = np.empty(people.size, np.int64)
    part[sorted(range(people.size), key=lambda place: each[place].tobytes())] = np.arange(people.size) % parts
    return part


def measure_gain(values: Floats, picture: Codes, person: Codes) -> Gain:
    """Return the mean with its interval for new pictures and people.

    The variance is that over pictures + that over people − that over both together, never below the larger of the
    first two; t has as many degrees of freedom as the fewer of both, less 1.

    Parameters
    ----------
    values : array of float, shape (N,)
    picture, person : array of int, shape (N,)
        Codes ≥ 0; at least two different of each.

    References
    ----------
    Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics 29, 238–249.

    Examples
    --------
    >>> gain = measure_gain(np.array([1.0, 3.0, 2.0, 4.0]), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    >>> gain.mean, round(gain.high - gain.mean, 2)
    (2.5, 12.71)
    """
    mean = float(values.mean())
    influence = (values - mean) / values.size

    def over(codes: Codes) -> tuple[float, int]:
        groups, place = np.unique(codes, return_inverse=True)
        sums = np.bincount(place, weights=influence)
        return float((sums**2).sum()) * groups.size / (groups.size - 1), int(groups.size)

    (of_pictures, pictures), (of_people, people) = over(picture), over(person)
    of_both, _ = over(person * (int(picture.max()) + 1) + picture)
    variance = max(of_pictures + of_people - of_both, of_pictures, of_people)
    half = float(stats.t.ppf((1 + LEVEL) / 2, min(pictures, people) - 1)) * variance**0.5
    return Gain(mean, mean - half, mean + half)


def measure_calibration(shares: Floats, counts: Codes) -> float:
    """Return the expected calibration error of the top emotion, over `BINS` equal bins of confidence.

    Parameters
    ----------
    shares : array of float, shape (K, E)
    counts : array of int, shape (K, E)
        Answers; a picture weighs as many as it has.

    References
    ----------
    Guo et al. (2017), ICML, equation 3.

    Examples
    --------
    >>> round(measure_calibration(np.array([[0.8, 0.2], [0.7, 0.3]]), np.array([[6, 4], [5, 5]])), 2)
    0.2
    """
    top = shares.argmax(axis=1)
    rows = np.arange(len(shares))
    totals = counts.sum(axis=1).astype(np.float64)
    away = counts[rows, top] - totals * shares[rows, top]
    places = np.minimum((shares[rows, top] * BINS).astype(np.int64), BINS - 1)
    return float(np.abs(np.bincount(places, weights=away, minlength=BINS)).sum() / max(totals.sum(), 1.0))
