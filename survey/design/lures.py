"""Which question a yes/no trial asks: whether it names the intended emotion (a target) or another one (a lure).

Where every trial names the intended emotion, "yes" is always right and somebody who always says yes looks like a
perfect listener. With lures in half of the trials, yes said to lures (false alarms) is what hits are held against.
A coin would give some people six targets of eight and some clips nothing but lures; here both are kept even.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

LARGEST_LEAD: Final = 2
"""So many more of one sort than of the other at most, at any time: who leaves early has had both."""
YES, NO = "yes", "no"


def right_answer(intended: str, asked: str) -> str:
    """Return the answer to a trial that is right: what everything goes by that judges or counts right answers.

    Parameters
    ----------
    intended : str
        The emotion that the stimulus is meant to express.
    asked : str
        The emotion that a yes/no question named; empty where people choose among all.

    Returns
    -------
    str
        The intended emotion where people choose; else yes to a target and no to a lure.

    Examples
    --------
    >>> right_answer("fear", ""), right_answer("fear", "fear"), right_answer("fear", "awe")
    ('fear', 'yes', 'no')
    """
    if not asked:
        return intended
    return YES if asked == intended else NO


@dataclass(frozen=True, slots=True)
class Had:
    """How many targets and lures somebody was given, or a clip has.

    >>> Had(targets=3, lures=1).lead
    2
    """

    targets: int = 0
    lures: int = 0

    @property
    def lead(self) -> int:
        """How many more targets than lures."""
        return self.targets - self.lures


def draw_lure(person: Had, left: int, clip: Had, rng: random.Random) -> bool:
    """Return whether the next trial names another emotion than the intended one.

    The sort that the clip has less of, so that over people every clip has as many of either; where it has as many,
    a coin. But nobody ends with more than one of a sort more than of the other, and on the way the lead never
    exceeds `LARGEST_LEAD`.

    Parameters
    ----------
    person : Had
        What this person was given of this kind of trial (main, gold or practice).
    left : int
        Trials of this kind that are still to come, this one among them; at least 1.
    clip : Had
        What the clip has: answers of other people, and trials on their screens.
    rng : random.Random

    Raises
    ------
    ValueError
        When `left` is less than 1.

    Notes
    -----
    Simulated with 24 people, 16 clips and 8 trials each: 91 % of clips have as many targets as lures, or one more of
    either, and 1 % is further apart than two. With a coin 36 % and 47 %, and 7 % of people have seven or eight of
    one sort.

    Examples
    --------
    >>> draw_lure(Had(1, 0), 1, Had(0, 5), random.Random(0))
    True
    >>> draw_lure(Had(1, 1), 2, Had(0, 5), random.Random(0))
    False
    """
    if left < 1:
        raise ValueError("No trial is left to draw a question for.")
    allowed = [is_lure for is_lure in (False, True) if _keeps_even(person.lead + (-1 if is_lure else 1), left - 1)]
    if len(allowed) == 1:
        return allowed[0]
    return clip.lead > 0 if clip.lead else rng.random() < 0.5


def _keeps_even(lead: int, left: int) -> bool:
    """Whether a lead is small enough now, and can be one or none when `left` more trials are given."""
    return abs(lead) <= LARGEST_LEAD and abs(lead) - left <= 1


def lures_for(emotions: Sequence[str], own: Collection[str]) -> list[str]:
    """Return the emotions that a lure may name: those of the study's clips that this one has nothing to do with.

    Parameters
    ----------
    emotions : sequence of str
        What the study's main clips are meant to express. No other emotion is named: one that is never intended would
        give a lure away, and would have false alarms and no hits.
    own : collection of str
        What is *not* a lure: the intended emotion, and where a picture is shown the picture's. In a mismatched pair
        "does it express what the picture shows?" is no question whose right answer is no: to those who judge the
        picture, or both together, it is yes.

    Examples
    --------
    >>> lures_for(["awe", "fear", "anger"], {"fear", "awe"})
    ['anger']
    """
    return [emotion for emotion in dict.fromkeys(emotions) if emotion not in own]


def draw_emotion(
    emotions: Sequence[str], clip: Mapping[str, int], person: Mapping[str, int], rng: random.Random
) -> str:
    """Return the emotion that a lure names: the one named least often about this clip, then to this person.

    Parameters
    ----------
    emotions : sequence of str
        As `lures_for` returns them; at least one.
    clip, person : mapping of str to int
        How often each was named about the clip (to anybody), and to the person (about any clip) as a lure.
    rng : random.Random
        Source of the tie-break.

    Raises
    ------
    ValueError
        When there is no emotion.

    Examples
    --------
    >>> draw_emotion(["awe", "fear"], {"awe": 1}, {}, random.Random(0))
    'fear'
    >>> draw_emotion(["awe", "fear"], {}, {"fear": 2}, random.Random(0))
    'awe'
    """
    if not emotions:
        raise ValueError("There is no emotion that a lure could name.")
    return min(emotions, key=lambda emotion: (clip.get(emotion, 0), person.get(emotion, 0), rng.random()))
