"""The one place that says which interval and which test simulated studies are analysed by: the report's."""

from __future__ import annotations

from survey.analysis.accuracy import measure_accuracy
from survey.analysis.comparisons import compare_shares
from survey.analysis.estimates import Codes, Interval, Truths


def judge_share(hits: Truths, participants: Codes, stimuli: Codes) -> Interval | None:
    """Return the report's interval of a hit rate for new people and new clips.

    Examples
    --------
    >>> import numpy as np
    >>> people, clips = np.repeat(np.arange(6), 6), np.tile(np.arange(6), 6)
    >>> [round(end, 2) for end in judge_share((people + clips) % 3 > 0, people, clips)]
    [0.3, 0.9]
    """
    # One option: nothing is compared with chance, which takes the longest.
    return measure_accuracy(hits, participants, stimuli, 1).participants_stimuli


def judge_difference(hits: Truths, in_a: Truths, participants: Codes, stimuli: Codes) -> tuple[float, float]:
    """Return the report's difference of two cells and its two-sided p value, 1 where there is no test.

    Examples
    --------
    >>> import numpy as np
    >>> people, clips = np.repeat(np.arange(20), 10), np.tile(np.arange(10), 20)
    >>> difference, p = judge_difference((people + clips) % 5 < np.where(clips < 5, 4, 1), clips < 5, people, clips)
    >>> round(difference, 2), 0 <= p <= 1
    (0.6, True)
    """
    found = compare_shares(hits, in_a, ~in_a, participants, stimuli)
    return found.difference or 0.0, 1.0 if found.p_value is None else found.p_value
