"""How long a place on a screen counts, and how often which emotion was named about a stimulus."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from survey.design.assignment import lease_seconds
from survey.models import Study
from survey.queries import hot


def alive_after(study: Study, full: hot.Fullness, now: datetime) -> datetime:
    """When a lease has to end at the earliest for its place to count now."""
    longest = study.lease.total_seconds()
    patience = lease_seconds(longest, sum(full.answers.values()), full.seconds)
    # Every lease is written with the longest time, so the time it was given can be told from its end.
    return now + timedelta(seconds=longest - patience)


def named_about(stimulus_id: int, kind: str, alive: datetime) -> Counter[str]:
    """Emotion → how often it was named about a stimulus: in answered trials, and on screens.

    A trial on a screen counts as long here as in the balance of the stimuli (`alive` is what `alive_after` says): one
    patience, or clips would look even to one rule and uneven to the other.
    """
    return Counter(hot.named_in_answers(stimulus_id, kind)) + Counter(hot.named_on_screens(stimulus_id, kind, alive))
