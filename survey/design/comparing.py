"""Which two clips are compared next: every pair equally often, either side first equally often, no pair twice.

A pair is two clips of one topic (the picture that both may fit, or the emotion that both may express) from two cells of
the design. As in `balancing`, what comes next is decided when it is needed: a list drawn at the start would leave some
pairs half empty when people leave.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


class Contestant(NamedTuple):
    """A clip that can be compared.

    Parameters
    ----------
    key : int
        Identifies the stimulus.
    clip : str
        The sound, whatever cell it stands in.
    cell : int
        Its cell of the design: clips of one cell are not compared.
    topic : str
        Clips of one topic are compared.
    pictures : frozenset of str
        What it is about: the pictures that are shown with it, or that its music was made from.
    """

    key: int
    clip: str
    cell: int
    topic: str
    pictures: frozenset[str] = frozenset()


class Pair(NamedTuple):
    """Two clips that are compared; `name` is the same whichever comes first, and in every cell where both stand."""

    one: Contestant
    other: Contestant
    name: str

    @property
    def pictures(self) -> frozenset[str]:
        """What either clip is about."""
        return self.one.pictures | self.other.pictures


class Sides(NamedTuple):
    """A pair as it is played."""

    first: int
    second: int
    pair: Pair


Judged = Mapping[tuple[int, int], int]
"""(first, second) → judgements that were given, and those on people's screens."""


def find_pairs(contestants: Iterable[Contestant], *, within_cells: bool = False) -> list[Pair]:
    """Return every pair of clips that can be compared.

    Parameters
    ----------
    contestants : iterable of Contestant
    within_cells : bool
        Whether clips of one cell are compared as well: for practice, whose clips all stand in one.

    Returns
    -------
    list of Pair
        Two different sounds of one topic, from two cells. Where two sounds could meet in several ways (the same two
        files in other cells), the first is kept.

    Examples
    --------
    >>> clips = [Contestant(1, "a", 1, "sea"), Contestant(2, "b", 2, "sea"), Contestant(3, "c", 2, "town")]
    >>> [(pair.one.key, pair.other.key) for pair in find_pairs(clips)]
    [(1, 2)]
    """
    of_topic: dict[str, list[Contestant]] = defaultdict(list)
    for contestant in contestants:
        of_topic[contestant.topic].append(contestant)
    found: dict[str, Pair] = {}
    for topic, clips in of_topic.items():
        for one, other in combinations(sorted(clips, key=lambda clip: clip.key), 2):
            if one.clip != other.clip and (within_cells or one.cell != other.cell):
                name = name_pair(topic, one.clip, other.clip)
                found.setdefault(name, Pair(one, other, name))
    return list(found.values())


def parts_of(pairs: Sequence[Pair]) -> list[set[int]]:
    """Return the cells that are compared with each other, directly or by way of others; one part where all are.

    Cells of two parts have no strength against each other, however many answers there are (Ford 1957).

    Examples
    --------
    >>> clips = [Contestant(1, "a", 1, "sea"), Contestant(2, "b", 2, "sea"),
    ...          Contestant(3, "c", 3, "town"), Contestant(4, "d", 4, "town")]
    >>> parts_of(find_pairs(clips))
    [{1, 2}, {3, 4}]
    >>> parts_of(find_pairs([*clips, Contestant(5, "e", 2, "town")]))
    [{1, 2, 3, 4}]
    """
    cells = sorted({clip.cell for pair in pairs for clip in pair[:2]})
    place = {cell: number for number, cell in enumerate(cells)}
    ends = [(place[pair.one.cell], place[pair.other.cell]) for pair in pairs]
    rows, columns = zip(*ends, strict=True) if ends else ((), ())
    joined = coo_matrix((np.ones(len(ends)), (rows, columns)), shape=(len(cells), len(cells)))
    number, labels = connected_components(joined, directed=False)
    return [{cell for cell, label in zip(cells, labels, strict=True) if label == part} for part in range(number)]


def name_pair(topic: str, *clips: str) -> str:
    """Return what a pair is known by, whichever of its clips comes first: 64 hexadecimal digits."""
    return hashlib.sha256("|".join((topic, *sorted(clips))).encode()).hexdigest()


