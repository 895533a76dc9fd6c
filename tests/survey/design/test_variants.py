"""Cue experiments: what a square needs, and how even it stays while people come, hear and leave."""

import random
from collections import Counter

import pytest

from survey.design.balancing import Group, Offer, order_next, share_out
from survey.design.variants import Played, no_variants, order_levels, reasons_against_variants

SLOW, FAST = ((("tempo", level),) for level in ("slow", "fast"))


def piece(name, *levels, cell="Music only"):
    return [Played(f"{name}, {tempo}", cell, name, name, ((cue, tempo),)) for ((cue, tempo),) in levels]


def reasons(clips, *, square=True, is_between=False):
    return reasons_against_variants(clips, square=square, is_between=is_between)


def test_whole_pieces_fit_both_designs():
    clips = [*piece("sea", SLOW, FAST), *piece("cat", SLOW, FAST)]
    assert reasons(clips) == reasons(clips, square=False) == []
    assert reasons([]) == []


def test_of_many_clips_that_are_no_variants_three_are_named():
    clips = [Played(f"clip {number}", "Music only") for number in range(5)]
    assert no_variants(clips) == (
        "5 clips are no variants of a cue experiment: “clip 0”, “clip 1”, “clip 2” and 2 more."
    )
    assert reasons([*clips, *piece("sea", SLOW, FAST)], square=False)[0].startswith(no_variants(clips))


def test_a_piece_that_lacks_a_variant_is_refused_by_the_square_alone():
    tempi = [(("tempo", level),) for level in ("slow", "as-composed", "fast")]
    clips = [*piece("sea", *tempi), *piece("cat", *tempi[:2])]
    assert reasons(clips, square=False) == []
    (said,) = reasons(clips)
    assert "here 3 in “Music only”, and this one does not: “cat”" in said


def test_pieces_varied_in_other_cues_are_no_square():
    modes = [(("mode", level),) for level in ("minor", "major")]
    (said,) = reasons([*piece("sea", SLOW, FAST), *piece("cat", *modes)])
    assert "these do not" in said


def test_cells_may_have_variants_of_their_own_where_each_person_gets_one():
    clips = [*piece("sea", SLOW, FAST), *piece("cat", SLOW, FAST, cell="Matching pair")]
    assert reasons(clips, is_between=True) == []
    assert "leave one cell, or give each person one cell" in reasons(clips)[0]
    assert reasons(clips, square=False) == []


def test_levels_in_any_order_are_the_same_combination():
    assert order_levels({"b": "x", "a": "y"}) == order_levels({"a": "y", "b": "x"})


def walk(pieces, variants, each, people, *, at_once, leave, seed):
    """People who come and go: answers of every variant of every piece, and how often each person heard combinations."""
    rng = random.Random(seed)
    load, active, done, to_come = Counter(), [], [], people
    offers = [Offer(100 * p + v, f"piece {p}", v) for p in range(pieces) for v in range(variants)]
    bounds = share_out(each, [1.0] * variants)
    while to_come or active:
        while to_come and len(active) < at_once:
            active.append([])
            to_come -= 1
        keys = rng.choice(active)
        met, had = {key // 100 for key in keys}, Counter(key % 100 for key in keys)
        left = [offer._replace(load=load[offer.key], answers=load[offer.key]) for offer in offers]
        full = Counter()
        for key, answers in load.items():
            full[key % 100] += answers
        groups = [Group(v, *bounds[v], had[v], 1 / variants, full[v]) for v in range(variants)]
        fitting = [offer for offer in left if offer.key // 100 not in met]
        key = order_next(fitting, groups, each - len(keys), rng)[0].key
        keys.append(key)
        load[key] += 1
        if len(keys) == each or rng.random() < leave:
            active.remove(keys)
            done.append(keys)
    assert all(len({key // 100 for key in keys}) == len(keys) for keys in done)
    whole = [Counter(key % 100 for key in keys) for keys in done if len(keys) == each]
    uneven = max(max(one[v] for v in range(variants)) - min(one[v] for v in range(variants)) for one in whole)
    answers = [load[offer.key] for offer in offers]
    return max(answers) - min(answers), uneven


@pytest.mark.parametrize(
    ("pieces", "variants", "each", "people", "at_once", "leave", "most", "most_of_one"),
    [
        (8, 4, 8, 40, 1, 0.0, 0, 0),  # one after the other: exactly even
        (8, 4, 8, 40, 20, 0.0, 2, 0),
        (8, 4, 8, 37, 10, 0.03, 2, 0),
        (4, 4, 4, 40, 10, 0.0, 2, 0),
        (8, 4, 6, 40, 10, 0.0, 1, 1),
        (10, 3, 7, 33, 6, 0.02, 2, 1),
        (8, 32, 8, 64, 10, 0.0, 3, 1),  # two answers on average: combinations are even, pieces follow
    ],
)
def test_a_square_stays_even_while_people_come_and_go(
    pieces, variants, each, people, at_once, leave, most, most_of_one
):
    found = [walk(pieces, variants, each, people, at_once=at_once, leave=leave, seed=seed) for seed in range(4)]
    assert max(spread for spread, _ in found) <= most
    assert max(uneven for _, uneven in found) <= most_of_one
