"""Mismatched pairs: each music with the picture of another emotion, in balance."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence


def mismatch(emotions: Sequence[str], rng: random.Random, *, pictures: Sequence[str] | None = None) -> list[int]:
    """For each music, return the index of a picture of a different emotion.

    Every picture is used once where that is possible, and the (music emotion, picture emotion)
    combinations are spread as evenly as a greedy exchange finds them.

    Parameters
    ----------
    emotions : sequence of str
        The emotion of each music.
    rng : random.Random
        Source of the draw.
    pictures : sequence of str, optional
        The emotion of each picture; by default those of the pairs themselves, music i and picture i belonging
        together.

    Returns
    -------
    list of int
        ``chosen[i]`` is the picture to show with music i; ``pictures[chosen[i]] != emotions[i]``.

    Raises
    ------
    ValueError
        When some music finds no picture of another emotion.

    Notes
    -----
    Where a one-to-one exchange does not exist (one emotion has more than half of all pairs, or there are fewer
    pictures than pieces), pictures are used more than once, equally often.

    Examples
    --------
    >>> emotions = ["fear", "awe", "fear", "awe"]
    >>> [emotions[picture] for picture in mismatch(emotions, random.Random(0))]
    ['awe', 'fear', 'awe', 'fear']
    >>> mismatch(["fear", "awe"], random.Random(0), pictures=["sadness"])
    [0, 0]
    """
    shown = emotions if pictures is None else pictures
    if any(all(picture == music for picture in shown) for music in set(emotions)):
        raise ValueError("Mismatched pairs need pictures of at least two emotions.")
    used: Counter[int] = Counter()
    combined: Counter[tuple[str, str]] = Counter()
    chosen = [-1] * len(emotions)
    for music in _hardest_first(emotions, rng):
        others = [i for i, emotion in enumerate(shown) if emotion != emotions[music]]
        rng.shuffle(others)
        remaining = Counter(shown[i] for i in range(len(shown)) if not used[i])
        picture = min(
            others,
            key=lambda i: (
                used[i],
                -_pressure(shown[i], remaining),
                combined[emotions[music], shown[i]],
            ),
        )
        chosen[music] = picture
        used[picture] += 1
        combined[emotions[music], shown[picture]] += 1
    return _repair(chosen, emotions, shown)


def _hardest_first(emotions: Sequence[str], rng: random.Random) -> list[int]:
    """Music of the most frequent emotion first: it has the fewest foreign pictures."""
    counts = Counter(emotions)
    order = list(range(len(emotions)))
    rng.shuffle(order)
    return sorted(order, key=lambda i: -counts[emotions[i]])


def _pressure(emotion: str, remaining: Counter[str]) -> int:
    """1 for pictures of the emotion most of which are still unused, so that none is left stranded."""
    return int(bool(remaining) and remaining[emotion] == max(remaining.values()))


def _repair(pictures: list[int], emotions: Sequence[str], shown: Sequence[str]) -> list[int]:
    """Exchange pictures until none is used twice more often than another that could take its place."""
    while _even_out(pictures, emotions, shown):
        pass
    return pictures


def _even_out(pictures: list[int], emotions: Sequence[str], shown: Sequence[str]) -> bool:
    """Give one piece that has a much-used picture a little-used one, where emotions allow it; whether one was."""
    uses = Counter(pictures)
    order = sorted(range(len(shown)), key=lambda i: uses[i])
    rare = {(uses[i], shown[i]): i for i in order}.values()  # pictures of one emotion and use are alike
    for spare in rare:
        crowded = [music for music, picture in enumerate(pictures) if uses[picture] - uses[spare] >= 2]
        fitting = [music for music in crowded if shown[spare] != emotions[music]]
        if fitting:
            pictures[fitting[0]] = spare
            return True
        if _swap_in(spare, crowded, pictures, emotions, shown):
            return True
    return False


def _swap_in(
    spare: int, crowded: Sequence[int], pictures: list[int], emotions: Sequence[str], shown: Sequence[str]
) -> bool:
    """Give `spare` to a third piece whose picture then goes to one with a much-used picture; whether it went."""
    for music in {emotions[music]: music for music in crowded}.values():
        for third, picture in enumerate(pictures):
            if shown[spare] != emotions[third] and shown[picture] != emotions[music] and third != music:
                pictures[third], pictures[music] = spare, picture
                return True
    return False
