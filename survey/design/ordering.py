"""Orders: of the answers on the page, and of the trials in a session."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

TrialKind = Literal["practice", "main", "gold", "repeat", "attention"]
NONE_SLUG = "none"


def shuffle_options(slugs: Sequence[str], rng: random.Random) -> list[str]:
    """Return the answers in random order, the way out (`none`) always last.

    A fixed order favours what stands first; drawing it once per person keeps the page steady for them.

    Parameters
    ----------
    slugs : sequence of str
        The answers.
    rng : random.Random
        Source of the order.

    Examples
    --------
    >>> shuffle_options(["awe", "none", "fear"], random.Random(3))[-1]
    'none'
    """
    answers = [slug for slug in slugs if slug != NONE_SLUG]
    rng.shuffle(answers)
    return answers + [slug for slug in slugs if slug == NONE_SLUG]


def plan_trials(
    *, main: int, practice: int = 0, gold: int = 0, repeats: int = 0, attention: int = 0, rng: random.Random
) -> list[TrialKind]:
    """Return the kind of every trial of a session, in order.

    Practice comes first. Gold and attention trials fall anywhere but on the first main trial; repeats fall into the
    second half, so that something lies between the two presentations. No attention trial follows another one
    directly, as long as there are enough others.

    Parameters
    ----------
    main, practice, gold, repeats, attention : int
        How many of each; not negative.
    rng : random.Random
        Source of the places.

    Raises
    ------
    ValueError
        When a number is negative, or there are more repeats than main trials.

    Examples
    --------
    >>> plan_trials(main=2, practice=1, rng=random.Random(0))
    ['practice', 'main', 'main']
    >>> plan_trials(main=1, attention=1, rng=random.Random(0))
    ['main', 'attention']
    >>> plan_trials(main=4, repeats=1, rng=random.Random(0)).index("repeat") >= 2
    True
    """
    if min(main, practice, gold, repeats, attention) < 0:
        raise ValueError("The numbers of trials cannot be negative.")
    if repeats > main:
        raise ValueError("There cannot be more repeat trials than main trials.")
    sequence: list[TrialKind] = ["main"] * main
    # Drawn one after the other into the growing list; never before the first main trial.
    for _ in range(gold):
        sequence.insert(rng.randint(min(1, len(sequence)), len(sequence)), "gold")
    for _ in range(repeats):
        sequence.insert(rng.randint(_place_of(sequence, max((main + 1) // 2, repeats)), len(sequence)), "repeat")
    for _ in range(attention):
        sequence.insert(rng.choice(_apart(sequence)), "attention")
    start: list[TrialKind] = ["practice"] * practice
    return start + sequence


def _apart(sequence: Sequence[TrialKind]) -> list[int]:
    """Where an attention trial can be put in: behind the first main trial, and beside no other one where possible."""
    first = _place_of(sequence, 1)
    places = list(range(first, len(sequence) + 1))
    free = [place for place in places if "attention" not in sequence[max(place - 1, 0) : place + 1]]
    return free or places


def _place_of(sequence: Sequence[TrialKind], mains: int) -> int:
    """The place right behind the first `mains` main trials."""
    places = [place for place, kind in enumerate(sequence) if kind == "main"]
    return places[mains - 1] + 1 if mains else 0
