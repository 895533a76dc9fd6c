"""Whether a design can hold: that everyone gets every cell, nobody a clip twice, and every stimulus somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from survey.design.balancing import ROUNDING, Offer, share_out

Order = Literal["random", "cells_latin", "clips_latin"]
PRACTICE: Final = -1
GOLD: Final = -2
# Shares of trials are compared in thousandths of a trial.
PARTS: Final = 1000
MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the design, with the name that researchers know."""

    key: int
    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Design:
    """What one person gets, and of what.

    Parameters
    ----------
    cells : sequence of Cell
        The cells; the `group` of every main stimulus is the key of one of them.
    offers : sequence of Offer
        All stimuli; practice and gold ones are in the groups `PRACTICE` and `GOLD`.
    main, practice, gold, repeats, attention : int
        Trials of each kind per person.
    is_between : bool
        Whether a person gets one cell; otherwise everyone gets every cell.
    order : str
        ``"random"``, or by Williams design ``"cells_latin"`` or ``"clips_latin"``.
    quota : int or None
        Most people; None for no limit.
    names : mapping of int to str
        What researchers know a stimulus by.
    """

    cells: Sequence[Cell]
    offers: Sequence[Offer]
    main: int
    practice: int = 0
    gold: int = 0
    repeats: int = 0
    attention: int = 0
    is_between: bool = False
    order: Order = "random"
    quota: int | None = None
    names: Mapping[int, str] = field(default_factory=dict)


def reasons_against(design: Design) -> list[str]:
    """Return a sentence for everything that cannot hold, each saying what to change; empty where all is well.

    Examples
    --------
    >>> cells = [Cell(1, "Matching pair"), Cell(2, "Music only")]
    >>> offers = [Offer(1, "a", 1), Offer(2, "a", 2)]
    >>> print(reasons_against(Design(cells, offers, main=1))[0])
    Everyone gets every cell, but there are 2 cells and one clip per person: raise the clips per person to at \
least 2, leave cells out, or give each person one cell.
    """
    if not design.cells or not design.offers:
        return []
    return (
        [*_cell_reasons(design), *_order_reasons(design)]
        or [*_clip_reasons(design)]
        or [*_unreachable_reasons(design), *_unused_reasons(design)]
    )


def _cell_reasons(design: Design) -> Iterator[str]:
    cells, main = design.cells, design.main
    if design.is_between:
        if design.quota is not None and design.quota < len(cells):
            yield (
                f"Each person gets one cell, and {design.quota} people cannot fill {len(cells)} cells: raise the "
                f"quota to at least {len(cells)}, or leave cells out."
            )
        return
    if main < len(cells):
        yield (
            f"Everyone gets every cell, but there are {len(cells)} cells and {_clips(main)} per person: raise the "
            f"clips per person to at least {len(cells)}, leave cells out, or give each person one cell."
        )
        return
    total = sum(cell.weight for cell in cells)
    for cell in cells:
        share = main * cell.weight / total
        if share < 1 - ROUNDING:
            least = int(np.ceil(total / cell.weight - ROUNDING))
            yield (
                f"By its weight “{cell.name}” would come {share:.2g} times per person, so not everyone could get it: "
                f"raise the clips per person to at least {least}, or its weight."
            )


def _clips(number: int) -> str:
    return "one clip" if number == 1 else f"{number} clips"


def _order_reasons(design: Design) -> Iterator[str]:
    if design.order == "random":
        return
    if design.gold or design.repeats or design.attention:
        yield (
            "An order by Latin square leaves no room for gold, repeat or attention trials in between: set them to 0, "
            "or leave the order to chance."
        )
    if design.order == "cells_latin":
        yield from _cell_order_reasons(design)
    else:
        yield from _clip_order_reasons(design)


