"""Which stimulus comes next where a study has cells: cells in balance first, then the stimuli in them.

At every trial the rest of a person's session is planned as an assignment of clips to places: every place
belongs to a group (a cell, the gold trials, practice), every clip is used at most once, and clips with few
answers are cheap. What is given is the first step of that plan, so nobody can run into an end where a cell is
still owed and all of its clips are met already.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

# Costs, in answers. Among equal loads those that wait for answers come first, then one that was preloaded, then
# chance: all that together is less than one answer.
LEASE_BONUS: Final = 0.05
MOST_LEASES: Final = 10
PRELOAD_BONUS: Final = 0.02
CHANCE: Final = 0.01
# Which cell gets one more than its share counts for more than any difference between clips.
CELL_STEP: Final = 1e4
FORBIDDEN: Final = 1e12
ROUNDING: Final = 1e-9
TINY: Final = 1e-300
# The order of cells in a session is drawn. Where a cell is fuller than the emptiest by more than `SLACK` answers, in
# answers of the rarest cell, each further `SWAY` leaves it 1/e of its odds, 1/e² at least: whoever leaves then leaves
# the emptier ones fuller, and no place is one cell's. One answer is what an extra trial makes, which is no reason.
SLACK: Final = 1.0
SWAY: Final = 0.5
MOST_SWAY: Final = 2.0
# How many times likelier a cell comes whose sound the browser has loaded already.
PRELOADED_ODDS: Final = 50.0
# For another picture than the one before, a stimulus may come that has so many answers more than the one in turn.
MOST_MORE: Final = 1
# Weights are read as ratios of whole numbers up to this one, to find the block in which every cell has its share.
FINEST_RATIO: Final = 12


class Offer(NamedTuple):
    """A stimulus that a person may still get.

    Parameters
    ----------
    key : int
        Identifies the stimulus.
    clip : str
        What nobody meets twice: the sound's hash, or the picture's where there is no sound.
    group : int
        The group it belongs to.
    load : int
        Answers it has, plus live leases on it.
    answers : int
        Answers it has.
    picture : str
        The picture it shows; empty where it shows none.
    alone : bool
        Whether the picture is shown without music, which is possible only before it was seen.
    pictures : frozenset of str
        What people would know again: the picture that is shown, and the one that the music was made from.
    """

    key: int
    clip: str
    group: int
    load: int = 0
    answers: int = 0
    picture: str = ""
    alone: bool = False
    pictures: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """Places of one sort in a person's session: a cell's, the gold trials, or practice.

    Parameters
    ----------
    key : int
        Identifies the group.
    fewest, most : int
        How many places it has in the whole session.
    given : int
        How many of them were given already.
    weight : float
        How many answers it gets relative to the others.
    load : int
        Answers and live leases of all its stimuli together.
    is_open : bool
        Whether the next trial may be one of these.
    """

    key: int
    fewest: int
    most: int
    given: int = 0
    weight: float = 1.0
    load: int = 0
    is_open: bool = True

    @property
    def filled(self) -> float:
        """Answers by others, for its weight. With the person's own, whatever they have just had would come last."""
        return (self.load - self.given) / self.weight


def share_out(total: int, weights: Sequence[float]) -> list[tuple[int, int]]:
    """Return for every cell the fewest and the most of `total` trials that keep to the weights.

    Parameters
    ----------
    total : int
        Trials of one person.
    weights : sequence of float
        One positive weight for each cell.

    Returns
    -------
    list of (int, int)
        The exact share rounded down and up: the same number twice where it is whole.

    Examples
    --------
    >>> share_out(8, [3.0, 1.0]), share_out(7, [1.0, 1.0])
    ([(6, 6), (2, 2)], [(3, 4), (3, 4)])
    """
    exact = [total * weight / sum(weights) for weight in weights]
    return [(math.floor(share + ROUNDING), math.ceil(share - ROUNDING)) for share in exact]


@dataclass(frozen=True, slots=True)
class Places:
    """The rest of a session as planned: stimuli per group, each group's cheapest first; and whether it is whole."""

    stimuli: Mapping[int, list[Offer]]
    is_whole: bool