def order_pairs(
    pairs: Sequence[Pair],
    judged: Judged,
    met: Sequence[str],
    rng: random.Random,
    *,
    preferred: Collection[int] = (),
    number: int = 1,
    before: Collection[str] = (),
) -> list[Sides]:
    """Return the pairs that come next for one person, the one to give now first.

    Parameters
    ----------
    pairs : sequence of Pair
        All of the study (of one sort of trials).
    judged : mapping
        How often each pair was judged, by who came first.
    met : sequence of str
        Names of the pairs that this person was given, oldest first: none of them comes again.
    rng : random.Random
        Breaks ties.
    preferred : collection of int
        Stimuli that win a tie: their sounds are in the browser's memory.
    number : int
        How many at most.
    before : collection of str
        Pictures that the trial before was about.

    Returns
    -------
    list of Sides
        The least judged first; among equals those about other pictures than the trial before, then those whose clips,
        and then whose topic, this person met least and not in the trial before. First comes the clip that was first
        less often in this pair; where both were equally often, the one whose cell was first less often against the
        other's; else by chance.

    Notes
    -----
    That no picture comes twice in a row is a wish: it never makes a pair wait that was judged less often.
    Judgements of pairs differ by 1 as long as everybody can still be given the least judged one. In simulations of 60
    people with 12 trials each of 30 pairs, 8 at once, a quarter of whom left early, they differed by 2 at most, and how
    often either clip of a pair came first by 1.

    Examples
    --------
    >>> a, b = Contestant(1, "a", 1, "sea"), Contestant(2, "b", 2, "sea")
    >>> pairs = find_pairs([a, b])
    >>> order_pairs(pairs, {(1, 2): 1}, [], random.Random(0))[0][:2]
    (2, 1)
    >>> order_pairs(pairs, {}, [pairs[0].name], random.Random(0))
    []
    """
    by_name = {pair.name: pair for pair in pairs}
    had = [by_name[name] for name in met if name in by_name]
    firsts = _count_firsts(pairs, judged)
    rest = {pair.name: pair for pair in pairs if pair.name not in set(met)}
    heard = Counter(clip.clip for pair in had for clip in pair[:2])
    topics = Counter(pair.one.topic for pair in had)
    last = {clip.clip for clip in had[-1][:2]} if had else set()
    pictures = frozenset(before)

    def rank(pair: Pair) -> tuple[float, ...]:
        one, other = pair.one, pair.other
        return (
            judged.get((one.key, other.key), 0) + judged.get((other.key, one.key), 0),
            not (pictures.isdisjoint(one.pictures) and pictures.isdisjoint(other.pictures)),
            one.clip in last or other.clip in last,
            heard[one.clip] + heard[other.clip],
            topics[one.topic],
            not (one.key in preferred and other.key in preferred),
            rng.random(),
        )

    order: list[Sides] = []
    while rest and len(order) < number:
        chosen = rest.pop(min(rest.values(), key=rank).name)
        order.append(_side(chosen, judged, firsts, rng))
        last = {clip.clip for clip in chosen[:2]}
        heard.update(last)
        topics[chosen.one.topic] += 1
        pictures = chosen.pictures
    return order


def _count_firsts(pairs: Sequence[Pair], judged: Judged) -> Counter[tuple[int, int]]:
    """(cell, other cell) → how often the former came first against the latter."""
    firsts: Counter[tuple[int, int]] = Counter()
    for one, other, _ in pairs:
        firsts[one.cell, other.cell] += judged.get((one.key, other.key), 0)
        firsts[other.cell, one.cell] += judged.get((other.key, one.key), 0)
    return firsts


def _side(pair: Pair, judged: Judged, firsts: Mapping[tuple[int, int], int], rng: random.Random) -> Sides:
    one, other, _ = pair
    lead = judged.get((one.key, other.key), 0) - judged.get((other.key, one.key), 0)
    if not lead and one.cell != other.cell:
        lead = firsts[one.cell, other.cell] - firsts[other.cell, one.cell]
    comes_first = rng.random() < 0.5 if not lead else lead < 0
    return Sides(one.key, other.key, pair) if comes_first else Sides(other.key, one.key, pair)