def _cell_order_reasons(design: Design) -> Iterator[str]:
    if design.is_between:
        yield "Each person gets one cell, so there is no order of cells: choose the order of clips, or chance."
    elif len(design.cells) < 2:
        yield "There is only one cell, so there is no order of cells: choose the order of clips, or chance."
    else:
        alone = {offer.picture for offer in design.offers if offer.alone and offer.group >= 0}
        seen = {offer.group for offer in design.offers if offer.picture and not offer.alone}
        shares = _most(design)
        needed = sum(shares.get(key, 0) for key in seen) + design.practice
        needed += sum(shares[offer.group] for offer in {o.group: o for o in design.offers if o.alone}.values())
        if alone and seen and len(alone) < needed:
            yield (
                f"In this order of cells people see pictures with music before they see others alone: that needs "
                f"{needed} pictures, and there are {len(alone)}. Add clips with pictures, lower the clips per "
                "person, or leave the order to chance."
            )


def _clip_order_reasons(design: Design) -> Iterator[str]:
    main = [offer for offer in design.offers if offer.group >= 0]
    if any(offer.alone for offer in main) and any(offer.picture and not offer.alone for offer in main):
        yield (
            "The order of clips cannot be fixed where pictures come with music and alone: nobody may see a picture "
            "alone after it. Choose the order of cells, or chance."
        )
    for name, pool in _pools(design):
        clips = len({offer.clip for offer in pool})
        if clips != design.main:
            where = f"“{name}” has {clips}" if name else f"there are {clips}"
            yield (
                f"In an order of clips by Latin square everyone gets every clip: {where}, and {design.main} per person "
                "are planned. Make the two numbers the same, or leave the order to chance."
            )


def _pools(design: Design) -> list[tuple[str, list[Offer]]]:
    """The main stimuli one person can get: all, or those of their cell."""
    main = [offer for offer in design.offers if offer.group >= 0]
    if not design.is_between:
        return [("", main)]
    return [(cell.name, [offer for offer in main if offer.group == cell.key]) for cell in design.cells]


def _most(design: Design) -> dict[int, int]:
    bounds = share_out(design.main, [cell.weight for cell in design.cells])
    return {cell.key: most for cell, (_, most) in zip(design.cells, bounds, strict=True)}


def _clip_reasons(design: Design) -> Iterator[str]:
    """Where clips do not suffice: in one cell, over all cells, or beside practice and gold trials."""
    most = _most(design)
    for cell in design.cells:
        clips = len({offer.clip for offer in design.offers if offer.group == cell.key})
        needed = design.main if design.is_between else most[cell.key]
        if clips < needed:
            yield (
                f"“{cell.name}” would come {needed} times per person, but has only {clips} different "
                f"clip{'s' if clips != 1 else ''}: add clips, or lower the clips per person or its weight."
            )
            return
    if any(not _holds(design, cell, design.main, extras=False) for cell in _each_cell(design)):
        fitting = next((n for n in range(design.main - 1, 0, -1) if _holds_for(design, n)), 0)
        lower = f"lower the clips per person to {fitting}, " if fitting else ""
        yield (
            f"Nobody hears a clip twice, and the cells share their clips: {design.main} clips per person cannot keep "
            f"to the weights. Add clips, {lower}or change the weights."
        )
    elif any(not _holds(design, cell, design.main) for cell in _each_cell(design)):
        yield (
            "Practice and gold clips are among the main clips too, and nobody hears a clip twice: what is left for a "
            "person does not suffice. Choose other practice and gold clips, or lower the numbers."
        )


def _holds_for(design: Design, main: int) -> bool:
    enough = design.is_between or all(
        main * cell.weight >= sum(c.weight for c in design.cells) * (1 - ROUNDING) for cell in design.cells
    )
    return enough and all(_holds(design, cell, main, extras=False) for cell in _each_cell(design))


def _each_cell(design: Design) -> Sequence[Cell | None]:
    return design.cells if design.is_between else [None]