def plan_rest(
    offers: Sequence[Offer],
    groups: Sequence[Group],
    left: int,
    rng: random.Random,
    preferred: Collection[int] = (),
) -> Places:
    """Return which stimuli the rest of a person's session may consist of, at the least cost.

    Parameters
    ----------
    offers : sequence of Offer
        What this person may still get; of groups that are not in `groups`, nothing is planned.
    groups : sequence of Group
        The groups that still have places.
    left : int
        Trials that are left altogether.
    rng : random.Random
        Source of the tie-break.
    preferred : collection of int
        Stimuli that win a tie: what the browser was told to preload.

    Returns
    -------
    Places
        `is_whole` is false where some place finds no stimulus; the other places are planned all the same.

    Examples
    --------
    >>> offers = [Offer(1, "a", 1), Offer(2, "b", 1), Offer(3, "a", 2)]
    >>> plan = plan_rest(offers, [Group(1, 1, 1), Group(2, 1, 1)], 2, random.Random(0))
    >>> [offer.key for offer in plan.stimuli[1]], plan.is_whole
    ([2], True)
    """
    places = {group.key: place for place, group in enumerate(groups)}
    columns: dict[str, int] = {}
    best: dict[tuple[int, int], tuple[float, Offer]] = {}
    for cost, offer in _cheapest(offers, groups, left, rng, preferred):
        spot = places[offer.group], columns.setdefault(offer.clip, len(columns))
        best.setdefault(spot, (cost, offer))
    # Shape (groups, clips). A clip that does not come in a group costs more than any plan could: it is never planned,
    # or shows that there is no whole plan. `FORBIDDEN` is finite, as SciPy raises where only infinities are left.
    costs = np.full((len(groups), len(columns)), FORBIDDEN)
    if best:
        found = np.array([cost for cost, _ in best.values()])
        # From 0 on: loads of thousands of answers would come near `CELL_STEP`.
        costs[tuple(zip(*best, strict=True))] = found - found.min()
    preloaded = {offer.group for offer in offers if offer.key in preferred} if preferred else set()
    rows, matrix = _places_of(groups, costs, left, rng, preloaded)
    chosen: dict[int, list[tuple[float, Offer]]] = {group.key: [] for group in groups}
    missing = max(0, left - len(rows))
    # Linear assignment: every place gets a clip of its own, at the least total cost.
    for row, column in zip(*linear_sum_assignment(matrix), strict=True):
        spot = rows[row], int(column)
        if spot in best:
            chosen[groups[rows[row]].key].append(best[spot])
        elif column < len(columns) or matrix[row, column] >= FORBIDDEN:
            missing += 1
    # With more places than clips only as many places as there are clips are in the result.
    missing += max(0, matrix.shape[0] - matrix.shape[1])
    ordered = {key: [offer for _, offer in sorted(found, key=_first)] for key, found in chosen.items()}
    return Places(ordered, missing == 0)


def _cheapest(
    offers: Sequence[Offer], groups: Sequence[Group], left: int, rng: random.Random, preferred: Collection[int]
) -> list[tuple[float, Offer]]:
    """Offers with their costs, the cheapest first, and of each group as many clips as a plan can need.

    A plan of n places uses n clips at most: if one were not among the n cheapest of its group, one of these would be
    unused, and cheaper. So no plan is lost, however many hundred stimuli a study has: this runs with every answer.
    """
    chance, wanted = rng.random, {group.key for group in groups}
    priced = [
        (
            offer[3]
            + CHANCE * chance()
            - (LEASE_BONUS * min(offer[3] - offer[4], MOST_LEASES) if offer[3] != offer[4] else 0.0)
            - (PRELOAD_BONUS if offer[0] in preferred else 0.0),
            offer,
        )
        for offer in offers
        if offer[2] in wanted
    ]
    priced.sort(key=_first)
    places = max(left, sum(max(0, group.fewest - group.given) for group in groups))
    unseen = Counter(offer[2] for _, offer in priced)
    clips: dict[int, set[str]] = {key: set() for key in unseen}
    waiting, kept = len(unseen), []
    for one in priced:
        _, (_, clip, key, *_) = one
        unseen[key] -= 1
        if len(clips[key]) == places:
            continue
        kept.append(one)
        clips[key].add(clip)
        waiting -= len(clips[key]) == places or not unseen[key]
        if not waiting:
            break
    return kept


def _first(found: tuple[float, Offer]) -> float:
    return found[0]


