"""Numbers of a study that contradict each other: rules that nobody, or everybody, meets, and more than there can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

RULES: Final = ("gold_needed", "repeats_needed", "attention_failed")
"""Numbers of the rules for leaving people out that something is said of."""
TRIALS: Final = ("gold_trials", "repeat_trials", "attention_trials")
"""Numbers of trials that a study gives everybody, beside its clips."""


def contradictions(numbers: Mapping[str, float | None]) -> Iterator[tuple[str, str]]:
    """Yield (name, sentence) for each number that another one makes impossible or idle; the sentence says what to do.

    Parameters
    ----------
    numbers : mapping
        Numbers by the names that a study, its plan and its rules have for them. None, or missing: it is not set, or
        nothing is known of it.

    Examples
    --------
    >>> [name for name, _ in contradictions({"gold_needed": 3, "gold_trials": 2})]
    ['gold_needed']
    >>> list(contradictions({"gold_needed": 2, "gold_trials": 2, "repeat_trials": None}))
    []
    """
    for rule, trials, what in (("gold_needed", "gold_trials", "gold"), ("repeats_needed", "repeat_trials", "repeat")):
        needed, given = numbers.get(rule), numbers.get(trials)
        if needed is not None and given is not None and needed > given:
            yield (
                rule,
                f"The rule asks for {needed:g} {what} trials, but each person gets {given:g}: it leaves out everybody. "
                f"Ask for at most {given:g}, or give more {what} trials.",
            )
    failed, given = numbers.get("attention_failed"), numbers.get("attention_trials")
    if failed is not None and given is not None and max(failed, 1) > given:
        yield (
            "attention_failed",
            f"The rule about attention trials leaves people out from {max(failed, 1):g} failed on, but each person "
            f"gets {given:g}: it leaves out nobody.",
        )
    repeats, clips = numbers.get("repeat_trials"), numbers.get("clips_per_participant")
    if repeats and clips is not None and repeats > clips:
        yield (
            "repeat_trials",
            f"There are more repeat trials than clips to repeat: {repeats:g}, and {clips:g} clips each.",
        )
