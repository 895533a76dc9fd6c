"""What answers to pairs tell: a share with its intervals and test, d′, and a sentence that goes no further."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scipy.special import ndtri, stdtrit

Interval = tuple[float, float]
LEVEL: Final = 0.95
GUESSING: Final = 0.5
"""How often somebody who hears nothing is right about one of two clips."""
FEWEST_ANSWERS: Final = 20
"""With fewer no sentence is drawn from a share. With 20, somebody who is right three times in four gets an interval
without .5 in 62 of 100 series (with 10 in 24)."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of answers to pairs, and how sure it is.

    Attributes
    ----------
    hits, answers, listeners : int
        How many answers are counted by the share, of how many, of how many people.
    interval : tuple of float
        Wilson's, 95 %, as if every answer came from somebody else: it speaks of these listeners.
    over_listeners : tuple of float or None
        95 % for listeners like these: people differ, and the answers of one belong together. None with one listener.
    p : float
        Exact two-sided binomial test against .5, as if every answer came from somebody else.
    """

    hits: int
    answers: int
    listeners: int
    interval: Interval
    over_listeners: Interval | None
    p: float

    @property
    def share(self) -> float:
        return self.hits / self.answers

    @property
    def tells(self) -> Interval:
        """The interval that conclusions rest on."""
        return self.over_listeners or self.interval

    @property
    def is_too_small(self) -> bool:
        return self.answers < FEWEST_ANSWERS


def share_of(counts: Mapping[str, tuple[int, int]]) -> Share | None:
    """Measure a share over listeners.

    Parameters
    ----------
    counts : mapping of str to (int, int)
        For each listener: hits, answers.

    Returns
    -------
    Share, or None without an answer

    Raises
    ------
    ValueError
        Where somebody has more hits than answers, or fewer than none.

    References
    ----------
    Wilson (1927), JASA 22, 209–212. Cluster-robust variance of a ratio: Cochran (1977), Sampling Techniques, 11.12;
    its effective number of answers in Wilson's interval: Korn & Graubard (1998), Survey Methodology 24, 193–201.

    Examples
    --------
    >>> found = share_of({"ada": (15, 20)})
    >>> found.share, [round(end, 3) for end in found.interval], round(found.p, 4), found.over_listeners
    (0.75, [0.531, 0.888], 0.0414, None)
    >>> both = share_of({"ada": (18, 20), "bea": (10, 20), "cem": (14, 20)})
    >>> [round(end, 3) for end in both.interval], [round(end, 3) for end in both.over_listeners]
    ([0.575, 0.801], [0.238, 0.946])
    """
    from scipy.stats import binomtest  # half a second and 40 MB, for the one page that shows results

    answered = {listener: pair for listener, pair in counts.items() if pair[1]}
    if any(not 0 <= hits <= answers for hits, answers in counts.values()):
        raise ValueError("Somebody has more hits than answers, or fewer than none.")
    if not answered:
        return None
    hits, answers = (sum(column) for column in zip(*answered.values(), strict=True))
    test = binomtest(hits, answers, GUESSING)
    low, high = test.proportion_ci(LEVEL, method="wilson")
    return Share(hits, answers, len(answered), (float(low), float(high)), _over_listeners(answered), float(test.pvalue))


def _over_listeners(counts: Mapping[str, tuple[int, int]]) -> Interval | None:
    people = len(counts)
    if people < 2:
        return None
    hits, answers = (sum(column) for column in zip(*counts.values(), strict=True))
    share = hits / answers
    spread = sum((one - share * given) ** 2 for one, given in counts.values())
    variance = people / (people - 1) * spread / answers**2
    # Answers of one person are never worth more than those of as many people: people alike by chance prove nothing.
    effective = min(answers, share * (1 - share) / variance) if variance else answers
    return _wilson(share, effective, float(stdtrit(people - 1, (1 + LEVEL) / 2)))


def _wilson(share: float, answers: float, quantile: float) -> Interval:
    square = quantile * quantile
    middle = (share + square / (2 * answers)) / (1 + square / answers)
    half = quantile / (1 + square / answers) * math.sqrt(share * (1 - share) / answers + square / (4 * answers**2))
    # A share of none or all has its end there: a rounding error would make an infinite d′ a finite one.
    low = 0.0 if share == 0 else max(0.0, middle - half)
    return low, 1.0 if share == 1 else min(1.0, middle + half)


def d_prime(share: float) -> float:
    """d′ of a choice between two: √2 times the normal quantile of the share of right answers.

    0 is guessing. Infinite where all answers are right, or none: then only one end of its interval is known.

    References
    ----------
    Macmillan & Creelman (2005), Detection Theory, 2nd ed., chapter 7.

    Examples
    --------
    >>> round(d_prime(0.76), 3), d_prime(0.5), d_prime(1.0)
    (0.999, 0.0, inf)
    """
    return math.sqrt(2) * float(ndtri(share))


def say_found(found: Share) -> str:
    """What a share of pairs in which the played clip was found allows to say.

    Examples
    --------
    >>> say_found(share_of({"ada": (3, 4)}))
    'Too few answers to say anything: 4 of the 20 it takes.'
    """
    if found.is_too_small:
        return f"Too few answers to say anything: {found.answers} of the {FEWEST_ANSWERS} it takes."
    low, high = say_ends(found.tells)
    if found.tells[0] > GUESSING:
        said = f"The played clip is told from the composed one more often than by guessing, in at least {low} of pairs."
    elif found.tells[1] < GUESSING:
        said = (
            "The composed clip is taken for the played one more often than by guessing: "
            f"the played one is found in at most {high} of pairs."
        )
    else:
        said = (
            f"Cannot say: between {low} and {high} fits the answers, guessing ({say_percent(GUESSING)}) as well. "
            "That is no sign that nobody hears a difference."
        )
    return said + _of_one(found)


def say_preferred(preferred: Share) -> str:
    """What a share of preferences for the played clip allows to say; as `say_found`."""
    if preferred.is_too_small:
        return f"Too few preferences to say anything: {preferred.answers} of the {FEWEST_ANSWERS} it takes."
    low, high = say_ends(preferred.tells)
    if preferred.tells[0] > GUESSING:
        said = f"The played clip is preferred, in at least {low} of pairs."
    elif preferred.tells[1] < GUESSING:
        said = f"The composed clip is preferred: the played one in at most {high} of pairs."
    else:
        said = f"Cannot say which is preferred: between {low} and {high} fits the answers."
    return said + _of_one(preferred)


def _of_one(share: Share) -> str:
    return " It is one person’s ear, and says nothing of others." if share.listeners == 1 else ""


def say_percent(share: float) -> str:
    """A share as whole percents that no line break parts from their sign.

    Examples
    --------
    >>> say_percent(0.546)
    '55\\xa0%'
    """
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def say_ends(interval: Interval) -> tuple[str, str]:
    """The ends of an interval as whole percents: the lower one rounded down, the upper one up, so that both hold.

    Examples
    --------
    >>> say_ends((0.6396, 0.8801)), say_ends((0.07, 0.29))
    (('63\\xa0%', '89\\xa0%'), ('7\\xa0%', '29\\xa0%'))
    """
    low, high = (round(100 * end, 6) for end in interval)  # 100 · .29 is a bit less than 29
    return say_percent(math.floor(low) / 100), say_percent(math.ceil(high) / 100)