def _places_of(
    groups: Sequence[Group], costs: NDArray[np.float64], left: int, rng: random.Random, preloaded: Collection[int]
) -> tuple[list[int], NDArray[np.float64]]:
    """One row per place, with columns at its end for optional places that stay empty; and each row's group."""
    owed = [max(0, group.fewest - group.given) for group in groups]
    optional = [max(0, group.most - max(group.given, group.fewest)) for group in groups]
    spare = left - sum(owed)
    if spare < 0:  # the session was cut short: what is owed is given as far as it goes
        owed, optional, spare = [0] * len(groups), [must + may for must, may in zip(owed, optional, strict=True)], left
    # Optional places go to the cells that are emptiest for their weight. Among equals to one that was preloaded, then
    # by chance: the first in the list would always be given once more, be full, and come late in the next sessions.
    fullness = sorted(
        range(len(groups)),
        key=lambda place: (
            groups[place].filled,
            groups[place].key not in preloaded,
            rng.random(),
        ),
    )
    rank = {place: number for number, place in enumerate(fullness)}
    rows = [place for place, number in enumerate(owed) for _ in range(number)]
    may = [place for place, number in enumerate(optional) for _ in range(number)]
    # Of the optional places `spare` are to be filled: as many columns as the others need stand for "stays empty".
    empty = max(0, len(may) - spare)
    matrix = np.full((len(rows) + len(may), costs.shape[1] + empty), FORBIDDEN)
    matrix[:, : costs.shape[1]] = costs[rows + may]
    if may:
        matrix[len(rows) :, : costs.shape[1]] += CELL_STEP * np.array([1 + rank[place] for place in may])[:, None]
        # What is owed must not stay empty (forbidden there, above); what is optional may, for nothing.
        matrix[len(rows) :, costs.shape[1] :] = 0.0
    return rows + may, matrix


def order_next(
    offers: Sequence[Offer],
    groups: Sequence[Group],
    left: int,
    rng: random.Random,
    *,
    preferred: Collection[int] = (),
    number: int = 1,
    clips: Sequence[str] = (),
    blocks: bool = False,
    before: Collection[str] = (),
) -> list[Offer]:
    """Return the stimulus to give now, followed by those that will probably come after it.

    Parameters
    ----------
    offers, groups, left, rng, preferred
        As in `plan_rest`.
    number : int
        How many stimuli at most.
    clips : sequence of str
        Where the order of clips is fixed: the clip whose turn it is, and those that follow. Which cell each appears
        in is chosen.
    blocks : bool
        Where the order of cells is fixed: groups come one after the other, as they stand in `groups`.
    before : collection of str
        The pictures that the trial before was about (`Offer.pictures`).

    Returns
    -------
    list of Offer
        Empty where nothing can be given.

    Notes
    -----
    A session consists of blocks in which every cell has exactly its share, and of a rest (see `whole_blocks`). Inside
    a block, and inside the rest, the order of cells is drawn: every cell is equally likely at every place, or as its
    weight says, so that no place tells the cell. A fuller cell tends to come later (`SWAY`), so that whoever leaves
    leaves all cells about equally full. Within the group the least filled stimulus comes first. A stimulus whose
    picture is planned to be shown alone later waits until it was.

    Two successive stimuli are about different pictures where the cells that are due have one: the planned ones in the
    order that was drawn, then one of these cells that nothing needs later and that has `MOST_MORE` answers more at
    most. A picture that half of what is left is about comes now, as it could not be kept apart later. Where the order
    of clips is fixed it stays as it is.

    Examples
    --------
    >>> offers = [Offer(1, "a", 1), Offer(2, "b", 1), Offer(3, "a", 2, load=4), Offer(4, "b", 2, load=3)]
    >>> cells = [Group(1, 1, 1, load=0), Group(2, 1, 1, load=7)]
    >>> [offer.key for offer in order_next(offers, cells, 2, random.Random(0), number=2)]
    [1, 4]
    >>> sea, cat = frozenset({"sea"}), frozenset({"cat"})
    >>> pairs = [Offer(1, "a", 1, pictures=sea), Offer(2, "b", 1, pictures=sea), Offer(3, "c", 1, pictures=cat)]
    >>> {order_next(pairs, [Group(1, 3, 4, 1)], 3, random.Random(n), before=["cat"])[0].pictures for n in range(9)}
    {frozenset({'sea'})}
    """
    plan = plan_rest(offers, groups, left, rng, preferred)
    if clips:
        return _of_clips(plan, offers, groups, clips[:number])
    alone = {offer.picture for found in plan.stimuli.values() for offer in found if offer.alone}
    pictures = {offer.picture for offer in offers if offer.alone}
    cells = {offer.group for offer in offers if offer.alone}
    # Who gets a cell once more is settled at the end, by what all others have: until then the pictures have to last.
    lasting = sum(max(0, group.most - group.given) for group in groups if group.key in cells)
    if len(pictures) <= lasting:
        alone = pictures
    waiting = {
        group.key: sorted(plan.stimuli[group.key], key=lambda offer: _burns(offer, alone))
        for group in groups
        if group.is_open
    }
    given = {group.key: group.given for group in groups}
    preloaded = {offer.group for offer in offers if offer.key in preferred} if preferred else set()
    share, whole = whole_blocks([group for group in groups if group.is_open])
    spare = _Spare(offers, plan, alone, rng)
    order: list[Offer] = []
    while len(order) < number:
        ranked = [group for group in groups if waiting.get(group.key)]
        due: dict[int, int] = {}
        if not blocks:
            due = _due(given, share, whole)
            rest = {key: len(found) for key, found in waiting.items()}
            # Who gets the rest is chosen by fullness already: in its order that would count twice, and tell.
            ranked = _draw_order(ranked, due or rest, preloaded, rng, sway=bool(due))
        # With pictures to spare one may be seen before it comes alone: another one is then shown alone.
        may_burn = len(pictures) > max(len(alone), lasting)
        fitting = [g.key for g in ranked if may_burn or not _burns(waiting[g.key][0], alone)]
        keys = fitting or [group.key for group in ranked]
        if not keys:
            break
        # What is not due in this block waits for its own, whatever picture comes.
        in_turn = keys[:1] if blocks else [key for key in keys if due.get(key, 0)] or (keys[:1] if due else keys)
        last = order[-1].pictures if order else frozenset(before)
        key, planned, chosen = _keep_apart(in_turn, waiting, last, spare, may_burn)
        waiting[key].remove(planned)
        order.append(chosen)
        given[key] += 1
    return order or _whatever_is_left(offers, groups, rng)


