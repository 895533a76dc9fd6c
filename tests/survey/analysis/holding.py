"""What every coverage table asks of an interval and a test."""

from __future__ import annotations

from survey.analysis.estimates import ALPHA


def holds(interval, truth):
    """Whether an interval holds the truth; one that is not defined holds nothing."""
    return interval is not None and bool(interval[0] <= truth <= interval[1])


def rejects(p_value):
    """Whether a test rejects; a p value that is not defined rejects nothing."""
    return p_value is not None and bool(p_value <= ALPHA)
