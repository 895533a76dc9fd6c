"""Which clips are heard against each other in one series: of one emotion where possible, and no clip twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip that may be drawn, and how often this listener has heard it in earlier series."""

    key: int
    emotion: str
    heard: int = 0


@dataclass(frozen=True, slots=True)
class DrawnPair:
    """Two clips that are heard one after the other."""

    played: Clip
    composed: Clip
    played_is_first: bool

    @property
    def same_emotion(self) -> bool:
        return self.played.emotion == self.composed.emotion

    @property
    def is_known(self) -> bool:
        """Whether the listener may know one of the clips again from an earlier series."""
        return self.played.heard > 0 or self.composed.heard > 0


def draw_pairs(played: Sequence[Clip], composed: Sequence[Clip], number: int, random: Random) -> list[DrawnPair]:
    """Draw the pairs of one series, in the order in which they are heard.

    No clip comes twice, so that nobody can know one again. Clips that the listener has heard least often are taken
    first. Emotions of which there are clips of both kinds come in turn; only when those are used up are clips of
    different emotions paired. The played clip is the first one in half of the pairs, at random places.

    Parameters
    ----------
    played, composed : sequence of Clip
        Clips played by people, and those of one composer.
    number : int
        How many pairs are wanted.
    random : Random
        Where chance comes from.

    Returns
    -------
    list of DrawnPair
        As many as wanted, or as many as there are clips of the rarer kind; empty where one kind is missing.

    Examples
    --------
    >>> pairs = draw_pairs([Clip(1, "awe"), Clip(2, "fear")], [Clip(3, "fear"), Clip(4, "joy")], 9, Random(1))
    >>> sorted((pair.played.key, pair.composed.key) for pair in pairs)
    [(1, 4), (2, 3)]
    """
    ours, theirs = _by_emotion(played, random), _by_emotion(composed, random)
    couples: list[tuple[Clip, Clip]] = []
    shared = sorted(ours.keys() & theirs.keys())
    random.shuffle(shared)
    while len(couples) < number and shared:
        for emotion in shared[: number - len(couples)]:
            couples.append((ours[emotion].pop(0), theirs[emotion].pop(0)))
        shared = [emotion for emotion in shared if ours[emotion] and theirs[emotion]]
    left = zip(_least_heard(ours.values(), random), _least_heard(theirs.values(), random), strict=False)
    couples += list(left)[: number - len(couples)]
    random.shuffle(couples)
    return [
        DrawnPair(one, other, first) for (one, other), first in zip(couples, _halves(len(couples), random), strict=True)
    ]


def _by_emotion(clips: Iterable[Clip], random: Random) -> dict[str, list[Clip]]:
    """The clips of each emotion in the order in which they are taken."""
    found = defaultdict(list)
    for clip in _least_heard([clips], random):
        found[clip.emotion].append(clip)
    return found


def _least_heard(groups: Iterable[Iterable[Clip]], random: Random) -> list[Clip]:
    clips = [clip for group in groups for clip in group]
    random.shuffle(clips)
    return sorted(clips, key=lambda clip: clip.heard)  # stable: chance decides among those heard equally often


def _halves(number: int, random: Random) -> list[bool]:
    """As many True as False in random order; where `number` is odd, chance decides which there is one more of."""
    sides = [index % 2 == 0 for index in range(number)]
    if random.random() < 0.5:
        sides = [not side for side in sides]
    random.shuffle(sides)
    return sides