class _Spare:
    """Stimuli that no place of the plan needs, found where a picture would come twice and not before."""

    def __init__(self, offers: Sequence[Offer], plan: Places, alone: Collection[str], rng: random.Random) -> None:
        self.offers = offers
        self.used = {offer.clip for found in plan.stimuli.values() for offer in found}
        self.alone = alone
        self.rng = rng

    def instead_of(self, planned: Offer, last: Collection[str]) -> Offer | None:
        """The least filled of the same group that is about none of the pictures `last`; by chance among ties.

        Offers stand in the order in which a study's stimuli were chosen, by emotion as a rule: the first of equals
        would let a trial's place tell what its clip was made for.
        """
        found = [
            offer
            for offer in self.offers
            if offer.group == planned.group
            and offer.clip not in self.used
            and offer.load <= planned.load + MOST_MORE
            and offer.pictures.isdisjoint(last)
            and offer.alone == planned.alone
            and not _burns(offer, self.alone)
        ]
        best = min(found, key=lambda offer: (offer.load, self.rng.random()), default=None)
        if best is not None:
            self.used.add(best.clip)
        return best


def _keep_apart(
    keys: Sequence[int], waiting: Mapping[int, Sequence[Offer]], last: Collection[str], spare: _Spare, may_burn: bool
) -> tuple[int, Offer, Offer]:
    """(group, the stimulus that was planned, the one to give): about other pictures than `last`, where there are any.

    `keys` are the groups that are due, in the order that was drawn.
    """
    fitting = [
        (key, offer)
        for key in keys
        for offer in waiting[key]
        if offer.pictures.isdisjoint(last) and (may_burn or not _burns(offer, spare.alone))
    ]
    pressing = _pressing(waiting)
    for key, offer in fitting:
        if not pressing.isdisjoint(offer.pictures):
            return key, offer, offer
    if fitting:
        key, offer = fitting[0]
        return key, offer, offer
    for key in keys:
        planned = waiting[key][0]
        if (other := spare.instead_of(planned, last)) is not None:
            return key, planned, other
    return keys[0], waiting[keys[0]][0], waiting[keys[0]][0]