def _holds(design: Design, only: Cell | None, main: int, *, extras: bool = True, used: Offer | None = None) -> bool:
    """Whether one person's places can be filled in the long run's exact shares, with `used` among them.

    A flow from groups through clips: every clip once.
    """
    total = sum(cell.weight for cell in design.cells)
    demand = {c.key: main * c.weight / total for c in design.cells} if only is None else {only.key: float(main)}
    if extras:
        demand |= {PRACTICE: float(design.practice), GOLD: float(design.gold)}
    clips: dict[str, set[int]] = {}
    seen = _always_seen(design)
    for offer in design.offers:
        if offer.group in demand and not _comes_too_late(offer, seen):
            clips.setdefault(offer.clip, set()).add(offer.group)
    if used is not None:
        if demand.get(used.group, 0.0) < 1 - ROUNDING or used.clip not in clips:
            return False
        demand[used.group] -= 1
        del clips[used.clip]
    return _flows(demand, Counter(frozenset(groups) for groups in clips.values()))


def _always_seen(design: Design) -> frozenset[str]:
    """The pictures that everybody sees in practice."""
    practice = [offer.picture for offer in design.offers if offer.group == PRACTICE]
    return frozenset(practice) if design.practice >= len(practice) else frozenset()


def _comes_too_late(offer: Offer, seen: Collection[str]) -> bool:
    """Whether a picture that is to come alone was seen by everybody in practice."""
    return offer.alone and offer.group != PRACTICE and offer.picture in seen


def _flows(demand: Mapping[int, float], sorts: Mapping[frozenset[int], int]) -> bool:
    """Whether the groups' demands can be met from clips of these sorts (groups it fits → number)."""
    groups, kinds = list(demand), list(sorts)
    source, sink = len(groups) + len(kinds), len(groups) + len(kinds) + 1
    # Nodes: groups, sorts of clips, source, sink; [from, to]. Whole numbers, as SciPy's maximum flow takes no others.
    capacity = np.zeros((sink + 1, sink + 1), dtype=np.int32)
    for place, group in enumerate(groups):
        capacity[source, place] = int(PARTS * demand[group] + ROUNDING)
    for place, kind in enumerate(kinds, len(groups)):
        # A clip can be used once, by whichever of its groups.
        capacity[place, sink] = PARTS * sorts[kind]
        for group in kind:
            capacity[groups.index(group), place] = PARTS * sorts[kind]
    return int(maximum_flow(csr_array(capacity), source, sink).flow_value) == int(capacity[source].sum())


def _unreachable_reasons(design: Design) -> Iterator[str]:
    """Stimuli that fit into no session; those of the same sort are looked at once."""
    fits: dict[str, set[int]] = {}
    for offer in design.offers:
        fits.setdefault(offer.clip, set()).add(offer.group)
    planned = {PRACTICE: design.practice, GOLD: design.gold}
    seen = _always_seen(design)
    known: dict[tuple[int, frozenset[int], bool], bool] = {}
    lost = []
    for offer in design.offers:
        if planned.get(offer.group) == 0:
            continue
        sort = offer.group, frozenset(fits[offer.clip]), _comes_too_late(offer, seen)
        if sort not in known:
            cells = [cell for cell in _each_cell(design) if cell is None or offer.group in (cell.key, PRACTICE, GOLD)]
            known[sort] = any(_holds(design, cell, design.main, used=offer) for cell in cells)
        if not known[sort]:
            lost.append(offer)
    if lost:
        named = ", ".join(design.names.get(offer.key, str(offer.key)) for offer in lost[:MOST_NAMED])
        more = f" and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else ""
        yield (
            f"Nobody could ever get {named}{more}: everyone meets the same clip in another trial, or has no place left "
            "for it. Take it out, or change the numbers of trials."
        )


def _unused_reasons(design: Design) -> Iterator[str]:
    groups = Counter(offer.group for offer in design.offers)
    for group, name, planned in ((PRACTICE, "practice", design.practice), (GOLD, "gold", design.gold)):
        if groups[group] and not planned:
            yield (
                f"{groups[group]} {name} clip{'s are' if groups[group] > 1 else ' is'} chosen, but no {name} trial is "
                f"planned, so nobody would get {'them' if groups[group] > 1 else 'it'}: plan {name} trials, or take "
                f"{'them' if groups[group] > 1 else 'it'} out."
            )
