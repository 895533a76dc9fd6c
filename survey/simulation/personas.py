"""Kinds of simulated people, and in which shares they come."""

from __future__ import annotations

import random
from collections.abc import Mapping

PERSONAS: Mapping[str, str] = {
    "listener": "answers from the confusion matrix",
    "picture": "answers from the picture alone",
    "guesser": "answers at random",
    "straightliner": "always gives the same answer",
    "careless": "a listener who does not read what a page asks besides",
    "dropout": "a listener who leaves somewhere on the way",
    "doubleclicker": "a listener who sends every answer twice at once",
    "twotab": "a listener with two tabs, answering in both",
}
ATTENTIVE = frozenset({"listener"})
"""Who listens and reads: sensible rules leave none of them out."""
HASTY = frozenset({"guesser", "straightliner"})
"""Who answers without having listened, and so at once."""
DEFAULT_MIX = "listener=.8,guesser=.1,straightliner=.05,dropout=.05"


class MixRefused(ValueError):
    """A mix that cannot be read; the message says why."""


def read_mix(text: str) -> dict[str, float]:
    """``listener=.8,guesser=.2`` as shares that sum to 1.

    >>> read_mix("listener=3,guesser=1")
    {'listener': 0.75, 'guesser': 0.25}
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        name = name.strip()
        if name not in PERSONAS:
            raise MixRefused(f"{name!r} is no kind of participant; there are: {', '.join(PERSONAS)}.")
        try:
            shares[name] = float(number)
        except ValueError as error:
            raise MixRefused(f"The share of {name} is {number!r}; write a number, as in {name}=.5.") from error
    if min(shares.values()) < 0 or not sum(shares.values()):
        raise MixRefused("The shares must be positive numbers.")
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def assign_personas(mix: Mapping[str, float], people: int, rng: random.Random) -> list[str]:
    """Exactly the shares of the mix, as far as whole people allow, in random order.

    >>> sorted(assign_personas({"listener": 0.75, "guesser": 0.25}, 4, random.Random(0)))
    ['guesser', 'listener', 'listener', 'listener']
    """
    exact = {name: share * people for name, share in mix.items()}
    counts = {name: int(number) for name, number in exact.items()}
    by_rest = sorted(mix, key=lambda name: exact[name] - counts[name], reverse=True)
    for name in by_rest[: people - sum(counts.values())]:
        counts[name] += 1
    everybody = [name for name, count in counts.items() for _ in range(count)]
    rng.shuffle(everybody)
    return everybody