def _pressing(waiting: Mapping[int, Sequence[Offer]]) -> frozenset[str]:
    """Pictures that more than half of what is left is about: n things can be put apart where each comes n/2 times."""
    about = Counter(picture for found in waiting.values() for offer in found for picture in offer.pictures)
    left = sum(map(len, waiting.values()))
    return frozenset(picture for picture, times in about.items() if times > left // 2 and times > 1)


def whole_blocks(groups: Sequence[Group]) -> tuple[dict[int, int], int]:
    """Return how often each group comes in a block that keeps exactly to the weights, and how many blocks are sure.

    Parameters
    ----------
    groups : sequence of Group
        The cells of one session.

    Returns
    -------
    share : dict of int to int
        By the group's key: its trials in the shortest block.
    whole : int
        How many such blocks everybody gets, whoever is given an extra trial; 0 where a session is shorter than one.

    Notes
    -----
    Weights are read as ratios of whole numbers up to `FINEST_RATIO`: 1 to 1.3 is a block of 10 and 13, so short
    sessions have none.

    Examples
    --------
    >>> whole_blocks([Group(1, 6, 6, weight=3.0), Group(2, 2, 2, weight=1.0)])
    ({1: 3, 2: 1}, 2)
    >>> whole_blocks([Group(1, 3, 4), Group(2, 3, 4)])
    ({1: 1, 2: 1}, 3)
    """
    if not groups:
        return {}, 0
    least = min(group.weight for group in groups)
    ratios = [Fraction(group.weight / least).limit_denominator(FINEST_RATIO) for group in groups]
    common = math.lcm(*(ratio.denominator for ratio in ratios))
    share = {group.key: int(ratio * common) for group, ratio in zip(groups, ratios, strict=True)}
    return share, min(group.fewest // share[group.key] for group in groups)


def _due(given: Mapping[int, int], share: Mapping[int, int], whole: int) -> dict[int, int]:
    """What the block that this person is in still owes to each group; empty once the whole blocks are over."""
    begun = min((given[key] // each for key, each in share.items()), default=whole)
    if begun >= whole:
        return {}
    return {key: max(0, (begun + 1) * each - given[key]) for key, each in share.items()}


def _draw_order(
    groups: Sequence[Group], due: Mapping[int, int], preloaded: Collection[int], rng: random.Random, *, sway: bool
) -> list[Group]:
    """Groups in an order by chance; odds are trials due, with `sway` less for full ones; what is not due is last."""
    emptiest = min((group.filled for group in groups), default=0.0)
    rarest = min((group.weight for group in groups), default=1.0)

    def arrival(group: Group) -> tuple[bool, float]:
        # A race of exponential times: the first to arrive is drawn with its share of all odds.
        odds = max(due.get(group.key, 0), 1) * (PRELOADED_ODDS if group.key in preloaded else 1.0)
        excess = max(0.0, (group.filled - emptiest) * rarest - SLACK) if sway else 0.0
        late = min(excess / SWAY, MOST_SWAY)
        return due.get(group.key, 0) == 0, math.log(rng.expovariate(odds) or TINY) + late

    return sorted(groups, key=arrival)


def _burns(offer: Offer, alone: Collection[str]) -> bool:
    """Whether showing it would spoil a picture that is planned to be shown alone."""
    return not offer.alone and offer.picture in alone


def _of_clips(plan: Places, offers: Sequence[Offer], groups: Sequence[Group], clips: Sequence[str]) -> list[Offer]:
    """The stimuli in which `clips` appear: the planned ones, else any of an open group."""
    open_groups = {group.key for group in groups if group.is_open}
    planned = [offer for found in plan.stimuli.values() for offer in found]
    fitting: dict[str, Offer] = {}
    for offer in (*planned, *offers):
        if offer.group in open_groups:
            fitting.setdefault(offer.clip, offer)
    return [fitting[clip] for clip in clips if clip in fitting] if clips[0] in fitting else []


def _whatever_is_left(offers: Iterable[Offer], groups: Sequence[Group], rng: random.Random) -> list[Offer]:
    """Where no plan reaches (a study published before plans were checked): the least filled of the open groups."""
    open_groups = {group.key for group in groups if group.is_open}
    return sorted(
        (offer for offer in offers if offer.group in open_groups), key=lambda offer: (offer.load, rng.random())
    )[:1]
